"""A simulated LMS to ask, a browser in front of it, and a tool's side of the conversation."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.testclient import TestClient

from gatelodge.simulator import PlacedTool, Purpose, SimulatorConfig, create_app

LMS = "https://lms.northfield.example"
TOOL = "https://gateway.example/lti/hello"


def placed(purpose: Purpose = Purpose.COURSE, client_id: str = "hello-at-northfield") -> PlacedTool:
    return PlacedTool(
        label="Hello",
        login_url=f"{TOOL}/login",
        target_link_uri=f"{TOOL}/launch",
        redirect_uris=(f"{TOOL}/launch",),
        client_id=client_id,
        deployment_id="1",
        purpose=purpose,
    )


def config(**changes: Any) -> SimulatorConfig:
    every_tool = tuple(placed(purpose, f"{purpose}-at-northfield") for purpose in Purpose)
    return SimulatorConfig(**{"base_url": LMS, "tools": every_tool, **changes})


@dataclass
class SentForm:
    """The one form of a page that sends itself on."""

    address: str
    method: str
    fields: list[tuple[str, str]]

    def __getitem__(self, name: str) -> str:
        [value] = [v for n, v in self.fields if n == name]
        return value

    def __contains__(self, name: str) -> bool:
        return name in dict(self.fields)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: SentForm | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.form = SentForm(values["action"], values["method"], [])
        if tag == "input" and self.form is not None:
            self.form.fields.append((values["name"], values["value"]))


def form_in(page: str) -> SentForm:
    reader = _FormReader()
    reader.feed(page)
    assert reader.form is not None, page
    return reader.form


class Browser:
    """Somebody at a browser that shows pages of the LMS; nothing is sent to the tool."""

    def __init__(self, **changes: Any) -> None:
        allow_control = changes.pop("allow_control", False)
        self.config = config(**changes)
        app = create_app(self.config, allow_control=allow_control)
        self.web = TestClient(app, base_url=self.config.base_url, follow_redirects=False)

    def become(self, person_id: str) -> None:
        assert self.web.post("/people", data={"person": person_id}).status_code == 303

    def click(self, scenario: str = "plain", **more: str) -> SentForm:
        answer = self.web.get("/open", params={"link": "11", "scenario": scenario, **more})
        assert answer.status_code == 200, answer.text
        return form_in(answer.text)

    def request_for(self, login: SentForm, **changes: str | None) -> dict[str, str]:
        """What a tool asks after this login (Security Framework 5.1.1.2); None leaves out."""
        fields: dict[str, str | None] = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": login["client_id"],
            "redirect_uri": f"{TOOL}/launch",
            "login_hint": login["login_hint"],
            "lti_message_hint": login["lti_message_hint"],
            "state": "the-state",
            "nonce": "the-nonce",
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def launch(self, scenario: str = "plain", **more: str) -> SentForm:
        request = self.request_for(self.click(scenario, **more))
        answer = self.web.get("/authorize", params=request)
        assert answer.status_code == 200, answer.text
        return form_in(answer.text)

    def claims(self, scenario: str = "plain", **more: str) -> dict[str, Any]:
        return Token(self.launch(scenario, **more)["id_token"]).claims

    def key_set(self) -> dict[str, dict[str, Any]]:
        return {key["kid"]: key for key in self.web.get("/jwks").json()["keys"]}


class Token:
    """A token, read by hand: a second opinion that shares no code with what made it."""

    def __init__(self, compact: str) -> None:
        self.signed, _, signature = compact.rpartition(".")
        self.signature = decoded(signature)
        header, payload = self.signed.split(".")
        self.header: dict[str, Any] = json.loads(decoded(header))
        self.payload = decoded(payload)
        self.claims: dict[str, Any] = json.loads(self.payload)

    def is_signed_by(self, key: dict[str, Any]) -> bool:
        try:
            public_key(key).verify(
                self.signature, self.signed.encode(), PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return False
        return True


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def public_key(key: dict[str, Any]) -> RSAPublicKey:
    exponent, modulus = (int.from_bytes(decoded(key[name]), "big") for name in ("e", "n"))
    return RSAPublicNumbers(exponent, modulus).public_key()


def pem_of(key: dict[str, Any]) -> bytes:
    return public_key(key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
