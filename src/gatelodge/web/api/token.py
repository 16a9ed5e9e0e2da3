"""``/oauth/token``: a tool's server redeems a hand-off code (RFC 6749 sections 2.3.1, 4.1.3, 5)."""

import base64
import binascii
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.handoffs import (
    HandOffs,
    TokenRefused,
    TokenRequestInvalid,
    ToolCredentials,
    ToolNotAuthenticated,
)
from gatelodge.web.errors import extra_headers, oauth_status, status_of_error
from gatelodge.web.exchange import (
    BodyMalformed,
    BodyTooLarge,
    Disconnected,
    headers_of,
    read_form,
)

LARGEST_REQUEST = 16 * 1024

_NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class TokenAddress:
    def __init__(self, hand_offs: HandOffs) -> None:
        self._hand_offs = hand_offs

    async def answer(self, request: Request) -> Response:
        try:
            form = await _form(request)
            credentials = _credentials(request.headers.get("authorization"), form)
            return JSONResponse(await self._hand_offs.redeem(credentials, form), headers=_NOT_KEPT)
        except TokenRefused as refused:
            return _refused(refused)
        except GatelodgeError as error:
            return _answer(status_of_error(error), "temporarily_unavailable", error)


async def _form(request: Request) -> dict[str, str]:
    """RFC 6749 section 3.2: no parameter more than once, and none in the address."""
    if request.url.query:
        raise TokenRequestInvalid("The request carries parameters in its address.")
    try:
        pairs = await read_form(headers_of(request.scope), request.receive, LARGEST_REQUEST)
    except (BodyMalformed, BodyTooLarge, Disconnected):
        raise TokenRequestInvalid("The request isn't a whole form, or it is too large.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise TokenRequestInvalid("The request carries a parameter twice.")
    return form


def _credentials(authorization: str | None, form: dict[str, str]) -> ToolCredentials:
    """From the Basic header or from the form, and not from both (RFC 6749 section 2.3)."""
    if authorization is None:
        if "client_id" in form and "client_secret" in form:
            return ToolCredentials(form["client_id"], form["client_secret"])
        raise ToolNotAuthenticated("The request doesn't say which tool it comes from.")
    if "client_secret" in form:
        raise TokenRequestInvalid("The request carries credentials in two places.")
    return _basic(authorization)


def _basic(authorization: str) -> ToolCredentials:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise ToolNotAuthenticated("The request isn't authenticated by Basic.")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ToolNotAuthenticated("The Basic credentials can't be read.") from None
    client_id, _, client_secret = decoded.partition(":")
    # RFC 6749 section 2.3.1 has both encoded as form values before Basic joins them.
    return ToolCredentials(unquote_plus(client_id), unquote_plus(client_secret))


def _refused(refused: TokenRefused) -> Response:
    return _answer(oauth_status(refused.oauth), refused.oauth, refused)


def _answer(status: int, oauth: str, error: GatelodgeError) -> Response:
    headers = _NOT_KEPT | dict(extra_headers(status))
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Gatelodge", charset="UTF-8"'
    body = {
        "error": oauth,
        "error_description": str(error),
        "code": error.code,
        "hint": error.hint,
    }
    return JSONResponse(body, status_code=status, headers=headers)
