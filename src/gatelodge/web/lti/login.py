"""``/lti/{tool}/login``: reads a login initiation and sends the browser to the platform."""

from gatelodge.lti.errors import LoginParameterMalformed, LoginParameterTooLong, Refusal
from gatelodge.lti.login import joined
from gatelodge.services.logins import Logins
from gatelodge.web.carriers import Carrier
from gatelodge.web.exchange import Answer, BodyMalformed, BodyTooLarge, form_of, read_pairs
from gatelodge.web.lti.visits import Visit


class LoginAddress:
    def __init__(self, logins: Logins, carrier: Carrier) -> None:
        self._logins = logins
        self._carrier = carrier

    async def answer(self, visit: Visit) -> Answer:
        try:
            parameters = _read(visit)
        except Refusal as refusal:
            raise await self._logins.refuse(visit.place.tool_key, refusal) from None
        begun = await self._logins.begin_login(visit.arrival(parameters))
        return Answer(
            302,
            [
                (b"location", begun.url.encode("ascii")),
                (b"cache-control", b"no-store"),
                *([] if visit.proofs else self._carrier.carry(begun.proof)),
            ],
        )


def _read(visit: Visit) -> list[tuple[str, str]]:
    try:
        query = read_pairs(visit.request.query)
        if visit.request.method != "POST":
            return query
        return joined(form_of(visit.request, visit.place.largest), query)
    except BodyMalformed as error:
        raise LoginParameterMalformed(note=error.note) from None
    except BodyTooLarge:
        raise LoginParameterTooLong from None
