"""Names that somebody typed somewhere else, made fit to stand in our sentences.

A name may be hostile: very long, with markup, or with characters that turn the text around it.
Markup is escaped like everything else; this module sees to the rest.
"""

import re
from collections.abc import Callable, Mapping

from markupsafe import Markup

from gatelodge.platforms import get
from gatelodge.words import N_

YOUR_LMS = N_("your LMS")
"""In a sentence, an LMS of which no more is known."""

LONGEST_NAME = 60
"""Longest name that a page shows, in characters: two lines of a small frame."""

# Control characters, halves of surrogate pairs (UTF-8 has none), and what reorders the text after
# it: an override in a name must not mirror our sentence. Joiners stay, since Persian needs them.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")

_BEGINS_SENTENCE = re.compile(r"(?:^|(?<=[.:] ))\{(tool|platform)\}")
_FOLLOWS_THIS = re.compile(r"(?<=\bthis )\{(tool|platform)\}")

_ISOLATED = Markup("<bdi>{}</bdi>")


def fit_name(name: str | None) -> str | None:
    """The name as it may be shown, or None if nothing of it is left."""
    if name is None:
        return None
    # Cut before cleaning, so that ten million characters cost no more than a few hundred.
    words = " ".join(_UNFIT.sub(" ", name[: LONGEST_NAME * 4]).split())
    if len(words) > LONGEST_NAME:
        words = words[: LONGEST_NAME - 1].rstrip() + "…"
    return words or None


def lms_name(platform_id: str | None) -> str | None:
    """What people call this LMS; "other" has no name that they would know."""
    if platform_id is None or platform_id == "other":
        return None
    return get(platform_id).name


def isolated(name: str) -> Markup:
    """The name with its own direction, whatever the page's is."""
    return _ISOLATED.format(name)


def with_names(
    text: Markup, names: Mapping[str, str | None], stand_ins: Mapping[str, str]
) -> Markup:
    """A text whose ``{tool}``, ``{platform}`` and ``{gateway}`` are filled in.

    What isn't known is called by its stand-in. There are three of each: for within a sentence
    (``tool``), for its beginning (``Tool``), and for after "this" (``this tool``).
    """
    known = {key: isolated(name) for key, name in names.items() if name}
    known |= {
        form: name for key, name in known.items() for form in (key.capitalize(), f"this {key}")
    }
    marked = _BEGINS_SENTENCE.sub(lambda found: f"{{{found[1].capitalize()}}}", text)
    marked = _FOLLOWS_THIS.sub(r"{this \1}", marked)
    return Markup(marked).format_map({**stand_ins, **known})  # noqa: S704 (our own text; the values are escaped)


def told(text: Markup, names: Mapping[str, str], translate: Callable[[str], str]) -> Markup:
    """A translated text whose ``{name}`` and the like are filled in with what people typed."""
    if names.get("lms") == get("other").name:
        yours = translate(YOUR_LMS)
        begins = text.startswith("{lms}")
        names = {**names, "lms": yours[:1].upper() + yours[1:] if begins else yours}
    shown = {key: isolated(fit_name(name) or "…") for key, name in names.items()}
    return Markup(text).format_map(shown)  # noqa: S704 (our own text; the names are escaped)


def initials(name: str) -> str:
    """Two letters that stand for a person's name; one, or none, if there are no more."""
    words = (fit_name(name) or "").replace("@", " ").split()
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in ends).upper()
