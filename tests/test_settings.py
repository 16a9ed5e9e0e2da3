"""What is read from the environment, and what is refused before anything starts."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gatelodge.settings import (
    EXAMPLE_SECRET,
    RateLimits,
    Settings,
    StartRefused,
    provider_tables,
    read_settings,
    refuse_to_serve,
    secret_keys,
    sender_of_mails,
)

GOOD_SECRET = "Zt0dC3p9oJbq7Rk2yWfXn5sHv8LmAe41"


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"GATELODGE_{name.upper()}", value)
    return read_settings()


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("GATELODGE_")]:
        monkeypatch.delenv(name)


def test_without_any_setting_the_database_is_a_file_in_the_data_directory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert settings(monkeypatch).database_url == "sqlite:///data/gatelodge.db"


def test_the_database_follows_the_data_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = settings(monkeypatch, data_dir=str(tmp_path))

    assert found.database_url == f"sqlite:///{tmp_path}/gatelodge.db"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, personal_days="", rate_limits="", base_url="")

    assert (found.personal_days, found.rate_limits, found.base_url) == (7, RateLimits(), "")


def test_lists_are_separated_by_commas_and_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(
        monkeypatch,
        outbound_allow=" 127.0.0.1:9101, localhost:8001 ,",
        trusted_proxies="127.0.0.1, 10.0.0.0/8",
    )

    assert found.outbound_allow == ("127.0.0.1:9101", "localhost:8001")
    assert [str(each) for each in found.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8"]


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("on", RateLimits()),
        ("off", None),
        ("launches=5/second", RateLimits(launches="5/second")),
        (
            "launches=10/minute, tokens=20/hour",
            RateLimits(launches="10/minute", tokens="20/hour"),
        ),
    ],
)
def test_rate_limits(monkeypatch: pytest.MonkeyPatch, text: str, limits: RateLimits | None) -> None:
    assert settings(monkeypatch, rate_limits=text).rate_limits == limits


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://LTI.example.edu/", "https://lti.example.edu"),
        ("https://lti.example.edu:443", "https://lti.example.edu"),
        (" https://lti.example.edu:8443 ", "https://lti.example.edu:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_the_base_address_has_one_form(
    monkeypatch: pytest.MonkeyPatch, text: str, address: str
) -> None:
    assert settings(monkeypatch, base_url=text).base_url == address


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("base_url", "lti.example.edu", "GATELODGE_BASE_URL must begin with https:// and a host"),
        ("base_url", "https://a.example/lti", "GATELODGE_BASE_URL must be scheme and host alone"),
        ("base_url", "https://a.example:x", "GATELODGE_BASE_URL is no address"),
        ("database_url", "mysql://db", "GATELODGE_DATABASE_URL must begin with sqlite:///"),
        ("development", "perhaps", "GATELODGE_DEVELOPMENT must be true or false."),
        ("personal_days", "a week", "GATELODGE_PERSONAL_DAYS must be a whole number."),
        ("personal_days", "0", "GATELODGE_PERSONAL_DAYS must be 1 or more."),
        ("rate_limits", "launches=0/minute", "GATELODGE_RATE_LIMITS must be on, off, or like"),
        ("trusted_proxies", "proxy", "GATELODGE_TRUSTED_PROXIES must list addresses or networks"),
        ("sqlite_synchronous", "OFF", "GATELODGE_SQLITE_SYNCHRONOUS must be 'NORMAL' or 'FULL'."),
        ("outbound_proxy", "proxy:3128", "GATELODGE_OUTBOUND_PROXY must be an address"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(StartRefused) as refused:
        settings(monkeypatch, **{name: value})

    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_a_faulty_value_with_a_password_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartRefused) as refused:
        settings(monkeypatch, database_url="postgres://gatelodge:hunter2@db/gatelodge")

    assert "hunter2" not in str(refused.value)


def test_settings_that_are_printed_tell_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(
        settings(
            monkeypatch,
            secret_keys=GOOD_SECRET,
            database_url="postgresql://gatelodge:hunter2@db/gatelodge",
            outbound_proxy="http://me:hunter2@proxy.example.edu",
        )
    )

    assert GOOD_SECRET not in shown
    assert "hunter2" not in shown


# ----------------------------------------------------------------------- secret keys


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = settings(monkeypatch, data_dir=str(tmp_path / "new" / "data"))

    first, second = secret_keys(found), secret_keys(found)

    [file] = found.data_dir.iterdir()
    assert first == second
    assert len(first[0]) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_processes_that_start_at_once_make_one_secret_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = settings(monkeypatch, data_dir=str(tmp_path))

    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(secret_keys, [found] * 16))

    assert len(keys) == 1


def test_secret_keys_are_listed_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, secret_keys=f"{GOOD_SECRET}2, {GOOD_SECRET}1")

    assert secret_keys(found) == (f"{GOOD_SECRET}2", f"{GOOD_SECRET}1")


def test_secret_keys_can_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{GOOD_SECRET}2\n{GOOD_SECRET}1\n")

    found = settings(monkeypatch, secret_keys_file=str(tmp_path / "keys"))

    assert secret_keys(found) == (f"{GOOD_SECRET}2", f"{GOOD_SECRET}1")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"secret_keys": "short"}, "A secret key has 5 characters; it must have 32 or more."),
        ({"secret_keys": "changeme-" * 4}, "A secret key is a sample"),
        ({"secret_keys": "Change_Me_" * 4}, "A secret key is a sample"),
        ({"secret_keys": "ab" * 20}, "A secret key is a sample"),
        ({"secret_keys": EXAMPLE_SECRET}, "A secret key is a sample"),
        ({"secret_keys": f"{GOOD_SECRET},short"}, "A secret key has 5 characters"),
        ({"secret_keys_file": "missing"}, "The secret keys can't be read from missing: no such"),
        ({"secret_keys_file": "empty"}, "There is no secret key in empty."),
        (
            {"secret_keys": GOOD_SECRET, "secret_keys_file": "empty"},
            "Set GATELODGE_SECRET_KEYS or GATELODGE_SECRET_KEYS_FILE, not both.",
        ),
        (
            {"database_url": "postgresql://db/gatelodge"},
            "GATELODGE_SECRET_KEYS is not set, and on PostgreSQL",
        ),
    ],
)
def test_secret_keys_that_protect_nothing_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, values: dict[str, str], sentence: str
) -> None:
    (tmp_path / "empty").touch()

    with pytest.raises(StartRefused) as refused:
        secret_keys(settings(monkeypatch, **values))

    assert str(refused.value).startswith(sentence)


def test_on_postgresql_a_developer_may_go_without_secret_keys(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = settings(
        monkeypatch,
        database_url="postgresql://db/gatelodge",
        development="true",
        data_dir=str(tmp_path),
    )

    assert len(secret_keys(found)) == 1


def test_a_data_directory_that_cannot_be_made_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StartRefused, match=r"^No secret key can be kept in "):
        secret_keys(settings(monkeypatch, data_dir=str(tmp_path / "file" / "data")))


# ----------------------------------------------------------------------- serving


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "GATELODGE_BASE_URL is not set."),
        ({"base_url": "http://lti.example.edu"}, "GATELODGE_BASE_URL is plain http"),
        ({"base_url": "http://127.0.0.1:8000"}, "GATELODGE_BASE_URL is plain http"),
    ],
)
def test_what_would_not_be_safe_is_not_served(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], sentence: str
) -> None:
    with pytest.raises(StartRefused) as refused:
        refuse_to_serve(settings(monkeypatch, **values))

    assert str(refused.value).startswith(sentence)


def test_https_is_served_and_a_developer_may_serve_plain_http(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refuse_to_serve(settings(monkeypatch, base_url="https://lti.example.edu"))
    refuse_to_serve(settings(monkeypatch, base_url="http://127.0.0.1:8000", development="true"))


def test_providers_are_described_in_a_file_or_in_the_setting_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "providers.toml"
    file.write_text('[entra]\npreset = "entra"\n')

    by_file = provider_tables(settings(monkeypatch, oidc_file=str(file)))
    monkeypatch.delenv("GATELODGE_OIDC_FILE")
    by_setting = provider_tables(settings(monkeypatch, oidc=file.read_text()))
    monkeypatch.delenv("GATELODGE_OIDC")

    assert by_file == by_setting == {"entra": {"preset": "entra"}}
    assert provider_tables(read_settings()) == {}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"oidc": "[a]", "oidc_file": "/etc/hosts"}, "or GATELODGE_OIDC_FILE, not both"),
        ({"oidc_file": "/nowhere/providers.toml"}, "can't be read from /nowhere/providers.toml"),
        ({"oidc": "[entra"}, "GATELODGE_OIDC isn't TOML"),
    ],
)
def test_providers_that_cannot_be_read_are_refused(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], sentence: str
) -> None:
    with pytest.raises(StartRefused) as refused:
        provider_tables(settings(monkeypatch, **values))

    assert sentence in str(refused.value)


def test_a_secret_in_the_description_of_a_provider_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = settings(monkeypatch, oidc='[a]\nclient_secret = "s3cret\n')

    with pytest.raises(StartRefused) as refused:
        provider_tables(read)

    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(read)


# ---------------------------------------------------------------- mails


@pytest.mark.parametrize(
    "url",
    [
        "smtps://gate:s%20cret@mail.example.edu",
        "smtp://gate:secret@mail.example.edu:2525",
        "smtp+plain://127.0.0.1:25",
    ],
)
def test_mails_need_a_server_and_a_sender(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    found = settings(monkeypatch, smtp_url=url, mail_from="Gatelodge <lti@example.edu>")

    assert sender_of_mails(found) == "Gatelodge <lti@example.edu>"
    assert "mail.example" not in repr(found)


def test_without_a_server_no_mails_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sender_of_mails(settings(monkeypatch, mail_from="lti@example.edu")) == ""


def test_a_server_without_a_sender_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, smtp_url="smtps://mail.example.edu")

    with pytest.raises(StartRefused, match="GATELODGE_MAIL_FROM isn't"):
        sender_of_mails(found)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("smtp_url", "https://mail.example.edu", "must be like smtps://"),
        ("smtp_url", "smtps://", "must be like smtps://"),
        ("smtp_url", "smtps://mail.example.edu:99999", "is no address"),
        ("smtp_url", "smtp+plain://gate:secret@mail.example.edu", "unprotected"),
        ("mail_from", "Gatelodge", "must be a mail address"),
        ("mail_from", "a@example.edu, b@example.edu", "must be a mail address"),
        ("mail_from", "a@example.edu\nBcc: b@example.edu", "must be a mail address"),
    ],
)
def test_a_mail_setting_that_cant_be_used_starts_nothing(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    with pytest.raises(StartRefused, match=why) as caught:
        settings(monkeypatch, **{name: value})

    assert "secret" not in str(caught.value)
