"""`gatelodge tenant`: institutions that use this gateway."""

from typing import Annotated, Any

import typer

from gatelodge.cli.gateway import opened_gateway, operator
from gatelodge.cli.output import (
    Json,
    moment,
    print_facts,
    print_json,
    print_table,
    spoken_moment,
)
from gatelodge.storage.tenants import Tenant

app = typer.Typer(help="Institutions that use this gateway.", no_args_is_help=True)

Named = Annotated[str, typer.Argument(help="Its short name or id.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The institution's name, as people say it.")],
    slug: Annotated[
        str | None,
        typer.Option(help="Short name for addresses and options; made from the name if left out."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add an institution."""
    with opened_gateway() as gateway:
        tenant = gateway.tenants.add(operator(), name, slug)
    if as_json:
        print_json(_described(tenant))
        return
    typer.echo(f"Added the tenant {tenant.name}.")
    print_facts({"Short name": tenant.slug, "Id": tenant.id})


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """List the institutions."""
    with opened_gateway() as gateway:
        tenants = gateway.tenants.list(operator())
    if as_json:
        print_json([_described(each) for each in tenants])
        return
    print_table(
        ("SHORT NAME", "NAME", "ADDED", "STATE"),
        [(each.slug, each.name, spoken_moment(each.created_at), _state(each)) for each in tenants],
        empty="No tenants yet. Add one: gatelodge tenant add NAME",
    )


@app.command()
def suspend(tenant: Named, as_json: Json = False) -> None:
    """End an institution's launches, tokens and sessions, until it is resumed."""
    with opened_gateway() as gateway:
        suspended = gateway.tenants.suspend(operator(), tenant)
    if as_json:
        print_json(_described(suspended))
        return
    typer.echo(f"Suspended the tenant {suspended.name}. Nothing of it launches from now on.")


@app.command()
def resume(tenant: Named, as_json: Json = False) -> None:
    """Let a suspended institution go on."""
    with opened_gateway() as gateway:
        resumed = gateway.tenants.resume(operator(), tenant)
    if as_json:
        print_json(_described(resumed))
        return
    typer.echo(f"Resumed the tenant {resumed.name}. Its links work again.")


def _state(tenant: Tenant) -> str:
    return "suspended" if tenant.is_suspended else "active"


def _described(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": tenant.id,
        "slug": tenant.slug,
        "name": tenant.name,
        "created_at": moment(tenant.created_at),
        "suspended_at": None if tenant.suspended_at is None else moment(tenant.suspended_at),
    }
