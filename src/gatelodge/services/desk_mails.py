"""Mails to those who answer at a desk: the administrators of a tenant, or the operators.

Of what can happen often they are told a few times in an hour; the portal has all of it.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from gatelodge.lti.macs import mac
from gatelodge.services.mails import Letter, Outbox
from gatelodge.services.ports import Clock
from gatelodge.services.sealing import Sealer
from gatelodge.storage import problem_reports, sign_ins
from gatelodge.storage.database import Connection
from gatelodge.storage.problem_reports import Receiver
from gatelodge.words import N_, Sentence

HOUR = 3600
MOST_RECEIVERS = 50
"""At one desk."""

_COUNT_PURPOSE = "desk mail counts"


class Told(Struct, frozen=True):
    """What a mail says, whoever gets it."""

    subject: Sentence
    paragraphs: tuple[Sentence, ...]

    def to(self, receiver: Receiver) -> Letter:
        return Letter(
            to=receiver.email,
            subject=self.subject,
            paragraphs=self.paragraphs,
            language=receiver.language,
            account_id=receiver.account_id,
        )


_LAST = Sentence(
    N_(
        "This is the last mail of its kind for up to an hour. Look into the portal for what comes next."
    )
)


class DeskMails:
    def __init__(self, clock: Clock, sealer: Sealer, outbox: Outbox) -> None:
        self._clock = clock
        self._outbox = outbox
        self._count_key = sealer.mac_keys(_COUNT_PURPOSE)[0]

    def tell(
        self,
        connection: Connection,
        desks: Iterable[str],
        told: Told,
        *,
        about: str,
        most: int,
        without: str | None = None,
    ) -> None:
        """In the transaction of what it tells; ``without`` is the account of who knows already.

        ``about`` is what is counted: of it no more than ``most`` are told in an hour, and the last
        says so.
        """
        if not self._outbox.is_on or (times := self._count(connection, about)) > most:
            return
        if times == most:
            told = replace(told, paragraphs=(*told.paragraphs, _LAST))
        people = {
            each.account_id: each
            for desk in desks
            for each in problem_reports.people_at(connection, desk, limit=MOST_RECEIVERS)
            if each.account_id != without
        }
        self._outbox.post(connection, [told.to(each) for each in people.values()])

    def _count(self, connection: Connection, about: str) -> int:
        counted = f"desk mail {mac(self._count_key, about.encode()).hex()}"
        times, _ = sign_ins.count(connection, counted, self._clock(), window=HOUR)
        return times
