"""Icons, each once per page: a page names them, and what it named is put at its end as symbols."""

import re
from collections.abc import Iterable
from functools import cache

from heroicons.jinja import heroicon_mini, heroicon_outline
from markupsafe import Markup

_SOLID = "solid-"
_USED = re.compile(r'<use href="#icon-([a-z0-9-]+)"')
_DRAWING = re.compile(r"<svg (?P<attributes>[^>]*)>(?P<content>.*)</svg>", re.DOTALL)
_BETWEEN_TAGS = re.compile(r">\s+<")

_USE = Markup(
    '<svg class="icon{turns}" width="{size}" height="{size}" aria-hidden="true">'
    '<use href="#icon-{name}"/></svg>'
)

_OF_STATE = Markup('<svg class="icon" aria-hidden="true"><use href="#icon-{name}"/></svg>')

# What points along the line of text, and so the other way in text that runs the other way.
_TURNS = {
    "arrow-left",
    "arrow-right",
    "arrow-right-start-on-rectangle",
    "arrow-top-right-on-square",
    "arrow-uturn-left",
    "chevron-left",
    "chevron-right",
    "paper-airplane",
}


def icon(name: str, size: int = 20, *, solid: bool = False) -> Markup:
    """An icon of heroicons by its name there. It says nothing: the words beside it do."""
    turns = " turns" if name in _TURNS else ""
    return _USE.format(name=f"{_SOLID}{name}" if solid else name, size=size, turns=turns)


def state_icon(name: str) -> Markup:
    """One of a state in a list, of the size that the style sheet says."""
    return _OF_STATE.format(name=f"{_SOLID}{name}")


def with_symbols(page: str) -> str:
    """The page with the drawings of the icons that it uses, before its end.

    Nothing that a person typed can look like a use of an icon, for it is escaped.
    """
    symbols = draw_symbols(dict.fromkeys(_USED.findall(page)))
    head, body, tail = page.rpartition("</body>")
    return f"{head}{symbols}{body}{tail}" if body else f"{symbols}{tail}"


def draw_symbols(names: Iterable[str]) -> str:
    drawn = "".join(map(_symbol, names))
    return f'<svg class="symbols" width="0" height="0" aria-hidden="true">{drawn}</svg>'


@cache
def _symbol(name: str) -> str:
    draw = heroicon_mini if name.startswith(_SOLID) else heroicon_outline
    drawing = _DRAWING.fullmatch(draw(name.removeprefix(_SOLID), size=None).strip())
    assert drawing, name  # noqa: S101 - an icon is one element
    attributes = drawing["attributes"].replace(' aria-hidden="true"', "").strip()
    content = _BETWEEN_TAGS.sub("><", drawing["content"]).strip().replace(" />", "/>")
    return f'<symbol id="icon-{name}" {attributes}>{content}</symbol>'
