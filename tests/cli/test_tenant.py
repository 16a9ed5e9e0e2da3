from __future__ import annotations

from tests.cli.terminal import Terminal


def test_a_tenant_is_added_for_programs(terminal: Terminal) -> None:
    tenant = terminal.json("tenant", "add", "Northfield")

    assert tenant["slug"] == "northfield"
    assert tenant.keys() == {"id", "slug", "name", "created_at"}
    assert terminal.json("tenant", "list") == [tenant]


def test_a_tenant_is_added_for_people(terminal: Terminal) -> None:
    said = terminal.type("tenant", "add", "Northfield High", "--slug", "north").stdout

    assert said.startswith("Added the tenant Northfield High.\nShort name  north\n")


def test_an_empty_list_says_what_to_do_next(terminal: Terminal) -> None:
    said = terminal.type("tenant", "list").stdout

    assert said == "No tenants yet. Add one: gatelodge tenant add NAME\n"


def test_a_list_is_aligned_in_letters_of_any_width(terminal: Terminal) -> None:
    terminal.type("tenant", "add", "大学", "--slug", "daxue")
    terminal.type("tenant", "add", "Northfield")

    head, *rows = terminal.type("tenant", "list").stdout.splitlines()

    assert head.startswith("SHORT NAME  NAME        ADDED")
    assert rows[0].startswith("daxue       大学        20")
    assert rows[1].startswith("northfield  Northfield  20")
