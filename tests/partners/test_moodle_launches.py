"""What a real Moodle sent, from the login to the launch that a tool redeems, through a whole gateway over HTTP.

A recorded token answers a login of its own time and of another tool, so its claims are signed anew, with a key of
the test's: only nonce, time and target link become those of this login, as Moodle would have made them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.partners.recordings import (
    AUTHORIZATION,
    ISSUER,
    NAMES,
    SERVICES,
    TOKENS,
    Recording,
    recording,
)
from tests.support.browsers import Browser, browsing
from tests.support.campuses import *  # noqa: F403
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import Campus, open_campus
from tests.support.lms import CLAIM, CONTEXT_ROLE, Lms

pytestmark = pytest.mark.asyncio

SECTION = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"

# Tool `dyn`, by hand added `man`, and `part`: the client id and the deployment that Moodle gave each.
TOOLS = {"NowypZhAXeEEQDg": "1", "uC50EJGyyxJr86r": "2", "R3261PQNuIH3VWY": "3"}

RESOURCE, DEEP, REVIEW = "resource_link", "deep_linking", "submission_review"

LINK = "Resource link 1 \N{EN DASH} “dyn” & co"
QUIZ = "Quiz 7 \N{EN DASH} “deep linked”"
ZOE = "Zoë O\N{RIGHT SINGLE QUOTATION MARK}Brien & "

# Message, its kind, name of the person, role in the course, title of the link.
FACTS = [
    ("admin", RESOURCE, "Admin User", "Instructor", LINK),
    ("deep-linking-request", DEEP, "Tanya Teacher", "Instructor", None),
    ("deep-linking-request-manual-tool", DEEP, None, "Instructor", None),
    ("manual-tool-student", RESOURCE, None, "Learner", "Manual link 1"),
    ("manual-tool-teacher", RESOURCE, None, "Instructor", "Manual link 1"),
    ("non-editing-teacher", RESOURCE, "Tim Assistant", "Instructor", LINK),
    ("partial-tool-teacher", RESOURCE, None, "Instructor", "Link of a tool that gets deleted"),
    ("site-manager", RESOURCE, "Mona Manager", "Instructor", LINK),
    ("student", RESOURCE, "Sam Student", "Learner", LINK),
    ("student-and-teacher", RESOURCE, "Bo Both", "Instructor", LINK),
    ("student-deep-linked", RESOURCE, "Sam Student", "Learner", QUIZ),
    ("student-special-characters", RESOURCE, ZOE, "Learner", LINK),
    ("student-unicode", RESOURCE, "小明 王", "Learner", LINK),
    ("submission-review", REVIEW, "Tanya Teacher", "Instructor", QUIZ),
    ("teacher", RESOURCE, "Tanya Teacher", "Instructor", LINK),
    ("teacher-deep-linked", RESOURCE, "Tanya Teacher", "Instructor", QUIZ),
    ("teacher-deep-linked-graded", RESOURCE, "Tanya Teacher", "Instructor", "Reading 2 graded"),
    ("teacher-deep-linked-ungraded", RESOURCE, "Tanya Teacher", "Instructor", "Reading 1"),
    ("teacher-other-course", RESOURCE, "Tanya Teacher", "Instructor", "Link in big course"),
    (
        "teacher-reserved-custom-names",
        RESOURCE,
        "Tanya Teacher",
        "Instructor",
        "Reserved custom names",
    ),
    ("teacher-two-lineitems", RESOURCE, "Tanya Teacher", "Instructor", LINK),
    ("teacher-ungraded-link", RESOURCE, "Tanya Teacher", "Instructor", "Ungraded link"),
]


@pytest.fixture(scope="session")
def registered(
    settled: tuple[Path, str],
    served_lmss: tuple[Lms, Lms],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A database in which Northfield has registered Hello with each of Moodle's three tools."""
    directory = tmp_path_factory.mktemp("moodle")
    path = directory / "gatelodge.db"
    shutil.copyfile(settled[0], path)
    campus = open_campus(f"sqlite:///{path}", directory, *served_lmss)
    for client_id, deployment_id in TOOLS.items():
        campus.register(
            moodle(campus, client_id),
            name=f"Moodle {deployment_id}",
            authorization_url=AUTHORIZATION,
            token_url=TOKENS,
        )
    campus.gateway.close()
    return path


