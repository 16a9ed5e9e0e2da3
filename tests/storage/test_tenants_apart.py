"""Nothing crosses tenants: what Southbank asks for by Northfield's ids is not there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import ModuleType

import pytest
from sqlalchemy import Select, select, update

from gatelodge import storage
from gatelodge.lti.registration import DeploymentState, RegistrationState, UnknownDeployments
from gatelodge.storage import (
    accounts,
    audit,
    deployment_requests,
    deployments,
    exports,
    invitations,
    launches,
    overviews,
    person_texts,
    persons,
    platform_clients,
    problem_reports,
    refusals,
    registration_drafts,
    registrations,
    signing_keys,
    tables,
    tools,
)
from gatelodge.storage import people as stored_people
from gatelodge.storage.audit import AuditEvent
from gatelodge.storage.exports import Export
from gatelodge.storage.invitations import InvitationRow
from gatelodge.storage.launch_groups import GroupWriter
from gatelodge.storage.launches import LaunchRow
from gatelodge.storage.persons import PersonRequest
from gatelodge.storage.problem_reports import ReportRow
from tests.storage import people
from tests.storage.cast import (
    NORTHFIELD,
    NOW,
    SOUTHBANK,
    Cast,
    a_draft,
    a_key,
    a_launch,
    a_refusal,
    a_request,
)


def norths_for(tenant_id: str | None) -> Select[tuple[str]]:
    is_norths = tables.tools.c.key == "norths"
    return select(tables.tools.c.id).where(is_norths, tools.offered_to(tenant_id))


STATES = {"before": RegistrationState.ACTIVE}
MODULES = (
    accounts,
    audit,
    deployment_requests,
    deployments,
    exports,
    invitations,
    launches,
    overviews,
    person_texts,
    persons,
    platform_clients,
    refusals,
    registration_drafts,
    registrations,
    stored_people,
    tools,
)

ELSEWHERE = {
    "catalogue": "names what changed, and reads nothing",
    "in_the_way": "tests/storage/test_conflicts.py: what it tells of is the tenant's own",
    "key_set_failures": "tests/services/test_key_set_failures.py",
    "people_index": "a tenant's rows go with the tenant; tests/services/test_tenant_deletions.py",
    "problem_reports": "reports belong to a desk; tests/services/test_problems.py",
    "registration_list": "tests/storage/test_registration_list.py",
    "sessions": "a session is found by its token, and its tenant by the session",
    "tenant_deletions": "the tenant itself is named; services/tenants.py says who may name it",
    "tenant_requests": "the tenant itself is named, by the operator alone",
    "tenants": "the tenant itself is named; services/tenants.py says who may name it",
}
"""Modules whose functions take a tenant, and where it is shown that nothing crosses there."""


INVITATION = InvitationRow(
    id="invitation",
    tenant_id=NORTHFIELD.id,
    role="educator",
    note="for Ben",
    inviter="ada",
    created_at=NOW,
    expires_at=NOW + 3600,
)
SEARCH = PersonRequest(
    id="search",
    tenant_id=NORTHFIELD.id,
    asked_by="ada",
    asked_at=NOW,
    state="found",
    sealed=b"sealed",
    part="launches",
    after="",
    counts="{}",
    erased_by=None,
    changed_at=NOW,
)
REPORT = ReportRow(
    id="report",
    reference="P-REPORT",
    tenant_id=NORTHFIELD.id,
    desk=NORTHFIELD.id,
    account_id="ada",
    state="new",
    version=1,
    kind="other",
    sealed=b"sealed",
    launch=None,
    registration_id=None,
    page=b"page",
    created_at=NOW,
    changed_at=NOW,
)


@pytest.fixture
def northfield(cast: Cast) -> Cast:
    """Northfield has one of everything, Southbank only what it was born with."""
    people.add_ada(cast)
    cast.write(signing_keys.add, a_key(cast.north_client.id, id="north-key"))
    cast.write(registration_drafts.add, a_draft(id="draft"))
    cast.write(deployment_requests.add, a_request(cast.north, id="request"))
    cast.write(refusals.add_proven, a_refusal(trace_id="NORT-HFLD"))
    cast.write(audit.add, AuditEvent("audit", NOW, NORTHFIELD.id, "ada", "tool.added", "x", "{}"))
    cast.write(exports.begin, Export("export", NORTHFIELD.id, "ada", NOW, "tenant", "", 0, None))
    cast.write(invitations.add, INVITATION, b"hash")
    cast.write(persons.add, SEARCH)
    cast.write(problem_reports.add, REPORT, [])
    launch: LaunchRow = a_launch(cast.north, id="north-launch", seen_version=cast.version())
    assert GroupWriter(cast.database).write([launch]) == ["admitted"]
    return cast


def norths_share(cast: Cast, count: Callable[[], int]) -> int:
    """How many fewer are counted when Northfield's deployment is gone."""
    before = count()
    gone = update(tables.deployments).where(tables.deployments.c.id == cast.north_deployment.id)
    cast.database.write(lambda connection: connection.execute(gone.values(deleted_at=NOW)))
    return before - count()


