"""`gatelodge registration`: a tenant's tool, connected with an LMS."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from gatelodge import platforms
from gatelodge.cli.gateway import opened_gateway, operator
from gatelodge.cli.output import (
    Json,
    moment,
    print_facts,
    print_json,
    print_table,
    print_warnings,
    spoken_moment,
)
from gatelodge.services.caller import Caller
from gatelodge.services.registrations import NewRegistration, Registrations, RegistrationView
from gatelodge.storage.overviews import DeploymentOverview, RegistrationOverview

app = typer.Typer(help="A tenant's tool, connected with an LMS.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Its id, as `gatelodge registration list` shows it.")]


@app.command()
def add(
    tenant: Annotated[str, typer.Option(help="Short name or id of the tenant.")],
    tool: Annotated[str, typer.Option(help="Key of the tool.")],
    name: Annotated[str, typer.Option(help="What to call it.")],
    issuer: Annotated[str, typer.Option(help="Issuer of the LMS, to the letter.")],
    client_id: Annotated[str, typer.Option(help="Client ID that the LMS gave.")],
    auth_url: Annotated[str, typer.Option(help="Platform authentication URL.")],
    token_url: Annotated[str, typer.Option(help="Access token URL.")],
    keyset_url: Annotated[str, typer.Option(help="Keyset URL.")],
    deployment_id: Annotated[
        list[str] | None,
        typer.Option(help="Deployment ID that the LMS gave; repeat. Others wait for approval."),
    ] = None,
    platform: Annotated[
        str,
        typer.Option(help="The LMS: " + ", ".join(each.id for each in platforms.all_platforms())),
    ] = "other",
    token_audience: Annotated[
        str | None, typer.Option(help="Audience of token requests, if not the access token URL.")
    ] = None,
    shared: Annotated[
        bool,
        typer.Option("--shared", help="Several tenants use this issuer and client ID."),
    ] = False,
    unknown_deployments: Annotated[
        str, typer.Option(help="What becomes of other deployment IDs: hold, approve or refuse.")
    ] = "hold",
    algorithm: Annotated[
        list[str] | None, typer.Option(help="How the LMS may sign; repeat. RS256 unless said.")
    ] = None,
    leeway: Annotated[int, typer.Option(help="Seconds by which clocks may differ.")] = 60,
    service_origin: Annotated[
        list[str] | None,
        typer.Option(help="Another origin on which the LMS offers services; repeat."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Connect a tool with an LMS, and print the addresses to give to the LMS."""
    new = NewRegistration(
        tenant=tenant,
        tool=tool,
        name=name,
        issuer=issuer,
        client_id=client_id,
        authorization_url=auth_url,
        token_url=token_url,
        key_set_url=keyset_url,
        token_audience=token_audience,
        platform=platform,
        deployment_ids=tuple(deployment_id or ()),
        shared=shared,
        unknown_deployments=unknown_deployments,
        algorithms=tuple(algorithm or ("RS256",)),
        leeway=leeway,
        service_origins=tuple(service_origin or ()),
    )
    with opened_gateway() as gateway:
        view = gateway.registrations.add(operator(), new)
    print_warnings(view.warnings)
    if as_json:
        print_json(_described(view))
        return
    typer.echo(f"Added the registration {view.overview.registration.name}.")
    typer.echo()
    _print_addresses(view)


