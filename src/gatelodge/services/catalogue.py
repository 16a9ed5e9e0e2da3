"""What the launch path knows about tools, platform clients and registrations: in memory, and true.

Everything is loaded on demand. Every change raises a version in its own transaction; the write of
a launch looks at that version, and when it has moved on, what changed is dropped here and read
again before anything is admitted (design, section 3). So a launch after a deletion's commit is
refused on every replica. What is not there is never remembered: a registration that was just
added is found at its first login.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from gatelodge.lti.registration import PlatformClient, Registration, Tool
from gatelodge.storage import catalogue as stored
from gatelodge.storage.catalogue import Placement
from gatelodge.storage.database import Database
from gatelodge.storage.values import TenantFacts

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class _KnownClient:
    """Most clients have one deployment: a hundred thousand of them are found without a table each."""

    client: PlatformClient
    sole: Placement | None = None
    others: dict[str, Placement] | None = None

    def placement(self, deployment_id: str) -> Placement | None:
        if self.sole is not None and self.sole.deployment.deployment_id == deployment_id:
            return self.sole
        return self.others.get(deployment_id) if self.others else None


class Catalogue:
    """``entries`` bounds each of the tables kept; the oldest entry makes room for a new one."""

    def __init__(
        self,
        database: Database,
        *,
        open_identity_key: Callable[[TenantFacts], bytes],
        forget_keys: Callable[[str | None], None],
        forget_all_keys: Callable[[], None],
        entries: int,
    ) -> None:
        self._database = database
        self._forget_keys = forget_keys
        self._forget_all_keys = forget_all_keys
        self._open_identity_key = open_identity_key
        self._entries = entries
        self._refreshing = asyncio.Lock()
        self.version = -1
        self._tools: dict[str, Tool] = {}
        self._clients: dict[str, _KnownClient] = {}
        self._client_ids: dict[tuple[str, str], str] = {}
        self._sole_clients: dict[str, dict[str, str]] = {}
        self._registrations: dict[str, Registration] = {}
        self._tenants: dict[str, TenantFacts] = {}

    async def tool(self, key: str) -> Tool | None:
        return self._tools.get(key) or await self._load_tool(key)

    async def client(self, issuer: str, client_id: str) -> PlatformClient | None:
        known = self._clients.get(self._client_ids.get((issuer, client_id), ""))
        return known.client if known else await self._load_client(issuer, client_id)

    async def client_by_id(self, row_id: str) -> PlatformClient | None:
        """The client with this id, or the one that was added in its place."""
        known = self._clients.get(row_id)
        return known.client if known else await self._load_client_by_id(row_id)

    async def clients_of_issuer(self, issuer: str, tool: Tool) -> list[PlatformClient]:
        """The clients that serve this tool, for a login without a client id: two say "several"."""
        sole = self._clients.get(self._sole_clients.get(_digest(issuer), {}).get(tool.id, ""))
        return [sole.client] if sole else await self._load_clients_of_issuer(issuer, tool)

    async def registration(self, row_id: str) -> Registration | None:
        return self._registrations.get(row_id) or await self._load_registration(row_id)

    async def placement(self, client: PlatformClient, deployment_id: str) -> Placement | None:
        """Where a deployment belongs; None when the deployment has never been seen."""
        known = self._clients.get(client.id)
        found = known.placement(deployment_id) if known else None
        return found or await self._load_placement(client, deployment_id)

    # ------------------------------------------------------------------- staying true

    async def refresh(self) -> bool:
        """Drop what has changed since it was read; tell whether anything had."""
        async with self._refreshing:
            before = self.version
            changes = await self._database.run_read(
                lambda connection: stored.changes_since(connection, before)
            )
            if changes is None:
                newest = await self._database.run_read(stored.version)
                # Without a pause: what is read in one would be kept under the newer version.
                self._forget_all()
                self._forget_all_keys()
                self.version = newest
            elif changes:
                self._forget(subject for _, subject in changes)
                self.version = max(version for version, _ in changes)
            return self.version != before

    def _forget_all(self) -> None:
        for table in (
            self._tools,
            self._clients,
            self._client_ids,
            self._sole_clients,
            self._registrations,
            self._tenants,
        ):
            table.clear()

    def _forget(self, subjects: Iterable[str]) -> None:
        forget: dict[str, Callable[[str], object]] = {
            "tool": lambda key: self._tools.pop(key, None),
            "client": self._forget_client,
            "issuer": lambda digest: self._sole_clients.pop(digest, None),
            "registration": lambda row_id: self._registrations.pop(row_id, None),
            "tenant": lambda _: self._forget_all(),
            "keys": lambda owner: self._forget_keys(None if owner == "tools" else owner),
        }
        for subject in subjects:
            kind, _, name = subject.partition(":")
            forget[kind](name)

    def _forget_client(self, row_id: str) -> None:
        if known := self._clients.pop(row_id, None):
            self._client_ids.pop((known.client.issuer, known.client.client_id), None)
            self._sole_clients.pop(_digest(known.client.issuer), None)

    # ------------------------------------------------------------------- loading

    async def _load_tool(self, key: str) -> Tool | None:
        version = self.version
        tool = await self._database.run_find(lambda connection: stored.tool_by_key(connection, key))
        if tool:
            self._keep(self._tools, key, tool, version)
        return tool

    async def _load_client(self, issuer: str, client_id: str) -> PlatformClient | None:
        version = self.version
        client = await self._database.run_find(
            lambda connection: stored.client_by_issuer_and_id(connection, issuer, client_id)
        )
        return self._keep_client(client, version)

    async def _load_client_by_id(self, row_id: str) -> PlatformClient | None:
        version = self.version
        client = await self._database.run_find(
            lambda connection: stored.client_by_id(connection, row_id)
        )
        return self._keep_client(client, version)

    async def _load_clients_of_issuer(self, issuer: str, tool: Tool) -> list[PlatformClient]:
        version = self.version
        clients = (
            await self._database.run_find(
                lambda connection: stored.clients_for_tool(connection, issuer, tool.id)
            )
            or []
        )
        if len(clients) == 1:
            self._keep_client(clients[0], version)
            by_tool = self._sole_clients.get(_digest(issuer), {}) | {tool.id: clients[0].id}
            self._keep(self._sole_clients, _digest(issuer), by_tool, version)
        return clients

    async def _load_registration(self, row_id: str) -> Registration | None:
        version = self.version
        found = await self._database.run_find(
            lambda connection: stored.registration_by_id(connection, row_id)
        )
        if found is None:
            return None
        self._keep(self._registrations, row_id, found.registration, version)
        return found.registration

    async def _load_placement(self, client: PlatformClient, deployment_id: str) -> Placement | None:
        version = self.version
        placement = await self._database.run_find(
            lambda connection: stored.placement(connection, client.id, deployment_id)
        )
        if placement is None:
            return None
        if placement.tenant:
            placement = placement._replace(tenant=self._opened(placement.tenant, version))
        self._keep_placement(client.id, placement, version)
        return placement

    def _opened(self, sealed: TenantFacts, version: int) -> TenantFacts:
        """With its key; and once in memory, for all registrations of a tenant."""
        opened = sealed._replace(identity_key=self._open_identity_key(sealed))
        known = self._tenants.get(opened.id)
        if known == opened:
            return known
        self._keep(self._tenants, opened.id, opened, version)
        return opened

    def _keep_placement(self, client_id: str, placement: Placement, version: int) -> None:
        known, deployment_id = self._clients.get(client_id), placement.deployment.deployment_id
        if known is None or version != self.version:
            return
        # Of launches that came together each may have looked for it.
        if known.sole is None or known.placement(deployment_id) is known.sole:
            known.sole = placement
            return
        known.others = known.others or {}
        self._keep(known.others, deployment_id, placement, version)

    def _keep_client(self, client: PlatformClient | None, version: int) -> PlatformClient | None:
        if client and client.id not in self._clients:
            self._keep(self._clients, client.id, _KnownClient(client), version)
            self._keep(self._client_ids, (client.issuer, client.client_id), client.id, version)
        return client

    def _keep(self, table: dict[Key, Value], key: Key, value: Value, version: int) -> None:
        # What was read while a refresh went by may be older than the version we now claim.
        if version != self.version:
            return
        if len(table) >= self._entries:
            del table[next(iter(table))]
        table[key] = value


def _digest(issuer: str) -> str:
    return sha256(issuer.encode("utf-8", "surrogatepass")).hexdigest()
