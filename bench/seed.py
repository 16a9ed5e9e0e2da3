"""Fills the gateway's database through its own parts; runs in the gateway's environment, not in ours.

seed.py settle KEY_SET_URL     a tenant, a tool and its first registration
seed.py registrations COUNT    so many registrations of the same issuer, in all
seed.py launches COUNT         so many launches, in all, copied from those that are there
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace
from sqlalchemy import RowMapping, Table, func, insert, select

from gatelodge.assembly import Gateway, open_gateway
from gatelodge.services.caller import Caller
from gatelodge.services.ports import Ids
from gatelodge.services.registrations import NewRegistration
from gatelodge.settings import read_settings
from gatelodge.storage import catalogue
from gatelodge.storage.launch_groups import GroupWriter
from gatelodge.storage.launches import LaunchRow
from gatelodge.storage.registration_index import indexed
from gatelodge.storage.tables import deployments, launches, platform_clients, registrations

BY = Caller.operator("bench")
TOOL_URL = "https://hello.example/launch"
AT_ONCE = 5_000
TEMPLATES = 500
KEPT_SECONDS = 100 * 24 * 3600


def settle(gateway: Gateway, key_set_url: str) -> None:
    gateway.tenants.add(BY, "Northfield")
    gateway.tools.add(BY, "hello", "Hello", TOOL_URL)
    gateway.registrations.add(
        BY,
        NewRegistration(
            tenant="northfield",
            tool="hello",
            name="Moodle",
            platform="moodle",
            issuer=os.environ["BENCH_ISSUER"],
            client_id="client-1",
            deployment_ids=("deployment-1",),
            authorization_url=os.environ["BENCH_AUTHORIZATION_URL"],
            token_url=os.environ["BENCH_TOKEN_URL"],
            key_set_url=key_set_url,
        ),
    )


# ---------------------------------------------------------------- many registrations


def add_registrations(gateway: Gateway, total: int) -> None:
    """Like the first one, with a platform client, numbers and a deployment of their own."""
    ids = Ids(time.time, os.urandom)
    client, registration, deployment = (
        _first(gateway, table) for table in (platform_clients, registrations, deployments)
    )
    there = _count(gateway, registrations)
    for begin in range(there + 1, total + 1, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, total + 1))
        named = [(number, ids.new(), ids.new()) for number in numbers]
        rows = {
            platform_clients: [
                {**client, "id": client_id, "client_id": f"client-{number}"}
                for number, client_id, _ in named
            ],
            registrations: [
                {**registration, "id": own_id, "platform_client_id": client_id}
                for _, client_id, own_id in named
            ],
            deployments: [
                {
                    **deployment,
                    "id": ids.new(),
                    "platform_client_id": client_id,
                    "registration_id": own_id,
                    "deployment_id": f"deployment-{number}",
                }
                for number, client_id, own_id in named
            ],
        }
        _insert(gateway, rows)


def _first(gateway: Gateway, table: Table) -> RowMapping:
    query = select(table).order_by(table.c.id).limit(1)
    return gateway.database.read(lambda connection: connection.execute(query).mappings().one())


def _count(gateway: Gateway, table: Table) -> int:
    query = select(func.count()).select_from(table)
    return gateway.database.read(lambda connection: int(connection.execute(query).scalar_one()))


def _insert(gateway: Gateway, rows: dict[Table, list[dict[str, Any]]]) -> None:
    def write(connection: Any) -> None:
        new = registrations.c.id.in_([each["id"] for each in rows[registrations]])
        with indexed(connection, new):
            for table, values in rows.items():
                connection.execute(insert(table), values)

    gateway.database.write(write)


# ---------------------------------------------------------------- many launches


def add_launches(gateway: Gateway, total: int) -> None:
    """Spread over the last hundred days, so without the personal data that a week keeps."""
    missing = total - _count(gateway, launches)
    writer = GroupWriter(gateway.database)
    templates = _templates(gateway)
    for group in _groups(templates, missing):
        outcomes = set(writer.write(group))
        if outcomes != {"admitted"}:
            raise RuntimeError(f"launches were not written: {outcomes}")


def _templates(gateway: Gateway) -> list[LaunchRow]:
    columns = [name for name in LaunchRow.__struct_fields__ if name in launches.c]
    query = select(*(launches.c[name] for name in columns)).limit(TEMPLATES)
    version = gateway.database.read(catalogue.version)
    rows = gateway.database.read(lambda connection: connection.execute(query).mappings().all())
    return [LaunchRow(**row, sealed_personal=None, seen_version=version) for row in rows]


def _groups(templates: list[LaunchRow], count: int) -> Iterator[list[LaunchRow]]:
    begin = time.time() - KEPT_SECONDS
    step = (KEPT_SECONDS - 24 * 3600) / max(count, 1)
    for first in range(0, count, AT_ONCE):
        yield [
            _copy(templates[number % len(templates)], begin + number * step)
            for number in range(first, min(first + AT_ONCE, count))
        ]


def _copy(row: LaunchRow, at: float) -> LaunchRow:
    own = Ids(lambda: at, os.urandom).nonce()
    return replace(row, id=own, launched_at=int(at), code_expires_at=int(at) + 60)


def main() -> None:
    what, value = sys.argv[1:]
    gateway = open_gateway(read_settings(), check_for_serving=False)
    try:
        match what:
            case "settle":
                settle(gateway, value)
            case "registrations":
                add_registrations(gateway, int(value))
            case "launches":
                add_launches(gateway, int(value))
    finally:
        gateway.close()


if __name__ == "__main__":
    main()
