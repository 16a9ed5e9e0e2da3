"""The audit log in the portal: whose events each sees, how they are told, found, and taken along."""

from __future__ import annotations

import csv
import io
import json
import string
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.audit_log import PAGE, Asked, Kind, kind_of
from gatelodge.services.caller import Caller
from gatelodge.services.errors import AccountDisabled, SignInRefused, TooManySignIns
from gatelodge.services.problems import NewReport
from gatelodge.services.sign_in_errors import InstitutionSuspended, InstitutionUnknown, RoleMissing
from gatelodge.storage import accounts, tables
from gatelodge.web.portal.activity import KINDS, SENTENCES
from tests.support.gateways import OTTO, Campus
from tests.support.people import sign_in
from tests.web.pages.cases import read_text
from tests.web.portal.test_registrations import Desk, ada, ben, links

__all__ = ["ada", "ben"]

LIST = "/portal/audit"


def account_of(desk: Desk) -> str:
    [token] = desk.cookies.values()
    visitor = desk.campus.gateway.sessions.find(token)
    assert visitor is not None
    return visitor.account_id


def happen(
    campus: Campus,
    tag: Tag,
    subject: str,
    *,
    actor: str = "nobody",
    tenant: str | None = "northfield",
    **details: str,
) -> None:
    campus.clock.pass_seconds(0.002)  # ids come in the order of time
    log = Audit(campus.clock, campus.gateway.ids, campus.gateway.audit_chain.sealer)
    tenant_id = tenant and campus.tenant(tenant)
    campus.database.write(
        lambda connection: log.record_by(
            actor, connection, tag, subject, tenant_id=tenant_id, **details
        )
    )


async def said(desk: Desk, address: str = LIST) -> str:
    return read_text((await desk.see(address)).content)


@pytest.mark.asyncio
async def test_an_event_is_told_in_words(campus: Campus, ada: Desk) -> None:
    registration = campus.registration()
    happen(
        campus,
        Tag.REGISTRATION_CHANGED,
        registration,
        actor=account_of(ada),
        fields="issuer client_id",
    )

    shown = await said(ada)

    name = campus.gateway.registrations.show(OTTO, registration).overview.registration.name
    assert f"Ada changed {name}: Issuer ID URL, Client ID" in shown


@pytest.mark.asyncio
async def test_a_tenant_sees_its_own_events_alone(campus: Campus, ada: Desk) -> None:
    happen(campus, Tag.REGISTRATION_DISABLED, "of southbank", tenant="southbank")
    happen(campus, Tag.TOOL_CHANGED, "the operator's", tenant=None)
    happen(campus, Tag.REGISTRATION_DISABLED, "of northfield")

    everything = await said(ada)
    by_thing = await said(ada, f"{LIST}?thing=southbank")
    await ada.see(f"{LIST}?tenant=southbank", 404)
    await ada.see(f"{LIST}/export.csv?tenant=southbank", 404)

    assert "of northfield" in everything
    assert "of southbank" not in everything + by_thing
    assert "the operator's" not in everything


@pytest.mark.asyncio
async def test_a_tenant_knows_neither_the_operator_nor_other_tenants_people(
    campus: Campus, ada: Desk
) -> None:
    otto = account_of(Desk(campus, ada.browser, sign_in(campus, "Otto")))
    cleo = account_of(Desk(campus, ada.browser, sign_in(campus, "Cleo")))
    for actor in (otto, cleo, "cli:root"):
        happen(campus, Tag.REGISTRATION_DISABLED, campus.registration(), actor=actor)
    happen(campus, Tag.ACCOUNT_ROLES_CHANGED, otto, actor=otto, roles="")

    answer = await ada.see(LIST)
    exported = (await ada.see(f"{LIST}/export.jsonl")).text
    hers = await said(ada, f"{LIST}?person={otto}")

    shown = read_text(answer.content)
    assert "The operator of this gateway switched off" in shown
    assert "Somebody who has no role here any more switched off" in shown
    assert "changed the roles of the operator of this gateway: none" in shown
    for secret in ("Otto", "Cleo", "root", otto):
        assert secret not in shown + exported
    assert otto not in answer.text
    assert "Nothing was done that is like that." in hers


