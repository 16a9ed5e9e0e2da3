"""Problems that people reported, with what was answered and attached. What was typed is sealed.

A *desk* answers: a tenant's, by the tenant's id, or the operator's. A tenant's desk goes on seeing
what it passed on; the operator's sees what is its own to answer, and nothing else.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from gatelodge.storage.paging import newest_first
from gatelodge.storage.tables import (
    account_roles,
    accounts,
    problem_reports,
    report_attachments,
    report_messages,
    report_words,
)

OPERATOR = "operator"
"""The operator's desk; ids of tenants are longer."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    id: str
    reference: str
    tenant_id: str | None
    desk: str
    account_id: str | None
    state: str
    version: int
    kind: str
    sealed: bytes
    launch: str | None
    registration_id: str | None
    page: bytes
    created_at: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """``state`` is what the report became by it, where it changed."""

    id: str
    report_id: str
    account_id: str | None
    role: str | None
    kind: str
    state: str | None
    sealed: bytes | None
    created_at: int


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    id: str
    report_id: str
    content_type: str
    size: int
    sealed_name: bytes


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who is told by mail."""

    account_id: str
    email: str
    language: str | None


# ---------------------------------------------------------------- writing


def add(connection: Connection, row: ReportRow, words: Iterable[bytes]) -> None:
    connection.execute(insert(problem_reports).values(_values(row)))
    _add_words(connection, row.id, words)


def size_of_files(connection: Connection, tenant_id: str | None) -> int:
    """Bytes of all files of the tenant's reports, or of those that are no tenant's; by indexes alone."""
    query = (
        select(func.coalesce(func.sum(report_attachments.c.size), 0))
        .join(problem_reports, problem_reports.c.id == report_attachments.c.report_id)
        .where(problem_reports.c.tenant_id.is_not_distinct_from(tenant_id))
    )
    return int(connection.execute(query).scalar_one())


def retype(connection: Connection, report_id: str, sealed: bytes, words: Iterable[bytes]) -> None:
    connection.execute(
        update(problem_reports).where(problem_reports.c.id == report_id).values(sealed=sealed)
    )
    connection.execute(delete(report_words).where(report_words.c.report_id == report_id))
    _add_words(connection, report_id, words)


def _add_words(connection: Connection, report_id: str, words: Iterable[bytes]) -> None:
    if each := [{"report_id": report_id, "word": word} for word in words]:
        connection.execute(insert(report_words), each)


def add_message(connection: Connection, row: MessageRow) -> None:
    connection.execute(insert(report_messages).values(_values(row)))


def add_attachment(connection: Connection, row: AttachmentRow, sealed: bytes) -> None:
    connection.execute(insert(report_attachments).values(**_values(row), sealed=sealed))


def change(
    connection: Connection,
    report_id: str,
    *,
    seen: int,
    now: float,
    state: str | None = None,
    desk: str | None = None,
) -> bool:
    """False when somebody has changed it since it was ``seen``."""
    values = {name: each for name, each in (("state", state), ("desk", desk)) if each is not None}
    changed = connection.execute(
        update(problem_reports)
        .where(problem_reports.c.id == report_id, problem_reports.c.version == seen)
        .values(version=seen + 1, changed_at=now, **values)
    )
    return changed.rowcount == 1


def give_to_operator(connection: Connection, tenant_id: str, *, solved: str) -> None:
    """Those of this desk that aren't in the state ``solved``; the tenant goes on seeing them."""
    connection.execute(
        update(problem_reports)
        .where(problem_reports.c.desk == tenant_id, problem_reports.c.state != solved)
        .values(desk=OPERATOR, version=problem_reports.c.version + 1)
    )


# ---------------------------------------------------------------- reading


def get_by_page(connection: Connection, page: bytes) -> ReportRow | None:
    """The one that was sent from this page, whosever it is: whoever asks holds the page."""
    return _first(connection, select(problem_reports).where(problem_reports.c.page == page))


def get_for_desk(connection: Connection, desk: str, reference: str) -> ReportRow | None:
    query = select(problem_reports).where(problem_reports.c.reference == reference, _seen_at(desk))
    return _first(connection, query)


def get_of_account(connection: Connection, account_id: str, reference: str) -> ReportRow | None:
    query = select(problem_reports).where(
        problem_reports.c.reference == reference, problem_reports.c.account_id == account_id
    )
    return _first(connection, query)


def list_for_desk(
    connection: Connection,
    desk: str,
    *,
    state: str | None = None,
    words: Iterable[Collection[bytes]] = (),
    before: str | None = None,
    limit: int = 50,
) -> list[ReportRow]:
    """Newest first. Each of ``words`` has to be there, in one of its forms."""
    query = select(problem_reports).where(_seen_at(desk))
    if state is not None:
        query = query.where(problem_reports.c.state == state)
    for forms in words:
        query = query.where(_has_word(forms))
    rows = connection.execute(newest_first(query, problem_reports.c.id, before, limit)).mappings()
    return [_report(row) for row in rows]


