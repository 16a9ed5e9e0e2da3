"""Launches from Open edX: its own LTI component, which shares no code with ours, against a gateway over HTTP.

The component is lti-consumer-xblock 11.4.4, on Django 5.2.19 with PyJWT 2.15.1; `openedx/uv.lock` has all versions.
A browser goes between the two and carries what each hands to it, or changes it on the way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from tests.support.browsers import at_home, code_of
from tests.support.openedx import Component, Form, OpenEdx, Visitor, running_openedx
from tests.support.processes import command, reserved_port, serving

TOOL = "https://hello.example/launch"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


@dataclass(frozen=True)
class Site:
    """A gateway that serves at ``address``, with a tool on it, and Open edX beside it."""

    openedx: OpenEdx
    address: str
    settings: Mapping[str, str]
    client_id: str
    client_secret: str

    @property
    def tool(self) -> str:
        return f"{self.address}/lti/hello"

    def component(self, *redirect_uris: str) -> Component:
        """One that an author added to the course and an administrator registered."""
        added = self.openedx.add(self.tool, *redirect_uris)
        words = ("registration", "add", "--tenant", "northfield", "--tool", "hello")
        command(self.settings, *words, *added.registration())
        return added

    def redeemed(self, launched: httpx2.Response) -> dict[str, Any]:
        """What the tool's server is given for the code that the browser brought it."""
        answer = httpx2.post(
            f"{self.address}/oauth/token",
            data={"grant_type": "authorization_code", "code": code_of(launched)},
            auth=(self.client_id, self.client_secret),
        )
        assert answer.status_code == 200, answer.text
        launch: dict[str, Any] = answer.json()["launch"]
        return launch


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("openedx")
    with ExitStack() as running:
        openedx = running.enter_context(running_openedx(folder))
        port = running.enter_context(reserved_port())
        address = f"http://127.0.0.1:{port}"
        settings = {
            "PATH": os.environ["PATH"],
            "GATELODGE_BASE_URL": address,
            "GATELODGE_DATA_DIR": str(folder / "data"),
            "GATELODGE_DEVELOPMENT": "true",
            "GATELODGE_OUTBOUND_ALLOW": urlsplit(openedx.address).netloc,
        }
        running.enter_context(serving(settings, folder / "gatelodge.log", port=port))
        command(settings, "tenant", "add", "Northfield")
        words = ("tool", "add", "hello", "--name", "Hello", "--launch-url", TOOL)
        tool = command(settings, *words)
        yield Site(openedx, address, settings, tool["client_id"], tool["client_secret"])


@pytest.fixture(scope="module")
def component(site: Site) -> Component:
    """A link in a course."""
    return site.component()


@pytest.fixture(scope="module")
def other(site: Site) -> Component:
    """Another link in the same course."""
    return site.component()


@pytest.fixture(scope="module")
def forged(site: Site) -> Component:
    """One that will sign with a key that isn't its own."""
    return site.component()


@pytest.fixture
def visitor(site: Site) -> Iterator[Visitor]:
    with httpx2.Client(cookies=at_home()) as http:
        yield Visitor(site.openedx, http)


@pytest.fixture
def stranger(site: Site) -> Iterator[Visitor]:
    """Another person, at a browser of their own."""
    with httpx2.Client(cookies=at_home()) as http:
        yield Visitor(site.openedx, http)


# ----------------------------------------------------------------------- what is accepted


def test_a_student_reaches_the_tool(site: Site, component: Component, visitor: Visitor) -> None:
    launched = visitor.launch(component, "mia")

    launch = site.redeemed(launched)
    assert launched.headers["location"].startswith(f"{TOOL}?code=")
    assert launch["message_type"] == "resource_link"
    assert launch["tenant"]["name"] == "Northfield"
    assert launch["person"]["name"] == "Mia Learner"
    assert launch["person"]["email"] == "mia@northfield.example"
    assert (launch["roles"]["learner"], launch["roles"]["instructor"]) == (True, False)
    assert launch["context"]["title"] == "Biology 101 - Northfield"
    assert launch["context"]["label"] == component.course
    assert launch["custom"] == {"chapter": "3"}
    assert launch["target_link_uri"] == f"{site.tool}/launch"
    assert launch["presentation"]["document_target"] == "iframe"
    assert launch["services"] == {"line_items": True, "memberships": True}


