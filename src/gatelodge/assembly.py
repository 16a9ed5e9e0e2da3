"""Joins the parts into one gateway; the only place that does, and that hands settings out."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import urlsplit

import structlog

from gatelodge import __version__
from gatelodge.lti.errors import GatelodgeError
from gatelodge.outbound.client import OutboundClient
from gatelodge.outbound.smtp import MailServer
from gatelodge.services.accounts import Accounts
from gatelodge.services.addresses import Addresses
from gatelodge.services.audit import Audit
from gatelodge.services.audit_chain import AuditChain
from gatelodge.services.audit_log import AuditLog
from gatelodge.services.background import Worker
from gatelodge.services.catalogue import Catalogue
from gatelodge.services.connection_checks import ConnectionChecks
from gatelodge.services.deployments import Deployments
from gatelodge.services.drafts import Drafts
from gatelodge.services.first_meetings import FirstMeetings
from gatelodge.services.handoffs import HandOffs
from gatelodge.services.health import Finding, Health, Severity
from gatelodge.services.invitations import Invitations
from gatelodge.services.key_sets import KeySets
from gatelodge.services.launch_pages import LaunchPages
from gatelodge.services.launch_records import LaunchRecords
from gatelodge.services.launches import Launches
from gatelodge.services.logins import STATE_PURPOSE, Logins
from gatelodge.services.mails import Outbox, Postman, Tell, in_english
from gatelodge.services.notices import Notices
from gatelodge.services.passwords import Passwords
from gatelodge.services.people import People
from gatelodge.services.persons import Persons
from gatelodge.services.ports import Clock, DrawnInBlocks, Ids, Randomness
from gatelodge.services.problem_book import ProblemBook
from gatelodge.services.problem_pages import ProblemPages
from gatelodge.services.problems import Problems
from gatelodge.services.provider_metadata import ProviderMetadata
from gatelodge.services.provider_sign_in import ProviderSignIn
from gatelodge.services.providers import read_providers
from gatelodge.services.rate_limits import RateLimits
from gatelodge.services.refusals import Refusals
from gatelodge.services.refused_access import RefusedAccess
from gatelodge.services.registration_details import RegistrationDetails
from gatelodge.services.registration_edits import RegistrationEdits
from gatelodge.services.registration_list import RegistrationList
from gatelodge.services.registrations import Registrations
from gatelodge.services.sealing import Sealer
from gatelodge.services.sessions import Sessions
from gatelodge.services.setup_links import SetupLinks
from gatelodge.services.shared_clients import SharedClients
from gatelodge.services.sign_in_limits import SignInLimits
from gatelodge.services.signing_keys import SigningKeys
from gatelodge.services.telemetry import Telemetry
from gatelodge.services.tenant_deletions import TenantDeletions
from gatelodge.services.tenant_exports import TenantExports
from gatelodge.services.tenant_identities import TenantIdentities
from gatelodge.services.tenant_requests import Mode, TenantRequests
from gatelodge.services.tenants import IDENTITY_PURPOSE, Tenants
from gatelodge.services.tool_icons import ToolIcons
from gatelodge.services.tools import Tools
from gatelodge.settings import (
    Settings,
    StartRefused,
    provider_tables,
    refuse_to_serve,
    secret_keys,
    sender_of_mails,
)
from gatelodge.storage import catalogue as stored_catalogue
from gatelodge.storage import schema, seal_check
from gatelodge.storage.database import Database
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.storage.launch_writer import LaunchWriter
from gatelodge.storage.values import TenantFacts

_log = structlog.get_logger("gatelodge")

A_MOMENT = 1.0
"""Seconds between two looks for changes, and between two writings of what was counted."""

NEWEST_KEY = "newest secret key"
"""Under this name the database keeps the check value of the newest secret key."""


class Gateway:
    """Every service, ready to use. `start` and `stop` frame the life of the parts that run.

    ``tls`` says whose certificates are believed of LMSs; without it, those that the machine trusts.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        sealer: Sealer,
        *,
        own_addresses: Collection[tuple[str, int]] = (),
        clock: Clock = time.time,
        random: Randomness | None = None,
        tls: ssl.SSLContext | None = None,
        tell: Tell = in_english,
    ) -> None:
        self.version = __version__
        self.settings = settings
        self.database = database
        self.clock = clock
        random = random or DrawnInBlocks()
        self.ids = ids = Ids(clock, random)
        self.addresses = Addresses(settings.base_url)
        self.host = urlsplit(settings.base_url).netloc
        self.trusted_proxies = settings.trusted_proxies
        self.telemetry = Telemetry()
        self.outbound = OutboundClient(
            allow=settings.outbound_allow,
            development=settings.development,
            own_addresses=own_addresses,
            proxy=settings.outbound_proxy or None,
            user_agent=f"Gatelodge/{__version__}",
            tls=tls,
        )
        audit = Audit(clock, ids, sealer)
        self.outbox = Outbox(database, clock, ids, sealer, is_on=bool(settings.smtp_url))
        self.postman = Postman(
            database,
            clock,
            ids,
            sealer,
            MailServer(settings.smtp_url) if settings.smtp_url else None,
            sender=sender_of_mails(settings),
            address=settings.base_url,
            tell=tell,
        )
        self.tenants = Tenants(database, clock, ids, random, sealer, audit)
        self.tenant_requests = TenantRequests(
            database,
            clock,
            ids,
            sealer,
            audit,
            self.tenants,
            self.outbox,
            self.addresses,
            mode=Mode(settings.tenant_requests),
        )
        self.tenant_identities = TenantIdentities(database, audit)
        self.tools = Tools(database, clock, ids, audit, development=settings.development)
        self.tool_icons = ToolIcons(database, clock, audit)
        self.signing_keys = SigningKeys(database, clock, ids, sealer, audit)
        self.registrations = Registrations(
            database,
            clock,
            ids,
            audit,
            self.signing_keys,
            self.addresses,
            development=settings.development,
        )
        self.registration_edits = RegistrationEdits(
            database, audit, self.registrations, development=settings.development
        )
        self.drafts = Drafts(
            database,
            clock,
            ids,
            audit,
            self.signing_keys,
            self.registrations,
            self.addresses,
        )
        self.shared_clients = SharedClients(
            database,
            clock,
            ids,
            audit,
            self.signing_keys,
            development=settings.development,
        )
        self.deployments = Deployments(database, clock, audit)
        self.sessions = Sessions(
            database, clock, ids, sealer, audit, idle=60 * settings.session_idle_minutes
        )
        passwords = Passwords()
        self.refused_access = RefusedAccess(database, clock, audit)
        self.sign_in_limits = SignInLimits(database, clock, sealer, audit)
        self.accounts = Accounts(database, clock, ids, audit, passwords, self.sign_in_limits)
        self.setup_links = SetupLinks(
            database, clock, ids, audit, self.addresses, passwords, self.accounts, self.tenants
        )
        self.people = People(database)
        self.invitations = Invitations(
            database,
            clock,
            ids,
            audit,
            self.addresses,
            self.outbox,
            passwords,
            self.sign_in_limits,
            self.accounts,
        )
        self.registration_list = RegistrationList(database, clock, ids, self.drafts)
        self.registration_details = RegistrationDetails(
            database, self.registrations, self.registration_list
        )
        self.launch_records = LaunchRecords(database, sealer, audit)
        self.launch_pages = LaunchPages(database)
        book = ProblemBook(clock, ids, sealer, self.outbox, self.addresses)
        self.problems = Problems(database, audit, self.launch_records, book)
        self.problem_pages = ProblemPages(database, clock, ids, sealer, audit, book)
        self.connection_checks = ConnectionChecks(self.outbound, clock)
        self.key_sets = KeySets(database, self.outbound, clock, self.telemetry)
        providers = read_providers(provider_tables(settings), development=settings.development)
        metadata = ProviderMetadata(self.outbound, clock, development=settings.development)
        self.provider_sign_in = ProviderSignIn(
            providers,
            metadata,
            self.outbound,
            self.key_sets,
            self.accounts,
            database,
            addresses=self.addresses,
            sealer=sealer,
            clock=clock,
            ids=ids,
        )
        self.health = Health(
            database,
            clock,
            sealer,
            self.outbound,
            settings_findings(settings),
            providers=providers,
            metadata=metadata,
        )
        self.audit_chain = AuditChain(database, clock, sealer)
        self.audit_log = AuditLog(database, ids)
        notices = Notices(clock, sealer, self.outbox, self.addresses)
        self.tenant_exports = TenantExports(database, clock, ids, sealer, audit, notices)
        self.tenant_deletions = TenantDeletions(
            database, clock, audit, notices, days=settings.tenant_deletion_days
        )
        self.persons = Persons(database, clock, ids, sealer, audit, book)
        self.worker = Worker(
            database,
            clock,
            ids,
            self.signing_keys,
            self.audit_chain,
            self.tenant_exports,
            self.tenant_deletions,
            self.persons,
            personal_days=settings.personal_days,
            launch_days=settings.launch_days,
            audit_days=settings.audit_days,
        )
        self._assemble_launch_path(settings, sealer)
        self._running: list[asyncio.Task[None]] = []

    def _assemble_launch_path(self, settings: Settings, sealer: Sealer) -> None:
        def open_identity_key(tenant: TenantFacts) -> bytes:
            return sealer.open(tenant.identity_key, purpose=IDENTITY_PURPOSE, about=tenant.id)

        limits = settings.rate_limits
        rate_limits = RateLimits(
            limits.launches if limits else None, limits.tokens if limits else None, self.clock
        )
        state_keys = sealer.mac_keys(STATE_PURPOSE)
        self.catalogue = Catalogue(
            self.database,
            open_identity_key=open_identity_key,
            forget_keys=self.signing_keys.forget,
            forget_all_keys=self.signing_keys.forget_all,
            entries=settings.cache_entries,
        )
        self.refusals = Refusals(self.database, self.clock, self.ids)
        self.launch_writer = LaunchWriter(self.database)
        self.logins = Logins(
            self.catalogue,
            self.refusals,
            rate_limits,
            self.telemetry,
            addresses=self.addresses,
            state_keys=state_keys,
            clock=self.clock,
            ids=self.ids,
        )
        self.launches = Launches(
            self.catalogue,
            self.key_sets,
            self.launch_writer,
            FirstMeetings(self.database, self.catalogue, self.clock, self.ids),
            self.refusals,
            rate_limits,
            self.telemetry,
            addresses=self.addresses,
            state_keys=state_keys,
            sealer=sealer,
            clock=self.clock,
            ids=self.ids,
            http_allowed=settings.development,
        )
        self.hand_offs = HandOffs(
            self.database,
            self.catalogue,
            self.signing_keys,
            rate_limits,
            self.telemetry,
            addresses=self.addresses,
            sealer=sealer,
            clock=self.clock,
            ids=self.ids,
        )

    # ------------------------------------------------------------------- the parts that run

    async def start(self) -> None:
        await self.catalogue.refresh()
        await asyncio.to_thread(self.signing_keys.ensure, None)
        self._run(self._again_and_again(self.catalogue.refresh, "changes_not_read"))
        self._run(self._again_and_again(self.refusals.flush, "refusals_not_counted"))
        self._run(self.worker.keep_running())
        self._run(self.postman.keep_running())

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.launch_writer.drain()
        await self.key_sets.close()
        with suppress(GatelodgeError):
            await self.refusals.flush()
        await self.outbound.aclose()

    def close(self) -> None:
        self.database.close()

    async def check_ready(self) -> None:
        """Raises `StorageUnavailable` when the database doesn't answer."""
        await self.database.run_read(stored_catalogue.version)

    async def _again_and_again(self, work: Callable[[], Awaitable[object]], failed: str) -> None:
        while True:
            await asyncio.sleep(A_MOMENT)
            try:
                await work()
            except GatelodgeError as error:
                _log.warning(failed, why=error.code)
            except Exception:  # noqa: BLE001 - nobody would begin it again
                _log.exception(failed)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._running.append(asyncio.create_task(work))


