from __future__ import annotations

import pytest

from gatelodge.services.errors import Invalid, NotAllowed, ToolNotFound
from gatelodge.services.images import read_picture
from tests.services.house import OTTO, House
from tests.support.pictures import jpeg, png


def test_an_icon_is_kept_as_it_was_made_safe(house: House) -> None:
    house.tool_icons.put(OTTO, "hello", png(behind=b"<script>"))

    icon = house.tool_icons.find("hello")

    assert icon is not None
    assert (icon.content_type, icon.content) == read_picture("icon", png())
    assert house.tools.show(OTTO, "hello").overview.icon_changed_at == icon.changed_at
    assert house.tags()[-1] == "tool.icon_changed"


def test_an_icon_takes_the_place_of_the_one_before(house: House) -> None:
    house.tool_icons.put(OTTO, "hello", png())

    house.tool_icons.put(OTTO, "hello", jpeg())

    icon = house.tool_icons.find("hello")
    assert icon is not None
    assert icon.content_type == "image/jpeg"


def test_what_is_no_picture_leaves_the_one_before(house: House) -> None:
    house.tool_icons.put(OTTO, "hello", png())

    with pytest.raises(Invalid):
        house.tool_icons.put(OTTO, "hello", b"<svg/>")

    assert house.tool_icons.find("hello") is not None


def test_an_icon_is_removed(house: House) -> None:
    house.tool_icons.put(OTTO, "hello", png())

    house.tool_icons.remove(OTTO, "hello")
    house.tool_icons.remove(OTTO, "hello")

    assert house.tool_icons.find("hello") is None
    assert house.tags().count("tool.icon_changed") == 2


def test_an_icon_goes_with_its_tool(house: House) -> None:
    house.tool_icons.put(OTTO, "hello", png())

    house.tools.delete(OTTO, "hello")

    assert house.tool_icons.find("hello") is None


def test_only_the_operator_changes_icons(house: House) -> None:
    for caller in (house.ada, house.ben, house.cleo):
        with pytest.raises(NotAllowed):
            house.tool_icons.put(caller, "hello", png())
        with pytest.raises(NotAllowed):
            house.tool_icons.remove(caller, "hello")


def test_a_tool_that_is_not_there_has_no_icon(house: House) -> None:
    with pytest.raises(ToolNotFound):
        house.tool_icons.put(OTTO, "quiz", png())

    assert house.tool_icons.find("quiz") is None
