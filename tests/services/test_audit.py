from __future__ import annotations

import re

import msgspec

from gatelodge.services.audit import Tag
from gatelodge.storage import audit
from tests.architecture.source import ROOT
from tests.services.house import House


def test_an_event_holds_who_what_and_ids(house: House) -> None:
    view = house.register(house.ada)

    [event, *_] = house.database.read(
        lambda connection: audit.list_recent(connection, house.northfield.id)
    )

    assert (event.actor, event.tag, event.subject) == ("ada", "registration.added", view.id)
    assert msgspec.json.decode(event.details) == {
        "tool": house.hello.id,
        "platform_client": view.overview.client.id,
    }


def test_what_was_refused_leaves_no_event(house: House) -> None:
    house.register(house.ada)
    before = house.tags()

    try:
        house.register(house.cleo, tenant="southbank")
    except Exception:  # noqa: BLE001 - whatever refused it
        assert house.tags() == before


def test_the_reference_names_every_tag_and_no_other() -> None:
    page = (ROOT / "docs" / "reference" / "audit.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `([^`]+)`", page, flags=re.MULTILINE) == [tag.value for tag in Tag]
