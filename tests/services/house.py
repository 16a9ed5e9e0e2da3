"""A gateway's administrative services over a real database, with a clock that only we move.

The standing cast: Ada administers Northfield, Ben is an educator there, Cleo administers
Southbank, Otto operates the host.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from argon2 import PasswordHasher

from gatelodge.services.accounts import Accounts
from gatelodge.services.addresses import Addresses
from gatelodge.services.audit import Audit
from gatelodge.services.caller import Caller
from gatelodge.services.deployments import Deployments
from gatelodge.services.drafts import Drafts
from gatelodge.services.invitations import Invitations
from gatelodge.services.mails import Outbox
from gatelodge.services.passwords import Passwords
from gatelodge.services.people import People
from gatelodge.services.ports import Ids
from gatelodge.services.registration_edits import RegistrationEdits
from gatelodge.services.registrations import NewRegistration, Registrations, RegistrationView
from gatelodge.services.sealing import Sealer
from gatelodge.services.sessions import Sessions
from gatelodge.services.setup_links import SetupLinks
from gatelodge.services.shared_clients import SharedClients
from gatelodge.services.sign_in_limits import SignInLimits
from gatelodge.services.signing_keys import SigningKeys
from gatelodge.services.tenants import Tenants
from gatelodge.services.tool_icons import ToolIcons
from gatelodge.services.tools import Tools
from gatelodge.storage import audit
from gatelodge.storage.database import Database

MOODLE = {
    "name": "Moodle",
    "platform": "moodle",
    "issuer": "https://moodle.example",
    "client_id": "Xk3pQ9dZ1LmN0aB",
    "authorization_url": "https://moodle.example/mod/lti/auth.php",
    "token_url": "https://moodle.example/mod/lti/token.php",
    "key_set_url": "https://moodle.example/mod/lti/certs.php",
}

OTTO = Caller.operator("otto")


@dataclass
class Clock:
    """A millisecond passes with every look, so that ids come in the order they were made."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += days * 24 * 3600


class Hasher(PasswordHasher):
    """A thousand times as quick as it should be; counts what it compares while its gate is open."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared = 0
        self.gate = Event()
        self.gate.set()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - its name there
        self.gate.wait()
        self.compared += 1
        return super().verify(hash, password)


@dataclass
class House:
    database: Database
    clock: Clock = field(default_factory=Clock)
    base: str = "https://lti.example"
    hasher: Hasher = field(default_factory=Hasher)

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock, os.urandom)
        self.sealer = Sealer(["a secret key that is long enough for tests"])
        self.audit = Audit(self.clock, self.ids, self.sealer)
        self.tenants = Tenants(
            self.database, self.clock, self.ids, os.urandom, self.sealer, self.audit
        )
        self.tools = Tools(self.database, self.clock, self.ids, self.audit, development=False)
        self.tool_icons = ToolIcons(self.database, self.clock, self.audit)
        self.signing_keys = SigningKeys(
            self.database, self.clock, self.ids, self.sealer, self.audit
        )
        self.registrations = Registrations(
            self.database,
            self.clock,
            self.ids,
            self.audit,
            self.signing_keys,
            Addresses(self.base),
            development=False,
        )
        self.registration_edits = RegistrationEdits(
            self.database, self.audit, self.registrations, development=False
        )
        self.drafts = Drafts(
            self.database,
            self.clock,
            self.ids,
            self.audit,
            self.signing_keys,
            self.registrations,
            Addresses(self.base),
        )
        self.shared_clients = SharedClients(
            self.database,
            self.clock,
            self.ids,
            self.audit,
            self.signing_keys,
            development=False,
        )
        self.deployments = Deployments(self.database, self.clock, self.audit)
        self.sessions = Sessions(
            self.database, self.clock, self.ids, self.sealer, self.audit, idle=3600
        )
        passwords = Passwords(self.hasher)
        self.limits = limits = SignInLimits(self.database, self.clock, self.sealer, self.audit)
        self.accounts = Accounts(self.database, self.clock, self.ids, self.audit, passwords, limits)
        self.people = People(self.database)
        self.invitations = Invitations(
            self.database,
            self.clock,
            self.ids,
            self.audit,
            Addresses(self.base),
            Outbox(self.database, self.clock, self.ids, self.sealer, is_on=True),
            passwords,
            limits,
            self.accounts,
        )
        self.setup_links = SetupLinks(
            self.database,
            self.clock,
            self.ids,
            self.audit,
            Addresses(self.base),
            passwords,
            self.accounts,
            self.tenants,
        )

    def settle(self) -> House:
        """Both tenants, and the tool Hello for everyone."""
        self.northfield = self.tenants.add(OTTO, "Northfield")
        self.southbank = self.tenants.add(OTTO, "Southbank")
        self.hello = self.tools.add(OTTO, "hello", "Hello", "https://hello.example/launch").tool
        self.ada = Caller.admin("ada", self.northfield.id)
        self.ben = Caller.educator("ben", self.northfield.id)
        self.cleo = Caller.admin("cleo", self.southbank.id)
        return self

    def register(
        self, caller: Caller = OTTO, tenant: str = "northfield", tool: str = "hello", **values: Any
    ) -> RegistrationView:
        return self.registrations.add(
            caller, NewRegistration(**{"tenant": tenant, "tool": tool, **MOODLE, **values})
        )

    def tags(self) -> list[str]:
        """The tags of the audit events, oldest first."""
        events = self.database.read(
            lambda connection: audit.list_recent(connection, None, limit=1000)
        )
        return [event.tag for event in reversed(events)]
