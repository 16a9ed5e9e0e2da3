from __future__ import annotations

import pytest

from gatelodge.lti.errors import Heading
from gatelodge.web.pages.models import HandOffForm, LandingPage, status_page
from gatelodge.web.pages.rendering import render_hand_off, render_landing, render_plain
from tests.web.pages.cases import LONG_NAME, NOW, REFERENCE, elements_of, read_text


@pytest.mark.parametrize("status", [400, 404, 405, 413, 418, 429, 500, 502, 503])
def test_a_status_says_what_happened_who_can_mend_it_and_how_to_find_it(status: int) -> None:
    text = read_text(render_plain(status_page(status, trace_id=REFERENCE, now=NOW)))

    assert any(
        mender in text
        for mender in (
            "You can mend this.",
            "Your IT administrator can.",
            "this gateway can mend this.",
        )
    )
    assert f"Reference {REFERENCE} · 23 Nov, 10:41 UTC" in text
    assert f"HTTP {status}" in text


def test_any_other_error_has_the_sentence_that_people_know() -> None:
    body = render_plain(status_page(500, trace_id=REFERENCE, now=NOW))

    assert Heading.TROUBLE in read_text(body)
    assert "Go to Home page" in read_text(body)


def test_the_way_out_of_a_status_is_the_landing_page() -> None:
    body = render_plain(status_page(404, trace_id=REFERENCE, now=NOW))

    assert [each["href"] for tag, each in elements_of(body) if tag == "a"] == ["/"]


def test_the_landing_page_speaks_to_who_may_stand_there() -> None:
    body = render_landing(LandingPage("lti.northfield.example", "1.2.3", support=""))

    text = read_text(body)
    assert "lti.northfield.example" in text
    assert "version 1.2.3" in text
    assert "Looking for your course?" in text
    assert "Go to registration portal" in text
    assert {each["href"] for tag, each in elements_of(body) if tag == "a"} == {
        "/portal",
        "/help",
        "/accessibility",
        "/privacy",
    }


def test_the_landing_page_tells_whether_the_gateway_works() -> None:
    def told(*, is_well: bool) -> str:
        return read_text(render_landing(LandingPage("gate.example", "1", "", is_well)))

    assert "The gateway is working normally" in told(is_well=True)
    assert "The gateway can't reach its database right now" in told(is_well=False)


def test_the_landing_page_names_the_support_that_the_operator_set() -> None:
    def ways(support: str) -> set[str | None]:
        body = render_landing(LandingPage("gate.example", "1", support))
        return {each["href"] for tag, each in elements_of(body) if tag == "a"}

    assert "mailto:help@gate.example" in ways("help@gate.example")
    assert "https://help.example/" in ways("https://help.example/")


def test_the_hand_off_is_one_form_with_code_and_issuer() -> None:
    page = HandOffForm(
        action='https://tool.example/launch?a=1&b="><script>',
        tool="<Quillmark>",
        code="c-1",
        iss="https://lti.northfield.example",
    )

    body = render_hand_off(page)

    [form] = [each for tag, each in elements_of(body) if tag == "form"]
    fields = [(each["name"], each["value"]) for tag, each in elements_of(body) if tag == "input"]
    assert (form["method"], form["action"]) == ("post", page.action)
    assert fields == [("code", "c-1"), ("iss", "https://lti.northfield.example")]
    assert "Continue to <Quillmark>" in read_text(body)


def test_a_tool_without_a_name_that_can_be_shown_is_this_tool() -> None:
    body = render_hand_off(
        HandOffForm("https://tool.example/", None, "c-1", "https://gate.example")
    )

    assert "Continue to this tool" in read_text(body)


def test_a_tools_long_name_is_cut_on_the_button() -> None:
    form = HandOffForm("https://tool.example/", LONG_NAME, "c-1", "https://gate.example")

    assert len(render_hand_off(form)) < 4_000
