"""Nothing is kept that the page on privacy doesn't name."""

from __future__ import annotations

from gatelodge.services.retention import rules
from gatelodge.storage import tables

RULES = rules(personal_days=7, launch_days=180, audit_days=730)


def test_every_table_is_named_with_how_long_it_is_kept() -> None:
    named = [table for rule in RULES for table in rule.tables]

    assert sorted(named) == sorted(tables.metadata.tables)


def test_the_days_are_those_of_the_settings() -> None:
    assert {7, 180, 730} <= {rule.days for rule in RULES}
