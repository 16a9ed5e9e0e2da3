"""Our own keys: what signs for LMSs and for tools, made, published, replaced and revoked.

Each platform client has keys of its own, since some LMSs do not check an assertion's audience:
what is signed for one must not verify at another. Keys for tools have no owner (None).

A key is published a day before it signs, signs for 90 days, and stays published for 14 more. The
first key of an owner signs at once, and so does the one that replaces a revoked one. Of several
keys that may sign, the newest does. A key is made outside of any transaction, for that takes long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

import msgspec
from joserfc.jwk import ECKey, Key, KeyParameters, RSAKey

from gatelodge.lti.registration import RegistrationState
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import (
    KeyNotFound,
    KeyRevokedAlready,
    NotAllowed,
    RegistrationNotFound,
)
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.sealing import Sealer
from gatelodge.storage import (
    catalogue,
    overviews,
    platform_clients,
    registration_drafts,
    registrations,
)
from gatelodge.storage import signing_keys as stored
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.overviews import KeyOverview
from gatelodge.storage.paging import every
from gatelodge.storage.signing_keys import SigningKey as StoredKey

SEAL_PURPOSE = "signing key"
"""A private key is sealed for this, about the key's id."""

DAY = 24 * 3600
PUBLISHED_BEFORE = 1 * DAY
SIGNS_FOR = 90 * DAY
PUBLISHED_AFTER = 14 * DAY

REPLACED_BEFORE = 2 * DAY
"""How long before its end a key is replaced: room for its successor's day, and for a day without a worker."""

CLIENT_ALGORITHMS = ("RS256",)
TOOLS_ALGORITHMS = ("RS256", "ES256")

_MOST_IN_MEMORY = 10_000


class SigningKey(NamedTuple):
    """``id`` is the `kid` of what it signs."""

    id: str
    key: Key


class KeyState(StrEnum):
    NEXT = "next"
    SIGNING = "signing"
    KEPT = "kept"
    OVER = "over"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class KeyView:
    overview: KeyOverview
    state: KeyState

    @property
    def id(self) -> str:
        return self.overview.id


class _Known(NamedTuple):
    signing_key: SigningKey
    until: float


