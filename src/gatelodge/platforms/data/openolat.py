"""OpenOlat. A deployment belongs to one course element unless the tool has a shared one."""

from gatelodge.platforms.model import Platform, choose, own, your_site
from gatelodge.words import N_

_LTI = ("Administration", "External tools", "LTI 1.3")
_TOOL = (*_LTI, "External tools", "(tool)")

OPENOLAT = Platform(
    id="openolat",
    name="OpenOlat",
    environments=your_site(
        None,  # a property of the server, shown as Platform ISS
        "{site}/lti/auth",
        "{site}/lti/token",
        "{site}/lti/keys",
    ),
    words=("olat", "openolat"),
    fields_to_platform={
        "target_link_uri": "Tool URL",
        "oidc_initiation_url": "Initiate login URL",
        "redirect_uris": "Redirection URI(s)",
        "key_set_url": "Public Key URL",
        "custom_parameters": "Attributes of the course element",
    },
    fields_from_platform={
        "client_id": "Client ID",
        "deployment_id": "Deployment ID",
        "issuer": "Platform ISS",
        "authorization_url": "Login URI",
        "token_url": "Token URI",
        "key_set_url": "JWK Set URI",
    },
    tool_settings=_TOOL,
    screens={
        "issuer": (*_LTI, "Configuration", "Platform ISS"),
        "deployment_id": (*_TOOL, "With shared deployment", "Deployment ID"),
        "tool_state": (*_LTI, "Configuration"),
    },
    form=(
        own("Tool Name", "name"),
        own("Tool URL", "target_link_uri"),
        choose("Public Key Type", "URL"),
        own("Public Key URL", "key_set_url"),
        own("Initiate login URL", "oidc_initiation_url"),
        own("Redirection URI(s)", "redirect_uris", separator="\n"),
        own(
            "Attributes",
            "custom_parameters",
            N_("Of the course element, not of the tool."),
            optional=True,
            verified=False,
        ),
    ),
    enter_at=(*_LTI, "External tools", "Add new tool"),
    save_with="Save",
    read_at=_TOOL,
    beware=(
        N_(
            "OpenOlat shows its Client ID before you save: keep its form open until you have copied it."
        ),
        N_("Login URI is an address of OpenOlat, and not one of Gatelodge's."),
        N_(
            "Without “With shared deployment”, each course element has a deployment of its own,"
            " which waits for your approval at its first launch."
        ),
    ),
    quirks=("context_type_short_names", "deployment_id_varies", "resource_link_id_repeats"),
    unverified=("screens.message", "screens.privacy", "screens.cookies"),
)
