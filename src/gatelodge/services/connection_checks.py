"""Tries an LMS's addresses before they are relied upon: certificate, key set, tokens, sign-in, clock.

Each address is asked once, all at the same time, and what was seen is a list of checks. A check is
a code with facts and no sentence, so that the pages say it in the reader's language. Nothing is
kept, and nothing that is found here forbids anything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import urlsplit

import msgspec

from gatelodge.lti.errors import GatelodgeError, KeySetInvalid
from gatelodge.lti.tokens import ALGORITHMS, read_key_set
from gatelodge.outbound.certificates import Certificate
from gatelodge.outbound.errors import (
    BadAddress,
    BadCertificate,
    NotHttps,
    OutboundError,
    Redirected,
)
from gatelodge.services.caller import Caller
from gatelodge.services.ports import Clock

SECONDS = 5.0
"""For everything together: somebody is waiting for the page."""

MOST_AT_ONCE = 8
"""Who comes when so many are being tried is told to come again: each of them keeps a thread waiting."""

ENDS_SOON = 14 * 24 * 3600

_EXACT = 5
"""Seconds that say nothing: a header has whole ones, and the answer took its time."""


class Outcome(StrEnum):
    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    NOT_TRIED = "not_tried"


class Subject(StrEnum):
    CERTIFICATE = "certificate"
    KEY_SET = "key_set"
    TOKEN = "token"  # noqa: S105 - an address, and no token
    AUTHENTICATION = "authentication"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Check:
    """``seen`` is of a closed list: `SEEN`, or the code of an error on the way out."""

    subject: Subject
    outcome: Outcome
    seen: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    milliseconds: int | None = None


SEEN: Final = (
    "certificate.good",
    "certificate.ends_soon",
    "certificate.expired",
    "certificate.not_yet",
    "certificate.other_name",
    "certificate.unknown_authority",
    "certificate.other",
    "certificate.plain",
    "certificate.not_seen",
    "key_set.good",
    "key_set.other_algorithm",
    "key_set.empty",
    "key_set.not_keys",
    "key_set.status",
    "token.good",
    "token.page",
    "token.not_found",
    "token.status",
    "authentication.good",
    "authentication.leads_on",
    "authentication.not_found",
    "authentication.status",
    "authentication.not_from_here",
    "clock.agrees",
    "clock.differs",
    "clock.refuses",
    "clock.not_told",
    "nowhere",
    "busy",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a registration says of its LMS; an empty address isn't tried."""

    key_set_url: str
    token_url: str
    authorization_url: str
    algorithms: Collection[str] = ("RS256",)
    leeway: int = 60


class Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def certificate(self) -> Certificate | None: ...


class Fetcher(Protocol):
    """The guarded client, as far as checks need it."""

    async def get(self, url: str, *, accept: str, deadline: float) -> Answer: ...

    async def post_form(
        self, url: str, fields: Sequence[tuple[str, str]], *, deadline: float
    ) -> Answer: ...


@dataclass(frozen=True, slots=True)
class _Asked:
    """One address, and what came of asking it."""

    subject: Subject
    url: str
    answer: Answer | None = None
    error: GatelodgeError | None = None
    milliseconds: int = 0
    at: float = 0.0


