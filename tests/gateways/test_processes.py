"""Gateways as processes of their own, with an operator at the command line beside them."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.support.browsers import Browser, at_home, code_of, redeem
from tests.support.gateways import HELLO, Campus
from tests.support.processes import command, environment, serving

pytestmark = pytest.mark.asyncio


async def test_a_running_gateway_sees_at_the_next_launch_what_the_command_line_changes(
    campus_today: Campus,
) -> None:
    campus, log = campus_today, campus_today.directory / "log"
    settings = environment(campus)
    registration = campus.registration()
    with serving(settings, log) as address:
        async with httpx2.AsyncClient(base_url=address, cookies=at_home()) as http:
            browser = Browser(http, campus)
            first = await browser.redeem(await browser.launch())
            begun = await browser.login()

            command(settings, "registration", "delete", registration)
            late = await browser.post(begun, browser.token(begun))
            refused = await browser.begin()
            command(settings, "registration", "add", *registration_of(campus))
            second = await browser.redeem(await browser.launch())

    assert "launch.registration_not_found" in late.text
    assert "login.issuer_unknown" in refused.text
    for part in ("person", "context", "resource_link"):
        assert first["launch"][part]["id"] == second["launch"][part]["id"]
    assert_log_is_discreet(log.read_text(), first["access_token"], begun.state, "Mia")


def registration_of(campus: Campus) -> list[str]:
    lms = campus.lms
    return [
        *("--tenant", "northfield", "--tool", "hello", "--name", "Moodle", "--platform", "moodle"),
        *("--issuer", lms.issuer, "--client-id", lms.client_id),
        *("--deployment-id", lms.deployment_id, "--keyset-url", lms.key_set_url),
        *("--auth-url", lms.authorization_url, "--token-url", f"{lms.issuer}/token"),
    ]


def assert_log_is_discreet(log: str, *secrets: str) -> None:
    """Lines of JSON, without what was sent."""
    lines = [json.loads(line) for line in log.splitlines()]
    assert {"accepted", "refused"} <= {line["event"] for line in lines}
    assert all(line["trace_id"] for line in lines if line["event"] == "refused")
    for secret in secrets:
        assert secret not in log


async def test_of_one_form_posted_to_two_processes_at_once_exactly_one_wins(
    campus_today: Campus,
) -> None:
    campus = campus_today
    settings = environment(campus)
    with ExitStack() as processes:
        addresses = [
            processes.enter_context(serving(settings, campus.directory / f"log-{number}"))
            for number in range(2)
        ]
        async with AsyncExitStack() as clients:
            jar = at_home()
            here, there = [
                Browser(
                    await clients.enter_async_context(
                        httpx2.AsyncClient(base_url=address, cookies=jar)
                    ),
                    campus,
                )
                for address in addresses
            ]
            rounds = [await twice_at_once(here, there) for _ in range(10)]
            codes = [code_of(winner) for winner, _ in rounds]
            redeemed = [
                await redeem(each.http, campus, code)
                for each, code in zip([there, here] * 5, codes, strict=True)
            ]

    for winner, losers in rounds:
        assert winner.headers["location"].startswith(f"{HELLO}?code=")
        assert [each.status_code for each in losers] == [401] * 3
        assert all("launch.nonce_spent" in each.text for each in losers)
    assert {each.status_code for each in redeemed} == {200}


async def twice_at_once(
    here: Browser, there: Browser
) -> tuple[httpx2.Response, list[httpx2.Response]]:
    """One form posted to two gateways, twice each: the answer that won, and the others."""
    begun = await here.login()
    token = here.token(begun)
    answers = await asyncio.gather(
        *(each.post(begun, token) for each in (here, there, there, here))
    )
    [winner] = [each for each in answers if each.status_code == 303]
    return winner, [each for each in answers if each is not winner]


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_process_answers_as_the_application_does(campus_today: Campus) -> None:
    with serving(environment(campus_today), campus_today.directory / "log") as address:
        async with httpx2.AsyncClient(base_url=address) as http:
            landing = await http.get("/", headers={"host": "evil.example"})
            head = await http.head("/lti/hello/launch")
            long = await http.get("/lti/" + "x" * 20_000 + "/login")
            odd = await http.get("/lti/%00%FF/login")
            keys = await http.get("/lti/keys")

    assert landing.status_code == 200
    assert "evil" not in landing.text
    assert head.status_code == 405
    assert long.status_code in (400, 404, 414)
    assert odd.status_code == 404
    assert {each["alg"] for each in keys.json()["keys"]} == {"RS256", "ES256"}
    assert "server" not in landing.headers


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_process_takes_as_many_connections_as_the_machine_allows(
    campus_today: Campus,
) -> None:
    """The limit that shells and services begin with is soon reached by a lecture hall, or by one stranger."""
    campus = campus_today
    with ExitStack() as until_the_end:
        with files_at_most(128):
            serves = serving(environment(campus), campus.directory / "log")
            address = until_the_end.enter_context(serves)
        for _ in range(200):
            idle = socket.create_connection(("127.0.0.1", urlsplit(address).port))
            until_the_end.enter_context(idle)
        async with httpx2.AsyncClient(base_url=address, cookies=at_home()) as http:
            launched = await Browser(http, campus).launch()

    assert launched.status_code == 303


@contextmanager
def files_at_most(number: int) -> Iterator[None]:
    """What a process that is started meanwhile begins with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
