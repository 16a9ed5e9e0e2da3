"""What is well and what is not, as a list of objects: the same for the command line and the portal.

Everything is looked at, nothing is changed. Values of settings arrive as findings made above.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum

from gatelodge.lti.errors import GatelodgeError, KeySetInvalid
from gatelodge.lti.notes import note
from gatelodge.lti.registration import PlatformClient
from gatelodge.lti.tokens import read_key_set
from gatelodge.services.audit_chain import AuditChain
from gatelodge.services.caller import Caller
from gatelodge.services.errors import SealBroken
from gatelodge.services.key_sets import Answer, Fetcher
from gatelodge.services.mails import GIVEN_UP_DAYS
from gatelodge.services.ports import Clock
from gatelodge.services.provider_metadata import ProviderMetadata
from gatelodge.services.providers import Provider
from gatelodge.services.sealing import Sealer
from gatelodge.services.sign_in_errors import ProviderDown
from gatelodge.services.signing_keys import SEAL_PURPOSE
from gatelodge.storage import (
    accounts,
    catalogue,
    mails,
    overviews,
    platform_clients,
    schema,
    tenants,
)
from gatelodge.storage.database import Database
from gatelodge.storage.overviews import KeyOverview
from gatelodge.storage.paging import every

DAY = 24 * 3600
ENDS_SOON = 1 * DAY
"""A key this near its end should have a successor: then no worker has run for a day."""

FETCH_SECONDS = 5.0
_AT_ONCE = 8


class Severity(StrEnum):
    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``text`` says what is so, ``hint`` what to do."""

    code: str
    title: str
    severity: Severity
    text: str
    hint: str = ""

    @property
    def is_wrong(self) -> bool:
        return self.severity in (Severity.WARNING, Severity.ERROR)


