"""hello_tool, as a program of its own, against a small token endpoint that plays the gateway."""

from __future__ import annotations

import base64
import copy
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from tests.support.mortal import mortal

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "hello_tool" / "hello_tool.py"

MIA = {
    "id": "launch-1",
    "message_type": "LtiResourceLinkRequest",
    "person": {
        "id": "p-1",
        "name": "Mia Learner",
        "given_name": "Mia",
        "family_name": "Learner",
        "email": None,
        "anonymous": False,
    },
    "roles": {"instructor": False, "learner": True, "all": []},
    "context": {"id": "c-1", "title": "Biology 101", "label": "BIO101", "types": []},
    "resource_link": {"id": "l-1", "title": "Cell division warm-up", "description": None},
    "custom": {},
    "target_link_uri": "http://127.0.0.1/lti/hello/launch",
}


def test_it_greets_the_person_with_role_course_and_link(hello: Hello) -> None:
    page = hello.open(MIA)

    assert "Hello, Mia Learner" in page
    assert "You are a student in Biology 101." in page
    assert "Cell division warm-up" in page


def test_it_redeems_the_code_with_its_own_secret(hello: Hello) -> None:
    hello.launch(MIA, code="abc.def")

    [call] = hello.gateway.calls
    assert call.path == "/oauth/token"
    assert call.form == {"grant_type": ["authorization_code"], "code": ["abc.def"]}
    assert call.basic == "hello-client:hello-secret"


def test_a_launch_begins_a_session_and_takes_the_code_out_of_the_address(hello: Hello) -> None:
    answer = hello.launch(MIA)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    attributes = answer.headers["Set-Cookie"].split("; ")[1:]
    assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned"} <= set(attributes)


def test_every_launch_gets_a_session_of_its_own(hello: Hello) -> None:
    first, second = hello.launch(MIA), hello.launch(MIA, cookies=first_cookie(hello))

    assert cookie_of(first) != cookie_of(second)


def test_a_later_launch_changes_nothing_in_an_earlier_session(hello: Hello) -> None:
    earlier = hello.launch(MIA)
    hello.launch(changed(person={"name": "Theo Marlowe"}), cookies=cookie_of(earlier))

    assert "Mia Learner" in hello.visit(cookie_of(earlier)).text


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"instructor": True, "learner": False}, "You are a teacher in Biology 101."),
        ({"instructor": True, "learner": True}, "You are a teacher in Biology 101."),
        ({"instructor": False, "learner": True}, "You are a student in Biology 101."),
        ({"instructor": False, "learner": False}, "You are a guest in Biology 101."),
    ],
)
def test_it_says_which_role_somebody_has(hello: Hello, roles: dict[str, bool], said: str) -> None:
    assert said in hello.open(changed(roles=roles))


def test_somebody_without_a_name_is_greeted_without_one(hello: Hello) -> None:
    page = hello.open(changed(person={"name": None, "given_name": None, "family_name": None}))

    assert "<h1>Hello</h1>" in page
    assert "None" not in page


def test_neither_course_nor_link_need_be_there(hello: Hello) -> None:
    page = hello.open({**MIA, "context": None, "resource_link": None})

    assert "You are a student.</p>" in page


def test_what_an_lms_sends_is_text_and_never_markup(hello: Hello) -> None:
    page = hello.open(
        changed(
            person={"name": "<script>alert(1)</script>"},
            context={"title": "Bio & <b>Logy</b>"},
            resource_link={"title": "{title} <img src=x>"},
        )
    )

    assert "&lt;script&gt;" in page
    assert "Bio &amp; &lt;b&gt;" in page
    assert "{title} &lt;img" in page


def test_names_of_any_alphabet_are_shown(hello: Hello) -> None:
    assert "Мария 小明 فاطمة" in hello.open(changed(person={"name": "Мария 小明 فاطمة"}))


def test_a_code_that_is_spent_gets_a_friendly_page(hello: Hello) -> None:
    hello.gateway.status = 400
    answer = hello.launch(MIA)

    assert answer.status_code == 400
    assert "This link can&#x27;t be used again" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_code_of_another_gateway_is_never_redeemed(hello: Hello) -> None:
    answer = hello.launch(MIA, iss="http://gateway.example")

    assert answer.status_code == 400
    assert hello.gateway.calls == []


