"""Launches in the portal: found by their reference, opened, masked; as each of the cast sees them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from gatelodge.lti.errors import all_refusals
from gatelodge.services.audit import Tag
from gatelodge.storage import audit, launches, refusals
from gatelodge.web.portal.causes import CAUSES, CHANGES
from gatelodge.web.portal.differences import differences
from tests.storage.cast import a_refusal
from tests.support.browsers import browsing
from tests.support.gateways import Campus
from tests.support.people import sign_in
from tests.web.pages.cases import elements_of
from tests.web.portal.test_registrations import Desk, ada, ben, links, texts

__all__ = ["ada", "ben"]


def told(element: Mapping[str, str | None]) -> str:
    return element.get("data-copy") or ""


async def refuse(campus: Campus) -> str:
    """A launch for another client id; its reference."""
    async with browsing(campus) as student:
        await student.launch(aud="somebody-else")
    return campus.refusals(proven=True)[0].trace_id


async def accept(campus: Campus) -> str:
    async with browsing(campus) as student:
        assert (await student.launch()).status_code == 303
    [newest] = campus.database.read(lambda c: launches.list_recent(c, None, limit=1))
    return newest.id


@pytest.mark.asyncio
async def test_the_list_is_turned_page_by_page_and_narrowed(campus: Campus, ada: Desk) -> None:
    add = refusals.add_proven
    for number in range(60):
        row = a_refusal(
            id=f"{number:032x}",
            trace_id=f"7F3K-{number:04}",
            tenant_id=campus.tenant(),
            registration_id=campus.registration(),
            occurred_at=number,
            code="launch.state_expired" if number == 3 else "launch.audience_mismatch",
        )
        campus.database.write(lambda connection, row=row: add(connection, row))

    first = await ada.see("/portal/launches")
    [older] = [each for each in links(first) if "after=" in each]
    second = await ada.see(older)
    narrowed = await ada.see("/portal/launches?cause=launch.state_expired")
    of_one = await ada.see(f"/portal/launches?registration={campus.registration()}")

    assert [page.text.count("<tr") - 1 for page in (first, second, narrowed, of_one)] == [
        50,
        10,
        1,
        50,
    ]
    assert "7F3K-0059" in first.text
    assert "7F3K-0009" in second.text
    assert "/portal/launches" in links(second)
    assert "7F3K-0003" in narrowed.text


@pytest.mark.parametrize(
    "query",
    [
        "after=1",
        "after=x-y-z",
        "after=99999999999999999999--",
        "after=--%00",
        "cause=nothing",
        "show=x",
        "registration=%F0%9F%98%80",
    ],
)
@pytest.mark.asyncio
async def test_an_address_that_makes_no_sense_shows_the_list(ada: Desk, query: str) -> None:
    assert (await ada.see(f"/portal/launches?{query}")).status_code == 200


@pytest.mark.asyncio
async def test_a_refused_launch_tells_what_was_seen_the_cure_and_who_can_mend_it(
    campus: Campus, ada: Desk
) -> None:
    reference = await refuse(campus)

    shown = texts(await ada.see(f"/portal/launches/{reference}"))

    assert "Client ID isn't the one registered" in shown
    assert "somebody-else" in shown
    assert campus.lms.client_id in shown
    assert "Site administration" in shown
    assert "The Moodle administrator, or an administrator here." in shown
    assert "The launch stopped here" in shown


@pytest.mark.asyncio
async def test_a_refused_launch_can_be_copied_and_sent_on_as_text(
    campus: Campus, ada: Desk
) -> None:
    reference = await refuse(campus)

    answer = await ada.see(f"/portal/launches/{reference}")

    [text] = [told(e) for _, e in elements_of(answer.content) if told(e).count("\n") > 5]
    [mail] = [href for href in links(answer) if href.startswith("mailto:")]
    query = parse_qs(urlsplit(mail).query)
    assert urlsplit(mail).path == ""
    assert reference in query["subject"][0]
    assert query["body"][0].replace("\r\n", "\n") in text
    for words in ("Sent: somebody-else", f"Expected: {campus.lms.client_id}", "In Moodle:"):
        assert words in query["body"][0]
    assert "- Signature: " in text
    assert text in html.unescape(answer.text[answer.text.index("<pre") :])
    assert "Send this to the Moodle administrator" in texts(answer)


@pytest.mark.asyncio
async def test_what_is_sent_on_names_nobody(campus: Campus, ada: Desk) -> None:
    async with browsing(campus) as student:
        await student.launch(aud="somebody-else", sub="person-4711")
    reference = campus.refusals(proven=True)[0].trace_id

    answer = await ada.see(f"/portal/launches/{reference}")

    claims = campus.lms.claims(0)
    for personal in (claims["name"], claims["email"], "person-4711"):
        assert personal not in unquote(answer.text)


@pytest.mark.asyncio
async def test_what_the_operator_can_mend_is_addressed_to_the_operator(campus: Campus) -> None:
    with campus.beside(support_contact="help@gate.example") as gate:
        row = a_refusal(
            code="launch.still_changing",
            trace="!launch.still_changing 1500",
            tenant_id=campus.tenant(),
        )
        campus.database.write(lambda c: refusals.add_proven(c, row))
        async with browsing(gate) as browser:
            ada = Desk(gate, browser, sign_in(gate, "Ada"))

            answer = await ada.see(f"/portal/launches/{row.trace_id}")

    assert any(href.startswith("mailto:help@gate.example?") for href in links(answer))
    assert "Send this to the operator" in texts(answer)


@pytest.mark.asyncio
async def test_it_says_how_many_were_alike_and_since_when(campus: Campus, ada: Desk) -> None:
    await refuse(campus)
    campus.clock.pass_seconds(3000)
    reference = await refuse(campus)
    async with browsing(campus) as student:
        await student.launch(nonce="another cause")

    shown = texts(await ada.see(f"/portal/launches/{reference}"))

    assert "one of 2 alike, the first 50 min ago" in shown


@pytest.mark.asyncio
async def test_it_leads_to_its_code_and_to_the_page_that_the_person_saw(
    campus: Campus, ada: Desk, ben: Desk
) -> None:
    reference = await refuse(campus)
    shown = await ada.see(f"/portal/launches/{reference}")

    theirs = texts(await ada.see(f"/portal/launches/{reference}/page"))
    [codes] = [href for href in links(shown) if href.startswith("/help/codes#")]
    told_there = elements_of((await ada.see(codes)).content)

    assert "Some details from LMS aren't valid" in theirs
    assert reference in theirs
    assert "somebody-else" not in theirs
    assert theirs == texts(await ben.see(f"/portal/launches/{reference}/page"))
    assert "launch.audience_mismatch" in [each.get("id") for _, each in told_there]


@pytest.mark.asyncio
async def test_an_accepted_launch_has_no_page_of_an_error(campus: Campus, ada: Desk) -> None:
    await ada.see(f"/portal/launches/{await accept(campus)}/page", 404)


@pytest.mark.asyncio
async def test_every_code_is_told_to_everybody(campus: Campus) -> None:
    async with browsing(campus) as browser:
        page = (await browser.http.get("/help/codes")).content

    ids = {each.get("id") for _, each in elements_of(page)}
    assert {kind.code for kind in all_refusals()} <= ids


@pytest.mark.asyncio
async def test_an_educator_finds_it_by_its_reference_without_the_values(
    campus: Campus, ben: Desk
) -> None:
    reference = await refuse(campus)

    found = await ben.see(f"/portal/launches?q={reference.lower().replace('-', '+')}", 303)
    shown = texts(await ben.see(found.headers["location"]))

    assert "Client ID isn't the one registered" in shown
    assert "somebody-else" not in shown
    assert campus.lms.client_id not in shown


@pytest.mark.asyncio
async def test_an_educator_is_shown_no_list_and_no_accepted_launch(
    campus: Campus, ben: Desk
) -> None:
    launch, reference = await accept(campus), await refuse(campus)

    assert reference not in texts(await ben.see("/portal/launches"))
    await ben.see(f"/portal/launches/{launch}", 404)
    assert (await ben.post(f"/portal/launches/{reference}")).status_code == 403


@pytest.mark.asyncio
async def test_a_reference_that_nothing_has_is_said(ada: Desk) -> None:
    answer = await ada.see("/portal/launches?q=7F3K-4MB9")

    assert "There is no launch with the reference “7F3K-4MB9”." in texts(answer)


@pytest.mark.asyncio
async def test_an_accepted_launch_is_masked_until_somebody_asks_which_is_written_down(
    campus: Campus, ada: Desk
) -> None:
    launch = await accept(campus)

    masked = texts(await ada.see(f"/portal/launches/{launch}"))
    shown = await ada.post(f"/portal/launches/{launch}")

    name = campus.lms.claims(0)["name"]
    assert "•••" in masked
    assert name not in masked
    assert name in texts(shown)
    [event] = campus.database.read(lambda c: audit.list_about(c, [launch]))
    assert event.tag == Tag.LAUNCH_UNMASKED


@pytest.mark.asyncio
async def test_the_list_has_accepted_and_refused_ones(campus: Campus, ada: Desk) -> None:
    launch, reference = await accept(campus), await refuse(campus)

    everything = texts(await ada.see("/portal/launches"))
    refused = texts(await ada.see("/portal/launches?show=refused"))
    of_one = texts(await ada.see(f"/portal/launches?registration={campus.registration()}"))
    of_none = texts(await ada.see("/portal/launches?registration=%3Cb%3E"))

    assert launch in everything
    assert reference in everything
    assert launch not in refused
    assert reference in of_one
    assert "There is no such registration." in of_none


def test_every_reason_to_refuse_has_its_five_words() -> None:
    assert set(CAUSES) == {kind.code for kind in all_refusals()}
    assert all(len(words.split()) <= 6 for words in CAUSES.values())


def test_every_change_of_a_registration_has_its_words() -> None:
    told = {tag for tag in Tag if tag.startswith(("draft.", "registration.", "deployment."))}

    # What was removed for good has no page, and requests are dismissed beside the operator's clients.
    elsewhere = {Tag.REGISTRATION_REMOVED, Tag.DRAFT_DELETED, Tag.DEPLOYMENT_REQUEST_DISMISSED}
    assert set(CHANGES) == told - elsewhere


@pytest.mark.parametrize(
    ("sent", "expected", "of_sent", "of_expected"),
    [
        (
            "http://gate/launch/",
            "https://gate/launch",
            [("http", ""), ("no s", "missing"), ("://gate/launch", ""), ("/", "differs")],
            [("http", ""), ("s", "differs"), ("://gate/launch", ""), ("no /", "missing")],
        ),
        ("abc", "xyz", [("abc", "")], [("xyz", "")]),
        (
            "one\u200btwo",
            "onetwo",
            [("one", ""), ("U+200B", "differs"), ("two", "")],
            [("one", ""), ("no U+200B", "missing"), ("two", "")],
        ),
    ],
)
def test_what_differs_is_marked(
    sent: str,
    expected: str,
    of_sent: list[tuple[str, str]],
    of_expected: list[tuple[str, str]],
) -> None:
    assert differences(sent, expected, "no {}".format) == (of_sent, of_expected)
