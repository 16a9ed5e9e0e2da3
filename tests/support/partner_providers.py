"""OpenID providers that we didn't write, each a process of its own that is spoken to over HTTP alone.

`oidc-provider` from npm runs in `.node-oidc`, at the versions in `tests/partners/oidc/package-lock.json`, where there
is npm; `oidc-provider-mock` from PyPI runs everywhere.
"""

from __future__ import annotations

import fcntl
import filecmp
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2

from tests.support.mortal import mortal
from tests.support.processes import reserved_port
from tests.support.requirements import NODE

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "tests" / "partners" / "oidc"
FOLDER = ROOT / ".node-oidc"
MOCK = Path(sys.executable).with_name("oidc-provider-mock")

NORTHFIELD = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
SOUTHBANK = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca"
LAKESIDE = "0b9a2a5e-7d0f-4c4e-9d6b-1f7f2a3b4c5d"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
CLIENT = {"client_id": "gatelodge", "client_secret": "a secret: with+signs&"}

PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "ada": {"name": "Ada Okafor", "email": "ada@northfield.example", "roles": ["Gatelodge.Admin"]},
    "ben": {"name": "Ben Sato", "groups": ["teachers"]},
    "cleo": {"name": "Cleo Marsh", "wids": [GLOBAL_ADMINISTRATOR], "groups": ["teachers"]},
    "otto": {"name": "Otto Brandt", "roles": ["Gatelodge.Operator"]},
    "many": {"name": "Maya Many", "_claim_names": {"groups": "src1"}},
    "nobody": {"name": "Nobody"},
    "eve": {"name": "Ada Okafor", "email": "ada@northfield.example", "email_verified": True},
}


def install() -> None:
    """What the lock names, once; a second process waits for the first."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        names = ("package.json", "package-lock.json", "provider.mjs")
        changed = [
            name
            for name in names
            if not (FOLDER / name).exists()
            or not filecmp.cmp(PROJECT / name, FOLDER / name, shallow=False)
        ]
        for name in changed:
            shutil.copyfile(PROJECT / name, FOLDER / name)
        if "package-lock.json" in changed or not (FOLDER / "node_modules").exists():
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=FOLDER,
                check=True,
                capture_output=True,
                timeout=240,
            )


@contextmanager
def node_provider(gateway: str) -> Iterator[str]:
    """The address of `oidc-provider`, with a client for the gateway at this address."""
    install()
    keys = ("entra", "campus", "staff")
    configuration = {
        "client": {
            **CLIENT,
            "redirect_uris": [f"{gateway}/sign-in/{key}/return" for key in keys],
            "post_logout_redirect_uris": [f"{gateway}/sign-out"],
        },
        "directories": [NORTHFIELD, SOUTHBANK, LAKESIDE],
        "people": PEOPLE,
    }
    with reserved_port() as port:
        process = subprocess.Popen(
            mortal(NODE, "provider.mjs", str(port)),
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(configuration))
            process.stdin.close()
            try:
                assert process.stdout.readline().startswith("ready")
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()
                process.wait(20)


@contextmanager
def mock_provider() -> Iterator[str]:
    """The address of `oidc-provider-mock`, which knows Ada and Otto."""
    people = [{"sub": each, **PEOPLE[each]} for each in ("ada", "otto")]
    told = [word for each in people for word in ("--user-claims", json.dumps(each))]
    with reserved_port() as port:
        process = subprocess.Popen(
            mortal(MOCK, "--port", str(port), *told),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with process:
            try:
                _wait_for(f"http://localhost:{port}/.well-known/openid-configuration")
                yield f"http://localhost:{port}"
            finally:
                process.terminate()
                process.wait(20)


def entra_settings(address: str) -> str:
    """The preset, with a host of this machine in the place of Microsoft's."""
    return f"""
[entra]
preset = "entra"
issuer = "{address}/{{tid}}/v2.0"
discovery = "{address}/organizations/v2.0/.well-known/openid-configuration"
client_id = "{CLIENT["client_id"]}"
client_secret = "{CLIENT["client_secret"]}"

[entra.tenants]
"{NORTHFIELD}" = "northfield"
"{SOUTHBANK}" = "southbank"

[[entra.roles]]
role = "admin"
claim = "roles"
value = "Gatelodge.Admin"

[[entra.roles]]
role = "admin"
claim = "wids"
value = "{GLOBAL_ADMINISTRATOR}"

[[entra.roles]]
role = "educator"
claim = "groups"
value = "teachers"

[[entra.roles]]
role = "operator"
claim = "roles"
value = "Gatelodge.Operator"
of = "{NORTHFIELD}"
"""


def campus_settings(issuer: str, key: str = "campus") -> str:
    """A provider of one institution, under this key."""
    return f"""
[{key}]
name = "Northfield University"
issuer = "{issuer}"
client_id = "{CLIENT["client_id"]}"
client_secret = "{CLIENT["client_secret"]}"
tenant = "northfield"

[[{key}.roles]]
role = "admin"
claim = "roles"
value = "Gatelodge.Admin"

[[{key}.roles]]
role = "operator"
claim = "roles"
value = "Gatelodge.Operator"
"""


# ----------------------------------------------------------------------- a person at the provider


class _Forms(HTMLParser):
    """Forms of a page: where each goes, and with what."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((told.get("action", ""), told.get("method", "get").lower(), {}))
        elif tag in ("input", "button") and self.forms and told.get("name"):
            self.forms[-1][2].setdefault(told["name"], told.get("value", ""))


def walk(
    http: httpx2.Client,
    address: str,
    *,
    until: str,
    person: str = "",
    directory: str = "",
    field: str = "login",
) -> str:
    """Follow the provider's pages as this person, up to the address with which it sends them back."""
    answer = http.get(address)
    for _ in range(15):
        if answer.is_redirect:
            onward = urljoin(str(answer.url), answer.headers["location"])
            if onward.startswith(until):
                return onward
            answer = http.get(onward)
        elif directory and (found := re.search(rf'href="(/{directory}/[^"]+)"', answer.text)):
            answer = http.get(urljoin(address, found[1].replace("&amp;", "&")))
        else:
            read = _Forms()
            read.feed(answer.text)
            action, method, fields = read.forms[0]
            if field in fields:
                fields[field] = person
            target = urljoin(str(answer.url), action) if action else str(answer.url)
            answer = http.request(method, target, data=fields)
    raise AssertionError(f"{answer.url} led nowhere: {answer.text[:500]}")


def _wait_for(address: str) -> None:
    for _ in range(400):
        try:
            if httpx2.get(address).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(address)
