"""A day of good and bad launches with marked secrets, and then everything that was written is searched for them.

Each secret may stand where it belongs: the code in the address that the browser is sent to, the proof in its cookie,
hints and state on their way through the LMS, and what the tool is given in the answer to the tool. Nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx2
import psycopg
import pytest

from gatelodge.storage.tables import metadata
from tests.cli.terminal import Terminal
from tests.hostile.processes import Running, running
from tests.support.browsers import Browser, at_home, code_of
from tests.support.gateways import OTTO
from tests.support.lms import CLAIM, Lms
from tests.support.people import SESSION_COOKIE
from tests.support.postgres import upgrade
from tests.support.postgres_server import Server, own_server
from tests.support.processes import environment

pytestmark = pytest.mark.asyncio

PERSONAL = {
    "name": "Mia Quillfeather",
    "given_name": "Mia-Quillfeather-given",
    "family_name": "Quillfeather-family",
    "middle_name": "Quillfeather-middle",
    "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
        "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
        "lineitems": "https://elsewhere.example/items?token=marked-sesskey",
    },
    "email": "mia.marked@northfield.example",
    "picture": "https://lms.example/marked-picture.png",
    CLAIM + "lis": {"person_sourcedid": "marked-sourced-id"},
    CLAIM + "custom": {"chapter": "marked-custom-value"},
    CLAIM + "launch_presentation": {
        "return_url": "https://lms.example/back?sesskey=marked-sesskey",
        "document_target": "iframe",
    },
}
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
DEEP_LINKING: dict[str, Any] = {
    CLAIM + "message_type": "LtiDeepLinkingRequest",
    f"{DL}deep_linking_settings": {
        "deep_link_return_url": "https://lms.example/return?sesskey=marked-return-key",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
        "data": "marked-deep-link-data",
    },
}
REVIEW = {
    CLAIM + "message_type": "LtiSubmissionReviewRequest",
    CLAIM + "for_user": {
        "user_id": "9",
        "name": "Jo Marked-Reviewed",
        "email": "jo.marked@northfield.example",
        "person_sourcedid": "marked-reviewed-id",
    },
}
MARKS = [
    *("Quillfeather", "mia.marked", "marked-picture", "marked-sourced-id", "marked-custom-value"),
    *("marked-sesskey", "marked-return-key", "marked-deep-link-data", "marked-login-hint"),
    *("Marked-Reviewed", "jo.marked", "marked-reviewed-id", "marked-message-hint"),
]


Written = Callable[[], Iterator[tuple[str, str]]]
"""Names and contents."""


@dataclass
class Day:
    """Asks, remembers every secret that was handed out, and looks for them in what is answered."""

    process: Running
    http: httpx2.AsyncClient
    secrets: set[str] = field(default_factory=lambda: set(MARKS))
    answers: list[httpx2.Response] = field(default_factory=list)

    @property
    def browser(self) -> Browser:
        return Browser(self.http, self.process.campus)

    def keep(self, *secrets: str) -> None:
        assert all(len(each) > 10 for each in secrets)
        self.secrets.update(secrets)

    def keep_token(self, token: str) -> None:
        """And its parts: the payload alone is a name in other letters."""
        self.keep(token, *token.split(".")[1:])

    async def launch(self, **claims: object) -> httpx2.Response:
        """A click with everything marked; what it is answered is kept to be searched."""
        begun = await self.browser.login(
            login_hint="marked-login-hint", lti_message_hint="marked-message-hint"
        )
        token = self.browser.token(begun, **{**PERSONAL, **claims})
        self.keep_token(token)
        self.keep(begun.state, begun.state.rpartition(".")[2])
        answer = await self.browser.post(begun, token)
        self.answers.append(answer)
        # The same once more, and with an error beside it.
        self.answers.append(await self.browser.post(begun, token, error="access_denied"))
        return answer

    async def redeem(self, launched: httpx2.Response) -> None:
        """Once as it should be, and then in every way that it shouldn't."""
        code = code_of(launched)
        secret = self.process.campus.hello_secret
        # The first part of a code is the launch's id, which is no secret.
        self.keep(code.partition(".")[2], secret)
        given = await self.browser.redeem(launched)
        self.keep(given["access_token"])
        self.keep_token(given["id_token"])
        client_id = self.process.campus.hello.client_id
        form = {"grant_type": "authorization_code", "code": code}
        self.answers += [
            await self.http.post("/oauth/token", data=form, auth=(client_id, secret)),
            await self.http.post("/oauth/token", data=form, auth=(client_id, f"{secret}x")),
            await self.http.post("/oauth/token", data=form | {"client_secret": secret}),
            await self.http.post("/oauth/token", params=form, data={"client_id": secret}),
            await self.http.post("/oauth/token", data=form | {"code": given["access_token"]}),
            await self.http.get("/oauth/token", params=form, auth=(client_id, secret)),
            await self.http.get("/nothing", params=form | {"secret": secret}),
            await self.http.get(f"/{code}", headers={"authorization": f"Bearer {code}"}),
        ]

    async def sign_in(self) -> None:
        """As the first operator by a set-up link, then with the password, and with wrong ones."""
        gateway, password = self.process.campus.gateway, "marked-words-of-a-password"
        link = gateway.setup_links.make(OTTO).removeprefix(gateway.addresses.base)
        self.keep(link.rpartition("/")[2], password, password[:-1], "marked-" * 40)
        email = "olga@host.example"
        signed_in = 0
        person = {"name": "Olga", "email": email, "password": password, "tenant": "Northfield"}
        for form, address in (
            ({**person, "password": "marked-" * 40}, link),
            (person, link),
            (person, link),
            ({"email": email, "password": password[:-1]}, "/sign-in"),
            ({"email": "eve@host.example", "password": password}, "/sign-in"),
            ({"email": email, "password": password}, "/sign-in"),
        ):
            self.answers.append(await self.submit(address, form))
            token = self.http.cookies.get(SESSION_COOKIE)
            if token:
                signed_in += 1
                self.keep(token)
                self.answers.append(await self.http.get("/portal/sessions"))
                self.http.cookies.delete(SESSION_COOKIE)
        assert signed_in == 2

    async def submit(self, address: str, form: dict[str, str]) -> httpx2.Response:
        page = await self.http.get(address)
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
        origin = self.process.campus.gateway.addresses.base
        data = {**form, "csrf": token[1] if token else ""}
        return await self.http.post(address, data=data, headers={"origin": origin})

    async def go_astray(self) -> None:
        """What belongs in one place, sent to others."""
        begun = await self.browser.login(login_hint="marked-login-hint")
        token = self.browser.token(begun, **PERSONAL)
        self.keep_token(token)
        self.keep(begun.state)
        form = {"id_token": token, "state": begun.state}
        for path in ("/lti/hello/login", "/lti/nobody/launch", "/oauth/token", "/lti/keys", "/"):
            for accept in ("text/html", "application/json"):
                headers = {"accept": accept}
                self.answers += [
                    await self.http.post(path, data=form, headers=headers),
                    await self.http.post(path, json=form, headers=headers),
                    await self.http.get(path, params=form, headers=headers),
                ]
        for target in ("https://lms.example/", "https://lti.example/lti/other/launch", "rubbish"):
            self.answers.append(
                await self.browser.begin(target_link_uri=f"{target}?sesskey=marked-sesskey")
            )
        broken = [token[:-5], token + "x", f"{token}.x", "e30." + token, token.replace(".", "..")]
        for each in broken:
            self.answers.append(await self.browser.post(begun, each))
        self.answers.append(await self.http.post("/lti/hello/launch", data={"state": token}))
        self.answers.append(
            await self.http.post("/lti/hello/launch", data={**form, "state": begun.state + "x"})
        )
        self.answers.append(
            await self.http.post("/lti/hello/login", data={"iss": "https://nobody.example", **form})
        )


