"""Every scenario of the simulated LMS's menu, played in the browser, gives its expected outcome."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from gatelodge.lti.errors import all_refusals
from gatelodge.simulator.scenario import Scenario
from gatelodge.simulator.scenarios import SCENARIOS

pytestmark = pytest.mark.browser

HEADINGS = {kind.code: kind.heading.value for kind in all_refusals()}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.slug)
def test_a_scenario_gives_its_expected_outcome(page: Page, scenario: Scenario) -> None:
    page.goto(f"/scenarios/{scenario.slug}")
    tool = page.frame_locator("iframe.tool")

    if scenario.has_second_step:
        expect_the_tool(tool)
        page.get_by_role("link", name="Send it again", exact=True).click()

    if scenario.is_accepted:
        expect_the_tool(tool)
    else:
        expect(tool.get_by_role("heading", level=1)).to_have_text(HEADINGS[scenario.expected])
        expect(tool.get_by_text(scenario.expected, exact=True)).to_be_visible()


def expect_the_tool(tool: FrameLocator) -> None:
    expect(tool.get_by_role("heading", level=1)).to_contain_text("Hello")
    expect(tool.get_by_role("paragraph").first).to_contain_text("You are ")
