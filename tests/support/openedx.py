"""Open edX's LTI component as a server of its own, and a browser that goes between it and a gateway.

The server is `tests/partners/openedx`, in an environment of its own; nothing of it is imported here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "tests" / "partners" / "openedx"
ENVIRONMENT = ROOT / ".venv-openedx"


@dataclass(frozen=True)
class Component:
    """A link in a course: what Studio shows of it, and what its author knows besides."""

    id: str
    issuer: str
    course: str
    link: str
    client_id: str
    deployment_id: str
    keyset_url: str
    oidc_callback: str
    token_url: str

    def registration(self) -> list[str]:
        """As an administrator types it at the gateway's command line."""
        return [
            *("--platform", "openedx", "--name", "Open edX"),
            *("--issuer", self.issuer, "--client-id", self.client_id),
            *("--deployment-id", self.deployment_id, "--keyset-url", self.keyset_url),
            *("--auth-url", self.oidc_callback, "--token-url", self.token_url),
        ]


@dataclass(frozen=True)
class OpenEdx:
    address: str

    def add(self, tool: str, *redirect_uris: str) -> Component:
        """A component for the tool at this address, with these redirect addresses or the usual one."""
        answer = httpx2.post(
            f"{self.address}/author/components",
            data={
                "login_url": f"{tool}/login",
                "launch_url": f"{tool}/launch",
                "redirect_uri": list(redirect_uris),
            },
        )
        shown = answer.raise_for_status().json()
        return Component(**{name: shown[name] for name in Component.__annotations__})

    def renew_key(self, component: Component) -> None:
        """Sign with another key, and publish it in the place of the one before."""
        self._change(component, "renew-key")

    def borrow_key(self, component: Component, lender: Component, *, name: str) -> None:
        """Sign with the key of another component under its "own" id, or under the "published" one."""
        self._change(component, f"borrow-key/{lender.id}/{name}")

    def _change(self, component: Component, what: str) -> None:
        address = f"{self.address}/author/components/{component.id}/{what}"
        httpx2.post(address).raise_for_status()


@contextmanager
def running_openedx(folder: Path) -> Iterator[OpenEdx]:
    """On a free port, with its database in this folder. It ends with its standard input, so also with us."""
    with (folder / "openedx.log").open("wb") as log:
        server = subprocess.Popen(
            [_python(), PROJECT / "serve.py", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    with server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address, (folder / "openedx.log").read_text()
        yield OpenEdx(address)


def _python() -> Path:
    """The Python of the environment, which is made as its lock says, or left as it is if it is so already."""
    own = ROOT / ".tools" / "bin" / "uv"
    kept = {name: each for name, each in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run(
        [
            str(own if own.exists() else shutil.which("uv")),
            *("sync", "--quiet", "--frozen", "--python", sys.executable),
        ],
        cwd=PROJECT,
        env=kept | {"UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT), "UV_PYTHON_DOWNLOADS": "never"},
        check=True,
    )
    return ENVIRONMENT / "bin" / "python"


@dataclass(frozen=True)
class Visitor:
    """A person's browser: ``http`` keeps the cookies. Every step may change what it passes on."""

    openedx: OpenEdx
    http: httpx2.Client

    def click(self, component: Component, person: str, *, choose: bool = False) -> httpx2.Response:
        """To the gateway's login; its answer is what it asks of Open edX."""
        link = f"{self.openedx.address}/course/{component.id}/{person}"
        began = self.http.get(link, params={"choose": ""} if choose else {})
        return self.http.get(began.headers["location"])

    def ask(self, login: httpx2.Response, **changes: str | None) -> httpx2.Response:
        """To Open edX, with what the gateway asks; a parameter that is changed to None is left out."""
        assert login.status_code == 302, login.text
        address, _, query = login.headers["location"].partition("?")
        asked = {**dict(parse_qsl(query)), **changes}
        return self.http.get(address, params={k: v for k, v in asked.items() if v is not None})

    def answer(self, page: httpx2.Response, **changes: str) -> httpx2.Response:
        """To where the form on Open edX's page leads, with what stands in it."""
        assert page.status_code == 200, page.text
        form = Form.on(page)
        return self.http.post(form.action, data=form.values | changes)

    def launch(self, component: Component, person: str, *, choose: bool = False) -> httpx2.Response:
        """All of it, to the gateway's answer to the launch."""
        return self.answer(self.ask(self.click(component, person, choose=choose)))


class Form(HTMLParser):
    """The one form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.values: dict[str, str] = {}

    @classmethod
    def on(cls, page: httpx2.Response) -> Form:
        form = cls()
        form.feed(page.text)
        assert urlsplit(form.action).scheme, page.text
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if tag == "form":
            self.action = given["action"]
        elif tag == "input" and "name" in given:
            self.values[given["name"]] = given["value"]
