"""A tool's view by a stock library: Authlib, given our discovery address and the tool's credentials, and nothing more.

The gateway is a process of its own and everything goes over HTTP. On the tool's side no code of ours runs: Authlib
finds the addresses, redeems the code that the browser brought, fetches our keys and judges the id_token.
"""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from authlib.integrations.starlette_client import OAuth, OAuthError, StarletteOAuth2App
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError, MissingClaimError

from tests.support.browsers import Browser, at_home, code_of
from tests.support.campuses import *  # noqa: F403
from tests.support.clock import Clock
from tests.support.databases import *  # noqa: F403
from tests.support.gateways import OTTO, Campus, open_campus
from tests.support.lms import CLAIM, Lms, signed
from tests.support.processes import environment, reserved_port, serving

pytestmark = pytest.mark.asyncio

OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"


@dataclass
class Served:
    """A gateway that serves at ``address``, with Hello (RS256) and Quiz (ES256) on it."""

    campus: Campus
    address: str
    secrets: dict[str, str]

    def library(self, tool: str, discovery: str = OPENID, **options: Any) -> StarletteOAuth2App:
        """What a tool's developer writes: one registration with Authlib."""
        return OAuth().register(
            "gatelodge",
            client_id=self.campus.tool(tool).client_id,
            client_secret=options.pop("client_secret", self.secrets[tool]),
            server_metadata_url=self.address + discovery,
            client_kwargs=options,
        )


