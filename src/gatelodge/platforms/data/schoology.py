"""Schoology by PowerSchool. One issuer and one set of addresses for every school."""

from gatelodge.platforms.model import Addresses, Environment, Identifier, Platform, choose, own
from gatelodge.words import N_, Sentence

_SERVICE = "https://lti-service.svc.schoology.com/lti-service"
_APP = ("App Center", "My Developer Apps", "(tool)")
_INSTALLED = ("Organization Apps", "(tool)")
_ISSUER_NOT_SHOWN = N_(
    "Schoology doesn't show its issuer. It is the same for every school: "
    "take it from the Schoology preset."
)
_KEY_SET_NOT_SHOWN = N_(
    "Schoology doesn't show its key set's address. It is the same for every school: "
    "take it from the Schoology preset."
)

SCHOOLOGY = Platform(
    id="schoology",
    name="Schoology",
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
        "issuer": Sentence(_ISSUER_NOT_SHOWN),
        "key_set": Sentence(_KEY_SET_NOT_SHOWN),
    },
    form=(
        own("App Name", "name", verified=False),
        choose("Type of App", "LTI 1.3 App"),
        choose("Configuration Type", "Manual"),
        own("Domain/URL", "target_link_uri"),
        own("OIDC Login Init URL", "oidc_initiation_url"),
        own(
            "Redirect URLs",
            "redirect_uris",
            N_("Several are separated by commas."),
            separator=",",
        ),
        own("JWKS URL", "key_set_url"),
        choose("Deep Linking", "Deep Linking", optional=True),
        choose("Assignment and Grade Services", "Assignment and Grade Services", optional=True),
        choose("Names and Roles Services", "Names and Roles Services", optional=True),
        choose("Privacy", "Privacy", N_("Choose which personal data the tool gets.")),
        choose("Can be installed for", "Course", N_("Or where else the tool is to appear.")),
        own("Overwrite Domain/URL", "deep_linking_url", optional=True, section="Placement"),
        own(
            "Custom Parameters",
            "custom_parameters",
            N_("Schoology turns the names of parameters into small letters."),
            optional=True,
        ),
        own(
            "App logo", "icon_url", N_("Schoology takes a picture, and no address."), optional=True
        ),
    ),
    enter_at=("App Center", "My Developer Apps", "Add App"),
    save_with="Submit",
    read_at=(*_APP, "Options", "API Info"),
    deploy_at=(
        "Install LTI 1.3 App",
        "I Agree",
        "Continue",
        "Add to Organization",
        "Organization Apps",
        "Configure",
    ),
    vendor_wide="possible",
    vendor_at=("App Center", "(tool)", "Install LTI 1.3 App"),
    vendor_client_label="Client ID",
    beware=(
        N_("Install the app with Add to Organization, and not for yourself alone."),
        N_("Then assign it under Install/Remove, or teachers don't see it."),
        N_(
            "The Deployment ID has a hyphen, and is shown once the app is installed: you can add it later."
        ),
    ),
    quirks=("custom_keys_lower_cased",),
    unverified=("audience", "screens.cookies"),
)
