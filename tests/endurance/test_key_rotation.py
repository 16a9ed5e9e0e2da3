"""Keys that change while people launch: those of the LMS, and ours."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.endurance.fleet import Fleet, running
from tests.endurance.scale import EACH_DATABASE, times
from tests.support.browsers import Browser, browsing
from tests.support.gateways import OTTO, Campus
from tests.support.processes import command, environment

pytestmark = pytest.mark.asyncio

LAUNCHES = times(1000)
TURNS = times(3)
A_BATCH = 10
AN_HOUR = 3600

Report = Callable[[object], None]


# ---------------------------------------------------------------- the LMS's


async def test_an_lms_may_change_its_key_at_every_tenth_launch(
    campus_on_both: Campus, report: Report
) -> None:
    """For one address key sets are fetched three times a minute at most, so twenty seconds pass with every key.

    It publishes the key before beside the new one: launches that are signed with it are on their way.
    """
    campus, lms = campus_on_both, campus_on_both.lms
    rotations = LAUNCHES // A_BATCH
    async with browsing(campus) as browser:
        for number in range(rotations):
            lms.keys = [f"rotated {number}", lms.keys[0]]
            campus.clock.pass_seconds(20)
            signing = [lms.keys[1], *lms.keys[:1] * (A_BATCH - 1)]
            launched = await asyncio.gather(*(browser.launch(key=each) for each in signing))
            await asyncio.gather(*map(browser.redeem, launched))

    report(
        f"launches and redemptions {LAUNCHES}, keys {rotations}, fetches {lms.fetches}, failed 0"
    )
    assert lms.fetches <= rotations + 1


# ---------------------------------------------------------------- ours


@dataclass
class Tool:
    """Verifies id_tokens as libraries do: it keeps our key set, and fetches it when a key id is new to it."""

    http: httpx2.AsyncClient
    keys: Mapping[str, Any] = field(default_factory=dict)
    fetches: int = 0

    async def fetch(self) -> None:
        answer = await self.http.get("/lti/keys")
        self.keys = {each["kid"]: each for each in answer.json()["keys"]}
        self.fetches += 1

    async def verifies(self, response: Mapping[str, Any]) -> bool:
        """Whether a published key has signed it; a wrong signature is raised."""
        key_id = key_id_of(response)
        if key_id not in self.keys:
            await self.fetch()
        if key_id not in self.keys:
            return False
        keys = KeySet.import_key_set({"keys": [self.keys[key_id]]})
        claims = jwt.decode(response["id_token"], keys, algorithms=["RS256"]).claims
        return bool(claims["urn:gatelodge:launch_id"] == response["launch"]["id"])


def key_id_of(response: Mapping[str, Any]) -> str:
    header = response["id_token"].partition(".")[0]
    return str(json.loads(urlsafe_b64decode(header + "=="))["kid"])


async def test_a_tool_that_fetches_our_keys_every_hour_knows_each_of_them_before_it_signs(
    campus_on_both: Campus, report: Report
) -> None:
    campus, rotations = campus_on_both, times(20)
    signed_with = set()
    async with browsing(campus) as browser:
        tool = Tool(browser.http)
        for _ in range(rotations):
            with campus.beside() as elsewhere:
                elsewhere.gateway.signing_keys.rotate(OTTO)
            campus.clock.pass_seconds(23 * AN_HOUR)
            await tool.fetch()
            campus.clock.pass_seconds(AN_HOUR)
            for _ in range(LAUNCHES // rotations):
                response = await browser.redeem(await browser.launch())
                signed_with.add(key_id_of(response))
                assert await tool.verifies(response)

    report(f"launches and redemptions {LAUNCHES}, keys {len(signed_with)}, failed 0")
    assert len(signed_with) == rotations
    assert tool.fetches == rotations


@EACH_DATABASE
async def test_while_the_operator_rotates_and_revokes_our_keys_launches_go_on(
    campus_today: Campus, report: Report
) -> None:
    async with running(campus_today, 2) as fleet:
        town = Town(campus_today, fleet)
        operator = asyncio.create_task(asyncio.to_thread(town.rotate_and_revoke))
        await asyncio.gather(*(town.launch_until(operator.done) for _ in range(4)))
        await operator
        published = await town.published_to_the_lms()

    report(
        f"launches and redemptions {town.launches}, keys revoked {len(town.revoked)}, key sets fetched "
        f"{town.tool.fetches}, under way when their key was revoked {town.under_way}, failed 0"
    )
    assert town.launches >= LAUNCHES
    assert published == [{town.key_for_the_lms}] * 2


class Town:
    """People who launch, and an operator at the command line."""

    def __init__(self, campus: Campus, fleet: Fleet) -> None:
        self.campus = campus
        self.fleet = fleet
        self.settings = environment(campus)
        self.registration = campus.registration()
        self.tool = Tool(fleet.replicas[0].http)
        self.launches = 0
        self.under_way = 0
        self.revoked: dict[str, float] = {}
        self.key_for_the_lms = ""

    async def launch_until(self, is_over: Callable[[], bool]) -> None:
        while self.launches < LAUNCHES or not is_over():
            if self.launches >= LAUNCHES:
                # More only so that the operator does not work alone.
                await asyncio.sleep(0.1)
            self.launches += 1
            self.campus.clock.now = time.time()
            launched = await self._browser().launch()
            asked = time.monotonic()
            response = await self._browser().redeem(launched)
            if not await self.tool.verifies(response):
                # Its key was revoked after it was asked for, and that is what revoking is for.
                assert self.revoked[key_id_of(response)] > asked
                self.under_way += 1

    def _browser(self) -> Browser:
        return Browser(self.fleet.any().http, self.campus)

    def rotate_and_revoke(self) -> None:
        """What signs is revoked, and its place taken at once; that which was rotated signs tomorrow."""
        for _ in range(TURNS):
            self._key("rotate", "--tools")
            self._key("rotate", "--registration", self.registration)
            for each in self._key("list"):
                if each["state"] == "signing" and self._is_used(each):
                    self._revoke(each["id"])
        # What waits for tomorrow is revoked, too: the LMS is left with one key.
        for each in self._key("list"):
            if each["client_id"] == self.campus.lms.client_id:
                if each["state"] == "signing":
                    self.key_for_the_lms = each["id"]
                else:
                    self._revoke(each["id"])

    def _is_used(self, key: dict[str, Any]) -> bool:
        """By what is signed here: for the tool, and for the LMS."""
        return key["algorithm"] == "RS256" and key["client_id"] in (None, self.campus.lms.client_id)

    def _revoke(self, key_id: str) -> None:
        # Until the command is done it may be revoked, or not yet.
        self.revoked[key_id] = float("inf")
        self._key("revoke", key_id)
        self.revoked[key_id] = time.monotonic()

    def _key(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = command(self.settings, "key", *arguments)
        return found

    async def published_to_the_lms(self) -> list[set[str]]:
        address = f"/lti/keys/{self.registration}"
        answers = [(await each.http.get(address)).json() for each in self.fleet.replicas]
        return [{key["kid"] for key in each["keys"]} for each in answers]
