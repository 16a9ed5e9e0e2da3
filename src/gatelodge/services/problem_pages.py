"""Reports from an error page, of a launch above all, by people without an account.

The page carries a token, and who holds it may report that page once, within an hour. It is bound
to the page's reference, to the platform client and to the tenant, as they were known by then, and
proves nothing else. A sender is told a reference number and never what is known about the launch.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct

from gatelodge.lti.macs import mac
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.problem_book import (
    Entry,
    Kind,
    ProblemBook,
    Typed,
    desk_for,
    read_text,
)
from gatelodge.services.problem_errors import ReportPageDead
from gatelodge.services.sealing import Sealer
from gatelodge.services.sign_in_limits import network_of
from gatelodge.storage import problem_reports as stored
from gatelodge.storage import tenants
from gatelodge.storage.database import Connection, Database

TOKEN_PURPOSE = "problem pages"  # noqa: S105 - what the key is for
LIFETIME = 3600
LONGEST_TEXT = 2000

PER_CLIENT = 60
"""And tenant."""

PER_ADDRESS = 20
"""A whole school may stand behind one address. Both in an hour."""

NO_LAUNCH = "portal"
"""In place of a platform client, for error pages of the portal."""

_LONGEST_TOKEN = 500


class ErrorPage(Struct, frozen=True):
    """The page that a token was made for. ``nonce`` begins with the time, and names this one page."""

    trace_id: str
    client_id: str
    tenant_id: str
    nonce: str

    @property
    def digest(self) -> bytes:
        return sha256(f"page\0{self.nonce}".encode()).digest()

    @property
    def made_at(self) -> float:
        return int(self.nonce[:12], 16) / 1000


class ProblemPages:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        sealer: Sealer,
        audit: Audit,
        book: ProblemBook,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._audit = audit
        self._book = book
        self._keys = sealer.mac_keys(TOKEN_PURPOSE)

    def token(self, trace_id: str, *, client_id: str | None, tenant_id: str | None) -> str:
        """For the page of a refusal; its tenant is the one that the refusal was booked for."""
        page = ErrorPage(trace_id, client_id or "", tenant_id or "", self._ids.nonce())
        body = f"{page.trace_id}.{page.client_id}.{page.tenant_id}.{page.nonce}"
        return f"{body}.{mac(self._keys[0], body.encode()).hex()}"

    def read(self, token: str) -> ErrorPage:
        """Raises `ReportPageDead` for what isn't ours or is too old."""
        body, _, signature = token[:_LONGEST_TOKEN].rpartition(".")
        if not token.isascii() or not _is_signed(body, signature, self._keys):
            raise ReportPageDead
        page = ErrorPage(*body.split("."))
        if self._clock() - page.made_at > LIFETIME:
            raise ReportPageDead
        return page

    def sent(self, token: str) -> str | None:
        """The reference of what was reported from this page already."""
        page = self.read(token)
        found = self._database.read(lambda connection: stored.get_by_page(connection, page.digest))
        return found.reference if found else None

    def report(self, token: str, text: str, *, address: str) -> str:
        """The reference; of the same page it is the same, however often and in how many tabs it is sent."""
        page = self.read(token)
        typed = Typed(read_text("text", text, longest=LONGEST_TEXT))
        return self._database.write(lambda connection: self._add(connection, page, typed, address))

    def _add(self, connection: Connection, page: ErrorPage, typed: Typed, address: str) -> str:
        if found := stored.get_by_page(connection, page.digest):
            return found.reference
        self._book.count(connection, f"address\0{network_of(address)}", most=PER_ADDRESS)
        # A shared client is many tenants'.
        shared = f"client\0{page.client_id}\0{page.tenant_id}"
        self._book.count(connection, shared, most=PER_CLIENT)
        # Counted, and so locked: of two that come at once the second sees the first.
        if found := stored.get_by_page(connection, page.digest):
            return found.reference
        tenant_id = _tenant(connection, page.tenant_id)
        entry = Entry(
            tenant_id=tenant_id,
            desk=desk_for(connection, tenant_id),
            page=page.digest,
            kind=Kind.PORTAL if page.client_id == NO_LAUNCH else Kind.LAUNCH,
            typed=typed,
            launch=page.trace_id,
        )
        report = self._book.add(connection, entry)
        self._audit.record_by(
            "nobody", connection, Tag.PROBLEM_REPORTED, report.id, tenant_id=report.tenant_id
        )
        return report.reference


def _tenant(connection: Connection, tenant_id: str) -> str | None:
    """None where nobody of it can come in and look."""
    tenant = tenants.get(connection, tenant_id) if tenant_id else None
    return None if tenant is None or tenant.is_suspended else tenant.id


def _is_signed(body: str, signature: str, keys: Sequence[bytes]) -> bool:
    message = body.encode()
    return any(hmac.compare_digest(mac(key, message).hex(), signature) for key in keys)
