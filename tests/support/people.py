"""The standing cast, signed in.

Ada administers Northfield, Ben is an educator there, Cleo administers Southbank, Otto operates the host;
Nobody has not signed in.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatelodge.services.caller import Role
from gatelodge.storage import accounts
from gatelodge.storage.accounts import AccountRow, RoleRow
from gatelodge.storage.database import Connection
from tests.support.gateways import Campus

SESSION_COOKIE = "__Host-gatelodge-session"

CAST: Mapping[str, tuple[Role, str | None] | None] = {
    "Ada": (Role.ADMIN, "northfield"),
    "Ben": (Role.EDUCATOR, "northfield"),
    "Cleo": (Role.ADMIN, "southbank"),
    "Otto": (Role.OPERATOR, None),
    "Nobody": None,
}


def add_person(campus: Campus, name: str) -> str:
    """One of the cast, with an account and the role; the answer is the account's id."""
    standing = CAST[name]
    assert standing is not None
    role, slug = standing
    ids = campus.gateway.ids
    account = AccountRow(
        id=ids.new(), name=name, email=None, language=None, created_at=0, disabled_at=None
    )
    held = RoleRow(
        id=ids.new(),
        account_id=account.id,
        role=role,
        tenant_id=slug and campus.tenant(slug),
        source="given",
        created_at=0,
    )

    def write(connection: Connection) -> None:
        accounts.add(connection, account)
        accounts.give_role(connection, held)

    campus.database.write(write)
    return account.id


def sign_in(campus: Campus, name: str) -> dict[str, str]:
    """The cookies of a new session; none for Nobody."""
    if CAST[name] is None:
        return {}
    return {SESSION_COOKIE: campus.gateway.sessions.begin(add_person(campus, name))}


def csrf_of(campus: Campus, cookies: Mapping[str, str]) -> str:
    """With what a form of this session proves where it comes from; nothing for Nobody."""
    visitor = campus.gateway.sessions.find(cookies.get(SESSION_COOKIE, ""))
    return visitor.csrf if visitor else ""
