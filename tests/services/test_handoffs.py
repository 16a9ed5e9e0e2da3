"""Redeeming a hand-off where the rest of the gateway has moved on since the launch."""

from __future__ import annotations

import itertools
import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from gatelodge.services.errors import SealBroken
from gatelodge.services.handoffs import CodeRefused, ToolCredentials, ToolNotAuthenticated
from gatelodge.storage import launches
from gatelodge.storage.database import Connection
from gatelodge.storage.tables import signing_keys
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


async def test_a_key_revoked_by_another_process_signs_no_hand_off_from_then_on(
    mia: Browser,
) -> None:
    gateway = mia.campus.gateway
    first, second = [code_of(await mia.launch()) for _ in range(2)]
    signed = await gateway.hand_offs.redeem(hello(mia.campus), form(first))

    with mia.campus.beside() as other:
        other.gateway.signing_keys.revoke(OTTO, key_id(signed))
        published = other.gateway.signing_keys.public_key_set_for_tools()["keys"]
    response = await gateway.hand_offs.redeem(hello(mia.campus), form(second))

    assert key_id(response) != key_id(signed)
    assert key_id(response) in {each["kid"] for each in published}


def key_id(response: dict[str, Any]) -> str:
    header = response["id_token"].partition(".")[0]
    return str(json.loads(urlsafe_b64decode(header + "=="))["kid"])


async def test_a_code_is_not_spent_while_nothing_can_sign(mia: Browser) -> None:
    gateway = mia.campus.gateway
    code = code_of(await mia.launch())
    seals = sealed_with(mia.campus, b"damaged")
    with pytest.raises(SealBroken):
        await gateway.hand_offs.redeem(hello(mia.campus), form(code))
    mended = sealed_with(mia.campus, *seals)

    response = await gateway.hand_offs.redeem(hello(mia.campus), form(code))

    assert response["launch"]["person"]["name"] == "Mia Learner"
    assert set(mended) == {b"damaged"}


def sealed_with(campus: Campus, *seals: bytes) -> list[bytes]:
    """Puts these in the place of what the private keys are sealed as, in their order; tells what was there."""

    def replace(connection: Connection) -> list[bytes]:
        query = select(signing_keys.c.id, signing_keys.c.sealed_private).order_by(signing_keys.c.id)
        found = connection.execute(query).all()
        for row, seal in zip(found, itertools.cycle(seals), strict=False):
            change = update(signing_keys).where(signing_keys.c.id == row.id)
            connection.execute(change.values(sealed_private=seal))
        return [row.sealed_private for row in found]

    return campus.database.write(replace)
