"""``/accessibility``: what is promised to people with disabilities, for the version that was tested."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gatelodge.assembly import Gateway
from gatelodge.web.portal.drawing import draw, language_of
from gatelodge.web.portal.portal import SESSION_COOKIE

TESTED = ("0.1.0", datetime(2026, 11, 23, tzinfo=UTC))
"""The version that the statement is about, and when it was tested; a release without it fails."""


class AccessibilityPage:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def answer(self, request: Request) -> Response:
        return await run_in_threadpool(self._answer, request)

    def _answer(self, request: Request) -> Response:
        token = request.cookies.get(SESSION_COOKIE, "")
        visitor = self._gateway.sessions.find(token) if token else None
        version, checked = TESTED
        return draw(
            self._gateway,
            request,
            "accessibility.html",
            language_of(request, visitor),
            visitor,
            version=version,
            checked=checked,
        )
