"""Canvas by Instructure. Its issuer names the environment, never the customer."""

from gatelodge.platforms.model import Addresses, Environment, Identifier, Platform


def _at(issuer: str, site: str) -> Addresses:
    return Addresses(
        issuer,
        f"{site}/api/lti/authorize_redirect",
        f"{site}/login/oauth2/token",
        f"{site}/api/lti/security/jwks",
    )


_KEYS = ("Admin", "(account)", "Developer Keys")
_KEY = (*_KEYS, "(tool)")
_NOT_SHOWN = (
    "Canvas doesn't show its {}. It follows from where this Canvas runs: choose production, beta, test"
    " or self-hosted in the registration."
)

CANVAS = Platform(
    id="canvas",
    name="Canvas",
    admin="Canvas administrator",
    environments=(
        Environment(
            "production",
            "Production",
            _at("https://canvas.instructure.com", "https://sso.canvaslms.com"),
        ),
        Environment(
            "beta",
            "Beta",
            _at("https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com"),
        ),
        Environment(
            "test",
            "Test",
            _at("https://canvas.test.instructure.com", "https://sso.test.canvaslms.com"),
        ),
        # A server of one's own keeps the cloud's issuer until its lti_iss is set.
        Environment("self_hosted", "Self-hosted", _at("https://canvas.instructure.com", "{site}")),
    ),
    issuer_is_shared=True,
    words=("canvas", "instructure", "canvaslms"),
    client_id=Identifier("[0-9]{1,20}", "a long number"),
    deployment_id=Identifier("[0-9]+:[0-9a-f]{40}", "a number, a colon and 40 more characters"),
    fields_to_platform={
        "target_link_uri": "Target Link URI",
        "oidc_initiation_url": "OpenID Connect Initiation Url",
        "redirect_uris": "Redirect URIs",
        "key_set_url": "Public JWK URL",
        "domain": "Domain",
        "deep_linking_url": "Target Link URI of a placement for deep linking",
        "icon_url": "Icon URL",
        "custom_parameters": "Custom Fields",
    },
    fields_from_platform={"client_id": "Details", "deployment_id": "Deployment Id"},
    tool_settings=_KEY,
    screens={
        "client_id": (*_KEYS, "Details"),
        "deployment_id": ("Settings", "Apps", "View App Configurations", "(tool)", "Deployment Id"),
        "message": (*_KEY, "Placements"),
        "tool_state": (*_KEY, "State"),
        "privacy": (*_KEY, "Additional Settings", "Privacy Level"),
        "cookies": (*_KEY, "Placements"),
    },
    notes={
        "issuer": _NOT_SHOWN.format("issuer"),
        "key_set": _NOT_SHOWN.format("key set's address"),
    },
    quirks=(
        "account_context",
        "deployment_id_parameter",
        "error_post_extra_fields",
        "resource_link_id_repeats",
        "role_addresses_malformed",
    ),
    unverified=("screens.cookies",),
)
