"""itslearning. Its staff add a tool to the App library; addresses come from them and are published nowhere."""

from gatelodge.platforms.model import SUBJECTS, Addresses, Environment, Platform, own
from gatelodge.words import N_, Sentence

_ASK = N_(
    "itslearning's staff keep the settings of a tool in their App library. "
    "Ask them to look at this one."
)

ITSLEARNING = Platform(
    id="itslearning",
    name="itslearning",
    environments=(Environment("cloud", "itslearning", Addresses()),),
    words=("itslearning",),
    fields_to_platform={
        "target_link_uri": "Target Link URI",
        "oidc_initiation_url": "Login URI",
        "redirect_uris": "Redirection URI",
        "key_set_url": "JWK Set URI",
        "deep_linking_url": "Redirection URI for deep linking",
    },
    fields_from_platform={"deployment_id": "Deployment ID"},
    tool_settings=("App library", "(tool)"),
    notes={subject: Sentence(_ASK) for subject in SUBJECTS if subject != "clock"},
    form=(
        own("Login URI", "oidc_initiation_url"),
        own("Redirection URI", "redirect_uris"),
        own("Target Link URI", "target_link_uri"),
        own("JWK Set URI", "key_set_url"),
        own("Redirection URI for deep linking", "deep_linking_url", optional=True, verified=False),
    ),
    vendor_wide="always",
    beware=(
        N_("itslearning's staff enter these values. Send them along, and ask for theirs."),
        N_("itslearning sends no names unless the Privacy level is changed from Anonymous."),
    ),
    unverified=("environments", "screens", "fields_to_platform.deep_linking_url"),
)
