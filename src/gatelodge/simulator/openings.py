"""How a tool is opened: the pages between a click and the tool, which nobody looks at for long."""

from urllib.parse import parse_qsl, urlsplit

import httpx2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gatelodge.simulator.config import SimulatorConfig
from gatelodge.simulator.messages import Click, Target
from gatelodge.simulator.platform import Form, Platform, RequestRefused
from gatelodge.simulator.scenario import Fields, Route
from gatelodge.simulator.scenarios import PLAIN, scenario_by_slug
from gatelodge.simulator.school import MIA, Person, find_link, person_by_id
from gatelodge.simulator.sessions import Sessions
from gatelodge.simulator.views import Views


class Openings:
    def __init__(self, platform: Platform, sessions: Sessions, views: Views) -> None:
        self._platform = platform
        self._sessions = sessions
        self._views = views

    async def begin(self, request: Request) -> Response:
        """The first page in the frame or window: it sends the login initiation on."""
        person = self._sessions.person(request.cookies)
        click = _click(request, person or MIA, self._platform.config)
        if click.scenario.route is Route.BEGUN_ELSEWHERE:
            return self._views.forward(await self._begun_elsewhere(click))
        response = self._views.forward(self._platform.begin(click))
        if person is None:
            response.headers["Set-Cookie"] = self._sessions.begin()
        return response

    async def answer(self, request: Request) -> Response:
        """The authorization endpoint."""
        fields = await _fields_of(request)
        person = self._sessions.person(request.cookies)
        click = self._platform.click_of(fields)
        form = self._platform.answer(fields, person)
        if click is not None and click.scenario.route is Route.SWAPPED:
            form = await self._begun_elsewhere(click)
        return self._views.forward(form)

    async def again(self, request: Request) -> Response:
        scenario = scenario_by_slug(request.path_params["slug"])
        person = self._sessions.person(request.cookies)
        if scenario is None or person is None:
            raise HTTPException(404)
        form = self._platform.answer_again(scenario, person, _target_of(request))
        return self._views.forward(form)

    async def come_back(self, request: Request) -> Response:
        """The return address of the presentation claim (LTI Core 1.3 section 5.4.4)."""
        said = request.query_params.get("lti_errormsg") or request.query_params.get("lti_msg")
        return self._views.message("Back from the tool", said or "It left no message.")

    async def take_content(self, _: Request) -> Response:
        return self._views.message("The tool has answered", "Nothing was added to the course.")

    async def _begun_elsewhere(self, click: Click) -> Form:
        """Begin a login without the person's browser, and make a launch out of it."""
        login = self._platform.begin(click)
        try:
            async with httpx2.AsyncClient(timeout=10) as stranger:
                met = await stranger.post(login.address, data=dict(login.fields))
        except httpx2.HTTPError as error:
            raise RequestRefused("The gateway doesn't answer.") from error
        asked = parse_qsl(urlsplit(met.headers.get("Location", "")).query)
        return self._platform.answer(asked, click.person)


def _click(request: Request, person: Person, config: SimulatorConfig) -> Click:
    asked = request.query_params
    found = find_link(asked.get("link", ""))
    scenario = scenario_by_slug(asked.get("scenario", PLAIN.slug))
    if found is None or scenario is None:
        raise HTTPException(404)
    tool = config.tool_for(scenario.tool)
    if tool is None:
        raise RequestRefused("The tool that this scenario needs isn't placed here.")
    course, link = found
    return Click(
        person=person,
        tool=tool,
        course=course,
        link=link,
        scenario=scenario,
        target=_target_of(request),
        reviewed=person_by_id(asked.get("reviewed")),
    )


def _target_of(request: Request) -> Target:
    return Target.WINDOW if request.query_params.get("target") == "window" else Target.IFRAME


async def _fields_of(request: Request) -> Fields:
    sent = (
        (await request.body()).decode(errors="replace")
        if request.method == "POST"
        else request.url.query
    )
    return parse_qsl(sent, keep_blank_values=True)
