"""What a command prints: JSON for programs, or tables and a few words for people."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def print_json(value: Any) -> None:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    # Nothing but text inside of quotes can have other characters that don't print.
    typer.echo("\n".join(map(plain, text.split("\n"))))


def print_json_line(value: Any) -> None:
    """For commands that go on running: a reader knows by the line's end that all of it is there."""
    typer.echo(msgspec.json.encode(value).decode())


def plain(text: str) -> str:
    """A text of somebody else's as one line that can't move the cursor, forge a line or hide a letter."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Aligned columns under a bold head; or, where there are no rows, what to do next."""
    if not rows:
        typer.echo(empty)
        return
    rows = [[*map(plain, row)] for row in rows]
    widths = [max(map(_width, column)) for column in zip(columns, *rows, strict=True)]
    typer.echo(typer.style(_line(columns, widths), bold=True))
    for row in rows:
        typer.echo(_line(row, widths))


def print_facts(facts: Mapping[str, str]) -> None:
    """One fact a line, its name before it; those without a value are left out."""
    width = max(map(_width, map(plain, facts)))
    for name, value in facts.items():
        if value:
            typer.echo(f"{_padded(plain(name), width)}  {plain(value)}")


def print_warnings(warnings: Sequence[str]) -> None:
    for each in warnings:
        typer.echo(f"Note: {each}", err=True)


def moment(seconds: float | None) -> str | None:
    """A time as programs read it (RFC 3339)."""
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC).isoformat()


def spoken_moment(seconds: float | None) -> str:
    """A time as people read it."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(map(_padded, cells, widths)).rstrip()


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian letters take two, accents none."""
    return sum(
        0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in text
    )
