"""What people are listed and found by: in each place the words of their names, in the order of names.

A place is a tenant, or the whole gateway. Reading all accounts would be paid at each look at the
list, so this is kept up to date by whatever changes a name or a role, in the same transaction.
"""

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select

from gatelodge.storage.search_words import sort_key, words_of
from gatelodge.storage.tables import account_roles, accounts, people_words

GATEWAY = ""
"""The place in which everybody is."""

LISTED = ""
"""The word of the entry that stands for the person in the list."""


def note(connection: Connection, account_ids: Collection[str]) -> None:
    """After a change of these accounts, of their roles, or of whether they are there."""
    these = sorted(account_ids)
    places = {each: {GATEWAY} for each in these}
    held = select(account_roles.c.account_id, account_roles.c.tenant_id).where(
        account_roles.c.account_id.in_(these), account_roles.c.tenant_id.is_not(None)
    )
    for account_id, tenant_id in connection.execute(held):
        places[account_id].add(tenant_id)
    named = select(accounts.c.id, accounts.c.name, accounts.c.email).where(accounts.c.id.in_(these))
    rows = [
        {"account_id": account_id, "place": place, "word": word, "sort_name": sort_key(name)}
        for account_id, name, email in connection.execute(named).all()
        for place in sorted(places[account_id])
        for word in (LISTED, *words_of(name, email or ""))
    ]
    connection.execute(delete(people_words).where(people_words.c.account_id.in_(these)))
    if rows:
        connection.execute(insert(people_words), rows)


def leave(connection: Connection, tenant_id: str) -> None:
    """After many have lost their roles in a tenant: none stands in its list without one."""
    there = select(account_roles.c.account_id).where(account_roles.c.tenant_id == tenant_id)
    connection.execute(
        delete(people_words).where(
            people_words.c.place == tenant_id, people_words.c.account_id.not_in(there)
        )
    )