@pytest.fixture(scope="module")
def served(
    served_lmss: tuple[Lms, Lms], sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("authlib")
    shutil.copyfile(sqlite_template, directory / "gatelodge.db")
    database = f"sqlite:///{directory}/gatelodge.db"
    campus = open_campus(database, directory, *served_lmss, clock=Clock(time.time())).settle()
    quiz = campus.gateway.tools.add(
        OTTO, "quiz", "Quiz", "https://quiz.example/launch", id_token_algorithm="ES256"
    )
    campus.register(tool="quiz", name="Quiz", deployment_ids=("quiz",))
    secrets = {"hello": campus.hello_secret, "quiz": quiz.client_secret}
    with reserved_port() as port:
        own = {"GATELODGE_BASE_URL": f"http://127.0.0.1:{port}"}
        with serving(environment(campus) | own, directory / "log", port=port) as address:
            yield Served(campus, address, secrets)
    campus.gateway.close()


@pytest_asyncio.fixture
async def browser(served: Served, lmss: tuple[Lms, Lms]) -> AsyncIterator[Browser]:
    async with httpx2.AsyncClient(base_url=served.address, cookies=at_home()) as http:
        served.campus.clock.now = time.time()
        yield Browser(http, served.campus)


async def launched_code(browser: Browser, served: Served, tool: str) -> str:
    """The code in the address to which a click brings the browser."""
    deployment = "quiz" if tool == "quiz" else served.campus.lms.deployment_id
    login = {
        "tool": tool,
        "target_link_uri": f"{served.address}/lti/{tool}/launch",
        "lti_deployment_id": deployment,
    }
    return code_of(await browser.launch(login=login, **{CLAIM + "deployment_id": deployment}))


# ----------------------------------------------------------------------- what it accepts


@pytest.mark.parametrize("discovery", [OPENID, OAUTH])
@pytest.mark.parametrize(("tool", "algorithm"), [("hello", "RS256"), ("quiz", "ES256")])
async def test_it_redeems_a_launch_and_knows_the_person(
    served: Served, browser: Browser, tool: str, algorithm: str, discovery: str
) -> None:
    library = served.library(tool, discovery)
    code = await launched_code(browser, served, tool)

    token = await library.fetch_access_token(code=code)
    person = await library.parse_id_token(token, nonce=None)

    assert header_of(token["id_token"])["alg"] == algorithm
    assert person["iss"] == served.address
    assert person["aud"] == served.campus.tool(tool).client_id
    assert person["sub"] == token["launch"]["person"]["id"]
    assert (person["name"], person["email"]) == ("Mia Learner", "mia.learner@northfield.example")
    assert token["launch"]["context"]["title"] == "Biology 101"
    assert token["token_type"] == "Bearer"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_it_may_show_its_secret_in_each_way_that_is_announced(
    served: Served, browser: Browser, method: str
) -> None:
    library = served.library("hello", token_endpoint_auth_method=method)
    code = await launched_code(browser, served, "hello")

    token = await library.fetch_access_token(code=code)

    assert method in (await library.load_server_metadata())["token_endpoint_auth_methods_supported"]
    assert token["launch"]["person"]["name"] == "Mia Learner"


async def test_it_may_name_the_address_at_which_the_code_arrived(
    served: Served, browser: Browser
) -> None:
    code = await launched_code(browser, served, "hello")

    token = await served.library("hello").fetch_access_token(
        code=code, redirect_uri="https://hello.example/launch"
    )

    assert token["launch"]["person"]["name"] == "Mia Learner"


# ----------------------------------------------------------------------- what it refuses


async def test_it_refuses_a_token_whose_payload_was_changed(
    served: Served, browser: Browser
) -> None:
    library, token = await redeemed(served, browser, "hello")
    header, payload, signature = token["id_token"].split(".")
    claims = json.loads(decoded(payload)) | {"sub": "somebody else"}

    with pytest.raises(BadSignatureError):
        await library.parse_id_token(
            {**token, "id_token": f"{header}.{encoded(claims)}.{signature}"}, nonce=None
        )


async def test_it_refuses_a_token_that_a_stranger_signed_under_our_key_id(
    served: Served, browser: Browser
) -> None:
    library, token = await redeemed(served, browser, "hello")
    header, payload, _ = token["id_token"].split(".")
    forged = signed(json.loads(decoded(payload)), "stranger", **json.loads(decoded(header)))

    with pytest.raises(BadSignatureError):
        await library.parse_id_token({**token, "id_token": forged}, nonce=None)


async def test_it_refuses_a_token_without_a_signature(served: Served, browser: Browser) -> None:
    library, token = await redeemed(served, browser, "hello")
    header, payload, _ = token["id_token"].split(".")
    bare = encoded(json.loads(decoded(header)) | {"alg": "none"})

    with pytest.raises(JoseError):
        await library.parse_id_token({**token, "id_token": f"{bare}.{payload}."}, nonce=None)


async def test_it_refuses_a_token_that_was_made_for_another_tool(
    served: Served, browser: Browser
) -> None:
    _, token = await redeemed(served, browser, "hello")

    # For an audience that isn't its own it asks who is authorized, and nobody is named.
    with pytest.raises(MissingClaimError, match="azp"):
        await served.library("quiz").parse_id_token(token, nonce=None)


async def test_it_refuses_a_token_that_an_lms_signed(served: Served, browser: Browser) -> None:
    library, token = await redeemed(served, browser, "hello")
    payload = token["id_token"].split(".")[1]
    of_the_lms = signed(json.loads(decoded(payload)), "first")

    with pytest.raises(InvalidKeyIdError):
        await library.parse_id_token({**token, "id_token": of_the_lms}, nonce=None)


# ----------------------------------------------------------------------- what it is refused


async def test_a_second_redemption_is_an_invalid_grant(served: Served, browser: Browser) -> None:
    library = served.library("hello")
    code = await launched_code(browser, served, "hello")
    await library.fetch_access_token(code=code)

    with pytest.raises(OAuthError) as refused:
        await library.fetch_access_token(code=code)

    assert refused.value.error == "invalid_grant"
    assert "redeemed before" in refused.value.description


async def test_a_code_of_another_tool_is_an_invalid_grant(served: Served, browser: Browser) -> None:
    code = await launched_code(browser, served, "hello")

    with pytest.raises(OAuthError) as refused:
        await served.library("quiz").fetch_access_token(code=code)

    assert refused.value.error == "invalid_grant"


async def test_a_wrong_secret_is_an_invalid_client(served: Served, browser: Browser) -> None:
    code = await launched_code(browser, served, "hello")

    with pytest.raises(OAuthError) as refused:
        await served.library("hello", client_secret="guessed").fetch_access_token(code=code)

    assert refused.value.error == "invalid_client"


# ----------------------------------------------------------------------- discovery


@pytest.mark.parametrize(
    ("path", "kind"), [(OPENID, OpenIDProviderMetadata), (OAUTH, AuthorizationServerMetadata)]
)
async def test_discovery_has_all_that_the_standards_ask_for_save_where_a_launch_stands_in(
    served: Served, browser: Browser, path: str, kind: type[AuthorizationServerMetadata]
) -> None:
    """A launch begins in the LMS, so there is no authorization endpoint to name, and none is made up."""
    text = (await browser.http.get(path)).text.replace(served.address, "https://gate.example")
    document = json.loads(text)

    with pytest.raises(ValueError, match='"authorization_endpoint" is required'):
        kind(document).validate()
    kind(document | {"authorization_endpoint": "https://gate.example/authorize"}).validate()


# ----------------------------------------------------------------------- helpers


async def redeemed(
    served: Served, browser: Browser, tool: str
) -> tuple[StarletteOAuth2App, dict[str, Any]]:
    library = served.library(tool)
    token = await library.fetch_access_token(code=await launched_code(browser, served, tool))
    assert await library.parse_id_token(token, nonce=None)
    return library, token


def header_of(token: str) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(decoded(token.partition(".")[0]))
    return header


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
