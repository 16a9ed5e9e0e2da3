"""Add new registration, from the first step to the last, as a browser without script does it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
import pytest_asyncio

from gatelodge.platforms import Environment, Platform, all_platforms
from gatelodge.platforms.questions import completed, site_is
from gatelodge.services.caller import Caller, Role
from gatelodge.services.drafts import Draft
from gatelodge.services.sessions import Visitor
from gatelodge.storage import accounts
from gatelodge.storage.accounts import RoleRow
from gatelodge.web.portal.portal import SESSION_COOKIE
from tests.support.browsers import browsing
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.people import add_person

pytestmark = pytest.mark.asyncio

NEW = "/portal/registrations/new"
HOSTILE = "<script>alert(1)</script>\"'&\u202e"
SITE = "https://moodle.chemistry.example"
PAGE_OF_KEYS = f"""Tool configuration details
Platform ID: {SITE}/
Client ID: Wm4Rk8sVt2BqX6d\u200b
Deployment ID: 23
Public keyset URL: {SITE}/mod/lti/certs.php
Access token URL: {SITE}/mod/lti/token.php
Authentication request URL: {SITE}/mod/lti/auth.php
"""


@dataclass
class Ada:
    """Ada's browser, signed in."""

    campus: Campus
    http: httpx2.AsyncClient
    visitor: Visitor

    @property
    def caller(self) -> Caller:
        return self.visitor.caller

    async def get(self, address: str) -> httpx2.Response:
        return await self.http.get(address, follow_redirects=False)

    async def post(self, address: str, **fields: str) -> httpx2.Response:
        return await self.http.post(
            address,
            data={"csrf": self.visitor.csrf, **fields},
            headers={"origin": BASE},
            follow_redirects=False,
        )

    async def begin(self, **values: str) -> Draft:
        answer = await self.post(NEW, tool="hello", do="next")
        assert answer.status_code == 303, answer.text
        draft_id = answer.headers["location"].split("/")[3]
        draft = self.draft(draft_id)
        if values:
            draft = self.campus.gateway.drafts.save(
                self.caller, draft_id, values, step=5, version=draft.version
            )
        return draft

    def draft(self, draft_id: str) -> Draft:
        return self.campus.gateway.drafts.show(self.caller, draft_id)

    async def step(self, draft: Draft, step: int, **fields: str) -> httpx2.Response:
        version = str(self.draft(draft.id).version)
        return await self.post(
            f"/portal/drafts/{draft.id}/{step}",
            **{"version": version, "registration": draft.registration_id, **fields},
        )


@asynccontextmanager
async def signed_in(campus: Campus, name: str, *, account_id: str = "") -> AsyncIterator[Ada]:
    async with browsing(campus) as browser:
        token = campus.gateway.sessions.begin(account_id or add_person(campus, name))
        browser.http.cookies.set(SESSION_COOKIE, token)
        visitor = campus.gateway.sessions.find(token)
        assert visitor is not None
        yield Ada(campus, browser.http, visitor)


@pytest_asyncio.fixture
async def ada(campus: Campus) -> AsyncIterator[Ada]:
    async with signed_in(campus, "Ada") as browser:
        yield browser