REFUSED = [
    {"aud": "somebody else"},
    {"exp": 1_000_000_000},
    {"nonce": "another"},
    {"key": "nobody's"},
    {"header": {"kid": "unknown"}},
    {"header": {"alg": "HS256"}},
    {"header": {"alg": "none"}},
    {"iss": None},
    {"sub": "Quillfeather\x00"},
    {"sub": ["Quillfeather"]},
    {"email": {"Quillfeather": ["mia.marked"]}, "sub": 7},
    {CLAIM + "roles": "odd"},
    {CLAIM + "version": "odd"},
    {CLAIM + "message_type": "odd"},
    {CLAIM + "deployment_id": None},
    {CLAIM + "target_link_uri": "https://lms.example/?sesskey=marked-sesskey"},
    {CLAIM + "resource_link": {"id": None, "title": "Quillfeather"}},
    {CLAIM + "context": {"id": ["Quillfeather"]}},
    {**DEEP_LINKING, CLAIM + "custom": "Quillfeather"},
    {
        CLAIM + "message_type": "LtiDeepLinkingRequest",
        f"{DL}deep_linking_settings": {
            **DEEP_LINKING[f"{DL}deep_linking_settings"],
            "deep_link_return_url": "ftp://lms.example/return?sesskey=marked-return-key",
        },
    },
    {**REVIEW, CLAIM + "for_user": {"name": "Quillfeather"}},
]


