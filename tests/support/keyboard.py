"""A page in the hands of who has a keyboard and no mouse: Tab from its beginning to its end, Enter, Escape."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

WALK = Path(__file__).with_suffix(".js").read_text()

INNER_STOPS = 40
"""Fields of a date are several stops each, and a list that scrolls is one more."""

OVER = "dialog[open], :popover-open"
HAS_FOCUS = "each => each === document.activeElement"
HOLDS_FOCUS = "each => each.contains(document.activeElement)"


def walk(page: Page) -> list[str]:
    """What is wrong for who goes through the page with Tab.

    Every control is reached, in the order in which it is seen; its focus shows, and nothing lies
    over it; after the last one the browser's own controls come, so nothing traps the keyboard.
    Of an open menu, the way through it from its button.
    """
    page.evaluate(WALK)
    stops = page.evaluate("walk.begin()")
    if not page.evaluate("walk.isAtStart()"):  # a dialog keeps the focus
        _go_around(page, stops)
        page.evaluate("walk.forget()")
    for _ in range(stops):
        page.keyboard.press("Tab")
    is_around = _go_around(page, INNER_STOPS)
    found: list[str] = page.evaluate("walk.end()")
    return found if is_around else [*found, "the keyboard is trapped"]


def _go_around(page: Page, most: int) -> bool:
    for _ in range(most + 1):
        page.keyboard.press("Tab")
        if page.evaluate("walk.isAround()"):
            return True
    return False


def open_menus(page: Page) -> list[str]:
    """Each menu is opened with Enter and walked into; Escape closes it and gives the focus back."""
    if page.locator(OVER).count():
        return []
    return [
        fault for each in page.locator("[popovertarget]:visible").all() for fault in _open(each)
    ]


def _open(opener: Locator) -> list[str]:
    page = opener.page
    menu = page.locator(f"#{opener.get_attribute('popovertarget')}")
    opener.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    goes_in = menu.evaluate(HOLDS_FOCUS)
    page.keyboard.press("Escape")
    found = {
        "doesn't lead into its menu": goes_in,
        "leaves its menu open": menu.is_hidden(),
        "doesn't get the focus back": opener.evaluate(HAS_FOCUS),
    }
    name = opener.get_attribute("popovertarget")
    return [f"the button of {name} {fault}" for fault, is_well in found.items() if not is_well]


def ask_first_question(page: Page) -> list[str]:
    """What is asked over the page begins at the harmless choice, and gives the focus back."""
    links = page.locator("a[data-dialog]:visible")
    if not links.count() or page.locator(OVER).count():
        return []
    link, dialog = links.first, page.locator("dialog")
    link.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    is_harmless = page.evaluate("document.activeElement.matches('[data-keep]')")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    found = {"begins elsewhere": is_harmless, "keeps the focus": link.evaluate(HAS_FOCUS)}
    return [f"the question {fault}" for fault, is_well in found.items() if not is_well]
