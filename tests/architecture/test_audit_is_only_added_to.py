"""Nothing writes audit events but `storage.audit.add`, and the chain, which links them and lets old ones go."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.source import PACKAGE, tree_of

TABLES = {"audit_events", "audit_chain"}

# Function by function, what writes one of both tables.
WRITERS = {
    "audit.add": "insert",
    "audit_chain.begin": "insert_into",
    "audit_chain.put": "update",
    "audit_chain.link": "update",
    "audit_chain.drop_to": "delete",
}


_STATEMENT = re.compile(r"(?i)\b(insert|update|delete|truncate|trigger|drop)\b.*\baudit_")


def writes(path: Path) -> dict[str, str]:
    """Functions of a module that insert into, update or delete from one of the tables."""
    found = {}
    for function in ast.walk(tree_of(path)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            names = {ast.unparse(each).rpartition(".")[2] for each in call.args}
            if call.func.id in {"insert", "insert_into", "update", "delete"} and names & TABLES:
                found[f"{path.stem}.{function.name}"] = call.func.id
    return found


def test_nothing_else_writes_them() -> None:
    found = [writes(path) for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]

    assert {name: how for each in found for name, how in each.items()} == WRITERS


def test_nobody_else_asks_for_it() -> None:
    adding, chaining = set(), set()
    for path in PACKAGE.rglob("*.py"):
        text = ast.unparse(tree_of(path))
        place = path.relative_to(PACKAGE).as_posix()
        if "audit.add(" in text:
            adding.add(place)
        if any(f"audit_chain.{name}(" in text for name in ("begin", "put", "link", "drop_to")):
            chaining.add(place)

    assert adding == {"services/audit.py"}
    assert chaining == {"services/audit_chain.py"}


def test_no_statement_is_written_by_hand_for_them() -> None:
    """As text: a trigger, a TRUNCATE."""
    for path in PACKAGE.rglob("*.py"):
        if "migrations" in path.parts or path.stem in {"tables", "audit", "audit_chain"}:
            continue
        spelled = [
            each.value
            for each in ast.walk(tree_of(path))
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        assert not [each for each in spelled if _STATEMENT.search(each)], path
