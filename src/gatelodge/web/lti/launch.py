"""``/lti/{tool}/launch``: reads a launch and sends the browser to the tool with a one-time code."""

from gatelodge.lti.errors import LaunchFormMalformed, LaunchNotPosted, LaunchTooLarge
from gatelodge.services.launches import HandOff, Launches, LaunchRequest
from gatelodge.web.asking import Proxies
from gatelodge.web.carriers import Carrier
from gatelodge.web.exchange import (
    Answer,
    BodyMalformed,
    BodyTooLarge,
    Receive,
    Scope,
    headers_named,
    read_form,
    text_headers,
)
from gatelodge.web.pages.headers import hand_off_headers
from gatelodge.web.pages.models import HandOffForm
from gatelodge.web.pages.rendering import render_hand_off

LARGEST_LAUNCH = 256 * 1024


class LaunchAddress:
    def __init__(self, launches: Launches, carrier: Carrier, proxies: Proxies) -> None:
        self._launches = launches
        self._carrier = carrier
        self._proxies = proxies

    async def answer(
        self, scope: Scope, receive: Receive, tool_key: str, registration_id: str | None
    ) -> Answer:
        if scope["method"] != "POST":
            raise await self._launches.refuse(tool_key, LaunchNotPosted(sent=scope["method"]))
        try:
            fields = await read_form(scope, receive, LARGEST_LAUNCH)
        except BodyMalformed as error:
            raise await self._launches.refuse(
                tool_key, LaunchFormMalformed(note=str(error))
            ) from None
        except BodyTooLarge:
            raise await self._launches.refuse(tool_key, LaunchTooLarge()) from None
        asking = self._proxies.asking(scope)
        hand_off = await self._launches.complete_launch(
            LaunchRequest(
                tool_key=tool_key,
                registration_id=registration_id,
                fields=fields,
                proofs=self._carrier.proofs(headers_named(scope, b"cookie")),
                address=asking.address,
                secure=asking.secure,
            )
        )
        return _posted(hand_off) if hand_off.method == "form_post" else _redirected(hand_off)


def _redirected(hand_off: HandOff) -> Answer:
    return Answer(
        303,
        [
            (b"location", hand_off.redirect_url.encode("ascii")),
            (b"cache-control", b"no-store"),
            (b"referrer-policy", b"no-referrer"),
        ],
    )


def _posted(hand_off: HandOff) -> Answer:
    form = HandOffForm(
        action=hand_off.url, tool=hand_off.tool_name, code=hand_off.code, iss=hand_off.issuer
    )
    return Answer(200, text_headers(hand_off_headers(hand_off.url)), render_hand_off(form))
