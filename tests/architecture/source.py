"""Reads the repository as these tests need it: its files, and the syntax trees of its modules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "gatelodge"


def modules_of(part: str) -> list[Path]:
    """The modules of one part of the package: a folder, or a single file."""
    folder = PACKAGE / part
    single = folder.with_suffix(".py")
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [single] * single.is_file()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, node: ast.stmt | ast.expr) -> str:
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"{shown}:{node.lineno}"


def own_files() -> Iterator[Path]:
    """The files that belong to the repository: those git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file():
            yield path
