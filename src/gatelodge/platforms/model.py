"""The shape of one entry in the catalogue.

What an LMS calls its things is never translated; sentences and stand-ins of ours are marked for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from gatelodge.words import N_, Sentence

Path = tuple[str, ...]

SUBJECTS = (
    "issuer",
    "client_id",
    "deployment_id",
    "key_set",
    "target_link_uri",
    "redirect_uri",
    "message",
    "tool_state",
    "clock",
    "privacy",
    "cookies",
)
"""What can be wrong with a launch and be mended in the LMS. `key_set` is the LMS's own."""

# A subject that is a field: the LMS shows it, or it was typed into the LMS.
_SHOWN = {
    "issuer": "issuer",
    "client_id": "client_id",
    "deployment_id": "deployment_id",
    "key_set": "key_set_url",
}
_TYPED = {"target_link_uri": "target_link_uri", "redirect_uri": "redirect_uris"}

GUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_STEP = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
_CLOCK = N_(
    "No screen of {lms:word} sets its clock. "
    "Compare the time of its server with that of the Gatelodge server."
)
_OPEN = N_("In {lms:word}, open {path}.")
_LOOK_FOR = N_("In {lms:word}, look for {path}.")

PLACES = (
    N_("(tool)"),
    N_("(account)"),
    N_("(deployment)"),
    N_("(placement)"),
    N_("(provider)"),
    N_("(unit)"),
)
"""What stands in a menu path for a name that is the institution's own."""


class Addresses(NamedTuple):
    """Addresses of an LMS, or patterns for them: {site}, {client_id}, {tool_id}, {config_id}.

    None is an address that only the LMS can tell.
    """

    issuer: str | None = None
    authorization_url: str | None = None
    token_url: str | None = None
    key_set_url: str | None = None
    audience: str | None = None

    def fill(self, **known: str) -> "Addresses":
        """Put values into the patterns; one that needs a value not given becomes None.

        The audience of a token request is the token address unless the LMS wants another.
        """
        if site := known.get("site"):
            known["site"] = site.rstrip("/")
        return Addresses(
            _fill(self.issuer, known),
            _fill(self.authorization_url, known),
            _fill(self.token_url, known),
            _fill(self.key_set_url, known),
            _fill(self.audience or self.token_url, known),
        )


def _fill(pattern: str | None, known: Mapping[str, str]) -> str | None:
    try:
        return pattern and pattern.format_map(known)
    except KeyError:
        return None


class Environment(NamedTuple):
    """One place an LMS runs in, such as Canvas's beta.

    ``ask`` names what the LMS doesn't show and its pattern gets wrong at times.
    """

    id: str
    name: str
    addresses: Addresses
    ask: tuple[str, ...] = ()


class Line(NamedTuple):
    """One line of the form in which this LMS takes a tool: a value of ours, or what to choose.

    ``own`` names the value of ours. ``choose`` is in the LMS's words. ``separator`` stands between
    several values in one field.
    """

    label: str
    own: str = ""
    choose: str = ""
    note: str = ""
    optional: bool = False
    separator: str = ""
    section: str = ""
    verified: bool = True


def own(
    label: str,
    value: str,
    note: str = "",
    *,
    optional: bool = False,
    separator: str = "",
    section: str = "",
    verified: bool = True,
) -> Line:
    return Line(label, value, "", note, optional, separator, section, verified)


def choose(
    label: str,
    value: str,
    note: str = "",
    *,
    optional: bool = False,
    section: str = "",
    verified: bool = True,
) -> Line:
    return Line(label, "", value, note, optional, "", section, verified)


def your_site(*addresses: str | None) -> tuple[Environment, ...]:
    """The environments of an LMS that has one way to run: on a site of the institution's own."""
    return (Environment("site", N_("Your site"), Addresses(*addresses)),)


class Identifier(NamedTuple):
    """How an LMS writes its client ids or deployment ids: good for a hint, never a reason to refuse."""

    pattern: str
    looks_like: str

    def fits(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Platform:
    """One LMS family. The first environment is the usual one."""

    id: str
    name: str
    administrator: str = N_("{lms:word} administrator")
    environments: tuple[Environment, ...]
    issuer_is_shared: bool = False
    words: tuple[str, ...] = ()  # in an issuer's address, they give the LMS away
    client_id: Identifier | None = None
    deployment_id: Identifier | None = None
    fields_to_platform: Mapping[str, str]
    fields_from_platform: Mapping[str, str]
    tool_settings: Path
    values_shown: Path = ()  # where the LMS shows its own values, if not in the settings of the tool
    screens: Mapping[str, Path] = field(
        default_factory=dict
    )  # beside those that follow from fields
    notes: Mapping[str, Sentence] = field(default_factory=dict)  # where a path would lead nowhere
    quirks: tuple[str, ...] = ()
    form: tuple[Line, ...] = ()  # what is entered in the LMS, in its order
    enter_at: Path = ()  # where that form is
    save_with: str = ""  # the LMS's button under it
    read_at: Path = ()  # where the LMS shows its own values afterwards
    deploy_at: Path = ()  # where the deployment is made, if that is another step
    vendor_wide: Literal["never", "possible", "always"] = "never"
    vendor_at: Path = ()  # where an institution enters a client id that all of them share
    vendor_client_label: str = ""
    shown_to_vendor: tuple[str, ...] = ()  # what only who registered the gateway is shown
    beware: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()  # "audience", all "screens", or one of them: "screens.privacy"

    @property
    def admin(self) -> Sentence:
        """Who mends things in it, in words."""
        return Sentence(self.administrator, {"lms": self.name})

    def environment(self, environment_id: str | None = None) -> Environment:
        if environment_id is None:
            return self.environments[0]
        by_id = {each.id: each for each in self.environments}
        if environment_id not in by_id:
            raise LookupError(
                f"{self.name} has no environment {environment_id!r}. It has {', '.join(by_id)}."
            )
        return by_id[environment_id]

    def is_verified(self, fact: str) -> bool:
        """Whether a public source confirms a fact, such as "screens.privacy"."""
        return fact not in self.unverified and fact.partition(".")[0] not in self.unverified

    def screen(self, subject: str) -> Path:
        """The menu path to where a subject is mended, or else to the settings of the tool."""
        if path := self.screens.get(subject):
            return path
        if subject in self.notes:
            return self.tool_settings
        if label := self.fields_from_platform.get(_SHOWN.get(subject, "")):
            return (*(self.values_shown or self.tool_settings), label)
        if label := self.fields_to_platform.get(_TYPED.get(subject, "")):
            return (*self.tool_settings, label)
        return self.tool_settings

    def advice(self, subject: str) -> Sentence:
        """One sentence or two for the administrator: where in this LMS the subject is mended."""
        if note := self.notes.get(subject):
            return note
        if subject == "clock":
            return Sentence(_CLOCK, {"lms": self.name})
        text = _OPEN if self.is_verified(f"screens.{subject}") else _LOOK_FOR
        return Sentence(text, {"lms": self.name, "path": _STEP.join(self.screen(subject))})
