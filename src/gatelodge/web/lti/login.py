"""``/lti/{tool}/login``: reads a login initiation and sends the browser to the platform."""

from gatelodge.lti.errors import LoginParameterMalformed, LoginParameterTooLong
from gatelodge.lti.login import joined
from gatelodge.services.logins import LoginRequest, Logins
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
    read_query,
)

LARGEST_LOGIN = 64 * 1024


class LoginAddress:
    def __init__(self, logins: Logins, carrier: Carrier, proxies: Proxies) -> None:
        self._logins = logins
        self._carrier = carrier
        self._proxies = proxies

    async def answer(
        self, scope: Scope, receive: Receive, tool_key: str, registration_id: str | None
    ) -> Answer:
        try:
            parameters = read_query(scope)
            if scope["method"] == "POST":
                parameters = joined(await read_form(scope, receive, LARGEST_LOGIN), parameters)
        except BodyMalformed as error:
            raise await self._logins.refuse(
                tool_key, LoginParameterMalformed(note=str(error))
            ) from None
        except BodyTooLarge:
            raise await self._logins.refuse(tool_key, LoginParameterTooLong()) from None
        asking = self._proxies.asking(scope)
        proofs = self._carrier.proofs(headers_named(scope, b"cookie"))
        begun = await self._logins.begin_login(
            LoginRequest(
                tool_key=tool_key,
                registration_id=registration_id,
                parameters=parameters,
                proof=proofs[0] if proofs else None,
                address=asking.address,
                secure=asking.secure,
            )
        )
        return Answer(
            302,
            [
                (b"location", begun.url.encode("ascii")),
                (b"cache-control", b"no-store"),
                *([] if proofs else self._carrier.carry(begun.proof)),
            ],
        )
