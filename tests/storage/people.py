"""People who sign in, for tests of storage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gatelodge.storage import accounts, sessions, sign_ins
from gatelodge.storage.accounts import AccountRow, RoleRow
from gatelodge.storage.sessions import SessionRow
from tests.storage.cast import NORTHFIELD, NOW, Cast, new_id

ADA = AccountRow("ada", "Ada", "ada@n.example", None, NOW, None)
HER_ROLE = RoleRow("role", "ada", "admin", NORTHFIELD.id, "given", NOW)
HER_SESSION = SessionRow(
    id="session",
    account_id="ada",
    role="admin",
    tenant_id=NORTHFIELD.id,
    provider=None,
    user_agent="",
    sealed_hint=None,
    created_at=NOW,
    seen_at=NOW,
)


def add_ada(cast: Cast) -> None:
    """She administers Northfield, is known to a provider, and has a local login and a session."""
    cast.write(accounts.add, ADA)
    give_role(cast)
    identify(cast)
    add_login(cast)
    begin(cast)


def give_role(cast: Cast, **changes: Any) -> bool:
    return cast.write(accounts.give_role, replace(HER_ROLE, **changes))


def identify(cast: Cast, row_id: str = "identity", owner: str = "ada", subject: str = "s1") -> None:
    cast.write(accounts.add_identity, row_id, owner, "https://idp", subject, created_at=NOW)


def add_login(cast: Cast, owner: str = "ada", email: str = "ada@n.example") -> None:
    cast.write(accounts.add_local_login, owner, email, "$argon2id$", now=NOW)


def begin(cast: Cast, token_hash: bytes = b"ada's", **changes: Any) -> None:
    cast.write(sessions.add, replace(HER_SESSION, **changes), token_hash)


def add_link(cast: Cast, link_id: str = "link", token_hash: bytes = b"hash") -> None:
    cast.write(sign_ins.add_link, link_id, token_hash, now=NOW, expires_at=NOW + 3600)


def add_other(cast: Cast) -> str:
    other = replace(ADA, id=new_id())
    cast.write(accounts.add, other)
    return other.id
