"""The wheel that is given to others holds all that it needs: migrations, templates, static files, the sample tool."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from tests.support.lms import CLAIM, Lms, serving
from tests.support.mortal import mortal

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installed:
    """An environment with nothing in it but the wheel and what the wheel asks for."""

    gatelodge: Path
    settings: Mapping[str, str]

    def run(self, *words: str) -> Any:
        done = subprocess.run(
            [self.gatelodge, *words, "--json"],
            env=self.settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv = str(ROOT / ".tools" / "bin" / "uv")
    uv = uv if Path(uv).exists() else str(shutil.which("uv"))

    def do(*words: str | Path) -> None:
        subprocess.run([uv, "--quiet", *words], cwd=ROOT, check=True)

    locked = folder / "locked.txt"
    do("export", "--frozen", "--no-dev", "--no-emit-project", "--no-hashes", "-o", locked)
    do("build", "--wheel", "--out-dir", folder)
    do("venv", "--no-config", "--python", sys.executable, folder / "venv")
    [wheel] = folder.glob("*.whl")
    do("pip", "install", "--python", folder / "venv", "--constraints", locked, wheel)
    return folder / "venv"


@pytest.fixture
def lms() -> Generator[Lms]:
    with serving(Lms()) as lms:
        yield lms


@pytest.fixture
def installed(environment: Path, lms: Lms, tmp_path: Path) -> Installed:
    return Installed(
        gatelodge=environment / "bin" / "gatelodge",
        settings={
            "PATH": os.environ["PATH"],
            "GATELODGE_BASE_URL": f"http://127.0.0.1:{_free_port()}",
            "GATELODGE_DATA_DIR": str(tmp_path / "data"),
            "GATELODGE_DEVELOPMENT": "true",
            "GATELODGE_OUTBOUND_ALLOW": lms.allow,
        },
    )


def test_the_wheel_upgrades_its_database_serves_and_launches(
    installed: Installed, lms: Lms
) -> None:
    installed.run("db", "upgrade")
    installed.run("tenant", "add", "Northfield")
    tool = installed.run(
        "tool", "add", "hello", "--name", "Hello", "--launch-url", "http://127.0.0.1:8002/launch"
    )
    installed.run(*_registration_of(lms))

    with _served(installed) as http:
        answer = _launched(http, lms)
        code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
        redeemed = http.post(
            "/oauth/token",
            data={"grant_type": "authorization_code", "code": code},
            auth=(tool["client_id"], tool["client_secret"]),
        )

    assert answer.status_code == 303
    assert redeemed.json()["launch"]["person"]["name"] == "Mia Learner"


def test_the_wheel_has_its_pages_and_their_files(installed: Installed) -> None:
    with _served(installed) as http:
        landing = http.get("/", headers={"Accept": "text/html"})
        styles = re.findall(r'href="(/static/[^"]+\.css)"', landing.text)
        fetched = [http.get(each).status_code for each in styles]

    assert "Gatelodge" in landing.text
    assert fetched
    assert set(fetched) == {200}


def test_the_wheel_has_the_sample_tool_and_the_simulated_lms(environment: Path) -> None:
    [packages] = environment.glob("lib/python*/site-packages/gatelodge")

    assert (packages / "cli" / "hello_tool.py").read_text(encoding="utf-8") == (
        ROOT / "examples" / "hello_tool" / "hello_tool.py"
    ).read_text(encoding="utf-8")
    assert list((packages / "simulator" / "templates").glob("*.html"))
    assert list((packages / "simulator" / "static").glob("*.css"))


def _registration_of(lms: Lms) -> list[str]:
    options = {
        "tenant": "northfield",
        "tool": "hello",
        "name": "Moodle",
        "platform": "moodle",
        "issuer": lms.issuer,
        "client-id": lms.client_id,
        "deployment-id": lms.deployment_id,
        "auth-url": lms.authorization_url,
        "token-url": f"{lms.issuer}/token",
        "keyset-url": lms.key_set_url,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return ["registration", "add", *words]


@contextmanager
def _served(installed: Installed) -> Generator[httpx2.Client]:
    base = installed.settings["GATELODGE_BASE_URL"]
    server = subprocess.Popen(
        mortal(installed.gatelodge, "serve", "--port", base.rpartition(":")[2]),
        env=installed.settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx2.Client(base_url=base) as http:
            _wait_for(http, server)
            yield http
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(http: httpx2.Client, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "the gateway has ended"
        try:
            http.get("/healthz")
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the gateway doesn't answer")


def _launched(http: httpx2.Client, lms: Lms) -> httpx2.Response:
    target = f"{http.base_url}/lti/hello/launch".replace("//lti", "/lti")
    login = http.post("/lti/hello/login", data=lms.login(target))
    asked = dict(parse_qsl(urlsplit(login.headers["location"]).query))
    claims = lms.claims(time.time(), **{"nonce": asked["nonce"], f"{CLAIM}target_link_uri": target})
    # The cookie is for secure connections; a browser counts this machine as one.
    cookie = login.headers["set-cookie"].partition(";")[0]
    return http.post(
        "/lti/hello/launch",
        data={"id_token": lms.sign(claims), "state": asked["state"]},
        headers={"Cookie": cookie},
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
