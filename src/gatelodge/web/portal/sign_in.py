"""``/sign-in`` and what belongs to it: the way in, by a provider or with a local account.

Everybody may be here, so each form proves for itself that it is ours. Who somebody is, services
say; whoever comes in gets a new session, whatever the browser brought along.
"""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gatelodge.assembly import Gateway
from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import (
    AccountDisabled,
    InvitationDead,
    NoStanding,
    SignInRefused,
    TooManySignIns,
)
from gatelodge.services.invitations import invitation_in, path_of
from gatelodge.services.provider_sign_in import LIFETIME, Proven
from gatelodge.services.providers import Provider
from gatelodge.services.sessions import Standing
from gatelodge.services.sign_in_errors import (
    GroupsNotTold,
    InstitutionUnknown,
    NotOneOfUs,
    ProviderDown,
    SignInFailed,
)
from gatelodge.web.asking import Proxies
from gatelodge.web.portal.drawing import language_of
from gatelodge.web.portal.forms import Form, read_form
from gatelodge.web.portal.messages import Message, carry
from gatelodge.web.portal.portal import SESSION_COOKIE, Portal
from gatelodge.web.portal.strangers import (
    FormToken,
    draw_for_stranger,
    is_our_form,
    own_path,
    set_session,
)
from gatelodge.words import N_

_log = structlog.get_logger("gatelodge.sign_in")

_NOT_KEPT = {"Cache-Control": "no-store"}

_REGISTERED = N_("“{name}” is registered, and you administer it.\nBegin with a registration.")


