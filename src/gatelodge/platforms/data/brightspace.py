"""Brightspace by D2L. A tool is registered first and deployed on a second screen."""

from gatelodge.platforms.model import GUID, Identifier, Platform, your_site

_TOOL = ("Admin Tools", "Manage Extensibility", "LTI Advantage", "(tool)")
_DEPLOYMENT = ("Admin Tools", "External Learning Tools", "LTI Advantage", "(deployment)")

BRIGHTSPACE = Platform(
    id="brightspace",
    name="Brightspace",
    admin="Brightspace administrator",
    environments=your_site(
        "{site}",
        "{site}/d2l/lti/authenticate",
        "https://auth.brightspace.com/core/connect/token",
        "{site}/d2l/.well-known/jwks",
        "https://api.brightspace.com/auth/token",
    ),
    words=("brightspace", "d2l", "desire2learn"),
    client_id=Identifier(GUID, "five groups of letters and digits, shown with the tool"),
    deployment_id=Identifier(GUID, "five groups too, shown with the deployment"),
    fields_to_platform={
        "target_link_uri": "Target Link URI",
        "oidc_initiation_url": "OpenID Connect Login URL",
        "redirect_uris": "Redirect URLs",
        "key_set_url": "Keyset URL",
        "domain": "Domain",
        "deep_linking_url": "URL of a link of a deep linking type",
        "custom_parameters": "Custom Parameters",
    },
    fields_from_platform={
        "issuer": "Issuer",
        "client_id": "Client Id",
        "deployment_id": "Deployment Id",
        "key_set_url": "Brightspace Keyset URL",
        "token_url": "Brightspace OAuth2 Access Token URL",
        "authorization_url": "OpenID Connect Authentication Endpoint",
        "audience": "Brightspace OAuth2 Audience",
    },
    tool_settings=_TOOL,
    screens={
        "deployment_id": (*_DEPLOYMENT, "Deployment Id"),
        "message": (*_DEPLOYMENT, "Extensions"),
        "tool_state": (*_DEPLOYMENT, "Enabled"),
        "privacy": (*_DEPLOYMENT, "Security Settings"),
        "cookies": (*_DEPLOYMENT, "Configuration Settings", "Open as External Resource"),
    },
    quirks=("custom_variables_unresolved", "key_algorithm_missing"),
)
