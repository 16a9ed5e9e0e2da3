"""The pages of these tests, as values: every refusal there is, with names kind and unkind."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

from gatelodge.lti.errors import Heading, Refusal, all_refusals
from gatelodge.web.pages.models import RefusalPage, refusal_page

NOW = datetime(2025, 11, 23, 10, 41, 7, tzinfo=UTC)
REFERENCE = "7F3K-4MB9"
GATEWAY = "lti.northfield.example"

REFUSALS = sorted(all_refusals(), key=lambda kind: kind.code)

LONG_NAME = "The Interdepartmental Peer Review and Group Assessment Workbench " * 160
UNBROKEN_NAME = "Workbench" * 1_200


def page_of(
    kind: type[Refusal], tool: str | None = "Quillmark peer review", platform: str | None = "Moodle"
) -> RefusalPage:
    return refusal_page(
        kind(),
        tool_name=tool,
        platform_name=platform,
        gateway=GATEWAY,
        trace_id=REFERENCE,
        now=NOW,
        report="/problems/launch?page=7F3K-4MB9",
    )


def longest_of(heading: Heading) -> type[Refusal]:
    """The refusal that says most under a heading, and so needs most room."""
    return max(
        (kind for kind in REFUSALS if kind.heading == heading),
        key=lambda kind: (len(kind.person), len(kind.code)),
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in {"p", "h1", "h2", "title", "li"}:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _read(body: bytes) -> _Reader:
    reader = _Reader()
    reader.feed(body.decode())
    return reader


def read_text(body: bytes) -> str:
    """What a person reads, a line per paragraph."""
    lines = "".join(_read(body).words).replace("\n\n", "\n").split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def elements_of(body: bytes) -> list[tuple[str, dict[str, str | None]]]:
    return _read(body).elements
