"""Commands for operators: the program `gatelodge`.

Each reads what was typed, asks a service as the operator, and prints the answer: for people, or
as JSON. Nothing is decided here.
"""

from typing import Annotated

import typer

from gatelodge import __version__
from gatelodge.cli import (
    account,
    audit,
    db,
    demo,
    deployment,
    doctor,
    key,
    launch,
    person,
    registration,
    serve,
    tenant,
    tool,
    worker,
)
from gatelodge.cli.faults import Commands

app = typer.Typer(
    cls=Commands,
    help="Gatelodge: an LTI 1.3 registration portal and launch gateway.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(serve.serve)
app.command()(worker.worker)
app.command()(demo.demo)
app.add_typer(db.app, name="db")
app.add_typer(tenant.app, name="tenant")
app.add_typer(account.app, name="account")
app.add_typer(tool.app, name="tool")
app.add_typer(registration.app, name="registration")
app.add_typer(deployment.app, name="deployment")
app.add_typer(launch.app, name="launch")
app.add_typer(person.app, name="person")
app.add_typer(key.app, name="key")
app.add_typer(audit.app, name="audit")
app.command()(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gatelodge {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Gatelodge: an LTI 1.3 registration portal and launch gateway."""


def main() -> None:
    app()