def exported(cast: Cast, part: str, tenant_id: str) -> list[dict[str, object]]:
    """Rows of an export that are Northfield's."""
    rows = cast.read(exports.read, part, tenant_id, after="", limit=100)
    return [row for row in rows if NORTHFIELD.id in row.values()]


def unsigned(cast: Cast, tenant_id: str) -> bool:
    cast.write(persons.unsign_reports, tenant_id, ["ada"])
    report = cast.read(problem_reports.get_by_page, b"page")
    assert report is not None
    return report.account_id is None


# Each is asked for Northfield's things, with the tenant that asks. What is there is truthy.
GETS: dict[str, Callable[[Cast, str | None], object]] = {
    "accounts.list_all": lambda cast, who: cast.read(accounts.list_all, who),
    "accounts.count_holders": lambda cast, who: cast.read(
        accounts.count_holders, "admin", who or NORTHFIELD.id
    ),
    "accounts.mark_seen": lambda cast, who: cast.write(
        accounts.mark_seen, people.ADA.id, "admin", who or NORTHFIELD.id, NOW
    ),
    "accounts.take_claimed": lambda cast, who: (
        people.give_role(cast, id="claimed", role="educator", source="claims")
        and cast.write(accounts.take_claimed, who or NORTHFIELD.id, "https://idp")
    ),
    "accounts.take_role": lambda cast, who: cast.write(
        accounts.take_role, people.ADA.id, "admin", who or NORTHFIELD.id
    ),
    "audit.list_recent": lambda cast, who: cast.read(audit.list_recent, who),
    "deployments.get": lambda cast, who: cast.read(deployments.get, who, cast.north_deployment.id),
    "deployments.list_all": lambda cast, who: [
        each for each in cast.read(deployments.list_all, who) if each.id == cast.north_deployment.id
    ],
    "exports.get": lambda cast, who: cast.read(exports.get, who, "export"),
    "exports.list_recent": lambda cast, who: cast.read(
        exports.list_recent, who or NORTHFIELD.id, limit=5
    ),
    "exports.part": lambda cast, who: cast.read(
        lambda connection: connection.execute(
            exports.part("audit", who or NORTHFIELD.id).query
        ).all()
    ),
    "exports.read": lambda cast, who: [
        row for part in exports.PARTS for row in exported(cast, part, who or NORTHFIELD.id)
    ],
    "exports.remove_of": lambda cast, who: (
        cast.write(exports.remove_of, who) or cast.read(exports.get, None, "export") is None
    ),
    "invitations.count": lambda cast, who: cast.read(invitations.count, who),
    "invitations.count_open": lambda cast, who: cast.read(
        invitations.count_open, who or NORTHFIELD.id, NOW
    ),
    "invitations.get": lambda cast, who: cast.read(invitations.get, who, "invitation"),
    "invitations.list_newest": lambda cast, who: cast.read(
        invitations.list_newest, who, limit=5, offset=0
    ),
    "invitations.revoke": lambda cast, who: cast.write(invitations.revoke, who, "invitation", NOW),
    "people.count": lambda cast, who: cast.read(stored_people.count, who),
    "people.page": lambda cast, who: cast.read(stored_people.page, who, limit=5, offset=0),
    "people.search": lambda cast, who: cast.read(
        stored_people.search, who, ["ada"], limit=5, offset=0
    )[0],
    "person_texts.reports_by": lambda cast, who: cast.read(person_texts.reports_by, who, ["ada"]),
    "person_texts.window": lambda cast, who: [
        row
        for part in person_texts.PARTS
        for row in cast.read(person_texts.window, part, who, after="")[0]
    ],
    "persons.accounts_at": lambda cast, who: cast.read(persons.accounts_at, who, ["ada"]),
    "persons.admins_at": lambda cast, who: cast.read(persons.admins_at, who or NORTHFIELD.id),
    "persons.find_accounts": lambda cast, who: cast.read(
        persons.find_accounts, who, "ada@n.example", limit=5
    ),
    "persons.get": lambda cast, who: cast.read(persons.get, who, "search"),
    "persons.list_recent": lambda cast, who: cast.read(
        persons.list_recent, who or NORTHFIELD.id, limit=5
    ),
    "persons.stands_elsewhere": lambda cast, who: (
        not cast.read(persons.stands_elsewhere, who or NORTHFIELD.id, ["ada"])
    ),
    "persons.take_from_tenant": lambda cast, who: (
        cast.write(persons.take_from_tenant, who or NORTHFIELD.id, ["ada"])
        or cast.read(accounts.count_holders, "admin", NORTHFIELD.id) == 0
    ),
    "persons.unsign_reports": lambda cast, who: unsigned(cast, who or NORTHFIELD.id),
    "persons.window": lambda cast, who: cast.read(persons.window, who, after=0, limit=5),
    "launches.end_live": lambda cast, who: cast.write(
        launches.end_live, who or NORTHFIELD.id, since=NOW, now=NOW
    ),
    "launches.get": lambda cast, who: cast.read(launches.get, who, "north-launch"),
    "launches.list_recent": lambda cast, who: cast.read(launches.list_recent, who),
    "launches.personal": lambda cast, who: cast.read(launches.personal, who, "north-launch"),
    "overviews.count_deployments": lambda cast, who: norths_share(
        cast, lambda: cast.read(overviews.count_deployments, who)
    ),
    "overviews.get_deployment": lambda cast, who: cast.read(
        overviews.get_deployment, who, cast.north_deployment.id
    ),
    "overviews.get_key": lambda cast, who: cast.read(overviews.get_key, who, "north-key"),
    "overviews.get_registration": lambda cast, who: cast.read(
        overviews.get_registration, who, cast.north.id
    ),
    "overviews.list_deployments": lambda cast, who: [
        each
        for each in cast.read(overviews.list_deployments, who)
        if each.id == cast.north_deployment.id
    ],
    "overviews.list_keys": lambda cast, who: cast.read(overviews.list_keys, who),
    "overviews.list_registrations": lambda cast, who: [
        each
        for each in cast.read(overviews.list_registrations, who, include_bin=True)
        if each.id == cast.north.id
    ],
    "platform_clients.get": lambda cast, who: cast.read(
        platform_clients.get, who, cast.north_client.id
    ),
    "platform_clients.list_all": lambda cast, who: [
        each
        for each in cast.read(platform_clients.list_all, who)
        if each.id == cast.north_client.id
    ],
    "platform_clients.update_addresses": lambda cast, who: cast.write(
        platform_clients.update_addresses, who, cast.north_client
    ),
    "platform_clients.delete": lambda cast, who: cast.write(
        platform_clients.delete, who, cast.add_client(id="unused").id, now=NOW
    ),
    "refusals.get_by_trace_id": lambda cast, who: cast.read(
        refusals.get_by_trace_id, who, "NORT-HFLD"
    ),
    "refusals.list_recent": lambda cast, who: cast.read(refusals.list_recent, who),
    "deployment_requests.get": lambda cast, who: cast.read(deployment_requests.get, who, "request"),
    "deployment_requests.list_all": lambda cast, who: cast.read(deployment_requests.list_all, who),
    "deployment_requests.remove": lambda cast, who: cast.write(
        deployment_requests.remove, who, "request"
    ),
    "registration_drafts.count": lambda cast, who: cast.read(
        registration_drafts.count, who or NORTHFIELD.id
    ),
    "registration_drafts.get": lambda cast, who: cast.read(registration_drafts.get, who, "draft"),
    "registration_drafts.list_all": lambda cast, who: cast.read(registration_drafts.list_all, who),
    "registration_drafts.save": lambda cast, who: cast.write(
        registration_drafts.save, who, "draft", "{}", step=2, version=1, now=NOW
    ),
    "registration_drafts.remove": lambda cast, who: cast.write(
        registration_drafts.remove, who, "draft"
    ),
    "registrations.get": lambda cast, who: cast.read(registrations.get, who, cast.north.id),
    "registrations.list_all": lambda cast, who: [
        each for each in cast.read(registrations.list_all, who) if each.id == cast.north.id
    ],
    "registrations.change": lambda cast, who: cast.write(
        registrations.change,
        who,
        cast.north.id,
        name="New",
        unknown_deployments=UnknownDeployments.HOLD,
    ),
    "registrations.list_beside": lambda cast, who: (
        cast.add_registration(cast.add_tool(), cast.north_client, tenant_id=NORTHFIELD.id)
        and cast.read(registrations.list_beside, who, cast.north)
    ),
    "platform_clients.rename": lambda cast, who: cast.write(
        platform_clients.rename,
        who,
        cast.north_client.id,
        issuer="https://new.example",
        client_id="new",
    ),
    "registrations.set_state": lambda cast, who: cast.write(
        registrations.set_state, who, cast.north.id, RegistrationState.DISABLED, **STATES
    ),
    "registrations.delete": lambda cast, who: cast.write(
        registrations.delete, who, cast.north.id, now=NOW
    ),
    "registrations.restore": lambda cast, who: (
        cast.write(registrations.delete, None, cast.north.id, now=NOW)
        and cast.write(registrations.restore, who, cast.north.id)
    ),
    "deployments.decide": lambda cast, who: cast.write(
        deployments.decide,
        who,
        cast.north_deployment.id,
        DeploymentState.BLOCKED,
        None,
        now=NOW,
    ),
    "tools.get_by_key": lambda cast, who: (
        cast.add_tool(key="norths", offered_to=[NORTHFIELD.id])
        and cast.read(tools.get_by_key, who, "norths")
    ),
    "tools.offered_to": lambda cast, who: (
        cast.add_tool(key="norths", offered_to=[NORTHFIELD.id])
        and cast.read(lambda connection: connection.execute(norths_for(who)).all())
    ),
    "tools.list_all": lambda cast, who: (
        cast.add_tool(key="norths", offered_to=[NORTHFIELD.id])
        and [each for each in cast.read(tools.list_all, who) if each.key == "norths"]
    ),
}


