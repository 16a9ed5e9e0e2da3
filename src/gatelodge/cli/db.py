"""`gatelodge db`: the database."""

import typer

from gatelodge.cli.output import Json, print_json
from gatelodge.settings import read_settings
from gatelodge.storage import schema
from gatelodge.storage.database import Database

app = typer.Typer(help="The database.", no_args_is_help=True)

_DONE = {
    "empty": "The database has its tables now.",
    "older": "The database is upgraded.",
    "current": "The database is current; nothing was done.",
}


@app.callback()
def _group() -> None:
    """The database."""


@app.command()
def upgrade(as_json: Json = False) -> None:
    """Bring the tables to this version. A SQLite file is copied first."""
    settings = read_settings()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database.open(settings.database_url, synchronous=settings.sqlite_synchronous)
    try:
        before = schema.upgrade(database)
    finally:
        database.close()
    if as_json:
        print_json({"before": before, "revision": schema.newest()})
        return
    typer.echo(_DONE[before])
