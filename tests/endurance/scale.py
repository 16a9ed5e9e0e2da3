"""How much is done: a tenth of it in `make test`, all of it in `make endurance`."""

from __future__ import annotations

import os

import pytest

FULL = os.environ.get("GATELODGE_ENDURANCE") == "full"


def times(full: int) -> int:
    """This many, or a tenth of it."""
    return full if FULL else max(1, full // 10)


_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)

EACH_DATABASE = pytest.mark.parametrize("kind", ["sqlite", _POSTGRESQL] if FULL else [_POSTGRESQL])
"""For what is slow and hardly depends on the database: both, or the one where more can go wrong."""
