"""An address to return to holds a key of the person's session in the LMS: the tool gets it, nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from gatelodge.services.caller import Caller
from gatelodge.storage.tables import launches
from tests.support.browsers import Browser
from tests.support.gateways import Campus
from tests.support.lms import CLAIM

RETURN = "https://lms.example/return?sesskey=TbKrcfgNz5"
PRESENTATION = {f"{CLAIM}launch_presentation": {"return_url": RETURN}}


@pytest.mark.asyncio
async def test_the_tool_is_told_where_to_return_to(browser: Browser) -> None:
    launched = await browser.launch(**PRESENTATION)

    answer = await browser.redeem(launched)

    assert answer["launch"]["presentation"]["return_url"] == RETURN


@pytest.mark.asyncio
async def test_the_address_is_not_in_the_launch_that_is_kept(
    campus: Campus, browser: Browser
) -> None:
    await browser.launch(**PRESENTATION)

    [kept] = campus.database.read(
        lambda connection: connection.execute(select(launches.c.facts, launches.c.trace)).all()
    )

    assert "sesskey" not in "".join(kept)


@pytest.mark.asyncio
async def test_nobody_is_shown_the_address(campus: Campus, browser: Browser) -> None:
    await browser.launch(**PRESENTATION)
    [record] = campus.gateway.launch_records.list(Caller.operator("otto"))

    shown = campus.gateway.launch_records.show(Caller.operator("otto"), record.named, unmask=True)

    assert "sesskey" not in repr(shown)
