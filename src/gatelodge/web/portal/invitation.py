"""``/invitation/{token}``: what somebody is invited to, and the ways to accept it.

Looking changes nothing, since mail programs look at links, too. A provider's button goes by way of
`gatelodge.web.portal.sign_in`, with the link sealed into what the browser carries.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gatelodge.assembly import Gateway
from gatelodge.services.errors import Invalid, InvitationDead, SignInRefused, TooManySignIns
from gatelodge.services.invitations import Offer
from gatelodge.services.sessions import Standing, Visitor
from gatelodge.web.asking import Proxies
from gatelodge.web.portal.drawing import draw, language_of
from gatelodge.web.portal.forms import NOTHING_SENT, Form, has_token, is_from_us, read_form
from gatelodge.web.portal.portal import SESSION_COOKIE
from gatelodge.web.portal.strangers import HOME, draw_for_stranger, enter, is_our_form, set_session
from gatelodge.words import N_

_SENTENCES: Mapping[str, str] = {
    "name": N_("Give a name of at most 100 characters, all of which can be seen."),
    "email": N_(
        "Give another e-mail address: this isn't one, or somebody signs in with it already."
    ),
    "password": N_("Use 12 to 200 characters that nobody guesses, like a few words."),
}


class InvitationPages:
    def __init__(self, gateway: Gateway, proxies: Proxies) -> None:
        self._gateway = gateway
        self._proxies = proxies

    def add_to(self, app: FastAPI) -> None:
        app.add_route("/invitation/{token}", self.answer, methods=["GET", "POST"])

    async def answer(self, request: Request) -> Response:
        form = await read_form(request) if request.method == "POST" else NOTHING_SENT
        return await run_in_threadpool(self._answer, request, form)

    def _answer(self, request: Request, form: Form) -> Response:
        visitor = self._gateway.sessions.find(request.cookies.get(SESSION_COOKIE, ""))
        try:
            offer = self._gateway.invitations.look(
                self._token(request), self._proxies.address_of(request)
            )
            if request.method != "POST":
                return self._page(request, offer, visitor)
            if visitor is None:
                return self._stranger_accepts(request, form, offer)
            return self._visitor_accepts(request, form, offer, visitor)
        except InvitationDead:
            return self._dead(request, visitor)
        except TooManySignIns as error:
            response = self._dead(request, visitor, wait=-(-error.seconds // 60), status=429)
            response.headers["Retry-After"] = str(error.seconds)
            return response

    # ------------------------------------------------------------------- accepting

    def _visitor_accepts(
        self, request: Request, form: Form, offer: Offer, visitor: Visitor
    ) -> Response:
        is_ours = is_from_us(request, self._gateway.addresses.base)
        if not is_ours or not has_token(form, visitor.csrf):
            return self._page(request, offer, visitor, is_stale=True, status=403)
        standing = self._gateway.invitations.accept(visitor.caller, self._token(request))
        token = self._gateway.sessions.choose(visitor, standing)
        return set_session(RedirectResponse(HOME, 303, {"Cache-Control": "no-store"}), token)

    def _stranger_accepts(self, request: Request, form: Form, offer: Offer) -> Response:
        typed = {name: form.text(name) for name in ("way", "name", "email")}
        if not is_our_form(request, form, self._gateway.addresses.base):
            return self._page(request, offer, None, typed, is_stale=True, status=403)
        [password] = form.texts("password")[-1:] or [""]
        try:
            account_id, standing = self._with_password(request, typed, password)
        except TooManySignIns as error:
            minutes = -(-error.seconds // 60)
            return self._page(request, offer, None, typed, wait=minutes, status=429)
        except SignInRefused:
            return self._page(request, offer, None, typed, is_refused=True, status=422)
        except Invalid as error:
            return self._page(request, offer, None, typed, wrong=error.field, status=422)
        return enter(self._gateway, request, account_id, standing)

    def _with_password(
        self, request: Request, typed: Mapping[str, str], password: str
    ) -> tuple[str, Standing]:
        invitations, token = self._gateway.invitations, self._token(request)
        address, email = self._proxies.address_of(request), typed["email"]
        if typed["way"] == "login":
            return invitations.accept_with_password(token, email, password, address)
        return invitations.accept_with_new_login(
            token, address, name=typed["name"], email=email, password=password
        )

    # ------------------------------------------------------------------- pages

    def _page(
        self,
        request: Request,
        offer: Offer,
        visitor: Visitor | None,
        typed: Mapping[str, str] | None = None,
        *,
        wrong: str | None = None,
        is_stale: bool = False,
        is_refused: bool = False,
        wait: int = 0,
        status: int = 200,
    ) -> Response:
        language = language_of(request, visitor)
        values: dict[str, Any] = {
            "status": status,
            "offer": offer,
            "token": self._token(request),
            "is_held": visitor is not None and offer.standing in visitor.standings,
            "providers": list(self._gateway.provider_sign_in.providers.values()),
            "typed": typed or dict.fromkeys(("way", "name", "email"), ""),
            "errors": {wrong: language.translations.gettext(_SENTENCES[wrong])} if wrong else {},
            "is_stale": is_stale,
            "is_refused": is_refused,
            "wait": wait,
        }
        if visitor is None:
            return draw_for_stranger(self._gateway, request, "invitation.html", **values)
        return draw(self._gateway, request, "invitation.html", language, visitor, **values)

    def _dead(
        self, request: Request, visitor: Visitor | None, *, wait: int = 0, status: int = 404
    ) -> Response:
        """The same for one that was used, revoked or is too old, and for one that never was."""
        language = language_of(request, visitor)
        return draw(
            self._gateway,
            request,
            "invitation-dead.html",
            language,
            visitor,
            status=status,
            wait=wait,
        )

    def _token(self, request: Request) -> str:
        token: str = request.path_params["token"]
        return token
