"""`gatelodge deployment`: deployment IDs that LMSs have named, and what becomes of them."""

from typing import Annotated, Any

import typer

from gatelodge.cli.gateway import opened_gateway, operator
from gatelodge.cli.output import Json, moment, print_json, print_table, spoken_moment
from gatelodge.lti.registration import DeploymentState
from gatelodge.storage.overviews import DeploymentOverview

app = typer.Typer(
    help="Deployment IDs that LMSs have named, and what becomes of them.", no_args_is_help=True
)

Id = Annotated[str, typer.Argument(help="Its id, as `gatelodge deployment list` shows it.")]


@app.command("list")
def list_all(
    state: Annotated[DeploymentState | None, typer.Option(help="Only those in this state.")] = None,
    as_json: Json = False,
) -> None:
    """List the deployments."""
    with opened_gateway() as gateway:
        found = gateway.deployments.list(operator(), state=state)
    if as_json:
        print_json([_described(each) for each in found])
        return
    print_table(
        ("ID", "DEPLOYMENT ID", "STATE", "TENANT", "REGISTRATION", "ISSUER", "FIRST SEEN"),
        [
            (
                each.id,
                each.deployment.deployment_id,
                each.deployment.state,
                each.tenant_slug or "-",
                each.registration_name or "-",
                each.issuer,
                spoken_moment(each.first_seen_at),
            )
            for each in found
        ],
        empty=_NONE if state is None else f"No deployment is {state}.",
    )


@app.command()
def approve(
    deployment: Id,
    registration: Annotated[
        str | None,
        typer.Option(help="Id of the registration it belongs to, if there can be several."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Approve a deployment: its launches are accepted from now on."""
    with opened_gateway() as gateway:
        decided = gateway.deployments.approve(operator(), deployment, registration)
    _tell(decided, f"belongs to {decided.registration_name} now", as_json=as_json)


@app.command()
def block(deployment: Id, as_json: Json = False) -> None:
    """Block a deployment: its launches are refused from now on."""
    with opened_gateway() as gateway:
        decided = gateway.deployments.block(operator(), deployment)
    _tell(decided, "is blocked", as_json=as_json)


_NONE = "No deployments yet. Each LMS names its own at the first launch; or: registration add --deployment-id"


def _tell(decided: DeploymentOverview, outcome: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_described(decided))
        return
    typer.echo(f"The deployment {decided.deployment.deployment_id} {outcome}.")


def _described(found: DeploymentOverview) -> dict[str, Any]:
    return {
        "id": found.id,
        "deployment_id": found.deployment.deployment_id,
        "state": found.deployment.state,
        "tenant": found.tenant_slug,
        "registration_id": found.deployment.registration_id,
        "registration": found.registration_name,
        "issuer": found.issuer,
        "client_id": found.client_id,
        "first_seen_at": moment(found.first_seen_at),
        "decided_at": moment(found.decided_at),
    }
