"""Pages of the portal that ask nobody who they are: what stands at ``/``, help, and what codes mean."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gatelodge.assembly import Gateway
from gatelodge.lti.errors import GatelodgeError, Heading, all_refusals
from gatelodge.services.retention import rules
from gatelodge.services.sessions import Visitor
from gatelodge.web.pages.headers import landing_headers
from gatelodge.web.pages.models import LandingPage
from gatelodge.web.pages.rendering import render_landing
from gatelodge.web.portal.causes import cause_of
from gatelodge.web.portal.drawing import draw, language_of
from gatelodge.web.portal.portal import SESSION_COOKIE

_HEADINGS = [
    (heading, [kind for kind in all_refusals() if kind.heading is heading]) for heading in Heading
]


class Public:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def landing(self, request: Request) -> Response:
        page = LandingPage(
            gateway=self._gateway.host,
            version=self._gateway.version,
            support=self._gateway.settings.support_contact,
            is_well=await self._is_well(),
        )
        drawn = render_landing(page, language_of(request))
        return Response(drawn, headers=dict(landing_headers()))

    async def help(self, request: Request) -> Response:
        return await run_in_threadpool(self._help, request)

    def _help(self, request: Request) -> Response:
        visitor = self._visitor(request)
        language = language_of(request, visitor)
        return draw(self._gateway, request, "help.html", language, visitor)

    async def privacy(self, request: Request) -> Response:
        return await run_in_threadpool(self._privacy, request)

    def _privacy(self, request: Request) -> Response:
        visitor, settings = self._visitor(request), self._gateway.settings
        kept = rules(
            personal_days=settings.personal_days,
            launch_days=settings.launch_days,
            audit_days=settings.audit_days,
        )
        return draw(
            self._gateway,
            request,
            "privacy.html",
            language_of(request, visitor),
            visitor,
            rules=kept,
            deletion_days=settings.tenant_deletion_days,
        )

    async def codes(self, request: Request) -> Response:
        return await run_in_threadpool(self._codes, request)

    def _codes(self, request: Request) -> Response:
        visitor = self._visitor(request)
        language = language_of(request, visitor)
        cause = partial(cause_of, translate=language.translations.gettext)
        return draw(
            self._gateway, request, "codes.html", language, visitor, headings=_HEADINGS, cause=cause
        )

    def _visitor(self, request: Request) -> Visitor | None:
        token = request.cookies.get(SESSION_COOKIE, "")
        return self._gateway.sessions.find(token) if token else None

    async def _is_well(self) -> bool:
        try:
            await self._gateway.check_ready()
        except GatelodgeError:
            return False
        return True