def open_gateway(
    settings: Settings,
    *,
    check_for_serving: bool,
    own_addresses: Collection[tuple[str, int]] = (),
    tell: Tell = in_english,
) -> Gateway:
    """Open the database and join the parts; raises `StartRefused` with one sentence if not.

    ``own_addresses`` are hosts and ports that this process listens on; ``tell`` puts the words of
    mails into the language of who gets them.
    """
    if check_for_serving:
        refuse_to_serve(settings)
    sealer = Sealer(secret_keys(settings), random=DrawnInBlocks())
    with ExitStack() as if_refused:
        database = _opened_database(settings)
        if_refused.callback(database.close)
        try:
            _bring_up_to_date(database)
            _recognise(database, sealer)
            gateway = Gateway(settings, database, sealer, own_addresses=own_addresses, tell=tell)
        except StorageUnavailable as error:
            raise StartRefused(str(error), hint=error.hint) from None
        except ValueError as error:
            raise StartRefused(str(error)) from None
        if_refused.pop_all()
    return gateway


def _opened_database(settings: Settings) -> Database:
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Database.open(settings.database_url, synchronous=settings.sqlite_synchronous)
    except StorageUnavailable as error:
        raise StartRefused(str(error), hint=error.hint) from None
    except OSError as error:
        raise StartRefused(f"The data directory can't be used: {error.strerror}.") from None


