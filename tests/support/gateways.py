"""A gateway over a real database, with the standing cast and two LMSs, and a clock that only the test moves.

Northfield and Southbank each have an LMS of their own that opens the tool Hello. What runs beside the launches, the
look for changes every second and the worker, is not started: what is right must be right without it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from gatelodge.assembly import Gateway
from gatelodge.lti.registration import Tool
from gatelodge.services.caller import Caller
from gatelodge.services.registrations import NewRegistration, RegistrationView
from gatelodge.services.sealing import Sealer
from gatelodge.settings import Settings
from gatelodge.storage import refusals, tables
from gatelodge.storage.database import Database
from gatelodge.storage.refusals import RefusalRow
from tests.support.clock import Clock
from tests.support.lms import Lms

BASE = "https://lti.example"
HELLO = "https://hello.example/launch"
OTTO = Caller.operator("otto")
SECRET_KEY = "a secret key that is long enough for the tests"


@dataclass
class Campus:
    """One gateway on a database. ``beside`` opens another one on the same database."""

    gateway: Gateway
    clock: Clock
    lms: Lms
    southbank_lms: Lms
    address: str
    directory: Path
    hello_secret: str = ""

    @property
    def database(self) -> Database:
        return self.gateway.database

    def settle(self) -> Campus:
        """Both tenants, the tool Hello for everyone, and a registration for each."""
        self.gateway.tenants.add(OTTO, "Northfield")
        self.gateway.tenants.add(OTTO, "Southbank")
        self.hello_secret = self.gateway.tools.add(OTTO, "hello", "Hello", HELLO).client_secret
        self.register()
        self.register(self.southbank_lms, tenant="southbank")
        self.gateway.signing_keys.ensure(None)
        return self

    def register(
        self, lms: Lms | None = None, *, tenant: str = "northfield", **values: Any
    ) -> RegistrationView:
        lms = lms or self.lms
        new: dict[str, Any] = {
            "tenant": tenant,
            "tool": "hello",
            "name": "Moodle",
            "platform": "moodle",
            "deployment_ids": (lms.deployment_id,),
            **lms.addresses,
            **values,
        }
        return self.gateway.registrations.add(OTTO, NewRegistration(**new))

    @property
    def hello(self) -> Tool:
        return self.tool("hello")

    def tool(self, key: str) -> Tool:
        [found] = [each for each in self.gateway.tools.list(OTTO) if each.key == key]
        return found

    def tenant(self, slug: str = "northfield") -> str:
        return self.gateway.tenants.find(OTTO, slug).id

    def registration(self, tenant: str = "northfield") -> str:
        """The id of the tenant's only live registration."""
        [found] = [
            each
            for each in self.gateway.registrations.list(OTTO)
            if each.registration.tenant_id == self.tenant(tenant)
        ]
        return found.id

    def refusals(
        self, *, proven: bool, tenant: str | None = None, limit: int = 50
    ) -> list[RefusalRow]:
        """Newest first; of a tenant, or all."""
        tenant_id = tenant and self.tenant(tenant)
        return self.database.read(
            lambda connection: refusals.list_recent(
                connection, tenant_id, proven=proven, limit=limit
            )
        )

    def rows(self) -> dict[str, int]:
        """How many rows every table has."""
        return self.database.read(
            lambda connection: {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in tables.metadata.tables.items()
            }
        )

    @contextmanager
    def beside(self, **settings: Any) -> Iterator[Campus]:
        """A second gateway, with its own connections and its own memory."""
        gateway = open_gateway(
            self.address,
            self.directory,
            clock=self.clock,
            lmss=(self.lms, self.southbank_lms),
            **settings,
        )
        try:
            yield replace(self, gateway=gateway)
        finally:
            gateway.close()


def open_gateway(
    address: str,
    directory: Path,
    *,
    clock: Clock,
    lmss: Sequence[Lms] = (),
    secret_keys: Sequence[str] = (SECRET_KEY,),
    **settings: Any,
) -> Gateway:
    """As `gatelodge.assembly.open_gateway`, with a clock of ours, on a database that is up to date."""
    values: dict[str, Any] = {
        "base_url": BASE,
        "database_url": address,
        "data_dir": directory,
        "development": True,
        "outbound_allow": tuple(each.allow for each in lmss),
        **settings,
    }
    return Gateway(
        Settings(**values), Database.open(address), Sealer(list(secret_keys)), clock=clock
    )


def open_campus(
    address: str,
    directory: Path,
    lms: Lms,
    southbank_lms: Lms,
    *,
    clock: Clock | None = None,
    **settings: Any,
) -> Campus:
    clock = clock or Clock()
    gateway = open_gateway(address, directory, clock=clock, lmss=(lms, southbank_lms), **settings)
    return Campus(gateway, clock, lms, southbank_lms, address, directory)


def settled_file(empty: Path, directory: Path, lms: Lms, southbank_lms: Lms) -> tuple[Path, str]:
    """A SQLite file with the cast in it, to be copied for each test, and the secret of Hello."""
    path = directory / "settled.db"
    shutil.copyfile(empty, path)
    campus = open_campus(f"sqlite:///{path}", directory, lms, southbank_lms).settle()
    campus.gateway.close()
    return path, campus.hello_secret
