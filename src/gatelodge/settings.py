"""What the operator sets, read once from the environment, and the refusals of a start that would be unsafe.

`read_settings` reads values; `secret_keys` and `refuse_to_serve` judge them. Whether a database can
be reached is not known here.
"""

import os
import re
import secrets
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from email.policy import SMTP
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network

EXAMPLE_SECRET = "an-example-of-a-secret-key-so-make-your-own"  # noqa: S105
"""Stands in our documentation, and is refused for that."""

SHORTEST_SECRET = 32


class StartRefused(Exception):
    """One sentence that says why nothing was started, and what to set."""

    code = "start.refused"

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How many requests are answered, as in "20000/minute"."""

    launches: str = "20000/minute"
    tokens: str = "6000/minute"


# ----------------------------------------------------------------------- forms of values


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part for each in re.split(r"[,\n]", value) if (part := each.strip()))
    return value


def _base_url(value: str) -> str:
    value = value.strip()
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("is no address; write it like https://lti.example.edu") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must begin with https:// and a host, like https://lti.example.edu")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must be scheme and host alone, like https://lti.example.edu")
    usual = {"http": 80, "https": 443}[parts.scheme]
    netloc = parts.netloc.lower().removesuffix(f":{usual}" if port == usual else "")
    return f"{parts.scheme}://{netloc}"


def _database_url(value: str) -> str:
    value = value.strip()
    if not re.match(r"(sqlite:///.|postgresql://.)", value):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


def _rate_limits(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match value.strip().lower():
        case "on" | "":
            return RateLimits()
        case "off":
            return None
        case text:
            return RateLimits(**dict(map(_rate_limit, text.split(","))))


def _rate_limit(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"\s*(launches|tokens)\s*=\s*([1-9]\d*/(?:second|minute|hour))\s*", text)
    if not found:
        raise ValueError("must be on, off, or like launches=20000/minute,tokens=6000/minute")
    return found[1], found[2]


def _networks(value: Any) -> Any:
    try:
        return tuple(ip_network(each) for each in _listed(value))
    except ValueError:
        raise ValueError("must list addresses or networks, like 127.0.0.1,10.0.0.0/8") from None


def _support_contact(value: str) -> str:
    value = value.strip()
    is_mail = re.fullmatch(r"[^@\s:/?&]+@[^@\s:/?&]+", value)
    if value and not is_mail and urlsplit(value).scheme != "https":
        raise ValueError("must be a mail address or begin with https://")
    return value


def _proxy(value: str) -> str:
    if value and urlsplit(value).scheme not in ("http", "https"):
        raise ValueError("must be an address, like http://proxy.example.edu:3128")
    return value


def _smtp_url(value: str) -> str:
    value = value.strip()
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError("is no address; write it like smtps://mail.example.edu") from None
    if not is_whole or parts.scheme not in ("smtps", "smtp", "smtp+plain"):
        raise ValueError("must be like smtps://user:password@mail.example.edu")
    if parts.scheme == "smtp+plain" and parts.username is not None:
        raise ValueError("would send its password unprotected: begin it with smtp:// or smtps://")
    return value


def _mail_from(value: str) -> str:
    value = value.strip()
    if value:
        header = SMTP.header_factory("From", value)
        if header.defects or len(header.addresses) != 1 or not header.addresses[0].domain:
            raise ValueError("must be a mail address, like Gatelodge <lti@example.edu>")
    return value


def _sqlite_in_data_dir(values: dict[str, Any]) -> str:
    return f"sqlite:///{values.get('data_dir', Path('data')) / 'gatelodge.db'}"


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Stripped = BeforeValidator(lambda value: value.strip() if isinstance(value, str) else value)


class Settings(BaseSettings):
    """Every setting, by the name of its environment variable without GATELODGE_."""

    model_config = SettingsConfigDict(env_prefix="GATELODGE_", env_ignore_empty=True, frozen=True)

    base_url: Annotated[str, AfterValidator(_base_url)] = ""
    development: Annotated[bool, Stripped] = False

    data_dir: Annotated[Path, Stripped] = Path("data")
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default_factory=_sqlite_in_data_dir, repr=False
    )
    sqlite_synchronous: Annotated[Literal["NORMAL", "FULL"], Stripped] = "NORMAL"

    secret_keys: Listed = Field(default=(), repr=False)
    secret_keys_file: Annotated[Path, Stripped] | None = None

    outbound_allow: Listed = ()
    outbound_proxy: Annotated[str, Stripped, AfterValidator(_proxy)] = Field(default="", repr=False)
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)] = ()
    rate_limits: Annotated[RateLimits | None, NoDecode, BeforeValidator(_rate_limits)] = (
        RateLimits()
    )

    support_contact: Annotated[str, AfterValidator(_support_contact)] = ""
    problem_reports: Annotated[bool, Stripped] = True

    smtp_url: Annotated[str, AfterValidator(_smtp_url)] = Field(default="", repr=False)
    mail_from: Annotated[str, AfterValidator(_mail_from)] = ""

    oidc: str = Field(default="", repr=False)
    oidc_file: Annotated[Path, Stripped] | None = None
    tenant_requests: Annotated[Literal["ask", "at_once", "off"], Stripped] = "ask"
    session_idle_minutes: int = Field(default=60, ge=5, le=720)

    personal_days: int = Field(default=7, ge=1, le=3650)
    launch_days: int = Field(default=180, ge=1, le=3650)
    tenant_deletion_days: int = Field(default=30, ge=1, le=365)
    audit_days: int = Field(default=730, ge=30, le=36500)

    cache_entries: int = Field(default=200_000, ge=1_000)
    log_format: Annotated[Literal["auto", "json", "text"], Stripped] = "auto"

    @property
    def is_postgresql(self) -> bool:
        return self.database_url.startswith("postgresql:")


# ----------------------------------------------------------------------- reading


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        raise StartRefused(_sentence(error)) from None


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "value_error": lambda context: str(context["error"]),
    "literal_error": lambda context: f"must be {context['expected']}",
    "greater_than_equal": lambda context: f"must be {context['ge']} or more",
    "less_than_equal": lambda context: f"must be {context['le']} or less",
    "int_parsing": lambda _: "must be a whole number",
    "bool_parsing": lambda _: "must be true or false",
}


def _sentence(error: ValidationError) -> str:
    # The value itself may be a secret or hold a password, so it is never repeated.
    first = error.errors(include_url=False, include_input=False)[0]
    name = f"GATELODGE_{first['loc'][0]}".upper()
    tell = _SENTENCES.get(first["type"], _unreadable)
    return f"{name} {tell(first.get('ctx', {}))}."


def _unreadable(_context: dict[str, Any]) -> str:
    return "has a value that can't be read"


# ----------------------------------------------------------------------- secret keys


def secret_keys(settings: Settings) -> tuple[str, ...]:
    """The secret keys, newest first; made once, in the data directory, when none are set."""
    if settings.secret_keys and settings.secret_keys_file:
        raise StartRefused("Set GATELODGE_SECRET_KEYS or GATELODGE_SECRET_KEYS_FILE, not both.")
    keys = settings.secret_keys or _keys_in_file(settings)
    for key in keys:
        _refuse_weak(key)
    return keys


def _keys_in_file(settings: Settings) -> tuple[str, ...]:
    path = settings.secret_keys_file or _own_key_file(settings)
    try:
        keys: tuple[str, ...] = _listed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StartRefused(f"The secret keys can't be read from {path}: {_why(error)}.") from None
    if not keys:
        raise StartRefused(f"There is no secret key in {path}.", hint=_HOW_TO_MAKE_ONE)
    return keys


_HOW_TO_MAKE_ONE = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


def _own_key_file(settings: Settings) -> Path:
    if settings.is_postgresql and not settings.development:
        raise StartRefused(
            "GATELODGE_SECRET_KEYS is not set, and on PostgreSQL every gateway needs the same keys.",
            hint=_HOW_TO_MAKE_ONE,
        )
    path = settings.data_dir / "secret_keys"
    if not path.exists():
        _make_key_file(path)
    return path


def _make_key_file(path: Path) -> None:
    """Two processes that start at once end with the same key: the first to link its file wins."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StartRefused(f"No secret key can be kept in {path.parent}: {_why(error)}.") from None
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    except OSError as error:
        raise StartRefused(f"No secret key can be kept in {path.parent}: {_why(error)}.") from None
    finally:
        draft.unlink()


