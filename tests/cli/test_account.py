from __future__ import annotations

from typing import Any

from tests.cli.terminal import Terminal

PASSWORD = "a lantern over nine bridges"


def add(terminal: Terminal, *words: str, password: str = PASSWORD) -> Any:
    return terminal.json(
        *("account", "add", "--name", "Ada", "--email", "ada@n.example", "--password-stdin"),
        *(words or ("--tenant", "northfield", "--role", "admin")),
        typed=password + "\n",
    )


def test_an_account_is_added_for_programs(settled: Terminal) -> None:
    account = add(settled)

    assert account["roles"] == [{"role": "admin", "tenant": "northfield", "source": "given"}]
    assert account.keys() == {"id", "name", "email", "roles", "created_at", "disabled_at"}
    assert settled.json("account", "list") == [account]


def test_an_operator_has_no_tenant(settled: Terminal) -> None:
    account = add(settled, "--role", "operator")

    assert account["roles"] == [{"role": "operator", "tenant": None, "source": "given"}]


def test_an_account_is_added_for_people(settled: Terminal) -> None:
    result = settled.type(
        *("account", "add", "--tenant", "northfield", "--role", "educator"),
        *("--name", "Ben", "--email", "ben@n.example"),
        typed=f"{PASSWORD}\n{PASSWORD}\n",
    )

    assert "Added the account of Ben.\nId     " in result.stdout
    assert "educator of northfield" in result.stdout
    assert PASSWORD not in result.output


def test_a_password_that_is_too_short_is_refused(settled: Terminal) -> None:
    error = settled.refused(
        *("account", "add", "--tenant", "northfield", "--role", "admin", "--name", "Ada"),
        *("--email", "ada@n.example", "--password-stdin"),
        typed="short\n",
    )

    assert error["code"] == "input.invalid"


def test_nobody_is_an_administrator_of_nothing(settled: Terminal) -> None:
    error = settled.refused(
        *("account", "add", "--role", "admin", "--name", "Ada"),
        *("--email", "ada@n.example", "--password-stdin"),
        typed=PASSWORD,
    )

    assert error["message"] == "Administrators and educators need a tenant."


def test_an_account_is_disabled_and_enabled(settled: Terminal) -> None:
    account = add(settled)

    disabled = settled.json("account", "disable", account["id"])
    enabled = settled.json("account", "enable", account["id"])

    assert disabled["disabled_at"]
    assert enabled == account


def test_roles_are_set(settled: Terminal) -> None:
    account = add(settled)

    changed = settled.json(
        "account", "roles", account["id"], "--tenant", "southbank", "--role", "educator"
    )
    taken = settled.json("account", "roles", account["id"], "--tenant", "northfield")

    assert len(changed["roles"]) == 2
    assert [each["tenant"] for each in taken["roles"]] == ["southbank"]


def test_the_last_operator_can_t_be_disabled(settled: Terminal) -> None:
    account = add(settled, "--role", "operator")

    assert settled.refused("account", "disable", account["id"])["code"] == "account.last_operator"


def test_a_password_is_changed(settled: Terminal) -> None:
    account = add(settled)

    said = settled.type(
        *("account", "password", account["id"], "--password-stdin"), typed=PASSWORD + " and more"
    ).stdout

    assert said.startswith("Ada has another password now.\n")


def test_a_setup_link_is_made_until_there_is_an_operator(settled: Terminal) -> None:
    made = settled.json("account", "setup-link")
    said = settled.type("account", "setup-link").stdout
    add(settled, "--role", "operator")

    error = settled.refused("account", "setup-link")

    assert made["setup_link"].startswith("https://lti.example/set-up/")
    assert said.startswith("https://lti.example/set-up/")
    assert error["code"] == "setup_link.operator_exists"


def test_a_setup_link_needs_the_gateways_address(settled: Terminal) -> None:
    error = settled.refused("account", "setup-link", GATELODGE_BASE_URL=None)

    assert error["code"] == "settings.no_base_address"


def test_without_accounts_the_list_says_what_to_do_next(settled: Terminal) -> None:
    said = settled.type("account", "list").stdout

    assert said == "No accounts yet. The first one: gatelodge account setup-link\n"


def test_the_list_is_for_people(settled: Terminal) -> None:
    add(settled)

    head, row = settled.type("account", "list").stdout.splitlines()

    assert head.split() == ["ID", "NAME", "E-MAIL", "ROLES", "STATE", "ADDED"]
    assert "Ada   ada@n.example  admin of northfield  active" in row