@pytest.mark.parametrize("query", ["", "?iss=", "?code=abc", "?code=&iss=&code=x"])
def test_a_launch_without_code_or_gateway_is_refused(hello: Hello, query: str) -> None:
    assert hello.get(f"/launch{query}").status_code == 400
    assert hello.gateway.calls == []


def test_a_gateway_that_answers_nonsense_is_survived(hello: Hello) -> None:
    hello.gateway.raw = b"<html>Bad gateway</html>"

    assert hello.launch(MIA).status_code == 400


@pytest.mark.parametrize("path", ["/", "/elsewhere", "/favicon.ico"])
def test_a_visit_without_a_launch_is_told_where_to_begin(hello: Hello, path: str) -> None:
    answer = hello.get(path)

    assert answer.status_code == 404
    assert "Open this tool by a link in your course." in answer.text


def test_a_made_up_session_is_none(hello: Hello) -> None:
    assert hello.visit("hello_session=made-up").status_code == 404


def test_no_page_is_kept_by_a_browser(hello: Hello) -> None:
    assert hello.get("/").headers["Cache-Control"] == "no-store"


def test_it_is_shorter_than_eighty_lines() -> None:
    assert len(PROGRAM.read_text(encoding="utf-8").splitlines()) < 80


# ----------------------------------------------------------------------- fixtures


def changed(**parts: dict[str, Any]) -> dict[str, Any]:
    launch = copy.deepcopy(MIA)
    for name, members in parts.items():
        launch[name].update(members)
    return launch


def cookie_of(answer: httpx2.Response) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0]


def first_cookie(hello: Hello) -> str:
    return cookie_of(hello.launch(MIA))


@dataclass
class Call:
    path: str
    form: dict[str, list[str]]
    basic: str


@dataclass
class Gateway:
    address: str
    launch: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    raw: bytes | None = None
    calls: list[Call] = field(default_factory=list)


@dataclass
class Hello:
    browser: httpx2.Client
    gateway: Gateway

    def get(self, path: str, cookies: str = "") -> httpx2.Response:
        self.browser.cookies.clear()
        return self.browser.get(path, headers={"Cookie": cookies})

    def launch(
        self,
        launch: dict[str, Any],
        *,
        code: str = "code",
        iss: str | None = None,
        cookies: str = "",
    ) -> httpx2.Response:
        self.gateway.launch = launch
        query = httpx2.QueryParams({"code": code, "iss": iss or self.gateway.address})
        return self.get(f"/launch?{query}", cookies)

    def visit(self, cookie: str) -> httpx2.Response:
        return self.get("/", cookie)

    def open(self, launch: dict[str, Any]) -> str:
        answer = self.visit(cookie_of(self.launch(launch)))
        assert answer.status_code == 200
        return answer.text


@pytest.fixture(scope="module")
def running_hello() -> Iterator[Hello]:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with token_endpoint() as gateway:
        environment = {
            **os.environ,
            "HELLO_GATEWAY": gateway.address,
            "HELLO_CLIENT_ID": "hello-client",
            "HELLO_CLIENT_SECRET": "hello-secret",
            "HELLO_PORT": str(port),
        }
        program = subprocess.Popen(mortal(sys.executable, PROGRAM), env=environment)
        try:
            wait_until_it_listens(port)
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as browser:
                yield Hello(browser, gateway)
        finally:
            program.terminate()
            program.wait(timeout=10)


@pytest.fixture
def hello(running_hello: Hello) -> Hello:
    gateway = running_hello.gateway
    gateway.calls, gateway.status, gateway.raw = [], 200, None
    return running_hello


def wait_until_it_listens(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("hello_tool did not start")


@contextmanager
def token_endpoint() -> Iterator[Gateway]:
    class TokenEndpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            scheme, _, login = self.headers["Authorization"].partition(" ")
            assert scheme == "Basic"
            basic = base64.b64decode(login).decode()
            gateway.calls.append(Call(self.path, parse_qs(body), basic))
            answer = {"access_token": "t", "token_type": "Bearer", "launch": gateway.launch}
            self.send_response(gateway.status)
            self.end_headers()
            self.wfile.write(gateway.raw or json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), TokenEndpoint)
    gateway = Gateway(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
