"""`gatelodge tool`: applications behind this gateway."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from gatelodge.cli.gateway import opened_gateway, operator
from gatelodge.cli.output import Json, print_facts, print_json, print_table, print_warnings
from gatelodge.services.tools import HAND_OFFS, ID_TOKEN_ALGORITHMS, ToolView, details_of

app = typer.Typer(help="Applications behind this gateway.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="Its part of the addresses: /lti/KEY/login.")]

Tenants = Annotated[
    list[str] | None,
    typer.Option(help="Offer it to this tenant (short name or id), and to no other; repeat."),
]
Messages = Annotated[
    list[str] | None,
    typer.Option(help="A message type it takes, as LTI spells it; repeat. All unless said."),
]
Claims = Annotated[
    list[str] | None,
    typer.Option(
        help="Personal data it is given: name, email, picture, sourced_id, custom or none; "
        "repeat. All but sourced_id unless said."
    ),
]


@app.command()
def add(
    key: Key,
    name: Annotated[str, typer.Option(help="What people in the LMS call it.")],
    launch_url: Annotated[str, typer.Option(help="The tool's own address for launches.")],
    tenant: Tenants = None,
    message: Messages = None,
    claim: Claims = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Take launches of people the LMS doesn't name.")
    ] = False,
    id_token_algorithm: Annotated[
        str, typer.Option(help="How id_tokens for it are signed: RS256 or ES256.")
    ] = ID_TOKEN_ALGORITHMS[0],
    hand_off: Annotated[
        str, typer.Option(help="How it is given the code: redirect or form_post.")
    ] = HAND_OFFS[0],
    as_json: Json = False,
) -> None:
    """Add a tool. Its secret is printed once."""
    with opened_gateway() as gateway:
        added = gateway.tools.add(
            operator(),
            key,
            name,
            launch_url,
            tenants=tenant,
            message_types=message or (),
            claims=_claims(claim),
            anonymous=anonymous,
            id_token_algorithm=id_token_algorithm,
            hand_off=hand_off,
        )
        view = gateway.tools.show(operator(), added.tool.key)
    print_warnings(added.warnings)
    if as_json:
        print_json({**_described(view), "client_secret": added.client_secret})
        return
    typer.echo(f"Added the tool {added.tool.name}. Its secret is shown this once: keep it safe.")
    print_facts({"Client id": added.tool.client_id, "Client secret": added.client_secret})


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """List the tools."""
    with opened_gateway() as gateway:
        tools = [
            gateway.tools.show(operator(), each.key) for each in gateway.tools.list(operator())
        ]
    if as_json:
        print_json([_described(each) for each in tools])
        return
    print_table(
        ("KEY", "NAME", "OFFERED TO", "LAUNCH ADDRESS"),
        [
            (each.tool.key, each.tool.name, _offered_to(each), each.tool.launch_url)
            for each in tools
        ],
        empty="No tools yet. Add one: gatelodge tool add KEY --name NAME --launch-url ADDRESS",
    )


@app.command()
def change(
    key: Key,
    name: Annotated[str | None, typer.Option(help="What people in the LMS call it.")] = None,
    launch_url: Annotated[
        str | None, typer.Option(help="The tool's own address for launches.")
    ] = None,
    tenant: Tenants = None,
    everyone: Annotated[bool, typer.Option("--everyone", help="Offer it to all tenants.")] = False,
    message: Messages = None,
    claim: Claims = None,
    anonymous: Annotated[
        bool | None, typer.Option(help="Take launches of people the LMS doesn't name.")
    ] = None,
    id_token_algorithm: Annotated[
        str | None, typer.Option(help="How id_tokens for it are signed: RS256 or ES256.")
    ] = None,
    hand_off: Annotated[
        str | None, typer.Option(help="How it is given the code: redirect or form_post.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Change a tool; the next launch goes by it. What isn't said stays as it is."""
    said: dict[str, Any] = {
        "name": name,
        "launch_url": launch_url,
        "tenants": tenant,
        "message_types": message,
        "claims": _claims(claim),
        "anonymous": anonymous,
        "id_token_algorithm": id_token_algorithm,
        "hand_off": hand_off,
    }
    with opened_gateway() as gateway:
        before = gateway.tools.show(operator(), key)
        details = replace(
            details_of(before), **{name: value for name, value in said.items() if value is not None}
        )
        if everyone:
            details = replace(details, tenants=None)
        view = gateway.tools.change(operator(), key, details, seen=before.seen)
    if as_json:
        print_json(_described(view))
        return
    typer.echo(f"Changed the tool {view.tool.name}. The next launch goes by it.")


@app.command()
def delete(key: Key, as_json: Json = False) -> None:
    """Remove a tool that has no registrations, for good."""
    with opened_gateway() as gateway:
        tool = gateway.tools.delete(operator(), key)
    if as_json:
        print_json({"key": tool.key, "deleted": True})
        return
    typer.echo(f"Deleted the tool {tool.name}.")


@app.command()
def rotate_secret(key: Key, as_json: Json = False) -> None:
    """Give a tool a new secret; the one before is worth nothing at once."""
    with opened_gateway() as gateway:
        secret = gateway.tools.rotate_secret(operator(), key)
    if as_json:
        print_json({"key": key.strip(), "client_secret": secret})
        return
    typer.echo("The tool has a new secret. It is shown this once: keep it safe.")
    print_facts({"Client secret": secret})


def _claims(given: list[str] | None) -> list[str] | None:
    """``--claim none`` is how an empty list is said."""
    return [] if given == ["none"] else given


def _offered_to(view: ToolView) -> str:
    if view.tool.for_everyone:
        return "everyone"
    return ", ".join(each.slug for each in view.tenants) or "nobody"


def _described(view: ToolView) -> dict[str, Any]:
    tool = view.tool
    return {
        "id": tool.id,
        "key": tool.key,
        "name": tool.name,
        "launch_url": tool.launch_url,
        "client_id": tool.client_id,
        "claims": sorted(tool.claims),
        "message_types": sorted(tool.message_types),
        "anonymous": tool.anonymous,
        "id_token_algorithm": tool.id_token_algorithm,
        "hand_off": tool.hand_off,
        "tenants": None if tool.for_everyone else [each.slug for each in view.tenants],
    }
