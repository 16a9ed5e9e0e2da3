"""The forms of a page as a browser reads them, and whether a page is more than it should be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

MARKED = "quillfeather"
OVERRIDE = "\u202e"
VALUES = {
    "markup": f"\"'></textarea></title><{MARKED} onload=x>{{{{7*7}}}}%(name)s</{MARKED}>",
    "address": f"javascript:{MARKED}()",
    "right to left": f"{OVERRIDE}{MARKED}\u2069",
    "long": MARKED * 850,
    "control": f"{MARKED}\x00\x0b\r\n\ufffe",
}

# What is shown apart from the words around it, so that it can't turn them round.
_APART = {"bdi", "textarea", "option", "title"}
_ISOLATED = re.compile("\u2068[^\u2068\u2069]*\u2069")


@dataclass
class Form:
    """With what a browser would send by its last button, and all that could be sent."""

    action: str = ""
    method: str = "get"
    drawn: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    button: tuple[str, str] | None = None

    def with_value(self, name: str, value: str) -> dict[str, str | list[str]]:
        sent: dict[str, list[str]] = {}
        for each, drawn in (*self.drawn, *([self.button] if self.button else [])):
            sent.setdefault(each, []).append(drawn)
        return {**sent, name: value}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.faults: list[str] = []
        self._open: list[str] = []
        self._form = ""
        self._within: tuple[Form, str] | None = None
        """The form and the name of the text area or the select that is being read."""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._look_at(tag, given)
        if tag not in {"input", "meta", "link", "img", "br", "hr"}:
            self._open.append(tag)
        if tag == "form":
            self._form = given.get("id", f"#{len(self.forms)}")
            form = self.forms.setdefault(self._form, Form())
            form.action, form.method = given.get("action", ""), given.get("method", "get")
        elif tag == "option" and self._within:
            form, name = self._within
            if "selected" in given or name not in dict(form.drawn):
                form.drawn = [each for each in form.drawn if each[0] != name]
                form.drawn.append((name, given.get("value", "")))
        elif tag in {"input", "textarea", "select", "button"} and given.get("name"):
            self._add_field(tag, given)

    def _add_field(self, tag: str, given: Mapping[str, str]) -> None:
        form = self.forms.setdefault(given.get("form", self._form), Form())
        name, value = given["name"], given.get("value", "")
        form.names.add(name)
        if tag == "button":
            form.button = (name, value)
        elif tag in {"textarea", "select"}:
            self._within = form, name
        elif given.get("type") not in {"radio", "checkbox"} or "checked" in given:
            form.drawn.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        if tag in {"textarea", "select"}:
            self._within = None
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._within and self._open[-1] == "textarea":
            form, name = self._within
            form.drawn.append((name, data.removeprefix("\n")))
        if OVERRIDE in _ISOLATED.sub("", data) and not _APART & set(self._open):
            self.faults.append(f"turns the words round it: {data[:80]!r}")

    def _look_at(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == MARKED or any(name.startswith("on") for name in given):
            self.faults.append(f"an element of others: {tag} {dict(given)}"[:200])
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.faults.append("a script of others")
        for name in ("href", "src", "action", "formaction"):
            if given.get(name, "").strip().lower().startswith("javascript:"):
                self.faults.append(f"an address that is a script: {given[name][:80]}")


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def forms_of(page: str) -> list[Form]:
    return list(_read(page).forms.values())


def faults_of(page: str) -> list[str]:
    return _read(page).faults
