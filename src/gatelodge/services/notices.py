"""Notices by mail to those who answer for an institution: what was done about all of its data.

Who did it is not told, for they know; the others read it in the portal. Few are sent in an hour,
however often something is asked for and taken back.
"""

from msgspec import Struct

from gatelodge.lti.macs import mac
from gatelodge.services.addresses import Addresses
from gatelodge.services.caller import Caller
from gatelodge.services.mails import Letter, Outbox
from gatelodge.services.ports import Clock
from gatelodge.services.sealing import Sealer
from gatelodge.storage import problem_reports, sign_ins
from gatelodge.storage.database import Connection
from gatelodge.storage.problem_reports import OPERATOR
from gatelodge.storage.tenants import Tenant
from gatelodge.words import N_, Sentence

HOUR = 3600
NOTICES = 10
"""About one institution in an hour."""

MOST_RECEIVERS = 50

_COUNT_PURPOSE = "notice counts"


class Notice(Struct, frozen=True):
    """``at_operators`` says that whoever operates the gateway is told, too."""

    subject: str
    text: str
    at_operators: bool = True


DELETION_ASKED = Notice(
    N_("An institution is to be deleted"),
    N_(
        "An administrator asked that “{name}” be deleted, and the operator decides. "
        "Until then it can be taken back: {address}"
    ),
)
DELETION_DECIDED = Notice(
    N_("An institution will be deleted"),
    N_(
        "The operator decided that “{name}” be deleted: its links open nothing any more. "
        "Until it is gone the operator can take it back: {address}"
    ),
)
DELETION_TAKEN_BACK = Notice(
    N_("An institution will not be deleted"),
    N_("It was taken back that “{name}” be deleted. See how it stands: {address}"),
)
EXPORT_ASKED = Notice(
    N_("An export of everything was asked for"),
    N_(
        "Somebody asked for an export of all that is kept of “{name}”. "
        "If that surprises you, see who it was: {activity}"
    ),
    at_operators=False,
)


class Notices:
    def __init__(self, clock: Clock, sealer: Sealer, outbox: Outbox, addresses: Addresses) -> None:
        self._clock = clock
        self._outbox = outbox
        self._addresses = addresses
        self._count_key = sealer.mac_keys(_COUNT_PURPOSE)[0]

    def tell(self, caller: Caller, connection: Connection, tenant: Tenant, notice: Notice) -> None:
        """In the transaction of what it tells."""
        if not self._outbox.is_on or not self._is_within(connection, tenant.id):
            return
        desks = (tenant.id, OPERATOR) if notice.at_operators else (tenant.id,)
        people = {
            each.account_id: each
            for desk in desks
            for each in problem_reports.people_at(connection, desk, limit=MOST_RECEIVERS)
            if each.account_id != caller.account
        }
        values = {
            "name": tenant.name,
            "address": self._addresses.data(tenant.slug),
            "activity": self._addresses.activity,
        }
        self._outbox.post(
            connection,
            [
                Letter(
                    to=each.email,
                    subject=Sentence(notice.subject),
                    paragraphs=(Sentence(notice.text, values),),
                    language=each.language,
                    account_id=each.account_id,
                )
                for each in people.values()
            ],
        )

    def _is_within(self, connection: Connection, tenant_id: str) -> bool:
        counted = f"notice {mac(self._count_key, tenant_id.encode()).hex()}"
        times, _ = sign_ins.count(connection, counted, self._clock(), window=HOUR)
        return times <= NOTICES