class SigningKeys:
    def __init__(
        self, database: Database, clock: Clock, ids: Ids, sealer: Sealer, audit: Audit
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._sealer = sealer
        self._audit = audit
        self._known: dict[tuple[str | None, str], _Known] = {}
        self._times_forgotten = 0

    # ------------------------------------------------------------------- signing and publishing

    def signing_key(self, owner: str | None, algorithm: str, now: float) -> SigningKey:
        """The key that signs now; kept in memory until another one does, or `forget` is called."""
        known = self._known.get((owner, algorithm))
        if known is None or now >= known.until:
            forgotten = self._times_forgotten
            known = self._load(owner, algorithm, now)
            if forgotten != self._times_forgotten:
                # Changed while it was read on this thread: good for one signature, not to be kept.
                return known.signing_key
            if len(self._known) >= _MOST_IN_MEMORY:
                self._known.clear()
            self._known[owner, algorithm] = known
        return known.signing_key

    def forget(self, owner: str | None) -> None:
        """Read this owner's keys again before the next signature: they have changed."""
        self._times_forgotten += 1
        for algorithm in TOOLS_ALGORITHMS:
            self._known.pop((owner, algorithm), None)

    def forget_all(self) -> None:
        self._times_forgotten += 1
        self._known.clear()

    def public_key_set(self, registration_id: str) -> dict[str, Any]:
        """The key set given to the LMS of this registration, as JWKs (RFC 7517 section 5).

        It is there from the draft on, so that an LMS that looks at once finds it.
        """
        owner = self._database.find(lambda connection: _owner_of(connection, registration_id))
        if owner is None:
            raise RegistrationNotFound(registration_id)
        return self._public_key_set(owner)

    def public_key_set_for_tools(self) -> dict[str, Any]:
        return self._public_key_set(None)

    def ensure(self, owner: str | None) -> None:
        """Make what is missing, so that this owner has a key that signs for each algorithm."""
        now = self._clock()
        for algorithm in _algorithms(owner):
            if _current(self._published(owner, now), algorithm, now) is None:
                first = self._made(owner, algorithm, signs_from=now, now=now)
                self._database.write(partial(_add_first, key=first))

    def rotate_due(self, now: float) -> int:
        """Replace the keys that will soon stop signing; tells how many."""
        due = self._database.read(
            lambda connection: stored.due_for_rotation(connection, now + REPLACED_BEFORE)
        )
        for old in due:
            begins = max(now, min(now + PUBLISHED_BEFORE, old.signs_until))
            new = self._made(old.platform_client_id, old.algorithm, signs_from=begins, now=now)
            self._database.write(partial(stored.add, key=new))
            self.forget(old.platform_client_id)
        return len(due)

    def _public_key_set(self, owner: str | None) -> dict[str, Any]:
        now = self._clock()
        published = self._published(owner, now)
        if any(_current(published, each, now) is None for each in _algorithms(owner)):
            self.ensure(owner)
            published = self._published(owner, now)
        return {"keys": [msgspec.json.decode(each.public_jwk) for each in published]}

    def _published(self, owner: str | None, now: float) -> Sequence[StoredKey]:
        return self._database.read(lambda connection: stored.list_published(connection, owner, now))

    def _load(self, owner: str | None, algorithm: str, now: float) -> _Known:
        rows = self._published(owner, now)
        row = _current(rows, algorithm, now)
        if row is None:
            self.ensure(owner)
            rows = self._published(owner, now)
            row = _current(rows, algorithm, now)
        if row is None:
            raise KeyNotFound(algorithm)
        successors = [r.signs_from for r in rows if r.algorithm == algorithm and r.signs_from > now]
        return _Known(SigningKey(row.id, self._opened(row)), min([row.signs_until, *successors]))

    # ------------------------------------------------------------------- looking and changing

    def list(self, caller: Caller, *, everything: bool = False) -> list[KeyView]:
        """Those that are published; with ``everything`` also what is over or revoked."""
        caller.must_administer()
        now = self._clock()
        published_at = None if everything else now
        found = self._database.read(
            lambda connection: list(
                every(
                    lambda after: overviews.list_keys(
                        connection, caller.tenant_scope, published_at=published_at, after=after
                    )
                )
            )
        )
        return _viewed(found, now)

    def rotate(self, caller: Caller, registration: str | None = None) -> Sequence[KeyView]:
        """Publish new keys, which sign after a day: of a registration's client, or those for tools."""
        owner = self._owner(caller, registration)
        self.ensure(owner)
        now = self._clock()
        begins = now + PUBLISHED_BEFORE
        made = [self._made(owner, each, signs_from=begins, now=now) for each in _algorithms(owner)]

        def write(connection: Connection) -> list[KeyOverview]:
            for key in made:
                stored.add(connection, key)
                self._record(caller, connection, Tag.KEY_ROTATED, key)
            return _shown(connection, made)

        added = self._database.write(write)
        self.forget(owner)
        return _viewed(added, now)

    def revoke(self, caller: Caller, key_id: str) -> Sequence[KeyView]:
        """Unpublish a key at once. If no other signs then, a new one does: it is in the answer."""
        now = self._clock()
        old = self._database.read(lambda connection: _get(caller, connection, key_id))
        new = self._made(old.platform_client_id, old.algorithm, signs_from=now, now=now)

        def write(connection: Connection) -> list[KeyOverview]:
            if not stored.revoke(connection, old.id, now):
                raise KeyRevokedAlready(f"The key {old.id} is revoked already.")
            self._record(caller, connection, Tag.KEY_REVOKED, old)
            if stored.current(connection, old.platform_client_id, old.algorithm, now):
                return _shown(connection, [old])
            stored.add(connection, new)
            self._record(caller, connection, Tag.KEY_ROTATED, new)
            return _shown(connection, [old, new])

        changed = self._database.write(write)
        self.forget(old.platform_client_id)
        return _viewed(changed, now)

    def _owner(self, caller: Caller, registration_id: str | None) -> str | None:
        """Whose keys are meant, if the caller may change them."""
        if registration_id is None:
            caller.must_operate()
            return None
        caller.must_administer()
        found = self._database.read(
            lambda connection: overviews.get_registration(
                connection, caller.tenant_scope, registration_id.strip()
            )
        )
        if found is None or found.deleted_at is not None:
            raise RegistrationNotFound(registration_id)
        _must_change(caller, found.client.tenant_id)
        return found.client.id

    def _record(self, caller: Caller, connection: Connection, tag: Tag, key: StoredKey) -> None:
        owner = key.platform_client_id
        client = owner and platform_clients.get(connection, None, owner)
        self._audit.record(
            caller,
            connection,
            tag,
            key.id,
            tenant_id=client.tenant_id if client else None,
            platform_client=owner,
        )

    # ------------------------------------------------------------------- making and opening

    def _made(
        self, owner: str | None, algorithm: str, *, signs_from: float, now: float
    ) -> StoredKey:
        key_id = self._ids.new()
        key = _generated(algorithm, key_id)
        private = msgspec.json.encode(key.as_dict(private=True))
        signs_until = int(signs_from) + SIGNS_FOR
        return StoredKey(
            id=key_id,
            platform_client_id=owner,
            algorithm=algorithm,
            public_jwk=msgspec.json.encode(key.as_dict(private=False)).decode(),
            sealed_private=self._sealer.seal(private, purpose=SEAL_PURPOSE, about=key_id),
            published_at=int(now),
            signs_from=int(signs_from),
            signs_until=signs_until,
            published_until=signs_until + PUBLISHED_AFTER,
            revoked_at=None,
        )

    def _opened(self, row: StoredKey) -> Key:
        private = self._sealer.open(row.sealed_private, purpose=SEAL_PURPOSE, about=row.id)
        kind = ECKey if row.algorithm == "ES256" else RSAKey
        return kind.import_key(msgspec.json.decode(private))


def _owner_of(connection: Connection, registration_id: str) -> str | None:
    registration = registrations.get(connection, None, registration_id)
    if registration is not None:
        is_gone = registration.state is RegistrationState.BIN
        return None if is_gone else registration.platform_client_id
    draft = registration_drafts.get_by_registration(connection, registration_id)
    return draft.platform_client_id if draft else None


def _algorithms(owner: str | None) -> tuple[str, ...]:
    return TOOLS_ALGORITHMS if owner is None else CLIENT_ALGORITHMS


def _generated(algorithm: str, key_id: str) -> Key:
    parameters: KeyParameters = {"kid": key_id, "use": "sig", "alg": algorithm}
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", parameters)
    return RSAKey.generate_key(2048, parameters)


def _current(rows: Sequence[StoredKey], algorithm: str, now: float) -> StoredKey | None:
    """The newest of the keys that may sign now."""
    may_sign = [
        row
        for row in rows
        if row.algorithm == algorithm
        and row.revoked_at is None
        and row.signs_from <= now < row.signs_until
    ]
    return max(may_sign, key=lambda row: row.signs_from, default=None)


def _state(key: StoredKey, now: float, signing: set[str]) -> KeyState:
    if key.revoked_at is not None:
        return KeyState.REVOKED
    if key.published_until <= now:
        return KeyState.OVER
    if key.signs_from > now:
        return KeyState.NEXT
    return KeyState.SIGNING if key.id in signing else KeyState.KEPT


def _viewed(found: Sequence[KeyOverview], now: float) -> list[KeyView]:
    """``found`` has all keys of an owner, or only such as are new or revoked."""
    by_owner: dict[tuple[str | None, str], list[StoredKey]] = {}
    for each in found:
        by_owner.setdefault((each.key.platform_client_id, each.key.algorithm), []).append(each.key)
    signing = {
        current.id
        for (_, algorithm), keys in by_owner.items()
        if (current := _current(keys, algorithm, now))
    }
    return [KeyView(each, _state(each.key, now, signing)) for each in found]


def _shown(connection: Connection, keys: Sequence[StoredKey]) -> list[KeyOverview]:
    found = (overviews.get_key(connection, None, key.id) for key in keys)
    return [each for each in found if each is not None]


def _get(caller: Caller, connection: Connection, key_id: str) -> StoredKey:
    caller.must_administer()
    found = overviews.get_key(connection, caller.tenant_scope, key_id.strip())
    if found is None:
        raise KeyNotFound(key_id)
    _must_change(caller, found.client.tenant_id if found.client else None)
    return found.key


def _must_change(caller: Caller, client_tenant_id: str | None) -> None:
    if not caller.is_operator and client_tenant_id != caller.tenant_scope:
        raise NotAllowed("Only the operator changes the keys of a shared platform client.")


def _add_first(connection: Connection, key: StoredKey) -> None:
    # The lock first: of two processes that find no key, the second one then finds the first's.
    catalogue.touch(connection, catalogue.keys_subject(key.platform_client_id))
    published = stored.list_published(connection, key.platform_client_id, key.signs_from)
    if _current(published, key.algorithm, key.signs_from) is None:
        stored.add(connection, key)
