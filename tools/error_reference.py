"""Writes docs/reference/errors.md from the errors themselves, so that it can't lag behind.

python tools/error_reference.py > docs/reference/errors.md
"""

import importlib
from collections.abc import Iterator

from gatelodge.lti.errors import Heading, Mender, Refusal, all_refusals
from gatelodge.web.errors import oauth_status

MODULES_WITH_ERRORS = (
    "gatelodge.services.errors",
    "gatelodge.services.handoffs",
    "gatelodge.services.problem_errors",
    "gatelodge.services.sign_in_errors",
    "gatelodge.storage.errors",
    "gatelodge.outbound.errors",
    "gatelodge.settings",
)

MENDERS = {
    Mender.PERSON: "the person who clicked",
    Mender.ADMINISTRATOR: "the IT administrator",
    Mender.OPERATOR: "who runs the gateway",
}

HEAD = """# Error codes

Codes never change their meaning. What is refused at a login or a launch is shown in the LMS with
its heading, code and a reference; `gatelodge launch show REFERENCE` tells what was sent and what
was expected. This page is written by `tools/error_reference.py`.
"""


def reference() -> str:
    return "\n".join([HEAD, *_refusals(), *_others()])


def _refusals() -> Iterator[str]:
    for heading in Heading:
        yield f"## {heading.value}\n"
        yield "| Code | What it means | What to do | Who can mend it |"
        yield "|---|---|---|---|"
        for kind in all_refusals():
            if kind.heading is heading:
                yield _row(kind)
        yield ""


def _row(kind: type[Refusal]) -> str:
    return f"| `{kind.code}` | {kind.finding} | {kind.hint} | {MENDERS[kind.mender]} |"


def _others() -> Iterator[str]:
    yield "## Answers to tools, commands and start-up\n"
    yield "| Code | What to do | Answer |"
    yield "|---|---|---|"
    for code, hint, answer in sorted(set(_coded())):
        yield f"| `{code}` | {hint or 'The sentence beside the code says it.'} | {answer} |"
    yield ""


def _coded() -> Iterator[tuple[str, str, str]]:
    for name in MODULES_WITH_ERRORS:
        for value in vars(importlib.import_module(name)).values():
            if _is_coded(value) and not issubclass(value, Refusal):
                yield value.code, getattr(value, "hint", "") or "", _answer(value)


def _is_coded(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Exception) and "code" in vars(value)


def _answer(kind: type[Exception]) -> str:
    if oauth := getattr(kind, "oauth", None):
        return f"{oauth_status(oauth)} `{oauth}`"
    return "not started" if kind.__module__ == "gatelodge.settings" else ""


if __name__ == "__main__":
    print(reference(), end="")
