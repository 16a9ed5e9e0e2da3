"""The pages that people look at: courses, links, the people to be, and the menu of scenarios."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gatelodge.simulator.config import SimulatorConfig
from gatelodge.simulator.messages import Target
from gatelodge.simulator.scenario import Route, Scenario
from gatelodge.simulator.scenarios import (
    DEEP_LINKING,
    PLAIN,
    SUBMISSION_REVIEW,
    groups_for,
    scenario_by_slug,
)
from gatelodge.simulator.school import (
    BIOLOGY,
    COURSES,
    MIA,
    PEOPLE,
    Course,
    Link,
    Person,
    course_by_slug,
    person_by_id,
)
from gatelodge.simulator.sessions import Sessions
from gatelodge.simulator.views import Views


class Pages:
    def __init__(self, config: SimulatorConfig, sessions: Sessions, views: Views) -> None:
        self._config = config
        self._sessions = sessions
        self._views = views

    async def home(self, request: Request) -> Response:
        return self._page(request, "home.html", here="courses", courses=COURSES)

    async def people(self, request: Request) -> Response:
        return self._page(request, "people.html", here="people", people=PEOPLE, courses=COURSES)

    async def choose_person(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        person = person_by_id(form.get("person"))
        if person is None:
            raise HTTPException(404)
        response = RedirectResponse("/", 303)
        response.headers["Set-Cookie"] = self._sessions.begin(person)
        return response

    async def course(self, request: Request) -> Response:
        course = _course(request)
        windows = {link.id: _open(link, PLAIN, Target.WINDOW) for link in course.links}
        return self._page(request, "course.html", here="courses", course=course, windows=windows)

    async def link(self, request: Request) -> Response:
        course = _course(request)
        link = _link(request, course)
        return self._tool_page(request, course, link, PLAIN, title=link.title)

    async def choose_content(self, request: Request) -> Response:
        course = _course(request)
        link = course.links[0]
        return self._tool_page(request, course, link, DEEP_LINKING, title="Choose content")

    async def review(self, request: Request) -> Response:
        course = _course(request)
        link = _link(request, course)
        learner = person_by_id(request.path_params["person"])
        if learner not in course.learners:
            raise HTTPException(404)
        title = f"{learner.name}: {link.title}"
        return self._tool_page(
            request, course, link, SUBMISSION_REVIEW, title=title, reviewed=learner
        )

    async def scenarios(self, request: Request) -> Response:
        groups = groups_for(tool.purpose for tool in self._config.tools)
        return self._page(request, "scenarios.html", here="scenarios", groups=groups)

    async def scenario(self, request: Request) -> Response:
        scenario = scenario_by_slug(request.path_params["slug"])
        if scenario is None:
            raise HTTPException(404)
        again = {
            target: f"/scenarios/{scenario.slug}/again?target={target.value}" for target in Target
        }
        return self._page(
            request,
            "scenario.html",
            here="scenarios",
            scenario=scenario,
            # Such a frame has no cookies of its own; in a window there is no like of it.
            without_cookies=scenario.route is Route.BEGUN_ELSEWHERE,
            in_frame=_open(BIOLOGY.links[0], scenario, Target.IFRAME),
            in_window=_open(BIOLOGY.links[0], scenario, Target.WINDOW),
            again_in_frame=again[Target.IFRAME],
            again_in_window=again[Target.WINDOW],
        )

    def _tool_page(
        self,
        request: Request,
        course: Course,
        link: Link,
        scenario: Scenario,
        *,
        title: str,
        reviewed: Person | None = None,
    ) -> Response:
        return self._page(
            request,
            "tool.html",
            here="courses",
            course=course,
            link=link,
            title=title,
            in_frame=_open(link, scenario, Target.IFRAME, reviewed),
            in_window=_open(link, scenario, Target.WINDOW, reviewed),
        )

    def _page(self, request: Request, template: str, /, **values: Any) -> Response:
        person = self._sessions.person(request.cookies)
        response = self._views.page(template, person=person or MIA, **values)
        if person is None:
            response.headers["Set-Cookie"] = self._sessions.begin()
        return response


def _open(link: Link, scenario: Scenario, target: Target, reviewed: Person | None = None) -> str:
    parameters = {"link": link.id, "scenario": scenario.slug, "target": target.value}
    if reviewed is not None:
        parameters["reviewed"] = reviewed.id
    return f"/open?{urlencode(parameters)}"


def _course(request: Request) -> Course:
    course = course_by_slug(request.path_params["course"])
    if course is None:
        raise HTTPException(404)
    return course


def _link(request: Request, course: Course) -> Link:
    link = course.link(request.path_params["link"])
    if link is None:
        raise HTTPException(404)
    return link
