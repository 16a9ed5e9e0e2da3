"""A student's launch fails in the LMS's frame; it is reported from there, answered, passed on and mailed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select, update

from gatelodge.assembly import Gateway, open_gateway
from gatelodge.services.caller import Role
from gatelodge.services.registrations import NewRegistration
from gatelodge.settings import Settings
from gatelodge.simulator import PlacedTool, Purpose, SimulatorConfig
from gatelodge.storage import tables
from gatelodge.storage.database import Connection
from tests.support.gateways import HELLO, OTTO, SECRET_KEY
from tests.support.mail_servers import mail_server
from tests.support.mortal import mortal
from tests.support.people import SESSION_COOKIE
from tests.support.processes import GATELODGE, reserved_port, serving_process, wait_for

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"


@dataclass
class School:
    """A gateway and its settings, an LMS that runs, and the port of a mail server that doesn't."""

    gateway: Gateway
    environment: dict[str, str]
    lms: str
    port: int
    mail_port: int
    folder: Path

    @property
    def address(self) -> str:
        return self.gateway.settings.base_url

    def enter(self, chromium: Browser, account_id: str = "") -> BrowserContext:
        context = chromium.new_context(reduced_motion="reduce")
        if account_id:
            token = self.gateway.sessions.begin(account_id)
            home = self.address.replace("http:", "https:")
            context.add_cookies(
                [{"name": SESSION_COOKIE, "value": token, "url": home, "secure": True}]
            )
        return context

    def waiting(self) -> int:
        """Mails that were tried in vain."""
        tried = select(tables.mails.c.id).where(tables.mails.c.trouble.is_not(None))
        return len(self.gateway.database.read(lambda c: c.execute(tried).all()))

    def pass_an_hour(self) -> None:
        def write(connection: Connection) -> None:
            connection.execute(update(tables.mails).values(due_at=0, leased_until=0))

        self.gateway.database.write(write)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    with reserved_port() as port, reserved_port() as lms_port, reserved_port() as mail_port:
        lms = f"http://localhost:{lms_port}"
        settings = {
            "base_url": f"http://127.0.0.1:{port}",
            "database_url": f"sqlite:///{tmp_path}/gatelodge.db",
            "data_dir": str(tmp_path),
            "secret_keys": SECRET_KEY,
            "outbound_allow": f"localhost:{lms_port}",
            "smtp_url": f"smtp+plain://127.0.0.1:{mail_port}",
            "mail_from": "gatelodge@northfield.example",
        }
        gateway = open_gateway(Settings(**settings, development=True), check_for_serving=False)
        kept = {
            name: each for name, each in os.environ.items() if not name.startswith("GATELODGE_")
        }
        ours = {f"GATELODGE_{name.upper()}": each for name, each in settings.items()}
        environment = {**kept, **ours, "GATELODGE_DEVELOPMENT": "true"}
        furnish(gateway, lms)
        with simulator(lms, lms_port, gateway.settings.base_url, tmp_path):
            yield School(gateway, environment, lms, port, mail_port, tmp_path)
        gateway.close()


def furnish(gateway: Gateway, lms: str) -> None:
    gateway.tenants.add(OTTO, "Northfield")
    gateway.tools.add(OTTO, "hello", "Hello", HELLO)
    gateway.registrations.add(
        OTTO,
        NewRegistration(
            tenant="northfield",
            tool="hello",
            name="Northfield VLE",
            issuer=lms,
            client_id="hello",
            deployment_ids=("1",),
            authorization_url=f"{lms}/authorize",
            token_url=f"{lms}/token",
            key_set_url=f"{lms}/jwks",
        ),
    )


@contextmanager
def simulator(lms: str, port: int, gateway: str, folder: Path) -> Iterator[None]:
    launch = f"{gateway}/lti/hello/launch"
    hello = PlacedTool(
        label="Hello",
        login_url=f"{gateway}/lti/hello/login",
        target_link_uri=launch,
        redirect_uris=(launch,),
        client_id="hello",
        deployment_id="1",
        purpose=Purpose.COURSE,
    )
    config = SimulatorConfig(base_url=lms, tools=(hello,))
    file = folder / "lms.json"
    file.write_text(json.dumps({"base_url": config.base_url, "tools": [asdict(hello)]}))
    where = ("--config", str(file), "--host", "localhost", "--port", str(port))
    process = subprocess.Popen(
        mortal(sys.executable, "-m", "gatelodge.simulator", *where), stdout=subprocess.DEVNULL
    )
    try:
        wait_for(lms)
        yield
    finally:
        process.terminate()
        process.wait(20)


