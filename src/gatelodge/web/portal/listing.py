"""Lists that come a page at a time and are searched: which page, and where the others are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from gatelodge.web.portal.pages import Visit

ON_A_PAGE = 50
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """``first`` and ``last`` count from 1; ``previous`` and ``next`` are addresses, or None."""

    rows: Sequence[Any]
    total: int
    search: str
    first: int
    previous: str | None
    next: str | None

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def list_page(
    visit: Visit, rows_of: Callable[[str, int, int], tuple[Sequence[Any], int]], **kept: str
) -> Listing:
    """``rows_of`` is given search, limit and offset; ``kept`` goes into the addresses of the others."""
    search = visit.query.get("q", "").strip()[:LONGEST_SEARCH]
    if not search.isprintable():
        search = "".join(filter(str.isprintable, search))
    number = _number(visit.query.get("page", ""))
    rows, total = rows_of(search, ON_A_PAGE, (number - 1) * ON_A_PAGE)
    if number > 1 and not rows:
        # Whoever took the last one off the last page is on the page before it.
        number = max(1, -(-total // ON_A_PAGE))
        rows, total = rows_of(search, ON_A_PAGE, (number - 1) * ON_A_PAGE)

    def address(page: int) -> str:
        query = {"q": search, **kept, "page": str(page) if page > 1 else ""}
        asked = urlencode({name: value for name, value in query.items() if value})
        return f"{visit.request.url.path}?{asked}".removesuffix("?")

    return Listing(
        rows=rows,
        total=total,
        search=search,
        first=(number - 1) * ON_A_PAGE + 1,
        previous=address(number - 1) if number > 1 else None,
        next=address(number + 1) if number * ON_A_PAGE < total else None,
    )


def _number(asked: str) -> int:
    return (
        int(asked)
        if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 and int(asked)
        else 1
    )
