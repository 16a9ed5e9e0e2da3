"""A person clicks a link in the simulated course and stands in the sample tool."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser


def test_a_student_opens_the_tool_inside_the_course(page: Page) -> None:
    become(page, "Mia Learner")

    page.get_by_role("link", name="Biology 101").click()
    page.locator(".links h2 a").first.click()

    tool = page.frame_locator("iframe.tool")
    expect(tool.get_by_role("heading")).to_have_text("Hello, Mia Learner")
    expect(tool.get_by_role("paragraph")).to_contain_text("You are a student in Biology 101.")


def test_a_student_opens_the_tool_in_a_new_window(page: Page, context: BrowserContext) -> None:
    become(page, "Mia Learner")

    page.get_by_role("link", name="Biology 101").click()
    with context.expect_page() as opened:
        page.get_by_role("link", name="New window").first.click()

    window = opened.value
    expect(window.get_by_role("heading")).to_have_text("Hello, Mia Learner")
    expect(window.get_by_role("paragraph")).to_contain_text("You are a student in Biology 101.")


def test_a_teacher_opens_the_tool_inside_the_course(page: Page) -> None:
    teacher = become_teacher(page)

    page.get_by_role("link", name="Biology 101").click()
    page.locator(".links h2 a").first.click()

    tool = page.frame_locator("iframe.tool")
    expect(tool.get_by_role("heading")).to_have_text(f"Hello, {teacher}")
    expect(tool.get_by_role("paragraph")).to_contain_text("You are a teacher in Biology 101.")


def test_a_teacher_opens_the_tool_in_a_new_window(page: Page, context: BrowserContext) -> None:
    teacher = become_teacher(page)

    page.get_by_role("link", name="Biology 101").click()
    with context.expect_page() as opened:
        page.get_by_role("link", name="New window").first.click()

    expect(opened.value.get_by_role("heading")).to_have_text(f"Hello, {teacher}")


def test_the_code_is_gone_from_the_address(page: Page, context: BrowserContext) -> None:
    become(page, "Mia Learner")

    page.get_by_role("link", name="Biology 101").click()
    with context.expect_page() as opened:
        page.get_by_role("link", name="New window").first.click()

    window = opened.value
    expect(window.get_by_role("heading")).to_have_text("Hello, Mia Learner")
    assert "code=" not in window.url


def test_two_links_opened_at_once_both_open(page: Page, context: BrowserContext) -> None:
    """Two tabs begin their logins before either has a cookie, and neither takes the other's away."""
    become(page, "Mia Learner")
    page.get_by_role("link", name="Biology 101").click()
    addresses = page.get_by_role("link", name="New window").evaluate_all(
        "links => links.slice(0, 2).map(link => link.href)"
    )

    page.evaluate("addresses => addresses.forEach(each => window.open(each))", addresses)
    while len(context.pages) < 1 + len(addresses):
        context.wait_for_event("page")

    for window in context.pages[1:]:
        expect(window.get_by_role("heading")).to_have_text("Hello, Mia Learner")


def test_going_back_and_clicking_again_opens_the_tool_again(page: Page) -> None:
    become(page, "Mia Learner")
    page.get_by_role("link", name="Biology 101").click()
    tool = page.frame_locator("iframe.tool")

    for _ in range(2):
        page.locator(".links h2 a").first.click()
        expect(tool.get_by_role("heading")).to_have_text("Hello, Mia Learner")
        page.goto("/courses/biology-101")


def become(page: Page, name: str) -> None:
    page.goto("/people")
    page.get_by_role("button", name=f"Be {name}").click()


def become_teacher(page: Page) -> str:
    """Become whoever teaches Biology 101; the answer is the name."""
    page.goto("/people")
    card = page.locator("li.person", has=page.get_by_text("Teacher", exact=True)).first
    name = card.get_by_role("heading").inner_text()
    card.get_by_role("button").click()
    return name
