from __future__ import annotations

from tests.cli.terminal import Terminal


def test_a_tenant_is_added_for_programs(terminal: Terminal) -> None:
    tenant = terminal.json("tenant", "add", "Northfield")

    assert tenant["slug"] == "northfield"
    assert tenant.keys() == {"id", "slug", "name", "created_at", "suspended_at"}
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


def test_a_tenant_is_suspended_and_resumed(settled: Terminal) -> None:
    suspended = settled.json("tenant", "suspend", "northfield")
    listed = settled.type("tenant", "list").stdout
    resumed = settled.json("tenant", "resume", "northfield")

    assert suspended["suspended_at"] is not None
    assert [line.split()[-1] for line in listed.splitlines()] == ["STATE", "suspended", "active"]
    assert resumed["suspended_at"] is None


def test_people_are_told_what_a_suspension_does(settled: Terminal) -> None:
    suspended = settled.type("tenant", "suspend", "northfield").stdout
    resumed = settled.type("tenant", "resume", "northfield").stdout

    assert suspended == "Suspended the tenant Northfield. Nothing of it launches from now on.\n"
    assert resumed == "Resumed the tenant Northfield. Its links work again.\n"


def test_a_tenant_that_is_not_suspended_cannot_be_resumed(settled: Terminal) -> None:
    assert settled.refused("tenant", "resume", "northfield")["code"] == "tenant.state_forbids"
