"""`gatelodge audit`: who did what, as a table or a file, and whether somebody edited it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from gatelodge.cli.gateway import opened_gateway, operator
from gatelodge.cli.logs import configure_logs
from gatelodge.cli.output import Json, moment, print_json, print_table, spoken_moment
from gatelodge.services.audit_log import Asked, Entry, Kind
from gatelodge.settings import read_settings
from gatelodge.web.portal.activity import actor_name, told
from gatelodge.web.portal.audit_files import as_csv, as_json_lines, described

app = typer.Typer(
    help="Who did what, and whether somebody edited that in the database.", no_args_is_help=True
)

Tenant = Annotated[str, typer.Option(help="Only what was done in this tenant (short name or id).")]
Person = Annotated[str, typer.Option(help="Only what this account did (id).")]
Thing = Annotated[str, typer.Option(help="Only what was done to this thing (id).")]
OfKind = Annotated[Kind | None, typer.Option("--kind", help="Only what is about these.")]
Since = Annotated[datetime | None, typer.Option("--from", help="Not before (UTC).")]
Until = Annotated[datetime | None, typer.Option("--to", help="Before (UTC).")]


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


@app.command("list")
def list_all(
    tenant: Tenant = "",
    person: Person = "",
    thing: Thing = "",
    kind: OfKind = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(help="How many, at most.")] = 20,
    as_json: Json = False,
) -> None:
    """List the latest events, newest first."""
    asked = _asked(tenant, person, thing, kind, since, until)
    with opened_gateway() as gateway:
        entries = list(gateway.audit_log.each(operator(), asked, limit=limit))
    if as_json:
        print_json([described(each, str) for each in entries])
        return
    print_table(
        ("WHEN", "TENANT", "WHO", "WHAT"),
        [
            (
                spoken_moment(each.event.occurred_at),
                each.tenant or "-",
                actor_name(each.actor, str),
                told(each, str),
            )
            for each in entries
        ],
        empty="Nothing was done that is like that.",
    )


@app.command()
def export(
    written: Annotated[Format, typer.Option("--format", help="For spreadsheets, or programs.")] = (
        Format.JSONL
    ),
    tenant: Tenant = "",
    person: Person = "",
    thing: Thing = "",
    kind: OfKind = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Print all events, newest first, as a file."""
    asked = _asked(tenant, person, thing, kind, since, until)
    with opened_gateway() as gateway:
        entries = gateway.audit_log.each(operator(), asked)
        for line in _lines(written, entries):
            typer.echo(line, nl=False)


@app.command()
def verify(as_json: Json = False) -> None:
    """Look at every event, and tell whether one was changed, taken out or put in by hand."""
    configure_logs(read_settings())
    with opened_gateway() as gateway:
        verdict = gateway.audit_chain.check(operator())
    if as_json:
        print_json(
            {
                "whole": verdict.is_whole,
                "events": verdict.kept,
                "broken_at": verdict.broken_at,
                "checked_at": moment(verdict.checked_at),
            }
        )
    elif verdict.is_whole:
        typer.echo(f"Nothing was edited: {verdict.kept} events, each as it was written.")
    else:
        typer.echo(
            f"The log was edited in the database: event number {verdict.broken_at} isn't what was "
            "written. What stands before it can be relied on. Keep a copy of the database as it "
            "is, and compare it with a backup and with the log's lines audit_linked."
        )
    raise typer.Exit(0 if verdict.is_whole else 1)


def _lines(written: Format, entries: Iterator[Entry]) -> Iterator[str]:
    return as_csv(entries, str) if written is Format.CSV else as_json_lines(entries, str)


def _asked(
    tenant: str,
    person: str,
    thing: str,
    kind: Kind | None,
    since: datetime | None,
    until: datetime | None,
) -> Asked:
    return Asked(kind, person, thing, tenant, _seconds(since), _seconds(until))


def _seconds(when: datetime | None) -> int | None:
    return None if when is None else int(when.replace(tzinfo=UTC).timestamp())
