"""Open edX with the LTI Consumer component: each component is a client with addresses of its own."""

from gatelodge.platforms.model import GUID, Identifier, Platform, choose, own, your_site
from gatelodge.words import N_, Sentence

_EDIT = ("Studio", "(unit)", "(LTI Consumer component): Edit")

OPENEDX = Platform(
    id="openedx",
    name="Open edX",
    administrator=N_("course author in {lms:word}"),
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
    form=(
        choose("LTI Version", "LTI 1.3"),
        own("Tool Launch URL", "target_link_uri"),
        own("Tool Initiate Login URL", "oidc_initiation_url"),
        own(
            "Registered Redirect URIs",
            "redirect_uris",
            N_("Since version 9 of the component, which compares it to the letter."),
        ),
        choose("Tool Public Key Mode", "Keyset URL", verified=False),
        own("Tool Keyset URL", "key_set_url"),
        own("Deep Linking Launch URL", "deep_linking_url", optional=True),
        own("Custom Parameters", "custom_parameters", optional=True),
    ),
    enter_at=("Studio", "(unit)", "Advanced", "LTI Consumer", "Edit"),
    save_with="Save",
    read_at=("Studio", "(unit)", "(LTI Consumer component)"),
    beware=(
        N_("Each component, and each copy of one, has a Client ID of its own."),
        N_("OIDC Callback URL is an address of Open edX, and not one of Gatelodge's."),
        N_("The issuer is the address of the LMS itself, not of Studio."),
    ),
    notes={
        "issuer": Sentence(
            N_(
                "Studio doesn't show the issuer. It is the address of the LMS itself, not of Studio, "
                "without a slash at its end."
            )
        )
    },
)