@app.command("list")
def list_all(
    include_bin: Annotated[
        bool, typer.Option("--bin", help="Also those that were deleted.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the registrations."""
    with opened_gateway() as gateway:
        found = gateway.registrations.list(operator(), include_bin=include_bin)
    if as_json:
        print_json([_described_overview(each) for each in found])
        return
    print_table(
        ("ID", "TENANT", "TOOL", "NAME", "STATE", "ISSUER", "CLIENT ID"),
        [
            (
                each.id,
                each.tenant_slug,
                each.tool.key,
                each.registration.name,
                each.registration.state,
                each.client.issuer,
                each.client.client_id,
            )
            for each in found
        ],
        empty="No registrations yet. Add one: gatelodge registration add --help",
    )


@app.command()
def show(registration: Id, as_json: Json = False) -> None:
    """Show a registration, and the addresses to give to the LMS."""
    with opened_gateway() as gateway:
        view = gateway.registrations.show(operator(), registration)
    if as_json:
        print_json(_described(view))
        return
    _print_view(view)


@app.command()
def disable(registration: Id, as_json: Json = False) -> None:
    """Switch a registration off: its launches are refused until it is enabled."""
    _change(registration, Registrations.disable, "is switched off", as_json=as_json)


@app.command()
def enable(registration: Id, as_json: Json = False) -> None:
    """Switch a registration on."""
    _change(registration, Registrations.enable, "is active", as_json=as_json)


@app.command()
def delete(registration: Id, as_json: Json = False) -> None:
    """Put a registration into the bin; it can be restored for 30 days."""
    _change(registration, Registrations.delete, "is in the bin", as_json=as_json)


@app.command()
def restore(registration: Id, as_json: Json = False) -> None:
    """Take a registration out of the bin, as it was."""
    _change(registration, Registrations.restore, "is back", as_json=as_json)


def _change(
    registration: str,
    change: Callable[[Registrations, Caller, str], RegistrationOverview],
    outcome: str,
    *,
    as_json: bool,
) -> None:
    with opened_gateway() as gateway:
        changed = change(gateway.registrations, operator(), registration)
    if as_json:
        print_json(_described_overview(changed))
        return
    typer.echo(f"The registration {changed.registration.name} {outcome}.")


# ----------------------------------------------------------------------- for programs


def _described(view: RegistrationView) -> dict[str, Any]:
    return {
        **_described_overview(view.overview),
        "deployments": [_described_deployment(each) for each in view.deployments],
        "login_url": view.login_url,
        "launch_url": view.launch_url,
        "own_login_url": view.own_login_url,
        "own_launch_url": view.own_launch_url,
        "keyset_url": view.keyset_url,
        "warnings": list(view.warnings),
    }


def _described_overview(found: RegistrationOverview) -> dict[str, Any]:
    registration, client = found.registration, found.client
    return {
        "id": found.id,
        "tenant": found.tenant_slug,
        "tenant_id": registration.tenant_id,
        "tool": found.tool.key,
        "name": registration.name,
        "state": registration.state,
        "unknown_deployments": registration.unknown_deployments,
        "platform": client.platform,
        "issuer": client.issuer,
        "client_id": client.client_id,
        "auth_url": client.authorization_url,
        "token_url": client.token_url,
        "platform_keyset_url": client.key_set_url,
        "token_audience": client.token_audience,
        "shared": client.tenant_id is None,
        "algorithms": list(client.algorithms),
        "leeway": client.leeway,
        "service_origins": list(client.service_origins),
        "created_at": moment(found.created_at),
        "deleted_at": moment(found.deleted_at),
    }


def _described_deployment(found: DeploymentOverview) -> dict[str, Any]:
    return {
        "id": found.id,
        "deployment_id": found.deployment.deployment_id,
        "state": found.deployment.state,
    }


# ----------------------------------------------------------------------- for people


def _print_view(view: RegistrationView) -> None:
    found = view.overview
    registration, client = found.registration, found.client
    print_facts(
        {
            "Name": registration.name,
            "Id": found.id,
            "State": registration.state,
            "Tenant": found.tenant_slug,
            "Tool": found.tool.key,
            "LMS": platforms.get(client.platform).name,
            "Issuer": client.issuer,
            "Client ID": client.client_id + (" (shared)" if client.tenant_id is None else ""),
            "Deployments": ", ".join(
                f"{each.deployment.deployment_id} ({each.deployment.state})"
                for each in view.deployments
            )
            or "none yet",
            "Others": _POLICIES[registration.unknown_deployments],
            "Authentication URL": client.authorization_url,
            "Access token URL": client.token_url,
            "Token audience": client.token_audience or "",
            "Keyset URL": client.key_set_url,
            "Algorithms": ", ".join(client.algorithms),
            "Leeway": f"{client.leeway} seconds",
            "Service origins": ", ".join(client.service_origins),
            "Added": spoken_moment(found.created_at),
            "Deleted": spoken_moment(found.deleted_at),
        }
    )
    typer.echo()
    _print_addresses(view)


_POLICIES = {
    "hold": "wait for approval",
    "approve": "are approved at their first launch",
    "refuse": "are refused",
}


def _print_addresses(view: RegistrationView) -> None:
    """In the words of the LMS, where its catalogue entry has them."""
    labels = platforms.get(view.overview.client.platform).fields_to_platform
    typer.echo("Give these to the LMS:")
    print_facts(
        {
            labels.get("oidc_initiation_url", "Login (initiation) URL"): view.login_url,
            labels.get("target_link_uri", "Target link (launch) URL"): view.launch_url,
            labels.get("redirect_uris", "Redirect URL"): view.launch_url,
            labels.get("key_set_url", "Public keyset URL"): view.keyset_url,
        }
    )
    typer.echo()
    typer.echo("If the LMS sends no client ID, give it these instead:")
    print_facts({"Login": view.own_login_url, "Launch": view.own_launch_url})
