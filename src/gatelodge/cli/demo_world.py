"""What there is in the demo: a school, its tools, and registrations good and broken.

It is made once for a set of ports, through the services that every command uses, and kept.
"""

import json
import os
import secrets
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gatelodge.assembly import Gateway, open_gateway
from gatelodge.lti.vocabulary import RESOURCE_LINK_REQUEST
from gatelodge.services.caller import Caller, Role
from gatelodge.services.registrations import NewRegistration
from gatelodge.settings import read_settings
from gatelodge.simulator import PlacedTool, Purpose, SimulatorConfig

_OPERATOR = Caller.operator("cli:demo")

# Nobody listens at the port that RFC 863 keeps for throwing things away.
_NOBODY = "localhost:9"


@dataclass(frozen=True, slots=True)
class Ports:
    gateway: int
    lms: int
    hello: int
    notices: int


@dataclass(frozen=True, slots=True)
class ToolLogin:
    """With what a sample tool redeems its codes."""

    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class PortalLogin:
    """With what a person signs in to the portal."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Logins:
    """Made once, and kept beside the database that knows only their hashes."""

    hello: ToolLogin
    notices: ToolLogin
    portal: PortalLogin


class World:
    """The LMS lives on localhost and the gateway on 127.0.0.1: to a browser these are two sites."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.folder = folder
        self.ports = ports
        self.gateway = f"http://127.0.0.1:{ports.gateway}"
        self.lms = f"http://localhost:{ports.lms}"
        self.hello = f"http://127.0.0.1:{ports.hello}"
        self.notices = f"http://127.0.0.1:{ports.notices}"

    @property
    def lms_config_file(self) -> Path:
        return self.folder / "lms.json"

    def settle(self) -> Logins:
        """Set the environment of this demo; make what isn't there yet; give the logins."""
        _set_environment(self)
        kept = self.folder / "logins.json"
        if not kept.exists():
            # Written last, so without it the rest is a half-made start.
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(mode=0o700, parents=True)
            _write_privately(kept, asdict(_make(self)))
        _write_privately(self.lms_config_file, _as_json(_lms_config(self)))
        found = json.loads(kept.read_text(encoding="utf-8"))
        return Logins(
            ToolLogin(**found["hello"]),
            ToolLogin(**found["notices"]),
            PortalLogin(**found["portal"]),
        )


def _set_environment(world: World) -> None:
    """For this process and those it starts; what was set for another gateway is not for the demo."""
    for name in [name for name in os.environ if name.startswith("GATELODGE_")]:
        del os.environ[name]
    os.environ |= {
        "GATELODGE_BASE_URL": world.gateway,
        "GATELODGE_DATA_DIR": str(world.folder),
        "GATELODGE_DEVELOPMENT": "true",
        "GATELODGE_OUTBOUND_ALLOW": f"localhost:{world.ports.lms},{_NOBODY}",
    }


def _make(world: World) -> Logins:
    print("Making the demo's school, people, tools and registrations …", file=sys.stderr)
    gateway = open_gateway(read_settings(), check_for_serving=False)
    try:
        gateway.tenants.add(_OPERATOR, "Northfield")
        hello, notices = _add_tools(gateway, world)
        _add_registrations(gateway, world)
        portal = _add_person(gateway)
    finally:
        gateway.close()
    return Logins(hello, notices, portal)


def _add_person(gateway: Gateway) -> PortalLogin:
    """Ada, who administers the school and operates the gateway, as at a small school."""
    login = PortalLogin("ada@northfield.example", secrets.token_urlsafe(9))
    ada = gateway.accounts.add_local(
        _OPERATOR,
        "northfield",
        Role.ADMIN,
        name="Ada Okafor",
        email=login.email,
        password=login.password,
    )
    gateway.accounts.set_roles(_OPERATOR, ada.id, None, [Role.OPERATOR])
    return login


def _add_tools(gateway: Gateway, world: World) -> tuple[ToolLogin, ToolLogin]:
    hello = gateway.tools.add(_OPERATOR, "hello", "Hello", f"{world.hello}/launch")
    notices = gateway.tools.add(
        _OPERATOR,
        "notices",
        "Notice board",
        f"{world.notices}/launch",
        message_types=[RESOURCE_LINK_REQUEST],
        anonymous=True,
    )
    return (
        ToolLogin(hello.tool.client_id, hello.client_secret),
        ToolLogin(notices.tool.client_id, notices.client_secret),
    )


def _add_registrations(gateway: Gateway, world: World) -> None:
    def add(tool: str, name: str, client_id: str, key_set_url: str = f"{world.lms}/jwks") -> str:
        registration = NewRegistration(
            tenant="northfield",
            tool=tool,
            name=name,
            issuer=world.lms,
            client_id=client_id,
            deployment_ids=("1",),
            authorization_url=f"{world.lms}/authorize",
            token_url=f"{world.lms}/token",
            key_set_url=key_set_url,
        )
        return gateway.registrations.add(_OPERATOR, registration).id

    add("hello", "Northfield VLE", "northfield-hello")
    add("notices", "Northfield VLE notices", "northfield-notices")
    add("hello", "Keys nobody offers", "northfield-no-keys", f"http://{_NOBODY}/jwks")
    add("hello", "Keys that are a page", "northfield-page-keys", f"{world.lms}/scenarios")
    off = add("hello", "Switched off", "northfield-off")
    gateway.registrations.disable(_OPERATOR, off)


def _lms_config(world: World) -> SimulatorConfig:
    def placed(label: str, tool: str, client_id: str, purpose: Purpose) -> PlacedTool:
        launch_url = f"{world.gateway}/lti/{tool}/launch"
        return PlacedTool(
            label=label,
            login_url=f"{world.gateway}/lti/{tool}/login",
            target_link_uri=launch_url,
            redirect_uris=(launch_url,),
            client_id=client_id,
            deployment_id="1",
            purpose=purpose,
        )

    return SimulatorConfig(
        base_url=world.lms,
        tools=(
            placed("Hello", "hello", "northfield-hello", Purpose.COURSE),
            placed("Notices", "notices", "northfield-notices", Purpose.LINKS_ONLY),
            placed("Hello, no keys", "hello", "northfield-no-keys", Purpose.UNREACHABLE_KEYS),
            placed("Hello, page", "hello", "northfield-page-keys", Purpose.KEYS_ARE_A_PAGE),
            placed("Hello, off", "hello", "northfield-off", Purpose.SWITCHED_OFF),
            placed("Notices, as hello", "notices", "northfield-hello", Purpose.OTHER_TOOL),
        ),
    )


def _as_json(config: SimulatorConfig) -> dict[str, Any]:
    return {"base_url": config.base_url, "tools": [asdict(tool) for tool in config.tools]}


def _write_privately(path: Path, document: dict[str, Any]) -> None:
    """Readable by nobody else, from its first byte on."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
