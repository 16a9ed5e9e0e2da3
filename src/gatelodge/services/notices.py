"""Notices by mail to those who answer for an institution: what was done about all of its data.

Who did it is not told, for they know; the others read it in the portal. Few are sent in an hour,
however often something is asked for and taken back.
"""

from msgspec import Struct

from gatelodge.services.addresses import Addresses
from gatelodge.services.caller import Caller
from gatelodge.services.desk_mails import DeskMails, Told
from gatelodge.services.mails import Outbox
from gatelodge.services.ports import Clock
from gatelodge.services.sealing import Sealer
from gatelodge.storage.database import Connection
from gatelodge.storage.problem_reports import OPERATOR
from gatelodge.storage.tenants import Tenant
from gatelodge.words import N_, Sentence

NOTICES = 10
"""About one institution in an hour."""


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
        self._desk_mails = DeskMails(clock, sealer, outbox)
        self._addresses = addresses

    def tell(self, caller: Caller, connection: Connection, tenant: Tenant, notice: Notice) -> None:
        """In the transaction of what it tells."""
        values = {
            "name": tenant.name,
            "address": self._addresses.data(tenant.slug),
            "activity": self._addresses.activity,
        }
        self._desk_mails.tell(
            connection,
            (tenant.id, OPERATOR) if notice.at_operators else (tenant.id,),
            Told(Sentence(notice.subject), (Sentence(notice.text, values),)),
            about=f"notice\0{tenant.id}",
            most=NOTICES,
            without=caller.account,
        )
