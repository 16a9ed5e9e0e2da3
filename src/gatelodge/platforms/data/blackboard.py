"""Blackboard Learn by Anthology. Who runs the gateway registers it once; each school then enters the client id."""

from gatelodge.platforms.model import GUID, Addresses, Environment, Identifier, Platform


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
_IN_PORTAL = (
    "Whoever registered this gateway at developer.anthology.com"
    " opens the application there and looks at {}."
)

BLACKBOARD = Platform(
    id="blackboard",
    name="Blackboard",
    admin="Blackboard administrator",
    environments=(
        Environment(
            "anthology", "Addresses at anthology.com", _at("https://developer.anthology.com")
        ),
        Environment(
            "blackboard",
            "Older addresses at blackboard.com",
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
        "issuer": "Issuer",
        "client_id": "Application ID",
        "deployment_id": "Deployment ID",
        "key_set_url": "Public keyset URL",
        "token_url": "Auth token endpoint",
        "authorization_url": "OIDC auth request endpoint",
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
    notes={subject: _IN_PORTAL.format(label) for subject, label in _PORTAL.items()},
    quirks=("roles_empty", "storage_target_at_login_only"),
)
