"""One person: requests to find and erase them, their launches, and the accounts they have.

Launches are looked through in windows of their numbers, since no index leads from a person to them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    union,
    update,
)

from gatelodge.storage import people_index
from gatelodge.storage.tables import (
    account_identities,
    account_roles,
    accounts,
    invitations,
    launch_personal,
    launches,
    local_logins,
    mails,
    person_requests,
    problem_reports,
    registration_drafts,
    report_messages,
    report_words,
    sessions,
)

NOBODY = "erased"
"""Stands where the id of an account stood and some text has to."""


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """``counts`` is JSON; ``part`` and ``after`` say where it goes on, in which kind of rows."""

    id: str
    tenant_id: str | None
    asked_by: str
    asked_at: int
    state: str
    sealed: bytes | None
    part: str
    after: str
    counts: str
    erased_by: str | None
    changed_at: int


class SeenLaunch(NamedTuple):
    number: int
    id: str
    tenant_id: str
    subject: str | None
    launched_at: int
    facts: str
    sealed: bytes | None


class AccountLine(NamedTuple):
    id: str
    name: str
    email: str | None


# ---------------------------------------------------------------- requests


def add(connection: Connection, row: PersonRequest) -> None:
    connection.execute(
        insert(person_requests).values({name: getattr(row, name) for name in row.__slots__})
    )


def get(connection: Connection, tenant_id: str | None, request_id: str) -> PersonRequest | None:
    """``tenant_id`` is None for the operator, who sees those of the whole gateway, too."""
    query = select(person_requests).where(
        person_requests.c.id == request_id,
        true() if tenant_id is None else person_requests.c.tenant_id == tenant_id,
    )
    row = connection.execute(query).mappings().first()
    return _request(row) if row else None


def list_recent(
    connection: Connection, tenant_id: str | None, *, limit: int
) -> list[PersonRequest]:
    """The tenant's, or those of the whole gateway; newest first."""
    query = (
        select(person_requests)
        .where(person_requests.c.tenant_id.is_not_distinct_from(tenant_id))
        .order_by(person_requests.c.id.desc())
        .limit(limit)
    )
    return [_request(row) for row in connection.execute(query).mappings()]


def next_in(connection: Connection, states: Sequence[str]) -> str | None:
    """The request in one of these states that nobody has worked at for longest."""
    query = (
        select(person_requests.c.id)
        .where(person_requests.c.state.in_(states))
        .order_by(person_requests.c.changed_at, person_requests.c.id)
        .limit(1)
    )
    return connection.execute(query).scalar()


def change(connection: Connection, before: PersonRequest, after: PersonRequest) -> bool:
    """False when somebody else went on with it meanwhile."""
    changed = connection.execute(
        update(person_requests)
        .where(
            person_requests.c.id == before.id,
            person_requests.c.state == before.state,
            person_requests.c.part == before.part,
            person_requests.c.after == before.after,
        )
        .values({name: getattr(after, name) for name in after.__slots__ if name != "id"})
    )
    return changed.rowcount == 1


def remove(connection: Connection, request_ids: Collection[str]) -> None:
    which = person_requests.c.id.in_(sorted(request_ids))
    connection.execute(delete(person_requests).where(which))


