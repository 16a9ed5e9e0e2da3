"""What a real Moodle sent, as values; tests/partners/moodle/README.md says how it was recorded."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("moodle")

ISSUER = "http://localhost:8080"
AUTHORIZATION = f"{ISSUER}/mod/lti/auth.php"
TOKENS = f"{ISSUER}/mod/lti/token.php"
SERVICES = f"{ISSUER}/mod/lti/services.php"

Json = dict[str, Any]


@dataclass(frozen=True)
class Recording:
    """One message: the login, the request that Moodle accepted, and the form it posted."""

    name: str
    login: dict[str, str]
    request: dict[str, str]
    form: dict[str, str]

    @property
    def id_token(self) -> str:
        return self.form["id_token"]

    @property
    def claims(self) -> Json:
        """The payload, looked at without the gateway's own readers."""
        payload = self.id_token.split(".")[1]
        claims: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims

    @property
    def target_link_uri(self) -> str:
        return self.login["target_link_uri"]


def recording(name: str) -> Recording:
    found = json.loads((_FOLDER / "messages" / f"{name}.json").read_text())
    return Recording(
        name,
        found["login_initiation"],
        found["authentication_request"],
        found["authentication_response"],
    )


def login_initiations() -> dict[str, dict[str, str]]:
    logins: dict[str, dict[str, str]] = json.loads((_FOLDER / "login-initiations.json").read_text())
    return logins


def key_set() -> bytes:
    return (_FOLDER / "key-set.json").read_bytes()


NAMES = sorted(each.stem for each in (_FOLDER / "messages").glob("*.json"))
