"""What the wizard says: what things are called, and what is wrong, in sentences.

Sentences are in English here and translated where they are drawn. What is looked at, and how, is
in `gatelodge.platforms.looks`.
"""

from collections.abc import Mapping
from typing import Literal

from gatelodge.platforms import Platform
from gatelodge.platforms.looks import GOOD, TIDIED, WRONG, Look, Seen
from gatelodge.services.registrations import ClientStanding
from gatelodge.web.portal.notes import Note
from gatelodge.words import N_

OUR_NAMES: Mapping[str, str] = {
    "name": N_("Name of the tool"),
    "site": N_("Address of your LMS's site"),
    "issuer": N_("Issuer ID URL"),
    "client_id": N_("Client ID"),
    "deployment_id": N_("Deployment ID"),
    "key_set_url": N_("Keyset URL"),
    "token_url": N_("Access token URL"),
    "authorization_url": N_("Platform authentication URL"),
    "audience": N_("Token audience"),
}
"""What we call what comes from the LMS."""

THEIR_NAMES: Mapping[str, str] = {
    "name": N_("Name of the tool"),
    "target_link_uri": N_("Target link URL"),
    "oidc_initiation_url": N_("OpenID connection URL"),
    "redirect_uris": N_("Redirect URL"),
    "key_set_url": N_("Public keyset URL"),
    "domain": N_("Domain"),
    "deep_linking_url": N_("Deep linking URL"),
    "icon_url": N_("Icon URL"),
    "custom_parameters": N_("Custom parameters"),
}
"""What we call what is entered in the LMS."""


SAID: Mapping[Look, str] = {
    Look.FITS: N_("Follows {lms}'s pattern."),
    Look.LOOKS_LIKE: N_("Looks as in {lms}."),
    Look.UNLIKE: N_("{lms} writes it in another way as a rule. Compare it with what {lms} shows."),
    Look.USUAL: N_("{lms} usually has another address here:"),
    Look.BLANKS: N_("Blanks around it were removed."),
    Look.INVISIBLE: N_("A character that can't be seen was removed."),
    Look.QUOTES: N_("Quotation marks around it were removed."),
    Look.SLASH_REMOVED: N_("A slash at the end was removed: {lms}'s never has one."),
    Look.SLASH: N_("It ends with a slash. Keep it only if {lms} shows it so."),
    Look.HTTP: N_("This address begins with http. LTI 1.3 needs https."),
    Look.NOT_HTTPS: N_("It doesn't begin with https://. Compare it with what {lms} shows."),
    Look.SWAPPED: N_("This and the Client ID look swapped."),
    Look.SAME: N_("This is the same as the Client ID. Compare both with what {lms} shows."),
    Look.MISSING: N_("This is missing. {lms} shows it, or its administrator knows it."),
    Look.LATER: N_("Leave it empty if {lms} doesn't show it yet: its first launch asks for you."),
}

STANDINGS: Mapping[ClientStanding, Note] = {
    ClientStanding.OWN: Note(
        "warn",
        N_("Your institution uses this Client ID already: both registrations share its addresses."),
    ),
    ClientStanding.TAKEN: Note(
        "bad",
        N_(
            "This Client ID is in use on this gateway already. Look whether you copied your own; "
            "if you did, ask the operator of the gateway."
        ),
    ),
    ClientStanding.SHARED: Note(
        "bad",
        N_(
            "The operator of this gateway shares this Client ID among institutions. "
            "Go back a step and choose it there."
        ),
    ),
}

CONFLICTS: Mapping[str, str] = {
    "registration.taken": N_("This tool is registered with this Client ID already."),
    "registration.client_taken": STANDINGS[ClientStanding.TAKEN].text,
    "registration.client_differs": N_(
        "This Client ID is registered already, with other addresses. Use the same ones."
    ),
    "platform_client.taken": STANDINGS[ClientStanding.TAKEN].text,
    "deployment.taken": N_(
        "This deployment belongs to another registration already. Look at the list of deployments."
    ),
    "storage.reference_missing": N_(
        "Something you chose was deleted meanwhile. Go through the steps again."
    ),
}


_ADDRESS = N_(
    "This is no full address: it begins with https:// and a host, and has no blanks, names or "
    "fragments in it."
)
_IDENTIFIER = N_("This has characters that no such ID has, or is too long.")

UNFIT: Mapping[str, str] = {
    "name": N_("A name has letters that can be seen, and 100 characters at most."),
    "issuer": N_("An issuer has no blanks in it, and 2,000 characters at most."),
    "client_id": _IDENTIFIER,
    "deployment_id": _IDENTIFIER,
    "new_deployment": _IDENTIFIER,
    "audience": _IDENTIFIER,
    "token_audience": _IDENTIFIER,
    "key_set_url": _ADDRESS,
    "token_url": _ADDRESS,
    "authorization_url": _ADDRESS,
    "algorithms": N_("Choose of those that are offered."),
    "service_origins": N_("Give one a line: scheme and host alone, as in https://lms.example.edu."),
    "tool": N_("The tool isn't offered any more. Choose another one."),
    "shared_client": N_("The operator doesn't share this Client ID any more."),
}
_UNFIT = N_("This can't be taken. Look at it once more.")


def unfit(field: str) -> Note:
    """What the services refused, in words that are translated."""
    return Note("bad", UNFIT.get(field, _UNFIT))


def said(platform: Platform, seen: Seen, field: str) -> Note:
    """One thing that was seen about a value, in a sentence."""
    look = seen.look
    kind: Literal["ok", "tidied", "warn", "bad"] = "warn"
    if look in GOOD or look is Look.LATER:
        kind = "ok"
    elif look in TIDIED:
        kind = "tidied"
    elif look in WRONG:
        kind = "bad"
    return Note(
        kind,
        SAID[look],
        {"lms": platform.name},
        seen.expected if look is Look.USUAL else "",
        f"https:{field}" if look is Look.HTTP else "",
    )
