"""Sessions: who is signed in, and in which of their roles they stand.

A session is a row, so that every replica knows it; the browser alone has its token, of which only
the hash is kept. Each look-up asks anew whether the account may still stand where it stands. How
somebody proves who they are is in `gatelodge.services.accounts`; cookies are not known here.
"""

from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256

from msgspec import Struct

from gatelodge.lti.macs import mac
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import AccountNotFound, NoStanding, SessionNotFound
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.sealing import Sealer
from gatelodge.storage import accounts, sessions
from gatelodge.storage.accounts import HeldRole
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.storage.sessions import FoundSession, SessionRow

CSRF_PURPOSE = "session forms"
HINT_PURPOSE = "sign-out hint"
"""A provider's id_token is sealed for this, about the session's id, for signing out there."""

LONGEST = 12 * 3600
SEEN_EVERY = 60
LONGEST_USER_AGENT = 200

_LONGEST_TOKEN = 100


class Standing(Struct, frozen=True):
    """One of the roles that an account holds, and where."""

    role: Role
    tenant_id: str | None
    tenant_name: str | None


class Visitor(Struct, frozen=True):
    """Somebody signed in, in one standing; ``csrf`` goes with the forms of this standing alone."""

    session_id: str
    account_id: str
    name: str
    email: str | None
    caller: Caller
    standing: Standing
    standings: tuple[Standing, ...]
    language: str | None
    csrf: str


class SessionView(Struct, frozen=True):
    """A session as its owner sees it; ``provider`` is None for a local sign-in."""

    id: str
    standing: Standing | None
    provider: str | None
    user_agent: str
    created_at: int
    seen_at: int
    is_current: bool


class EndedSession(Struct, frozen=True):
    """What the provider needs to sign the person out as well."""

    provider: str | None
    id_token: str | None


