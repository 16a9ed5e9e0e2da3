"""Brightspace by D2L. A tool is registered first and deployed on a second screen."""

from gatelodge.platforms.model import GUID, Identifier, Platform, choose, own, your_site
from gatelodge.words import N_

_TOOL = ("Admin Tools", "Manage Extensibility", "LTI Advantage", "(tool)")
_DEPLOYMENT = ("Admin Tools", "External Learning Tools", "LTI Advantage", "(deployment)")

BRIGHTSPACE = Platform(
    id="brightspace",
    name="Brightspace",
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
        "client_id": "Client Id",
        "key_set_url": "Brightspace Keyset URL",
        "token_url": "Brightspace OAuth2 Access Token URL",
        "authorization_url": "OpenID Connect Authentication Endpoint",
        "audience": "Brightspace OAuth2 Audience",
        "issuer": "Issuer",
        "deployment_id": "Deployment Id",
    },
    tool_settings=_TOOL,
    screens={
        "deployment_id": (*_DEPLOYMENT, "Deployment Id"),
        "message": (*_DEPLOYMENT, "Extensions"),
        "tool_state": (*_DEPLOYMENT, "Enabled"),
        "privacy": (*_DEPLOYMENT, "Security Settings"),
        "cookies": (*_DEPLOYMENT, "Configuration Settings", "Open as External Resource"),
    },
    form=(
        own("Name", "name"),
        own(
            "Domain",
            "domain",
            N_("Brightspace takes one enabled registration for each domain."),
        ),
        own("Redirect URLs", "redirect_uris", N_("Each in a field of its own.")),
        own("OpenID Connect Login URL", "oidc_initiation_url"),
        own("Target Link URI", "target_link_uri"),
        own("Keyset URL", "key_set_url"),
        choose("Extensions", "Assignment and Grade Services", optional=True),
        choose("Extensions", "Deep Linking", optional=True),
        choose("Extensions", "Names and Role Provisioning Services", optional=True),
        own("Custom Parameters", "custom_parameters", optional=True),
        own(
            "URL",
            "deep_linking_url",
            N_("Of a link of the type Deep Linking Quicklink or Deep Linking Insert Stuff."),
            optional=True,
            section="New Link",
        ),
    ),
    enter_at=(
        "Admin Tools",
        "Manage Extensibility",
        "LTI Advantage",
        "Register Tool",
        "Standard",
    ),
    save_with="Register",
    read_at=_TOOL,
    deploy_at=("Admin Tools", "External Learning Tools", "LTI Advantage", "New Deployment"),
    beware=(
        N_(
            "The Deployment Id comes with New Deployment, on a second screen: you can add it later."
        ),
        N_("Brightspace OAuth2 Audience isn't the access token URL: grades need its own value."),
        N_("Tick the extensions once more with the deployment, and add its org units."),
        N_("Under Security Settings, leave Anonymous off and tick what the tool needs to know."),
    ),
    quirks=("custom_variables_unresolved", "key_algorithm_missing"),
)