@pytest.mark.asyncio
async def test_the_operator_sees_all_and_whose(campus: Campus, ada: Desk) -> None:
    otto = Desk(campus, ada.browser, sign_in(campus, "Otto"))
    happen(campus, Tag.REGISTRATION_DISABLED, "of southbank", tenant="southbank", actor="cli:root")
    happen(campus, Tag.REGISTRATION_DISABLED, "of northfield", actor=account_of(ada))

    shown = await said(otto)
    narrowed = await said(otto, f"{LIST}?tenant={campus.tenant('southbank')}")

    assert "root, on the command line, switched off of southbank" in shown
    assert "Ada switched off of northfield" in shown
    assert "Southbank" in shown
    assert "of southbank" in narrowed
    assert "of northfield" not in narrowed


@pytest.mark.asyncio
async def test_events_are_found_by_person_thing_kind_and_time(campus: Campus, ada: Desk) -> None:
    account = account_of(ada)
    happen(campus, Tag.KEY_ROTATED, "first-key", actor=account)
    happen(campus, Tag.KEY_REVOKED, "second-key", actor="worker")
    day = f"{_day(campus):%Y-%m-%d}"

    found = {
        query: [
            name
            for name in ("first-key", "second-key")
            if name in await said(ada, f"{LIST}?{query}")
        ]
        for query in (
            *("kind=keys", "kind=launches", "thing=first-key", f"person={account}"),
            *(f"kind=keys&person={account}", f"from={day}", f"to={day}", "to=2000-01-01"),
        )
    }

    assert found == {
        "kind=keys": ["first-key", "second-key"],
        "kind=launches": [],
        "thing=first-key": ["first-key"],
        f"person={account}": ["first-key"],
        f"kind=keys&person={account}": ["first-key"],
        f"from={day}": ["first-key", "second-key"],
        f"to={day}": ["first-key", "second-key"],
        "to=2000-01-01": [],
    }


@pytest.mark.asyncio
async def test_a_registration_is_chosen_and_all_about_it_is_found(
    campus: Campus, ada: Desk
) -> None:
    registration, gateway = campus.registration(), campus.gateway
    name = gateway.registrations.show(OTTO, registration).overview.registration.name
    [listed] = gateway.deployments.list(Caller.admin("ada", campus.tenant()))
    deployment = listed.deployment.id
    mia = Caller.educator("mia", campus.tenant())
    new = NewReport("a", text="It says no.", registration=registration)
    reference = gateway.problems.report(mia, new)
    happen(campus, Tag.DEPLOYMENT_BLOCKED, deployment, registration=registration)
    happen(campus, Tag.REGISTRATION_DISABLED, registration)
    happen(campus, Tag.REGISTRATION_DISABLED, "another one")

    choices = (await ada.see(LIST)).text
    about = await said(ada, f"{LIST}?thing={registration}")
    at_southbank = Caller.admin("cleo", campus.tenant("southbank"))
    elsewhere = gateway.audit_log.look(at_southbank, Asked(thing=registration))

    assert f'<option value="{registration}">{name}' in choices
    assert f"Only what is about {name}" in about
    tags = {each.event.tag for each in gateway.audit_log.each(OTTO, Asked(thing=registration))}
    assert {"registration.disabled", "deployment.blocked", "problem.reported"} <= tags
    assert reference in about
    assert "another one" not in about
    assert (elsewhere.entries, elsewhere.thing) == ([], "")


@pytest.mark.asyncio
async def test_the_list_is_turned_page_by_page(campus: Campus, ada: Desk) -> None:
    for number in range(PAGE + 3):
        happen(campus, Tag.KEY_ROTATED, f"key-{number:03}")

    first = await ada.see(f"{LIST}?kind=keys")
    [older] = [each for each in links(first) if "before=" in each]
    second = await ada.see(older)

    keys = [[f"key-{n:03}" in page.text for n in range(PAGE + 3)] for page in (first, second)]
    assert keys == [[False] * 3 + [True] * PAGE, [True] * 3 + [False] * PAGE]
    assert not [each for each in links(second) if "before=" in each]


@pytest.mark.parametrize(
    "query",
    [
        *(
            "before=x",
            "before=%00",
            "kind=nothing",
            "from=yesterday",
            "to=9999-12-31",
            "from=0001-01-01",
        ),
        *(
            "person=%F0%9F%98%80",
            "thing=%3Cb%3E",
            "person=nobody",
            "from=20260101",
            "thing=" + "x" * 9999,
        ),
    ],
)
@pytest.mark.asyncio
async def test_an_address_that_makes_no_sense_is_answered(ada: Desk, query: str) -> None:
    await ada.see(f"{LIST}?{query}")
    await ada.see(f"{LIST}/export.csv?{query}")


