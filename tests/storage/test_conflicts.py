"""Every constraint that can be broken becomes the error that we have for it, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from operator import itemgetter

import pytest
from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    insert,
)

from gatelodge.lti.errors import GatelodgeError
from gatelodge.storage import (
    accounts,
    audit,
    deployment_requests,
    deployments,
    platform_clients,
    refusals,
    registration_drafts,
    registrations,
    signing_keys,
    tables,
    tenants,
    tool_icons,
)
from gatelodge.storage import columns as storage_columns
from gatelodge.storage.audit import AuditEvent
from gatelodge.storage.errors import (
    Conflict,
    DeploymentTaken,
    EmailTaken,
    IdTaken,
    PlatformClientTaken,
    ReferenceMissing,
    RegistrationTaken,
    TenantSlugTaken,
    ToolKeyTaken,
)
from gatelodge.storage.tool_icons import ToolIcon
from tests.storage import people
from tests.storage.cast import (
    NORTHFIELD,
    NOW,
    SOUTHBANK,
    Cast,
    a_client,
    a_deployment,
    a_draft,
    a_key,
    a_refusal,
    a_registration,
    a_request,
    a_tool,
)

Breach = Callable[[Cast], object]


def add_tool(cast: Cast, **changes: object) -> None:
    cast.add_tool(**changes)


def add_registration(cast: Cast, **changes: object) -> None:
    cast.add_registration(cast.add_tool(), cast.north_client, **changes)


def add_audit_twice(cast: Cast) -> None:
    event = AuditEvent("audit", NOW, None, "otto", "tool.added", "hello", "{}")
    cast.write(audit.add, event)
    cast.write(audit.add, event)


def add_refusal_twice(cast: Cast) -> None:
    cast.write(refusals.add_proven, a_refusal(id="first"))
    cast.write(refusals.add_proven, a_refusal(id="first"))


def add_group_twice(cast: Cast) -> None:
    cast.write(refusals.add_proven, a_refusal(group_key="same"))
    cast.write(refusals.add_proven, a_refusal(group_key="same"))


def add_key_twice(cast: Cast) -> None:
    cast.write(signing_keys.add, a_key(id="key"))
    cast.write(signing_keys.add, a_key(id="key"))


def offer(cast: Cast, tool_id: str) -> None:
    one_more = insert(tables.tool_tenants).values(tool_id=tool_id, tenant_id=NORTHFIELD.id)
    cast.write(lambda connection: connection.execute(one_more))


def offer_twice(cast: Cast) -> None:
    offer(cast, cast.add_tool(offered_to=[NORTHFIELD.id]).id)


def add_drafts(cast: Cast, *changes: dict[str, str]) -> None:
    first = {"id": "draft", "registration_id": "of-the-draft"}
    for number, each in enumerate(changes):
        others = {"id": f"draft-{number}", "registration_id": f"of-the-draft-{number}"}
        cast.write(registration_drafts.add, a_draft(**(others if number else first) | each))


def add_requests(cast: Cast, *changes: dict[str, str]) -> None:
    first = {"id": "request", "deployment_id": "1"}
    for number, each in enumerate(changes):
        others = {"id": f"request-{number}", "deployment_id": f"1{number}"}
        made = a_request(cast.north, **(others if number else first) | each)
        cast.write(deployment_requests.add, made)


def add_links(cast: Cast, *links: tuple[str, bytes]) -> None:
    for link_id, token_hash in links:
        people.add_link(cast, link_id, token_hash)


def after_ada(breach: Breach) -> Breach:
    def act(cast: Cast) -> None:
        people.add_ada(cast)
        breach(cast)

    return act


PEOPLE: dict[str, tuple[type[Conflict], Breach]] = {
    "pk_accounts": (IdTaken, after_ada(lambda cast: cast.write(accounts.add, people.ADA))),
    "pk_account_identities": (
        IdTaken,
        after_ada(lambda cast: people.identify(cast, subject="s2")),
    ),
    "uq_account_identities_issuer_subject": (
        IdTaken,
        after_ada(lambda cast: people.identify(cast, "other", people.add_other(cast))),
    ),
    "fk_account_identities_account_id": (
        ReferenceMissing,
        lambda cast: people.identify(cast, owner="nobody"),
    ),
    "fk_account_roles_account_id": (
        ReferenceMissing,
        lambda cast: people.give_role(cast, account_id="nobody"),
    ),
    "fk_account_roles_tenant_id": (
        ReferenceMissing,
        after_ada(lambda cast: people.give_role(cast, id="other", tenant_id="nobody")),
    ),
    "pk_local_logins": (
        IdTaken,
        after_ada(lambda cast: people.add_login(cast, email="other@n.example")),
    ),
    "uq_local_logins_email": (
        EmailTaken,
        after_ada(lambda cast: people.add_login(cast, people.add_other(cast))),
    ),
    "fk_local_logins_account_id": (
        ReferenceMissing,
        lambda cast: people.add_login(cast, owner="nobody"),
    ),
    "pk_sessions": (IdTaken, after_ada(lambda cast: people.begin(cast, b"another"))),
    "uq_sessions_token_hash": (IdTaken, after_ada(lambda cast: people.begin(cast, id="other"))),
    "fk_sessions_account_id": (ReferenceMissing, people.begin),
    "pk_setup_links": (
        IdTaken,
        lambda cast: add_links(cast, ("link", b"hash"), ("link", b"other")),
    ),
    "uq_setup_links_token_hash": (
        IdTaken,
        lambda cast: add_links(cast, ("link", b"hash"), ("other", b"hash")),
    ),
}

# Tables whose rows stand for themselves: what breaks their constraints follows from the tables.
PLAIN = (
    tables.invitations,
    tables.mails,
    tables.tenant_requests,
    tables.tenant_identities,
    tables.problem_reports,
    tables.report_words,
    tables.report_messages,
    tables.report_attachments,
    tables.tenant_deletions,
    tables.exports,
    tables.export_pages,
    tables.person_requests,
)


def a_row(table: Table, number: int) -> dict[str, object]:
    """With a value of its own in each column that needs one; it refers to Northfield and to row 1."""

    def value(column: Column[object]) -> object:
        if column.references(tables.tenants.c.id):
            return NORTHFIELD.id
        if column.foreign_keys:
            return "id 1"
        match column.type:
            case LargeBinary():
                return f"{column.name} {number}".encode()
            case storage_columns.Text():
                # Some may be there once only while they wait.
                return "waiting" if column.name == "state" else f"{column.name} {number}"
        return NOW + number

    return {column.name: value(column) for column in table.columns if not column.nullable}


def put(cast: Cast, table: Table, number: int = 1, /, **values: object) -> None:
    for column in table.columns:
        for key in column.foreign_keys:
            if key.column.table in PLAIN and not column.nullable and number == 1:
                put(cast, key.column.table)
    row = a_row(table, number) | values
    cast.database.write(lambda connection: connection.execute(insert(table).values(row)))


def put_twice(cast: Cast, table: Table, alike: Iterable[str]) -> None:
    put(cast, table)
    first = a_row(table, 1)
    put(cast, table, 2, **{name: first[name] for name in alike})


def breaches_of(table: Table) -> Iterator[tuple[str, tuple[type[Conflict], Breach]]]:
    unique = [each for each in (*table.constraints, *table.indexes) if is_unique(each)]
    for each in unique:
        alike = [column.name for column in each.columns if not column.nullable]
        yield (
            str(each.name),
            (IdTaken, lambda cast, alike=alike: put_twice(cast, table, alike)),
        )
    for key in table.foreign_key_constraints:
        [column] = key.columns
        yield (
            str(key.name),
            (ReferenceMissing, lambda cast, name=column.name: put(cast, table, **{name: "none"})),
        )


def is_unique(each: object) -> bool:
    return isinstance(each, PrimaryKeyConstraint | UniqueConstraint) or bool(
        isinstance(each, Index) and each.unique
    )


BREACHES: dict[str, tuple[type[Conflict], Breach]] = {
    "uq_tenants_slug": (
        TenantSlugTaken,
        lambda cast: cast.write(tenants.add, replace(NORTHFIELD, id="other")),
    ),
    "uq_tools_key": (ToolKeyTaken, lambda cast: add_tool(cast, key="hello")),
    "uq_tools_client_id": (
        IdTaken,
        lambda cast: add_tool(cast, client_id=cast.tool.client_id),
    ),
    "uq_platform_clients_issuer_client_id": (
        PlatformClientTaken,
        lambda cast: cast.write(
            platform_clients.add,
            a_client(client_id="north", tenant_id=SOUTHBANK.id),
            created_at=NOW,
        ),
    ),
    "uq_registrations_tenant_tool_client": (
        RegistrationTaken,
        lambda cast: cast.write(
            registrations.add, a_registration(cast.tool, cast.north_client), created_at=NOW
        ),
    ),
    "uq_registrations_client_id": (
        IdTaken,
        lambda cast: add_registration(cast, id=cast.north.id),
    ),
    "uq_deployments_client_deployment": (
        DeploymentTaken,
        lambda cast: cast.write(
            deployments.add, a_deployment(cast.north_client, None), first_seen_at=NOW
        ),
    ),
    "uq_refusals_group_key": (
        IdTaken,
        add_group_twice,
    ),
    "pk_tenants": (
        IdTaken,
        lambda cast: cast.write(tenants.add, replace(NORTHFIELD, slug="other")),
    ),
    "pk_tools": (IdTaken, lambda cast: add_tool(cast, id=cast.tool.id)),
    "pk_platform_clients": (
        IdTaken,
        lambda cast: cast.write(
            platform_clients.add, a_client(id=cast.north_client.id), created_at=NOW
        ),
    ),
    "pk_deployments": (
        IdTaken,
        lambda cast: cast.write(
            deployments.add,
            a_deployment(cast.north_client, None, id=cast.north_deployment.id, deployment_id="2"),
            first_seen_at=NOW,
        ),
    ),
    "pk_signing_keys": (IdTaken, add_key_twice),
    "pk_audit_events": (IdTaken, add_audit_twice),
    "pk_refusals": (IdTaken, add_refusal_twice),
    "pk_tool_tenants": (IdTaken, offer_twice),
    "fk_tool_tenants_tool_id": (ReferenceMissing, lambda cast: offer(cast, "none")),
    "fk_tool_tenants_tenant_id": (
        ReferenceMissing,
        lambda cast: add_tool(cast, offered_to=["nobody"]),
    ),
    "fk_tool_icons_tool_id": (
        ReferenceMissing,
        lambda cast: cast.write(tool_icons.put, "none", ToolIcon("image/png", b"", NOW)),
    ),
    "fk_platform_clients_tenant_id": (
        ReferenceMissing,
        lambda cast: cast.write(platform_clients.add, a_client(tenant_id="nobody"), created_at=NOW),
    ),
    "fk_registrations_tenant_id": (
        ReferenceMissing,
        lambda cast: cast.write(
            registrations.add,
            a_registration(cast.tool, cast.add_client(tenant_id=None), tenant_id="nobody"),
            created_at=NOW,
        ),
    ),
    "fk_registrations_tool_id": (
        ReferenceMissing,
        lambda cast: cast.write(
            registrations.add, a_registration(a_tool(), cast.north_client), created_at=NOW
        ),
    ),
    "fk_registrations_platform_client_id": (
        ReferenceMissing,
        lambda cast: cast.write(
            registrations.add, a_registration(cast.tool, a_client()), created_at=NOW
        ),
    ),
    "fk_deployments_platform_client_id": (
        ReferenceMissing,
        lambda cast: cast.write(deployments.add, a_deployment(a_client(), None), first_seen_at=NOW),
    ),
    "fk_deployments_registration": (
        ReferenceMissing,
        lambda cast: cast.write(
            deployments.add,
            a_deployment(cast.north_client, cast.south, deployment_id="2"),
            first_seen_at=NOW,
        ),
    ),
    "pk_registration_drafts": (IdTaken, lambda cast: add_drafts(cast, {}, {"id": "draft"})),
    "uq_registration_drafts_registration_id": (
        IdTaken,
        lambda cast: add_drafts(cast, {}, {"registration_id": "of-the-draft"}),
    ),
    "fk_registration_drafts_tenant_id": (
        ReferenceMissing,
        lambda cast: add_drafts(cast, {"tenant_id": "nobody"}),
    ),
    "pk_deployment_requests": (
        IdTaken,
        lambda cast: add_requests(cast, {}, {"id": "request"}),
    ),
    "uq_deployment_requests_registration_deployment": (
        IdTaken,
        lambda cast: add_requests(cast, {}, {"deployment_id": "1"}),
    ),
    "fk_deployment_requests_tenant_id": (
        ReferenceMissing,
        lambda cast: add_requests(cast, {"tenant_id": "nobody"}),
    ),
    "fk_deployment_requests_registration_id": (
        ReferenceMissing,
        lambda cast: add_requests(cast, {"registration_id": "none"}),
    ),
    "fk_deployment_requests_platform_client_id": (
        ReferenceMissing,
        lambda cast: add_requests(cast, {"platform_client_id": "none"}),
    ),
    **PEOPLE,
    # The tables hold their constraints in no order, and every process must name the tests alike.
    **dict(sorted((each for table in PLAIN for each in breaches_of(table)), key=itemgetter(0))),
}

# Written by upserts and by the launch path, which know what to do when the row is there; and
# what no function of ours can break.
NEVER_BROKEN = {
    "pk_launches",
    "uq_launches_id",
    "pk_launch_personal",
    "pk_key_sets",
    "pk_tool_icons",
    "pk_account_roles",
    "uq_account_roles_in_tenant",
    "uq_account_roles_of_host",
    "pk_sign_in_counts",
    "pk_periodic",
    "pk_audit_chain",  # begun where there is none
    "uq_audit_events_number",  # one process after the other
    "pk_settings_check",
    "pk_catalogue_version",
    "pk_changes",
    "pk_registration_counts",
    "pk_registration_words",
    "pk_people_words",
    "pk_registrations",  # uq_registrations_client_id stands before it
    "fk_deployments_tenant_id",  # follows from client or registration
}


@pytest.mark.parametrize("name", BREACHES)
def test_a_broken_constraint_is_our_error(cast: Cast, name: str) -> None:
    kind, breach = BREACHES[name]

    with pytest.raises(Conflict) as caught:
        breach(cast)

    assert type(caught.value) is kind
    assert str(caught.value).endswith(".")
    assert caught.value.hint


def test_no_constraint_is_forgotten() -> None:
    names = {
        str(each.name)
        for table in tables.metadata.tables.values()
        for each in [*table.constraints, *(index for index in table.indexes if index.unique)]
    }

    assert names == BREACHES.keys() | NEVER_BROKEN


def test_no_sentence_tells_whose_it_is(cast: Cast) -> None:
    with pytest.raises(PlatformClientTaken) as caught:
        cast.write(
            platform_clients.add,
            a_client(client_id="north", tenant_id=SOUTHBANK.id),
            created_at=NOW,
        )

    told = f"{caught.value} {caught.value.hint}"
    assert "operator" in told
    assert "orthfield" not in told


def test_every_error_has_a_code_of_its_own() -> None:
    def family(kind: type[GatelodgeError]) -> list[type[GatelodgeError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in family(child))]

    codes = [
        each.code for each in family(Conflict) if each.__module__.startswith("gatelodge.storage")
    ]

    assert len(codes) == len(set(codes))