@pytest.fixture
def written_by_sqlite(process: Running) -> tuple[Running, Written]:
    """The write-ahead log and whatever else lies there, while the process still has them open."""
    return process, lambda: files(process.campus.directory, among_them="*-wal")


@pytest.fixture
def written_by_postgresql(
    served_lmss: tuple[Lms, Lms], tmp_path: Path
) -> Iterator[tuple[Running, Written]]:
    """Every row, the write-ahead log, and a log of every statement with its values."""
    everything = {"log_statement": "all", "log_parameter_max_length": "-1", "fsync": "off"}
    with own_server("--wal-segsize=1", **everything) as server:
        upgrade(server.address)
        with running(server.address, tmp_path, served_lmss) as process:
            yield process, lambda: of_server(server, tmp_path)


@pytest.mark.parametrize(
    "written",
    ["written_by_sqlite", pytest.param("written_by_postgresql", marks=pytest.mark.postgresql)],
)
async def test_no_secret_is_found_where_it_does_not_belong(
    request: pytest.FixtureRequest, written: str
) -> None:
    process, all_written = request.getfixturevalue(written)
    async with httpx2.AsyncClient(base_url=process.address, cookies=at_home()) as http:
        day = Day(process, http)
        for more in ({}, DEEP_LINKING, REVIEW):
            await day.redeem(await day.launch(**more))
        for wrong in REFUSED:
            await day.launch(**wrong)
        await day.sign_in()
        await day.go_astray()
        day.keep(*(cookie.value or "" for cookie in http.cookies.jar))
        day.answers += [await http.get(each) for each in ("/metrics", "/readyz", "/", "/lti/keys")]

        found = [
            *(("an answer", each.text + str(headers_of(each))) for each in day.answers),
            ("the log", process.log),
            *await asyncio.to_thread(lambda: list(typed(process))),
            *all_written(),
        ]

    assert {"accepted", "refused"} <= set(process.log.replace('"', " ").split())
    leaks = {
        (where, secret)
        for where, text in found
        for secret in day.secrets
        if any(form in text for form in forms(secret))
    }
    assert leaks == set()


def headers_of(answer: httpx2.Response) -> dict[str, str]:
    """But the code goes to the tool with the browser, state and hints to the LMS, the proof into a cookie."""
    belongs = {"location", "set-cookie"} if answer.status_code in (302, 303) else set()
    return {name: value for name, value in answer.headers.items() if name not in belongs}


def typed(process: Running) -> Iterator[tuple[str, str]]:
    """What an operator sees at the command line, as long as he doesn't ask for a person's data."""
    terminal, settings = Terminal(), environment(process.campus)
    launches = terminal.json("launch", "list", "--limit", "200", **settings)
    assert {each["outcome"] for each in launches} == {"accepted", "refused"}
    for words in (
        ("launch", "list"),
        *(("launch", "show", each["id"]) for each in launches),
        *((part, "list") for part in LISTED),
        ("doctor",),
    ):
        for more in ((), ("--json",)):
            said = terminal.type(*words, *more, **settings)
            yield " ".join(["gatelodge", *words, *more]), said.output


LISTED = ("tenant", "account", "tool", "registration", "deployment", "key")


def files(directory: Path, *, among_them: str) -> Iterator[tuple[str, str]]:
    kept = [each for each in directory.rglob("*") if each.is_file()]
    assert any(each.match(among_them) for each in kept)
    for each in kept:
        yield each.name, each.read_bytes().decode("latin-1")


def of_server(server: Server, directory: Path) -> Iterator[tuple[str, str]]:
    assert "INSERT INTO launches" in server.log
    assert "Parameters: $1 = " in server.log
    yield "the log of PostgreSQL", server.log
    with psycopg.connect(server.address) as connection:
        for name in metadata.tables:
            rows = connection.execute(f"SELECT t::text FROM {name} AS t").fetchall()  # noqa: S608
            yield f"the table {name}", str(rows)
    yield from files(server.data / "pg_wal", among_them="0000*")
    yield from files(directory, among_them="log")


def forms(secret: str) -> set[str]:
    """As it is, and as an address, a header or a dump would have it."""
    raw = secret.encode()
    encoded = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return {secret, quote(secret, safe=""), quote_plus(secret), encoded, raw.hex()}
