"""The table of contents: every address, in the order in which it is looked for."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from types import MappingProxyType

import structlog
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from gatelodge.assembly import Gateway
from gatelodge.lti.errors import GatelodgeError
from gatelodge.web.api.discovery import discovery_document
from gatelodge.web.api.token import TokenAddress
from gatelodge.web.asking import Proxies
from gatelodge.web.carriers import CookieCarrier
from gatelodge.web.errors import extra_headers, path_for_the_log, status_of_error
from gatelodge.web.icons import IconAddress
from gatelodge.web.launch_reports import LaunchReports, way_to_report
from gatelodge.web.lti.gate import Gate
from gatelodge.web.lti.launch import LaunchAddress
from gatelodge.web.lti.login import LoginAddress
from gatelodge.web.lti.visits import Visits
from gatelodge.web.pages.assets import read_asset, takes_gzip
from gatelodge.web.pages.headers import asset_headers, refusal_headers
from gatelodge.web.pages.models import status_page
from gatelodge.web.pages.rendering import render_plain
from gatelodge.web.portal.accessibility import AccessibilityPage
from gatelodge.web.portal.asking import AskingPages
from gatelodge.web.portal.drawing import language_of
from gatelodge.web.portal.invitation import InvitationPages
from gatelodge.web.portal.portal import Portal
from gatelodge.web.portal.public import Public
from gatelodge.web.portal.routes import PAGES
from gatelodge.web.portal.set_up import SetUpPages
from gatelodge.web.portal.sign_in import SignInPages
from gatelodge.web.portal.sign_out import SignOutPages

_log = structlog.get_logger("gatelodge.web")

_KEY_SET_HEADERS = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
_DISCOVERY_HEADERS = _KEY_SET_HEADERS | {"Access-Control-Allow-Origin": "*"}


def create_app(gateway: Gateway) -> Gate:
    app = FastAPI(
        lifespan=_lifespan(gateway),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # It would redirect to the host that the request names.
        redirect_slashes=False,
    )
    reports = LaunchReports(gateway)
    _add_people(app, gateway)
    _add_tools(app, gateway)
    _add_platforms(app, gateway)
    _add_machines(app, gateway)
    carrier = CookieCarrier()
    proxies = Proxies(
        gateway.trusted_proxies, https_expected=gateway.addresses.base.startswith("https:")
    )
    portal = Portal(gateway)
    portal.add_to(app, PAGES)
    SignInPages(gateway, portal, proxies).add_to(app)
    AskingPages(gateway, portal, proxies).add_to(app)
    SignOutPages(gateway, portal).add_to(app)
    SetUpPages(gateway).add_to(app)
    reports.add_to(app, proxies)
    InvitationPages(gateway, proxies).add_to(app)
    _add_errors(app, gateway)
    return Gate(
        Visits(carrier, proxies),
        LoginAddress(gateway.logins, carrier),
        LaunchAddress(gateway.launches),
        app,
        base_url=gateway.addresses.base,
        clock=gateway.clock,
        ids=gateway.ids,
        report=reports.address,
    )


def _add_people(app: FastAPI, gateway: Gateway) -> None:
    public = Public(gateway)

    async def static(request: Request) -> Response:
        asset = read_asset(request.url.path)
        if asset is None:
            raise HTTPException(404)
        headers = dict(asset_headers(asset, request.url.path))
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        if takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(asset.packed, headers=headers | {"Content-Encoding": "gzip"})
        return Response(asset.content, headers=headers)

    app.add_route("/", public.landing, methods=["GET"])
    app.add_route("/accessibility", AccessibilityPage(gateway).answer, methods=["GET"])
    app.add_route("/help", public.help, methods=["GET"])
    app.add_route("/privacy", public.privacy, methods=["GET"])
    app.add_route("/help/codes", public.codes, methods=["GET"])
    app.add_route("/static/{name}", static, methods=["GET"])
    app.add_route("/tools/{tool}/icon", IconAddress(gateway.tool_icons).answer, methods=["GET"])


def _add_tools(app: FastAPI, gateway: Gateway) -> None:
    token = TokenAddress(gateway.hand_offs)
    document = discovery_document(gateway.addresses)

    async def discovery(_: Request) -> Response:
        return JSONResponse(document, headers=_DISCOVERY_HEADERS)

    async def key_set(_: Request) -> Response:
        keys = await run_in_threadpool(gateway.signing_keys.public_key_set_for_tools)
        return JSONResponse(keys, headers=_DISCOVERY_HEADERS)

    app.add_route("/oauth/token", token.answer, methods=["POST"])
    app.add_route("/.well-known/openid-configuration", discovery, methods=["GET"])
    app.add_route("/.well-known/oauth-authorization-server", discovery, methods=["GET"])
    app.add_route("/lti/keys", key_set, methods=["GET"])


def _add_platforms(app: FastAPI, gateway: Gateway) -> None:
    async def key_set(request: Request) -> Response:
        registration_id = request.path_params["registration"]
        keys = await run_in_threadpool(gateway.signing_keys.public_key_set, registration_id)
        return JSONResponse(keys, headers=_KEY_SET_HEADERS)

    app.add_route("/lti/keys/{registration}", key_set, methods=["GET"])


def _add_machines(app: FastAPI, gateway: Gateway) -> None:
    async def healthz(_: Request) -> Response:
        return PlainTextResponse("alive\n", headers={"Cache-Control": "no-store"})

    async def readyz(_: Request) -> Response:
        await gateway.check_ready()
        return PlainTextResponse("ready\n", headers={"Cache-Control": "no-store"})

    async def metrics(_: Request) -> Response:
        verdict = await run_in_threadpool(gateway.audit_chain.last_look)
        gateway.telemetry.audit_looked_at(broken=verdict.broken_at is not None)
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(gateway.telemetry.page(), headers={"Content-Type": kind})

    app.add_route("/healthz", healthz, methods=["GET"])
    app.add_route("/readyz", readyz, methods=["GET"])
    app.add_route("/metrics", metrics, methods=["GET"])


def _add_errors(app: FastAPI, gateway: Gateway) -> None:
    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
        return _error(request, gateway, error.status_code, dict(error.headers or {}))

    async def our_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, GatelodgeError)  # noqa: S101 - registered for no other
        status = status_of_error(error)
        return _error(request, gateway, status, dict(extra_headers(status)), error)

    async def failure(request: Request, _: Exception) -> Response:
        return _error(request, gateway, 500)

    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(GatelodgeError, our_error)
    app.add_exception_handler(Exception, failure)


def _error(
    request: Request,
    gateway: Gateway,
    status: int,
    headers: Mapping[str, str] = MappingProxyType({}),
    error: GatelodgeError | None = None,
) -> Response:
    """A page for people, a line of JSON for programs."""
    trace_id = gateway.ids.trace_id()
    if status >= 500:
        _log.error("failed", trace_id=trace_id, path=path_for_the_log(request), exc_info=True)
    if "text/html" not in request.headers.get("accept", ""):
        code = error.code if error else f"http.{status}"
        return JSONResponse(
            {"code": code, "trace_id": trace_id},
            status_code=status,
            headers={"Cache-Control": "no-store", **headers},
        )
    now = datetime.fromtimestamp(gateway.clock(), UTC)
    language = language_of(request)
    report = way_to_report(gateway, trace_id, language)
    page = status_page(status, trace_id=trace_id, now=now, report=report)
    all_headers = dict(refusal_headers()) | dict(headers)
    return Response(render_plain(page, language), status_code=status, headers=all_headers)


def _lifespan(gateway: Gateway) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[None]:
        await gateway.start()
        try:
            yield
        finally:
            await gateway.stop()

    return run