def list_of_account(
    connection: Connection, account_id: str, *, before: str | None = None, limit: int = 50
) -> list[ReportRow]:
    query = select(problem_reports).where(problem_reports.c.account_id == account_id)
    rows = connection.execute(newest_first(query, problem_reports.c.id, before, limit)).mappings()
    return [_report(row) for row in rows]


def count_in_state(connection: Connection, desk: str, state: str, *, most: int) -> int:
    """Of those that are the desk's own to answer; no further than ``most``."""
    some = (
        select(problem_reports.c.id)
        .where(problem_reports.c.desk == desk, problem_reports.c.state == state)
        .limit(most)
        .subquery()
    )
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def messages_of(connection: Connection, report_id: str) -> list[tuple[MessageRow, str | None]]:
    """Oldest first, each with the name of whoever wrote it, if their account is still there."""
    query = (
        select(report_messages, accounts.c.name.label("by"))
        .outerjoin(accounts, accounts.c.id == report_messages.c.account_id)
        .where(report_messages.c.report_id == report_id)
        .order_by(report_messages.c.id)
    )
    return [
        (MessageRow(**{name: row[name] for name in MessageRow.__slots__}), row["by"])
        for row in connection.execute(query).mappings()
    ]


def attachments_of(connection: Connection, report_id: str) -> list[AttachmentRow]:
    query = (
        select(*_ATTACHMENT)
        .where(report_attachments.c.report_id == report_id)
        .order_by(report_attachments.c.id)
    )
    return [AttachmentRow(**row) for row in connection.execute(query).mappings()]


def get_attachment(
    connection: Connection, report_id: str, attachment_id: str
) -> tuple[AttachmentRow, bytes] | None:
    query = select(*_ATTACHMENT, report_attachments.c.sealed).where(
        report_attachments.c.id == attachment_id, report_attachments.c.report_id == report_id
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return AttachmentRow(**{name: row[name] for name in AttachmentRow.__slots__}), row["sealed"]


def names_of(connection: Connection, account_ids: Collection[str]) -> dict[str, str]:
    query = select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(sorted(account_ids)))
    return {row.id: row.name for row in connection.execute(query)}


def people_at(connection: Connection, desk: str, *, limit: int) -> list[Receiver]:
    """Those who answer there and can be mailed."""
    is_operator = desk == OPERATOR
    query = (
        select(accounts.c.id, accounts.c.email, accounts.c.language)
        .join(account_roles, account_roles.c.account_id == accounts.c.id)
        .where(
            account_roles.c.tenant_id.is_(None)
            if is_operator
            else account_roles.c.tenant_id == desk,
            account_roles.c.role == ("operator" if is_operator else "admin"),
            accounts.c.disabled_at.is_(None),
            accounts.c.email.is_not(None),
        )
        .order_by(accounts.c.id)
        .limit(limit)
    )
    return [Receiver(*row) for row in connection.execute(query)]


# ---------------------------------------------------------------- deleting


def purge(connection: Connection, before: float, *, limit: int = 1000) -> int:
    """Those that nobody has touched since then, with all that belongs to them."""
    due = (
        select(problem_reports.c.id)
        .where(problem_reports.c.changed_at < int(before))
        .order_by(problem_reports.c.changed_at)
        .limit(limit)
    )
    ids = list(connection.execute(due).scalars())
    remove(connection, ids)
    return len(ids)


def remove(connection: Connection, report_ids: Collection[str]) -> None:
    for table in (report_words, report_messages, report_attachments):
        connection.execute(delete(table).where(table.c.report_id.in_(sorted(report_ids))))
    connection.execute(delete(problem_reports).where(problem_reports.c.id.in_(sorted(report_ids))))


# ---------------------------------------------------------------- parts

_ATTACHMENT = tuple(report_attachments.c[name] for name in AttachmentRow.__slots__)


def _seen_at(desk: str) -> ColumnElement[bool]:
    if desk == OPERATOR:
        return problem_reports.c.desk == OPERATOR
    return problem_reports.c.tenant_id == desk


def _has_word(forms: Collection[bytes]) -> ColumnElement[bool]:
    return exists().where(
        report_words.c.report_id == problem_reports.c.id, report_words.c.word.in_(list(forms))
    )


def _first(connection: Connection, query: Select[*tuple[object, ...]]) -> ReportRow | None:
    row = connection.execute(query).mappings().first()
    return _report(row) if row else None


def _report(row: RowMapping) -> ReportRow:
    return ReportRow(**row)


def _values(row: ReportRow | MessageRow | AttachmentRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__slots__}
