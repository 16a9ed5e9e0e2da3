"""A mail is sent once, whatever happens between: servers that are away, processes that die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from gatelodge.outbound.smtp import MailServer
from gatelodge.services.mails import DAY, HOUR, LEASE, MINUTE, Letter, Outbox, Postman
from gatelodge.storage import mails, tables
from gatelodge.words import Sentence
from tests.services.house import House
from tests.support.mail_servers import Mailbox, mail_server

HELLO = Sentence("Hello")
LETTER = Letter(
    "ada@northfield.example",
    Sentence("A problem was reported"),
    (Sentence("{who} reported it.", {"who": "Mia"}), Sentence("Look at it.")),
    "en",
    "ada",
)


def outbox(house: House, *, is_on: bool = True) -> Outbox:
    return Outbox(house.database, house.clock, house.ids, house.sealer, is_on=is_on)


def postman(house: House, port: int) -> Postman:
    return Postman(
        house.database,
        house.clock,
        house.ids,
        house.sealer,
        MailServer(f"smtp+plain://127.0.0.1:{port}"),
        sender="Gatelodge <gate@lti.example>",
        address="https://lti.example",
    )


def post(house: House, *letters: Letter) -> None:
    house.database.write(lambda connection: outbox(house).post(connection, letters))


def deliver(house: House, port: int) -> int:
    return asyncio.run(postman(house, port).deliver_due())


def rows(house: House) -> list[Any]:
    query = select(tables.mails)
    return house.database.read(lambda connection: list(connection.execute(query)))


@pytest.fixture
def nobody_there() -> int:
    with mail_server() as box:
        return box.port


def test_a_mail_arrives_and_leaves_nothing_behind(house: House) -> None:
    post(house, LETTER)

    with mail_server() as box:
        assert deliver(house, box.port) == 1
        assert deliver(house, box.port) == 0

    [mail] = box.mails
    assert mail["To"] == "ada@northfield.example"
    assert mail["From"] == "Gatelodge <gate@lti.example>"
    assert mail["Subject"] == "A problem was reported"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert mail.get_content().splitlines() == [
        "Mia reported it.",
        "",
        "Look at it.",
        "",
        "Gatelodge at https://lti.example sent this mail by itself; nobody reads answers to it.",
    ]
    assert rows(house) == []


def test_without_a_mail_server_nothing_waits(house: House) -> None:
    box = outbox(house, is_on=False)

    house.database.write(lambda connection: box.post(connection, [LETTER]))

    assert rows(house) == []


def test_what_was_undone_is_not_told(house: House) -> None:
    def write(connection: Any) -> None:
        outbox(house).post(connection, [LETTER])
        raise RuntimeError("undone")

    with pytest.raises(RuntimeError):
        house.database.write(write)

    assert rows(house) == []


def test_address_and_words_are_not_to_be_read_in_the_database(house: House) -> None:
    post(house, LETTER)

    [row] = rows(house)

    assert b"northfield" not in row.sealed
    assert b"reported" not in row.sealed


def test_a_server_that_is_away_for_an_hour_gets_it_once(house: House, nobody_there: int) -> None:
    post(house, LETTER)
    began = house.clock.now
    while house.clock.now < began + HOUR:
        assert deliver(house, nobody_there) == 0
        house.clock.now += MINUTE

    with mail_server() as box:
        house.clock.now += HOUR
        assert deliver(house, box.port) == 1

    assert len(box.mails) == 1


def test_tries_become_rarer(house: House, nobody_there: int) -> None:
    post(house, LETTER)
    waits = []
    for _ in range(9):
        deliver(house, nobody_there)
        [row] = rows(house)
        waits.append(round((row.due_at - house.clock.now) / MINUTE))
        house.clock.now = row.due_at

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_of_many_processes_one_sends_it(house: House) -> None:
    post(house, *[LETTER] * 20)

    async def all_at_once(port: int) -> list[int]:
        return await asyncio.gather(*(postman(house, port).deliver_due() for _ in range(4)))

    with mail_server() as box:
        sent = asyncio.run(all_at_once(box.port))

    assert sum(sent) == len(box.mails) == 20
    assert len({mail["Message-ID"] for mail in box.mails}) == 20


def test_what_a_dead_process_had_in_hand_is_taken_over(house: House) -> None:
    post(house, LETTER)
    now = house.clock()
    house.database.write(lambda connection: mails.claim(connection, "dead", now=now, lease=LEASE))

    with mail_server() as box:
        assert deliver(house, box.port) == 0
        house.clock.now += LEASE + 1
        assert deliver(house, box.port) == 1


def test_a_mail_sent_twice_has_one_name(house: House) -> None:
    post(house, LETTER)

    async def dies_before_it_is_written_down(box: Mailbox) -> None:
        dying = postman(house, box.port)
        real = dying._database.run_write
        calls = 0

        async def run_write(work: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == 2:
                raise KeyboardInterrupt
            return await real(work)

        dying._database = type("Dying", (), {"run_write": staticmethod(run_write)})()
        await dying.deliver_due()

    with mail_server() as box:
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(dies_before_it_is_written_down(box))
        house.clock.now += LEASE + 1
        deliver(house, box.port)

    first, second = box.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_what_the_server_never_takes_is_given_up_and_its_words_with_it(house: House) -> None:
    post(house, LETTER)

    with mail_server(answers=["554 5.7.1 No"]) as box:
        assert deliver(house, box.port) == 0

    [row] = rows(house)
    assert row.given_up_at is not None
    assert row.sealed is None
    assert "status 554" in row.trouble
    assert house.database.read(mails.look).given_up == 1


def test_after_three_days_nobody_tries_any_more(house: House, nobody_there: int) -> None:
    post(house, LETTER)
    house.clock.now += 3 * DAY + 1

    deliver(house, nobody_there)

    [row] = rows(house)
    assert row.given_up_at is not None


@pytest.mark.parametrize(
    "letter",
    [
        Letter("ada@northfield.example\r\nBcc: eve@example.org", HELLO, (HELLO,)),
        Letter("ada@northfield.example, eve@example.org", HELLO, (HELLO,)),
        Letter("nobody", HELLO, (HELLO,)),
        Letter("", HELLO, (HELLO,)),
        *(
            Letter(each, HELLO, (HELLO,))
            for each in ("foo@", "@", "a@b..c", "<a@b", "a@[", "(@x.de", "a@(", "ä@x.de")
        ),
    ],
)
def test_an_address_is_one_address_or_none(
    house: House, letter: Letter, caplog: pytest.LogCaptureFixture
) -> None:
    post(house, letter, LETTER)

    with mail_server() as box:
        assert deliver(house, box.port) == 1

    assert box.recipients == ["ada@northfield.example"]
    [row] = rows(house)
    assert row.given_up_at is not None
    assert not letter.to or letter.to not in row.trouble + caplog.text


def test_what_nobody_thought_of_puts_one_mail_off_and_no_other(house: House) -> None:
    post(house, LETTER, LETTER)

    class Stumbling:
        tries = 0

        @asynccontextmanager
        async def connected(self) -> AsyncIterator[Stumbling]:
            yield self

        async def send(self, _message: EmailMessage) -> None:
            self.tries += 1
            if self.tries == 1:
                raise UnicodeEncodeError("ascii", "mia@northfield.example", 0, 1, "why not")

    stumbling = Stumbling()
    walker = postman(house, 1)
    walker._server = stumbling

    assert asyncio.run(walker.deliver_due()) == 1
    [row] = rows(house)
    assert (row.given_up_at, row.trouble) == (None, "It can't be sent: UnicodeEncodeError.")
    assert asyncio.run(walker.deliver_due()) == 0
    house.clock.now = row.due_at
    assert asyncio.run(walker.deliver_due()) == 1


def test_a_subject_begins_no_line_of_its_own(house: House) -> None:
    subject = Sentence("{who} wrote", {"who": "Hello\r\nBcc: eve@example.org\n\n" * 99})
    post(house, Letter("ada@northfield.example", subject, (HELLO,)))

    with mail_server() as box:
        assert deliver(house, box.port) == 1

    assert box.recipients == ["ada@northfield.example"]
    assert box.mails[0]["Bcc"] is None


def test_one_that_is_refused_keeps_no_other_from_its_way(house: House) -> None:
    post(house, LETTER, LETTER, LETTER)

    with mail_server(answers=["554 5.7.1 No"]) as box:
        assert deliver(house, box.port) == 2
