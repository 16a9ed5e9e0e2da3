"""Texts in which somebody may be named: read in windows, in the order of ids.

``tenant_id`` None is the whole gateway. Mails and searches are looked through for the operator and
the tenant's own searches; a mail isn't a tenant's, it goes with the account it is for.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    case,
    delete,
    false,
    func,
    null,
    select,
    true,
    update,
)

from gatelodge.storage.tables import (
    invitations,
    mails,
    person_requests,
    problem_reports,
    refusals,
    registrations,
    report_attachments,
    report_messages,
    tenant_requests,
)


class TextRow(NamedTuple):
    """``account_id`` is whose it is; ``plain`` isn't sealed, ``beside`` is a second sealed value."""

    id: str
    account_id: str | None
    sealed: bytes | None
    plain: str | None
    beside: bytes | None


def _row(
    table: Table,
    *,
    account: Any = None,
    sealed: Any = None,
    plain: Any = None,
    beside: Any = None,
) -> Select[*tuple[Any, ...]]:
    columns = (account, sealed, plain, beside)
    return select(table.c.id, *(null() if each is None else each for each in columns))


def _is_of(table: Table, tenant_id: str | None) -> ColumnElement[bool]:
    return true() if tenant_id is None else table.c.tenant_id == tenant_id


def _reports(tenant_id: str | None) -> Select[*tuple[Any, ...]]:
    """With what they are found by beside their words."""
    known = problem_reports.c.reference + " " + func.coalesce(problem_reports.c.launch, "")
    query = _row(
        problem_reports,
        account=problem_reports.c.account_id,
        sealed=problem_reports.c.sealed,
        plain=known,
    )
    return query.where(_is_of(problem_reports, tenant_id))


def _messages(tenant_id: str | None) -> Select[*tuple[Any, ...]]:
    query = _row(
        report_messages, account=report_messages.c.account_id, sealed=report_messages.c.sealed
    )
    return _within_reports(query, report_messages, tenant_id)


def _files(tenant_id: str | None) -> Select[*tuple[Any, ...]]:
    """With the content of those that are text."""
    is_text = report_attachments.c.content_type == "text/plain"
    query = _row(
        report_attachments,
        account=problem_reports.c.account_id,
        sealed=report_attachments.c.sealed_name,
        beside=case((is_text, report_attachments.c.sealed)),
    )
    return _within_reports(query, report_attachments, tenant_id)


def _within_reports(
    query: Select[*tuple[Any, ...]], table: Table, tenant_id: str | None
) -> Select[*tuple[Any, ...]]:
    joined = query.join(problem_reports, problem_reports.c.id == table.c.report_id)
    return joined.where(_is_of(problem_reports, tenant_id))


def _refusals(tenant_id: str | None) -> Select[*tuple[Any, ...]]:
    """With what the LMS sent where something else was expected."""
    return _row(refusals, plain=refusals.c.details).where(_is_of(refusals, tenant_id))


def _invitations(tenant_id: str | None) -> Select[*tuple[Any, ...]]:
    query = _row(invitations, account=invitations.c.inviter, plain=invitations.c.note)
    return query.where(_is_of(invitations, tenant_id))


def _requests(tenant_id: str | None) -> Select[*tuple[Any, ...]]:
    query = _row(
        tenant_requests,
        sealed=tenant_requests.c.sealed,
        plain=tenant_requests.c.subject,
        beside=tenant_requests.c.sealed_word,
    )
    return query.where(_is_of(tenant_requests, tenant_id))


def _mails(tenant_id: str | None) -> Select[*tuple[Any, ...]]:
    query = _row(mails, account=mails.c.account_id, sealed=mails.c.sealed)
    return query.where(true() if tenant_id is None else false(), mails.c.sealed.is_not(None))


def _searches(tenant_id: str | None) -> Select[*tuple[Any, ...]]:
    query = _row(person_requests, sealed=person_requests.c.sealed)
    return query.where(
        _is_of(person_requests, tenant_id), person_requests.c.state.in_(("finding", "found"))
    )


_PARTS: Mapping[str, tuple[Table, Callable[[str | None], Select[*tuple[Any, ...]]], int]] = {
    "refusals": (refusals, _refusals, 500),
    "reports": (problem_reports, _reports, 200),
    "messages": (report_messages, _messages, 200),
    "files": (report_attachments, _files, 4),
    "invitations": (invitations, _invitations, 500),
    "requests": (tenant_requests, _requests, 200),
    "mails": (mails, _mails, 200),
    "searches": (person_requests, _searches, 20),
}

PARTS = tuple(_PARTS)


def window(
    connection: Connection, part: str, tenant_id: str | None, *, after: str
) -> tuple[list[TextRow], bool]:
    """The rows that follow that id, and whether they are the last ones; files are large, and few."""
    table, query_of, limit = _PARTS[part]
    query = query_of(tenant_id).where(table.c.id > after).order_by(table.c.id).limit(limit)
    rows = [TextRow(*row) for row in connection.execute(query)]
    return rows, len(rows) < limit


def reports_by(
    connection: Connection, tenant_id: str | None, account_ids: Collection[str]
) -> list[TextRow]:
    """What these reported, of whom the rows know it."""
    theirs = problem_reports.c.account_id.in_(sorted(account_ids))
    return [TextRow(*row) for row in connection.execute(_reports(tenant_id).where(theirs))]


def registration_names(connection: Connection, report_ids: Sequence[str]) -> dict[str, str]:
    """What the registrations are called that these reports are about."""
    query = (
        select(problem_reports.c.id, registrations.c.name)
        .join(registrations, registrations.c.id == problem_reports.c.registration_id)
        .where(problem_reports.c.id.in_(report_ids))
    )
    return {row.id: row.name for row in connection.execute(query)}


def set_details(connection: Connection, refusal_id: str, details: str) -> None:
    connection.execute(update(refusals).where(refusals.c.id == refusal_id).values(details=details))


def set_message(connection: Connection, message_id: str, sealed: bytes) -> None:
    connection.execute(
        update(report_messages).where(report_messages.c.id == message_id).values(sealed=sealed)
    )


def remove_files(connection: Connection, file_ids: Collection[str]) -> None:
    which = report_attachments.c.id.in_(sorted(file_ids))
    connection.execute(delete(report_attachments).where(which))


def set_note(connection: Connection, invitation_id: str, note: str) -> None:
    connection.execute(
        update(invitations).where(invitations.c.id == invitation_id).values(note=note)
    )


def set_request(
    connection: Connection,
    request_id: str,
    *,
    subject: str,
    sealed: bytes,
    sealed_word: bytes | None,
) -> None:
    connection.execute(
        update(tenant_requests)
        .where(tenant_requests.c.id == request_id)
        .values(subject=subject, sealed=sealed, sealed_word=sealed_word)
    )


def remove_mails(connection: Connection, mail_ids: Collection[str]) -> None:
    connection.execute(delete(mails).where(mails.c.id.in_(sorted(mail_ids))))