class ConnectionChecks:
    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._under_way = 0

    async def look(self, caller: Caller, connection: Connection) -> list[Check]:
        """Everything that can be tried from here, in the order in which it builds on each other."""
        caller.must_administer()
        if self._under_way >= MOST_AT_ONCE:
            return [Check(subject, Outcome.NOT_TRIED, "busy") for subject in Subject]
        self._under_way += 1
        try:
            asked = await asyncio.gather(
                self._ask(Subject.KEY_SET, connection.key_set_url, self._get),
                self._ask(Subject.TOKEN, connection.token_url, self._request_token),
                self._ask(Subject.AUTHENTICATION, connection.authorization_url, self._get),
            )
        finally:
            self._under_way -= 1
        key_set, token, authentication = asked
        return [
            _certificate(asked, self._clock()),
            _key_set(key_set, connection.algorithms),
            _token(token),
            _authentication(authentication),
            _clock(asked, connection.leeway),
        ]

    async def look_at_key_set(self, caller: Caller, connection: Connection) -> Check:
        """The key set alone: without it no launch can be checked."""
        caller.must_administer()
        asked = await self._ask(Subject.KEY_SET, connection.key_set_url, self._get)
        return _key_set(asked, connection.algorithms)

    async def _ask(
        self, subject: Subject, url: str, ask: Callable[[str], Awaitable[Answer]]
    ) -> _Asked:
        if not url:
            return _Asked(subject, url)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        answer, error = None, None
        try:
            answer = await ask(url)
        except GatelodgeError as caught:
            error = caught
        took = round((loop.time() - begun) * 1000)
        return _Asked(subject, url, answer, error, took, self._clock())

    async def _get(self, url: str) -> Answer:
        return await self._fetcher.get(url, accept="application/json, */*", deadline=SECONDS)

    async def _request_token(self, url: str) -> Answer:
        """A request that no authorization server grants (RFC 6749, 5.2): how it refuses tells."""
        fields = [("grant_type", "client_credentials")]
        return await self._fetcher.post_form(url, fields, deadline=SECONDS)


# ----------------------------------------------------------------------- what was seen


def _unasked(asked: _Asked) -> Check | None:
    """What there is to say of an address that gave no answer."""
    if asked.answer is not None:
        return None
    if asked.error is None:
        return Check(asked.subject, Outcome.NOT_TRIED, "nowhere")
    return Check(asked.subject, Outcome.FAILED, asked.error.code, {"host": _host(asked.url)})


def _certificate(asked: Sequence[_Asked], now: float) -> Check:
    """The worst of all: one that ends is as bad as it is alone."""
    subject = Subject.CERTIFICATE
    for each in asked:
        if isinstance(each.error, BadCertificate):
            seen = f"certificate.{each.error.fault}"
            return Check(subject, Outcome.FAILED, seen, {"host": _host(each.url)})
    found = [
        (each.answer.certificate, _host(each.url), each.milliseconds)
        for each in asked
        if each.answer and each.answer.certificate
    ]
    if any(urlsplit(each.url).scheme == "http" for each in asked if each.url):
        return Check(subject, Outcome.WARNING, "certificate.plain")
    if not found:
        return Check(subject, Outcome.NOT_TRIED, "certificate.not_seen")
    first, host, took = min(found, key=lambda each: each[0].good_until)
    facts: dict[str, str | int] = {
        "host": host,
        "protocol": first.protocol,
        "authority": first.issued_by,
        "until": first.good_until,
    }
    if first.good_until < now + ENDS_SOON:
        return Check(subject, Outcome.WARNING, "certificate.ends_soon", facts, took)
    return Check(subject, Outcome.PASSED, "certificate.good", facts, took)


def _key_set(asked: _Asked, agreed: Collection[str]) -> Check:
    subject, answer = Subject.KEY_SET, asked.answer
    if answer is None:
        return _unasked(asked) or Check(subject, Outcome.NOT_TRIED, "nowhere")
    if answer.status != 200:
        facts: dict[str, str | int] = {"status": answer.status}
        return Check(subject, Outcome.FAILED, "key_set.status", facts, asked.milliseconds)
    try:
        count = len(read_key_set(answer.body))
    except KeySetInvalid:
        return Check(subject, Outcome.FAILED, "key_set.not_keys", {}, asked.milliseconds)
    if count == 0:
        return Check(subject, Outcome.FAILED, "key_set.empty", {}, asked.milliseconds)
    named = _algorithms(answer.body)
    facts = {"count": count, "algorithms": ", ".join(named)}
    if named and not {*named} & {*agreed}:
        facts["agreed"] = ", ".join(agreed)
        return Check(subject, Outcome.WARNING, "key_set.other_algorithm", facts, asked.milliseconds)
    return Check(subject, Outcome.PASSED, "key_set.good", facts, asked.milliseconds)


class _Key(msgspec.Struct):
    alg: object = None


class _KeySet(msgspec.Struct):
    keys: list[_Key]


