"""People as those see them who give and take roles: what an account holds, and how it signs in.

Roles, and whether an account may be used, are changed in `gatelodge.services.accounts`.
"""

from collections.abc import Sequence

from msgspec import Struct

from gatelodge.services.caller import Caller
from gatelodge.services.errors import AccountNotFound
from gatelodge.storage import accounts, people
from gatelodge.storage.accounts import AccountRow, HeldRole
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.people import MOST_FOUND
from gatelodge.storage.search_words import words_of

__all__ = ["MOST_FOUND", "People", "PersonView"]


class PersonView(Struct, frozen=True):
    """``roles`` are those that the viewer may know of, and ``seen_at`` is when one stood in them.

    ``issuers`` are the providers' that the account is known to.
    """

    id: str
    name: str
    email: str | None
    roles: tuple[HeldRole, ...]
    issuers: tuple[str, ...]
    has_password: bool
    seen_at: int | None
    created_at: int
    disabled_at: int | None


class People:
    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self, caller: Caller, asked: str, *, limit: int, offset: int
    ) -> tuple[Sequence[PersonView], int]:
        """A page of them by name, and how many there are: of the tenant, for the operator all.

        ``asked`` are beginnings of words of their names and e-mail addresses. Of more than
        `MOST_FOUND` who have them as many are told.
        """
        caller.must_administer()
        scope = caller.tenant_scope

        def read(connection: Connection) -> tuple[Sequence[PersonView], int]:
            if asked:
                rows, total = people.search(
                    connection, scope, words_of(asked), limit=limit, offset=offset
                )
            else:
                rows = people.page(connection, scope, limit=limit, offset=offset)
                total = people.count(connection, scope)
            return _views(caller, connection, rows), total

        return self._database.read(read)

    def show(self, caller: Caller, account_id: str) -> PersonView:
        """Raises `AccountNotFound`, also for those who have no role in the caller's tenant."""
        caller.must_administer()

        def read(connection: Connection) -> PersonView:
            row = accounts.get(connection, account_id)
            [view] = _views(caller, connection, [row]) if row else [None]
            if view is None or not (caller.is_operator or view.roles):
                raise AccountNotFound(account_id)
            return view

        return self._database.read(read)


def _views(caller: Caller, connection: Connection, rows: Sequence[AccountRow]) -> list[PersonView]:
    named = [row.id for row in rows]
    held = [
        each
        for each in accounts.roles_of(connection, named)
        if caller.tenant_scope in (None, each.tenant_id)
    ]
    ways = people.ways_of(connection, named)
    return [
        PersonView(
            id=row.id,
            name=row.name,
            email=row.email,
            roles=(roles := tuple(each for each in held if each.account_id == row.id)),
            issuers=tuple(
                each.issuer for each in ways if each.account_id == row.id and each.issuer
            ),
            has_password=any(each.account_id == row.id and not each.issuer for each in ways),
            seen_at=max((each.seen_at for each in roles if each.seen_at), default=None),
            created_at=row.created_at,
            disabled_at=row.disabled_at,
        )
        for row in rows
    ]