@pytest.mark.parametrize("who", [NORTHFIELD.id, None], ids=["owner", "operator"])
@pytest.mark.parametrize("name", GETS)
def test_the_owner_and_the_operator_find_it(northfield: Cast, name: str, who: str | None) -> None:
    assert GETS[name](northfield, who)


@pytest.mark.parametrize("name", GETS)
def test_another_tenant_does_not(northfield: Cast, name: str) -> None:
    assert not GETS[name](northfield, SOUTHBANK.id)


def takes_tenant(function: object) -> bool:
    return inspect.isfunction(function) and "tenant_id" in inspect.signature(function).parameters


@pytest.mark.parametrize("module", MODULES)
def test_every_function_that_takes_a_tenant_is_asked(module: ModuleType) -> None:
    room = module.__name__.rpartition(".")[2]

    names = {
        f"{room}.{name}"
        for name, function in vars(module).items()
        if not name.startswith("_")
        and takes_tenant(function)
        and function.__module__ == module.__name__
    }

    assert names <= GETS.keys()


def test_every_module_that_takes_tenants_is_here_or_elsewhere() -> None:
    here = {module.__name__.rpartition(".")[2] for module in MODULES}
    taking = {
        name
        for _, name, _ in pkgutil.iter_modules(storage.__path__)
        for function in vars(importlib.import_module(f"{storage.__name__}.{name}")).values()
        if takes_tenant(function)
        and function.__module__ == f"{storage.__name__}.{name}"
        and not function.__name__.startswith("_")
    }

    assert taking == here | ELSEWHERE.keys()
    assert not here & ELSEWHERE.keys()


def test_a_shared_client_is_seen_by_those_who_are_on_it(cast: Cast) -> None:
    shared = cast.add_client(tenant_id=None)
    cast.add_registration(cast.tool, shared, tenant_id=SOUTHBANK.id)

    assert cast.read(platform_clients.get, SOUTHBANK.id, shared.id) == shared
    assert cast.read(platform_clients.get, NORTHFIELD.id, shared.id) is None
    assert not cast.write(platform_clients.update_addresses, SOUTHBANK.id, shared)
    assert not cast.write(platform_clients.delete, SOUTHBANK.id, shared.id, now=NOW)
