"""`gatelodge tool`: applications behind this gateway."""

from typing import Annotated, Any

import typer

from gatelodge.cli.gateway import opened_gateway, operator
from gatelodge.cli.output import Json, print_facts, print_json, print_table, print_warnings
from gatelodge.lti.registration import Tool
from gatelodge.services.tools import HAND_OFFS, ID_TOKEN_ALGORITHMS

app = typer.Typer(help="Applications behind this gateway.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="Its part of the addresses: /lti/KEY/login.")]


@app.command()
def add(
    key: Key,
    name: Annotated[str, typer.Option(help="What people in the LMS call it.")],
    launch_url: Annotated[str, typer.Option(help="The tool's own address for launches.")],
    tenant: Annotated[
        str | None, typer.Option(help="Offer it to this tenant only (short name or id).")
    ] = None,
    message: Annotated[
        list[str] | None,
        typer.Option(help="A message type it takes, as LTI spells it; repeat. All unless said."),
    ] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option(
            help="Personal data it is given: name, email, picture, sourced_id, custom or none; "
            "repeat. All but sourced_id unless said."
        ),
    ] = None,
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
            tenant=tenant,
            message_types=message or (),
            claims=_claims(claim),
            anonymous=anonymous,
            id_token_algorithm=id_token_algorithm,
            hand_off=hand_off,
        )
    print_warnings(added.warnings)
    if as_json:
        print_json({**_described(added.tool), "client_secret": added.client_secret})
        return
    typer.echo(f"Added the tool {added.tool.name}. Its secret is shown this once: keep it safe.")
    print_facts({"Client id": added.tool.client_id, "Client secret": added.client_secret})


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """List the tools."""
    with opened_gateway() as gateway:
        tools = gateway.tools.list(operator())
        slugs = {each.id: each.slug for each in gateway.tenants.list(operator())}
    if as_json:
        print_json([_described(each) for each in tools])
        return
    print_table(
        ("KEY", "NAME", "OFFERED TO", "LAUNCH ADDRESS"),
        [
            (each.key, each.name, slugs.get(each.tenant_id or "", "everyone"), each.launch_url)
            for each in tools
        ],
        empty="No tools yet. Add one: gatelodge tool add KEY --name NAME --launch-url ADDRESS",
    )


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


def _described(tool: Tool) -> dict[str, Any]:
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
        "tenant_id": tool.tenant_id,
    }
