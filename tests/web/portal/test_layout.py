"""The frame of every portal page: header, menus, icons, and what the last action did."""

from __future__ import annotations

import re

import pytest

from gatelodge.services.sessions import Visitor
from gatelodge.web.pages.languages import LANGUAGES, Language
from gatelodge.web.portal.messages import Action, Message
from tests.web.pages.cases import elements_of, read_text
from tests.web.portal.drawn import ADA, BEN, OTTO, drawn

in_each_language = pytest.mark.parametrize(
    "language", LANGUAGES.values(), ids=lambda each: each.code
)


def links(body: bytes) -> list[str]:
    return [each["href"] for tag, each in elements_of(body) if tag == "a" and "href" in each]


@in_each_language
def test_the_patterns_draw_each_icon_once(language: Language) -> None:
    page = drawn("patterns.html", OTTO, language).decode()

    used = set(re.findall(r'<use href="#(icon-[a-z-]+)"', page))
    drawings = re.findall(r'<symbol id="(icon-[a-z-]+)"', page)
    assert used == set(drawings)
    assert len(drawings) == len(set(drawings))


@pytest.mark.parametrize(
    ("who", "work"),
    [
        (BEN, {"/portal/registrations", "/portal/launches"}),
        (
            ADA,
            {
                "/portal/registrations",
                "/portal/launches",
                "/portal/deployments",
                "/portal/problems",
                "/portal/audit",
                "/portal/data",
                "/portal/people",
            },
        ),
        (
            OTTO,
            {
                "/portal/tenants",
                "/portal/tools",
                "/portal/clients",
                "/portal/registrations",
                "/portal/launches",
                "/portal/problems",
                "/portal/audit",
                "/portal/data",
                "/portal/people",
                "/portal/patterns",
            },
        ),
    ],
    ids=["educator", "admin", "operator"],
)
def test_the_menu_offers_what_the_role_may_see(who: Visitor, work: set[str]) -> None:
    found = {each for each in links(drawn("patterns.html", who)) if each.startswith("/portal/")}

    everybodys = {"/portal/sessions", "/portal/problems/new", "/portal/problems/mine"}
    assert found - everybodys - {"/portal/patterns"} == work - {"/portal/patterns"}


def test_the_item_where_one_stands_is_marked() -> None:
    body = drawn("patterns.html", ADA, current="launches")

    marked = [each["href"] for tag, each in elements_of(body) if each.get("aria-current") == "page"]
    assert marked == ["/portal/launches"] * 2


def test_who_holds_one_role_sees_no_switcher() -> None:
    assert b"/portal/standing" not in drawn("patterns.html", BEN)
    assert b'value="operator:"' in drawn("patterns.html", OTTO)
    assert b'value="admin:northfield"' in drawn("patterns.html", OTTO)


def test_a_changed_language_comes_back_to_the_same_page() -> None:
    assert b'name="to" value="/portal/patterns?page=2"' in drawn("patterns.html", ADA)


def test_every_form_that_changes_something_carries_the_token() -> None:
    page = drawn("patterns.html", OTTO).decode()

    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
    assert len(forms) > 3
    assert all('name="csrf" value="a-token"' in form for form in forms)


def test_what_was_done_is_said_once_with_names_made_harmless_and_a_way_back() -> None:
    said = Message(
        "ok",
        "“{name}” has been deleted.\nIt stays in the bin.",
        {"name": "<b>\u202eCanvas"},
        Action("Undo", "/portal/registrations/r-1/restore"),
    )

    body = drawn("patterns.html", ADA, said=said)

    assert "“<b> Canvas” has been deleted." in read_text(body)
    assert b"<bdi>&lt;b&gt; Canvas</bdi>" in body
    assert b'method="post" action="/portal/registrations/r-1/restore"' in body


def test_what_was_done_stands_beneath_the_heading_of_the_page() -> None:
    body = drawn("patterns.html", ADA, said=Message("ok", "It has been saved."))

    assert body.count(b"It has been saved.") == 1
    assert body.index(b"</h1>") < body.index(b"It has been saved.")


def test_on_a_page_without_a_head_it_stands_first() -> None:
    body = drawn(
        "again.html", ADA, said=Message("ok", "It has been saved."), fields=[], left_out=[]
    )

    assert body.count(b"It has been saved.") == 1
    assert body.index(b"It has been saved.") < body.index(b"<h1>")


def test_support_is_a_link_where_it_is_set() -> None:
    assert "mailto:help@northfield.example" in links(drawn("patterns.html", ADA))
    assert "https://help.example/" in links(
        drawn("patterns.html", ADA, support="https://help.example/")
    )
    assert b"Contact support" not in drawn("patterns.html", ADA, support="")
