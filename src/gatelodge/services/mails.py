"""Mails: written in the transaction of what they tell, sent when the mail server takes them.

So none is lost, and none tells of something that was undone. A mail is a row until the server has
taken it; the row is leased, so that of many processes one sends it. Between the server's answer
and our deleting the row lies a moment in which a process can die: the mail is then sent again,
under the same Message-ID, by which receivers know it (RFC 5322 section 3.6.4).
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
import structlog
from msgspec import Struct

from gatelodge.outbound.errors import MailRefused, MailServerDown
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.sealing import Sealer
from gatelodge.storage import mails
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.errors import StorageUnavailable
from gatelodge.storage.mails import MailRow
from gatelodge.words import N_, Sentence

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LOOK_EVERY = 5.0
LEASE = 3 * MINUTE
"""Longer than one try can take."""

PATIENCE = 3 * DAY
"""How long a mail is tried."""

GIVEN_UP_DAYS = 30
"""How long it is kept that nobody took a mail."""

_LONGEST_SUBJECT = 200
MAIL_PURPOSE = "mail"

_log = structlog.get_logger("gatelodge.mail")


class Letter(Struct, frozen=True):
    """``language`` is the receiver's, and so is ``account_id``, where there is an account."""

    to: str
    subject: Sentence
    paragraphs: tuple[Sentence, ...]
    language: str | None = None
    account_id: str | None = None


class Told(Struct, frozen=True):
    """A text, and the language that it came out in."""

    text: str
    language: str


Tell = Callable[[Sentence, str | None], Told]
"""Tells a sentence in the language of that code, or in the nearest there is."""


def in_english(sentence: Sentence, _language: str | None) -> Told:
    return Told(str(sentence), "en")


_CLOSING = Sentence(
    N_("Gatelodge at {address} sent this mail by itself; nobody reads answers to it.")
)


class Hands(Protocol):
    """A conversation with a mail server."""

    async def send(self, message: EmailMessage) -> None: ...


class Server(Protocol):
    def connected(self) -> AbstractAsyncContextManager[Hands]: ...


class Outbox:
    """Takes letters; without a mail server it takes none, and nothing else changes."""

    def __init__(
        self, database: Database, clock: Clock, ids: Ids, sealer: Sealer, *, is_on: bool
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._sealer = sealer
        self.is_on = is_on

    def post(self, connection: Connection, letters: Sequence[Letter]) -> None:
        """In the transaction of what they tell."""
        for letter in letters if self.is_on else ():
            mail_id = self._ids.new()
            plain = msgspec.json.encode(letter)
            sealed = self._sealer.seal(plain, purpose=MAIL_PURPOSE, about=mail_id)
            mails.add(connection, mail_id, sealed, account_id=letter.account_id, now=self._clock())


class Postman:
    """Sends what is due. `serve` and `worker` each have one."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        sealer: Sealer,
        server: Server | None,
        *,
        sender: str,
        address: str,
        tell: Tell = in_english,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._server = server
        self._sender = sender
        self._address = address
        self._tell = tell
        self._name = ids.new()

    async def keep_running(self) -> None:
        while self._server is not None:
            try:
                await self.deliver_due()
            except StorageUnavailable as error:
                _log.warning("mails_put_off", why=error.code)
            except Exception:  # noqa: BLE001 - nobody would begin it again
                _log.exception("mails_failed")
            await asyncio.sleep(LOOK_EVERY)

    async def deliver_due(self) -> int:
        """How many the server took."""
        row = await self._claim()
        if row is None or self._server is None:
            return 0
        sent = 0
        try:
            async with self._server.connected() as hands:
                while row is not None:
                    sent += await self._deliver(row, hands)
                    row = await self._claim()
        except MailServerDown as error:
            # The one in hand waits longer with every try; the others are looked at as they fall due.
            if row is not None:
                await self._put_off(row, str(error))
        return sent

    async def _claim(self) -> MailRow | None:
        now = self._clock()
        return await self._database.run_write(
            lambda connection: mails.claim(connection, self._name, now=now, lease=LEASE)
        )

    async def _deliver(self, row: MailRow, hands: Hands) -> int:
        try:
            message = self._message(row)
        except Exception as error:  # noqa: BLE001 - the parser of addresses raises many kinds
            await self._give_up(row, f"It can't be written: {type(error).__name__}.")
            return 0
        try:
            await hands.send(message)
        except MailRefused as error:
            await self._give_up(row, str(error))
            return 0
        except MailServerDown:
            raise
        except Exception as error:  # noqa: BLE001 - left due, it would be the first again and again
            # By the kind alone: what it says may name the person.
            await self._put_off(row, f"It can't be sent: {type(error).__name__}.")
            return 0
        await self._database.run_write(
            lambda connection: mails.finish(connection, row.id, self._name)
        )
        _log.info("mail_sent", mail=row.id, tries=row.tries + 1)
        return 1

    async def _put_off(self, row: MailRow, trouble: str) -> None:
        if self._clock() - row.created_at > PATIENCE:
            await self._give_up(row, trouble)
            return
        due_at = self._clock() + min(HOUR, MINUTE * 2 ** min(row.tries, 10))
        await self._database.run_write(
            lambda connection: mails.put_off(
                connection, row.id, self._name, due_at=due_at, trouble=trouble
            )
        )
        _log.warning("mail_put_off", mail=row.id, tries=row.tries + 1, why=trouble)

    async def _give_up(self, row: MailRow, trouble: str) -> None:
        now = self._clock()
        await self._database.run_write(
            lambda connection: mails.give_up(
                connection, row.id, self._name, now=now, trouble=trouble
            )
        )
        _log.error("mail_given_up", mail=row.id, tries=row.tries + 1, why=trouble)

    def _message(self, row: MailRow) -> EmailMessage:
        """Raises when no mail can be made of it."""
        plain = self._sealer.open(row.sealed, purpose=MAIL_PURPOSE, about=row.id)
        letter = msgspec.json.decode(plain, type=Letter)
        if not letter.to:
            raise ValueError("nobody is named")
        subject = self._tell(letter.subject, letter.language)
        closing = Sentence(_CLOSING.text, {"address": self._address})
        told = [self._tell(each, letter.language).text for each in (*letter.paragraphs, closing)]
        message = EmailMessage()
        message["From"] = self._sender
        # What was typed can't begin a line of its own: these refuse a line break.
        message["To"] = Address(addr_spec=letter.to)
        message["Subject"] = " ".join(subject.text.split())[:_LONGEST_SUBJECT]
        message["Date"] = format_datetime(datetime.fromtimestamp(row.created_at, UTC))
        message["Message-ID"] = f"<{row.id}@{urlsplit(self._address).hostname}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5
        message.set_content("\n\n".join(told) + "\n")
        message["Content-Language"] = subject.language
        return message
