"""Sessions of people who signed in: a row each, found by the hash of its token."""

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from gatelodge.storage.tables import accounts, sessions


@dataclass(frozen=True, slots=True)
class SessionRow:
    """``role`` and ``tenant_id`` are the standing; ``sealed_hint`` is for the provider's sign-out."""

    id: str
    account_id: str
    role: str
    tenant_id: str | None
    provider: str | None
    user_agent: str
    sealed_hint: bytes | None
    created_at: int
    seen_at: int


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session with what is shown of its account."""

    session: SessionRow
    name: str
    email: str | None
    language: str | None


_COLUMNS = [each for each in sessions.c if each.name != "token_hash"]


def add(connection: Connection, row: SessionRow, token_hash: bytes) -> None:
    values = {name: getattr(row, name) for name in row.__slots__}
    connection.execute(insert(sessions).values(token_hash=token_hash, **values))


def find(connection: Connection, token_hash: bytes) -> FoundSession | None:
    """None where the account is disabled; the times are judged by who asks."""
    row = (
        connection.execute(
            select(
                *_COLUMNS,
                accounts.c.name,
                accounts.c.email,
                accounts.c.language,
            )
            .join(accounts, accounts.c.id == sessions.c.account_id)
            .where(sessions.c.token_hash == token_hash, accounts.c.disabled_at.is_(None))
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    return FoundSession(_session(row), row["name"], row["email"], row["language"])


def list_of(connection: Connection, account_id: str, *, limit: int = 100) -> list[SessionRow]:
    """Newest first."""
    query = (
        select(*_COLUMNS)
        .where(sessions.c.account_id == account_id)
        .order_by(sessions.c.id.desc())
        .limit(limit)
    )
    return [_session(row) for row in connection.execute(query).mappings()]


def mark_seen(connection: Connection, session_id: str, now: float, *, before: float) -> None:
    """Written once, by the first of those who look at the same time."""
    connection.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.seen_at <= before)
        .values(seen_at=now)
    )


def choose(
    connection: Connection,
    session_id: str,
    token_hash: bytes,
    *,
    role: str,
    tenant_id: str | None,
) -> bool:
    """Another standing under another token; the old token is nobody's from then on."""
    chosen = connection.execute(
        update(sessions)
        .where(sessions.c.id == session_id)
        .values(token_hash=token_hash, role=role, tenant_id=tenant_id)
    )
    return chosen.rowcount == 1


def end(connection: Connection, token_hash: bytes) -> SessionRow | None:
    row = (
        connection.execute(
            delete(sessions).where(sessions.c.token_hash == token_hash).returning(*_COLUMNS)
        )
        .mappings()
        .first()
    )
    return _session(row) if row else None


def end_one(connection: Connection, account_id: str, session_id: str) -> SessionRow | None:
    row = (
        connection.execute(
            delete(sessions)
            .where(sessions.c.id == session_id, sessions.c.account_id == account_id)
            .returning(*_COLUMNS)
        )
        .mappings()
        .first()
    )
    return _session(row) if row else None


def end_all(connection: Connection, account_id: str) -> int:
    return connection.execute(delete(sessions).where(sessions.c.account_id == account_id)).rowcount


def end_all_at(connection: Connection, tenant_id: str) -> int:
    return connection.execute(delete(sessions).where(sessions.c.tenant_id == tenant_id)).rowcount


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Deletes sessions that began before this time, at most ``limit``; returns how many."""
    due = (
        select(sessions.c.id)
        .where(sessions.c.created_at < before)
        .order_by(sessions.c.created_at)
        .limit(limit)
    )
    return connection.execute(delete(sessions).where(sessions.c.id.in_(due))).rowcount


def _session(row: RowMapping) -> SessionRow:
    return SessionRow(**{name: row[name] for name in SessionRow.__slots__})
