"""Launches in the portal: found by their reference, opened, masked; as each of the cast sees them."""

from __future__ import annotations

import pytest

from gatelodge.lti.errors import all_refusals
from gatelodge.services.audit import Tag
from gatelodge.storage import audit, launches
from gatelodge.web.portal.causes import CAUSES, CHANGES
from gatelodge.web.portal.differences import differences
from tests.support.browsers import browsing
from tests.support.gateways import Campus
from tests.web.portal.test_registrations import Desk, ada, ben, texts

__all__ = ["ada", "ben"]


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
    assert "There are none yet." in of_none


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
