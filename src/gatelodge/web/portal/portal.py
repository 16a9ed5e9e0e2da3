"""The door of the portal: who comes in, by which page, and what they see when they may not.

Every page goes through here, so none can forget to ask who is there. What a page itself does is in
the module of its noun.
"""

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gatelodge.assembly import Gateway
from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import NotAllowed
from gatelodge.services.sessions import Visitor
from gatelodge.web.errors import path_for_the_log, status_of_error
from gatelodge.web.pages.languages import Language
from gatelodge.web.portal.drawing import asked_address, draw, language_of
from gatelodge.web.portal.forms import (
    NOTHING_SENT,
    USUAL,
    Bounds,
    Form,
    has_token,
    is_from_us,
    read_form,
)
from gatelodge.web.portal.messages import carried
from gatelodge.web.portal.pages import NotHere, Page, Visit

SESSION_COOKIE = "__Host-gatelodge-session"

_log = structlog.get_logger("gatelodge.portal")


class Portal:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def add_to(self, app: FastAPI, pages: Iterable[Page]) -> None:
        for page in pages:
            app.add_route(page.path, self._door(page), methods=[*page.handlers])

    def _door(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def enter(request: Request) -> Response:
            form = NOTHING_SENT
            if request.method == "POST":
                form = await read_form(request, await self._bounds(page, request))
            return await run_in_threadpool(self._answer, page, request, form)

        return enter

    async def _bounds(self, page: Page, request: Request) -> Bounds:
        """Nobody's large form is taken in: who is there is asked before it is read.

        Of who isn't there any more the words are kept, to be sent again, and the files passed over.
        """
        if page.bounds == USUAL:
            return USUAL
        token = request.cookies.get(SESSION_COOKIE, "")
        visitor = await run_in_threadpool(self._gateway.sessions.find, token)
        if visitor is None:
            return page.bounds._replace(keeps_files=False)
        return page.bounds if visitor.caller.role in page.roles else USUAL

    def _answer(self, page: Page, request: Request, form: Form) -> Response:
        language, visitor = language_of(request), None
        try:
            visitor = self._gateway.sessions.find(request.cookies.get(SESSION_COOKIE, ""))
            if visitor is None:
                return self._strange(request, form, language)
            language = language_of(request, visitor)
            if why := self._why_not(page, request, visitor):
                return self._refused(page, request, language, visitor, why)
            if request.method == "POST" and not (
                form.keeps_files and has_token(form, visitor.csrf)
            ):
                # Signed in anew since the page was drawn: what was typed is not lost.
                return self._asked_again(request, form, language, visitor)
            said = carried(request, visitor)
            visit = Visit(request, self._gateway, visitor, language, form, said)
            return page.handlers[_method(request)](visit)
        except NotHere:
            return self.problem(request, language, 404, visitor=visitor)
        except NotAllowed:
            assert visitor is not None  # noqa: S101 - nobody else is asked to do anything
            return self._refused(page, request, language, visitor, "role")
        except GatelodgeError as error:
            return self.problem(request, language, status_of_error(error), error=error)
        except Exception:  # noqa: BLE001 - whatever it was, the person gets a page
            return self.problem(request, language, 500)

    def _why_not(self, page: Page, request: Request, visitor: Visitor) -> str | None:
        """Why the visitor may not pass: another site sent the form, or the page isn't for this role."""
        if request.method == "POST" and not is_from_us(request, self._gateway.addresses.base):
            return "origin"
        return None if visitor.caller.role in page.roles else "role"

    def _refused(
        self, page: Page, request: Request, language: Language, visitor: Visitor, why: str
    ) -> Response:
        try:
            self._gateway.refused_access.record(
                visitor.caller, page.path, method=_method(request), why=why
            )
        except GatelodgeError as error:
            _log.warning("refused_access_not_recorded", why=error.code)
        return self.problem(request, language, 403, visitor=visitor)

    def _strange(self, request: Request, form: Form, language: Language) -> Response:
        """Nobody we know, or nobody any more: by way of signing in to where they were going."""
        if request.method != "POST":
            address = f"/sign-in?{urlencode({'to': asked_address(request)})}"
            return RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        if not is_from_us(request, self._gateway.addresses.base):
            return self.problem(request, language, 403)
        return self._asked_again(request, form, language, None)

    def _asked_again(
        self, request: Request, form: Form, language: Language, visitor: Visitor | None
    ) -> Response:
        """The page "Authentication failed. Try again", with what was typed, to be sent once more."""
        return draw(
            self._gateway,
            request,
            "again.html",
            language,
            visitor,
            status=403,
            fields=list(form.fields()),
            left_out=form.file_names(),
        )

    def problem(
        self,
        request: Request,
        language: Language,
        status: int,
        *,
        visitor: Visitor | None = None,
        error: GatelodgeError | None = None,
    ) -> Response:
        """The page of an error, under a trace id that the log knows, too."""
        trace_id = self._gateway.ids.trace_id()
        if status >= 500:
            _log.error("failed", trace_id=trace_id, path=path_for_the_log(request), exc_info=True)
        return draw(
            self._gateway,
            request,
            "error.html",
            language,
            visitor,
            status=status,
            problem=status,
            trace_id=trace_id,
            error=error,
        )


def _method(request: Request) -> str:
    return "GET" if request.method == "HEAD" else request.method
