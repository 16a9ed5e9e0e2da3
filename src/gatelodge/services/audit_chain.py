"""The chain through all audit events, by which it shows if somebody edited them in the database.

Each event gets a number, and a link: a MAC, under a key that the database doesn't hold, of the
link before it and of everything the event says. So an event can't be changed, taken out, put in
or moved without every later link being wrong; and the row that says where the chain begins and
ends, and what the last look found, has a MAC of its own: it can't be cut short at either end.

Links are made a moment after the events, one process at a time: made in the transactions of the
events they would let all changes of a busy gateway wait for one another. Until then an event has
its own mark alone (`services.audit`): it can't be changed or made up, but taken out unseen.
Whoever holds a whole older copy of the database can put that back, or begin the chain anew without
some of its events; which only the log's lines `audit_linked` then contradict.
"""

from hmac import compare_digest

import msgspec
import structlog
from msgspec import Struct

from gatelodge.lti.macs import mac
from gatelodge.services.audit import Marks
from gatelodge.services.caller import Caller
from gatelodge.services.ports import Clock
from gatelodge.services.sealing import Sealer
from gatelodge.storage import audit_chain
from gatelodge.storage.audit import AuditEvent
from gatelodge.storage.audit_chain import Ends, Head, Linked, Look
from gatelodge.storage.database import Connection, Database

_PURPOSE = "audit chain"
_NOTHING = b""
_NEVER = Look(None, None, None)

_log = structlog.get_logger("gatelodge.audit")


class Verdict(Struct, frozen=True):
    """``kept`` counts the events that are linked; ``broken_at`` numbers the first that is wrong."""

    kept: int
    checked_at: int | None
    broken_at: int | None

    @property
    def is_whole(self) -> bool:
        return self.checked_at is not None and self.broken_at is None


