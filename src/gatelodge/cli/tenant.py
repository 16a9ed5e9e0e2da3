"""`gatelodge tenant`: institutions that use this gateway."""

from pathlib import Path
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


@app.command()
def export(
    tenant: Named, file: Annotated[Path, typer.Argument(help="The zip archive to write.")]
) -> None:
    """Write all that is kept of an institution, without personal values of launches."""
    with opened_gateway() as gateway:
        exports, caller = gateway.tenant_exports, operator()
        exports.ask(caller, tenant)
        exports.work(gateway.clock() + 3600)
        archive = exports.take(caller, exports.list(caller, tenant)[0].id)
        with file.open("xb") as written:
            written.writelines(archive.content)
    typer.echo(f"Wrote {file}.")


@app.command()
def delete(
    tenant: Named,
    name: Annotated[str, typer.Option(help="The institution's name, typed once more.")],
) -> None:
    """Delete an institution after a time of waiting; its launches, tokens and sessions end at once."""
    with opened_gateway() as gateway:
        found = gateway.tenant_deletions.decide(operator(), tenant, name)
        days = gateway.tenant_deletions.days
    typer.echo(f"{found.name} will be deleted in {days} days. To keep it:")
    typer.echo(f"gatelodge tenant keep {found.slug}")


@app.command()
def keep(tenant: Named) -> None:
    """Take the deletion of an institution back; it stays suspended until it is resumed."""
    with opened_gateway() as gateway:
        kept = gateway.tenant_deletions.take_back(operator(), tenant)
    typer.echo(f"{kept.name} will not be deleted. It is suspended until you resume it.")
