"""`gatelodge person`: what is kept of one person is found, and erased."""

from typing import Annotated, Any

import msgspec
import typer

from gatelodge.assembly import Gateway
from gatelodge.cli.gateway import opened_gateway, operator
from gatelodge.cli.output import Json, print_json, print_table, spoken_moment
from gatelodge.services.person_requests import PersonView

app = typer.Typer(help="What is kept of one person.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="The LMS's or a tool's ID of the person, or an e-mail.")]
InTenant = Annotated[str | None, typer.Option("--tenant", help="Look through this one alone.")]

_AN_HOUR = 3600


@app.command()
def find(who: Who, tenant: InTenant = None, as_json: Json = False) -> None:
    """Find what is kept of one person."""
    with opened_gateway() as gateway:
        view = _found(gateway, who, tenant)
    if as_json:
        print_json(_described(view))
        return
    people = view.sought.people.values() if view.sought else ()
    rows = [(each.person_id or "", each.issuer, spoken_moment(each.last_at)) for each in people]
    accounts = view.sought.accounts if view.sought else ()
    rows += [(each.email or each.name, "account here", "") for each in accounts]
    print_table(
        ("WHO", "WHERE", "LAST LAUNCH"), rows, empty="Nothing is kept of anybody like that."
    )


@app.command()
def erase(
    who: Who,
    tenant: InTenant = None,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
) -> None:
    """Erase all that `find` finds, for good; prints the receipt."""
    with opened_gateway() as gateway:
        view = _found(gateway, who, tenant)
        sought = view.sought
        if sought is None or not sought.is_anybody:
            typer.echo("Nothing is kept of anybody like that.")
            return
        if not yes:
            found = (
                f"{len(sought.people)} in launches, {len(sought.accounts)} accounts, "
                f"{sought.texts} texts that name them"
            )
            typer.confirm(f"Erase them ({found})? Nobody can bring it back.", abort=True)
        accounts = [each.id for each in sought.accounts]
        gateway.persons.erase(operator(), view.request.id, sought.people, accounts)
        gateway.persons.work(gateway.clock() + _AN_HOUR)
        typer.echo(gateway.persons.receipt(operator(), view.request.id))


def _found(gateway: Gateway, who: str, tenant: str | None) -> PersonView:
    request = gateway.persons.find(operator(), who, tenant).request
    gateway.persons.work(gateway.clock() + _AN_HOUR)
    return gateway.persons.show(operator(), request.id)


def _described(view: PersonView) -> dict[str, Any]:
    sought = view.sought
    return {
        "id": view.request.id,
        "people": [msgspec.to_builtins(each) for each in sought.people.values()] if sought else [],
        "texts": sought.texts if sought else 0,
        "accounts": [msgspec.to_builtins(each) for each in sought.accounts] if sought else [],
    }