def test_the_tool_may_read_what_open_edx_calls_things(
    site: Site, component: Component, visitor: Visitor
) -> None:
    launch = site.redeemed(visitor.launch(component, "mia"))

    platform = launch["platform"]
    assert platform["issuer"] == site.openedx.address
    assert (platform["client_id"], platform["deployment_id"]) == (component.client_id, "1")
    assert (platform["context_id"], platform["resource_link_id"]) == (
        component.course,
        component.link,
    )
    assert platform["name"] == "Northfield edX"
    assert platform["guid"]


@pytest.mark.parametrize(
    ("person", "in_context"),
    [
        ("ben", {"Instructor"}),
        ("ada", {"Administrator", "Instructor"}),
        ("otto", {"Administrator", "Instructor"}),
    ],
)
def test_staff_reach_the_tool_in_the_roles_that_open_edx_sends(
    site: Site, component: Component, visitor: Visitor, person: str, in_context: set[str]
) -> None:
    launch = site.redeemed(visitor.launch(component, person))

    assert (launch["roles"]["instructor"], launch["roles"]["learner"]) == (True, False)
    assert set(launch["roles"]["in_context"]) == in_context
    assert {MEMBERSHIP + each for each in in_context} < set(launch["roles"]["all"])


def test_a_teacher_may_choose_content(site: Site, component: Component, visitor: Visitor) -> None:
    launch = site.redeemed(visitor.launch(component, "ben", choose=True))

    assert launch["message_type"] == "deep_linking"
    assert launch["person"]["name"] == "Ben Educator"
    assert launch["roles"]["instructor"]
    assert launch["resource_link"] is None
    assert launch["context"]["title"] == "Biology 101 - Northfield"
    settings = launch["deep_linking"]
    assert settings["accept_types"] == ["ltiResourceLink", "link", "html", "image"]
    assert (settings["accept_multiple"], settings["auto_create"]) == (True, True)


def test_each_component_is_a_client_of_its_own_and_its_people_and_course_stay_the_same(
    site: Site, component: Component, other: Component, visitor: Visitor
) -> None:
    here = site.redeemed(visitor.launch(component, "mia"))
    there = site.redeemed(visitor.launch(other, "mia"))

    assert here["person"]["id"] == there["person"]["id"]
    assert here["context"]["id"] == there["context"]["id"]
    assert here["resource_link"]["id"] != there["resource_link"]["id"]
    assert here["platform"]["client_id"] != there["platform"]["client_id"]


def test_a_new_key_is_fetched_in_the_middle_of_a_launch(
    site: Site, other: Component, visitor: Visitor
) -> None:
    before = visitor.launch(other, "mia")
    site.openedx.renew_key(other)

    after = visitor.launch(other, "mia")

    assert site.redeemed(before)["person"]["id"] == site.redeemed(after)["person"]["id"]


# ----------------------------------------------------------------------- what the gateway refuses


@pytest.mark.parametrize(
    ("name", "code"),
    [("published", "launch.signature_invalid"), ("own", "launch.key_unknown")],
)
@pytest.mark.parametrize(("person", "choose"), [("mia", False), ("ben", False), ("ben", True)])
def test_a_launch_that_another_key_signed_is_refused(
    site: Site,
    component: Component,
    forged: Component,
    visitor: Visitor,
    person: str,
    name: str,
    code: str,
    *,
    choose: bool,
) -> None:
    site.openedx.borrow_key(forged, component, name=name)

    refused = visitor.launch(forged, person, choose=choose)

    assert_refused(refused, code)


