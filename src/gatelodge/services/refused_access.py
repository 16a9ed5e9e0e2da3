"""What somebody who is signed in tried and may not do: written down, so that it can be looked into."""

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.ports import Clock
from gatelodge.storage import sign_ins
from gatelodge.storage.database import Connection, Database

WINDOW = 15 * 60
MOST_RECORDED = 20
"""Events of one account in each window: nobody fills the disk by asking again and again."""


class RefusedAccess:
    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit

    def record(self, caller: Caller, page: str, *, method: str, why: str) -> None:
        """``page`` is the pattern of an address: what stands in it may be somebody's guess."""

        def write(connection: Connection) -> None:
            name = f"refused access {caller.account}"
            times, _ = sign_ins.count(connection, name, self._clock(), window=WINDOW)
            if times <= MOST_RECORDED:
                self._audit.record(
                    caller,
                    connection,
                    Tag.ACCESS_REFUSED,
                    caller.account,
                    tenant_id=caller.tenant_id,
                    role=caller.role,
                    page=f"{method} {page}",
                    why=why,
                )

        self._database.write(write)
