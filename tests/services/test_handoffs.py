"""Redeeming a hand-off where the rest of the gateway has moved on since the launch."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gatelodge.services.handoffs import CodeRefused, ToolCredentials, ToolNotAuthenticated
from gatelodge.storage import launches
from tests.support.browsers import Browser, browsing, code_of
from tests.support.campuses import campus_on_both, lmss, served_lmss
from tests.support.gateways import OTTO, Campus

__all__ = ["campus_on_both", "lmss", "served_lmss"]

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def mia(campus_on_both: Campus) -> AsyncIterator[Browser]:
    async with browsing(campus_on_both) as browser:
        yield browser


def form(code: str) -> dict[str, str]:
    return {"grant_type": "authorization_code", "code": code}


def hello(campus: Campus) -> ToolCredentials:
    return ToolCredentials(campus.hello.client_id, campus.hello_secret)


async def test_a_launch_that_was_admitted_is_handed_off_though_its_registration_has_gone(
    mia: Browser,
) -> None:
    code = code_of(await mia.launch())
    mia.campus.gateway.registrations.delete(OTTO, mia.campus.registration())

    response = await mia.campus.gateway.hand_offs.redeem(hello(mia.campus), form(code))

    assert response["launch"]["person"]["name"] == "Mia Learner"


async def test_when_what_is_personal_has_been_purged_the_launch_is_handed_off_without(
    mia: Browser,
) -> None:
    code = code_of(await mia.launch())
    far = mia.campus.clock() + 1
    mia.campus.database.write(lambda connection: launches.purge_personal(connection, far))

    response = await mia.campus.gateway.hand_offs.redeem(hello(mia.campus), form(code))

    assert response["launch"]["person"]["name"] is None
    assert response["launch"]["person"]["id"]
    assert response["launch"]["custom"] == {}


async def test_the_same_code_redeemed_by_two_gateways_is_given_out_once(mia: Browser) -> None:
    code = code_of(await mia.launch())
    with mia.campus.beside() as other:
        given = await mia.campus.gateway.hand_offs.redeem(hello(mia.campus), form(code))
        with pytest.raises(CodeRefused, match="redeemed before"):
            await other.gateway.hand_offs.redeem(hello(other), form(code))
        await other.gateway.stop()

    assert await mia.campus.gateway.hand_offs.launch_of(given["access_token"]) is None


async def test_a_wrong_secret_and_an_unknown_tool_are_told_in_the_same_words(mia: Browser) -> None:
    redeem, known = mia.campus.gateway.hand_offs.redeem, hello(mia.campus).client_id
    words = set()

    for credentials in (ToolCredentials(known, "wrong"), ToolCredentials("nobody", "wrong")):
        with pytest.raises(ToolNotAuthenticated) as refused:
            await redeem(credentials, form("a.b"))
        words.add(str(refused.value))

    assert len(words) == 1