def _algorithms(body: bytes) -> tuple[str, ...]:
    """What the keys say they sign by; nothing where one of them leaves it open (RFC 7517, 4.4).

    A key set may have keys for other things, too, such as encryption.
    """
    try:
        keys = msgspec.json.decode(body, type=_KeySet).keys
    except msgspec.DecodeError:
        return ()
    named = [key.alg for key in keys if isinstance(key.alg, str) and key.alg]
    if len(named) < len(keys):
        return ()
    return tuple(each for each in ALGORITHMS if each in named)


def _token(asked: _Asked) -> Check:
    """An authorization server refuses an empty request in JSON, with a status of 400 or 401."""
    subject, answer = Subject.TOKEN, asked.answer
    if answer is None:
        return _unasked(asked) or Check(subject, Outcome.NOT_TRIED, "nowhere")
    facts: dict[str, str | int] = {"status": answer.status}
    took = asked.milliseconds
    if answer.status in (404, 410):
        return Check(subject, Outcome.FAILED, "token.not_found", facts, took)
    if _is_page(answer):
        outcome = Outcome.WARNING if answer.status in (401, 403) else Outcome.FAILED
        return Check(subject, outcome, "token.page", facts, took)
    if answer.status == 405 or answer.status >= 500:
        return Check(subject, Outcome.WARNING, "token.status", facts, took)
    return Check(subject, Outcome.PASSED, "token.good", facts, took)


_FOR_BROWSERS_TOO: Final = (BadAddress, NotHttps, BadCertificate)
"""What is wrong with the address for whoever goes there; the rest may be in our way alone."""


def _authentication(asked: _Asked) -> Check:
    """Browsers go there with a request of ours; without one it may answer almost anything."""
    subject, answer = Subject.AUTHENTICATION, asked.answer
    if isinstance(asked.error, Redirected):
        return Check(subject, Outcome.PASSED, "authentication.leads_on", {}, asked.milliseconds)
    if isinstance(asked.error, OutboundError) and not isinstance(asked.error, _FOR_BROWSERS_TOO):
        facts: dict[str, str | int] = {"host": _host(asked.url)}
        return Check(subject, Outcome.WARNING, "authentication.not_from_here", facts)
    if answer is None:
        return _unasked(asked) or Check(subject, Outcome.NOT_TRIED, "nowhere")
    facts = {"status": answer.status}
    if answer.status in (404, 410):
        return Check(subject, Outcome.FAILED, "authentication.not_found", facts, asked.milliseconds)
    if answer.status >= 500:
        return Check(subject, Outcome.WARNING, "authentication.status", facts, asked.milliseconds)
    return Check(subject, Outcome.PASSED, "authentication.good", facts, asked.milliseconds)


def _clock(asked: Sequence[_Asked], leeway: int) -> Check:
    ahead = next(_differences(asked), None)
    if ahead is None:
        return Check(Subject.CLOCK, Outcome.NOT_TRIED, "clock.not_told")
    facts: dict[str, str | int] = {"seconds": ahead, "leeway": leeway}
    if abs(ahead) > leeway:
        return Check(Subject.CLOCK, Outcome.FAILED, "clock.refuses", facts)
    if abs(ahead) > max(_EXACT, leeway // 2):
        return Check(Subject.CLOCK, Outcome.WARNING, "clock.differs", facts)
    return Check(Subject.CLOCK, Outcome.PASSED, "clock.agrees", facts)


def _differences(asked: Sequence[_Asked]) -> Iterator[int]:
    """By how many seconds theirs is ahead of ours, most trustworthy first.

    No cache answers a POST, so the token address comes first; a key set may be an old copy, whose
    age counts (RFC 9110, 6.6.1; RFC 9111, 5.1).
    """
    for each in sorted(asked, key=lambda one: one.subject is not Subject.TOKEN):
        if each.answer is None:
            continue
        age = each.answer.headers.get("age", "0")
        try:
            date = parsedate_to_datetime(each.answer.headers.get("date", "")).timestamp()
        except (ValueError, OverflowError):
            continue
        halfway = each.at - each.milliseconds / 2000
        yield round(date + (int(age) if age.isdecimal() and len(age) < 9 else 0) - halfway)


def _is_page(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "").lower()
    return "html" in kind or answer.body.lstrip()[:1] == b"<"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
