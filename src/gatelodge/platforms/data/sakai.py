"""Sakai. The token address carries the tool's number, so that no preset can know it."""

from gatelodge.platforms.model import GUID, Identifier, Platform, choose, own, your_site
from gatelodge.words import N_

_TOOL = ("Administration Workspace", "External Tools", "(tool)")

SAKAI = Platform(
    id="sakai",
    name="Sakai",
    environments=your_site(
        "{site}",
        "{site}/imsoidc/lti13/oidc_auth",
        "{site}/imsblis/lti13/token/{tool_id}",
        "{site}/imsblis/lti13/keyset",
    ),
    words=("sakai",),
    client_id=Identifier(GUID, "five groups of letters and digits"),
    deployment_id=Identifier(
        "[A-Za-z0-9_-]+", "a short word or number, 1 unless the server says otherwise"
    ),
    fields_to_platform={
        "target_link_uri": "Launch URL",
        "oidc_initiation_url": "LTI 1.3 Tool OpenID Connect/Initialization Endpoint",
        "redirect_uris": "LTI 1.3 Tool Redirect Endpoint(s)",
        "key_set_url": "LTI 1.3 Tool Keyset URL",
        "deep_linking_url": "Launch URL",
        "custom_parameters": "Custom Parameters",
    },
    fields_from_platform={
        "client_id": "Client ID",
        "deployment_id": "Deployment ID",
        "issuer": "Issuer",
        "key_set_url": "LTI 1.3 Platform OAuth2 Well-Known/KeySet URL",
        "token_url": "LTI 1.3 Platform OAuth2 Bearer Token Retrieval URL",
        "authorization_url": "LTI 1.3 Platform OIDC Authentication URL",
    },
    tool_settings=_TOOL,
    values_shown=("Administration Workspace", "External Tools", "(tool): View"),
    screens={
        "message": (*_TOOL, "Placements"),
        "tool_state": (*_TOOL, "Supports LTI 1.3"),
        "privacy": (*_TOOL, "Send names, send email"),
    },
    form=(
        own("Title", "name", verified=False),
        own("Launch URL", "target_link_uri"),
        choose("Supports LTI 1.3", "Supports LTI 1.3"),
        own("LTI 1.3 Tool Keyset URL", "key_set_url"),
        own("LTI 1.3 Tool OpenID Connect/Initialization Endpoint", "oidc_initiation_url"),
        own("LTI 1.3 Tool Redirect Endpoint(s)", "redirect_uris"),
        own("Custom Parameters", "custom_parameters", optional=True),
        own("Launch URL", "deep_linking_url", optional=True, verified=False),
        own("Icon", "icon_url", optional=True, verified=False),
    ),
    enter_at=("Administration Workspace", "External Tools", "Install LTI 1.x Tool"),
    save_with="Save",
    read_at=("Administration Workspace", "External Tools", "(tool): View"),
    beware=(
        N_("Blanks around a value break the launch in Sakai: copy without them."),
        N_("The token address belongs to this one tool: copy it from its own page."),
    ),
    quirks=("deployment_id_varies", "role_addresses_malformed", "role_short_names"),
    unverified=(
        "fields_to_platform.deep_linking_url",
        "screens.message",
        "screens.privacy",
        "screens.cookies",
    ),
)
