"""Lists of people: accounts as those see them who give and take roles.

Whom a list holds and in which order, `gatelodge.storage.people_index` keeps.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, FromClause, exists, func, select

from gatelodge.storage.accounts import AccountRow
from gatelodge.storage.people_index import GATEWAY, LISTED
from gatelodge.storage.tables import account_identities, accounts, local_logins, people_words

MOST_FOUND = 1000
"""Of those who have words that are asked for, as many are looked at."""


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody proves who they are: at a provider, or with a password (no ``issuer``)."""

    account_id: str
    issuer: str | None


def page(
    connection: Connection, tenant_id: str | None, *, limit: int, offset: int
) -> list[AccountRow]:
    """By name: those with a role in the tenant, or all."""
    entry = people_words.c
    query = select(entry.account_id).where(*_listed(tenant_id))
    query = query.order_by(entry.sort_name, entry.account_id).limit(limit).offset(offset)
    return _in_order(connection, connection.execute(query).scalars().all())


def count(connection: Connection, tenant_id: str | None) -> int:
    query = select(func.count()).select_from(people_words).where(*_listed(tenant_id))
    return connection.execute(query).scalar_one()


def search(
    connection: Connection,
    tenant_id: str | None,
    words: Sequence[str],
    *,
    limit: int,
    offset: int,
) -> tuple[list[AccountRow], int]:
    """By name, those who have a word that begins with each of these; and how many there are.

    Of more than `MOST_FOUND` as many are told.
    """
    if not words:
        return [], 0
    rarest, *others = sorted(words, key=lambda each: _count(connection, tenant_id, each))
    entry = people_words.c
    query = select(entry.sort_name, entry.account_id).distinct()
    query = query.where(*_begin(people_words, tenant_id, rarest))
    for each in others:
        other = people_words.alias()
        is_same = other.c.account_id == entry.account_id
        query = query.where(exists().where(is_same, *_begin(other, tenant_id, each)))
    found = sorted((row[0], row[1]) for row in connection.execute(query.limit(MOST_FOUND)))
    shown = [account_id for _, account_id in found[offset : offset + limit]]
    return _in_order(connection, shown), len(found)


def ways_of(connection: Connection, account_ids: Collection[str]) -> Sequence[Way]:
    by_provider = (
        select(account_identities.c.account_id, account_identities.c.issuer)
        .where(account_identities.c.account_id.in_(account_ids))
        .order_by(account_identities.c.id)
    )
    by_password = select(local_logins.c.account_id).where(
        local_logins.c.account_id.in_(account_ids)
    )
    return [
        *(Way(*row) for row in connection.execute(by_provider)),
        *(Way(each, None) for each in connection.execute(by_password).scalars()),
    ]


def _in_order(connection: Connection, ids: Sequence[str]) -> list[AccountRow]:
    query = select(accounts).where(accounts.c.id.in_(ids))
    by_id = {row["id"]: AccountRow(**row) for row in connection.execute(query).mappings()}
    return [by_id[each] for each in ids if each in by_id]


def _count(connection: Connection, tenant_id: str | None, word: str) -> int:
    """How many entries have the word; a common one is not counted to its end."""
    some = select(1).where(*_begin(people_words, tenant_id, word)).limit(MOST_FOUND)
    return connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def _listed(tenant_id: str | None) -> list[ColumnElement[bool]]:
    return [people_words.c.place == (tenant_id or GATEWAY), people_words.c.word == LISTED]


def _begin(table: FromClause, tenant_id: str | None, word: str) -> list[ColumnElement[bool]]:
    return [
        table.c.place == (tenant_id or GATEWAY),
        table.c.word >= word,
        table.c.word < f"{word}\U0010ffff",
    ]
