from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate

import msgspec
import pytest
from joserfc.jwk import ECKey

from gatelodge.lti.errors import GatelodgeError
from gatelodge.outbound.errors import TimedOut
from gatelodge.services.caller import Role
from gatelodge.services.errors import NotAllowed
from gatelodge.services.health import Finding, Health, Severity
from gatelodge.services.sealing import Sealer
from gatelodge.storage import mails
from tests.services.house import OTTO, House


@dataclass
class Answer:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Platforms:
    """The LMSs, as far as they are asked for their keys."""

    answer: Answer | GatelodgeError

    async def get(self, url: str, *, accept: str, deadline: float) -> Answer:
        if isinstance(self.answer, GatelodgeError):
            raise self.answer
        return self.answer


def good_answer(house: House, *, behind: float = 0) -> Answer:
    key = ECKey.generate_key("P-256", {"kid": "1"}).as_dict(private=False)
    date = formatdate(house.clock() - behind, usegmt=True)
    return Answer(headers={"date": date}, body=msgspec.json.encode({"keys": [key]}))


def look(
    house: House, answer: Answer | GatelodgeError | None = None, sealer: Sealer | None = None
) -> dict[str, Finding]:
    health = Health(
        house.database,
        house.clock,
        sealer or house.sealer,
        Platforms(answer or good_answer(house)),
    )
    return {each.code: each for each in asyncio.run(health.look(OTTO))}


def test_a_gateway_in_order_is_told_so(house: House) -> None:
    house.register()

    found = look(house)

    assert {code: each.severity for code, each in found.items()} == {
        "database": Severity.GOOD,
        "operators": Severity.NOTE,
        "keys": Severity.GOOD,
        "key_set": Severity.GOOD,
    }
    assert found["key_set"].text == "1 usable key."


def test_operators_who_can_sign_in_are_counted(house: House) -> None:
    before = look(house)["operators"]
    house.accounts.add_local(
        OTTO,
        None,
        Role.OPERATOR,
        name="Otto",
        email="otto@h.example",
        password="a lantern over nine bridges",
    )
    after = look(house)["operators"]

    assert "setup-link" in before.hint
    assert (after.severity, after.text) == (
        Severity.GOOD,
        "1 person can sign in as the operator.",
    )


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (TimedOut("It took longer than 5 seconds."), "It took longer than 5 seconds."),
        (Answer(status=404), "What stands at the keyset URL isn't a set of public keys"),
        (Answer(body=b"<html>"), "What stands at the keyset URL isn't a set of public keys"),
        (Answer(body=b'{"keys": []}'), "What stands at the keyset URL isn't a set of public keys"),
    ],
)
def test_a_key_set_that_cannot_be_used_is_wrong(
    house: House, answer: Answer | GatelodgeError, text: str
) -> None:
    house.register()

    finding = look(house, answer)["key_set"]

    assert finding.severity is Severity.ERROR
    assert finding.text.startswith(text)
    assert finding.hint


@pytest.mark.parametrize(
    ("behind", "severity"), [(20, Severity.NOTE), (45, Severity.WARNING), (-90, Severity.WARNING)]
)
def test_clocks_that_differ_are_told_with_the_difference(
    house: House, behind: float, severity: Severity
) -> None:
    house.register()

    finding = look(house, good_answer(house, behind=behind))["clock"]

    assert finding.severity is severity
    assert f"{'ahead' if behind > 0 else 'behind'}; 60 are allowed" in finding.text


def test_keys_near_their_end_without_a_successor_mean_that_no_worker_runs(house: House) -> None:
    house.register()
    house.clock.pass_days(89.5)

    assert look(house)["keys.ending"].text == "1 key is near the end without a successor."


def test_keys_that_cannot_be_opened_are_wrong(house: House) -> None:
    house.register()

    finding = look(house, sealer=Sealer(["another secret key"]))["keys.sealed"]

    assert finding.severity is Severity.ERROR
    assert "GATELODGE_SECRET_KEYS" in finding.hint


def test_health_is_for_the_operator(house: House) -> None:
    health = Health(house.database, house.clock, house.sealer, Platforms(Answer()))

    for caller in (house.ada, house.ben, house.cleo):
        with pytest.raises(NotAllowed):
            asyncio.run(health.look(caller))


def test_mails_that_no_server_takes_are_told(house: House) -> None:
    now = house.clock()
    for mail_id in ("waits", "refused"):
        house.database.write(
            lambda connection, mail_id=mail_id: mails.add(
                connection, mail_id, b"sealed", account_id=None, now=now
            )
        )
        house.database.write(lambda connection: mails.claim(connection, "us", now=now, lease=60))
    house.database.write(
        lambda connection: mails.put_off(
            connection, "waits", "us", due_at=now + 60, trouble="The mail server is away."
        )
    )
    house.database.write(
        lambda connection: mails.give_up(connection, "refused", "us", now=now, trouble="No.")
    )

    found = look(house)

    assert found["mails.waiting"].text == (
        "Mails not sent yet, and tried again: 1. The mail server is away."
    )
    assert "no server took: 1" in found["mails.given_up"].text
