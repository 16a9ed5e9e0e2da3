"""What pages before the sign-in share: where somebody was going, and proof that a form is ours.

Nobody has a session yet, so a form's token belongs to a cookie that only this host can have set:
without it a stranger could sign somebody in to an account of the stranger's own (login CSRF).
"""

import hmac
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gatelodge.assembly import Gateway
from gatelodge.services.ports import Ids
from gatelodge.services.sessions import LONGEST, Standing
from gatelodge.web.portal.drawing import draw, language_of
from gatelodge.web.portal.forms import TOKEN, Form, is_from_us
from gatelodge.web.portal.portal import SESSION_COOKIE

FORM_COOKIE = "__Host-gatelodge-form"
HOME = "/portal"

_LONGEST_PATH = 1500
_LONGEST_COOKIE = 100


def own_path(address: str) -> str:
    """The address if it is a page of the portal, and the portal's own beginning otherwise.

    Browsers read a backslash as a slash, and two slashes as the beginning of a host.
    """
    is_page = address == HOME or address.startswith((f"{HOME}/", f"{HOME}?"))
    is_clean = address.isascii() and address.isprintable() and not {"\\", " "} & set(address)
    return address if is_page and is_clean and len(address) <= _LONGEST_PATH else HOME


class FormToken:
    """The token of this browser's forms; a new one for a browser that has none."""

    def __init__(self, request: Request, ids: Ids) -> None:
        brought = request.cookies.get(FORM_COOKIE, "")
        self._secret = brought if 0 < len(brought) <= _LONGEST_COOKIE else ids.secret()
        self._is_new = self._secret != brought

    @property
    def value(self) -> str:
        return _digest(self._secret)

    def carry(self, response: Response) -> Response:
        if self._is_new:
            response.set_cookie(
                FORM_COOKIE, self._secret, secure=True, httponly=True, samesite="lax"
            )
        return response


def draw_for_stranger(
    gateway: Gateway,
    request: Request,
    template: str,
    *,
    form_token: FormToken | None = None,
    **values: Any,
) -> Response:
    """A page of the portal for who has not signed in, with the token that its forms need."""
    form_token = form_token or FormToken(request, gateway.ids)
    language = language_of(request)
    response = draw(gateway, request, template, language, None, csrf=form_token.value, **values)
    return form_token.carry(response)


def is_our_form(request: Request, form: Form, base_url: str) -> bool:
    secret = request.cookies.get(FORM_COOKIE, "")
    fits = hmac.compare_digest(form.text(TOKEN).encode(), _digest(secret).encode())
    return bool(secret) and fits and is_from_us(request, base_url)


def is_surely_from_us(request: Request, base_url: str) -> bool:
    """Whether the browser itself says that our own page sent this; old ones say nothing."""
    says = "origin" in request.headers or "sec-fetch-site" in request.headers
    return says and is_from_us(request, base_url)


def set_session(response: Response, token: str) -> Response:
    response.set_cookie(
        SESSION_COOKIE, token, max_age=LONGEST, secure=True, httponly=True, samesite="lax"
    )
    return response


def enter(
    gateway: Gateway, request: Request, account_id: str, standing: Standing | None = None
) -> Response:
    """Signed in, under a token that nobody can have known before."""
    user_agent = request.headers.get("user-agent", "")
    token = gateway.sessions.begin(account_id, None, standing, user_agent=user_agent)
    if before := request.cookies.get(SESSION_COOKIE, ""):
        gateway.sessions.end(before)
    return set_session(RedirectResponse(HOME, 303, {"Cache-Control": "no-store"}), token)


def forget_session(response: Response) -> Response:
    for name in (SESSION_COOKIE, FORM_COOKIE):
        response.delete_cookie(name, secure=True, httponly=True, samesite="lax")
    return response


def _digest(secret: str) -> str:
    return sha256(f"form\0{secret}".encode("utf-8", "surrogatepass")).hexdigest()
