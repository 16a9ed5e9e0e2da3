"""`gatelodge account`: people who sign in to the portal."""

import sys
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
from gatelodge.services.accounts import AccountView
from gatelodge.services.caller import Role
from gatelodge.services.passwords import LONGEST
from gatelodge.services.setup_links import LIFETIME

app = typer.Typer(help="People who sign in to the portal.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Its id, as `gatelodge account list` shows it.")]
Tenant = Annotated[str | None, typer.Option(help="Short name of the institution.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@app.command()
def add(
    role: Annotated[Role, typer.Option(help="What they may do.")],
    name: Annotated[str, typer.Option(help="How they are called.")],
    email: Annotated[str, typer.Option(help="The e-mail address that they sign in with.")],
    tenant: Tenant = None,
    password_stdin: FromStdin = False,
    as_json: Json = False,
) -> None:
    """Add somebody who signs in with e-mail address and password."""
    password = _password(from_stdin=password_stdin)
    with opened_gateway() as gateway:
        account = gateway.accounts.add_local(
            operator(), tenant, role, name=name, email=email, password=password
        )
    _tell(account, f"Added the account of {account.name}.", as_json=as_json)


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """List the accounts."""
    with opened_gateway() as gateway:
        found = gateway.accounts.list(operator())
    if as_json:
        print_json([_described(each) for each in found])
        return
    print_table(
        ("ID", "NAME", "E-MAIL", "ROLES", "STATE", "ADDED"),
        [
            (
                each.id,
                each.name,
                each.email or "-",
                _spoken_roles(each),
                "disabled" if each.disabled_at else "active",
                spoken_moment(each.created_at),
            )
            for each in found
        ],
        empty="No accounts yet. The first one: gatelodge account setup-link",
    )


@app.command()
def roles(
    account: Id,
    role: Annotated[
        list[Role] | None, typer.Option(help="A role they are to hold there; repeat.")
    ] = None,
    tenant: Tenant = None,
    as_json: Json = False,
) -> None:
    """Set the roles held in one tenant, or without one the operator's; those not named are taken."""
    with opened_gateway() as gateway:
        gateway.accounts.set_roles(operator(), account, tenant, role or [])
        changed = gateway.accounts.find(operator(), account)
    _tell(changed, f"Changed the roles of {changed.name}.", as_json=as_json)


@app.command()
def password(account: Id, password_stdin: FromStdin = False, as_json: Json = False) -> None:
    """Give somebody another password. Their sessions end."""
    given = _password(from_stdin=password_stdin)
    with opened_gateway() as gateway:
        changed = gateway.accounts.set_password(operator(), account, given)
    _tell(changed, f"{changed.name} has another password now.", as_json=as_json)


@app.command()
def disable(account: Id, as_json: Json = False) -> None:
    """Let somebody in no more. Their sessions end."""
    with opened_gateway() as gateway:
        changed = gateway.accounts.disable(operator(), account)
    _tell(changed, f"The account of {changed.name} is disabled.", as_json=as_json)


@app.command()
def enable(account: Id, as_json: Json = False) -> None:
    """Let somebody in again."""
    with opened_gateway() as gateway:
        changed = gateway.accounts.enable(operator(), account)
    _tell(changed, f"The account of {changed.name} can be used again.", as_json=as_json)


@app.command("setup-link")
def setup_link(as_json: Json = False) -> None:
    """Make a link that makes the first operator. It is good once, for an hour."""
    with opened_gateway() as gateway:
        address = gateway.setup_links.make(operator())
    if as_json:
        print_json({"setup_link": address, "seconds": LIFETIME})
        return
    typer.echo(address)
    typer.echo("Open it within an hour to make the first operator and institution.", err=True)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline(2 * LONGEST).rstrip("\r\n")
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return given


def _tell(account: AccountView, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_described(account))
        return
    typer.echo(sentence)
    print_facts({"Id": account.id, "Roles": _spoken_roles(account)})


def _spoken_roles(account: AccountView) -> str:
    return ", ".join(
        f"{each.role} of {each.tenant_slug}" if each.tenant_slug else each.role
        for each in account.roles
    )


def _described(account: AccountView) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "email": account.email,
        "roles": [
            {"role": each.role, "tenant": each.tenant_slug, "source": each.source}
            for each in account.roles
        ],
        "created_at": moment(account.created_at),
        "disabled_at": moment(account.disabled_at),
    }
