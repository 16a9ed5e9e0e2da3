"""OpenOlat. A deployment belongs to one course element unless the tool has a shared one."""

from gatelodge.platforms.model import Platform, your_site

_LTI = ("Administration", "External tools", "LTI 1.3")
_TOOL = (*_LTI, "External tools", "(tool)")

OPENOLAT = Platform(
    id="openolat",
    name="OpenOlat",
    admin="OpenOlat administrator",
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
        "issuer": "Platform ISS",
        "client_id": "Client ID",
        "deployment_id": "Deployment ID",
        "key_set_url": "JWK Set URI",
        "token_url": "Token URI",
        "authorization_url": "Login URI",
    },
    tool_settings=_TOOL,
    screens={
        "issuer": (*_LTI, "Configuration", "Platform ISS"),
        "deployment_id": (*_TOOL, "With shared deployment", "Deployment ID"),
        "tool_state": (*_LTI, "Configuration"),
    },
    quirks=("context_type_short_names", "deployment_id_varies", "resource_link_id_repeats"),
    unverified=("screens.message", "screens.privacy", "screens.cookies"),
)
