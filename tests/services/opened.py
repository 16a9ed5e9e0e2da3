"""Everything that the database holds, with what is sealed opened: what whoever has the keys could read."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import LargeBinary, select

from gatelodge.services.launches import PERSONAL_PURPOSE
from gatelodge.services.mails import MAIL_PURPOSE
from gatelodge.services.person_requests import PERSON_PURPOSE
from gatelodge.services.problem_book import FILE_PURPOSE, MESSAGE_PURPOSE, REPORT_PURPOSE
from gatelodge.services.sealing import Sealer
from gatelodge.services.sessions import HINT_PURPOSE
from gatelodge.services.tenant_exports import EXPORT_PURPOSE
from gatelodge.services.tenant_requests import REQUEST_PURPOSE, WORD_PURPOSE
from gatelodge.storage import tables
from tests.support.gateways import SECRET_KEY, Campus

SEALED = {
    "problem_reports.sealed": REPORT_PURPOSE,
    "report_messages.sealed": MESSAGE_PURPOSE,
    "report_attachments.sealed": FILE_PURPOSE,
    "report_attachments.sealed_name": FILE_PURPOSE,
    "tenant_requests.sealed": REQUEST_PURPOSE,
    "tenant_requests.sealed_word": WORD_PURPOSE,
    "mails.sealed": MAIL_PURPOSE,
    "person_requests.sealed": PERSON_PURPOSE,
    "sessions.sealed_hint": HINT_PURPOSE,
    "launch_personal.sealed": PERSONAL_PURPOSE,
    "export_pages.sealed": EXPORT_PURPOSE,
}

NO_WORDS = {
    "tenants.identity_key": "a key of ours",
    "signing_keys.sealed_private": "a key of ours",
    "tools.secret_hash": "a hash of a random value",
    "tool_icons.content": "a picture of a tool",
    "launches.code_hash": "a hash of a random value",
    "launches.access_hash": "a hash of a random value",
    "sessions.token_hash": "a hash of a random value",
    "setup_links.token_hash": "a hash of a random value",
    "invitations.token_hash": "a hash of a random value",
    "audit_events.mark": "a MAC",
    "audit_events.link": "a MAC",
    "audit_chain.before_link": "a MAC",
    "audit_chain.last_link": "a MAC",
    "audit_chain.seal": "a MAC",
    "problem_reports.page": "a hash with a random value in it",
    "report_words.word": "a MAC, looked for by searching for the words",
}


def opened(campus: Campus) -> Iterator[tuple[str, str]]:
    """Every value, under the name of its column."""
    sealer = Sealer([SECRET_KEY])
    numbers = _ids_of_launches(campus)
    about: dict[str, Callable[[Any], str]] = {
        "launch_personal": lambda row: numbers[row["launch_number"]],
        "export_pages": lambda row: f"{row['export_id']}:{row['number']}",
    }
    for table in tables.metadata.sorted_tables:
        for row in _rows(campus, table):
            for name, value in row.items():
                column, content = f"{table.name}.{name}", value
                if isinstance(value, bytes) and column in SEALED:
                    whose = about.get(table.name, lambda row: row["id"])(row)
                    plain = sealer.open(value, purpose=SEALED[column], about=whose)
                    content = zlib.decompress(plain) if table.name == "export_pages" else plain
                is_text = isinstance(content, bytes)
                yield column, content.decode("utf-8", "replace") if is_text else str(content)


def places_of(campus: Campus, *values: str) -> set[str]:
    """The columns that hold any of these."""
    wanted = [each.casefold() for each in values]
    return {
        name for name, text in opened(campus) if any(each in text.casefold() for each in wanted)
    }


def columns_of_bytes() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }


def _rows(campus: Campus, table: Any) -> list[Any]:
    return campus.database.read(
        lambda connection: list(connection.execute(table.select()).mappings().all())
    )


def _ids_of_launches(campus: Campus) -> dict[int, str]:
    query = select(tables.launches.c.number, tables.launches.c.id)
    return campus.database.read(
        lambda connection: {row.number: row.id for row in connection.execute(query)}
    )