@pytest.mark.parametrize(("person", "choose"), [("mia", False), ("ben", False), ("ben", True)])
def test_a_nonce_that_the_gateway_did_not_ask_for_is_refused(
    component: Component, visitor: Visitor, person: str, *, choose: bool
) -> None:
    page = visitor.ask(visitor.click(component, person, choose=choose), nonce="another")

    assert_refused(visitor.answer(page), "launch.nonce_mismatch")


def test_the_nonce_of_another_launch_is_refused(component: Component, visitor: Visitor) -> None:
    first, second = (visitor.click(component, "mia") for _ in range(2))

    page = visitor.ask(first, nonce=asked(second)["nonce"])

    assert_refused(visitor.answer(page), "launch.nonce_mismatch")


def test_a_state_that_was_changed_at_open_edx_is_refused(
    component: Component, visitor: Visitor
) -> None:
    login = visitor.click(component, "mia")
    state = asked(login)["state"]
    other_letter = "B" if state[40] == "A" else "A"

    page = visitor.ask(login, state=state[:40] + other_letter + state[41:])

    assert_refused(visitor.answer(page), "launch.state_invalid")


def test_a_launch_does_not_fit_the_state_of_another_one(
    component: Component, visitor: Visitor
) -> None:
    page, other = (visitor.ask(visitor.click(component, "mia")) for _ in range(2))

    refused = visitor.answer(page, state=Form.on(other).values["state"])

    assert_refused(refused, "launch.nonce_mismatch")


def test_a_launch_is_good_once(site: Site, component: Component, visitor: Visitor) -> None:
    page = visitor.ask(visitor.click(component, "mia"))
    first = visitor.answer(page)

    again = visitor.answer(page)

    assert_refused(again, "launch.nonce_spent")
    assert site.redeemed(first)["person"]["name"] == "Mia Learner"


def test_a_launch_is_good_in_the_browser_that_began_it(
    component: Component, visitor: Visitor, stranger: Visitor
) -> None:
    page = visitor.ask(visitor.click(component, "mia"))
    stranger.click(component, "ben")

    assert_refused(stranger.answer(page), "launch.proof_foreign")


def test_a_copied_component_is_unknown_until_it_is_registered(site: Site, visitor: Visitor) -> None:
    copy = site.openedx.add(site.tool)

    assert_refused(visitor.click(copy, "mia"), "login.client_unknown")


# ----------------------------------------------------------------------- what Open edX refuses


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"redirect_uri": "https://foreign.example/launch"}, id="foreign address"),
        pytest.param({"redirect_uri": None}, id="no address"),
        pytest.param({"client_id": "another"}, id="foreign client"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"state": None}, id="no state"),
    ],
)
@pytest.mark.parametrize(("person", "choose"), [("mia", False), ("ben", True)])
def test_open_edx_signs_nothing_for_a_changed_request(
    component: Component,
    visitor: Visitor,
    person: str,
    changes: dict[str, str | None],
    *,
    choose: bool,
) -> None:
    refused = visitor.ask(visitor.click(component, person, choose=choose), **changes)

    assert_nothing_signed(refused, 400)


def test_open_edx_signs_nothing_for_a_gateway_whose_address_it_was_not_told(
    site: Site, visitor: Visitor
) -> None:
    misdirected = site.component("https://foreign.example/launch")

    refused = visitor.ask(visitor.click(misdirected, "mia"))

    assert_nothing_signed(refused, 400)


def test_open_edx_lets_no_student_choose_content(component: Component, visitor: Visitor) -> None:
    refused = visitor.ask(visitor.click(component, "mia", choose=True))

    assert_nothing_signed(refused, 403)


# ----------------------------------------------------------------------- helpers


def asked(login: httpx2.Response) -> dict[str, str]:
    """What the gateway asks of Open edX."""
    return dict(parse_qsl(urlsplit(login.headers["location"]).query))


def assert_refused(answer: httpx2.Response, code: str) -> None:
    assert code in answer.text
    assert 400 <= answer.status_code < 500
    assert "location" not in answer.headers


def assert_nothing_signed(answer: httpx2.Response, status: int) -> None:
    assert answer.status_code == status
    assert "id_token" not in answer.text
