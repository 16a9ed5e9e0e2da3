"""What people call the things that audit events name by their ids; what is gone has no name."""

from collections.abc import Collection, Mapping

from sqlalchemy import Column, Connection, select

from gatelodge.storage import tables

_NAMES: Mapping[str, tuple[Column[str], Column[str]]] = {
    "account": (tables.accounts.c.id, tables.accounts.c.name),
    "tenant": (tables.tenants.c.id, tables.tenants.c.name),
    "tool": (tables.tools.c.id, tables.tools.c.name),
    "registration": (tables.registrations.c.id, tables.registrations.c.name),
    "platform_client": (tables.platform_clients.c.id, tables.platform_clients.c.issuer),
    "deployment": (tables.deployments.c.id, tables.deployments.c.deployment_id),
    "request": (tables.deployment_requests.c.id, tables.deployment_requests.c.deployment_id),
    "problem": (tables.problem_reports.c.id, tables.problem_reports.c.reference),
}
"""Of each kind of thing its id, and its name."""


def names_of(
    connection: Connection, wanted: Mapping[str, Collection[str]]
) -> dict[str, dict[str, str]]:
    """By kind and id; one statement for each kind that is asked for."""
    return {
        kind: _called(connection, *_NAMES[kind], ids) if ids else {} for kind, ids in wanted.items()
    }


def _called(
    connection: Connection, row_id: Column[str], name: Column[str], ids: Collection[str]
) -> dict[str, str]:
    rows = connection.execute(select(row_id, name).where(row_id.in_(sorted(ids))))
    return {row[0]: row[1] for row in rows}
