"""The simulated LMS as a web application: the addresses for people, for browsers, for gateways."""

from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gatelodge.platforms import all_platforms
from gatelodge.simulator.config import SimulatorConfig
from gatelodge.simulator.keys import KeyRing
from gatelodge.simulator.machines import Machines
from gatelodge.simulator.openings import Openings
from gatelodge.simulator.pages import Pages
from gatelodge.simulator.platform import Platform, RequestRefused
from gatelodge.simulator.sessions import Sessions
from gatelodge.simulator.views import SafeHeaders, Views


def create_app(config: SimulatorConfig, *, allow_control: bool = False) -> Starlette:
    """``allow_control`` lets tests have the keys rotated over HTTP."""
    platform = Platform(config, KeyRing())
    sessions = Sessions(config.base_url)
    views = Views(config)
    pages = Pages(config, sessions, views)
    openings = Openings(platform, sessions, views)
    machines = Machines(platform.keys)

    def refused(_: Request, error: Exception) -> Response:
        return views.message("This can't be opened", str(error), status=400)

    def not_found(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 405:
            return views.message("That isn't how this page is used", "", status=status)
        return views.message("There is no such page here", "", status=status)

    routes = [
        Route("/", pages.home),
        Route("/people", pages.people),
        Route("/people", pages.choose_person, methods=["POST"]),
        Route("/courses/{course}", pages.course),
        Route("/courses/{course}/links/{link}", pages.link),
        Route("/courses/{course}/content", pages.choose_content),
        Route("/courses/{course}/links/{link}/work/{person}", pages.review),
        Route("/scenarios", pages.scenarios),
        Route("/scenarios/{slug}", pages.scenario),
        Route("/open", openings.begin),
        Route("/scenarios/{slug}/again", openings.again),
        Route("/authorize", openings.answer, methods=["GET", "POST"]),
        Route("/return", openings.come_back),
        Route("/content", openings.take_content, methods=["POST"]),
        Route("/jwks", machines.key_set),
        Route("/token", machines.token, methods=["POST"]),
        Mount("/static", StaticFiles(packages=[("gatelodge.simulator", "static")])),
    ]
    routes += _as_others_have_them(openings, machines)
    if allow_control:
        routes.append(Route("/control/rotate", machines.rotate, methods=["POST"]))
    return Starlette(
        routes=routes,
        middleware=[Middleware(SafeHeaders)],
        exception_handlers={RequestRefused: refused, HTTPException: not_found},
    )


def _as_others_have_them(openings: Openings, machines: Machines) -> list[Route]:
    """The same under the paths of every LMS in the catalogue, so that this one passes for any."""
    paths: dict[str, Route] = {}
    for platform in all_platforms():
        for environment in platform.environments:
            for pattern, answer, methods in (
                (environment.addresses.authorization_url, openings.answer, ["GET", "POST"]),
                (environment.addresses.key_set_url, machines.key_set, ["GET"]),
                (environment.addresses.token_url, machines.token, ["POST"]),
            ):
                if path := urlsplit((pattern or "").removeprefix("{site}")).path:
                    paths.setdefault(path, Route(path, answer, methods=methods))
    return [*paths.values()]