@pytest.mark.asyncio
async def test_a_spreadsheet_takes_nothing_for_a_formula(campus: Campus, ada: Desk) -> None:
    evil = '=HYPERLINK("https://evil.example","x"),\n@a'
    account = account_of(ada)
    campus.database.write(lambda connection: accounts.rename(connection, account, evil, None))
    happen(campus, Tag.KEY_ROTATED, "-2+3", actor=account)

    answer = await ada.see(f"{LIST}/export.csv?kind=keys")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    text = answer.content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["thing_id"] == "'-2+3"
    assert row["who"].startswith("'=HYPERLINK(")
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.asyncio
async def test_programs_get_a_line_of_json_for_each_event(campus: Campus, ada: Desk) -> None:
    count = 450
    for number in range(count):
        happen(campus, Tag.KEY_ROTATED, f"key-{number}", platform_client="c")

    answer = await ada.see(f"{LIST}/export.jsonl?kind=keys")

    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["thing_id"] for each in rows] == [f"key-{n}" for n in reversed(range(count))]
    assert rows[0]["details"] == {"platform_client": "c"}
    assert rows[0]["tenant"] == "Northfield"
    await ada.see(f"{LIST}/export.exe", 404)


@pytest.mark.asyncio
async def test_names_are_words_and_no_markup(campus: Campus, ada: Desk) -> None:
    account = account_of(ada)
    campus.database.write(lambda c: accounts.rename(c, account, "<img src=x>{tag}{0}", None))
    happen(campus, Tag.KEY_ROTATED, "<b>key</b>", actor=account)

    answer = await ada.see(LIST)

    assert "<img src=x>" not in answer.text
    assert "<b>key" not in answer.text
    assert "<img src=x>{tag}{0} made a new signing key, <b>key</b>" in read_text(answer.content)


@pytest.mark.asyncio
async def test_what_somebody_edited_is_still_shown(campus: Campus, ada: Desk) -> None:
    happen(campus, Tag.KEY_ROTATED, "a-key")
    events = tables.audit_events
    broken = update(events).where(events.c.subject == "a-key").values(tag="x.y", details="{")
    campus.database.write(lambda connection: connection.execute(broken))

    assert "x.y, a-key" in await said(ada)


@pytest.mark.asyncio
async def test_the_page_says_whether_the_log_was_edited(campus: Campus, ada: Desk) -> None:
    chain, otto = campus.gateway.audit_chain, Desk(campus, ada.browser, sign_in(campus, "Otto"))
    before = await said(ada)
    chain.check(OTTO)
    looked_at = await said(ada)
    events = tables.audit_events
    edit = update(events).where(events.c.number == 1).values(actor="somebody else")
    campus.database.write(lambda connection: connection.execute(edit))
    chain.check(OTTO)

    assert "looked at once a day, and wasn't yet" in before
    assert "Nothing was edited in the database. Last looked at: Just now" in looked_at
    assert "entry 1 isn't what was written" in await said(ada)
    assert "Tell the operator of this gateway." in await said(ada)
    assert "gatelodge audit verify" in await said(otto)


def test_every_event_has_its_words_and_its_kind() -> None:
    assert set(Tag) <= set(SENTENCES)
    assert set(KINDS) == set(Kind) == {kind_of(tag) for tag in Tag}


def test_sentences_have_places_that_are_filled() -> None:
    known = {"who", "thing", "person", "registration", "fields", "roles", "state", "why", "page"}

    for sentence in SENTENCES.values():
        assert {name for _, name, *_ in string.Formatter().parse(sentence) if name} <= known


def _day(campus: Campus) -> datetime:
    return datetime.fromtimestamp(campus.clock(), UTC)


@pytest.mark.asyncio
async def test_why_a_sign_in_was_refused_is_told_in_words(campus: Campus, ada: Desk) -> None:
    codes = (
        SignInRefused.code,
        TooManySignIns.code,
        AccountDisabled.code,
        InstitutionUnknown.code,
        InstitutionSuspended.code,
        RoleMissing.code,
    )
    for code in codes:
        happen(campus, Tag.ACCOUNT_SIGN_IN_REFUSED, account_of(ada), why=code)

    page = await said(ada)

    assert "wrong e-mail address or password" in page
    assert [code for code in codes if code in page] == []
