"""lti/ is a room with no windows: what import-linter cannot see there, the syntax tree shows."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.source import modules_of, place, tree_of

# joserfc is the JOSE library; everything else in lti/ is the standard library or lti/ itself.
ALLOWED_PACKAGES = {"cryptography", "gatelodge", "joserfc", "msgspec", "pybase64"}

# Clocks, randomness, files, the network, other programs and the machine's environment.
FORBIDDEN_MODULES = {
    "asyncio",
    "getpass",
    "glob",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "secrets",
    "select",
    "selectors",
    "shutil",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
}
FORBIDDEN_URLLIB = {"urllib.request", "urllib.response", "urllib.robotparser"}
# Ways to ask the clock or chance through modules that also hold plain values.
FORBIDDEN_ATTRIBUTES = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("uuid", "uuid1"),
    ("uuid", "uuid4"),
}
FORBIDDEN_BUILTINS = {"open", "input", "print", "exec", "eval", "__import__"}


def imported_modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [each.name for each in names]
        case ast.ImportFrom(module=module, names=names):
            return [str(module), *(f"{module}.{each.name}" for each in names)]


def is_forbidden_import(module: str) -> bool:
    root = module.partition(".")[0]
    is_foreign = root not in sys.stdlib_module_names and root not in ALLOWED_PACKAGES
    return is_foreign or root in FORBIDDEN_MODULES or module in FORBIDDEN_URLLIB


def breaches(path: Path) -> list[str]:
    found = []
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Import() | ast.ImportFrom():
                forbidden = filter(is_forbidden_import, imported_modules(node))
                found += [f"{place(path, node)} imports {module}" for module in forbidden]
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                if (owner, name) in FORBIDDEN_ATTRIBUTES:
                    found.append(f"{place(path, node)} reads {owner}.{name}")
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_BUILTINS:
                found.append(f"{place(path, node)} calls {name}()")
    return found


def test_the_rules_of_lti_see_no_clock_no_chance_and_no_file() -> None:
    found = [each for path in modules_of("lti") for each in breaches(path)]

    assert not found, "what lti/ needs is handed to it as an argument:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "from os import environ",
        "import urllib.request",
        "from urllib import request",
        "import sqlalchemy",
        "now = datetime.now(UTC)",
        "now = datetime.datetime.utcnow()",
        "name = uuid.uuid4()",
        "text = open('file')",
    ],
)
def test_a_breach_is_seen(line: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(line, encoding="utf-8")

    assert len(breaches(module)) >= 1
