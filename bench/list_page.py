"""`make bench-list`: what a page of the list of registrations costs with 10, with 50 and with 10,000.

It runs in the gateway's environment, and asks the gateway in this process: the figure is CPU time
from the request to the page, its database (SQLite) included. A page shows 50 rows at most, so the
second figure tells how much of the difference is drawing them. With BENCH_POSTGRES_URL, a server on
which it may make databases, the figure is time by the clock, for another process does the work.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import tempfile
import time
from typing import Any
from urllib.parse import urlsplit

import psycopg
from seed import BY, add_registrations, settle
from sqlalchemy import insert, select, true, update

from gatelodge.assembly import Gateway, open_gateway
from gatelodge.services.caller import Role
from gatelodge.settings import Settings
from gatelodge.storage import accounts, schema
from gatelodge.storage.accounts import AccountRow, RoleRow
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.registration_index import indexed
from gatelodge.storage.search_words import sort_key
from gatelodge.storage.tables import launches, refusals, registrations, tools
from gatelodge.web.app import create_app

BASE = "https://gate.example"
COUNTS = (10, 50, 10_000)
LAUNCHES, REFUSALS = 20_000, 200
AT_ONCE = 500
REPETITIONS, PAGES = 15, 4
PATHS = (
    "",
    "?page=5",
    "?page=150",
    "?sort=name",
    "?sort=name&page=150",
    "?sort=failures",
    "?sort=launch",
    "?sort=launch&page=150",
    "?lms=canvas",
    "?lms=moodle&sort=name",
    "?lms=canvas&sort=launch",
    "?tool=other",
    "?show=attention",
    "?show=disabled",
    "?q=client-77",
    "?q=medicine",
    "?q=school+nobody",
)
POSTGRES = os.environ.get("BENCH_POSTGRES_URL")


def furnished(count: int, folder: str) -> tuple[Gateway, str]:
    """A gateway with so many registrations, launches and refusals of today; Ada's session."""
    settings = Settings(
        base_url=BASE,
        data_dir=folder,
        database_url=_new_database(count) if POSTGRES else f"sqlite:///{folder}/gatelodge.db",
        secret_keys=("a key for the benchmark that is long enough",),
    )
    gateway = open_gateway(settings, check_for_serving=False)
    os.environ |= {f"BENCH_{name}": f"{BASE}/{name}" for name in ("AUTHORIZATION_URL", "TOKEN_URL")}
    os.environ["BENCH_ISSUER"] = "https://lms.example"
    settle(gateway, f"{BASE}/keys")
    gateway.tools.add(BY, "other", "Other", "https://other.example/launch")
    add_registrations(gateway, count)
    gateway.database.write(_tell_apart)
    gateway.database.write(lambda connection: _fill(gateway, connection))
    if POSTGRES:
        # As it does by itself after a minute.
        with psycopg.connect(settings.database_url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
    return gateway, gateway.sessions.begin(gateway.database.write(lambda c: _add_ada(gateway, c)))


def _new_database(count: int) -> str:
    name = f"gatelodge_list_{count}_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    address = urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()
    database = Database.open(address)
    schema.upgrade(database)
    database.close()
    return address


def _tell_apart(connection: Connection) -> None:
    """Names as people give them; a tenth on Canvas or with the other tool, a twentieth switched off."""
    other = connection.execute(select(tools.c.id).where(tools.c.key == "other")).scalar_one()
    ids = connection.execute(select(registrations.c.id).order_by(registrations.c.id)).scalars()
    schools = ("Medicine", "Law", "Education", "Engineering", "Fine Arts")
    with indexed(connection, true()):
        for place, each in enumerate(list(ids)):
            name = f"{'Canvas' if place % 10 == 3 else 'Moodle'}, School of {schools[place % 5]} {place}"
            changes: dict[str, object] = {"name": name, "sort_name": sort_key(name)}
            if place % 10 == 3:
                changes["platform"] = "canvas"
            if place % 10 == 4:
                changes["tool_id"] = other
            if place % 20 == 5:
                changes["state"] = "disabled"
            this = registrations.c.id == each
            connection.execute(update(registrations).where(this).values(changes))


def _fill(gateway: Gateway, connection: Connection) -> None:
    rows = connection.execute(select(registrations)).mappings().all()
    now = int(time.time())
    for begin in range(0, LAUNCHES, AT_ONCE):
        numbers = range(begin, begin + AT_ONCE)
        connection.execute(
            insert(launches), [_launch(rows[each % len(rows)], each, now) for each in numbers]
        )
    for each in range(REFUSALS):
        row = rows[each % 5]
        values = {"id": gateway.ids.new(), "trace_id": gateway.ids.trace_id(), "count": 1}
        values |= {"occurred_at": now - each, "last_at": now - each, "proven": True}
        values |= {"code": "launch.audience_mismatch", "trace": "", "details": "{}"}
        values |= {"tenant_id": row["tenant_id"], "registration_id": row["id"]}
        connection.execute(insert(refusals).values(values))


def _launch(row: Any, number: int, now: int) -> dict[str, Any]:
    return {
        "number": number + 1,
        "id": f"{number:044d}",
        "tenant_id": row["tenant_id"],
        "registration_id": row["id"],
        "tool_id": row["tool_id"],
        "platform_client_id": row["platform_client_id"],
        "deployment_row_id": "deployment",
        "message_type": "LtiResourceLinkRequest",
        "subject": f"person-{number % 300}",
        "launched_at": now - LAUNCHES + number,
        "trace": "",
        "facts": "{}",
        "code_hash": bytes(32),
        "code_expires_at": now,
    }


def _add_ada(gateway: Gateway, connection: Connection) -> str:
    tenant_id = connection.execute(select(registrations.c.tenant_id)).scalars().first()
    account_id = gateway.ids.new()
    accounts.add(connection, AccountRow(account_id, "Ada", None, None, 0, None))
    role = RoleRow(gateway.ids.new(), account_id, Role.ADMIN, tenant_id, "given", 0)
    accounts.give_role(connection, role)
    return account_id


async def page(app: Any, session: str, query: str) -> int:
    """The size of the page."""
    size = 0

    async def send(message: dict[str, Any]) -> None:
        nonlocal size
        size += len(message.get("body", b""))
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise SystemExit(f"The list was answered with {message['status']}.")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    cookie = f"__Host-gatelodge-session={session}".encode()
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": "/portal/registrations",
        "raw_path": b"/portal/registrations",
        "query_string": query.encode(),
        "headers": [(b"host", b"gate.example"), (b"cookie", cookie)],
        "client": ("192.0.2.1", 1),
        "server": ("gate.example", 443),
    }
    await app(scope, receive, send)
    return size