def _refuse_weak(key: str) -> None:
    if len(key) < SHORTEST_SECRET:
        sentence = (
            f"A secret key has {len(key)} characters; it must have {SHORTEST_SECRET} or more."
        )
        raise StartRefused(sentence, hint=_HOW_TO_MAKE_ONE)
    letters = re.sub(r"[^a-z]", "", key.lower())
    if "changeme" in letters or key == EXAMPLE_SECRET or len(set(key)) <= 4:
        sentence = "A secret key is a sample that everybody knows or can guess."
        raise StartRefused(sentence, hint=_HOW_TO_MAKE_ONE)


def _why(error: OSError | UnicodeDecodeError) -> str:
    return (
        (error.strerror or "it failed").lower() if isinstance(error, OSError) else "it isn't text"
    )


# ----------------------------------------------------------------------- mails


def sender_of_mails(settings: Settings) -> str:
    """Who mails come from; empty where none are sent."""
    if settings.smtp_url and not settings.mail_from:
        raise StartRefused(
            "GATELODGE_SMTP_URL is set, and GATELODGE_MAIL_FROM isn't.",
            hint="Set it to the address that mails come from, like Gatelodge <lti@example.edu>.",
        )
    return settings.mail_from if settings.smtp_url else ""


# ----------------------------------------------------------------------- OpenID providers


def provider_tables(settings: Settings) -> dict[str, Any]:
    """One table for each provider, unjudged; none where nothing is set."""
    if settings.oidc and settings.oidc_file:
        raise StartRefused("Set GATELODGE_OIDC or GATELODGE_OIDC_FILE, not both.")
    text, place = settings.oidc, "GATELODGE_OIDC"
    if path := settings.oidc_file:
        place = str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StartRefused(
                f"The providers can't be read from {place}: {_why(error)}."
            ) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # It names the line and the column, and nothing of what stands there.
        raise StartRefused(f"{place} isn't TOML: {error}.") from None


# ----------------------------------------------------------------------- serving


def refuse_to_serve(settings: Settings) -> None:
    """Raise `StartRefused` when browsers could not be served safely with these values."""
    if not settings.base_url:
        raise StartRefused(
            "GATELODGE_BASE_URL is not set.",
            hint="Set it to the address under which browsers reach this gateway.",
        )
    if not settings.base_url.startswith("https://") and not settings.development:
        raise StartRefused(
            "GATELODGE_BASE_URL is plain http, which LTI forbids.",
            hint="Use https, or set GATELODGE_DEVELOPMENT=true on your own machine.",
        )
