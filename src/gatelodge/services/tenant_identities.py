"""What leads people to a tenant: the institution that their provider proves, as a request was decided.

How one comes to be is in `gatelodge.services.tenant_requests`. Those of the settings are not among
them: they are changed there.
"""

from collections.abc import Sequence

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import TenantIdentityNotFound
from gatelodge.storage import accounts
from gatelodge.storage import tenant_requests as stored
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.tenant_requests import IdentityRow


class TenantIdentities:
    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def list(self, caller: Caller, tenant_id: str) -> Sequence[IdentityRow]:
        caller.must_operate()
        return self._database.read(lambda connection: stored.identities_of(connection, tenant_id))

    def show(self, caller: Caller, tenant_id: str, identity_id: str) -> IdentityRow:
        caller.must_operate()
        return self._database.read(lambda connection: _get(connection, tenant_id, identity_id))

    def remove(self, caller: Caller, tenant_id: str, identity_id: str) -> IdentityRow:
        """What was removed. What claims gave its people here ends with it, and so do their sessions.

        Who comes by another institution of the same issuer gets it back at the next sign-in: which
        of them gave it, no role says.
        """
        caller.must_operate()

        def write(connection: Connection) -> IdentityRow:
            # A sign-in gives roles under the same lock.
            accounts.one_at_a_time(connection)
            found = _get(connection, tenant_id, identity_id)
            if not stored.remove_identity(connection, identity_id):
                raise TenantIdentityNotFound(identity_id)
            taken = accounts.take_claimed(connection, tenant_id, found.institution.issuer)
            self._audit.record(
                caller,
                connection,
                Tag.TENANT_IDENTITY_REMOVED,
                tenant_id,
                tenant_id=tenant_id,
                identity=identity_id,
                provider=found.institution.provider,
                roles=str(taken),
            )
            return found

        return self._database.write(write)


def _get(connection: Connection, tenant_id: str, identity_id: str) -> IdentityRow:
    found = stored.get_identity(connection, tenant_id, identity_id)
    if found is None:
        raise TenantIdentityNotFound(identity_id)
    return found
