"""The smallest honest tool behind Gatelodge: it greets whoever comes through the gate."""

import json
import os
import secrets
from base64 import b64encode
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

GATEWAY = os.environ["HELLO_GATEWAY"]
LOGIN = b64encode(f"{os.environ['HELLO_CLIENT_ID']}:{os.environ['HELLO_CLIENT_SECRET']}".encode())
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Hello</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>main {{ font: 1.125rem/1.5 system-ui; margin: 2rem }}</style>
<main><h1>{title}</h1><p>{text}</p></main></html>"""
sessions: dict[str, dict[str, Any]] = {}


def redeem(code: str) -> dict[str, Any]:
    """Trade the one-time code for the launch, which is true: the gateway itself tells us."""
    form = urlencode({"grant_type": "authorization_code", "code": code}).encode()
    call = Request(f"{GATEWAY}/oauth/token", form, {"Authorization": f"Basic {LOGIN.decode()}"})  # noqa: S310
    with urlopen(call, timeout=10) as answer:  # noqa: S310
        return dict(json.load(answer)["launch"])


def greeting(launch: dict[str, Any]) -> tuple[str, str]:
    """What to say. Names, course and link may be missing; an unknown role gives no rights."""
    name = launch["person"]["name"] or launch["person"]["given_name"]
    roles, course = launch["roles"], (launch["context"] or {}).get("title")
    role = "a teacher" if roles["instructor"] else "a student" if roles["learner"] else "a guest"
    link = (launch["resource_link"] or {}).get("title")
    text = f"You are {role} in {course}." if course else f"You are {role}."
    return f"Hello, {name}" if name else "Hello", f"{text} You opened “{link}”." if link else text


class HelloTool(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        address = urlsplit(self.path)
        cookie = SimpleCookie(self.headers.get("Cookie")).get("hello_session")
        if address.path == "/launch":
            self.launch(parse_qs(address.query))
        elif address.path == "/" and cookie and cookie.value in sessions:
            self.show(200, *greeting(sessions[cookie.value]))
        else:
            self.show(404, "Nobody is here yet", "Open this tool by a link in your course.")

    def launch(self, sent: dict[str, list[str]]) -> None:
        try:
            launch = redeem(sent["code"][0]) if sent["iss"] == [GATEWAY] else None
        except (OSError, ValueError, KeyError):
            launch = None
        if launch is None:
            return self.show(400, "This link can't be used again", "Click it in your course again.")
        # A redirect doesn't prove who began it, so a launch never joins a session that is there.
        sessions[session := secrets.token_urlsafe(32)] = launch
        while len(sessions) > 10_000:
            sessions.pop(next(iter(sessions)), None)
        cookie = f"hello_session={session}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
        return self.show(303, "Hello", "", **{"Location": "/", "Set-Cookie": cookie})

    def show(self, status: int, title: str, text: str, **more: str) -> None:
        self.send_response(status)
        usual = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        for header in (usual | more).items():
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(PAGE.format(title=escape(title), text=escape(text)).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing: addresses hold codes."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["HELLO_PORT"])), HelloTool).serve_forever()
