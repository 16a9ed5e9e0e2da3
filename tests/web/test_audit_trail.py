"""Every change leaves one event that says who, what and whose; whoever may not leaves another.

`CHANGES` has each form of the portal that changes something, filled in so that it is taken; a form
without a row, here or in `CHANGES_NOTHING`, fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx2
import msgspec
import pytest

from gatelodge.services.audit import Tag
from gatelodge.services.caller import Caller
from gatelodge.services.refused_access import MOST_RECORDED, WINDOW
from gatelodge.services.shared_clients import details_of
from gatelodge.storage import audit
from gatelodge.storage.audit import AuditEvent
from tests.support.browsers import browsing
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.people import csrf_of, sign_in
from tests.support.pictures import png
from tests.web.test_standing_cast import EACH_GETS, FORBIDDEN, WHO, values_of

NORTHFIELD = "{tenant}"
NOBODYS = None

Fields = Mapping[str, str | list[str]]
Values = dict[str, str]

MOODLE = {
    "platform": "moodle",
    "issuer": "https://new.example",
    "client_id": "a-new-one",
    "authorization_url": "https://new.example/auth",
    "token_url": "https://new.example/token",
    "key_set_url": "https://new.example/keys",
    "tried": "https://new.example/keys https://new.example/token https://new.example/auth",
    "algorithms": ["RS256"],
    "leeway": "60",
}
QUIZ = {
    "key": "quiz",
    "name": "A new name",
    "launch_url": "https://quiz.example/launch",
    "message_types": ["LtiResourceLinkRequest"],
    "hand_off": "redirect",
    "id_token_algorithm": "RS256",
    "offered": "all",
}


ADMIN = {"role": "admin"}


class Change(NamedTuple):
    """``subject`` and ``tenant`` may name what stands in the addresses; a subject of "" is another id."""

    address: str
    tag: Tag
    subject: str
    tenant: str | None
    who: str = "Ada"
    fields: Fields = MappingProxyType({})
    prepare: Callable[[Campus, Values], Fields] | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None


def delete_it(campus: Campus, values: Values) -> Fields:
    campus.gateway.registrations.delete(OTTO, values["registration"])
    return {}


def disable_it(campus: Campus, values: Values) -> Fields:
    campus.gateway.registrations.disable(OTTO, values["registration"])
    return {}


def suspend_it(campus: Campus, values: Values) -> Fields:
    campus.gateway.tenants.suspend(OTTO, values["tenant"])
    return {}


def add_quiz(campus: Campus, values: Values) -> Fields:
    values["tool"] = campus.gateway.tools.add(OTTO, "quiz", "Quiz", "https://q.example/").tool.key
    return {}


def share_another(campus: Campus, values: Values) -> Fields:
    gateway = campus.gateway
    like = gateway.shared_clients.show(OTTO, values["client"])
    other = gateway.shared_clients.add(
        OTTO, "https://other.example", "other", details_of(like.client)
    )
    values["client"] = other.client.id
    return {}


def rename_it(campus: Campus, values: Values) -> Fields:
    view = campus.gateway.registration_edits.show(OTTO, values["registration"])
    details = {
        name: "" if value is None else str(value) for name, value in asdict(view.details).items()
    }
    lists = {"algorithms": list(view.details.algorithms), "service_origins": ""}
    return {**details, **lists, "version": view.version, "do": "save", "name": "A new name"}


def disable_the_account(campus: Campus, values: Values) -> Fields:
    campus.gateway.accounts.disable(OTTO, values["account"])
    return {}


def of_the_tenant(campus: Campus, values: Values) -> Fields:
    return {"typed": campus.gateway.tenants.find(OTTO, values["tenant"]).name}


def ask_for_its_deletion(campus: Campus, values: Values) -> Fields:
    ada = Caller.admin("ada", values["tenant"])
    campus.gateway.tenant_deletions.ask(
        ada, values["tenant"], str(of_the_tenant(campus, values)["typed"])
    )
    return {}


def of_the_tool(campus: Campus, values: Values) -> Fields:
    return {"seen": campus.gateway.tools.show(OTTO, values["tool"]).seen}


def of_northfields_client(campus: Campus, values: Values) -> Fields:
    client = campus.gateway.registrations.show(OTTO, values["registration"]).overview.client
    return {"issuer": client.issuer, "client_id": client.client_id}


def of_the_client(campus: Campus, values: Values) -> Fields:
    return {"seen": campus.gateway.shared_clients.show(OTTO, values["client"]).seen}


CHANGES: Sequence[Change] = (
    Change("registrations/new", Tag.DRAFT_BEGUN, "", NORTHFIELD, fields={"tool": "hello"}),
    Change("drafts/{draft}/delete", Tag.DRAFT_DELETED, "", NORTHFIELD),
    Change(
        "registrations/{registration}/delete",
        Tag.REGISTRATION_DELETED,
        "{registration}",
        NORTHFIELD,
    ),
    Change(
        "registrations/{registration}/restore",
        Tag.REGISTRATION_RESTORED,
        "{registration}",
        NORTHFIELD,
        prepare=delete_it,
    ),
    Change(
        "registrations/{registration}/disable",
        Tag.REGISTRATION_DISABLED,
        "{registration}",
        NORTHFIELD,
    ),
    Change(
        "registrations/{registration}/enable",
        Tag.REGISTRATION_ENABLED,
        "{registration}",
        NORTHFIELD,
        prepare=disable_it,
    ),
    Change(
        "registrations/{registration}/edit",
        Tag.REGISTRATION_CHANGED,
        "{registration}",
        NORTHFIELD,
        prepare=rename_it,
    ),
    Change("deployments/{placed}/block", Tag.DEPLOYMENT_BLOCKED, "{placed}", NORTHFIELD),
    Change("problems/new", Tag.PROBLEM_REPORTED, "", NORTHFIELD, fields={"text": "It says no."}),
    Change(
        "problems/{report}",
        Tag.PROBLEM_ANSWERED,
        "",
        NORTHFIELD,
        fields={"seen": "1", "state": "new", "text": "Try it now."},
    ),
    Change("tenants/new", Tag.TENANT_ADDED, "", "", "Otto", {"name": "Eastvale"}),
    Change("tenants/{tenant}", Tag.TENANT_RENAMED, "{tenant}", NORTHFIELD, "Otto", {"name": "New"}),
    Change("tenants/{tenant}/suspend", Tag.TENANT_SUSPENDED, "{tenant}", NORTHFIELD, "Otto"),
    Change(
        "tenants/{tenant}/resume",
        Tag.TENANT_RESUMED,
        "{tenant}",
        NORTHFIELD,
        "Otto",
        prepare=suspend_it,
    ),
    Change(
        "tenants/{tenant}/identities/{identity}/remove",
        Tag.TENANT_IDENTITY_REMOVED,
        "{tenant}",
        NORTHFIELD,
        "Otto",
    ),
    Change(
        "requests/{tenant_request}/join",
        Tag.TENANT_REQUEST_APPROVED,
        "{tenant_request}",
        NORTHFIELD,
        "Otto",
        {"tenant": "northfield"},
    ),
    Change(
        "requests/{tenant_request}/decline",
        Tag.TENANT_REQUEST_DECLINED,
        "{tenant_request}",
        NOBODYS,
        "Otto",
        {"word": "Write to us first."},
    ),
    Change("tools/new", Tag.TOOL_ADDED, "", NOBODYS, "Otto", QUIZ),
    Change("tools/{tool}/edit", Tag.TOOL_CHANGED, "", NOBODYS, "Otto", QUIZ, of_the_tool),
    Change("tools/{tool}/secret", Tag.TOOL_SECRET_ROTATED, "", NOBODYS, "Otto"),
    Change(
        "tools/{tool}/icon",
        Tag.TOOL_ICON_CHANGED,
        "",
        NOBODYS,
        "Otto",
        files={"icon": ("a.png", png(32, 32), "image/png")},
    ),
    Change("tools/{tool}/delete", Tag.TOOL_DELETED, "", NOBODYS, "Otto", prepare=add_quiz),
    Change("clients/new", Tag.PLATFORM_CLIENT_ADDED, "", NOBODYS, "Otto", MOODLE),
    Change(
        "clients/new",
        Tag.PLATFORM_CLIENT_SHARED,
        "",
        NORTHFIELD,
        "Otto",
        {"do": "take over"},
        of_northfields_client,
    ),
    Change(
        "clients/{client}/edit",
        Tag.PLATFORM_CLIENT_CHANGED,
        "{client}",
        NOBODYS,
        "Otto",
        MOODLE,
        of_the_client,
    ),
    Change(
        "clients/{client}/delete",
        Tag.PLATFORM_CLIENT_DELETED,
        "{client}",
        NOBODYS,
        "Otto",
        prepare=share_another,
    ),
    Change(
        "clients/{client}/deployments/{deployment}",
        Tag.DEPLOYMENT_BLOCKED,
        "{deployment}",
        NOBODYS,
        "Otto",
        {"do": "block"},
    ),
    Change(
        "clients/{client}/requests/{request}",
        Tag.DEPLOYMENT_APPROVED,
        "",
        NORTHFIELD,
        "Otto",
        {"do": "grant"},
    ),
    Change(
        "clients/{client}/requests/{request}",
        Tag.DEPLOYMENT_REQUEST_DISMISSED,
        "",
        NORTHFIELD,
        "Otto",
        {"do": "dismiss"},
    ),
    Change("people/{account}", Tag.ACCOUNT_ROLES_CHANGED, "{account}", NORTHFIELD, fields=ADMIN),
    Change("people/{account}/disable", Tag.ACCOUNT_DISABLED, "{account}", NOBODYS, "Otto"),
    Change(
        "people/{account}/enable",
        Tag.ACCOUNT_ENABLED,
        "{account}",
        NOBODYS,
        "Otto",
        prepare=disable_the_account,
    ),
    Change("invitations/new", Tag.INVITATION_MADE, "", NORTHFIELD, fields=ADMIN),
    Change("invitations/{invitation}/revoke", Tag.INVITATION_REVOKED, "{invitation}", NORTHFIELD),
    Change("data/export", Tag.EXPORT_ASKED, "", "", "Cleo"),
    Change("data/people", Tag.PERSON_SOUGHT, "", NORTHFIELD, fields={"person": "7"}),
    Change(
        "data/delete",
        Tag.TENANT_DELETION_ASKED,
        NORTHFIELD,
        NORTHFIELD,
        prepare=of_the_tenant,
    ),
    Change(
        "data/keep",
        Tag.TENANT_DELETION_TAKEN_BACK,
        NORTHFIELD,
        NORTHFIELD,
        prepare=ask_for_its_deletion,
    ),
)

CHANGES_NOTHING = {
    "/portal/data/people/{person}": "it erases at once: test_persons.py",
    "/portal/language": "what somebody reads in is theirs alone",
    "/portal/standing": "the roles are held before and after",
    "/portal/drafts/{draft}/{step}": "a draft is nothing yet; the last step adds a registration",
    "/portal/deployments/{placed}/approve": "it is approved; test_deployments.py approves one",
    "/portal/problems/{report}/pass-on": "it becomes new as well: test_problems.py",
    "/portal/problems/mine/{report}": "its sender's alone: test_problems.py",
    "/portal/requests/{tenant_request}/approve": "a tenant is added, too: test_requests.py",
    "/portal/sessions/{session}/end": "of another session: see below",
    "/portal/launches/{launch}": "of an accepted one: test_launches.py",
}


def events(campus: Campus) -> list[AuditEvent]:
    return campus.database.read(lambda connection: audit.list_recent(connection, None, limit=1000))


class Asking:
    """Somebody signed in, and the events that came of what they did."""

    def __init__(self, campus: Campus, http: httpx2.AsyncClient, who: str) -> None:
        self._campus, self._http = campus, http
        self.cookies = sign_in(campus, who)
        http.cookies.clear()
        http.cookies.update(self.cookies)
        [token] = self.cookies.values()
        visitor = campus.gateway.sessions.find(token)
        assert visitor is not None
        self.visitor = visitor

    async def send(
        self,
        address: str,
        fields: Fields = MappingProxyType({}),
        files: Any = None,
        *,
        origin: str = BASE,
    ) -> tuple[httpx2.Response, list[AuditEvent]]:
        known = {each.id for each in events(self._campus)}
        answer = await self._http.post(
            address,
            data={"csrf": csrf_of(self._campus, self.cookies), **fields},
            files=files,
            headers={"origin": origin},
            follow_redirects=False,
        )
        return answer, [each for each in events(self._campus) if each.id not in known]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: f"{each.address} {each.tag}")
@pytest.mark.asyncio
async def test_a_change_leaves_one_event_with_who_what_and_whose(
    campus: Campus, change: Change
) -> None:
    values = values_of(campus)
    fields = {**change.fields, **(change.prepare(campus, values) if change.prepare else {})}
    async with browsing(campus) as browser:
        asking = Asking(campus, browser.http, change.who)

        answer, made = await asking.send(
            f"/portal/{change.address}".format(**values), fields, change.files
        )

    assert answer.status_code in (200, 303), answer.text
    [event] = made
    assert event.tag == change.tag
    assert event.actor == asking.visitor.account_id
    if change.subject:
        assert event.subject == change.subject.format(**values)
    if change.tenant != "":
        assert event.tenant_id == (change.tenant and change.tenant.format(**values))
    typed = [each for each in fields.values() if isinstance(each, str) and len(each) > 8]
    told = msgspec.json.decode(event.details)
    assert not {asking.visitor.name, *typed} & {*told.values(), event.subject}


def test_every_form_has_its_row() -> None:
    forms = {address for address, method, _ in EACH_GETS if method == "POST"}

    assert forms == {f"/portal/{each.address}" for each in CHANGES} | {*CHANGES_NOTHING}


@pytest.mark.parametrize("who", [each for each in WHO if each != "Nobody"])
@pytest.mark.asyncio
async def test_whoever_may_not_leaves_one_event_and_a_form_that_fails_none(
    campus: Campus, who: str
) -> None:
    values = values_of(campus)
    async with browsing(campus) as browser:
        asking = Asking(campus, browser.http, who)
        for address, method, each in EACH_GETS:
            if method != "POST" or each[WHO.index(who)] < 400:
                continue
            campus.clock.pass_seconds(60)

            answer, made = await asking.send(address.format(**values))

            assert answer.status_code == each[WHO.index(who)]
            if answer.status_code != FORBIDDEN:
                assert made == [], address
                continue
            [event] = made
            assert (event.tag, event.actor) == (Tag.ACCESS_REFUSED, asking.visitor.account_id)
            assert event.subject == asking.visitor.account_id
            assert event.tenant_id == asking.visitor.caller.tenant_id
            assert msgspec.json.decode(event.details) == {
                "role": asking.visitor.caller.role,
                "page": f"POST {address}",
                "why": "role",
            }


@pytest.mark.asyncio
async def test_a_page_that_is_not_for_them_leaves_an_event_too(campus: Campus) -> None:
    async with browsing(campus) as browser:
        asking = Asking(campus, browser.http, "Ben")

        await browser.http.get("/portal/tools")

    [event] = [each for each in events(campus) if each.tag == Tag.ACCESS_REFUSED]
    assert event.actor == asking.visitor.account_id


@pytest.mark.asyncio
async def test_a_form_of_another_site_leaves_an_event_and_changes_nothing(campus: Campus) -> None:
    values = values_of(campus)
    async with browsing(campus) as browser:
        asking = Asking(campus, browser.http, "Otto")

        answer, [event] = await asking.send(
            f"/portal/tenants/{values['tenant']}/suspend", origin="https://evil.example"
        )

    assert answer.status_code == FORBIDDEN
    assert event.tag == Tag.ACCESS_REFUSED
    assert msgspec.json.decode(event.details)["why"] == "origin"
    assert not campus.gateway.tenants.find(OTTO, "northfield").is_suspended


@pytest.mark.asyncio
async def test_nobody_fills_the_disk_by_being_refused(campus: Campus) -> None:
    async with browsing(campus) as browser:
        asking = Asking(campus, browser.http, "Ben")
        for _ in range(MOST_RECORDED + 5):
            await browser.http.get("/portal/tools")
        before = [each.tag for each in events(campus)].count(Tag.ACCESS_REFUSED)
        campus.clock.pass_seconds(WINDOW)
        _, later = await asking.send("/portal/tools/new")

    assert before == MOST_RECORDED
    assert len(later) == 1


@pytest.mark.asyncio
async def test_coming_going_and_ending_a_session_are_events(campus: Campus) -> None:
    async with browsing(campus) as browser:
        asking = Asking(campus, browser.http, "Ada")
        other = campus.gateway.sessions.begin(asking.visitor.account_id)
        found = campus.gateway.sessions.find(other)
        assert found is not None

        _, ended = await asking.send(f"/portal/sessions/{found.session_id}/end")
        _, out = await asking.send("/sign-out")

    assert [each.tag for each in (*ended, *out)] == [
        Tag.ACCOUNT_SESSION_ENDED,
        Tag.ACCOUNT_SIGNED_OUT,
    ]
    assert {each.actor for each in (*ended, *out)} == {asking.visitor.account_id}