class Sessions:
    """``idle`` is how many seconds a session lives without being used."""

    def __init__(
        self, database: Database, clock: Clock, ids: Ids, sealer: Sealer, audit: Audit, *, idle: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._sealer = sealer
        self._audit = audit
        self._idle = idle
        self._csrf_key = sealer.mac_keys(CSRF_PURPOSE)[0]

    def begin(
        self,
        account_id: str,
        provider: str | None = None,
        standing: Standing | None = None,
        *,
        user_agent: str = "",
        id_token: str | None = None,
    ) -> str:
        """A new session, by its token; raises `NoStanding` if the account holds no role.

        ``provider`` and ``id_token`` are those of the OpenID provider that somebody came from.
        """
        token, session_id, now = self._ids.secret(), self._ids.new(), int(self._clock())

        def write(connection: Connection) -> None:
            account = accounts.get(connection, account_id)
            if account is None or account.disabled_at is not None:
                raise AccountNotFound(account_id)
            chosen = _chosen(_standings(connection, account_id), standing)
            row = SessionRow(
                id=session_id,
                account_id=account_id,
                role=chosen.role,
                tenant_id=chosen.tenant_id,
                provider=provider,
                user_agent=_shortened(user_agent),
                sealed_hint=self._sealed(id_token, session_id),
                created_at=now,
                seen_at=now,
            )
            sessions.add(connection, row, _hashed(token))
            accounts.mark_seen(connection, account_id, chosen.role, chosen.tenant_id, now)
            self._record(connection, Tag.ACCOUNT_SIGNED_IN, row)

        self._database.write(write)
        return token

    def find(self, token: str) -> Visitor | None:
        """None once it has ended, for whatever reason: a session that is in use is no longer idle."""
        if not 0 < len(token) <= _LONGEST_TOKEN:
            return None
        now = self._clock()
        visitor, seen_at = self._database.read(
            lambda connection: self._found(connection, _hashed(token), now)
        )
        if visitor is not None and now - seen_at >= SEEN_EVERY:
            # Who may look may look, even while nothing can be written.
            with suppress(StorageUnavailable):
                self._mark_seen(visitor, now)
        return visitor

    def choose(self, visitor: Visitor, standing: Standing) -> str:
        """Stand elsewhere, under a new token; forms of the place before are good no more."""
        token = self._ids.secret()

        def write(connection: Connection) -> None:
            chosen = _chosen(_standings(connection, visitor.account_id), standing)
            has_chosen = sessions.choose(
                connection,
                visitor.session_id,
                _hashed(token),
                role=chosen.role,
                tenant_id=chosen.tenant_id,
            )
            if not has_chosen:
                raise SessionNotFound(visitor.session_id)
            accounts.mark_seen(
                connection, visitor.account_id, chosen.role, chosen.tenant_id, self._clock()
            )

        self._database.write(write)
        return token

    def end(self, token: str) -> EndedSession | None:
        """Signing out; None if there was no such session."""

        def write(connection: Connection) -> SessionRow | None:
            row = sessions.end(connection, _hashed(token))
            if row is not None:
                self._record(connection, Tag.ACCOUNT_SIGNED_OUT, row)
            return row

        row = self._database.write(write)
        return None if row is None else EndedSession(row.provider, self._opened(row))

    def end_other(self, visitor: Visitor, session_id: str) -> None:
        """One of the visitor's own sessions, as they see them in a list."""

        def write(connection: Connection) -> None:
            row = sessions.end_one(connection, visitor.account_id, session_id)
            if row is None:
                raise SessionNotFound(session_id)
            self._record(connection, Tag.ACCOUNT_SESSION_ENDED, row)

        self._database.write(write)

    def list(self, visitor: Visitor) -> list[SessionView]:
        """The visitor's own that have not ended, newest first."""
        now = self._clock()

        def read(connection: Connection) -> list[SessionView]:
            held = _standings(connection, visitor.account_id)
            return [
                SessionView(
                    id=row.id,
                    standing=_held(held, row),
                    provider=row.provider,
                    user_agent=row.user_agent,
                    created_at=row.created_at,
                    seen_at=row.seen_at,
                    is_current=row.id == visitor.session_id,
                )
                for row in sessions.list_of(connection, visitor.account_id)
                if not self._is_over(row, now)
            ]

        return self._database.read(read)

    def _found(
        self, connection: Connection, token_hash: bytes, now: float
    ) -> tuple[Visitor | None, int]:
        found = sessions.find(connection, token_hash)
        if found is None or self._is_over(found.session, now):
            return None, 0
        held = _standings(connection, found.session.account_id)
        standing = _held(held, found.session)
        if standing is None:
            return None, 0
        return self._visitor(found, standing, held), found.session.seen_at

    def _visitor(
        self, found: FoundSession, standing: Standing, held: tuple[Standing, ...]
    ) -> Visitor:
        row = found.session
        return Visitor(
            session_id=row.id,
            account_id=row.account_id,
            name=found.name,
            email=found.email,
            caller=Caller(row.account_id, standing.role, standing.tenant_id),
            standing=standing,
            standings=held,
            language=found.language,
            csrf=self._csrf(row),
        )

    def _csrf(self, row: SessionRow) -> str:
        about = f"{row.id}.{row.role}.{row.tenant_id or ''}"
        return mac(self._csrf_key, about.encode()).hex()

    def _is_over(self, row: SessionRow, now: float) -> bool:
        return now - row.created_at >= LONGEST or now - row.seen_at >= self._idle

    def _mark_seen(self, visitor: Visitor, now: float) -> None:
        caller = visitor.caller

        def write(connection: Connection) -> None:
            sessions.mark_seen(connection, visitor.session_id, now, before=now - SEEN_EVERY)
            accounts.mark_seen(connection, caller.account, caller.role, caller.tenant_id, now)

        self._database.write(write)

    def _sealed(self, id_token: str | None, session_id: str) -> bytes | None:
        if id_token is None:
            return None
        return self._sealer.seal(id_token.encode(), purpose=HINT_PURPOSE, about=session_id)

    def _opened(self, row: SessionRow) -> str | None:
        if row.sealed_hint is None:
            return None
        return self._sealer.open(row.sealed_hint, purpose=HINT_PURPOSE, about=row.id).decode()

    def _record(self, connection: Connection, tag: Tag, row: SessionRow) -> None:
        self._audit.record(
            Caller(row.account_id, Role(row.role), row.tenant_id),
            connection,
            tag,
            row.account_id,
            tenant_id=row.tenant_id,
            session=row.id,
            provider=row.provider,
        )


_IN_ORDER = list(Role)


def _standings(connection: Connection, account_id: str) -> tuple[Standing, ...]:
    return standings_of(accounts.roles_of(connection, [account_id]))


def standings_of(roles: Iterable[HeldRole]) -> tuple[Standing, ...]:
    """Where one may stand: not in a tenant that is suspended. The operator's place comes first."""
    held = [
        Standing(Role(each.role), each.tenant_id, each.tenant_name)
        for each in roles
        if not each.is_suspended
    ]
    return tuple(
        sorted(held, key=lambda each: (_IN_ORDER.index(each.role), each.tenant_name or ""))
    )


def _chosen(held: tuple[Standing, ...], wanted: Standing | None) -> Standing:
    if wanted is None:
        if not held:
            raise NoStanding
        return held[0]
    for each in held:
        if (each.role, each.tenant_id) == (wanted.role, wanted.tenant_id):
            return each
    raise NoStanding


def _held(held: tuple[Standing, ...], row: SessionRow) -> Standing | None:
    for each in held:
        if (each.role, each.tenant_id) == (row.role, row.tenant_id):
            return each
    return None


def _hashed(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _shortened(user_agent: str) -> str:
    """As the browser says of itself, cut; what doesn't print is left out."""
    return "".join(each for each in user_agent if each.isprintable())[:LONGEST_USER_AGENT]
