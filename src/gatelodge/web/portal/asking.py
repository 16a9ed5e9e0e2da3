"""``/sign-in/{provider}/ask``: an administrator asks to have their institution registered.

They have no account, and so no session: what their provider has proven comes back with the form,
which was drawn on the page "Your account doesn't have permission to access this page".
"""

from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gatelodge.assembly import Gateway
from gatelodge.services.errors import Invalid
from gatelodge.services.providers import Provider
from gatelodge.services.sign_in_errors import (
    InstitutionUnknown,
    SignInStateLost,
    TooManyTenantRequests,
)
from gatelodge.services.tenant_requests import Door
from gatelodge.web.asking import Proxies
from gatelodge.web.portal.drawing import language_of
from gatelodge.web.portal.faults import faults_in
from gatelodge.web.portal.forms import Form, read_form
from gatelodge.web.portal.portal import Portal
from gatelodge.web.portal.strangers import FormToken, draw_for_stranger, is_our_form
from gatelodge.words import N_

_TOO_MANY = N_("Too many institutions asked in a short time. Wait an hour, then try again.")


class AskingPages:
    def __init__(self, gateway: Gateway, portal: Portal, proxies: Proxies) -> None:
        self._gateway = gateway
        self._portal = portal
        self._proxies = proxies

    def add_to(self, app: FastAPI) -> None:
        app.add_route("/sign-in/{provider}/ask", self.ask, methods=["POST"])

    async def ask(self, request: Request) -> Response:
        form = await read_form(request)
        providers = self._gateway.provider_sign_in.providers
        provider = providers.get(request.path_params["provider"])
        if provider is None or not self._gateway.tenant_requests.is_on:
            return self._portal.problem(request, language_of(request), 404)
        if not is_our_form(request, form, self._gateway.addresses.base):
            return self._lost(request, provider)
        return await run_in_threadpool(self._ask, request, form, provider)

    def _ask(self, request: Request, form: Form, provider: Provider) -> Response:
        language = language_of(request)
        browser = FormToken(request, self._gateway.ids).value
        try:
            state = self._gateway.tenant_requests.ask(
                provider,
                form.text("asker"),
                browser,
                name=form.text("name"),
                note=form.text("note"),
                language=language.code,
                address=self._proxies.address_of(request),
            )
        except SignInStateLost:
            return self._lost(request, provider, form.text("note"))
        except Invalid as error:
            return self._again(request, form, provider, faults_in(language, error))
        except TooManyTenantRequests as error:
            told = {"name": language.translations.gettext(_TOO_MANY)}
            response = self._again(request, form, provider, told, status=429)
            response.headers["Retry-After"] = str(error.seconds)
            return response
        return self._draw(request, "asked.html", state=state, provider=provider)

    def _again(
        self,
        request: Request,
        form: Form,
        provider: Provider,
        errors: dict[str, str],
        status: int = 422,
    ) -> Response:
        return self._draw(
            request,
            "no-permission.html",
            status=status,
            cause=InstitutionUnknown.code,
            who={"name": None, "email": None},
            provider=provider.key,
            trace_id=None,
            door=Door(form.text("name"), form.text("asker")),
            note=form.text("note"),
            errors=errors,
        )

    def _lost(self, request: Request, provider: Provider, note: str = "") -> Response:
        """Too old, or from elsewhere: signing in again leads back here, to an empty form."""
        return self._draw(
            request,
            "sign-in-failed.html",
            status=403,
            code=SignInStateLost.code,
            name=provider.name,
            to="/portal",
            note=note,
            trace_id=self._gateway.ids.trace_id(),
        )

    def _draw(self, request: Request, template: str, **values: Any) -> Response:
        return draw_for_stranger(self._gateway, request, template, **values)
