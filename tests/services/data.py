"""What is kept of people: launches with names in them, and a search of all that the database holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from gatelodge.storage import tables
from tests.support.browsers import browsing
from tests.support.gateways import Campus
from tests.support.lms import CLAIM

MIA = "mia-number-7"
EMAIL = "mia.learner@northfield.example"
NAMES = ("Mia Learner", EMAIL, MIA)
MENTORS_MIA = {
    CLAIM + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"],
    CLAIM + "role_scope_mentor": [MIA],
}


def launch(campus: Campus, *, tenant: str = "northfield", **claims: Any) -> None:
    """Somebody clicks; Mia, unless claims say otherwise."""

    async def click() -> None:
        async with browsing(campus) as browser:
            lms = campus.lms if tenant == "northfield" else campus.southbank_lms
            answer = await browser.launch(lms=lms, **{"sub": MIA, **claims})
            assert answer.status_code == 303, answer.text

    asyncio.run(click())


SOON = 600


def work(campus: Campus) -> None:
    """What the background does of it, until nothing is left."""
    gateway, until = campus.gateway, campus.clock() + SOON
    gateway.tenant_exports.work(until)
    gateway.persons.work(until)
    gateway.tenant_deletions.work(until)


def cells(campus: Campus) -> Iterator[tuple[str, str]]:
    """Every value of every row, as text, under the name of its column."""
    for table in tables.metadata.sorted_tables:
        rows = campus.database.read(
            lambda connection, table=table: connection.execute(table.select()).mappings().all()
        )
        for row in rows:
            for name, value in row.items():
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                yield f"{table.name}.{name}", text


def places_of(campus: Campus, *values: str) -> set[str]:
    """The columns that hold any of these."""
    return {name for name, text in cells(campus) if any(value in text for value in values)}
