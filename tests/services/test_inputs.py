from __future__ import annotations

import pytest

from gatelodge.services.errors import Invalid
from gatelodge.services.inputs import Inputs, slug_of


def test_blanks_around_a_value_are_left_out_and_named() -> None:
    inputs = Inputs()

    assert inputs.identifier("client_id", " 10000000000042\n") == "10000000000042"
    assert inputs.warnings == ["Blanks around the client ID were left out."]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "The keyset URL is empty."),
        ("lms.example/keys", "The keyset URL 'lms.example/keys' isn't a full address"),
        ("ftp://lms.example/keys", "The keyset URL 'ftp://lms.example/keys' isn't a full address"),
        ("https:///keys", "The keyset URL 'https:///keys' isn't a full address"),
        ("https://lms.example:99999/keys", "The keyset URL 'https://lms.example:99999/keys' isn't"),
        ("https://[lms/keys", "The keyset URL 'https://[lms/keys' isn't an address."),
        ("http://lms.example/keys", "The keyset URL 'http://lms.example/keys' is plain http"),
        ("https://me:pw@lms.example/", "The keyset URL 'https://me:pw@lms.example/' has a name"),
        ("https://lms.example/keys#1", "The keyset URL 'https://lms.example/keys#1' has a name"),
        ("https://lms.example/my keys", "The keyset URL 'https://lms.example/my keys' has a name"),
        ("https://lms.example/\0", "The keyset URL 'https://lms.example/\\\\u0000' has characters"),
        ("https://lms.example/\ud800", "The keyset URL 'https://lms.example/\\\\ud800' has char"),
        ("https://lms.example/" + "x" * 2000, "The keyset URL is longer than 2000 characters."),
    ],
)
def test_an_address_that_cannot_be_called_is_one_sentence(value: str, sentence: str) -> None:
    with pytest.raises(Invalid) as invalid:
        Inputs().address("key_set_url", value)

    assert str(invalid.value).startswith(sentence)
    assert invalid.value.field == "key_set_url"


def test_a_developer_may_use_plain_http() -> None:
    address = "http://127.0.0.1:8002/launch?a=b"

    assert Inputs(development=True).address("launch_url", address) == address


@pytest.mark.parametrize(
    ("issuer", "warnings"),
    [
        ("https://lms.example", []),
        ("https://lms.example/", ["The issuer ends with a slash."]),
        ("blackboard.com", ["The issuer doesn't begin with https://."]),
    ],
)
def test_an_issuer_is_opaque_and_what_looks_odd_is_said(issuer: str, warnings: list[str]) -> None:
    inputs = Inputs()

    assert inputs.issuer("issuer", issuer) == issuer
    assert [each.partition(".")[0] + "." for each in inputs.warnings] == warnings


@pytest.mark.parametrize("value", ["Hello", "hello world", "-hello", "a--b", "x" * 41, "grüße"])
def test_what_cannot_stand_in_an_address_is_no_slug(value: str) -> None:
    with pytest.raises(Invalid, match="short name"):
        Inputs().slug("slug", value)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Northfield", "northfield"),
        ("  Universität  Köln!", "universitat-koln"),
        ("School No. 7", "school-no-7"),
        ("大学", ""),
    ],
)
def test_a_name_gives_a_slug(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    ("value", "origin"),
    [("https://API.lms.example/", "https://api.lms.example"), ("https://a.b:1", "https://a.b:1")],
)
def test_an_origin_is_scheme_and_host(value: str, origin: str) -> None:
    assert Inputs().origin("service_origin", value) == origin


def test_an_origin_with_a_path_is_refused() -> None:
    with pytest.raises(Invalid, match="more than scheme and host"):
        Inputs().origin("service_origin", "https://api.lms.example/v1")
