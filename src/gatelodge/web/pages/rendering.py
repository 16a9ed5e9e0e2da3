"""Draws pages: a Jinja environment per language, and a function per page that returns its bytes.

The templates of launches are compiled when this module is imported, so that a flood of refusals
costs little.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from types import CodeType
from typing import Any

from heroicons.jinja import heroicon_mini, heroicon_outline
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.utils import pass_context
from markupsafe import Markup

from gatelodge.web.pages.assets import asset_url
from gatelodge.web.pages.bars import bars
from gatelodge.web.pages.figures import Figures
from gatelodge.web.pages.icons import icon, state_icon, with_symbols
from gatelodge.web.pages.languages import ENGLISH, LANGUAGES, Language
from gatelodge.web.pages.models import (
    HandOffForm,
    LandingPage,
    LaunchReportPage,
    RefusalPage,
    StatusPage,
)
from gatelodge.web.pages.names import fit_name, initials, isolated, told, with_names
from gatelodge.web.pages.telling import TellingInPages


class _CompiledOnce(BytecodeCache):
    """The compiled templates, for the environments of all languages.

    A template is compiled into the same code whatever the language, and six of each would take
    four megabytes more with each language.
    """

    def __init__(self) -> None:
        self._codes: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key] = bucket.code


_COMPILED = _CompiledOnce()


def environment(language: Language) -> Environment:
    made = Environment(
        loader=PackageLoader("gatelodge.web.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
        # It would draw what stands in a template as a constant, in the first language for all.
        optimized=False,
    )
    figures = Figures(language)
    telling = TellingInPages(language, figures)
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.globals |= {
        **_translators(language, figures),
        "language": language.code,
        "direction": language.direction,
        "languages": tuple(LANGUAGES.values()),
        "asset_url": asset_url,
        "outline": cache(heroicon_outline),
        "solid": cache(heroicon_mini),
        "icon": icon,
        "state_icon": state_icon,
        "bars": bars,
    }
    made.filters |= {
        "isolated": isolated,
        "with_names": with_names,
        "told": partial(told, translate=language.translations.gettext),
        "initials": initials,
        "number": figures.number,
        "milliseconds": figures.milliseconds,
        "said": telling.markup,
        "step": telling.path,
        "moment": figures.moment,
        "day": figures.day,
        "clock": figures.clock,
        "ago": pass_context(lambda context, when: figures.ago(when, context["now"])),
    }
    return made


def _translators(language: Language, figures: Figures) -> Mapping[str, Any]:
    """``gettext`` and ``ngettext`` for templates: names are escaped, and numbers written out."""

    def fill(text: str, names: Mapping[str, object]) -> Markup:
        # Our own text, from a template or a catalogue; what is filled in is escaped.
        return Markup(text) % {name: shown(value) for name, value in names.items()}  # noqa: S704

    def shown(value: object) -> object:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return figures.number(value) if is_number else value

    def gettext(text: str, /, **names: object) -> Markup:
        if not text:
            return Markup()  # a catalogue has its own head under that name
        if names:
            return fill(language.translations.gettext(text), names)
        # Jinja doubles the signs of per cent in a text, for what may be filled in; where nothing
        # is, the catalogues have them once.
        return Markup(language.translations.gettext(text.replace("%%", "%")))  # noqa: S704

    def ngettext(one: str, many: str, count: int, /, **names: object) -> Markup:
        return fill(language.translations.ngettext(one, many, count), {"num": count, **names})

    return {"gettext": gettext, "ngettext": ngettext}


_environment = cache(environment)

for _language in LANGUAGES.values():
    for _name in ("refusal.html", "status.html", "landing.html", "hand-off.html"):
        _environment(_language).get_template(_name)


def render_portal(
    template: str, values: Mapping[str, object], *, now: datetime, language: Language = ENGLISH
) -> bytes:
    """A page of the portal, from ``templates/portal/``. `portal/layout.html` says what it needs."""
    made = _environment(language).get_template(f"portal/{template}")
    return with_symbols(made.render(values, now=now)).encode("utf-8", "replace")


def render_refusal(page: RefusalPage, language: Language = ENGLISH) -> bytes:
    return _bytes("refusal.html", page, language)


def render_launch_report(page: LaunchReportPage, language: Language = ENGLISH) -> bytes:
    return _bytes("report-launch.html", page, language)


def render_plain(page: StatusPage, language: Language = ENGLISH) -> bytes:
    return _bytes("status.html", page, language)


@cache
def render_landing(page: LandingPage, language: Language = ENGLISH) -> bytes:
    return _bytes("landing.html", page, language)


def render_hand_off(page: HandOffForm, language: Language = ENGLISH) -> bytes:
    return _bytes("hand-off.html", replace(page, tool=fit_name(page.tool)), language)


def _bytes(template: str, page: object, language: Language) -> bytes:
    drawn = _environment(language).get_template(template).render(page=page)
    return drawn.encode("utf-8", "replace")
