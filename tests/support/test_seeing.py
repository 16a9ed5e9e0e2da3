"""What looks at pages for the tests sees the faults that are planted in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.keyboard import ask_first_question, open_menus, walk
from tests.support.looks import cut, cut_when_spaced, lost_in_forced_colours, moving
from tests.web.pages.conftest import browser

__all__ = ["browser"]

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><title>x</title><style>
    :focus-visible {{ outline: 2px solid blue; outline-offset: 2px; }}
    body {{ display: grid; gap: 1rem; justify-items: start; font: 16px/1.5 sans-serif; }}
    .row {{ display: flex; gap: 1rem; }}
</style><body><a href="/a">One</a>
<div class="row"><button>Two</button><select><option>Three</select></div>
{planted}
<label><input type="radio" name="r">Four</label><label><input type="radio" name="r">Five</label>
<a href="/b">Six</a>"""


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 600, "height": 400})
    yield page
    page.close()


def plant(desk: Page, planted: str) -> Page:
    desk.set_content(PAGE.format(planted=planted))
    return desk


UNDER = (
    "<p style='position: relative'><button>x</button>"
    "<i style='position: absolute; inset: 0; background: red'></i></p>"
)
REVERSED = (
    "<div class=row style='flex-direction: row-reverse'><a href=/x>x</a><a href=/y>y</a></div>"
)


def test_a_page_without_faults_has_none(desk: Page) -> None:
    page = plant(desk, "<p>Well.</p>")

    found = [*walk(page), *open_menus(page), *ask_first_question(page)]
    found += [*cut(page), *cut_when_spaced(page), *lost_in_forced_colours(page), *moving(page)]
    assert found == []


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ("<span role=button>x</span>", "only a mouse can press"),
        ("<button style='outline: 0'>x</button>", "its focus isn't seen"),
        ("<p style='overflow: hidden'><a href=/x>x</a></p>", "its outline is cut"),
        (UNDER, "it is under"),
        (
            "<p style='position: absolute; left: -999px'><a href=/x>x</a></p>",
            "it is beside the window",
        ),
        (REVERSED, "it comes too late"),
        ("<button style='position: absolute; bottom: 0; left: 0'>x</button>", "it comes too late"),
        (
            "<button onfocus='nextElementSibling.focus()'>x</button><button>y</button>",
            "it is never reached",
        ),
        ("<input onkeydown='event.preventDefault()'>", "the keyboard is trapped"),
        (
            "<header class=top></header><a href='#main'>x</a>",
            "it doesn't begin with a way past the header",
        ),
    ],
)
def test_the_walk_sees(desk: Page, planted: str, fault: str) -> None:
    assert any(each.startswith(fault) for each in walk(plant(desk, planted)))


CHOSEN = "<ul><li><a href=/x {}>x</a><li><a href=/y>y</a></ul>"


@pytest.mark.parametrize(
    ("look", "planted", "fault"),
    [
        (cut, "<p style='inline-size: 3ch; overflow: hidden; white-space: nowrap'>long</p>", "cut"),
        (cut, "<p style='inline-size: 3ch; border: 1px solid'>unbroken</p>", "leaves"),
        (cut, "<div><p>above</p><p style='margin-top: -2rem'>below</p></div>", "over each other"),
        (cut, "<p style='inline-size: 700px'>wide</p>", "scrolls sideways by"),
        (
            cut_when_spaced,
            "<p style='inline-size: 3.5rem; overflow: hidden; white-space: nowrap'>as wide</p>",
            "cut",
        ),
        (lost_in_forced_colours, "<p class=chip style='background: red'>x</p>", "has no border"),
        (
            lost_in_forced_colours,
            CHOSEN.format("aria-current=true style='background: red'"),
            "looks like any other",
        ),
        (
            lost_in_forced_colours,
            "<svg width=20 height=20><path d='M0 0h20v20z' fill='#eee'/></svg>",
            "isn't seen",
        ),
        (moving, "<p style='transition: color 1s'>x</p>", "moves"),
    ],
)
def test_the_look_sees(
    desk: Page, look: Callable[[Page], list[str]], planted: str, fault: str
) -> None:
    assert any(fault in each for each in look(plant(desk, planted)))


def test_what_shows_itself_without_a_background_is_not_lost(desk: Page) -> None:
    page = plant(desk, CHOSEN.format("aria-current=true style='outline: 2px solid'"))

    assert lost_in_forced_colours(page) == []


MENU = """<button popovertarget=menu>Menu</button><div id=menu popover {}><a href=/x>x</a></div>"""


@pytest.mark.parametrize(
    ("planted", "faults"),
    [
        (MENU.format(""), []),
        (
            MENU.format("").replace("<a href=/x>", "<a>"),
            ["the button of menu doesn't lead into its menu"],
        ),
        (
            MENU.replace("popover {}", "popover=manual").format(""),
            [
                "the button of menu leaves its menu open",
                "the button of menu doesn't get the focus back",
            ],
        ),
    ],
)
def test_menus_lead_in_and_out(desk: Page, planted: str, faults: list[str]) -> None:
    found = open_menus(plant(desk, planted))

    assert bool(found) == bool(faults)
    assert [each for each in faults if each not in found] == []
