"""Draws a page of the portal for whoever asks, with what all of them show: header, menus, message."""

from datetime import UTC, datetime
from gzip import compress

from starlette.requests import Request
from starlette.responses import Response

from gatelodge.assembly import Gateway
from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.sessions import Visitor
from gatelodge.web.errors import extra_headers
from gatelodge.web.launch_reports import way_to_report
from gatelodge.web.pages.assets import takes_gzip
from gatelodge.web.pages.headers import portal_headers
from gatelodge.web.pages.languages import Language, choose_language
from gatelodge.web.pages.rendering import render_portal
from gatelodge.web.portal.messages import Message

_QUICKLY = 5
"""As tight as can be had for a millisecond (zlib)."""


def draw(
    gateway: Gateway,
    request: Request,
    template: str,
    language: Language,
    visitor: Visitor | None,
    *,
    status: int = 200,
    said: Message | None = None,
    **values: object,
) -> Response:
    """``template`` is a file of ``templates/portal/``; ``visitor`` is None before sign-in."""
    everywhere = {
        "visitor": visitor,
        "csrf": visitor.csrf if visitor else "",
        "said": said,
        "current": None,
        "here": asked_address(request),
        "support": gateway.settings.support_contact,
        "waiting_requests": _waiting_requests(gateway, visitor),
        "takes_reports": gateway.settings.problem_reports,
        "new_reports": _new_reports(gateway, visitor),
        "report_way": _report_way(gateway, visitor, language, values.get("trace_id")),
    }
    now = datetime.fromtimestamp(gateway.clock(), UTC)
    drawn = render_portal(template, everywhere | values, now=now, language=language)
    headers = dict(portal_headers()) | dict(extra_headers(status))
    if _may_be_packed(request, status):
        drawn, headers["Content-Encoding"] = compress(drawn, _QUICKLY, mtime=0), "gzip"
    return Response(drawn, status, headers)


def _may_be_packed(request: Request, status: int) -> bool:
    """Not what another site made a browser ask for with words of that site's own in the address.

    The page repeats those; by how well it packs, whoever watches the line could guess the secrets
    beside them (BREACH). A page that is there, asked for without a query, repeats nothing.
    """
    is_ours = request.headers.get("sec-fetch-site", "") in ("same-origin", "none")
    repeats_nothing = status == 200 and not request.url.query
    return (is_ours or repeats_nothing) and takes_gzip(request.headers.get("accept-encoding", ""))


def _report_way(
    gateway: Gateway, visitor: Visitor | None, language: Language, trace_id: object
) -> str:
    """Where the page of an error is reported; other pages are none."""
    if not isinstance(trace_id, str) or not gateway.settings.problem_reports:
        return ""
    return "/portal/problems/new" if visitor else way_to_report(gateway, trace_id, language)


def _new_reports(gateway: Gateway, visitor: Visitor | None) -> int:
    """For the header; a page is drawn also while the database is away."""
    if visitor is None or not gateway.settings.problem_reports:
        return 0
    try:
        return gateway.problems.count_new(visitor.caller)
    except GatelodgeError:
        return 0


def _waiting_requests(gateway: Gateway, visitor: Visitor | None) -> int:
    """For the operator's header; a page is drawn also while the database is away."""
    if visitor is None or not visitor.caller.is_operator:
        return 0
    try:
        return gateway.tenant_requests.count_waiting(visitor.caller)
    except GatelodgeError:
        return 0


def language_of(request: Request, visitor: Visitor | None = None) -> Language:
    """The one chosen in the profile, or else the browser's."""
    chosen = visitor.language if visitor else None
    return choose_language(chosen, request.headers.get("accept-language", ""))


def asked_address(request: Request) -> str:
    """Path and query, as a link on one of our own pages would name it."""
    return f"{request.url.path}?{request.url.query}".removesuffix("?")
