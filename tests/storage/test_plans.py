"""No list and no look-up grows with the total: each finds its way by an index, on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Connection, event, text

from gatelodge.lti.registration import DeploymentState, RegistrationState
from gatelodge.storage import (
    accounts,
    audit,
    catalogue,
    deployment_requests,
    deployments,
    launches,
    overviews,
    people,
    platform_clients,
    problem_reports,
    refusals,
    registration_drafts,
    registration_index,
    registration_list,
    registrations,
    sessions,
    sign_ins,
    signing_keys,
)
from gatelodge.storage.audit import Sought
from gatelodge.storage.database import Database
from gatelodge.storage.registration_list import Filters
from tests.storage.cast import NOW
from tests.support.databases import BOTH
from tests.support.postgres import Postgres, opened, upgrade

Query = Callable[[Connection], object]

ACTIVE = RegistrationState.ACTIVE
CANVAS, HELLO = Filters(platform="canvas"), Filters(tool_id="hello")

QUERIES: dict[str, Query] = {
    "tool by key": lambda c: catalogue.tool_by_key(c, "x"),
    "client by id": lambda c: catalogue.client_by_id(c, "x"),
    "client by pair": lambda c: catalogue.client_by_issuer_and_id(c, "x", "y"),
    "clients for a tool": lambda c: catalogue.clients_for_tool(c, "x", "y"),
    "placement": lambda c: catalogue.placement(c, "x", "y"),
    "registration by id": lambda c: catalogue.registration_by_id(c, "x"),
    "registrations of a client": lambda c: catalogue.registrations_of_client(c, "x"),
    "changes since": lambda c: catalogue.changes_since(c, 5),
    "launch": lambda c: launches.get(c, "t", "x"),
    "launches": lambda c: launches.list_recent(c, None),
    "launches of a tenant": lambda c: launches.list_recent(c, "t", before=5),
    "launches of a registration": lambda c: launches.list_recent(c, None, registration_id="x"),
    "launch by access token": lambda c: launches.find_by_access(c, "x", b"y", NOW),
    "refusals": lambda c: refusals.list_recent(c, None),
    "refusals of a tenant": lambda c: refusals.list_recent(c, "t", before="x"),
    "unproven refusals": lambda c: refusals.list_recent(c, None, proven=False),
    "refusals for a cause": lambda c: refusals.list_recent(c, None, code="x", before="y"),
    "refusals of a tenant for a cause": lambda c: refusals.list_recent(c, "t", code="x"),
    "refusals of a registration": lambda c: refusals.list_recent(c, None, registration_id="x"),
    "refusals of a registration for a cause": lambda c: refusals.list_recent(
        c, None, registration_id="x", code="y"
    ),
    "refusal by trace id": lambda c: refusals.get_by_trace_id(c, "t", "x"),
    "audit events": lambda c: audit.list_recent(c, "t"),
    "events of a person": lambda c: audit.find(c, Sought(tenant_id="t", actor="x", tags=["a"])),
    "events about a thing": lambda c: audit.find(c, Sought(tenant_id="t", subject="x")),
    "events about a registration": lambda c: audit.parts_of(c, "x"),
    "events of a kind": lambda c: audit.find(c, Sought(tenant_id="t", tags=["a", "b"])),
    "all events of a kind": lambda c: audit.find(c, Sought(tags=["a", "b"]), before="x"),
    "all events": lambda c: audit.find(c, Sought(since="a", until="b"), before="x"),
    "the newest of two kinds": lambda c: audit.newest_of(c, ["a", "b"]),
    "events of a time": lambda c: audit.find(c, Sought(tenant_id="t", since="a", until="b")),
    "reports of a desk": lambda c: problem_reports.list_for_desk(c, "t", before="x"),
    "reports of the operator's": lambda c: problem_reports.list_for_desk(c, "operator"),
    "reports of a state": lambda c: problem_reports.list_for_desk(c, "t", state="new"),
    "reports with a word": lambda c: problem_reports.list_for_desk(c, "t", words=[[b"x"]]),
    "reports of an account": lambda c: problem_reports.list_of_account(c, "a"),
    "new reports": lambda c: problem_reports.count_in_state(c, "t", "new", most=100),
    "report by page": lambda c: problem_reports.get_by_page(c, b"x"),
    "report by reference": lambda c: problem_reports.get_for_desk(c, "t", "x"),
    "report of an account by reference": lambda c: problem_reports.get_of_account(c, "a", "x"),
    "what was said of a report": lambda c: problem_reports.messages_of(c, "x"),
    "files of a report": lambda c: problem_reports.attachments_of(c, "x"),
    "one file of a report": lambda c: problem_reports.get_attachment(c, "x", "y"),
    "who answers reports": lambda c: problem_reports.people_at(c, "t", limit=50),
    "old reports": lambda c: problem_reports.purge(c, 1),
    "registrations": lambda c: registrations.list_all(c, "t", after="x"),
    "overview of registrations": lambda c: overviews.list_registrations(c, "t", after="x"),
    "clients of a tenant": lambda c: platform_clients.list_all(c, "t"),
    "clients of an issuer": lambda c: platform_clients.list_for_issuer(c, "x", after="y"),
    "deployments": lambda c: deployments.list_all(c, "t", after="x"),
    "deployments by state": lambda c: deployments.list_all(c, None, state=DeploymentState.WAITING),
    "waiting deployments": lambda c: deployments.list_all(c, "t", state=DeploymentState.WAITING),
    "deployments of a registration": lambda c: deployments.list_all(c, None, registration_id="x"),
    "overview of deployments": lambda c: overviews.list_deployments(c, "t", after="x"),
    "page of deployments": lambda c: overviews.list_deployments(c, "t", offset=5),
    "page of those of a state": lambda c: overviews.list_deployments(
        c, "t", state=DeploymentState.WAITING, offset=5
    ),
    "page of all of a state": lambda c: overviews.list_deployments(
        c, None, state=DeploymentState.BLOCKED, offset=5
    ),
    "number of deployments": lambda c: overviews.count_deployments(c, "t"),
    "number of those of a state": lambda c: overviews.count_deployments(
        c, "t", state=DeploymentState.WAITING
    ),
    "number of those that wait": lambda c: deployments.count_waiting(c, "x"),
    "published keys": lambda c: signing_keys.list_published(c, "x", NOW),
    "key that signs": lambda c: signing_keys.current(c, None, "RS256", NOW),
    "draft": lambda c: registration_drafts.get(c, "t", "x"),
    "draft by registration": lambda c: registration_drafts.get_by_registration(c, "x"),
    "drafts": lambda c: registration_drafts.list_all(c, "t", before="x"),
    "number of drafts": lambda c: registration_drafts.count(c, "t"),
    "requests of a tenant": lambda c: deployment_requests.list_all(c, "t"),
    "requests": lambda c: deployment_requests.list_all(c, None, after="x"),
    "account": lambda c: accounts.get(c, "x"),
    "accounts": lambda c: accounts.list_all(c, None, after="x"),
    "accounts of a tenant": lambda c: accounts.list_all(c, "t", after="x"),
    "account by identity": lambda c: accounts.get_by_identity(c, "x", "y"),
    "roles of accounts": lambda c: accounts.roles_of(c, ["x"]),
    "people": lambda c: people.page(c, None, limit=50, offset=100),
    "people of a tenant": lambda c: people.page(c, "t", limit=50, offset=100),
    "number of people": lambda c: people.count(c, "t"),
    "people found by a word": lambda c: people.search(c, None, ["x"], limit=50, offset=0),
    "people found by words": lambda c: people.search(c, "t", ["x", "y"], limit=50, offset=0),
    "ways of people": lambda c: people.ways_of(c, ["x"]),
    "operators": lambda c: accounts.count_operators(c, besides="x"),
    "local login": lambda c: accounts.get_local_login(c, "x"),
    "session": lambda c: sessions.find(c, b"x"),
    "sessions of an account": lambda c: sessions.list_of(c, "x"),
    "set-up link": lambda c: sign_ins.find_link(c, b"x", NOW),
    "listed registrations": lambda c: registration_list.page(c, "t", Filters()),
    "listed of a state": lambda c: registration_list.page(c, "t", Filters(), state=ACTIVE),
    "all listed": lambda c: registration_list.page(c, None, Filters()),
    "all listed of a state": lambda c: registration_list.page(c, None, Filters(), state=ACTIVE),
    "listed by LMS": lambda c: registration_list.page(c, "t", CANVAS),
    "listed by LMS and state": lambda c: registration_list.page(c, "t", CANVAS, state=ACTIVE),
    "listed by tool": lambda c: registration_list.page(c, "t", HELLO),
    "listed by tool and state": lambda c: registration_list.page(c, "t", HELLO, state=ACTIVE),
    "listed by launch": lambda c: registration_list.page(c, "t", Filters(), order="launch"),
    "all by launch": lambda c: registration_list.page(c, None, Filters(), order="launch"),
    "of an LMS by launch": lambda c: registration_list.page(c, "t", CANVAS, order="launch"),
    "of a tool by launch": lambda c: registration_list.page(c, "t", HELLO, order="launch"),
    "found by a word": lambda c: registration_list.search(c, "t", ["x"], Filters(), limit=9),
    "found by words": lambda c: registration_list.search(c, "t", ["x", "y"], HELLO, limit=9),
    "all found by a word": lambda c: registration_list.search(c, None, ["x"], CANVAS, limit=9),
    "tools in use": lambda c: registration_list.tools_in_use(c, "t"),
    "how far last launches are known": registration_index.knows_last_launches,
    "what is to be noted": registration_index.note_last_launches,
    "some registrations": lambda c: registration_list.some(c, "t", ["x", "y"]),
    "registrations of each state": lambda c: registration_list.count_by_state(c, "t", Filters()),
    "failures of a tenant": lambda c: registration_list.failures(c, "t", since_id="x", since=NOW),
    "all failures": lambda c: registration_list.failures(c, None, since_id="x", since=NOW),
    "registrations that need a decision": lambda c: registration_list.count_waiting(c, "t"),
    "bin of a tenant": lambda c: registration_list.list_bin(c, "t"),
    "whole bin": lambda c: registration_list.list_bin(c, None, offset=5),
    "number of those in the bin": lambda c: registration_list.count_bin(c, "t"),
    "what ran of late": lambda c: registration_list.count_launches(c, "x", since=NOW, most=9),
    "audit events about a thing": lambda c: audit.list_about(c, ["x", "y"]),
    "keys that are due": lambda c: signing_keys.due_for_rotation(c, NOW),
}

PURGES: dict[str, Query] = {
    "personal data": lambda c: launches.purge_personal(c, NOW),
    "launches": lambda c: launches.purge(c, NOW),
    "live launches of a tenant": lambda c: launches.end_live(c, "t", since=NOW, now=NOW),
    "sessions at a tenant": lambda c: sessions.end_all_at(c, "t"),
    "refusals": lambda c: refusals.purge(c, NOW),
    "unproven refusals": lambda c: refusals.purge_unproven(c, NOW),
    "bin": lambda c: registrations.purge_bin(c, NOW),
    "keys": lambda c: signing_keys.purge(c, NOW),
    "sessions": lambda c: sessions.purge(c, NOW),
    "counts of sign-ins": lambda c: sign_ins.purge_counts(c, NOW),
    "set-up links": lambda c: sign_ins.purge_links(c, NOW),
    "drafts": lambda c: registration_drafts.purge(c, NOW),
}

# One row.
SMALL = {"catalogue_version"}

# SQLite keeps these in the order of their numbers, and reads the first ones as far as the limit.
READ_FROM_ONE_END = {
    "launches": {"launches"},
    "personal data": {"launch_personal"},
}


@pytest.fixture(scope="module", params=BOTH)
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One for all tests here: there is nothing in it, and nothing is added."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            address = f"sqlite:///{tmp_path_factory.mktemp('plans')}/gatelodge.db"
        else:
            server: Postgres = request.getfixturevalue("postgres")
            address = stack.enter_context(server.new_database())
        upgrade(address)
        yield stack.enter_context(opened(address))


def plans(database: Database, query: Query) -> list[str]:
    """How the database goes about each statement of the query."""
    statements: list[tuple[str, object]] = []

    def keep(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        statements.append((statement, parameters))

    def explain(connection: Connection) -> list[str]:
        if database.kind == "postgresql":
            # The tables are empty, and reading them whole would be cheapest.
            for each in ("seqscan", "bitmapscan", "sort"):
                connection.execute(text(f"SET LOCAL enable_{each} = off"))
        event.listen(connection, "before_cursor_execute", keep)
        query(connection)
        event.remove(connection, "before_cursor_execute", keep)
        how = "EXPLAIN QUERY PLAN" if database.kind == "sqlite" else "EXPLAIN"
        found = []
        for statement, parameters in statements:
            rows = connection.exec_driver_sql(f"{how} {statement}", parameters)  # type: ignore[arg-type]
            found.append("\n".join(str(row[-1]) for row in rows))
        return found

    return database.write(explain)


def reads_whole_tables(name: str, plan: str) -> list[str]:
    """Tables that are read from end to end in no order that a limit could cut short."""
    harmless = SMALL | READ_FROM_ONE_END.get(name, set())
    found = re.findall(r"\bSCAN (\w+)$|Seq Scan on (\w+)", plan, re.MULTILINE)
    names = [name for pair in found for name in pair if name and name not in harmless]
    # Subqueries without a name of ours end at their own limit.
    return [name for name in names if not name.startswith("anon_")]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_reads_no_table_from_end_to_end(database: Database, name: str) -> None:
    found = plans(database, QUERIES[name])

    assert found
    for plan in found:
        assert reads_whole_tables(name, plan) == [], plan


SORTED_BY_INDEX = [name for name in QUERIES if "launch" in name or "refusals" in name] + [
    "audit events",
    "events of a person",
    "events about a thing",
    "all events",
    "events of a time",
    "registrations",
    "clients of a tenant",
    "clients of an issuer",
    "deployments",
    "deployments by state",
    "waiting deployments",
    "deployments of a registration",
    "bin of a tenant",
    "whole bin",
    "people",
    "people of a tenant",
    *(name for name in QUERIES if name.startswith("page of ")),
    *(name for name in QUERIES if "listed" in name or "by launch" in name),
]


@pytest.mark.parametrize("name", SORTED_BY_INDEX)
def test_a_page_is_found_without_sorting(database: Database, name: str) -> None:
    for plan in plans(database, QUERIES[name]):
        assert "TEMP B-TREE" not in plan, plan
        assert "Sort" not in plan, plan


@pytest.mark.parametrize("name", PURGES)
def test_a_purge_looks_at_the_oldest_only(database: Database, name: str) -> None:
    for plan in plans(database, PURGES[name]):
        assert reads_whole_tables(name, plan) == [], plan
        assert "TEMP B-TREE" not in plan, plan
