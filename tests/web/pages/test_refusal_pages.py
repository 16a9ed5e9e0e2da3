from __future__ import annotations

import pytest

from gatelodge.lti.errors import Expired, Mender, Refusal
from gatelodge.lti.notes import note
from gatelodge.web.pages.models import refusal_page
from gatelodge.web.pages.rendering import render_refusal
from tests.web.pages.cases import (
    GATEWAY,
    LONG_NAME,
    NOW,
    REFERENCE,
    REFUSALS,
    UNBROKEN_NAME,
    elements_of,
    page_of,
    read_text,
)

MENDERS = {
    Mender.PERSON: "You can mend this.",
    Mender.ADMINISTRATOR: "Your IT administrator can.",
    Mender.OPERATOR: "The people who run this gateway can mend this.",
}

every_refusal = pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.code)


@every_refusal
def test_a_refusal_says_what_happened_who_can_mend_it_and_how_to_find_it(
    kind: type[Refusal],
) -> None:
    lines = read_text(render_refusal(page_of(kind))).splitlines()

    title, tool, way, heading, happened, mender, reference, code = lines
    assert title == heading == kind.heading
    assert (tool, way) == ("Quillmark peer review", "Report a problem")
    assert happened == kind.person.format(
        tool="Quillmark peer review", platform="Moodle", gateway=GATEWAY
    )
    assert mender.startswith(MENDERS[kind.mender])
    assert reference == f"Reference {REFERENCE} · 23 Nov, 10:41 UTC"
    assert code == kind.code


@every_refusal
def test_a_refusal_reads_well_when_neither_tool_nor_lms_is_known(kind: type[Refusal]) -> None:
    text = read_text(render_refusal(page_of(kind, tool=None, platform=None)))

    assert "A link in your course" in text
    for slip in ("{", "None", "this this", "this your", "the your", ". this", ". your course site"):
        assert slip not in text
    assert not any(line.startswith(("this", "your")) for line in text.splitlines())


@every_refusal
@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "\"' onload='x' <img src=x>",
        "\u202egnorw",
        "{0} %s %(x)s {tool}",
    ],
    ids=["script", "quotes", "override", "formats"],
)
def test_a_hostile_name_stays_text(kind: type[Refusal], name: str) -> None:
    body = render_refusal(page_of(kind, tool=name, platform=name))

    assert name.strip("\u202e") in read_text(body)
    assert "\u202e" not in body.decode()
    assert {tag for tag, _ in elements_of(body)}.isdisjoint({"script", "img"})
    assert not [key for _, attributes in elements_of(body) for key in attributes if "on" in key[:2]]


@pytest.mark.parametrize("name", [LONG_NAME, UNBROKEN_NAME], ids=["words", "one word"])
def test_ten_thousand_characters_make_no_large_page(name: str) -> None:
    body = render_refusal(page_of(Expired, tool=name, platform=name))

    assert len(name) > 10_000
    assert len(body) < 5_000


def test_a_lone_surrogate_makes_no_error() -> None:
    page = page_of(Expired, tool="\ud800", platform="Mood\udfffle")

    assert "A link in Mood le opens this tool once." in read_text(render_refusal(page))


def test_nothing_is_for_show_only() -> None:
    """A small frame without script has no button that does nothing, and one way: to report it."""
    elements = elements_of(render_refusal(page_of(Expired)))

    ways = [each["href"] for tag, each in elements if tag == "a"]
    assert ways == ["/problems/launch?page=7F3K-4MB9"]
    assert {tag for tag, _ in elements}.isdisjoint({"button", "form", "input", "script", "style"})


def test_no_element_has_inline_style() -> None:
    attributes = {key for _, each in elements_of(render_refusal(page_of(Expired))) for key in each}

    assert "style" not in attributes


def test_what_was_sent_is_for_administrators() -> None:
    refusal = Expired(
        sent="the-sent-value", expected="the-expected-value", note=note("form.type", type="a-note")
    )
    page = refusal_page(
        refusal,
        tool_name=None,
        platform_name=None,
        gateway=GATEWAY,
        trace_id=REFERENCE,
        now=NOW,
    )

    body = render_refusal(page).decode()

    assert "the-sent-value" not in body
    assert "the-expected-value" not in body
    assert "a-note" not in body
