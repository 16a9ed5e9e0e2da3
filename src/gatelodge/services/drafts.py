"""Drafts of registrations: what the wizard was told, kept from step to step until it is added.

A draft belongs to a tenant: whoever administers it may go on with it. From its beginning it has the
id of the registration it becomes and a signing key, so that the key-set address that the LMS is
given is valid before anything is added (design, section 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import msgspec

from gatelodge import platforms
from gatelodge.lti.registration import PlatformClient, Registration, Tool, UnknownDeployments
from gatelodge.platforms import Environment, Platform
from gatelodge.platforms.questions import completed
from gatelodge.services.addresses import Addresses
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import (
    DraftChanged,
    DraftNotFound,
    Invalid,
    NoBaseAddress,
    NotAllowed,
    TooManyDrafts,
)
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.registrations import GivenOut, NewOnShared, NewRegistration, Registrations
from gatelodge.services.signing_keys import SigningKeys
from gatelodge.storage import registration_drafts as stored
from gatelodge.storage import tool_icons, tools
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.registration_drafts import RegistrationDraft

STEPS = 5
MOST_DRAFTS = 200
"""Of one tenant: each has a key of ours, which takes time to make."""

LONGEST = 10_000
"""Of one value, so that what is typed is kept and shown again even where it is far too long."""

FIELDS: Final = frozenset(
    {
        "tool",
        "name",
        "platform",
        "environment",
        "way",
        "shared_client",
        "site",
        "issuer",
        "client_id",
        "deployment_id",
        "key_set_url",
        "token_url",
        "authorization_url",
        "audience",
        "unknown_deployments",
    }
)
"""What a draft can keep. ``way`` is "shared" for a client id that the operator shares."""

SHARED, OWN = "shared", "own"

_CHANGED = "This draft was changed meanwhile, in another tab or by somebody else."


@dataclass(frozen=True, slots=True)
class Draft:
    """``step`` is the one to go on with; ``values`` is what was typed so far."""

    id: str
    tenant_id: str
    registration_id: str
    platform_client_id: str
    step: int
    version: int
    values: Mapping[str, str]
    created_at: int
    updated_at: int

    def value(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def name(self) -> str:
        return self.value("name")

    @property
    def tool_id(self) -> str:
        return self.value("tool")

    @property
    def platform(self) -> Platform | None:
        named = self.value("platform")
        known = {each.id: each for each in platforms.all_platforms()}
        return known.get(named)

    @property
    def environment(self) -> Environment | None:
        """The one chosen; the usual one unless another was."""
        if self.platform is None:
            return None
        by_id = {each.id: each for each in self.platform.environments}
        return by_id.get(self.value("environment"), self.platform.environment())

    @property
    def is_on_shared(self) -> bool:
        return self.value("way") == SHARED

    @property
    def given_out(self) -> GivenOut:
        return GivenOut(self.registration_id, self.platform_client_id)


@dataclass(frozen=True, slots=True)
class OurKeys:
    """What of ours is entered in the LMS. Empty is what there is none of."""

    name: str
    target_link_uri: str
    oidc_initiation_url: str
    redirect_uris: tuple[str, ...]
    key_set_url: str
    domain: str
    deep_linking_url: str
    icon_url: str = ""
    custom_parameters: tuple[str, ...] = ()


class Drafts:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        audit: Audit,
        signing_keys: SigningKeys,
        registrations: Registrations,
        addresses: Addresses,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._audit = audit
        self._signing_keys = signing_keys
        self._registrations = registrations
        self._addresses = addresses

    # ------------------------------------------------------------------- from step to step

    def begin(self, caller: Caller, values: Mapping[str, str]) -> Draft:
        """The first step is done: there is something to save."""
        tenant_id = _tenant_of(caller)
        now = int(self._clock())
        row = RegistrationDraft(
            id=self._ids.new(),
            tenant_id=tenant_id,
            registration_id=self._ids.new(),
            platform_client_id=self._ids.new(),
            account=caller.account,
            step=2,
            version=1,
            content=_written(values),
            created_at=now,
            updated_at=now,
        )

        def write(connection: Connection) -> None:
            if stored.count(connection, tenant_id) >= MOST_DRAFTS:
                raise TooManyDrafts(f"There are {MOST_DRAFTS} drafts already.")
            stored.add(connection, row)
            self._audit.record(
                caller, connection, Tag.DRAFT_BEGUN, row.registration_id, tenant_id=tenant_id
            )

        self._database.write(write)
        self._signing_keys.ensure(row.platform_client_id)
        return _draft(row)

    def list(self, caller: Caller) -> list[Draft]:
        """Those begun last come first."""
        tenant_id = _tenant_of(caller)
        rows = self._database.read(
            lambda connection: stored.list_all(connection, tenant_id, limit=MOST_DRAFTS)
        )
        return [_draft(row) for row in rows]

    def show(self, caller: Caller, draft_id: str) -> Draft:
        tenant_id = _tenant_of(caller)
        row = self._database.find(lambda connection: stored.get(connection, tenant_id, draft_id))
        if row is None:
            raise DraftNotFound(draft_id)
        return _draft(row)

    def save(
        self, caller: Caller, draft_id: str, values: Mapping[str, str], *, step: int, version: int
    ) -> Draft:
        """``values`` are put over those there are. Raises `DraftChanged` for an older version."""
        before = self.show(caller, draft_id)
        if before.version != version:
            raise DraftChanged(_CHANGED)
        content = _written({**before.values, **values})
        tenant_id, now = _tenant_of(caller), self._clock()
        step = min(max(step, before.step), STEPS)
        saved = self._database.write(
            lambda connection: stored.save(
                connection, tenant_id, draft_id, content, step=step, version=version, now=now
            )
        )
        after = self.show(caller, draft_id)
        if not saved:
            raise DraftChanged(_CHANGED)
        return after

    def delete(self, caller: Caller, draft_id: str) -> Draft:
        draft = self.show(caller, draft_id)

        def write(connection: Connection) -> None:
            if not stored.remove(connection, draft.tenant_id, draft.id):
                raise DraftNotFound(draft_id)
            self._audit.record(
                caller,
                connection,
                Tag.DRAFT_DELETED,
                draft.registration_id,
                tenant_id=draft.tenant_id,
            )

        self._database.write(write)
        return draft

    # ------------------------------------------------------------------- what the steps show

    def tool(self, caller: Caller, draft: Draft) -> Tool | None:
        """The tool chosen, while it is offered to the tenant."""
        tenant_id = _tenant_of(caller)
        return self._database.find(
            lambda connection: tools.get_by_key(connection, tenant_id, draft.tool_id)
        )

    def our_keys(self, caller: Caller, draft: Draft) -> OurKeys:
        tool = self.tool(caller, draft)
        if tool is None:
            raise Invalid("tool", "This tool isn't offered to your institution any more.")
        if not self._addresses.base:
            raise NoBaseAddress
        launch = self._addresses.launch(tool.key)
        icon = self._database.read(lambda connection: tool_icons.find(connection, tool.key))
        return OurKeys(
            name=tool.name,
            target_link_uri=launch,
            oidc_initiation_url=self._addresses.login(tool.key),
            redirect_uris=(launch,),
            key_set_url=self._addresses.key_set(draft.registration_id),
            domain=urlsplit(self._addresses.base).hostname or "",
            deep_linking_url=launch,
            icon_url=self._addresses.icon(tool.key) if icon else "",
        )

    def shared_clients(self, caller: Caller, draft: Draft) -> Sequence[PlatformClient]:
        """Those that the operator shares for this LMS, if its client ids are shared at all."""
        if draft.platform is None or draft.platform.vendor_wide == "never":
            return []
        return self._registrations.shared_clients(caller, draft.platform.id)

    # ------------------------------------------------------------------- adding

    def review(self, caller: Caller, draft: Draft) -> NewRegistration:
        """What would be added. Raises `Invalid` for the first value that can't be."""
        caller.must_administer()
        return self._registrations.read(caller, _new(draft))[0]

    def finish(self, caller: Caller, draft_id: str, *, version: int) -> Registration:
        """Add what the draft says, in its place. Its ids and keys are the registration's now."""
        caller.must_administer()
        draft = self.show(caller, draft_id)
        new = None if draft.is_on_shared else self.review(caller, draft)

        def write(connection: Connection) -> Registration:
            added = (
                self._registrations.write_on_shared(
                    caller, connection, _on_shared(draft), draft.given_out
                )
                if new is None
                else self._registrations.write(caller, connection, new, draft.given_out)
            )
            if not stored.remove(connection, draft.tenant_id, draft.id, version=version):
                raise DraftChanged(_CHANGED)
            return added

        added = self._database.write(write)
        self._signing_keys.ensure(added.platform_client_id)
        return added


