"""Lists come a page at a time; a page's last id begins the next."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select

PAGE = 200


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Row = TypeVar("Row", bound=_HasId)
Key = TypeVar("Key", str, int)
Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def oldest_first(
    query: Query, id_column: ColumnElement[str], after: str | None, limit: int
) -> Query:
    if after is not None:
        query = query.where(id_column > after)
    return query.order_by(id_column).limit(limit)


def newest_first(query: Query, column: ColumnElement[Key], before: Key | None, limit: int) -> Query:
    """By a column that grows with time: an id or a number."""
    if before is not None:
        query = query.where(column < before)
    return query.order_by(column.desc()).limit(limit)


def every(page_after: Callable[[str | None], list[Row]]) -> Iterator[Row]:
    """All rows of a list, page by page: ``every(lambda after: list_all(connection, after=after))``."""
    after = None
    while page := page_after(after):
        yield from page
        after = page[-1].id