class AuditChain:
    def __init__(self, database: Database, clock: Clock, sealer: Sealer) -> None:
        self._database = database
        self._clock = clock
        self.sealer = sealer
        self._keys = sealer.mac_keys(_PURPOSE)
        self._marks = Marks(sealer)

    # ------------------------------------------------------------------- the clock asks

    def extend(self, _now: float) -> int:
        """Link what is new; how many there were."""
        total = 0
        while count := self._database.write(self._extend):
            total += count
        return total

    def look(self, now: float) -> int:
        """Check the whole chain and note what was found; 1 if it is broken."""
        look = Look(int(now), *self._first_wrong())

        def note(connection: Connection) -> None:
            head = audit_chain.take(connection)
            if head is not None:
                self._put(connection, head, head.ends, look)

        self._database.write(note)
        broken_at = look.broken_at
        if broken_at is not None:
            _log.error("audit_chain_broken", number=broken_at)
        return int(broken_at is not None)

    def forget(self, connection: Connection, before: float, *, limit: int) -> int:
        """Let go of the oldest events, and move the beginning of the chain behind them.

        What doesn't fit together any more stays, as evidence.
        """
        head = audit_chain.take(connection)
        if head is None or not self._is_sealed(head):
            return 0
        begin = head.ends
        number, last_link = begin.before, begin.before_link
        for each in audit_chain.list_after(connection, number, limit=limit):
            if each.event.occurred_at >= before or not self._follows(each, number, last_link):
                break
            number, last_link = each.number, each.link
        if number == begin.before:
            return 0
        ends = begin._replace(before=number, before_link=last_link)
        self._put(connection, head, ends, head.look)
        return audit_chain.drop_to(connection, number)

    # ------------------------------------------------------------------- people ask

    def verdict(self, caller: Caller) -> Verdict:
        """What the last look found; how much is kept, the operator alone is told."""
        caller.must_administer()
        verdict = self.last_look()
        return verdict if caller.is_operator else msgspec.structs.replace(verdict, kept=0)

    def last_look(self) -> Verdict:
        """A row that somebody edited is wrong at once, whatever it says of the last look."""
        head = self._database.read(audit_chain.get)
        if head is None:
            return Verdict(0, None, None)
        kept, look = head.ends.last - head.ends.before, head.look
        if not self._is_sealed(head):
            return Verdict(kept, look.checked_at, look.broken_at or head.ends.before + 1)
        return Verdict(kept, look.checked_at, look.broken_at)

    def check(self, caller: Caller) -> Verdict:
        """Link what is new, look at all of it, and tell."""
        caller.must_operate()
        now = self._clock()
        self.extend(now)
        self.look(now)
        return self.verdict(caller)

    # ------------------------------------------------------------------- steps

    def _extend(self, connection: Connection) -> int:
        head = audit_chain.take(connection)
        if head is None:
            self._begin(connection)
            return self._extend(connection)
        number, last_link = head.ends.last, head.ends.last_link
        links = []
        for event in audit_chain.list_unlinked(connection):
            number += 1
            last_link = mac(self._keys[0], _said(last_link, number, event))
            links.append((event.id, number, last_link))
        if links:
            audit_chain.link(connection, links)
            ends = head.ends._replace(last=number, last_link=last_link)
            self._put(connection, head, ends, head.look)
            _log.info("audit_linked", to=number, link=last_link.hex())
        return len(links)

    def _begin(self, connection: Connection) -> None:
        """Where there are links and no row that says where they end, somebody took it away."""
        newest = audit_chain.newest(connection)
        if newest is None:
            nothing = Ends(0, _NOTHING, 0, _NOTHING)
            audit_chain.begin(connection, nothing, self._seal(nothing, _NEVER))
        else:
            ends = Ends(0, _NOTHING, *newest)
            audit_chain.begin(connection, ends, _NOTHING)

    def _first_wrong(self) -> tuple[int, int | None]:
        """To which number was looked, and the number of the first event that isn't what it was."""
        while True:
            head = self._database.read(audit_chain.get)
            if head is None:
                return 0, None
            wrong = self._first_wrong_of(head)
            now = self._database.read(audit_chain.get)
            # What was let go of meanwhile is missing, and not wrong.
            if wrong is None or now is None or now.ends.before == head.ends.before:
                return head.ends.last, wrong

    def _first_wrong_of(self, head: Head) -> int | None:
        number, last_link = head.ends.before, head.ends.before_link
        if not self._is_sealed(head):
            return number + 1
        while number < head.ends.last:
            page = self._page_after(number)
            for each in page:
                if number == head.ends.last:
                    break
                if not self._follows(each, number, last_link):
                    return number + 1
                number, last_link = each.number, each.link
            if not page:
                return number + 1
        return None if last_link == head.ends.last_link else number

    def _page_after(self, number: int) -> list[Linked]:
        return self._database.read(lambda connection: audit_chain.list_after(connection, number))

    def _follows(self, each: Linked, number: int, last_link: bytes) -> bool:
        said = _said(last_link, each.number, each.event)
        return (
            each.number == number + 1
            and any(compare_digest(mac(key, said), each.link) for key in self._keys)
            and self._marks.fits(each.event)
        )

    def _seal(self, ends: Ends, look: Look) -> bytes:
        return mac(self._keys[0], _described(ends, look))

    def _is_sealed(self, head: Head) -> bool:
        said = _described(head.ends, head.look)
        return any(compare_digest(mac(key, said), head.seal) for key in self._keys)

    def _put(self, connection: Connection, head: Head, ends: Ends, look: Look) -> None:
        """A seal that is wrong stays wrong: it is evidence, and not ours to mend."""
        seal = self._seal(ends, look) if self._is_sealed(head) else _NOTHING
        audit_chain.put(connection, ends, look, seal)


def _said(last_link: bytes, number: int, event: AuditEvent) -> bytes:
    fields = [getattr(event, name) for name in event.__slots__]
    return b"event\0" + msgspec.json.encode([last_link.hex(), number, *fields])


def _described(ends: Ends, look: Look) -> bytes:
    return b"ends\0" + msgspec.json.encode(
        [ends.before, ends.before_link.hex(), ends.last, ends.last_link.hex(), *look]
    )
