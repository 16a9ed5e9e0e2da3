"""``/lti/{tool}/launch``: reads a launch and sends the browser to the tool with a one-time code."""

from gatelodge.lti.errors import LaunchFormMalformed, LaunchNotPosted, LaunchTooLarge, Refusal
from gatelodge.services.launches import HandOff, Launches
from gatelodge.web.exchange import (
    Answer,
    BodyMalformed,
    BodyTooLarge,
    accepted_languages,
    form_of,
    text_headers,
)
from gatelodge.web.lti.visits import Visit
from gatelodge.web.pages.headers import hand_off_headers
from gatelodge.web.pages.languages import Language, choose_language
from gatelodge.web.pages.models import HandOffForm
from gatelodge.web.pages.rendering import render_hand_off


class LaunchAddress:
    def __init__(self, launches: Launches) -> None:
        self._launches = launches

    async def answer(self, visit: Visit) -> Answer:
        try:
            fields = _read(visit)
        except Refusal as refusal:
            raise await self._launches.refuse(visit.place.tool_key, refusal) from None
        hand_off = await self._launches.complete_launch(visit.arrival(fields))
        if hand_off.method != "form_post":
            return _redirected(hand_off)
        return _posted(
            hand_off, choose_language(hand_off.locale, accepted_languages(visit.request.headers))
        )


def _read(visit: Visit) -> list[tuple[str, str]]:
    if visit.request.method != "POST":
        raise LaunchNotPosted(sent=visit.request.method)
    try:
        return form_of(visit.request, visit.place.largest)
    except BodyMalformed as error:
        raise LaunchFormMalformed(note=error.note) from None
    except BodyTooLarge:
        raise LaunchTooLarge from None


def _redirected(hand_off: HandOff) -> Answer:
    return Answer(
        303,
        [
            (b"location", hand_off.redirect_url.encode("ascii")),
            (b"cache-control", b"no-store"),
            (b"referrer-policy", b"no-referrer"),
        ],
    )


def _posted(hand_off: HandOff, language: Language) -> Answer:
    form = HandOffForm(
        action=hand_off.url, tool=hand_off.tool_name, code=hand_off.code, iss=hand_off.issuer
    )
    headers = text_headers(hand_off_headers(hand_off.url))
    return Answer(200, headers, render_hand_off(form, language))