class Health:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        sealer: Sealer,
        fetcher: Fetcher,
        settings: Sequence[Finding] = (),
        *,
        providers: Sequence[Provider] = (),
        metadata: ProviderMetadata | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._fetcher = fetcher
        self._audit_chain = AuditChain(database, clock, sealer)
        self._settings = settings
        self._providers = providers
        self._metadata = metadata

    async def look(self, caller: Caller) -> list[Finding]:
        """All findings, in the order in which they build on each other."""
        caller.must_operate()
        return [
            *self._settings,
            *await asyncio.to_thread(self._storage),
            *await self._sign_in(),
            *await self._platforms(),
        ]

    def _storage(self) -> list[Finding]:
        try:
            return [
                self._database_finding(),
                self._operators_finding(),
                *self._keys(self._clock()),
                *self._mails(),
                *self._audit(),
            ]
        except GatelodgeError as error:
            return [
                Finding("database", "Database", Severity.ERROR, str(error), error.hint),
            ]

    def _database_finding(self) -> Finding:
        state = schema.state(self._database)
        version = self._database.read(catalogue.version)
        kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[self._database.kind]
        if state != "current":
            text = f"{kind} answers, but its tables are {state}."
            return Finding(
                "database", "Database", Severity.ERROR, text, "Run: gatelodge db upgrade"
            )
        text = f"{kind} answers; {version} changes so far."
        return Finding("database", "Database", Severity.GOOD, text)

    def _operators_finding(self) -> Finding:
        count = self._database.read(accounts.count_operators)
        if not count:
            text = "Nobody can sign in to the portal as the operator yet."
            hint = "Make the first one: gatelodge account setup-link"
            return Finding("operators", "Operators", Severity.NOTE, text, hint)
        text = f"{'1 person' if count == 1 else f'{count} people'} can sign in as the operator."
        return Finding("operators", "Operators", Severity.GOOD, text)

    def _mails(self) -> Iterator[Finding]:
        queue = self._database.read(mails.look)
        hint = (
            "Compare GATELODGE_SMTP_URL and GATELODGE_MAIL_FROM with what the server's people say."
        )
        if queue.waiting:
            text = f"Mails not sent yet, and tried again: {queue.waiting}. {queue.trouble}"
            yield Finding("mails.waiting", "Mails", Severity.WARNING, text, hint)
        if queue.given_up:
            text = f"Mails of the last {GIVEN_UP_DAYS} days that no server took: {queue.given_up}."
            yield Finding("mails.given_up", "Mails", Severity.WARNING, text, hint)

    def _audit(self) -> Iterator[Finding]:
        verdict = self._audit_chain.last_look()
        if verdict.broken_at is not None:
            text = (
                f"It was edited in the database: entry {verdict.broken_at} isn't what was written."
            )
            hint = (
                "Keep a copy of the database as it is, and compare it with a backup and with the"
                " log's lines audit_linked. Look again: gatelodge audit verify"
            )
            yield Finding("audit.broken", "Audit log", Severity.ERROR, text, hint)
        elif verdict.checked_at is not None:
            text = "Nothing of it was edited in the database when it was last looked at."
            yield Finding("audit", "Audit log", Severity.GOOD, text)

    # ------------------------------------------------------------------- our keys

    def _keys(self, now: float) -> Iterator[Finding]:
        published = self._database.read(
            lambda connection: list(
                every(
                    lambda after: overviews.list_keys(
                        connection, None, published_at=now, after=after
                    )
                )
            )
        )
        sealed = [each for each in published if not self._opens(each)]
        last = _last_of_each(published)
        ending = [each for each in last if each.key.signs_until < now + ENDS_SOON]
        if sealed:
            yield Finding(
                "keys.sealed",
                "Signing keys",
                Severity.ERROR,
                f"{_count(sealed, 'key')} can't be opened with the secret keys given.",
                SealBroken.hint,
            )
        if ending:
            yield Finding(
                "keys.ending",
                "Signing keys",
                Severity.WARNING,
                f"{_count(ending, 'key')} near the end without a successor.",
                "Let `gatelodge serve` or `gatelodge worker` run: they replace keys in time.",
            )
        if not sealed and not ending:
            text = f"{_count(published, 'key')} published, all in order."
            yield Finding("keys", "Signing keys", Severity.GOOD, text)

    def _opens(self, found: KeyOverview) -> bool:
        try:
            self._sealer.open(found.key.sealed_private, purpose=SEAL_PURPOSE, about=found.id)
        except SealBroken:
            return False
        return True

    # ------------------------------------------------------------------- OpenID providers

    async def _sign_in(self) -> list[Finding]:
        if self._metadata is None:
            return []
        slugs = await self._database.run_read(
            lambda connection: {
                each.slug for each in every(lambda after: tenants.list_all(connection, after=after))
            }
        )
        found = await asyncio.gather(
            *(self._provider(self._metadata, each, slugs) for each in self._providers)
        )
        return list(found)

    async def _provider(
        self, metadata: ProviderMetadata, provider: Provider, slugs: Collection[str]
    ) -> Finding:
        title = f"OpenID provider {provider.key}"
        named = {provider.tenant} if provider.tenant else set((provider.tenants or {}).values())
        try:
            await metadata.of(provider)
        except ProviderDown as error:
            text = f"{error} {error.reason}"
            return Finding("provider", title, Severity.ERROR, text, error.hint)
        if missing := sorted(named - {*slugs}):
            text = f"It leads to {', '.join(map(repr, missing))}, and there is no such tenant."
            hint = "Add it: gatelodge tenant add; or correct GATELODGE_OIDC."
            return Finding("provider.tenant", title, Severity.WARNING, text, hint)
        if not provider.roles:
            text = "It answers, but no rule gives anybody a role."
            hint = "Add a table [[….roles]] to GATELODGE_OIDC."
            return Finding("provider.roles", title, Severity.WARNING, text, hint)
        return Finding("provider", title, Severity.GOOD, f"It answers as {provider.issuer}.")

    # ------------------------------------------------------------------- platforms

    async def _platforms(self) -> list[Finding]:
        """Each platform client's key set, fetched now; and by the answers, whether clocks agree."""
        clients = await self._database.run_read(
            lambda connection: list(
                every(lambda after: platform_clients.list_all(connection, None, after=after))
            )
        )
        few = asyncio.Semaphore(_AT_ONCE)

        async def one(client: PlatformClient) -> list[Finding]:
            async with few:
                return await self._platform(client)

        found = await asyncio.gather(*map(one, clients))
        return [finding for each in found for finding in each]

    async def _platform(self, client: PlatformClient) -> list[Finding]:
        title = f"Key set of {client.issuer}, client {client.client_id}"
        try:
            answer = await self._fetcher.get(
                client.key_set_url, accept="application/json", deadline=FETCH_SECONDS
            )
            count = _keys_in(answer)
        except GatelodgeError as error:
            return [Finding("key_set", title, Severity.ERROR, str(error), error.hint)]
        text = f"{count} usable {'key' if count == 1 else 'keys'}."
        return [
            Finding("key_set", title, Severity.GOOD, text),
            *_clock_findings(client, answer, self._clock()),
        ]


def _keys_in(answer: Answer) -> int:
    if answer.status != 200:
        raise KeySetInvalid(sent=f"HTTP status {answer.status}", expected="HTTP status 200")
    count = len(read_key_set(answer.body))
    if count == 0:
        raise KeySetInvalid(note=note("key_set.no_usable_key"))
    return count


def _clock_findings(client: PlatformClient, answer: Answer, now: float) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except ValueError:
        return
    ahead = round(now - theirs)
    # A header has whole seconds, and the answer took its time.
    if abs(ahead) <= 5:
        return
    severity = Severity.WARNING if abs(ahead) > client.leeway / 2 else Severity.NOTE
    yield Finding(
        "clock",
        f"Clock of {client.issuer}",
        severity,
        f"Ours is {abs(ahead)} seconds {'ahead' if ahead > 0 else 'behind'}; "
        f"{client.leeway} are allowed.",
        "Set both by a time service (NTP).",
    )


def _last_of_each(published: Sequence[KeyOverview]) -> list[KeyOverview]:
    """Of each owner and algorithm the key that signs longest."""
    last: dict[tuple[str | None, str], KeyOverview] = {}
    for each in sorted(published, key=lambda found: found.key.signs_until):
        last[each.key.platform_client_id, each.key.algorithm] = each
    return list(last.values())


def _count(found: Sequence[object], noun: str) -> str:
    return f"1 {noun} is" if len(found) == 1 else f"{len(found)} {noun}s are"
