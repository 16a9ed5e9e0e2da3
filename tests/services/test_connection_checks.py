"""An LMS's addresses are tried on real servers, good and bad, through the guarded client."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from gatelodge.outbound.client import OutboundClient
from gatelodge.services.caller import Caller
from gatelodge.services.connection_checks import (
    MOST_AT_ONCE,
    SEEN,
    Check,
    Connection,
    ConnectionChecks,
    Outcome,
    Subject,
)
from gatelodge.services.errors import NotAllowed
from tests.outbound.certificates import Authority
from tests.outbound.names import Names
from tests.outbound.servers import Script, reply, serving
from tests.support.lms import public_jwk

pytestmark = pytest.mark.asyncio

ADA = Caller.admin("ada", "northfield")
HOST = "lms.campus.example"
DAY = 24 * 3600
KEYS = json.dumps({"keys": [{**public_jwk("first"), "alg": "RS256"}]}).encode()
REFUSED = b'{"error": "invalid_request"}'
PAGE = ("Content-Type: text/html; charset=utf-8",)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.make()


class Lms:
    """Its three addresses, each on a server of its own that answers as a test wants."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        self.authority = authority
        self.folder = folder
        self.key_set: Script | bytes = reply(KEYS)
        self.token: Script | bytes = reply(REFUSED, status="400 Bad Request")
        self.authentication: Script | bytes = reply(b"Who are you?", headers=PAGE)
        self.proves = HOST
        self.days = 90
        self.allow = (HOST,)
        self.asked: list[bytes] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[OutboundClient, Connection]]:
        tls = self.authority.server(self.folder, self.proves, days=self.days)
        client = OutboundClient(
            allow=self.allow,
            resolver=Names(lms_campus_example=[["127.0.0.1"]]),
            tls=self.authority.trusted(),
        )
        async with AsyncExitStack() as open_:
            servers = [
                await open_.enter_async_context(serving(each, tls=tls))
                for each in (self.key_set, self.token, self.authentication)
            ]
            urls = [each.url(scheme="https", host=HOST) for each in servers]
            open_.push_async_callback(client.aclose)
            yield (
                client,
                Connection(key_set_url=urls[0], token_url=urls[1], authorization_url=urls[2]),
            )
            self.asked = servers[1].requests

    async def checked(self, clock: Any = time.time, **changes: Any) -> dict[Subject, Check]:
        async with self.open() as (client, connection):
            given = {name: getattr(connection, name) for name in connection.__slots__} | changes
            found = await ConnectionChecks(client, clock).look(ADA, Connection(**given))
        return {each.subject: each for each in found}


@pytest.fixture
def lms(authority: Authority, tmp_path: Path) -> Lms:
    return Lms(authority, tmp_path)


async def test_an_lms_in_order_passes_everything_that_can_be_tried(lms: Lms) -> None:
    date = f"Date: {formatdate(usegmt=True)}"
    lms.token = reply(REFUSED, status="400 Bad Request", headers=("Content-Type: x/y", date))

    found = await lms.checked()

    assert {each.seen: each.outcome for each in found.values()} == {
        "certificate.good": Outcome.PASSED,
        "key_set.good": Outcome.PASSED,
        "token.good": Outcome.PASSED,
        "authentication.good": Outcome.PASSED,
        "clock.agrees": Outcome.PASSED,
    }
    assert list(found) == list(Subject)
    facts = found[Subject.CERTIFICATE].facts
    assert (facts["authority"], facts["protocol"]) == ("Test authority", "TLS 1.3")
    assert abs(int(facts["until"]) - time.time() - 90 * DAY) < 60
    assert found[Subject.KEY_SET].facts == {"count": 1, "algorithms": "RS256"}
    assert abs(int(found[Subject.CLOCK].facts["seconds"])) <= 1


async def test_the_token_address_is_asked_for_nothing_it_could_grant(lms: Lms) -> None:
    await lms.checked()

    [request] = lms.asked
    assert request.startswith(b"POST /keys HTTP/1.1")
    assert request.endswith(b"\r\n\r\ngrant_type=client_credentials")


# ----------------------------------------------------------------------- certificates