@pytest.fixture
def campus(
    registered: Path, settled: tuple[Path, str], lmss: tuple[Lms, Lms], tmp_path: Path
) -> Iterator[Campus]:
    shutil.copyfile(registered, tmp_path / "gatelodge.db")
    campus = open_campus(f"sqlite:///{tmp_path}/gatelodge.db", tmp_path, *lmss)
    campus.hello_secret = settled[1]
    yield campus
    campus.gateway.close()


def moodle(campus: Campus, client_id: str) -> Lms:
    """Moodle as one of its tools knows it, with a key of the test's."""
    return Lms(ISSUER, client_id, TOOLS[client_id], campus.lms.keys, port=campus.lms.port)


async def posted(
    browser: Browser, sent: Recording, *, seconds: int = 0, **changes: Any
) -> httpx2.Response:
    """The recorded click, answered ``seconds`` later than Moodle made the token."""
    lms = moodle(browser.campus, sent.login["client_id"])
    login = await browser.login(
        lms=lms,
        query=query_of(sent.target_link_uri),
        login_hint=sent.login["login_hint"],
        lti_message_hint=sent.login["lti_message_hint"],
    )
    assert login.request["lti_message_hint"] == sent.login["lti_message_hint"]
    now = int(browser.campus.clock())
    of_login = {"nonce": login.nonce, CLAIM + "target_link_uri": login.target_link_uri}
    claims = {**sent.claims, "iat": now, "exp": now + 60, **of_login, **changes}
    browser.campus.clock.pass_seconds(seconds)
    return await browser.post(login, lms.sign(claims))


async def launch(browser: Browser, name: str) -> dict[str, Any]:
    redeemed = await browser.redeem(await posted(browser, recording(name)))
    received: dict[str, Any] = redeemed["launch"]
    return received


def query_of(url: str) -> str:
    query = urlsplit(url).query
    return f"?{query}" if query else ""


# ----------------------------------------------------------------------- all of them


async def test_of_every_recording_it_is_said_what_a_tool_must_receive() -> None:
    assert sorted(each[0] for each in FACTS) == NAMES


@pytest.mark.parametrize(
    ("name", "kind", "person", "role", "link"), FACTS, ids=[each[0] for each in FACTS]
)
async def test_the_tool_receives_what_moodle_sent(
    campus: Campus, name: str, kind: str, person: str | None, role: str, link: str | None
) -> None:
    async with browsing(campus) as browser:
        received = await launch(browser, name)

    sent = recording(name)
    assert received["message_type"] == kind
    assert received["tenant"]["name"] == "Northfield"
    assert received["person"]["name"] == person
    assert received["person"]["email"] == sent.claims.get("email")
    assert received["person"]["anonymous"] is False
    assert received["roles"]["in_context"] == [role]
    assert received["roles"]["all"] == sent.claims[CLAIM + "roles"]
    assert received["context"]["types"] == [SECTION]
    assert received["context"]["label"] in ("LTI101", "BIG1")
    assert (received["resource_link"] or {}).get("title") == link
    assert received["services"]["line_items"] is True
    assert received["services"]["memberships"] is (name != "partial-tool-teacher")
    assert not any(value.startswith("$") for value in received["custom"].values())
    assert received["target_link_uri"].endswith("/launch" + query_of(sent.target_link_uri))
    assert received["locale"] == "en"
    assert (
        received["platform"].items()
        >= {
            "issuer": ISSUER,
            "client_id": sent.login["client_id"],
            "deployment_id": sent.login["lti_deployment_id"],
            "person_id": sent.login["login_hint"],
            "context_id": "3" if name == "teacher-other-course" else "2",
            "product": "moodle",
            "guid": "4f33b5ae8e35e118d655bad74e47ab60",
        }.items()
    )


