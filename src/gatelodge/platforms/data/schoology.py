"""Schoology by PowerSchool. One issuer and one set of addresses for every school."""

from gatelodge.platforms.model import Addresses, Environment, Identifier, Platform

_SERVICE = "https://lti-service.svc.schoology.com/lti-service"
_APP = ("App Center", "My Developer Apps", "(tool)")
_INSTALLED = ("Organization Apps", "(tool)")
_NOT_SHOWN = "Schoology doesn't show its {}. It is the same for every school: take it from the Schoology preset."

SCHOOLOGY = Platform(
    id="schoology",
    name="Schoology",
    admin="Schoology administrator",
    environments=(
        Environment(
            "cloud",
            "Schoology",
            Addresses(
                "https://schoology.schoology.com",
                f"{_SERVICE}/authorize-redirect",
                f"{_SERVICE}/access-token",
                f"{_SERVICE}/.well-known/jwks",
            ),
        ),
    ),
    issuer_is_shared=True,
    words=("schoology",),
    client_id=Identifier("[0-9]{6,12}", "a number of about ten digits"),
    deployment_id=Identifier("[0-9]+-[0-9]+", "the same number, a hyphen and the school's number"),
    fields_to_platform={
        "target_link_uri": "Domain/URL",
        "oidc_initiation_url": "OIDC Login Init URL",
        "redirect_uris": "Redirect URLs",
        "key_set_url": "JWKS URL",
        "domain": "Domain/URL",
        "deep_linking_url": "Overwrite Domain/URL of the placement",
        "icon_url": "App logo",
        "custom_parameters": "Custom Parameters",
    },
    fields_from_platform={"client_id": "Client ID", "deployment_id": "Deployment ID"},
    tool_settings=_APP,
    screens={
        "client_id": (*_APP, "Options", "API Info", "Client ID"),
        "deployment_id": (*_INSTALLED, "Configure", "Deployment ID"),
        "message": (*_APP, "Deep Linking"),
        "tool_state": (*_INSTALLED, "Install/Remove"),
        "privacy": (*_APP, "Privacy"),
    },
    notes={
        "issuer": _NOT_SHOWN.format("issuer"),
        "key_set": _NOT_SHOWN.format("key set's address"),
    },
    quirks=("custom_keys_lower_cased",),
    unverified=("audience", "screens.cookies"),
)
