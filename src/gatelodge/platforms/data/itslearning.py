"""itslearning. Its staff add a tool to the App library; addresses come from them and are published nowhere."""

from gatelodge.platforms.model import SUBJECTS, Addresses, Environment, Platform

_ASK = "itslearning's staff keep the settings of a tool in their App library. Ask them to look at this one."

ITSLEARNING = Platform(
    id="itslearning",
    name="itslearning",
    admin="itslearning administrator",
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
    notes={subject: _ASK for subject in SUBJECTS if subject != "clock"},
    unverified=("environments", "screens", "fields_to_platform.deep_linking_url"),
)
