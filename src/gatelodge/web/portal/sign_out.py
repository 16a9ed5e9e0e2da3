"""``/sign-out``: out of this gateway, and out of the provider where it has a place for that."""

from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gatelodge.assembly import Gateway
from gatelodge.services.sessions import Visitor
from gatelodge.web.portal.drawing import draw, language_of
from gatelodge.web.portal.forms import has_token, read_form
from gatelodge.web.portal.portal import SESSION_COOKIE, Portal
from gatelodge.web.portal.strangers import (
    FormToken,
    forget_session,
    is_our_form,
    is_surely_from_us,
    own_path,
)

# https://www.w3.org/TR/clear-site-data/: "cookies" takes those of the whole registered domain along,
# the LMS's perhaps. So it is sent to those alone who ask for a clean beginning.
_CLEAR = '"storage"'
_CLEAR_ALL = '"cookies", "storage"'


class SignOutPages:
    def __init__(self, gateway: Gateway, portal: Portal) -> None:
        self._gateway = gateway
        self._portal = portal

    def add_to(self, app: FastAPI) -> None:
        app.add_route("/sign-out", self.show, methods=["GET"])
        app.add_route("/sign-out", self.sign_out, methods=["POST"])

    async def show(self, request: Request) -> Response:
        """Where providers send people back who have signed out there."""
        visitor = await run_in_threadpool(
            self._gateway.sessions.find, request.cookies.get(SESSION_COOKIE, "")
        )
        form_token = FormToken(request, self._gateway.ids)
        language = language_of(request, visitor)
        csrf = visitor.csrf if visitor else form_token.value
        response = draw(self._gateway, request, "signed-out.html", language, visitor, csrf=csrf)
        return form_token.carry(response)

    async def sign_out(self, request: Request) -> Response:
        """The field ``clear`` asks for nothing but a clean beginning; ``to`` is where that leads."""
        form = await read_form(request)
        token = request.cookies.get(SESSION_COOKIE, "")
        visitor = await run_in_threadpool(self._gateway.sessions.find, token)
        base = self._gateway.addresses.base
        is_ours = (
            is_surely_from_us(request, base)
            or is_our_form(request, form, base)
            or (visitor is not None and has_token(form, visitor.csrf))
        )
        if not is_ours:
            return self._portal.problem(request, language_of(request), 403)
        ended = await run_in_threadpool(self._gateway.sessions.end, token)
        if form.text("clear"):
            to = urlencode({"to": own_path(form.text("to"))})
            return _cleared(RedirectResponse(f"/sign-in?{to}", 303), _CLEAR_ALL)
        provider = (ended and ended.provider) or form.text("provider")
        there = await self._gateway.provider_sign_in.end_address(
            provider, ended.id_token if ended else None
        )
        if there is not None:
            return _cleared(self._leaving(request, there, provider, visitor))
        if form.text("provider"):
            return _cleared(RedirectResponse("/sign-in?other=1", 303))
        return _cleared(RedirectResponse("/sign-out", 303))

    def _leaving(
        self, request: Request, there: str, provider: str, visitor: Visitor | None
    ) -> Response:
        name = self._gateway.provider_sign_in.providers[provider].name
        language = language_of(request, visitor)
        return draw(
            self._gateway, request, "leaving.html", language, None, address=there, name=name
        )


def _cleared(response: Response, what: str = _CLEAR) -> Response:
    response.headers["Clear-Site-Data"] = what
    response.headers["Cache-Control"] = "no-store"
    return forget_session(response)
