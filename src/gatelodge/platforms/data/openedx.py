"""Open edX with the LTI Consumer component: each component is a client with addresses of its own."""

from gatelodge.platforms.model import GUID, Identifier, Platform, your_site

_EDIT = ("Studio", "(unit)", "(LTI Consumer component): Edit")

OPENEDX = Platform(
    id="openedx",
    name="Open edX",
    admin="course author in Open edX",
    environments=your_site(
        "{site}",
        "{site}/api/lti_consumer/v1/launch/",
        "{site}/api/lti_consumer/v1/token/{config_id}",
        "{site}/api/lti_consumer/v1/public_keysets/{config_id}",
    ),
    words=("edx", "openedx"),
    client_id=Identifier(GUID, "five groups of letters and digits"),
    deployment_id=Identifier("1", "always 1"),
    fields_to_platform={
        "target_link_uri": "Tool Launch URL",
        "oidc_initiation_url": "Tool Initiate Login URL",
        "redirect_uris": "Registered Redirect URIs",
        "key_set_url": "Tool Keyset URL",
        "deep_linking_url": "Deep Linking Launch URL",
        "custom_parameters": "Custom Parameters",
    },
    fields_from_platform={
        "client_id": "Client ID",
        "deployment_id": "Deployment ID",
        "key_set_url": "Keyset URL",
        "token_url": "Access Token URL",
        "authorization_url": "OIDC Callback URL",  # for this LMS's own authorization endpoint
    },
    tool_settings=_EDIT,
    values_shown=("Studio", "(unit)", "(LTI Consumer component)"),
    screens={
        "message": (*_EDIT, "Deep Linking"),
        "tool_state": ("Studio", "Settings", "Advanced Settings", "Advanced Module List"),
        "privacy": (*_EDIT, "Request user's email"),
        "cookies": (*_EDIT, "LTI Launch Target"),
    },
    notes={
        "issuer": "Studio doesn't show the issuer. It is the address of the LMS itself, not of Studio,"
        " without a slash at its end."
    },
)
