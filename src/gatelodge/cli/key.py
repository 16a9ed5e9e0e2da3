"""`gatelodge key`: our own signing keys."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from gatelodge.cli.gateway import opened_gateway, operator
from gatelodge.cli.output import Json, moment, print_json, print_table, spoken_moment
from gatelodge.services.signing_keys import KeyView

app = typer.Typer(help="Our own signing keys.", no_args_is_help=True)


@app.command("list")
def list_all(
    everything: Annotated[
        bool, typer.Option("--all", help="Also keys that are revoked or no longer published.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the keys that are published."""
    with opened_gateway() as gateway:
        keys = gateway.signing_keys.list(operator(), everything=everything)
    _print(keys, as_json=as_json)


@app.command()
def rotate(
    registration: Annotated[
        str | None,
        typer.Option(help="Id of the registration whose LMS client gets a new key."),
    ] = None,
    tools: Annotated[
        bool, typer.Option("--tools", help="New keys for what is signed for tools.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Publish a new key, which signs after a day; the one before stays published for two weeks."""
    if tools is (registration is not None):
        raise typer.BadParameter("Say either --registration ID or --tools.")
    with opened_gateway() as gateway:
        keys = gateway.signing_keys.rotate(operator(), registration)
    _print(keys, as_json=as_json)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Its id, as `gatelodge key list` shows it.")],
    as_json: Json = False,
) -> None:
    """Unpublish a key at once, in an emergency; if it was signing, a new one does from now on."""
    with opened_gateway() as gateway:
        keys = gateway.signing_keys.revoke(operator(), key)
    _print(keys, as_json=as_json)


def _print(keys: Sequence[KeyView], *, as_json: bool) -> None:
    if as_json:
        print_json([_described(each) for each in keys])
        return
    print_table(
        ("ID", "SIGNS FOR", "ALGORITHM", "STATE", "SIGNS FROM", "SIGNS UNTIL"),
        [
            (
                each.id,
                _owner(each),
                each.overview.key.algorithm,
                each.state,
                spoken_moment(each.overview.key.signs_from),
                spoken_moment(each.overview.key.signs_until),
            )
            for each in keys
        ],
        empty="No keys yet. They are made when the gateway first serves, and with each LMS client.",
    )


def _owner(view: KeyView) -> str:
    client = view.overview.client
    return f"{client.issuer}, client {client.client_id}" if client else "tools"


def _described(view: KeyView) -> dict[str, Any]:
    key, client = view.overview.key, view.overview.client
    return {
        "id": view.id,
        "signs_for": "tools" if client is None else "platform",
        "issuer": client.issuer if client else None,
        "client_id": client.client_id if client else None,
        "algorithm": key.algorithm,
        "state": view.state,
        "published_at": moment(key.published_at),
        "signs_from": moment(key.signs_from),
        "signs_until": moment(key.signs_until),
        "published_until": moment(key.published_until),
        "revoked_at": moment(key.revoked_at),
    }
