"""Draws pages: the one Jinja environment, and a function per page that returns its bytes.

Templates are compiled when this module is imported, so that a flood of refusals costs little.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from gettext import NullTranslations

from babel.dates import format_datetime
from heroicons.jinja import heroicon_mini, heroicon_outline
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from gatelodge.web.pages.assets import asset_url
from gatelodge.web.pages.languages import Language
from gatelodge.web.pages.models import HandOffForm, LandingPage, RefusalPage, StatusPage
from gatelodge.web.pages.names import fit_name, isolated, with_names


def environment(
    translations: NullTranslations, *, language: str = "en", direction: str = "ltr"
) -> Environment:
    """The environment of one language."""
    made = Environment(
        loader=PackageLoader("gatelodge.web.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {
        "language": language,
        "direction": direction,
        "asset_url": asset_url,
        "outline": cache(heroicon_outline),
        "solid": cache(heroicon_mini),
    }
    made.filters |= {
        "isolated": isolated,
        "with_names": with_names,
        "moment": lambda when: moment(when, language),
    }
    return made


def moment(when: datetime, language: str) -> Markup:
    """A point in time as people read it. Their time zone isn't known, so ours is named."""
    when = when.astimezone(UTC)
    return Markup('<time datetime="{}">{} UTC</time>').format(
        when.isoformat(timespec="seconds"),
        format_datetime(when, "d MMM, HH:mm", locale=language),
    )


_ENGLISH = environment(NullTranslations())
_REFUSAL, _STATUS, _LANDING, _HAND_OFF = map(
    _ENGLISH.get_template, ("refusal.html", "status.html", "landing.html", "hand-off.html")
)


@cache
def _portal(language: Language) -> Environment:
    return environment(language.translations, language=language.code, direction=language.direction)


def render_portal(template: str, language: Language, values: Mapping[str, object]) -> bytes:
    """A page of the portal: ``template`` is a file of ``templates/portal/``."""
    drawn = _portal(language).get_template(f"portal/{template}").render(values)
    return drawn.encode("utf-8", "replace")


def render_refusal(page: RefusalPage) -> bytes:
    return _bytes(_REFUSAL, page)


def render_plain(page: StatusPage) -> bytes:
    return _bytes(_STATUS, page)


@cache
def render_landing(page: LandingPage) -> bytes:
    return _bytes(_LANDING, page)


def render_hand_off(page: HandOffForm) -> bytes:
    return _bytes(_HAND_OFF, replace(page, tool=fit_name(page.tool)))


def _bytes(template: Template, page: object) -> bytes:
    return template.render(page=page).encode("utf-8", "replace")