def _bring_up_to_date(database: Database) -> None:
    """SQLite is upgraded by every command, after a copy; PostgreSQL by its own command."""
    match schema.state(database):
        case "newer":
            raise StartRefused(
                "The database was made by a newer version of Gatelodge.",
                hint="Install that version, or restore the copy made before the upgrade.",
            )
        case "empty" | "older" if database.kind == "sqlite":
            schema.upgrade(database)
        case "empty" | "older":
            raise StartRefused(
                "The database is older than this version of Gatelodge.",
                hint="Run: gatelodge db upgrade",
            )


def _recognise(database: Database, sealer: Sealer) -> None:
    """Refuse keys that can't open what this database holds; note the newest key."""
    newest = sealer.check_value()
    known = database.read(lambda connection: seal_check.get(connection, NEWEST_KEY))
    if known == newest:
        return
    if known is None:
        known = database.write(
            lambda connection: seal_check.put_first(connection, NEWEST_KEY, newest)
        )
    if not sealer.recognises(known):
        raise StartRefused(
            "The secret keys are not the ones this database was sealed with.",
            hint="Set GATELODGE_SECRET_KEYS to the keys that were used before, newest first.",
        )
    if known != newest:
        database.write(lambda connection: seal_check.put(connection, NEWEST_KEY, newest))


