"""Tools: the operator's catalogue of applications, and what it offers to one tenant alone."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from gatelodge.lti.registration import PERSONAL_CLAIMS, Tool
from gatelodge.lti.vocabulary import MESSAGE_TYPES
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller
from gatelodge.services.errors import Invalid, ToolNotFound
from gatelodge.services.inputs import Inputs
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import tools
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.paging import every

DEFAULT_CLAIMS = PERSONAL_CLAIMS - {"sourced_id"}
ID_TOKEN_ALGORITHMS = ("RS256", "ES256")
HAND_OFFS = ("redirect", "form_post")

# Addresses under /lti/ that are not a tool's.
RESERVED_KEYS = frozenset({"keys", "register"})


@dataclass(frozen=True, slots=True)
class AddedTool:
    """``client_secret`` is told once; its hash alone is kept."""

    tool: Tool
    client_secret: str
    warnings: tuple[str, ...] = ()


class Tools:
    def __init__(
        self, database: Database, clock: Clock, ids: Ids, audit: Audit, *, development: bool
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._audit = audit
        self._development = development

    def add(
        self,
        caller: Caller,
        key: str,
        name: str,
        launch_url: str,
        *,
        tenant: str | None = None,
        message_types: Collection[str] = (),
        claims: Collection[str] | None = None,
        anonymous: bool = False,
        id_token_algorithm: str = ID_TOKEN_ALGORITHMS[0],
        hand_off: str = HAND_OFFS[0],
    ) -> AddedTool:
        """Without message types it takes all of them; without a tenant it is offered to all."""
        caller.must_operate()
        inputs = Inputs(development=self._development)
        key, name = _read_key(inputs, key), inputs.name("name", name)
        launch_url = inputs.address("launch_url", launch_url)
        _choose("message", message_types, MESSAGE_TYPES)
        _choose("claim", claims or (), sorted(PERSONAL_CLAIMS))
        _choose("algorithm", [id_token_algorithm], ID_TOKEN_ALGORITHMS)
        _choose("hand-off", [hand_off], HAND_OFFS)
        secret = self._ids.secret()

        def write(connection: Connection) -> Tool:
            owner = None if tenant is None else find_tenant(caller, connection, tenant).id
            tool = Tool(
                id=self._ids.new(),
                key=key,
                name=name,
                launch_url=launch_url,
                client_id=self._ids.new(),
                claims=DEFAULT_CLAIMS if claims is None else frozenset(claims),
                message_types=frozenset(message_types or MESSAGE_TYPES),
                anonymous=anonymous,
                id_token_algorithm=id_token_algorithm,
                hand_off=hand_off,
                tenant_id=owner,
            )
            tools.add(connection, tool, secret_hash=_hashed(secret), created_at=self._clock())
            self._audit.record(caller, connection, Tag.TOOL_ADDED, tool.id, tenant_id=owner)
            return tool

        return AddedTool(self._database.write(write), secret, tuple(inputs.warnings))

    def list(self, caller: Caller) -> list[Tool]:
        """Those that the caller's tenant can register; for the operator all of them."""
        return self._database.read(
            lambda connection: list(
                every(lambda after: tools.list_all(connection, caller.tenant_scope, after=after))
            )
        )

    def rotate_secret(self, caller: Caller, key: str) -> str:
        """Give the tool a new secret; the one before is worth nothing from now on."""
        caller.must_operate()
        secret = self._ids.secret()

        def write(connection: Connection) -> None:
            tool = find_tool(caller, connection, key)
            tools.set_secret_hash(connection, tool.key, _hashed(secret))
            self._audit.record(
                caller, connection, Tag.TOOL_SECRET_ROTATED, tool.id, tenant_id=tool.tenant_id
            )

        self._database.write(write)
        return secret


def find_tool(caller: Caller, connection: Connection, key: str) -> Tool:
    """One that is offered to the caller's tenant."""
    found = tools.get_by_key(connection, caller.tenant_scope, key.strip())
    if found is None:
        raise ToolNotFound(key)
    return found


def _read_key(inputs: Inputs, key: str) -> str:
    key = inputs.slug("key", key)
    if key in RESERVED_KEYS:
        raise Invalid("key", f"The key {key!r} is taken by an address of the gateway's own.")
    return key


def _choose(what: str, given: Collection[str], known: Collection[str]) -> None:
    for each in given:
        if each not in known:
            raise Invalid(what, f"There is no {what} {each!r}; choose of {', '.join(known)}.")


def _hashed(secret: str) -> bytes:
    # 256 random bits: a plain hash of them cannot be searched.
    return sha256(secret.encode()).digest()