async def test_a_tool_is_told_no_service_address(campus: Campus) -> None:
    """Save in custom values, which the administrator of the LMS chose to send to it."""
    async with browsing(campus) as browser:
        received = [await launch(browser, name) | {"custom": {}} for name in NAMES]

    assert SERVICES not in json.dumps(received)
    assert '"mine"' not in json.dumps(received)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seconds": 600}, "launch.expired"),
        ({"aud": "SomebodyElses15"}, "launch.audience_mismatch"),
        ({"nonce": "of-another-login"}, "launch.nonce_mismatch"),
    ],
)
async def test_it_is_refused_out_of_its_time_and_place(
    campus: Campus, changes: dict[str, Any], code: str
) -> None:
    async with browsing(campus) as browser:
        answers = {name: await posted(browser, recording(name), **changes) for name in NAMES}

    assert {name: each.status_code for name, each in answers.items()} == dict.fromkeys(NAMES, 401)
    assert all(code in each.text for each in answers.values())
    assert all("location" not in each.headers for each in answers.values())


async def test_a_recorded_token_itself_is_refused_at_another_login(campus: Campus) -> None:
    """Its signature is of a key that this key set doesn't have."""
    sent = recording("student")
    async with browsing(campus) as browser:
        login = await browser.login(lms=moodle(campus, sent.login["client_id"]))
        answer = await browser.post(login, sent.id_token)

    assert answer.status_code == 401
    assert "launch.key_unknown" in answer.text


# ----------------------------------------------------------------------- who is who


async def test_persons_courses_and_links_have_one_id_each(campus: Campus) -> None:
    async with browsing(campus) as browser:
        received = {name: await launch(browser, name) for name in NAMES}

    def id_of(part: str, name: str) -> str:
        found: str = received[name][part]["id"]
        return found

    # Tanya, in two courses and through two of the three tools.
    assert id_of("person", "teacher") == id_of("person", "teacher-other-course")
    assert id_of("person", "teacher") == id_of("person", "manual-tool-teacher")
    assert len({id_of("person", each) for each in ("teacher", "student", "admin")}) == 3
    # A student's work, which she looks at.
    assert received["submission-review"]["for_person"] == id_of("person", "student")
    assert id_of("context", "teacher") == id_of("context", "student")
    assert id_of("context", "teacher") != id_of("context", "teacher-other-course")
    assert id_of("resource_link", "teacher") == id_of("resource_link", "teacher-two-lineitems")
    assert id_of("resource_link", "teacher") != id_of("resource_link", "teacher-ungraded-link")


async def test_a_deep_linking_request_says_what_may_be_chosen(campus: Campus) -> None:
    async with browsing(campus) as browser:
        received = await launch(browser, "deep-linking-request")

    assert received["deep_linking"] == {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_targets": ["frame", "iframe", "window"],
        "accept_media_types": None,
        "accept_multiple": True,
        "accept_line_item": None,
        "auto_create": False,
        "title": "Capture tool (dyn)",
        "text": None,
    }
    assert "contentitem_return" not in json.dumps(received)


async def test_an_administrator_of_moodle_is_an_instructor_by_the_course_role_alone(
    campus: Campus,
) -> None:
    sent = recording("admin")
    without = [each for each in sent.claims[CLAIM + "roles"] if not each.startswith(CONTEXT_ROLE)]

    async with browsing(campus) as browser:
        as_sent = await launch(browser, "admin")
        answer = await posted(browser, sent, **{CLAIM + "roles": without})
        elsewhere = (await browser.redeem(answer))["launch"]

    assert as_sent["roles"]["instructor"] is True
    assert elsewhere["roles"]["instructor"] is False
    assert elsewhere["roles"]["in_context"] == []
