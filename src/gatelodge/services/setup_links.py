"""Set-up links: with one of them the first operator comes in, and the first tenant is made.

A link is good once, for an hour, and for nothing once there is an operator.
"""

from hashlib import sha256

from gatelodge.services.accounts import Accounts
from gatelodge.services.addresses import Addresses
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import Invalid, NoBaseAddress, OperatorExists, SetupLinkDead
from gatelodge.services.inputs import Inputs, slug_of
from gatelodge.services.local_people import read_local_person
from gatelodge.services.passwords import Passwords
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.tenants import Tenants
from gatelodge.storage import accounts as stored_accounts
from gatelodge.storage import sign_ins
from gatelodge.storage import tenants as stored_tenants
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.errors import EmailTaken

LIFETIME = 60 * 60

_SLUG = "institution"
"""Of a tenant whose name has no letters that could stand in an address."""


class SetupLinks:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        audit: Audit,
        addresses: Addresses,
        passwords: Passwords,
        accounts: Accounts,
        tenants: Tenants,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._audit = audit
        self._addresses = addresses
        self._passwords = passwords
        self._accounts = accounts
        self._tenants = tenants

    def make(self, caller: Caller) -> str:
        """Its address; raises `OperatorExists`."""
        caller.must_operate()
        if not self._addresses.base:
            raise NoBaseAddress
        token, link_id, now = self._ids.secret(), self._ids.new(), int(self._clock())
        address = self._addresses.set_up(token)

        def write(connection: Connection) -> None:
            if stored_accounts.count_operators(connection):
                raise OperatorExists
            sign_ins.add_link(
                connection, link_id, _hashed(token), now=now, expires_at=now + LIFETIME
            )
            self._audit.record(caller, connection, Tag.SETUP_LINK_MADE, link_id, tenant_id=None)

        self._database.write(write)
        return address

    def is_needed(self) -> bool:
        return not self._database.read(stored_accounts.count_operators)

    def is_good(self, token: str) -> bool:
        return self._database.read(lambda connection: self._good(connection, token)) is not None

    def use(self, token: str, *, name: str, email: str, password: str, tenant: str) -> str:
        """The id of the first operator, who also administers the tenant of this name.

        The tenant may be there already, from the command line. Raises `SetupLinkDead`, also for the slower one of two who come at once.
        """
        if not self.is_good(token):
            raise SetupLinkDead
        tenant = Inputs().name("tenant", tenant)
        person = read_local_person(self._passwords, name, email, password)
        account_id = self._ids.new()
        operator = Caller.operator(account_id)
        first = self._tenants.prepare(operator, tenant, slug_of(tenant) or _SLUG)

        def write(connection: Connection) -> None:
            stored_accounts.one_at_a_time(connection)
            link_id = self._good(connection, token)
            if link_id is None:
                raise SetupLinkDead
            there = stored_tenants.get_by_slug(connection, first.slug)
            if there is None:
                self._tenants.add_within(operator, connection, first)
            tenant_id = (there or first).id
            self._accounts.add_within(
                operator,
                connection,
                account_id,
                person,
                [(Role.OPERATOR, None), (Role.ADMIN, tenant_id)],
            )
            sign_ins.remove_links(connection)
            self._audit.record(operator, connection, Tag.SETUP_LINK_USED, link_id, tenant_id=None)

        try:
            self._database.write(write)
        except EmailTaken as error:
            raise Invalid("email", str(error), hint=error.hint) from None
        return account_id

    def _good(self, connection: Connection, token: str) -> str | None:
        if stored_accounts.count_operators(connection):
            return None
        return sign_ins.find_link(connection, _hashed(token), self._clock())


def _hashed(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
