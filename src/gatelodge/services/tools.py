"""Tools: the operator's catalogue of applications, and to which tenants each is offered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import structs

from gatelodge.lti.registration import PERSONAL_CLAIMS, Tool
from gatelodge.lti.vocabulary import MESSAGE_TYPES
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import Invalid, ToolChangedMeanwhile, ToolInUse, ToolNotFound
from gatelodge.services.inputs import Faults, Inputs
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import tools
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.paging import every
from gatelodge.storage.tools import OfferedTenant, ToolOverview

DEFAULT_CLAIMS = PERSONAL_CLAIMS - {"sourced_id"}
ID_TOKEN_ALGORITHMS = ("RS256", "ES256")
HAND_OFFS = ("redirect", "form_post")

# Addresses under /lti/ and /portal/tools/ that are not a tool's.
RESERVED_KEYS = frozenset({"keys", "new", "register"})


@dataclass(frozen=True, slots=True)
class AddedTool:
    """``client_secret`` is told once; its hash alone is kept."""

    tool: Tool
    client_secret: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDetails:
    """What can be changed of a tool, as a person gives it: nothing is checked yet.

    ``tenants`` are short names or ids; None offers it to everyone.
    """

    name: str
    launch_url: str
    message_types: Collection[str]
    claims: Collection[str]
    anonymous: bool
    id_token_algorithm: str
    hand_off: str
    tenants: Collection[str] | None


@dataclass(frozen=True, slots=True)
class ToolView:
    """``seen`` stands for all that can be changed, as it is now."""

    overview: ToolOverview
    tenants: tuple[OfferedTenant, ...]
    seen: str

    @property
    def tool(self) -> Tool:
        return self.overview.tool


class Tools:
    def __init__(
        self, database: Database, clock: Clock, ids: Ids, audit: Audit, *, development: bool
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._audit = audit
        self._development = development

    # ------------------------------------------------------------------- adding

    def add(
        self,
        caller: Caller,
        key: str,
        name: str,
        launch_url: str,
        *,
        tenants: Collection[str] | None = None,
        message_types: Collection[str] = (),
        claims: Collection[str] | None = None,
        anonymous: bool = False,
        id_token_algorithm: str = ID_TOKEN_ALGORITHMS[0],
        hand_off: str = HAND_OFFS[0],
    ) -> AddedTool:
        """Without message types it takes all of them; without tenants it is offered to all."""
        caller.must_operate()
        inputs = Inputs(development=self._development)
        faults = Faults()
        key = faults.of(_read_key, inputs, key)
        details = faults.of(
            _read,
            inputs,
            ToolDetails(
                name=name,
                launch_url=launch_url,
                message_types=message_types or MESSAGE_TYPES,
                claims=DEFAULT_CLAIMS if claims is None else claims,
                anonymous=anonymous,
                id_token_algorithm=id_token_algorithm,
                hand_off=hand_off,
                tenants=tenants,
            ),
        )
        faults.tell()
        secret = self._ids.secret()

        def write(connection: Connection) -> Tool:
            offered = _offered(caller, connection, details)
            tool = Tool(id=self._ids.new(), key=key, client_id=self._ids.new(), **_columns(details))
            tools.add(
                connection,
                tool,
                secret_hash=_hashed(secret),
                created_at=self._clock(),
                tenant_ids=offered,
            )
            self._record(caller, connection, Tag.TOOL_ADDED, tool)
            return tool

        return AddedTool(self._database.write(write), secret, tuple(inputs.warnings))

    # ------------------------------------------------------------------- looking

    def list(self, caller: Caller) -> list[Tool]:
        """Those that the caller's tenant can register; for the operator all of them."""
        return self._database.read(
            lambda connection: list(
                every(lambda after: tools.list_all(connection, caller.tenant_scope, after=after))
            )
        )

    def search(
        self, caller: Caller, search: str, *, limit: int, offset: int
    ) -> tuple[Sequence[ToolOverview], int]:
        """A page of the catalogue by name, and how many there are in all."""
        caller.must_operate()
        return self._database.read(
            lambda connection: (
                tools.search_overviews(connection, search, limit=limit, offset=offset),
                tools.count_found(connection, search),
            )
        )

    def show(self, caller: Caller, key: str) -> ToolView:
        caller.must_operate()
        return self._database.read(lambda connection: _view(connection, key))

    # ------------------------------------------------------------------- changing

    def change(
        self, caller: Caller, key: str, details: ToolDetails, *, seen: str | None = None
    ) -> ToolView:
        """The next launch goes by it. ``seen``: what it was like when somebody began to change it."""
        caller.must_operate()
        details = _read(Inputs(development=self._development), details)

        def write(connection: Connection) -> ToolView:
            before = _view(connection, key)
            if seen not in (None, before.seen):
                raise ToolChangedMeanwhile(
                    f"Somebody else changed the tool {before.tool.name!r} meanwhile."
                )
            changed = structs.replace(before.tool, **_columns(details))
            offered = _offered(caller, connection, details)
            if changed != before.tool or offered != {each.id for each in before.tenants}:
                tools.change(connection, changed, offered)
                self._record(caller, connection, Tag.TOOL_CHANGED, changed)
            return _view(connection, key)

        return self._database.write(write)

    def rotate_secret(self, caller: Caller, key: str) -> str:
        """Give the tool a new secret; the one before is worth nothing from now on."""
        caller.must_operate()
        secret = self._ids.secret()

        def write(connection: Connection) -> None:
            tool = find_tool(caller, connection, key)
            tools.set_secret_hash(connection, tool.key, _hashed(secret))
            self._record(caller, connection, Tag.TOOL_SECRET_ROTATED, tool)

        self._database.write(write)
        return secret

    def delete(self, caller: Caller, key: str) -> Tool:
        """For good; there is no bin for tools, so nothing may use it any more."""
        caller.must_operate()

        def write(connection: Connection) -> Tool:
            tool = find_tool(caller, connection, key)
            if not tools.remove(connection, tool):
                raise ToolInUse(f"The tool {tool.name!r} has registrations, and be it in the bin.")
            self._record(caller, connection, Tag.TOOL_DELETED, tool)
            return tool

        return self._database.write(write)

    def _record(self, caller: Caller, connection: Connection, tag: Tag, tool: Tool) -> None:
        self._audit.record(caller, connection, tag, tool.id, tenant_id=None)