# ----------------------------------------------------------------------- health of the settings


def settings_findings(settings: Settings) -> list[Finding]:
    """What the settings themselves tell, before anything is opened."""
    found = [_serving_finding(settings), _secret_finding(settings)]
    if settings.development:
        text = "Plain http is allowed, and so are addresses of this machine."
        hint = "Unset GATELODGE_DEVELOPMENT where people rely on this gateway."
        found.append(Finding("settings.development", "Development", Severity.NOTE, text, hint))
    if settings.outbound_proxy:
        text = "Addresses are resolved by the proxy, so the gateway can't check them."
        hint = "Let the proxy refuse private and link-local addresses."
        found.append(Finding("settings.proxy", "Outbound proxy", Severity.NOTE, text, hint))
    if settings.rate_limits is None:
        text = "Logins and launches are not limited."
        hint = "Set GATELODGE_RATE_LIMITS=on."
        found.append(Finding("settings.rate_limits", "Rate limits", Severity.NOTE, text, hint))
    return found


def _serving_finding(settings: Settings) -> Finding:
    try:
        refuse_to_serve(settings)
    except StartRefused as refused:
        return Finding("settings", "Settings", Severity.ERROR, str(refused), refused.hint)
    text = f"Browsers reach this gateway under {settings.base_url}."
    return Finding("settings", "Settings", Severity.GOOD, text)


def _secret_finding(settings: Settings) -> Finding:
    title = "Secret keys"
    try:
        keys = secret_keys(settings)
    except StartRefused as refused:
        return Finding("settings.secrets", title, Severity.ERROR, str(refused), refused.hint)
    text = "1 secret key." if len(keys) == 1 else f"{len(keys)} secret keys; the first one seals."
    return Finding("settings.secrets", title, Severity.GOOD, text)
