"""Names that lead inward, or somewhere else each time they are looked up."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence

import pytest

from gatelodge.outbound.client import OutboundClient
from gatelodge.outbound.errors import Blocked, NotResolved, TimedOut, Unreachable
from tests.outbound.names import Names
from tests.outbound.servers import reply, serving

pytestmark = pytest.mark.asyncio


@contextlib.asynccontextmanager
async def client_with(
    names: Names,
    *,
    allow: Sequence[str] = (),
    own_addresses: Sequence[tuple[str, int]] = (),
    development: bool = True,
) -> AsyncIterator[OutboundClient]:
    client = OutboundClient(
        allow=allow,
        own_addresses=own_addresses,
        development=development,
        resolver=names,
    )
    yield client
    await client.aclose()


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fe80::1%1"],
        ["::ffff:192.168.0.1"],
        ["64:ff9b::a00:1"],
        ["2002:a00:1::"],
        ["0.0.0.0"],  # noqa: S104 - an answer that is refused
        # One good address does not excuse another.
        ["93.184.216.34", "10.0.0.1"],
        ["2606:4700::1111", "93.184.216.34", "127.0.0.1"],
    ],
)
async def test_a_name_that_leads_inward_is_blocked(addresses: list[str]) -> None:
    async with client_with(Names(lms_example=[addresses]), development=False) as client:
        with pytest.raises(Blocked) as refused:
            await client.get("https://lms.example/keys")

    assert str(refused.value).startswith("'lms.example' is not called: ")
    assert refused.value.address in {*addresses, "::ffff:c0a8:1"}


async def test_what_a_name_led_to_is_for_the_log_alone() -> None:
    async with client_with(Names(lms_example=[["10.0.0.1"]]), development=False) as client:
        with pytest.raises(Blocked) as refused:
            await client.get("https://lms.example/keys")

    assert "10.0.0.1" not in str(refused.value)
    assert refused.value.address == "10.0.0.1"


async def test_a_name_is_looked_up_once_and_the_checked_address_is_called() -> None:
    names = Names(lms_example=[["127.0.0.1"], ["127.0.0.2"]])

    async with serving(reply()) as lms, client_with(names, allow=["127.0.0.1"]) as client:
        answer = await client.get(lms.url(host="lms.example"))

    assert answer.status == 200
    assert names.asked == ["lms.example"]
    assert f"Host: lms.example:{lms.port}".encode() in lms.requests[0]


async def test_a_name_that_turns_inward_later_is_blocked_when_a_new_connection_is_made() -> None:
    names = Names(lms_example=[["127.0.0.1"], ["169.254.169.254"]])

    async with client_with(names, allow=["127.0.0.1"]) as client:
        async with serving(reply(headers=["Connection: close"])) as lms:
            assert (await client.get(lms.url(host="lms.example"))).status == 200

            with pytest.raises(Blocked):
                await client.get(lms.url(host="lms.example"))

        assert lms.connections == 1


async def test_a_kept_connection_leads_where_it_led_when_it_was_checked() -> None:
    names = Names(lms_example=[["127.0.0.1"], ["169.254.169.254"]])

    async with serving(reply()) as lms, client_with(names, allow=["127.0.0.1"]) as client:
        for _ in range(2):
            assert (await client.get(lms.url(host="lms.example"))).status == 200

    assert lms.connections == 1
    assert names.asked == ["lms.example"]


async def test_a_listed_name_may_lead_inward() -> None:
    names = Names(lms_campus_example=[["127.0.0.1"]])

    async with serving(reply()) as lms, client_with(names, allow=["lms.campus.example"]) as client:
        assert (await client.get(lms.url(host="LMS.Campus.example."))).status == 200


async def test_another_name_for_a_listed_name_s_address_is_blocked() -> None:
    names = Names(lms_campus_example=[["127.0.0.1"]], evil_example=[["127.0.0.1"]])

    async with serving(reply()) as lms, client_with(names, allow=["lms.campus.example"]) as client:
        with pytest.raises(Blocked):
            await client.get(lms.url(host="evil.example"))

    assert lms.connections == 0


async def test_we_do_not_call_ourselves_by_any_name() -> None:
    names = Names(lms_campus_example=[["127.0.0.1"]])

    async with (
        serving(reply()) as ours,
        client_with(
            names, allow=["lms.campus.example"], own_addresses=[("", ours.port)], development=False
        ) as client,
    ):
        with pytest.raises(Blocked, match="Gatelodge's own address"):
            await client.get(ours.url(scheme="https", host="lms.campus.example"))

    assert ours.connections == 0


async def test_when_one_address_is_dead_the_next_is_tried() -> None:
    names = Names(lms_example=[["127.0.0.3", "127.0.0.2", "127.0.0.1"]])

    async with serving(reply()) as lms, client_with(names, allow=["127.0.0.0/8"]) as client:
        assert (await client.get(lms.url(host="lms.example"))).status == 200


async def test_an_unreachable_family_does_not_hide_the_other() -> None:
    dead = [f"::ffff:127.0.0.{last}" for last in range(2, 20)]
    names = Names(lms_example=[[*dead, "127.0.0.1"]])

    async with serving(reply()) as lms, client_with(names, allow=["127.0.0.0/8"]) as client:
        assert (await client.get(lms.url(host="lms.example"))).status == 200


async def test_when_all_addresses_are_dead_the_server_is_unreachable() -> None:
    names = Names(lms_example=[["127.0.0.3", "127.0.0.2"]])

    async with serving(reply()) as lms, client_with(names, allow=["127.0.0.0/8"]) as client:
        with pytest.raises(Unreachable):
            await client.get(lms.url(host="lms.example"))


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ([], "0 addresses were found for 'lms.example'"),
        (
            [f"93.184.216.{last}" for last in range(100)],
            "100 addresses were found for 'lms.example'",
        ),
        (["not an address"], "No address was found for 'lms.example'"),
    ],
)
async def test_a_strange_answer_of_the_resolver_is_no_address(
    answer: list[str], complaint: str
) -> None:
    async with client_with(Names(lms_example=[answer])) as client:
        with pytest.raises(NotResolved) as refused:
            await client.get("https://lms.example/")

    assert complaint in str(refused.value)


async def test_an_unknown_name_is_not_resolved() -> None:
    async with client_with(Names()) as client:
        with pytest.raises(NotResolved, match=r"No address was found for 'lms\.example'"):
            await client.get("https://lms.example/")


async def test_a_name_server_that_does_not_answer_takes_no_longer_than_the_time_limit() -> None:
    async def never(_host: str, /) -> Sequence[str]:
        await asyncio.sleep(10)
        return []

    client = OutboundClient(resolver=never, deadline=0.2)
    began = time.monotonic()

    with pytest.raises(TimedOut):
        await client.get("https://lms.example/")

    assert time.monotonic() - began < 2
    await client.aclose()


async def test_an_address_in_the_url_is_not_looked_up() -> None:
    names = Names()

    async with serving(reply()) as lms, client_with(names, allow=["127.0.0.1"]) as client:
        await client.get(lms.url())

    assert names.asked == []


@pytest.mark.parametrize("allow", [["https://lms.example"], ["10.0.0.0/99"], [""]])
async def test_a_list_that_cannot_be_read_stops_the_start(allow: list[str]) -> None:
    with pytest.raises(ValueError, match="cannot stand in the list of outbound servers"):
        OutboundClient(allow=allow)
