"""Step 3 for somebody else's hands: our keys as plain text, as an e-mail, or as one document."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from gatelodge.platforms import Line, Platform
from gatelodge.platforms.documents import DOCUMENTS, written
from gatelodge.services.drafts import OurKeys
from gatelodge.words import N_

Translate = Callable[[str], str]


class KeyRow(NamedTuple):
    """One line of the LMS's form, with our value for it; empty where there is none of ours."""

    line: Line
    value: str


class Document(NamedTuple):
    """What is pasted instead of typed, and what to choose in the LMS for it."""

    choose: Sequence[str]
    text: str


class Handing(NamedTuple):
    """``text`` is everything there is to enter; ``address`` opens it as an e-mail to nobody yet."""

    text: str
    address: str
    document: Document | None


def key_rows(platform: Platform, ours: OurKeys) -> list[KeyRow]:
    return [KeyRow(line, _value(line, ours)) for line in platform.form]


def handing(platform: Platform, ours: OurKeys, translate: Translate) -> Handing:
    lms = translate(N_("your LMS")) if platform.id == "other" else platform.name
    subject = translate(N_("Keys for {lms}: {tool}")).format(lms=lms, tool=ours.name)
    said = "\n".join((subject, "", *_told(platform, ours, lms, translate)))
    fields = {"subject": subject, "body": said.replace("\n", "\r\n")}
    return Handing(
        text=said,
        address=f"mailto:?{urlencode(fields, quote_via=quote)}",
        document=_document(platform, ours),
    )


def _told(platform: Platform, ours: OurKeys, lms: str, translate: Translate) -> Iterator[str]:
    if platform.enter_at:
        way = " > ".join(platform.enter_at)
        yield translate(N_("In {lms}, go to: {way}")).format(lms=lms, way=way)
        yield ""
    section = ""
    for line, value in key_rows(platform, ours):
        if line.section and line.section != section:
            section = line.section
            yield f"[{section}]"
        yield f"{line.label}: {_entered(line, value, translate)}"
    yield ""
    if platform.save_with:
        yield translate(N_("Then press: {button}")).format(button=platform.save_with)
    yield translate(N_("Send back what {lms} shows afterwards:")).format(lms=lms)
    yield ", ".join(platform.fields_from_platform.values())


def _entered(line: Line, value: str, translate: Translate) -> str:
    if line.choose == line.label:
        return translate(N_("Switch this on"))
    if line.choose:
        return translate(N_("choose “{value}”")).format(value=line.choose)
    return value or translate(N_("Leave this empty"))


def _value(line: Line, ours: OurKeys) -> str:
    """Where a field takes several values, they stand in it as this LMS wants them."""
    found = getattr(ours, line.own) if line.own else ""
    return found if isinstance(found, str) else (line.separator or " ").join(found)


def _document(platform: Platform, ours: OurKeys) -> Document | None:
    document = DOCUMENTS.get(platform.id)
    if document is None:
        return None
    values = {name: getattr(ours, name) for name in ours.__slots__}
    values["custom_parameters"] = "\n".join(ours.custom_parameters)
    return Document(document.choose, written(document, values))
