"""Sorts what was copied from an LMS's page of keys, and tidies each value. Says what it did.

Pages come in many forms: `label: value`, label and value on lines of their own or in table cells,
JSON. Labels are the LMS's words first, then those of any LMS, so that a page copied from another
screen than the one expected is read as well.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gatelodge.platforms.model import Platform
from gatelodge.platforms.questions import FIELDS

LONGEST_PAGE = 100_000
LONGEST_VALUE = 2_000
_DEEPEST = 8

BLANKS, INVISIBLE, SLASH, QUOTES = "blanks", "invisible", "slash", "quotes"

# Names seen on the screens and in the documents of several LMSs, and those of OpenID Connect.
_COMMON = {
    "issuer": (
        "issuer id url",
        "issuer url",
        "issuer id",
        "issuer",
        "iss",
        "platform id",
        "platform iss",
        "platform issuer",
        "lti organiser id",
    ),
    "client_id": ("client id", "clientid", "client_id", "application id"),
    "deployment_id": ("deployment id", "deploymentid", "deployment_id"),
    "key_set_url": (
        "keyset url",
        "key set url",
        "public keyset url",
        "public keyset",
        "jwks url",
        "jwks uri",
        "jwks_uri",
        "jwk set uri",
        "jwks endpoint",
        "key_set_url",
    ),
    "token_url": (
        "access token url",
        "token url",
        "token endpoint",
        "token_endpoint",
        "token uri",
        "auth token endpoint",
        "access token service url",
        "token_url",
    ),
    "authorization_url": (
        "platform authentication url",
        "authentication request url",
        "authorization endpoint",
        "authorization_endpoint",
        "oidc authorization endpoint",
        "oidc authentication url",
        "authentication url",
        "oidc auth request endpoint",
        "authorization_url",
    ),
    "audience": (
        "audience",
        "token audience",
        "oauth2 audience",
        "authorization_server",
        "authorization server",
    ),
}


class Found(NamedTuple):
    """``tidied`` says what was changed: blanks, invisible characters, quotation marks."""

    value: str
    tidied: tuple[str, ...] = ()


class Sorted(NamedTuple):
    """``twice`` are fields for which the page had several different values; the first counts."""

    found: Mapping[str, Found]
    twice: frozenset[str] = frozenset()


def tidy(text: str) -> Found:
    """Without blanks around it and without characters that nobody sees."""
    text = text[:LONGEST_PAGE]
    seen = "".join(each for each in text if not _is_invisible(each))
    tidied = [INVISIBLE] if seen != text else []
    trimmed = seen.strip()
    if trimmed != seen:
        tidied.append(BLANKS)
    if len(trimmed) >= 2 and (trimmed[0], trimmed[-1]) in _QUOTES:
        trimmed = trimmed[1:-1].strip()
        tidied.append(QUOTES)
    return Found(trimmed, tuple(tidied))


def sort_page(platform: Platform, text: str) -> Sorted:
    """Which of the LMS's keys the text has. Never fails, whatever was pasted."""
    text = text[:LONGEST_PAGE]
    labels = _labels(platform)
    document = _json_pairs(text)
    pairs = _line_pairs(text, labels) if document is None else iter(document)
    found: dict[str, Found] = {}
    twice = set()
    for label, value in pairs:
        field = labels.get(_plain(label))
        fit = tidy(value)
        if field is None or not fit.value or len(fit.value) > LONGEST_VALUE:
            continue
        if field not in found:
            found[field] = fit
        elif found[field].value != fit.value:
            twice.add(field)
    return Sorted(found, frozenset(twice))


_QUOTES = {('"', '"'), ("'", "'"), ("“", "”"), ("<", ">")}


def _is_invisible(character: str) -> bool:
    if character in "\t\n\r ":
        return False
    # Cc and Cf: controls and formatting (zero-width, direction marks, byte order mark, soft hyphen).
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")


def _labels(platform: Platform) -> dict[str, str]:
    labels: dict[str, str] = {}
    for field in FIELDS:
        own = platform.fields_from_platform.get(field, "")
        for name in re.split(r",| or ", own):
            if plain := _plain(name):
                labels.setdefault(plain, field)
    for field, names in _COMMON.items():
        for name in names:
            labels.setdefault(_plain(name), field)
    return labels


def _plain(label: str) -> str:
    """A label as it is compared: small letters, without marks and doubled blanks."""
    words = unicodedata.normalize("NFKC", label).casefold()
    visible = "".join(each for each in words if not _is_invisible(each))
    return " ".join(visible.replace("_", " ").strip(" \t\n\r:=-*•|\"'(),.").split())


# ---------------------------------------------------------------------- JSON


def _json_pairs(text: str) -> list[tuple[str, str]] | None:
    """None when the text isn't an object or a list in JSON."""
    begun = text.strip().lstrip("\ufeff")
    if not begun.startswith(("{", "[")):
        return None
    try:
        document = json.loads(begun)
    except (ValueError, RecursionError):
        return None
    return list(_walked(document, _DEEPEST))


def _walked(node: object, deeper: int) -> Iterator[tuple[str, str]]:
    if deeper == 0:
        return
    if isinstance(node, dict):
        for name, value in node.items():
            if isinstance(value, str):
                yield name, value
            elif isinstance(value, int) and not isinstance(value, bool):
                yield name, str(value)
            else:
                yield from _walked(value, deeper - 1)
    elif isinstance(node, list):
        for each in node:
            yield from _walked(each, deeper - 1)


# ---------------------------------------------------------------------- lines

_COPY_BUTTON = re.compile(r"\s*\b(?:copy|copied|copy to clipboard)\b\s*$", re.IGNORECASE)


def _line_pairs(text: str, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    waiting = ""
    for line in text.splitlines():
        if not _plain(line):
            continue
        cells = [cell for cell in line.split("\t") if _plain(cell)]
        if len(cells) >= 2 and _plain(cells[0]) in labels:
            yield cells[0], cells[1]
            waiting = ""
            continue
        if waiting and _plain(line) not in labels and not _has_label(line, labels):
            yield waiting, line
            waiting = ""
            continue
        label, value = _split(line, labels)
        if label and value:
            yield label, value
            waiting = ""
        else:
            waiting = label


def _split(line: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """Label and value of one line; the value is empty where it stands on the next one."""
    without_button = _COPY_BUTTON.sub("", line)
    for candidate in (line, without_button):
        if _plain(candidate) in labels:
            return candidate, ""
    for mark in (":", "=", " - ", "|"):
        label, found, value = without_button.partition(mark)
        if found and _plain(label) in labels:
            # A quotation mark and a comma stay from JSON that was copied in part.
            return label, value.rstrip().rstrip(",|")
    return _longest_beginning(without_button, labels)


def _longest_beginning(line: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """A label and, after a blank and without any mark, its value."""
    words = line.split()
    for count in range(min(len(words) - 1, 8), 0, -1):
        label = " ".join(words[:count])
        if _plain(label) in labels and len(words) == count + 1:
            return label, words[count]
    return "", ""


def _has_label(line: str, labels: Mapping[str, str]) -> bool:
    return bool(_split(line, labels)[0])