class SignInPages:
    def __init__(self, gateway: Gateway, portal: Portal, proxies: Proxies) -> None:
        self._gateway = gateway
        self._portal = portal
        self._proxies = proxies

    def add_to(self, app: FastAPI) -> None:
        app.add_route("/sign-in", self.show, methods=["GET"])
        app.add_route("/sign-in", self.with_password, methods=["POST"])
        app.add_route("/sign-in/{provider}", self.to_provider, methods=["POST"])
        app.add_route("/sign-in/{provider}/return", self.from_provider, methods=["GET"])

    # ------------------------------------------------------------------- pages

    async def show(self, request: Request) -> Response:
        token = request.cookies.get(SESSION_COOKIE, "")
        to = own_path(request.query_params.get("to", ""))
        try:
            if await run_in_threadpool(self._gateway.sessions.find, token):
                return RedirectResponse(to, 303, _NOT_KEPT)
        except GatelodgeError:
            # The page itself needs no database, and says soon enough that it is away.
            _log.warning("session_not_looked_up")
        return self._page(request, to, other_account="other" in request.query_params)

    async def with_password(self, request: Request) -> Response:
        form = await read_form(request)
        to = own_path(form.text("to"))
        if not is_our_form(request, form, self._gateway.addresses.base):
            return self._page(request, to, email=form.text("email"), is_stale=True, status=403)
        return await run_in_threadpool(self._with_password, request, form, to)

    async def to_provider(self, request: Request) -> Response:
        form = await read_form(request)
        provider = self._provider(request)
        token = form.text("invitation")[:100]
        to = path_of(token) if token else own_path(form.text("to"))
        if provider is None:
            return self._portal.problem(request, language_of(request), 404)
        if not is_our_form(request, form, self._gateway.addresses.base):
            return self._page(request, to, is_stale=True, status=403)
        try:
            begun = await self._gateway.provider_sign_in.begin(
                provider, to, other_account=bool(form.text("other"))
            )
        except SignInFailed as error:
            return self._failed(request, provider, error, to)
        response = self._draw(request, "leaving.html", address=begun.address, name=provider.name)
        response.set_cookie(
            _cookie_of(begun.state),
            begun.kept,
            max_age=LIFETIME,
            secure=True,
            httponly=True,
            samesite="lax",
        )
        return response

    async def from_provider(self, request: Request) -> Response:
        provider = self._provider(request)
        if provider is None:
            return self._portal.problem(request, language_of(request), 404)
        cookie = _cookie_of(request.query_params.get("state", ""))
        response = await self._arrived(request, provider, request.cookies.get(cookie, ""))
        # Good for one return, however it ended.
        response.delete_cookie(cookie, secure=True, httponly=True, samesite="lax")
        return response

    # ------------------------------------------------------------------- steps

    def _provider(self, request: Request) -> Provider | None:
        providers = self._gateway.provider_sign_in.providers
        return providers.get(request.path_params["provider"])

    async def _arrived(self, request: Request, provider: Provider, kept: str) -> Response:
        sign_in = self._gateway.provider_sign_in
        try:
            proven = await sign_in.finish(provider, request.query_params.multi_items(), kept)
        except SignInFailed as error:
            if isinstance(error, GroupsNotTold):
                # What proves nothing is in the log; this was signed.
                await run_in_threadpool(
                    self._gateway.accounts.record_refused, error.code, provider=provider.key
                )
            return self._failed(request, provider, error, sign_in.destination(provider, kept))
        return await run_in_threadpool(self._admitted, request, proven)

    def _admitted(self, request: Request, proven: Proven) -> Response:
        sign_in, key = self._gateway.provider_sign_in, proven.provider.key
        token, standing = invitation_in(proven.to), None
        try:
            if token is None:
                account_id = sign_in.admit(proven)
            else:
                account_id, standing = self._gateway.invitations.accept_proven(
                    token, proven, sign_in.standings(proven)
                )
        except InvitationDead:
            return self._draw(request, "invitation-dead.html", status=404, wait=0)
        except NotOneOfUs as error:
            return self._no_permission(request, error, key, proven)
        except AccountDisabled as error:
            named = NotOneOfUs(str(error), name=proven.said.name, email=proven.said.email)
            return self._no_permission(request, named, key, cause=error.code)
        try:
            return self._begun(request, account_id, own_path(proven.to), proven, standing)
        except NoStanding:
            nowhere = sign_in.without_standing(proven, account_id)
            return self._no_permission(request, nowhere, key, proven)

    def _with_password(self, request: Request, form: Form, to: str) -> Response:
        email = form.text("email")
        [password] = form.texts("password")[-1:] or [""]
        try:
            account_id = self._gateway.accounts.sign_in_locally(
                email, password, self._proxies.address_of(request)
            )
        except TooManySignIns as error:
            minutes = -(-error.seconds // 60)
            response = self._page(
                request, to, email=email, wait=minutes, status=HTTPStatus.TOO_MANY_REQUESTS
            )
            response.headers["Retry-After"] = str(error.seconds)
            return response
        except SignInRefused:
            return self._page(request, to, email=email, is_refused=True, status=422)
        try:
            return self._begun(request, account_id, to)
        except NoStanding:
            return self._no_permission(request, NotOneOfUs("No role.", email=email), None)

    def _begun(
        self,
        request: Request,
        account_id: str,
        to: str,
        proven: Proven | None = None,
        standing: Standing | None = None,
    ) -> Response:
        """Signed in, under a token that nobody can have known before."""
        sessions = self._gateway.sessions
        token = sessions.begin(
            account_id,
            proven.provider.key if proven else None,
            standing,
            user_agent=request.headers.get("user-agent", ""),
            id_token=proven.id_token if proven else None,
        )
        if before := request.cookies.get(SESSION_COOKIE, ""):
            sessions.end(before)
        response = set_session(RedirectResponse(to, 303, _NOT_KEPT), token)
        if proven:
            self._greet(response, proven, token)
        return response

    def _greet(self, response: Response, proven: Proven, token: str) -> None:
        """Whoever asked for their institution is told once that it is registered."""
        name = self._gateway.tenant_requests.greet(proven)
        visitor = self._gateway.sessions.find(token) if name else None
        if name and visitor:
            carry(response, Message("ok", _REGISTERED, {"name": name}), visitor)

    def _failed(
        self, request: Request, provider: Provider, error: SignInFailed, to: str
    ) -> Response:
        trace_id = self._gateway.ids.trace_id()
        _log.warning(
            "sign_in_failed",
            code=error.code,
            provider=provider.key,
            reason=error.reason,
            trace_id=trace_id,
        )
        return self._draw(
            request,
            "sign-in-failed.html",
            status=503 if isinstance(error, ProviderDown) else 401,
            code=error.code,
            name=provider.name,
            to=own_path(to),
            again=to if invitation_in(to) else None,
            trace_id=trace_id,
        )

    def _no_permission(
        self,
        request: Request,
        error: NotOneOfUs,
        provider_key: str | None,
        proven: Proven | None = None,
        *,
        cause: str | None = None,
    ) -> Response:
        trace_id = self._gateway.ids.trace_id()
        code = cause or getattr(error, "code", NoStanding.code)
        _log.info("sign_in_without_role", code=code, provider=provider_key, trace_id=trace_id)
        form_token = FormToken(request, self._gateway.ids)
        door = None
        if proven is not None and isinstance(error, InstitutionUnknown):
            door = self._gateway.tenant_requests.door(proven, form_token.value)
        return self._draw(
            request,
            "no-permission.html",
            status=403,
            form_token=form_token,
            cause=code,
            who=error,
            provider=provider_key,
            trace_id=trace_id,
            door=door,
        )

    def _page(
        self,
        request: Request,
        to: str,
        *,
        email: str = "",
        is_stale: bool = False,
        is_refused: bool = False,
        wait: int = 0,
        other_account: bool = False,
        status: int = 200,
    ) -> Response:
        return self._draw(
            request,
            "sign-in.html",
            status=status,
            providers=list(self._gateway.provider_sign_in.providers.values()),
            to=to,
            email=email,
            is_stale=is_stale,
            is_refused=is_refused,
            wait=wait,
            other_account=other_account,
        )

    def _draw(self, request: Request, template: str, **values: Any) -> Response:
        return draw_for_stranger(self._gateway, request, template, **values)


def _cookie_of(state: str) -> str:
    """Each sign-in has its own, so that two tabs don't take each other's away."""
    return f"__Host-gatelodge-sign-in.{state[:12]}"
