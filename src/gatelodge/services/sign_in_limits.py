"""How often somebody may try to sign in: per e-mail and per network address, in the database.

Every replica counts with the others. What is kept is a MAC of what is counted, for a day at most.
"""

from ipaddress import IPv6Address, ip_address

from gatelodge.lti.macs import mac
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.errors import TooManySignIns
from gatelodge.services.ports import Clock
from gatelodge.services.sealing import Sealer
from gatelodge.storage import sign_ins
from gatelodge.storage.database import Connection, Database

COUNT_PURPOSE = "sign-in counts"

WINDOW = 15 * 60
PER_EMAIL = 10
PER_ADDRESS = 100
"""A whole school may stand behind one address; who comes in is not counted there."""

MOST_RECORDED = 100
"""Refusals of strangers that become audit events, of each kind in each window."""


class SignInLimits:
    def __init__(self, database: Database, clock: Clock, sealer: Sealer, audit: Audit) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit
        self._key = sealer.mac_keys(COUNT_PURPOSE)[0]

    def count(self, email: str, address: str) -> None:
        """Before the password is looked at, so that many tries at once are all counted."""
        names = ((self._address(address), PER_ADDRESS), (self._email(email), PER_EMAIL))
        seconds = self._database.write(lambda connection: self._counted(connection, names))
        if seconds:
            raise TooManySignIns(seconds)

    def count_dead_link(self, address: str) -> None:
        """Somebody came with a link that is good for nothing."""
        names = ((self._named("dead link", network_of(address)), PER_ADDRESS),)
        seconds = self._database.write(lambda connection: self._counted(connection, names))
        if seconds:
            raise TooManySignIns(seconds)

    def forgive(self, email: str, address: str) -> None:
        """Somebody has come in."""

        def write(connection: Connection) -> None:
            # In the order of `count`: two who wait for each other would wait for ever.
            sign_ins.uncount(connection, self._address(address))
            sign_ins.forget(connection, self._email(email))

        self._database.write(write)

    def _counted(self, connection: Connection, names: tuple[tuple[str, int], ...]) -> int:
        """Seconds to wait, if it was too often. Who is sent away at the first count is at no other."""
        now = int(self._clock())
        for name, most in names:
            times, since = sign_ins.count(connection, name, now, window=WINDOW)
            if times > most:
                if times == most + 1:
                    self.record(connection, TooManySignIns.code)
                return max(1, since + WINDOW - now)
        return 0

    def record(
        self,
        connection: Connection,
        why: str,
        *,
        account_id: str | None = None,
        provider: str | None = None,
    ) -> None:
        """An audit event, unless nobody is known by it and there are many of its kind.

        Anybody can be refused as often as they like, and must not fill the disk by it.
        """
        # Counted for those who are known as well: time must not tell who is.
        name = self._named("refused", why)
        times, _ = sign_ins.count(connection, name, self._clock(), window=WINDOW)
        if account_id is None and times > MOST_RECORDED:
            return
        self._audit.record_by(
            "nobody",
            connection,
            Tag.ACCOUNT_SIGN_IN_REFUSED,
            account_id or "unknown",
            tenant_id=None,
            why=why,
            provider=provider,
        )

    def _email(self, email: str) -> str:
        return self._named("email", email)

    def _address(self, address: str) -> str:
        return self._named("address", network_of(address))

    def _named(self, kind: str, value: str) -> str:
        return mac(self._key, f"{kind}\0{value}".encode("utf-8", "surrogatepass")).hex()


def network_of(address: str) -> str:
    """One customer has 2^64 addresses of IPv6, so these count as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