def purge_searches(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Those that were never followed by an erasure."""
    return _purge(connection, ("finding", "found"), before, limit)


def purge_receipts(connection: Connection, before: float, *, limit: int = 1000) -> int:
    return _purge(connection, ("erased",), before, limit)


def _purge(connection: Connection, states: Sequence[str], before: float, limit: int) -> int:
    due = (
        select(person_requests.c.id)
        .where(person_requests.c.state.in_(states), person_requests.c.changed_at < int(before))
        .limit(limit)
    )
    gone = connection.execute(delete(person_requests).where(person_requests.c.id.in_(due)))
    return gone.rowcount


# ---------------------------------------------------------------- launches


def window(
    connection: Connection, tenant_id: str | None, *, after: int, limit: int
) -> list[SeenLaunch]:
    """The launches that follow that number."""
    query = (
        select(
            launches.c.number,
            launches.c.id,
            launches.c.tenant_id,
            launches.c.subject,
            launches.c.launched_at,
            launches.c.facts,
            launch_personal.c.sealed,
        )
        .outerjoin(launch_personal, launch_personal.c.launch_number == launches.c.number)
        .where(
            launches.c.number > after,
            true() if tenant_id is None else launches.c.tenant_id == tenant_id,
        )
        .order_by(launches.c.number)
        .limit(limit)
    )
    return [SeenLaunch(*row) for row in connection.execute(query)]


def rewrite_launches(
    connection: Connection, changed: Sequence[tuple[int, str | None, str]]
) -> None:
    """Number, subject and facts of each."""
    if changed:
        connection.execute(
            update(launches)
            .where(launches.c.number == bindparam("its_number"))
            .values(subject=bindparam("its_subject"), facts=bindparam("its_facts")),
            [
                {"its_number": number, "its_subject": subject, "its_facts": facts}
                for number, subject, facts in changed
            ],
        )


def delete_personal(connection: Connection, numbers: Collection[int]) -> int:
    """The names, addresses and custom values of these launches; how many had any."""
    return connection.execute(
        delete(launch_personal).where(launch_personal.c.launch_number.in_(sorted(numbers)))
    ).rowcount


# ---------------------------------------------------------------- accounts


def find_accounts(
    connection: Connection, tenant_id: str | None, wanted: str, *, limit: int
) -> list[AccountLine]:
    """By e-mail address, by what a provider calls them, or by id."""
    folded = wanted.lower()
    by_login = exists().where(
        local_logins.c.account_id == accounts.c.id, local_logins.c.email == folded
    )
    by_identity = exists().where(
        account_identities.c.account_id == accounts.c.id, account_identities.c.subject == wanted
    )
    query = select(accounts.c.id, accounts.c.name, accounts.c.email).where(
        or_(func.lower(accounts.c.email) == folded, accounts.c.id == wanted, by_login, by_identity),
        _at(tenant_id),
    )
    return [
        AccountLine(*row) for row in connection.execute(query.order_by(accounts.c.id).limit(limit))
    ]


def accounts_at(connection: Connection, tenant_id: str | None, ids: Collection[str]) -> list[str]:
    """Those of them that hold a role there."""
    query = select(accounts.c.id).where(accounts.c.id.in_(sorted(ids)), _at(tenant_id))
    return list(connection.execute(query).scalars())


def _at(tenant_id: str | None) -> ColumnElement[bool]:
    if tenant_id is None:
        return true()
    return exists().where(
        account_roles.c.account_id == accounts.c.id, account_roles.c.tenant_id == tenant_id
    )


def note_roleless(connection: Connection, now: float) -> None:
    """Since when accounts hold no role; one that is disabled stays, or it would come in anew."""
    holds = exists().where(account_roles.c.account_id == accounts.c.id)
    since = accounts.c.roleless_since
    for changed, value in (
        (since.is_not(None) & (holds | accounts.c.disabled_at.is_not(None)), None),
        (since.is_(None) & ~holds & accounts.c.disabled_at.is_(None), now),
    ):
        connection.execute(update(accounts).where(changed).values(roleless_since=value))


def roleless(connection: Connection, before: float, *, limit: int) -> list[str]:
    """As `note_roleless` left them."""
    query = select(accounts.c.id).where(accounts.c.roleless_since < before).limit(limit)
    return list(connection.execute(query).scalars())


def stands_elsewhere(connection: Connection, tenant_id: str, ids: Collection[str]) -> set[str]:
    """Those that hold a role at another tenant's, or the operator's."""
    query = select(account_roles.c.account_id).where(
        account_roles.c.account_id.in_(sorted(ids)),
        account_roles.c.tenant_id.is_distinct_from(tenant_id),
    )
    return set(connection.execute(query).scalars())


def operators_among(connection: Connection, ids: Collection[str]) -> set[str]:
    query = select(account_roles.c.account_id).where(
        account_roles.c.account_id.in_(sorted(ids)), account_roles.c.tenant_id.is_(None)
    )
    return set(connection.execute(query).scalars())


def admins_at(connection: Connection, tenant_id: str) -> set[str]:
    """Those who can sign in."""
    query = (
        select(account_roles.c.account_id)
        .join(accounts, accounts.c.id == account_roles.c.account_id)
        .where(
            account_roles.c.tenant_id == tenant_id,
            account_roles.c.role == "admin",
            accounts.c.disabled_at.is_(None),
        )
    )
    return set(connection.execute(query).scalars())


def take_from_tenant(connection: Connection, tenant_id: str, ids: Collection[str]) -> None:
    """Their roles and sessions there; the accounts stay."""
    for table in (sessions, account_roles):
        connection.execute(
            delete(table).where(table.c.account_id.in_(sorted(ids)), table.c.tenant_id == tenant_id)
        )
    people_index.note(connection, ids)


def unsign_reports(connection: Connection, tenant_id: str, ids: Collection[str]) -> None:
    """What they wrote in the tenant's reports stays, from nobody.

    The words that their reports are found by go; who can read the reports makes them anew.
    """
    sent = select(problem_reports.c.id).where(
        problem_reports.c.tenant_id == tenant_id, problem_reports.c.account_id.in_(sorted(ids))
    )
    connection.execute(delete(report_words).where(report_words.c.report_id.in_(sent)))
    theirs = select(problem_reports.c.id).where(problem_reports.c.tenant_id == tenant_id)
    for table, which in (
        (report_messages, report_messages.c.report_id.in_(theirs)),
        (problem_reports, problem_reports.c.tenant_id == tenant_id),
    ):
        connection.execute(
            update(table).where(table.c.account_id.in_(sorted(ids)), which).values(account_id=None)
        )


def names_of_accounts(connection: Connection, ids: Collection[str]) -> set[str]:
    """What they are called: by themselves, by their providers, and where they sign in."""
    these = sorted(ids)
    query = union(
        select(accounts.c.name).where(accounts.c.id.in_(these)),
        select(accounts.c.email).where(accounts.c.id.in_(these)),
        select(local_logins.c.email).where(local_logins.c.account_id.in_(these)),
        select(account_identities.c.subject).where(account_identities.c.account_id.in_(these)),
    )
    return {each for each in connection.execute(query).scalars() if each}


def erase_accounts(connection: Connection, ids: Collection[str]) -> int:
    """With all that names them. What they wrote in reports stays, from nobody.

    The words that their reports are found by are those of the sender's name, too, and go; who can
    read the reports makes them anew.
    """
    these = sorted(ids)
    theirs = select(problem_reports.c.id).where(problem_reports.c.account_id.in_(these))
    connection.execute(delete(report_words).where(report_words.c.report_id.in_(theirs)))
    for table in (problem_reports, report_messages):
        connection.execute(
            update(table).where(table.c.account_id.in_(these)).values(account_id=None)
        )
    connection.execute(
        update(registration_drafts)
        .where(registration_drafts.c.account.in_(these))
        .values(account=NOBODY)
    )
    connection.execute(
        delete(invitations).where(
            or_(invitations.c.inviter.in_(these), invitations.c.used_by.in_(these))
        )
    )
    for table in (sessions, mails, local_logins, account_identities, account_roles):
        connection.execute(delete(table).where(table.c.account_id.in_(these)))
    erased = connection.execute(delete(accounts).where(accounts.c.id.in_(these))).rowcount
    people_index.note(connection, these)
    return erased


def _request(row: RowMapping) -> PersonRequest:
    return PersonRequest(**row)
