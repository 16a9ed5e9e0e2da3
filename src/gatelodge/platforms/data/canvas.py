"""Canvas by Instructure. Its issuer names the environment, never the customer."""

from gatelodge.platforms.model import Addresses, Environment, Identifier, Platform, choose, own
from gatelodge.words import N_, Sentence


def _at(issuer: str, site: str) -> Addresses:
    return Addresses(
        issuer,
        f"{site}/api/lti/authorize_redirect",
        f"{site}/login/oauth2/token",
        f"{site}/api/lti/security/jwks",
    )


_KEYS = ("Admin", "(account)", "Developer Keys")
_KEY = (*_KEYS, "(tool)")
_ISSUER_NOT_SHOWN = N_(
    "Canvas doesn't show its issuer. It follows from where this Canvas runs: choose production, "
    "beta, test or self-hosted in the registration."
)
_KEY_SET_NOT_SHOWN = N_(
    "Canvas doesn't show its key set's address. It follows from where this Canvas runs: choose "
    "production, beta, test or self-hosted in the registration."
)

CANVAS = Platform(
    id="canvas",
    name="Canvas",
    environments=(
        Environment(
            "production",
            N_("Production"),
            _at("https://canvas.instructure.com", "https://sso.canvaslms.com"),
        ),
        Environment(
            "beta",
            N_("Beta"),
            _at("https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com"),
        ),
        Environment(
            "test",
            N_("Test"),
            _at("https://canvas.test.instructure.com", "https://sso.test.canvaslms.com"),
        ),
        # A server of one's own keeps the cloud's issuer until its lti_iss is set.
        Environment(
            "self_hosted",
            N_("Self-hosted"),
            _at("https://canvas.instructure.com", "{site}"),
            ask=("issuer",),
        ),
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
        "issuer": Sentence(_ISSUER_NOT_SHOWN),
        "key_set": Sentence(_KEY_SET_NOT_SHOWN),
    },
    quirks=(
        "account_context",
        "deployment_id_parameter",
        "error_post_extra_fields",
        "resource_link_id_repeats",
        "role_addresses_malformed",
    ),
    form=(
        own("Key Name", "name"),
        own(
            "Redirect URIs",
            "redirect_uris",
            N_("Canvas compares it to the letter, up to the question mark."),
            separator="\n",
        ),
        choose("Method", "Manual Entry"),
        own("Title", "name"),
        own("Target Link URI", "target_link_uri"),
        own("OpenID Connect Initiation Url", "oidc_initiation_url"),
        choose("JWK Method", "Public JWK URL"),
        own("Public JWK URL", "key_set_url"),
        choose(
            "LTI Advantage Services",
            "LTI Advantage Services",
            N_("Switch on those that the tool needs: grades, and the members of a course."),
            optional=True,
        ),
        own("Domain", "domain", section="Additional Settings"),
        own("Icon URL", "icon_url", optional=True, section="Additional Settings"),
        own(
            "Custom Fields",
            "custom_parameters",
            optional=True,
            separator="\n",
            section="Additional Settings",
        ),
        choose(
            "Privacy Level",
            "Public",
            N_("The tool then gets names and e-mail addresses."),
            section="Additional Settings",
            verified=False,
        ),
        choose(
            "Placements",
            "Course Navigation",
            N_("Or where else the tool is to appear: without a placement nobody sees it."),
            verified=False,
        ),
        own(
            "Target Link URI",
            "deep_linking_url",
            N_("Of a placement with the message type LtiDeepLinkingRequest."),
            optional=True,
            section="Placements",
        ),
    ),
    enter_at=("Admin", "(account)", "Developer Keys", "+ Developer Key", "+ LTI Key"),
    save_with="Save",
    read_at=("Admin", "(account)", "Developer Keys", "Details"),
    deploy_at=(
        "Settings",
        "Apps",
        "View App Configurations",
        "+ App",
        "Configuration Type: By Client ID",
        "Submit",
        "Install",
    ),
    vendor_wide="possible",
    vendor_at=("Admin", "(account)", "Developer Keys", "Inherited", "State: On"),
    vendor_client_label="Client ID",
    beware=(
        N_("A new key is switched off. Set its State to On."),
        N_("The issuer is never the address of your own Canvas site."),
        N_("The Client ID is the number under Details, and not what “Show Key” shows."),
        N_("Canvas shows the Deployment Id only once the app is installed: you can add it later."),
        N_(
            "Install the app once, in the root account: each installation is a deployment of its own."
        ),
        N_(
            "Beta and test are overwritten from production from time to time; enter the key again then."
        ),
    ),
    unverified=("screens.cookies",),
)
