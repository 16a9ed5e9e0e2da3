"""How an operator describes OpenID providers, and what is refused of it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from gatelodge.services.caller import Role
from gatelodge.services.providers import Provider, read_providers

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
CAMPUS = {"issuer": "https://id.example", "client_id": "gatelodge"}


def read_one(**fields: Any) -> Provider:
    [provider] = read_providers({"campus": {**CAMPUS, **fields}})
    return provider


def test_the_examples_of_the_reference_can_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    text = REFERENCE.read_text(encoding="utf-8")
    examples = [each.partition("```")[0] for each in text.split("```toml\n")[1:]]

    providers = [
        provider
        for each in examples
        for provider in read_providers(
            tomllib.loads(
                each.replace("/run/secrets/entra", str(secret))
                .replace("/run/secrets/google", str(secret))
                .replace("/run/secrets/campus", str(secret))
            )
        )
    ]

    assert [each.key for each in providers] == ["entra", "google", "campus"]
    assert {each.client_secret for each in providers} == {"s3cret"}
    entra, google, campus = providers
    assert entra.roles[0].role is Role.ADMIN
    assert google.tenant_claim == "hd"
    assert campus.tenant == "northfield"
    assert campus.discovery.endswith("/realms/staff/.well-known/openid-configuration")


def test_an_issuer_of_many_directories_is_that_of_the_tokens_own() -> None:
    [entra] = read_providers({"entra": {"preset": "entra", "client_id": "c"}})

    assert entra.issuer_of("abc-1") == "https://login.microsoftonline.com/abc-1/v2.0"
    assert entra.may_be("https://login.microsoftonline.com/abc-1/v2.0")
    assert not entra.may_be("https://login.microsoftonline.com/abc/../v2.0/v2.0")
    assert not entra.may_be("https://login.microsoftonline.com.example/abc-1/v2.0")


@pytest.mark.parametrize("tid", [None, 7, "", "a/b", "a?b", "{tid}", "x" * 65, "a\n"])
def test_a_directory_that_is_no_name_has_no_issuer(tid: object) -> None:
    [entra] = read_providers({"entra": {"preset": "entra", "client_id": "c"}})

    assert entra.issuer_of(tid) is None


def rule(**fields: Any) -> dict[str, Any]:
    return {"role": "admin", "claim": "roles", "value": "a", **fields}


WRONG = [
    ({"issuer": "http://id.example"}, "must be an address that begins with https://"),
    ({"issuer": ""}, "must be a text"),
    ({"client_id": None}, "client_id of campus is missing"),
    ({"preset": "okta"}, "is 'okta'; there are entra, google"),
    ({"colour": "blue"}, "colour of campus isn't known"),
    ({"scopes": "profile"}, "lacks openid"),
    ({"tenants": ["a"]}, "must be a table"),
    ({"roles": "admin"}, "must be tables that begin with [[campus.roles]]"),
    ({"roles": [rule(role="king")]}, "is 'king'; there are operator, admin, educator"),
    ({"roles": [rule(value=[])]}, "must be a text, or a list of texts"),
    ({"roles": [rule(value=7)]}, "must be a text, or a list of texts"),
    ({"roles": [rule(claims="x")]}, "claims of campus.roles number 1 isn't known"),
    ({"client_secret": "a", "client_secret_file": "b"}, "keep one of them"),
    ({"client_secret_file": "/nowhere/at/all"}, "can't be read"),
    ({"tenant_claim": "email"}, "relies on email, which proves nothing"),
    ({"roles": [rule(claim="upn")]}, "relies on upn, which proves nothing"),
    (
        {"tenant_claim": "org", "roles": [rule(role="operator")]},
        "must say for an operator of which org",
    ),
    (
        {"issuer": "https://id.example/{tid}", "discovery": "https://id.example", "tenant": "n"},
        "would take everybody of every directory",
    ),
]


@pytest.mark.parametrize(("fields", "sentence"), WRONG)
def test_what_is_wrong_is_said_in_one_sentence(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^GATELODGE_OIDC") as wrong:
        read_one(**fields)

    assert sentence in str(wrong.value)


@pytest.mark.parametrize("key", ["Entra", "a b", "", "a/b", "x" * 41])
def test_a_name_that_no_address_can_hold_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="can't stand in an address"):
        read_providers({key: CAMPUS})


def test_a_secret_is_in_no_sentence() -> None:
    with pytest.raises(ValueError, match="must be a text") as wrong:
        read_one(client_secret="s3cret\nwith a line break")

    assert "s3cret" not in str(wrong.value)


def test_plain_http_is_for_development() -> None:
    tables = {"campus": {**CAMPUS, "issuer": "http://127.0.0.1:9400"}}

    [provider] = read_providers(tables, development=True)

    assert provider.issuer == "http://127.0.0.1:9400"
