"""Northfield's gateway and its provider on an internet of their own, and people who sign in there in real browsers.

The provider is `oidc-provider` from npm; where there is no npm, it is `oidc-provider-mock` from PyPI.

A room of tests takes the fixtures by importing them: `from tests.journeys.northfield import *`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.responses import HTMLResponse

from gatelodge.assembly import Gateway
from gatelodge.services.sealing import Sealer
from gatelodge.settings import Settings
from gatelodge.storage import schema
from gatelodge.storage.database import Database
from gatelodge.web.app import create_app
from tests.journeys.internet import Internet
from tests.support.gateways import OTTO, SECRET_KEY
from tests.support.partner_providers import (
    NORTHFIELD,
    campus_settings,
    entra_settings,
    mock_provider,
    node_provider,
)
from tests.support.processes import reserved_port
from tests.support.requirements import find_npm

__all__ = ["open_browser", "place"]

GATE = "https://gate.northfield.example"
TOOL = "https://hello.example"


@dataclass
class Place:
    internet: Internet
    gateway: Gateway
    sign_in: Callable[[Page, str], None]


OpenBrowser = Callable[..., Page]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    folder = tmp_path_factory.mktemp("northfield")
    with a_provider() as (oidc, sign_in), Internet(folder) as internet:
        gateway = open_gateway(folder, internet, oidc)
        internet.serve(create_app(gateway), urlsplit(GATE).netloc)
        internet.serve(HTMLResponse("<h1>The tool is open</h1>"), urlsplit(TOOL).netloc)
        yield Place(internet, gateway, sign_in)
    gateway.close()


@contextmanager
def a_provider() -> Iterator[tuple[str, Callable[[Page, str], None]]]:
    """Settings, and how one signs in there."""
    if find_npm() is None:
        with mock_provider() as address:
            yield campus_settings(address), sign_in_at_mock
        return
    with node_provider(GATE) as address, reserved_port() as nobody:
        one_that_is_down = campus_settings(f"http://127.0.0.1:{nobody}", "down")
        yield (
            entra_settings(address)
            + campus_settings(f"{address}/campus")
            + one_that_is_down.replace("Northfield University", "Northfield's annexe"),
            sign_in,
        )


def open_gateway(folder: Path, internet: Internet, oidc: str) -> Gateway:
    """With the names and certificates of this internet; providers alone speak plain http."""
    address = f"sqlite:///{folder}/gatelodge.db"
    settings = Settings(
        base_url=GATE,
        database_url=address,
        data_dir=folder,
        development=True,
        outbound_allow=("127.0.0.1", "localhost"),
        outbound_proxy=internet.proxy,
        oidc=oidc,
    )
    database = Database.open(address)
    schema.upgrade(database)
    gateway = Gateway(settings, database, Sealer([SECRET_KEY]), tls=internet.trusted)
    gateway.tenants.add(OTTO, "Northfield")
    gateway.tools.add(OTTO, "hello", "Hello", f"{TOOL}/launch")
    return gateway


@pytest.fixture
def open_browser(chromium: Browser, place: Place) -> Generator[OpenBrowser]:
    """A browser of somebody's own; a name signs that person in, of Northfield's directory."""
    contexts: list[BrowserContext] = []

    def open_one(person: str = "", *, script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=GATE,
            proxy={"server": place.internet.proxy},
            ignore_https_errors=True,
            java_script_enabled=script,
            reduced_motion="reduce",
            viewport={"width": 1280, "height": 900},
        )
        contexts.append(context)
        page = context.new_page()
        if person:
            page.goto("/portal")
            place.sign_in(page, person)
            expect(page).to_have_url(re.compile(f"{GATE}/portal"))
        return page

    yield open_one
    for context in contexts:
        context.close()


def sign_in(page: Page, person: str, directory: str = NORTHFIELD) -> None:
    """From the gateway's sign-in page by way of a directory of the provider of many."""
    page.get_by_role("button", name="Microsoft Entra ID").click()
    page.get_by_role("link", name=directory).click()
    at_provider(page, person)


def sign_in_at_mock(page: Page, person: str) -> None:
    page.get_by_role("button", name="Northfield University").click()
    page.locator('input[name="sub"]').fill(person)
    page.get_by_role("button", name="Authorize", exact=True).click()


def at_provider(page: Page, person: str) -> None:
    """The provider's own pages: who one is, and that the gateway may know it."""
    page.locator('input[name="login"]').fill(person)
    page.locator('input[name="password"]').fill("any will do")
    page.locator('button[type="submit"]').click()
    page.locator('button[type="submit"]').click()