def find_tool(caller: Caller, connection: Connection, key: str) -> Tool:
    """One that is offered to the caller's tenant."""
    found = tools.get_by_key(connection, caller.tenant_scope, key.strip())
    if found is None:
        raise ToolNotFound(key)
    return found


def details_of(view: ToolView) -> ToolDetails:
    """As it is now, to be changed."""
    tool = view.tool
    return ToolDetails(
        name=tool.name,
        launch_url=tool.launch_url,
        message_types=tool.message_types,
        claims=tool.claims,
        anonymous=tool.anonymous,
        id_token_algorithm=tool.id_token_algorithm,
        hand_off=tool.hand_off,
        tenants=None if tool.for_everyone else [each.id for each in view.tenants],
    )


# ----------------------------------------------------------------------- reading what is given


def _read(inputs: Inputs, details: ToolDetails) -> ToolDetails:
    faults = Faults()
    read = replace(
        details,
        name=faults.of(inputs.name, "name", details.name),
        launch_url=faults.of(inputs.address, "launch_url", details.launch_url),
    )
    faults.of(_choose_some, "message", details.message_types, MESSAGE_TYPES)
    faults.of(_choose, "claim", details.claims, sorted(PERSONAL_CLAIMS))
    faults.of(_choose, "algorithm", [details.id_token_algorithm], ID_TOKEN_ALGORITHMS)
    faults.of(_choose, "hand-off", [details.hand_off], HAND_OFFS)
    faults.tell()
    return read


def _read_key(inputs: Inputs, key: str) -> str:
    key = inputs.slug("key", key)
    if key in RESERVED_KEYS:
        raise Invalid("key", f"The key {key!r} is taken by an address of the gateway's own.")
    return key


def _choose_some(what: str, given: Collection[str], known: Collection[str]) -> None:
    if not given:
        raise Invalid(what, f"The tool takes no {what}, so nothing could open it.")
    _choose(what, given, known)


def _choose(what: str, given: Collection[str], known: Collection[str]) -> None:
    for each in given:
        if each not in known:
            raise Invalid(what, f"There is no {what} {each!r}; choose of {', '.join(known)}.")


def _columns(details: ToolDetails) -> dict[str, Any]:
    return {
        "name": details.name,
        "launch_url": details.launch_url,
        "claims": frozenset(details.claims),
        "message_types": frozenset(details.message_types),
        "anonymous": details.anonymous,
        "id_token_algorithm": details.id_token_algorithm,
        "hand_off": details.hand_off,
        "for_everyone": details.tenants is None,
    }


def _offered(caller: Caller, connection: Connection, details: ToolDetails) -> frozenset[str]:
    return frozenset(find_tenant(caller, connection, each).id for each in details.tenants or ())


# ----------------------------------------------------------------------- what is there


def _view(connection: Connection, key: str) -> ToolView:
    overview = tools.get_overview(connection, key.strip())
    if overview is None:
        raise ToolNotFound(key)
    tenants = tuple(tools.tenants_of(connection, overview.tool.id))
    return ToolView(overview, tenants, _fingerprint(overview.tool, tenants))


def _fingerprint(tool: Tool, tenants: Collection[OfferedTenant]) -> str:
    values = [*structs.astuple(tool), sorted(each.id for each in tenants)]
    return sha256(msgspec.json.encode(values, order="deterministic")).hexdigest()[:32]


def _hashed(secret: str) -> bytes:
    # 256 random bits: a plain hash of them cannot be searched.
    return sha256(secret.encode()).digest()
