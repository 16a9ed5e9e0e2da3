"""``/problems/launch``: whoever met an error page reports it, without an account.

The page's token is the proof, so neither a cookie nor a session is needed, and the form works in
the LMS's frame. Nothing that is known about the launch is told here.
"""

from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gatelodge.assembly import Gateway
from gatelodge.services.attempts import Refused
from gatelodge.services.errors import Invalid
from gatelodge.services.problem_errors import ReportPageDead, TooManyReports
from gatelodge.services.problem_pages import LONGEST_TEXT, NO_LAUNCH
from gatelodge.web.asking import Proxies
from gatelodge.web.errors import extra_headers
from gatelodge.web.exchange import BodyMalformed, BodyTooLarge, headers_of, read_form
from gatelodge.web.pages.headers import launch_report_headers
from gatelodge.web.pages.languages import Language, choose_language
from gatelodge.web.pages.models import LaunchReportPage
from gatelodge.web.pages.rendering import render_launch_report

ADDRESS = "/problems/launch"

LARGEST_FORM = 32 * 1024
"""2,000 characters of four bytes, each byte written as three characters."""


def way_to_report(
    gateway: Gateway, trace_id: str, language: Language, refused: Refused | None = None
) -> str:
    """Where the page of an error is reported by whoever sees it; without reports, who is asked."""
    if not gateway.settings.problem_reports:
        return _link(gateway.settings.support_contact)
    page = gateway.problem_pages.token(
        trace_id,
        client_id=refused.client_id if refused else NO_LAUNCH,
        tenant_id=refused.tenant_id if refused else None,
    )
    return f"{ADDRESS}?{urlencode({'page': page, 'language': language.code})}"


class LaunchReports:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._is_on = gateway.settings.problem_reports
        self._support = _link(gateway.settings.support_contact)

    def add_to(self, app: FastAPI, proxies: Proxies) -> None:
        async def ask(request: Request) -> Response:
            self._must_be_on()
            return await run_in_threadpool(self._asked, request)

        async def send(request: Request) -> Response:
            self._must_be_on()
            try:
                headers = headers_of(request.scope)
                form = dict(await read_form(headers, request.receive, LARGEST_FORM))
            except BodyTooLarge:
                raise HTTPException(413) from None
            except BodyMalformed:
                raise HTTPException(400) from None
            return await run_in_threadpool(self._sent, request, form, proxies.address_of(request))

        app.add_route("/problems/launch", ask, methods=["GET"])
        app.add_route("/problems/launch", send, methods=["POST"])

    def address(self, trace_id: str, language: Language, refused: Refused | None = None) -> str:
        """What the page of an error leads to."""
        return way_to_report(self._gateway, trace_id, language, refused)

    def _asked(self, request: Request) -> Response:
        query = request.query_params
        token, language = query.get("page", ""), _language(request, query.get("language", ""))
        try:
            sent = self._gateway.problem_pages.sent(token)
        except ReportPageDead:
            return self._drawn(language, trouble="dead")
        return self._drawn(language, token="" if sent else token, reference=sent or "")

    def _sent(self, request: Request, form: dict[str, str], address: str) -> Response:
        token, text = form.get("page", ""), form.get("text", "")
        language = _language(request, form.get("language", ""))
        try:
            reference = self._gateway.problem_pages.report(token, text, address=address)
        except ReportPageDead:
            return self._drawn(language, trouble="dead")
        except TooManyReports:
            return self._drawn(language, token=token, typed=text, trouble="many")
        except Invalid:
            trouble = "long" if text.strip() else "empty"
            return self._drawn(language, token=token, typed=text, trouble=trouble)
        return self._drawn(language, reference=reference)

    def _drawn(
        self,
        language: Language,
        *,
        token: str = "",
        typed: str = "",
        trouble: str = "",
        reference: str = "",
    ) -> Response:
        page = LaunchReportPage(
            token=token,
            language=language.code,
            longest=LONGEST_TEXT,
            typed=typed,
            trouble=trouble,
            reference=reference,
            support=self._support,
        )
        status = {"dead": 410, "many": 429, "long": 422, "empty": 422}.get(trouble, 200)
        headers = dict(launch_report_headers()) | dict(extra_headers(status))
        return Response(render_launch_report(page, language), status, headers)

    def _must_be_on(self) -> None:
        if not self._is_on:
            raise HTTPException(404)


def _language(request: Request, chosen: str) -> Language:
    """That of the error page, which may have been the LMS's choice."""
    return choose_language(chosen, request.headers.get("accept-language", ""))


def _link(contact: str) -> str:
    return contact if not contact or contact.startswith("https:") else f"mailto:{contact}"