@pytest.mark.parametrize(
    ("proves", "days", "seen", "outcome"),
    [
        (HOST, -1, "certificate.expired", Outcome.FAILED),
        ("other.example", 90, "certificate.other_name", Outcome.FAILED),
        (HOST, 5, "certificate.ends_soon", Outcome.WARNING),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_named(
    lms: Lms, proves: str, days: int, seen: str, outcome: Outcome
) -> None:
    lms.proves, lms.days = proves, days

    check = (await lms.checked())[Subject.CERTIFICATE]

    assert (check.seen, check.outcome, check.facts["host"]) == (seen, outcome, HOST)


async def test_a_certificate_of_nobody_we_know_is_named(lms: Lms) -> None:
    lms.authority = Authority.make()
    async with lms.open() as (_, connection):
        stranger = OutboundClient(
            allow=[HOST],
            resolver=Names(lms_campus_example=[["127.0.0.1"]]),
            tls=Authority.make().trusted(),
        )
        found = await ConnectionChecks(stranger, time.time).look(ADA, connection)
        await stranger.aclose()

    assert found[0].seen == "certificate.unknown_authority"
    assert found[0].outcome is Outcome.FAILED


# ----------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("answer", "seen", "outcome"),
    [
        (reply(b"", status="404 Not Found"), "key_set.status", Outcome.FAILED),
        (reply(b"<html>", headers=PAGE), "key_set.not_keys", Outcome.FAILED),
        (reply(b'{"keys": []}'), "key_set.not_keys", Outcome.FAILED),
        (reply(b'{"keys": [{"kid": "a", "kty": "oct"}]}'), "key_set.empty", Outcome.FAILED),
        (reply(KEYS.replace(b"RS256", b"RS512")), "key_set.other_algorithm", Outcome.WARNING),
        (reply(KEYS.replace(b'"alg"', b'"x"')), "key_set.good", Outcome.PASSED),
        (
            reply(b"", status="302 Found", headers=("Location: https://else.example/",)),
            "outbound.redirected",
            Outcome.FAILED,
        ),
    ],
)
async def test_the_key_set_is_read(lms: Lms, answer: bytes, seen: str, outcome: Outcome) -> None:
    lms.key_set = answer

    check = (await lms.checked())[Subject.KEY_SET]

    assert (check.seen, check.outcome) == (seen, outcome)


@pytest.mark.parametrize(
    ("answer", "seen", "outcome"),
    [
        (reply(REFUSED, status="401 Unauthorized"), "token.good", Outcome.PASSED),
        (reply(b"", status="404 Not Found"), "token.not_found", Outcome.FAILED),
        (reply(b"<!doctype html>", headers=PAGE), "token.page", Outcome.FAILED),
        (reply(b" <html>", headers=()), "token.page", Outcome.FAILED),
        (reply(b"<p>", status="403 Forbidden", headers=PAGE), "token.page", Outcome.WARNING),
        (reply(b"", status="405 Method Not Allowed"), "token.status", Outcome.WARNING),
        (reply(b"{}", status="503 Service Unavailable"), "token.status", Outcome.WARNING),
    ],
)
async def test_the_token_address_answers_as_an_authorization_server_does(
    lms: Lms, answer: bytes, seen: str, outcome: Outcome
) -> None:
    lms.token = answer

    check = (await lms.checked())[Subject.TOKEN]

    assert (check.seen, check.outcome) == (seen, outcome)


@pytest.mark.parametrize(
    ("answer", "seen", "outcome"),
    [
        (reply(b"", status="400 Bad Request"), "authentication.good", Outcome.PASSED),
        (reply(b"", status="404 Not Found"), "authentication.not_found", Outcome.FAILED),
        (reply(b"", status="500 Oh"), "authentication.status", Outcome.WARNING),
        (
            reply(b"", status="303 See Other", headers=("Location: https://else.example/",)),
            "authentication.leads_on",
            Outcome.PASSED,
        ),
    ],
)
async def test_the_authentication_address_is_there(
    lms: Lms, answer: bytes, seen: str, outcome: Outcome
) -> None:
    lms.authentication = answer

    check = (await lms.checked())[Subject.AUTHENTICATION]

    assert (check.seen, check.outcome) == (seen, outcome)


# ----------------------------------------------------------------------- clocks


@pytest.mark.parametrize(
    ("ahead", "seen", "outcome"),
    [
        (-600, "clock.refuses", Outcome.FAILED),
        (45, "clock.differs", Outcome.WARNING),
        (20, "clock.agrees", Outcome.PASSED),
    ],
)
async def test_the_difference_of_the_clocks_is_measured(
    lms: Lms, ahead: int, seen: str, outcome: Outcome
) -> None:
    date = f"Date: {formatdate(time.time() + ahead, usegmt=True)}"
    lms.token = reply(REFUSED, status="400 Bad Request", headers=(date,))

    check = (await lms.checked())[Subject.CLOCK]

    assert (check.seen, check.outcome) == (seen, outcome)
    assert abs(int(check.facts["seconds"]) - ahead) <= 2


async def test_a_key_set_from_a_cache_is_as_old_as_it_says(lms: Lms) -> None:
    date = f"Date: {formatdate(time.time() - 500, usegmt=True)}"
    lms.key_set = reply(KEYS, headers=(date, "Age: 500"))

    check = (await lms.checked())[Subject.CLOCK]

    assert check.seen == "clock.agrees"


async def test_without_a_date_nothing_is_said_of_the_clock(lms: Lms) -> None:
    lms.key_set = reply(KEYS, headers=("Date: yesterday",))

    assert (await lms.checked())[Subject.CLOCK].seen == "clock.not_told"


# ----------------------------------------------------------------------- no answer


async def test_all_of_it_takes_as_long_as_the_slowest(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("gatelodge.services.connection_checks.SECONDS", 0.5)
    lms.key_set = lms.token = lms.authentication = silence
    begun = time.monotonic()

    found = await lms.checked()

    assert time.monotonic() - begun < 2
    assert found[Subject.KEY_SET].seen == found[Subject.TOKEN].seen == "outbound.timed_out"
    assert found[Subject.AUTHENTICATION].seen == "authentication.not_from_here"
    assert found[Subject.CERTIFICATE].seen == "certificate.not_seen"


async def test_what_the_guard_refuses_is_not_asked(lms: Lms) -> None:
    lms.allow = ("other.example",)

    found = await lms.checked()

    assert found[Subject.KEY_SET].seen == found[Subject.TOKEN].seen == "outbound.blocked"
    # Browsers may well come where we may not.
    assert found[Subject.AUTHENTICATION].outcome is Outcome.WARNING
    assert lms.asked == []


async def test_an_address_that_is_not_there_yet_is_not_tried(lms: Lms) -> None:
    found = await lms.checked(key_set_url="", token_url="no address", authorization_url="http:")

    assert found[Subject.KEY_SET].seen == "nowhere"
    assert found[Subject.TOKEN].seen == "outbound.bad_address"
    assert found[Subject.AUTHENTICATION].outcome is Outcome.FAILED


async def test_who_comes_when_many_are_tried_is_told_to_come_again(lms: Lms) -> None:
    waiting = asyncio.Event()

    async def late(writer: asyncio.StreamWriter) -> None:
        await waiting.wait()
        writer.write(reply(KEYS))

    lms.key_set = late
    async with lms.open() as (client, connection):
        checks = ConnectionChecks(client, time.time)
        tried = [asyncio.create_task(checks.look(ADA, connection)) for _ in range(MOST_AT_ONCE)]
        await asyncio.sleep(0.1)
        one_more = await checks.look(ADA, connection)
        waiting.set()
        done = await asyncio.gather(*tried)
        again = await checks.look(ADA, connection)

    assert {each.seen for each in one_more} == {"busy"}
    assert {each[1].seen for each in done} == {"key_set.good"}
    assert again[1].seen == "key_set.good"


async def test_the_key_set_can_be_looked_at_alone(lms: Lms) -> None:
    async with lms.open() as (client, connection):
        check = await ConnectionChecks(client, time.time).look_at_key_set(ADA, connection)

    assert (check.subject, check.seen) == (Subject.KEY_SET, "key_set.good")
    assert lms.asked == []


async def test_who_administers_nothing_tries_nothing(lms: Lms) -> None:
    ben = Caller.educator("ben", "northfield")
    async with lms.open() as (client, connection):
        checks = ConnectionChecks(client, time.time)
        for look in (checks.look, checks.look_at_key_set):
            with pytest.raises(NotAllowed):
                await look(ben, connection)


async def test_what_is_seen_is_of_a_closed_list() -> None:
    assert len({*SEEN}) == len(SEEN)
    assert {each.partition(".")[0] for each in SEEN} == {*Subject, "nowhere", "busy"}
