"""Blackboard Learn by Anthology. Who runs the gateway registers it once; each school then enters the client id."""

from gatelodge.platforms.model import (
    GUID,
    Addresses,
    Environment,
    Identifier,
    Platform,
    choose,
    own,
)
from gatelodge.words import N_, Sentence


def _at(portal: str) -> Addresses:
    return Addresses(
        "https://blackboard.com",
        f"{portal}/api/v1/gateway/oidcauth",
        f"{portal}/api/v1/gateway/oauth2/jwttoken",
        f"{portal}/api/v1/management/applications/{{client_id}}/jwks.json",
    )


_PROVIDERS = ("Admin", "Integrations", "LTI Tool Providers")
_EDIT = (*_PROVIDERS, "(tool): Edit")
_PLACEMENTS = (*_PROVIDERS, "(tool): Manage Placements", "(placement): Edit")
_PORTAL = {
    "issuer": "Issuer",
    "key_set": "Public keyset URL",
    "redirect_uri": "Tool Redirect URL(s)",
}
_IN_PORTAL = N_(
    "Whoever registered this gateway at developer.anthology.com "
    "opens the application there and looks at {label}."
)

BLACKBOARD = Platform(
    id="blackboard",
    name="Blackboard",
    environments=(
        Environment(
            "anthology", N_("Addresses at anthology.com"), _at("https://developer.anthology.com")
        ),
        Environment(
            "blackboard",
            N_("Older addresses at blackboard.com"),
            _at("https://developer.blackboard.com"),
        ),
    ),
    issuer_is_shared=True,
    words=("blackboard",),
    client_id=Identifier(GUID, "five groups of letters and digits (the Application ID)"),
    deployment_id=Identifier(GUID, "five groups too, but another one"),
    fields_to_platform={
        "target_link_uri": "Target Link URI of a placement",
        "oidc_initiation_url": "Login Initiation URL",
        "redirect_uris": "Tool Redirect URL(s)",
        "key_set_url": "Tool JWKS URL",
        "domain": "Domain(s)",
        "deep_linking_url": "Target Link URI of the placement Deep Linking content tool",
        "icon_url": "Icon of a placement",
        "custom_parameters": "Tool Provider Custom Parameters",
    },
    fields_from_platform={
        "client_id": "Application ID",
        "issuer": "Issuer",
        "key_set_url": "Public keyset URL",
        "token_url": "Auth token endpoint",
        "authorization_url": "OIDC auth request endpoint",
        "deployment_id": "Deployment ID",
    },
    tool_settings=_EDIT,
    screens={
        "client_id": (*_EDIT, "Client ID"),
        "target_link_uri": (*_PLACEMENTS, "Target Link URI"),
        "message": _PLACEMENTS,
        "tool_state": (*_EDIT, "Tool Status"),
        "privacy": (*_EDIT, "Institution Policies"),
        "cookies": (*_PLACEMENTS, "Launch in new window"),
    },
    notes={subject: Sentence(_IN_PORTAL, {"label": label}) for subject, label in _PORTAL.items()},
    form=(
        own("Application Name", "name"),
        own(
            "Domain(s)",
            "domain",
            N_("Without https://. A Blackboard site takes one application for each domain."),
        ),
        choose("My integration supports LTI 1.3", "My integration supports LTI 1.3"),
        own("Login Initiation URL", "oidc_initiation_url"),
        own(
            "Tool Redirect URL(s)",
            "redirect_uris",
            N_("Several are separated by commas, without blanks."),
            separator=",",
        ),
        own("Tool JWKS URL", "key_set_url"),
        choose("Signing Algorithm", "RS256"),
        own("Tool Provider Custom Parameters", "custom_parameters", optional=True),
        own("Target Link URI", "target_link_uri", section="Placement"),
        own(
            "Target Link URI",
            "deep_linking_url",
            N_("Of a placement of the type Deep Linking content tool."),
            optional=True,
            section="Placement",
        ),
        own(
            "Icon",
            "icon_url",
            N_("Blackboard takes a picture of 50 by 50 points, and no address."),
            optional=True,
            section="Placement",
        ),
    ),
    enter_at=("developer.anthology.com", "Register a REST or LTI application"),
    save_with="Register",
    read_at=_PROVIDERS,
    vendor_wide="always",
    vendor_at=(*_PROVIDERS, "Register LTI 1.3/Advantage Tool"),
    vendor_client_label="Client ID",
    shown_to_vendor=("issuer", "key_set_url", "token_url", "authorization_url"),
    beware=(
        N_("A new tool is Excluded. Set Tool Status to Approved."),
        N_("Without ticks under Institution Policies no names, grades or members are sent."),
        N_("The Client ID is the Application ID, and not the Application Key."),
        N_(
            "On a Blackboard site that several institutions share, make a deployment for your node"
            " of the hierarchy: the default one isn't yours alone."
        ),
        N_("Tick Allow student access under Manage Placements, or students don't see the tool."),
        N_("Deleting the tool or a placement breaks all links to it for good."),
    ),
    quirks=("roles_empty", "storage_target_at_login_only"),
)
