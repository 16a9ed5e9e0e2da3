"""What stands in the database, asked past the gateway."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg

_IDS = "SELECT id FROM launches"


def launch_ids(address: str) -> list[str]:
    if address.startswith("sqlite:///"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
            return [each for (each,) in connection.execute(_IDS)]
    with psycopg.connect(address) as connection:
        return [each for (each,) in connection.execute(_IDS)]