def _tenant_of(caller: Caller) -> str:
    caller.must_administer()
    if caller.tenant_id is None:
        raise NotAllowed("A draft is an institution's own: the operator has none.")
    return caller.tenant_id


def _new(draft: Draft) -> NewRegistration:
    platform, environment = draft.platform, draft.environment
    if platform is None or environment is None:
        raise Invalid("platform", "No LMS is chosen yet.")
    whole = completed(platform, environment, draft.values)
    deployment_id = whole["deployment_id"]
    return NewRegistration(
        tenant=draft.tenant_id,
        tool=draft.tool_id,
        name=draft.name,
        platform=platform.id,
        issuer=whole["issuer"],
        client_id=whole["client_id"],
        authorization_url=whole["authorization_url"],
        token_url=whole["token_url"],
        key_set_url=whole["key_set_url"],
        token_audience=whole["audience"] or None,
        deployment_ids=(deployment_id,) if deployment_id else (),
        unknown_deployments=draft.value("unknown_deployments") or UnknownDeployments.HOLD,
    )


def _on_shared(draft: Draft) -> NewOnShared:
    deployment_id = draft.value("deployment_id")
    return NewOnShared(
        tenant=draft.tenant_id,
        tool=draft.tool_id,
        name=draft.name,
        platform_client=draft.value("shared_client"),
        deployment_ids=(deployment_id,) if deployment_id else (),
    )


def _written(values: Mapping[str, str]) -> str:
    kept = {name: _storable(value)[:LONGEST] for name, value in values.items() if name in FIELDS}
    return msgspec.json.encode(kept).decode()


def _storable(value: str) -> str:
    """Without what no database takes: it is typed by nobody, and what is typed is kept."""
    return value.replace("\0", "").encode("utf-8", "ignore").decode()


def _draft(row: RegistrationDraft) -> Draft:
    return Draft(
        id=row.id,
        tenant_id=row.tenant_id,
        registration_id=row.registration_id,
        platform_client_id=row.platform_client_id,
        step=row.step,
        version=row.version,
        values=msgspec.json.decode(row.content, type=dict[str, str]),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
