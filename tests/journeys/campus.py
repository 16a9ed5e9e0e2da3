"""A gateway as a process of its own, and a hand in its database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext

from gatelodge.assembly import Gateway, open_gateway
from gatelodge.services.caller import Caller
from gatelodge.settings import Settings
from gatelodge.storage.database import Database
from tests.support.gateways import HELLO, OTTO, SECRET_KEY
from tests.support.people import SESSION_COOKIE, add_person
from tests.support.processes import reserved_port, serving_process


@dataclass
class Place:
    """``gateway`` looks into the same database as the process that serves at ``address``."""

    gateway: Gateway
    address: str

    @property
    def ada(self) -> Caller:
        return Caller.admin("ada", self.gateway.tenants.find(OTTO, "northfield").id)

    def sign_in(self, context: BrowserContext, name: str = "Ada") -> None:
        campus: Any = _AsCampus(self.gateway)
        token = self.gateway.sessions.begin(add_person(campus, name))
        context.add_cookies(
            [
                {
                    "name": SESSION_COOKIE,
                    "value": token,
                    "url": self.address.replace("http:", "https:"),
                    "secure": True,
                    "httpOnly": True,
                }
            ]
        )


@dataclass
class _AsCampus:
    """As much of a campus as adding a person takes."""

    gateway: Gateway

    @property
    def database(self) -> Database:
        return self.gateway.database

    def tenant(self, slug: str) -> str:
        return self.gateway.tenants.find(OTTO, slug).id


@contextmanager
def opened(folder: Path, *, allow: str = "") -> Iterator[Place]:
    """``allow`` is where the gateway may reach an LMS of ours."""
    with reserved_port() as port, _gateway(folder, f"http://127.0.0.1:{port}") as gateway:
        gateway.tenants.add(OTTO, "Northfield")
        gateway.tools.add(OTTO, "hello", "Hello", HELLO)
        ours = {
            "GATELODGE_BASE_URL": gateway.settings.base_url,
            "GATELODGE_DATABASE_URL": gateway.settings.database_url,
            "GATELODGE_DATA_DIR": str(folder),
            "GATELODGE_SECRET_KEYS": SECRET_KEY,
            "GATELODGE_DEVELOPMENT": "true",
            "GATELODGE_OUTBOUND_ALLOW": allow,
        }
        kept = {
            name: each for name, each in os.environ.items() if not name.startswith("GATELODGE_")
        }
        with serving_process(kept | ours, folder / "log", port=port):
            yield Place(gateway, gateway.settings.base_url)


@contextmanager
def _gateway(folder: Path, base: str) -> Iterator[Gateway]:
    settings = Settings(
        base_url=base,
        database_url=f"sqlite:///{folder}/gatelodge.db",
        data_dir=folder,
        secret_keys=(SECRET_KEY,),
        development=True,
    )
    gateway = open_gateway(settings, check_for_serving=False)
    try:
        yield gateway
    finally:
        gateway.close()
