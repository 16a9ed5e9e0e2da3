"""Stands before the rest of the application and takes what platforms send: login and launch.

Nothing else lies between the server and these two addresses, for they carry the load. Our own
server asks `answer` without ASGI between them (`web/lti/lane.py`); any other server, and most
tests, come the way of ASGI.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from gatelodge.services.attempts import Refused
from gatelodge.services.ports import Clock, Ids
from gatelodge.web.errors import extra_headers, status_of
from gatelodge.web.exchange import (
    Answer,
    Disconnected,
    Receive,
    Request,
    Scope,
    Send,
    accepted_languages,
    read_request,
    send_answer,
    text_headers,
)
from gatelodge.web.lti.launch import LaunchAddress
from gatelodge.web.lti.login import LoginAddress
from gatelodge.web.lti.visits import Place, Visits, place_of
from gatelodge.web.pages.headers import refusal_headers
from gatelodge.web.pages.languages import Language, choose_language
from gatelodge.web.pages.models import refusal_page, status_page
from gatelodge.web.pages.names import lms_name
from gatelodge.web.pages.rendering import render_plain, render_refusal

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Report(Protocol):
    """Where the page of an error is reported."""

    def __call__(
        self, trace_id: str, language: Language, refused: Refused | None = None
    ) -> str: ...


_log = structlog.get_logger("gatelodge.web")

_LOGIN_METHODS = ("GET", "POST")
_ALLOW = ("Allow", ", ".join(_LOGIN_METHODS))


class Gate:
    """``rest`` answers everything that is neither a login nor a launch; ``report`` is where to report."""

    def __init__(
        self,
        visits: Visits,
        login: LoginAddress,
        launch: LaunchAddress,
        rest: Application,
        *,
        base_url: str,
        clock: Clock,
        ids: Ids,
        report: Report,
    ) -> None:
        self._visits = visits
        self._login = login
        self._launch = launch
        self._rest = rest
        self._host = urlsplit(base_url).netloc
        self._clock = clock
        self._ids = ids
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = place_of(scope["path"]) if scope["type"] == "http" else None
        if place is None:
            await self._rest(scope, receive, send)
            return
        try:
            request = await read_request(scope, receive, place.largest)
        except Disconnected:
            return
        await send_answer(send, await self.answer(place, request))

    async def answer(self, place: Place, request: Request) -> Answer:
        try:
            visit = self._visits.read(place, request)
            if place.step == "launch":
                return await self._launch.answer(visit)
            if request.method in _LOGIN_METHODS:
                return await self._login.answer(visit)
            return self._status(405, request, self._ids.trace_id(), _ALLOW)
        except Refused as refused:
            return self._refusal(refused, request)
        except Exception:  # noqa: BLE001 - whatever it was, the person gets a page
            trace_id = self._ids.trace_id()
            _log.exception("failed", trace_id=trace_id, address=place.step)
            return self._status(500, request, trace_id)

    def _refusal(self, refused: Refused, request: Request) -> Answer:
        status, language = status_of(refused.refusal), _language(request, refused.locale)
        page = refusal_page(
            refused.refusal,
            tool_name=refused.tool_name,
            platform_name=lms_name(refused.platform),
            gateway=self._host,
            trace_id=refused.trace_id,
            now=self._now(),
            report=self._report(refused.trace_id, language, refused),
        )
        headers = text_headers((*refusal_headers(), *extra_headers(status)))
        return Answer(status, headers, render_refusal(page, language))

    def _status(
        self, status: int, request: Request, trace_id: str, *more: tuple[str, str]
    ) -> Answer:
        language = _language(request)
        report = self._report(trace_id, language)
        page = status_page(status, trace_id=trace_id, now=self._now(), report=report)
        headers = text_headers((*refusal_headers(), *more))
        return Answer(status, headers, render_plain(page, language))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _language(request: Request, launched: str | None = None) -> Language:
    """The launch's own, where the LMS told it, or else the browser's."""
    return choose_language(launched, accepted_languages(request.headers))
