"""An administrator signs in at a real provider, and leads a registration of each LMS through its whole life.

A second tab plays the LMS, with exactly the values that the wizard showed. Where the client ID is the maker's, for all
institutions, the operator has entered it once, and says whose the deployment is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from gatelodge.simulator.app import create_app
from gatelodge.simulator.config import config_from
from tests.journeys.internet import Internet
from tests.journeys.lmss import LMSS, Lms
from tests.journeys.northfield import *  # noqa: F403
from tests.journeys.northfield import GATE, OpenBrowser, Place

pytestmark = pytest.mark.browser

OPEN = "The tool is open"
NOT_FOUND = "Registration details not found"

EVERY_LMS = [
    *((name, True) for name in LMSS),
    ("moodle", False),
    ("blackboard", False),
]


@dataclass
class SecondTab:
    """The LMS: where its administrator enters the tool, and somebody in a course clicks its link."""

    lms: Lms
    page: Page
    internet: Internet
    is_by_hand: bool
    tool: dict[str, object] = field(default_factory=dict)

    def enter(self, tool: dict[str, object]) -> None:
        """What is there already needs no entering: for a shared client ID, or when one adds anew."""
        if tool == self.tool:
            return
        self.tool = tool
        config = {"base_url": self.lms.site, "issuer": self.lms.issuer, "tools": [tool]}
        host = urlsplit(self.lms.site).netloc
        self.internet.serve(create_app(config_from(config)), host, *self.lms.hosts)

    def click_link(self, outcome: str) -> None:
        # The gateway looks for changes every second.
        self.page.wait_for_timeout(1200)
        self.page.goto(f"{self.lms.site}/people")
        self.page.get_by_role("button", name="Be Mia Learner").click()
        self.page.get_by_role("link", name="Biology 101").click()
        address = self.page.get_by_role("link", name="New window").first.get_attribute("href")
        self.page.goto(f"{self.lms.site}{address}")
        # Without script each form on the way is sent on by hand.
        on, there = self.page.get_by_role("button", name="Go on"), self.page.get_by_role("heading")
        for _ in range(3 if self.is_by_hand else 0):
            expect(on.or_(there.filter(has_text=outcome)).first).to_be_visible()
            if on.count():
                with self.page.expect_navigation():
                    on.click()
        expect(there.first).to_have_text(outcome)


@pytest.mark.parametrize(
    ("name", "script"),
    EVERY_LMS,
    ids=[f"{name}{'' if script else '-no-script'}" for name, script in EVERY_LMS],
)
def test_a_registration_lives_through_everything(
    place: Place, open_browser: OpenBrowser, *, name: str, script: bool
) -> None:
    lms, title = LMSS[name], f"{name} {'with' if script else 'without'} script"
    if not script:
        # What the operator has once called Northfield's needs no second decision.
        lms = replace(lms, deployment_id=f"{lms.deployment_id[:-1]}7")
    ada = open_browser("ada", script=script)
    course = SecondTab(lms, ada.context.new_page(), place.internet, is_by_hand=not script)
    otto = open_browser("otto") if lms.is_shared else None
    if otto:
        course.enter(lms.tool(f"{GATE}/lti/hello/login", *[f"{GATE}/lti/hello/launch"] * 2))
        share(otto, lms)

    add(ada, course, title)
    if otto:
        course.click_link(NOT_FOUND)
        assign(otto, lms, title)
    course.click_link(OPEN)

    view(ada, lms, title)
    title = rename(ada, title)
    course.click_link(OPEN)

    delete(ada, title)
    course.click_link(NOT_FOUND)
    undo(ada, title)
    course.click_link(OPEN)

    delete(ada, title)
    add(ada, course, title)
    course.click_link(OPEN)
    delete(ada, title)


# ----------------------------------------------------------------------- the administrator


def add(page: Page, course: SecondTab, title: str) -> None:
    """The five steps; what the third one shows is entered in the LMS."""
    lms = course.lms
    page.goto("/portal/registrations/new")
    page.get_by_role("radio", name="Hello").check()
    page.get_by_role("button", name="Next: name and LMS").click()
    page.get_by_label("Registration name").fill(title)
    page.get_by_role("radio", name=lms.name, exact=lms.name != "Other LMS").check()
    if lms.place:
        page.get_by_label(f"Where this {lms.name} runs").select_option(label=lms.place)
    page.get_by_role("button", name="Next: keys for your LMS").click()
    course.enter(keys_for(page, lms))
    page.get_by_role("button", name="Next: keys from").click()
    lms.bring(page, lms)
    page.get_by_role("button", name="Review and add").last.click()
    expect(page.get_by_role("heading", name="Review and add")).to_be_visible()
    page.get_by_role("button", name="Save and exit").last.click()
    expect(page.get_by_text(f"“{title}” has been added.")).to_be_visible()


def keys_for(page: Page, lms: Lms) -> dict[str, object]:
    if not lms.is_shared:
        if page.get_by_role("link", name="A Client ID of our own").count():
            page.get_by_role("link", name="A Client ID of our own").click()
        return lms.entered(page)
    # Who registered the gateway with the LMS's maker has seen the keys under its names.
    page.get_by_role("link", name="A Client ID of our own").click()
    tool = lms.entered(page)
    page.get_by_role("link", name="The operator's Client ID").click()
    page.get_by_role("radio", name=lms.client_id).check()
    return tool


def view(page: Page, lms: Lms, title: str) -> None:
    page.goto("/portal/registrations")
    page.get_by_role("link", name=f"View {title}", exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    for value in (lms.issuer, lms.client_id):
        expect(page.get_by_text(value, exact=True).last).to_be_visible()


def rename(page: Page, title: str) -> str:
    page.goto("/portal/registrations")
    page.get_by_role("link", name=f"Edit {title}", exact=True).click()
    page.get_by_label("Registration name").fill(f"{title}, renamed")
    page.get_by_role("button", name="Save and exit").last.click()
    expect(page.get_by_text("renamed").first).to_be_visible()
    return f"{title}, renamed"


def delete(page: Page, title: str) -> None:
    page.goto("/portal/registrations")
    page.get_by_role("link", name=f"Delete {title}", exact=True).click()
    expect(page.get_by_role("heading", name=f"Delete “{title}”?")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text(f"“{title}” has been deleted.")).to_be_visible()


def undo(page: Page, title: str) -> None:
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"“{title}” has been restored.")).to_be_visible()


# ----------------------------------------------------------------------- the operator


def share(page: Page, lms: Lms) -> None:
    """The client ID that the LMS's maker gave out, entered once; it may be there from another journey."""
    page.goto("/portal/clients")
    if page.get_by_text(lms.client_id).count():
        return
    page.get_by_role("link", name="Add shared client").first.click()
    page.get_by_label("Issuer ID URL").fill(lms.issuer)
    page.get_by_label("Client ID", exact=True).fill(lms.client_id)
    page.get_by_label("LMS", exact=True).select_option(label=lms.name)
    for label, address in lms.shared.items():
        page.get_by_label(label, exact=True).fill(address)
    page.get_by_role("button", name="Add shared client").click()
    expect(page.get_by_role("heading", name=lms.client_id)).to_be_visible()


def assign(page: Page, lms: Lms, title: str) -> None:
    page.goto("/portal/clients")
    page.get_by_role("link", name=f"View {lms.client_id}").click()
    expect(page.get_by_text(title).first).to_be_visible()
    page.get_by_role("button", name=f"{lms.deployment_id} is Northfield's").click()
    expect(page.get_by_text("is Northfield's now.")).to_be_visible()
