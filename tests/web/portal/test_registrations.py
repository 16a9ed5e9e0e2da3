"""Registrations in the portal: the list, one beside it, deleting, undoing, the bin; as each of the cast sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import pytest
import pytest_asyncio

from gatelodge.lti.registration import Deployment, DeploymentState
from gatelodge.services.caller import Caller
from gatelodge.storage import deployments
from gatelodge.storage.overviews import DeploymentOverview
from tests.support.browsers import Browser, browsing
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.people import csrf_of, sign_in
from tests.web.pages.cases import elements_of, read_text

pytestmark = pytest.mark.asyncio

MEND = {"aud": "somebody-else"}


@dataclass
class Desk:
    """Somebody signed in, at their browser."""

    campus: Campus
    browser: Browser
    cookies: dict[str, str]

    @property
    def http(self) -> httpx2.AsyncClient:
        self.browser.http.cookies.update(self.cookies)
        return self.browser.http

    async def see(self, address: str, status: int = 200) -> httpx2.Response:
        answer = await self.http.get(address, follow_redirects=False)
        assert answer.status_code == status, answer.text
        return answer

    async def post(self, address: str, **fields: str) -> httpx2.Response:
        data = {"csrf": csrf_of(self.campus, self.cookies), **fields}
        return await self.http.post(
            address, data=data, headers={"origin": BASE}, follow_redirects=False
        )

    async def said_after(self, answer: httpx2.Response) -> str:
        """Post, then what the next page says."""
        assert answer.status_code == 303, answer.text
        return read_text((await self.see(answer.headers["location"])).content)


@pytest_asyncio.fixture
async def ada(campus: Campus) -> AsyncIterator[Desk]:
    async with browsing(campus) as browser:
        yield Desk(campus, browser, sign_in(campus, "Ada"))


@pytest_asyncio.fixture
async def ben(campus: Campus) -> AsyncIterator[Desk]:
    async with browsing(campus) as browser:
        yield Desk(campus, browser, sign_in(campus, "Ben"))


def texts(answer: httpx2.Response) -> str:
    return read_text(answer.content)


def links(answer: httpx2.Response) -> list[str]:
    return [e["href"] for tag, e in elements_of(answer.content) if tag == "a" and "href" in e]


# ----------------------------------------------------------------------- the list


async def test_the_list_shows_the_tenants_own_with_what_can_be_done(
    campus: Campus, ada: Desk
) -> None:
    answer = await ada.see("/portal/registrations")

    home = f"/portal/registrations/{campus.registration()}"
    assert "1 registration, those that need you first" in texts(answer)
    assert campus.lms.client_id in texts(answer)
    assert campus.southbank_lms.client_id not in texts(answer)
    assert {home, f"{home}/edit", f"{home}/delete"} <= set(links(answer))


async def test_an_empty_list_invites(campus: Campus, ada: Desk) -> None:
    campus.gateway.registrations.delete(OTTO, campus.registration())

    answer = await ada.see("/portal/registrations")

    assert "Open the gate for your first tool" in texts(answer)
    assert "/portal/registrations/new" in links(answer)


async def test_an_educator_sees_whether_it_works_and_can_change_nothing(
    campus: Campus, ben: Desk
) -> None:
    listed = await ben.see("/portal/registrations")
    opened = await ben.see(f"/portal/registrations/{campus.registration()}")

    for answer in (listed, opened):
        assert "Active" in texts(answer)
        assert campus.lms.client_id not in answer.text
        ways = [each for each in links(answer) if each.startswith("/portal/registrations")]
        assert not any(each.endswith(("/edit", "/delete", "/new")) for each in ways)
    assert "Keys from" not in texts(opened)


async def test_a_search_that_finds_nothing_says_so_and_offers_the_way_out(ada: Desk) -> None:
    answer = await ada.see("/portal/registrations?q=%3Cb%3Enothing&sort=name")

    assert "No registration matches “<b>nothing”." in texts(answer)
    assert "/portal/registrations?sort=name" in links(answer)


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%ED%A0%80",
        f"q={'a' * 10_000}",
        "q=%25_\\",
        "page=-1",
        "page=99999999999999999999",
        "page=%D9%A3",
        "show=nothing&sort=nothing&lms=nothing&tool=%00",
        "tenant=northfield",
    ],
)
async def test_an_address_that_anybody_typed_is_answered(ada: Desk, query: str) -> None:
    await ada.see(f"/portal/registrations?{query}")


async def test_failing_ones_say_why(campus: Campus, ada: Desk) -> None:
    async with browsing(campus) as student:
        answer = await student.launch(**MEND)
        assert answer.status_code == 401

    listed = texts(await ada.see("/portal/registrations?show=attention"))

    assert "Failing" in listed
    assert "Client ID isn't the one registered" in listed
    assert "1 failure in the last 24 hours" in listed


# ----------------------------------------------------------------------- the details


async def test_the_details_stand_beside_the_list_under_the_lmss_own_names(
    campus: Campus, ada: Desk
) -> None:
    answer = await ada.see(f"/portal/registrations/{campus.registration()}?q=moodle")

    shown = texts(answer)
    for name in ("Platform ID", "Public keyset URL", "Tool URL", "Initiate login URL", "History"):
        assert name in shown
    copied = {e["data-copy"] for _, e in elements_of(answer.content) if "data-copy" in e}
    assert {campus.lms.issuer, campus.lms.client_id, f"{BASE}/lti/hello/launch"} <= copied
    close = f"/portal/registrations?q=moodle#view-{campus.registration()[-8:]}"
    assert close in links(answer)


async def test_another_tenants_registration_is_not_there(campus: Campus, ada: Desk) -> None:
    theirs = campus.registration("southbank")

    for path in ("", "/delete"):
        await ada.see(f"/portal/registrations/{theirs}{path}", 404)
    for path in ("/delete", "/restore", "/enable", "/disable"):
        assert (await ada.post(f"/portal/registrations/{theirs}{path}")).status_code == 404
    assert campus.registration("southbank") == theirs


async def test_a_registration_is_switched_off_and_on(campus: Campus, ada: Desk) -> None:
    home = f"/portal/registrations/{campus.registration()}"

    said = await ada.said_after(await ada.post(f"{home}/disable"))
    async with browsing(campus) as student:
        refused = (await student.launch()).status_code

    assert "is switched off." in said
    assert refused == 403
    assert "is switched on." in await ada.said_after(await ada.post(f"{home}/enable"))
    async with browsing(campus) as student:
        assert (await student.launch()).status_code == 303


async def test_what_was_done_is_said_where_the_registration_is_looked_at(
    campus: Campus, ada: Desk
) -> None:
    home = f"/portal/registrations/{campus.registration()}"
    await ada.post(f"{home}/disable")

    page = (await ada.see(home)).text

    assert page.count("is switched off.") == 1
    assert page.index('class="panel"') < page.index("is switched off.")


# ----------------------------------------------------------------------- deleting


async def test_before_something_is_deleted_it_is_named_with_what_stops(
    campus: Campus, ada: Desk
) -> None:
    async with browsing(campus) as student:
        await student.launch()

    answer = await ada.see(f"/portal/registrations/{campus.registration()}/delete")

    assert "Delete “Moodle”?" in texts(answer)
    assert "1 launch by 1 person in the last 7 days" in texts(answer)
    focused = [e for _, e in elements_of(answer.content) if "autofocus" in e]
    assert [each["href"] for each in focused] == ["/portal/registrations"]


async def test_deleting_stops_launches_at_once_and_undo_brings_them_back(
    campus: Campus, ada: Desk
) -> None:
    registration = campus.registration()

    deleted = await ada.post(f"/portal/registrations/{registration}/delete")
    page = await ada.see(deleted.headers["location"])
    async with browsing(campus) as student:
        refused = await student.http.get(
            "/lti/hello/login",
            params=campus.lms.login(student.target()),
            headers={"accept": "text/html"},
        )

    assert "“Moodle” has been deleted." in texts(page)
    assert "Undo" in texts(page)
    assert f'action="/portal/registrations/{registration}/restore"' in page.text
    assert "Registration details not found" in texts(refused)
    said = await ada.said_after(await ada.post(f"/portal/registrations/{registration}/restore"))
    assert "“Moodle” has been restored." in said
    async with browsing(campus) as student:
        assert (await student.launch()).status_code == 303


async def test_the_same_details_can_be_added_anew_and_then_the_old_ones_stay_in_the_bin(
    campus: Campus, ada: Desk
) -> None:
    old = campus.registration()
    await ada.post(f"/portal/registrations/{old}/delete")
    campus.register(name="Moodle, anew")

    said = await ada.said_after(await ada.post(f"/portal/registrations/{old}/restore"))

    assert "“Moodle” can't be restored: “Moodle, anew” is in its place." in said
    async with browsing(campus) as student:
        assert (await student.launch()).status_code == 303


async def test_what_is_in_the_bin_is_shown_there_and_at_its_own_address(
    campus: Campus, ada: Desk
) -> None:
    old = campus.registration()
    assert "The bin is empty" in texts(await ada.see("/portal/bin"))
    await ada.post(f"/portal/registrations/{old}/delete")

    assert "Restore Moodle" in (await ada.see("/portal/bin")).text
    assert "Deleted on" in texts(await ada.see(f"/portal/registrations/{old}"))
    twice = await ada.said_after(await ada.post(f"/portal/registrations/{old}/delete"))
    assert "This registration was in the bin already." in twice


async def test_the_way_back_from_a_confirmation_is_on_this_gateway(
    campus: Campus, ada: Desk
) -> None:
    address = f"/portal/registrations/{campus.registration()}/delete"

    answer = await ada.see(f"{address}?back=https://evil.example/portal/registrations")

    assert not any("evil" in each for each in links(answer))


# ----------------------------------------------------------------------- deployments


@pytest.mark.asyncio
async def test_many_deployments_and_a_full_bin_come_a_page_at_a_time(
    campus: Campus, ada: Desk
) -> None:
    for number in range(51):
        view = campus.register(
            name=f"Moodle {number}", client_id=f"{number}", deployment_ids=(f"place-{number}",)
        )
        campus.gateway.registrations.delete(OTTO, view.id)
    view = campus.register(
        name="Moodle", client_id="many", deployment_ids=[f"place-{number}" for number in range(60)]
    )

    deployments_pages = [
        await ada.see(f"/portal/deployments?show=approved&page={page}") for page in (1, 2, 99)
    ]
    bin_pages = [await ada.see(f"/portal/bin?page={page}") for page in (1, 2, 99)]

    assert [each.text.count("<tr") - 1 for each in deployments_pages] == [50, 11, 11]
    assert [each.text.count("<tr") - 1 for each in bin_pages] == [50, 1, 1]
    assert "51\u201361 of 61" in texts(deployments_pages[2])
    assert "/portal/bin" in links(bin_pages[2])


def meet(campus: Campus, deployment_id: str = "99") -> DeploymentOverview:
    """A launch from a place that nobody knows yet."""
    view = campus.gateway.registrations.show(OTTO, campus.registration())
    found = Deployment(
        id=campus.gateway.ids.new(),
        platform_client_id=view.overview.client.id,
        deployment_id=deployment_id,
        registration_id=view.id,
        state=DeploymentState.WAITING,
    )
    campus.database.write(lambda c: deployments.add(c, found, first_seen_at=campus.clock()))
    [waiting] = campus.gateway.deployments.list(OTTO, state=DeploymentState.WAITING)
    return waiting


async def test_a_deployment_that_waits_is_told_of_and_approved(campus: Campus, ada: Desk) -> None:
    waiting = meet(campus)

    listed = texts(await ada.see("/portal/registrations"))
    said = await ada.said_after(await ada.post(f"/portal/deployments/{waiting.id}/approve"))

    assert "1 unknown deployment is waiting for your approval" in listed
    assert "Deployment 99 is approved." in said
    assert "Nothing waits for you." in texts(await ada.see("/portal/deployments"))


async def test_a_deployment_is_blocked_beside_its_registration(campus: Campus, ada: Desk) -> None:
    waiting, home = meet(campus), f"/portal/registrations/{campus.registration()}"

    answer = await ada.post(f"/portal/deployments/{waiting.id}/block", back=home)

    assert urlsplit(answer.headers["location"]).path == home
    assert "Deployment 99 is blocked." in await ada.said_after(answer)


async def test_a_decision_leads_back_to_our_own_pages_only(campus: Campus, ada: Desk) -> None:
    waiting = meet(campus)

    answer = await ada.post(f"/portal/deployments/{waiting.id}/block", back="//evil.example/")

    assert answer.headers["location"] == "/portal/deployments"


# ----------------------------------------------------------------------- hostile values


async def test_what_others_typed_is_never_markup(campus: Campus, ada: Desk) -> None:
    """Every value a person or an LMS can fill: name, issuer, client id, deployment, what was sent."""
    hostile = "\"><script>alert(1)</script>'{{7*7}}"
    view = campus.register(
        name=hostile,
        issuer=f"https://lms.example/{hostile}".replace(" ", ""),
        client_id=hostile.replace(" ", ""),
        deployment_ids=(hostile,),
    )
    async with browsing(campus) as student:
        await student.launch(aud=hostile)
    [refused] = campus.refusals(proven=True)

    for address in (
        "/portal/registrations",
        f"/portal/registrations?q={hostile}",
        f"/portal/registrations/{view.id}",
        f"/portal/registrations/{view.id}/delete",
        "/portal/deployments?show=all",
        "/portal/launches",
        f"/portal/launches/{refused.trace_id}",
    ):
        answer = await ada.see(address)
        assert "<script>alert" not in answer.text, address
        assert "{{7*7}}" in texts(answer) or address == "/portal/launches"
    gone = await ada.see(f"/portal/launches?q={hostile}")
    assert "<script>alert" not in gone.text
    deleted = await ada.said_after(await ada.post(f"/portal/registrations/{view.id}/delete"))
    assert "has been deleted." in deleted
    assert "<script>alert" not in (await ada.see("/portal/bin")).text


async def test_ten_thousand_characters_in_a_draft_do_not_fill_the_list(
    campus: Campus, ada: Desk
) -> None:
    long = "x<" * 5_000
    typed = {"tool": "hello", "platform": "moodle", "name": long, "issuer": long, "client_id": long}
    campus.gateway.drafts.begin(Caller.admin("ada", campus.tenant()), typed)

    answer = await ada.see("/portal/registrations?show=drafts")

    assert "Resume" in texts(answer)
    assert len(answer.content) < 30_000