async def compare(offered: dict[int, tuple[Any, str]]) -> None:
    """Ratios are taken within a repetition, and shown as `median [least-greatest]`."""
    now = time.perf_counter if POSTGRES else time.process_time
    print(f"{'page':>24} " + "".join(f"{count:>12,}" for count in offered) + "   last / first")
    for path in PATHS:
        spent: dict[int, list[float]] = {count: [] for count in offered}
        size = 0
        for _ in range(REPETITIONS):
            for count in random.sample(list(offered), len(offered)):
                app, session = offered[count]
                begun_at = now()
                for _ in range(PAGES):
                    size = max(size, await page(app, session, path.removeprefix("?")))
                spent[count].append((now() - begun_at) * 1000 / PAGES)
        first, *_, last = spent.values()
        ratios = sorted(many / few for few, many in zip(first, last, strict=True))
        figures = "".join(f"{statistics.median(each):>9.1f} ms" for each in spent.values())
        print(f"{path or 'as it is':>24} {figures}   {statistics.median(ratios):.2f}", end="")
        print(f" [{ratios[0]:.2f}-{ratios[-1]:.2f}]   {size / 1000:.0f} kB at most")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        offered = {}
        for count in COUNTS:
            gateway, session = furnished(count, f"{folder}/{count}")
            offered[count] = (create_app(gateway), session)
        asyncio.run(compare(offered))


if __name__ == "__main__":
    main()