def words(answer: httpx2.Response) -> str:
    """The text of a page, as it is read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def value_of(answer: httpx2.Response, name: str) -> str | None:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', answer.text)
    value = re.search(r'value="([^"]*)"', found[0]) if found else None
    return unescape(value[1]) if value else None


MOODLE = {"name": "Moodle of Chemistry", "platform": "moodle"}


# ----------------------------------------------------------------------- the whole way


async def test_moodle_is_added_in_five_steps(ada: Ada) -> None:
    first = await ada.get(NEW)
    assert "Which tool do you want to add to your LMS?" in words(first)
    draft = await ada.begin()

    to_third = await ada.step(draft, 2, do="next", **MOODLE)
    third = await ada.get(to_third.headers["location"])
    to_fourth = await ada.step(draft, 3, do="next", way="own")
    sorted_keys = await ada.step(draft, 4, do="sort", pasted=PAGE_OF_KEYS)
    fields = {
        name: value_of(sorted_keys, name) or ""
        for name in (
            [
                "site",
                "issuer",
                "client_id",
                "deployment_id",
                "key_set_url",
                "token_url",
                "authorization_url",
            ]
        )
    }
    to_fifth = await ada.step(draft, 4, do="next", **fields)
    fifth = await ada.get(to_fifth.headers["location"])
    done = await ada.step(draft, 5, do="next")

    assert "Copy these keys into Moodle" in words(third)
    assert f"{BASE}/lti/keys/{draft.registration_id}" in third.text
    assert to_fourth.headers["location"].endswith("/4")
    assert "LMS provided registration keys" in words(sorted_keys)
    assert "All 6 keys found and sorted into the fields below. 2 were tidied." in words(sorted_keys)
    assert "Review and add" in words(fifth)
    assert "Save and exit" in words(fifth)
    assert done.headers["location"] == f"/portal/registrations/{draft.registration_id}"
    view = ada.campus.gateway.registrations.show(ada.caller, draft.registration_id)
    client = view.overview.client
    assert (client.issuer, client.client_id) == (SITE, "Wm4Rk8sVt2BqX6d")
    assert client.token_url == f"{SITE}/mod/lti/token.php"
    assert [each.deployment.deployment_id for each in view.deployments] == ["23"]


@pytest.mark.parametrize("platform", all_platforms(), ids=lambda platform: platform.id)
async def test_every_lms_has_its_steps(ada: Ada, platform: Any) -> None:
    draft = await ada.begin()

    named = await ada.step(draft, 2, do="next", name="Mine", platform=platform.id)
    ours = await ada.get(f"{named.headers['location']}?way=own")
    onward = await ada.step(draft, 3, do="next", way="own")
    theirs = await ada.get(onward.headers["location"])

    assert (ours.status_code, theirs.status_code) == (200, 200)
    for line in platform.form:
        assert line.label in words(ours)
    for label in platform.fields_from_platform.values():
        shown = words(theirs)
        assert label in shown or platform.shown_to_vendor


async def test_canvas_is_asked_for_two_values(ada: Ada) -> None:
    draft = await ada.begin(name="Canvas", platform="canvas")

    page = await ada.get(f"/portal/drafts/{draft.id}/4")
    done = await ada.step(draft, 4, do="next", client_id="170000000001935", deployment_id="")
    await ada.step(draft, 5, do="next")

    assert "Issuer ID URL" not in words(page)
    assert done.status_code == 303
    client = ada.campus.gateway.registrations.show(
        ada.caller, draft.registration_id
    ).overview.client
    assert client.issuer == "https://canvas.instructure.com"
    assert client.authorization_url == "https://sso.canvaslms.com/api/lti/authorize_redirect"


async def test_all_keys_are_handed_over_as_text_and_by_e_mail(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)

    page = await ada.get(f"/portal/drafts/{draft.id}/3")

    [text] = re.findall(r'<pre class="as-text"[^>]*>([^<]*)</pre>', page.text)
    lines = unescape(text).splitlines()
    assert lines[0] == "Keys for Moodle: Hello"
    assert lines[2].startswith("In Moodle, go to: Site administration > Plugins > ")
    assert f"Tool URL: {BASE}/lti/hello/launch" in lines
    assert f"Public keyset: {BASE}/lti/keys/{draft.registration_id}" in lines
    assert "LTI version: choose “LTI 1.3”" in lines
    assert "Custom parameters: Leave this empty" in lines
    assert "Then press: Save changes" in lines
    assert lines[-1].startswith("Platform ID, Client ID, ")
    [copied] = re.findall(r'data-copy="(Keys for [^"]*)"', page.text)
    assert unescape(copied) == unescape(text)
    [address] = re.findall(r'href="(mailto:[^"]*)"', page.text)
    mail = dict(parse_qsl(urlsplit(unescape(address)).query))
    assert mail == {"subject": lines[0], "body": unescape(text).replace("\n", "\r\n")}


async def test_canvas_takes_all_keys_as_one_text(ada: Ada) -> None:
    draft = await ada.begin(name="Canvas", platform="canvas")

    page = await ada.get(f"/portal/drafts/{draft.id}/3")

    [text] = re.findall(r'<pre class="as-text mono"[^>]*>([^<]*)</pre>', page.text)
    document = json.loads(unescape(text))
    assert document["title"] == "Hello"
    assert document["public_jwk_url"] == f"{BASE}/lti/keys/{draft.registration_id}"
    assert "Choose Paste JSON as Method , and paste this." in words(page)


async def test_unverified_names_are_shown_as_such(ada: Ada) -> None:
    draft = await ada.begin(name="ILIAS", platform="ilias")

    for step in (3, 4):
        page = await ada.get(f"/portal/drafts/{draft.id}/{step}")
        assert "Check with your LMS" in words(page)


# ----------------------------------------------------------------------- leaving and coming back


async def test_every_button_saves_and_the_draft_is_resumed_where_it_was(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)

    left = await ada.step(draft, 4, do="leave", client_id="half", site=SITE)
    back = await ada.step(draft, 4, do="back", client_id="half typed", site=SITE)
    resumed = await ada.get(f"/portal/drafts/{draft.id}/4")

    assert left.headers["location"] == "/portal/registrations"
    assert back.headers["location"] == f"/portal/drafts/{draft.id}/3"
    assert value_of(resumed, "client_id") == "half typed"
    assert value_of(resumed, "site") == SITE


async def test_leaving_a_step_half_done_does_not_count_it_as_done(ada: Ada) -> None:
    draft = await ada.begin()

    await ada.step(draft, 2, do="leave", name="Half", platform="")
    second = ada.draft(draft.id).step
    await ada.step(draft, 2, do="next", name="Half", platform="moodle")
    await ada.step(draft, 3, do="leave", way="own")

    assert (second, ada.draft(draft.id).step) == (2, 3)


async def test_a_value_that_no_registration_takes_is_said_in_our_words(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)
    await ada.step(draft, 4, do="sort", pasted=PAGE_OF_KEYS)

    answer = await ada.step(
        draft, 4, do="next", **{**ada.draft(draft.id).values, "token_url": "nowhere in particular"}
    )

    assert answer.status_code == 422
    assert "This is no full address" in words(answer)


async def test_a_step_that_was_not_reached_leads_to_the_one_to_go_on_with(ada: Ada) -> None:
    draft = await ada.begin()

    for answer in (await ada.get(f"/portal/drafts/{draft.id}/5"), await ada.step(draft, 5)):
        assert answer.headers["location"] == f"/portal/drafts/{draft.id}/2"


@pytest.mark.parametrize("step", ["0", "6", "x", "01", "\u0663"])
async def test_there_are_five_steps(ada: Ada, step: str) -> None:
    draft = await ada.begin()

    assert (await ada.get(f"/portal/drafts/{draft.id}/{step}")).status_code == 404


async def test_two_tabs_do_not_overwrite_each_other_silently(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)
    address = f"/portal/drafts/{draft.id}/2"
    old = str(draft.version)
    await ada.step(draft, 2, do="next", name="First tab", platform="moodle")

    late = await ada.post(address, do="next", name="Second tab", platform="moodle", version=old)

    assert late.status_code == 409
    assert "This draft was changed meanwhile" in words(late)
    assert value_of(late, "name") == "Second tab"
    assert ada.draft(draft.id).name == "First tab"
    again = value_of(late, "version") or ""
    await ada.post(address, do="next", name="Second tab", platform="moodle", version=again)
    assert ada.draft(draft.id).name == "Second tab"


async def test_a_second_press_of_the_last_button_finds_what_the_first_one_added(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)
    await ada.step(draft, 4, do="sort", pasted=PAGE_OF_KEYS)
    fields = {"version": str(ada.draft(draft.id).version), "registration": draft.registration_id}

    answers = [await ada.post(f"/portal/drafts/{draft.id}/5", **fields) for _ in range(2)]

    assert {each.headers["location"] for each in answers} == {
        f"/portal/registrations/{draft.registration_id}"
    }


async def test_a_draft_is_deleted_after_a_question(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)

    asked = await ada.get(f"/portal/drafts/{draft.id}/delete")
    done = await ada.post(f"/portal/drafts/{draft.id}/delete")

    assert "Delete the draft “ Moodle of Chemistry ”?" in words(asked)
    assert done.headers["location"] == "/portal/registrations"
    assert ada.campus.gateway.drafts.list(ada.caller) == []


# ----------------------------------------------------------------------- what is wrong


async def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(ada: Ada) -> None:
    draft = await ada.begin()

    nothing = await ada.post(NEW, do="next")
    unnamed = await ada.step(draft, 2, do="next", name="", platform="moodle")
    unchosen = await ada.step(draft, 2, do="next", name="Named")
    long = await ada.step(draft, 2, do="next", name="x" * 101, platform="moodle")

    assert [each.status_code for each in (nothing, unnamed, unchosen, long)] == [422] * 4
    assert "Choose the tool first." in words(nothing)
    assert "Give the registration a name" in words(unnamed)
    assert 'aria-invalid="true"' in unnamed.text
    assert "Choose your LMS" in words(unchosen)
    assert value_of(unchosen, "name") == "Named"
    assert "too long for a list" in words(long)


async def test_http_is_refused_with_an_offer_to_mend_it(campus: Campus) -> None:
    with campus.beside(development=False) as strict:
        async with signed_in(strict, "Ada") as ada:
            draft = await ada.begin(**MOODLE)
            typed = {
                "issuer": SITE,
                "client_id": "Wm4Rk8sVt2BqX6d",
                "deployment_id": "23",
                "key_set_url": f"{SITE}/mod/lti/certs.php",
                "token_url": "http://moodle.chemistry.example/mod/lti/token.php",
                "authorization_url": f"{SITE}/mod/lti/auth.php",
            }

            refused = await ada.step(draft, 4, do="next", **typed)
            mended = await ada.step(draft, 4, do="https:token_url", **typed)

    assert refused.status_code == 422
    assert "This address begins with http. LTI 1.3 needs https. Change it to https" in words(
        refused
    )
    assert value_of(refused, "token_url") == typed["token_url"]
    assert value_of(mended, "token_url") == f"{SITE}/mod/lti/token.php"
    assert "This address begins with http" not in words(mended)


WITH_SITE = [
    (platform, environment)
    for platform in all_platforms()
    for environment in platform.environments
    if site_is(platform, environment)
]


@pytest.mark.parametrize(
    ("platform", "environment"), WITH_SITE, ids=[f"{p.id}-{e.id}" for p, e in WITH_SITE]
)
async def test_with_every_lms_what_follows_from_the_address_of_its_site_is_filled_in(
    ada: Ada, platform: Platform, environment: Environment
) -> None:
    draft = await ada.begin(name="Mine", platform=platform.id, environment=environment.id)

    filled = await ada.step(
        draft, 4, do="fill", site="  https://lms.campus.example/\u200b", client_id="123"
    )
    whole = completed(platform, environment, ada.draft(draft.id).values)

    assert value_of(filled, "site") == "https://lms.campus.example"
    for field, expected in (
        environment.addresses.fill(site="https://lms.campus.example", client_id="123")
        ._asdict()
        .items()
    ):
        if expected and not (field == "audience" and environment.addresses.audience is None):
            assert whole[field] == expected
    assert "A character that can't be seen was removed." in words(filled)


@pytest.mark.parametrize("platform", ["moodle", "brightspace"])
async def test_the_issuer_alone_fills_in_what_follows_from_it(ada: Ada, platform: str) -> None:
    """In step 4 one types the host once, in whichever of both fields."""
    draft = await ada.begin(name="Mine", platform=platform)

    filled = await ada.step(draft, 4, do="fill", issuer=f" {SITE}", client_id="Wm4Rk8sVt2BqX6d")

    environment = ada.draft(draft.id).environment
    assert environment is not None
    expected = environment.addresses.fill(site=SITE)
    assert value_of(filled, "key_set_url") == expected.key_set_url
    assert value_of(filled, "token_url") == expected.token_url
    assert value_of(filled, "authorization_url") == expected.authorization_url


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"issuer": f"{SITE}/"}, "A slash at the end was removed: Moodle 's never has one."),
        ({"issuer": f" {SITE} "}, "Blanks around it were removed."),
        ({"client_id": "Wm4Rk8sVt2BqX6d\u200b"}, "A character that can't be seen was removed."),
        ({"client_id": "“Wm4Rk8sVt2BqX6d”"}, "Quotation marks around it were removed."),
        (
            {"issuer": SITE, "key_set_url": "https://other.example/keys"},
            f"Moodle usually has another address here: {SITE}/mod/lti/certs.php",
        ),
        ({"client_id": "x"}, "Moodle writes it in another way as a rule."),
        ({"issuer": "http://moodle.example"}, "It doesn't begin with https://."),
        ({"client_id": "23", "deployment_id": "23"}, "This is the same as the Client ID."),
    ],
)
async def test_what_is_odd_about_a_value_is_said_beside_it(
    campus: Campus, typed: dict[str, str], sentence: str
) -> None:
    with campus.beside(development=False) as strict:
        async with signed_in(strict, "Ada") as ada:
            draft = await ada.begin(**MOODLE)

            answer = await ada.step(draft, 4, do="sort", **typed)

    assert sentence in words(answer)


async def test_a_slash_that_may_be_meant_is_asked_about_and_kept(ada: Ada) -> None:
    draft = await ada.begin(name="Mine", platform="other")

    answer = await ada.step(draft, 4, do="sort", issuer=f"{SITE}/")

    assert "It ends with a slash. Keep it only if" in words(answer)
    assert value_of(answer, "issuer") == f"{SITE}/"


async def test_a_client_id_of_ones_own_that_is_in_use_is_said(ada: Ada) -> None:
    ours = ada.campus.lms.addresses
    draft = await ada.begin(name="Second", platform="other")

    answer = await ada.step(draft, 4, do="sort", issuer=ours["issuer"], client_id=ours["client_id"])

    assert "Your institution uses this Client ID already" in words(answer)


async def test_the_address_of_the_site_fills_the_fields_in(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)

    filled = await ada.step(draft, 4, do="fill", site=f"{SITE}/")

    assert value_of(filled, "issuer") == SITE
    assert value_of(filled, "key_set_url") == f"{SITE}/mod/lti/certs.php"
    assert "Follows Moodle 's pattern." in words(filled)


async def test_the_key_set_is_fetched_and_what_it_has_is_said(ada: Ada) -> None:
    lms = ada.campus.lms
    draft = await ada.begin(
        name="Mine",
        platform="other",
        issuer="https://new.example",
        client_id="new",
        authorization_url=lms.addresses["authorization_url"],
        token_url=lms.addresses["token_url"],
        key_set_url=lms.addresses["key_set_url"],
    )

    review = words(await ada.get(f"/portal/drafts/{draft.id}/5"))

    assert "Passed: Key set" in review
    assert "Answers with one usable key ( RS256 )." in review
    assert "Not tried: First launch" in review
    assert "Can't be tried from here. Click the link once in your LMS ." in review


async def test_what_nobody_tried_looks_neither_good_nor_bad(ada: Ada) -> None:
    draft = await ada.begin(name="Mine", platform="other")

    review = await ada.get(f"/portal/drafts/{draft.id}/5")

    assert re.search(r'<span class="chip none">\d+ not tried</span>', review.text)


async def test_a_key_set_that_does_not_answer_is_said_and_stops_nobody(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)
    await ada.step(draft, 4, do="sort", pasted=PAGE_OF_KEYS)

    review = await ada.get(f"/portal/drafts/{draft.id}/5")
    done = await ada.step(draft, 5, do="next")

    said = words(review)
    assert "Connection test 1 warning, 2 failed, 3 not tried Test again" in said
    assert "Failed: Key set There is no server of this name. Look for a slip in it." in said
    assert "Without its keys no launch can be checked." in said
    assert "Nothing stops you from adding it; 3 things are worth mending soon." in said
    assert done.status_code == 303


async def test_testing_again_leads_back_to_the_step(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)

    answer = await ada.step(draft, 5, do="test")

    assert answer.headers["location"] == f"/portal/drafts/{draft.id}/5"


async def test_a_server_that_the_guard_refuses_leads_to_the_operator(ada: Ada) -> None:
    draft = await ada.begin(name="Mine", platform="other")
    typed = {
        "issuer": "https://inside.example",
        "client_id": "mine",
        "key_set_url": "https://10.1.2.3/keys",
        "token_url": "https://10.1.2.3/token",
        "authorization_url": "https://10.1.2.3/auth",
    }

    sorted_in = await ada.step(draft, 4, do="next", **typed)
    review = words(await ada.get(sorted_in.headers["location"]))

    assert "the operator lists it in GATELODGE_OUTBOUND_ALLOW." in review
    assert "it is enough that browsers reach it" in review


async def test_a_client_id_in_use_elsewhere_is_told_without_saying_whose(ada: Ada) -> None:
    theirs = ada.campus.southbank_lms.addresses
    draft = await ada.begin(name="Mine", platform="other")
    typed = {name: theirs[name] for name in theirs if name != "tool"}

    answer = await ada.step(draft, 4, do="next", deployment_id="", audience="", **typed)
    review = await ada.step(draft, 5, do="next")

    assert answer.status_code == 422
    assert "in use on this gateway already" in words(answer)
    assert "Southbank" not in answer.text + review.text
    assert review.status_code in (303, 409, 422)
    assert ada.draft(draft.id).name == "Mine"


async def test_swapped_identifiers_are_noticed(ada: Ada) -> None:
    draft = await ada.begin(name="Mine", platform="moodle")

    answer = await ada.step(
        draft, 4, do="sort", pasted="Client ID: 23\nDeployment ID: Wm4Rk8sVt2BqX6d"
    )

    assert "This and the Client ID look swapped." in words(answer)


async def test_pasting_what_has_no_keys_says_so(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)

    answer = await ada.step(draft, 4, do="sort", pasted="Dear colleague")

    assert "No key was found in it." in words(answer)
    assert "Dear colleague" in answer.text


# ----------------------------------------------------------------------- the operator


async def test_the_operator_is_led_to_where_a_registration_can_be_added(campus: Campus) -> None:
    otto = add_person(campus, "Otto")
    gateway = campus.gateway

    def give(role: Role, slug: str) -> None:
        held = RoleRow(
            id=gateway.ids.new(),
            account_id=otto,
            role=role,
            tenant_id=campus.tenant(slug),
            source="given",
            created_at=0,
        )
        campus.database.write(lambda connection: accounts.give_role(connection, held))

    async with signed_in(campus, "Otto", account_id=otto) as browser:
        listed = await browser.get("/portal/registrations")
        alone = await browser.get(NEW)
        give(Role.ADMIN, "southbank")
        give(Role.EDUCATOR, "northfield")
        campus.clock.now += 61
        asked = await browser.get(NEW)
        changed = await browser.post(
            "/portal/standing", to="new", standing=f"admin:{campus.tenant('southbank')}"
        )
        token = changed.cookies[SESSION_COOKIE]
        browser.http.cookies.set(SESSION_COOKIE, token)
        first = await browser.get(changed.headers["location"])

    assert f'href="{NEW}"' in listed.text
    assert "gatelodge account add" in words(alone)
    assert "Add it for Southbank" in words(asked)
    assert "Add it for Northfield" not in words(asked)
    assert changed.headers["location"] == NEW
    assert "Which tool do you want to add to your LMS?" in words(first)


# ----------------------------------------------------------------------- the operator's client


async def test_blackboard_leads_to_the_operators_client(ada: Ada) -> None:
    guid = "7aaa046f-50d4-4dc3-aac5-ac22e6d4339e"
    other = {
        "platform": "blackboard",
        "issuer": "https://blackboard.com",
        "client_id": guid,
        "name": "Blackboard of Southbank",
        "shared": True,
    }
    view = ada.campus.register(ada.campus.southbank_lms, tenant="southbank", **other)
    draft = await ada.begin(name="Blackboard", platform="blackboard")

    third = await ada.get(f"/portal/drafts/{draft.id}/3")
    unchosen = await ada.step(draft, 3, do="next", way="shared")
    await ada.step(draft, 3, do="next", way="shared", shared_client=view.overview.client.id)
    fourth = await ada.get(f"/portal/drafts/{draft.id}/4")
    await ada.step(draft, 4, do="next", deployment_id=guid)
    fifth = await ada.get(f"/portal/drafts/{draft.id}/5")
    done = await ada.step(draft, 5, do="next")

    assert guid in third.text
    assert "outhbank" not in third.text
    assert unchosen.status_code == 422
    assert "Deployment ID" in words(fourth)
    assert "Keyset URL" not in words(fourth)
    assert "once the operator has assigned your deployment" in words(fifth)
    assert done.status_code == 303
    added = ada.campus.gateway.registrations.show(ada.caller, draft.registration_id)
    assert added.overview.client.id == view.overview.client.id


async def test_blanks_around_a_deployment_id_are_said_on_a_shared_client_too(ada: Ada) -> None:
    other = {"platform": "blackboard", "issuer": "https://blackboard.com", "shared": True}
    shared = ada.campus.register(tenant="southbank", client_id="7aaa", **other).overview.client
    draft = await ada.begin(
        name="Blackboard", platform="blackboard", way="shared", shared_client=shared.id
    )
    old = str(draft.version)
    await ada.step(draft, 4, do="leave", deployment_id="another")

    late = await ada.post(
        f"/portal/drafts/{draft.id}/4", do="next", deployment_id=" typed ", version=old
    )

    assert late.status_code == 409
    assert "Blanks around it were removed." in words(late)
    assert value_of(late, "deployment_id") == "typed"


async def test_without_a_shared_client_the_way_on_is_to_ask(ada: Ada) -> None:
    draft = await ada.begin(name="Blackboard", platform="blackboard")

    third = await ada.get(f"/portal/drafts/{draft.id}/3")
    own = await ada.get(f"/portal/drafts/{draft.id}/3?way=own")

    assert "The operator hasn't set up a Client ID for Blackboard yet" in words(third)
    assert "Login Initiation URL" in words(own)


# ----------------------------------------------------------------------- hostile values


async def test_nothing_that_is_typed_becomes_markup(ada: Ada) -> None:
    draft = await ada.begin()
    fields = dict.fromkeys(
        [
            "site",
            "issuer",
            "client_id",
            "deployment_id",
            "key_set_url",
            "token_url",
            "authorization_url",
            "audience",
        ],
        HOSTILE,
    )
    pages = [
        await ada.step(draft, 2, do="next", name=HOSTILE, platform=HOSTILE),
        await ada.step(draft, 2, do="next", name=HOSTILE, platform="other"),
        await ada.get(f"/portal/drafts/{draft.id}/2"),
        await ada.get(f"/portal/drafts/{draft.id}/3?way={HOSTILE}"),
        await ada.step(draft, 3, do=HOSTILE, way=HOSTILE, shared_client=HOSTILE),
        await ada.step(draft, 4, do="next", pasted=HOSTILE, **fields),
        await ada.step(draft, 4, do="sort", pasted=f"Client ID: {HOSTILE}", **fields),
        await ada.get(f"/portal/drafts/{draft.id}/4"),
        await ada.get(f"/portal/drafts/{draft.id}/delete"),
    ]
    ada.campus.gateway.drafts.save(
        ada.caller, draft.id, {}, step=5, version=ada.draft(draft.id).version
    )
    pages += [
        await ada.get(f"/portal/drafts/{draft.id}/5"),
        await ada.step(draft, 5, do="next"),
    ]

    for page in pages:
        assert page.status_code < 500, page.text
        assert "<script>alert" not in page.text
        assert "'&\u202e" not in page.text


async def test_ten_thousand_characters_are_kept_and_break_nothing(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)
    long = "x" * 10_000

    answer = await ada.step(draft, 4, do="next", client_id=long, issuer=long)

    assert answer.status_code == 422
    assert value_of(answer, "client_id") == long


async def test_cleo_knows_nothing_of_adas_drafts(ada: Ada) -> None:
    draft = await ada.begin(**MOODLE)

    async with signed_in(ada.campus, "Cleo") as cleo:
        answers = [
            await cleo.get(f"/portal/drafts/{draft.id}/2"),
            await cleo.post(f"/portal/drafts/{draft.id}/2", version="1", name="Mine"),
            await cleo.post(
                f"/portal/drafts/{draft.id}/5", version="1", registration=ada.campus.registration()
            ),
            await cleo.post(f"/portal/drafts/{draft.id}/delete"),
        ]

    assert [each.status_code for each in answers] == [404] * 4
    assert ada.draft(draft.id) == draft


async def test_a_tool_that_is_not_offered_cannot_be_chosen(ada: Ada) -> None:
    answer = await ada.post(NEW, tool="another", do="next")

    assert answer.status_code == 422
    assert OTTO.is_operator