def account(school: School, name: str, role: Role) -> str:
    return school.gateway.accounts.add_local(
        OTTO,
        None if role is Role.OPERATOR else "northfield",
        role,
        name=name,
        email=f"{name.lower()}@northfield.example",
        password=PASSWORD,
    ).id


def until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError


def report_from_the_frame(page: Page, school: School) -> str:
    """The reference that the student is told."""
    page.goto(f"{school.lms}/scenarios/expired")
    frame = page.frame_locator("iframe.tool")
    frame.get_by_role("link", name="Report a problem").click()
    frame.get_by_label("What happened?").fill("I clicked Hello, and it said <b>no</b>.")
    frame.get_by_role("button", name="Send report").click()
    expect(frame.get_by_role("heading", name="Your report has been sent")).to_be_visible()
    expect(frame.get_by_text("expired")).to_have_count(0)
    return frame.locator(".reference").inner_text()


def test_from_the_frame_to_the_operator_and_by_mail(school: School, chromium: Browser) -> None:
    ada, otto = account(school, "Ada", Role.ADMIN), account(school, "Otto", Role.OPERATOR)
    log = school.folder / "log"
    with serving_process(school.environment, log, port=school.port) as (_, process):
        student = school.enter(chromium)
        reference = report_from_the_frame(student.new_page(), school)

        admin = school.enter(chromium, ada)
        page = admin.new_page()
        page.goto(f"{school.address}/portal")
        page.get_by_role("link", name="Problems 1").click()
        page.get_by_role("link", name=f"View report {reference}").click()
        expect(page.get_by_text("I clicked Hello, and it said <b>no</b>.").last).to_be_visible()
        for heading in ("Token's time was over", "What was checked"):
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
        page.get_by_label("Note").fill("The LMS's clock is wrong.")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("It has been saved.")).to_be_visible()
        page.get_by_label("Pass it on to the operator").fill("Is it ours?")
        page.get_by_role("button", name="Pass it on").click()
        expect(page.get_by_text("has been passed on to the operator")).to_be_visible()

        operator = school.enter(chromium, otto)
        page = operator.new_page()
        page.goto(f"{school.address}/portal/problems/{reference}")
        expect(page.get_by_text("Is it ours?")).to_be_visible()
        expect(page.get_by_role("heading", name="Token's time was over")).to_be_visible()

        until(lambda: school.waiting() > 0)
        process.kill()
        process.wait(20)
        for context in (student, admin, operator):
            context.close()

    school.pass_an_hour()
    with mail_server(school.mail_port) as box, worker(school):
        until(lambda: len(box.mails) == 2)
        time.sleep(1)

    told = sorted((str(each["To"]), str(each["Subject"])) for each in box.mails)
    assert told == [
        ("ada@northfield.example", f"A problem was reported: {reference}"),
        ("otto@northfield.example", f"A problem was passed on to you: {reference}"),
    ]
    assert all("clicked" not in each.get_content() for each in box.mails)


@contextmanager
def worker(school: School) -> Iterator[None]:
    process = subprocess.Popen(
        mortal(GATELODGE, "worker"), env=school.environment, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_without_script_by_keyboard_and_twice(school: School, chromium: Browser) -> None:
    with serving_process(school.environment, school.folder / "log", port=school.port):
        lms, silent = chromium.new_context(), chromium.new_context(java_script_enabled=False)
        # The simulated LMS needs script; our own pages don't.
        course, page = lms.new_page(), silent.new_page()
        course.goto(f"{school.lms}/scenarios/expired")
        way = course.frame_locator("iframe.tool").get_by_role("link", name="Report a problem")
        page.goto(school.address + str(way.get_attribute("href")))

        page.get_by_label("What happened?").press_sequentially("no")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Your report has been sent")).to_be_visible()
        first = page.locator(".reference").inner_text()
        page.go_back()
        page.reload()

        expect(page.locator(".reference")).to_have_text(first)
        for context in (lms, silent):
            context.close()
    tenant = school.gateway.tenants.find(OTTO, "northfield").id
    rows = school.gateway.database.read(
        lambda c: c.execute(select(tables.problem_reports.c.tenant_id)).scalars().all()
    )
    assert rows == [tenant]
