"""Any other LMS: nothing is known beforehand, so the usual names of each field stand side by side."""

from gatelodge.platforms.model import SUBJECTS, Platform, own, your_site
from gatelodge.words import N_, Sentence

_SETTINGS = N_("In your LMS, open the settings of this tool.")
_CLOCK = N_("Compare the time of your LMS's server with that of the Gatelodge server.")

OTHER = Platform(
    id="other",
    name=N_("Other LMS"),
    administrator=N_("LMS administrator"),
    environments=your_site(),
    fields_to_platform={
        "target_link_uri": "Target link URL / Launch URL / Tool URL",
        "oidc_initiation_url": "Initiate login URL / OIDC login initiation URL / Login URI",
        "redirect_uris": "Redirect URLs / Redirection URIs / Callback URL",
        "key_set_url": "Public keyset URL / Tool JWKS URL / JWK Set URI",
        "domain": "Domain",
        "deep_linking_url": "Deep linking URL / Content Selection URL",
        "icon_url": "Icon URL",
        "custom_parameters": "Custom parameters",
    },
    fields_from_platform={
        "issuer": "Issuer / Issuer ID / Platform ID / Platform ISS",
        "client_id": "Client ID",
        "deployment_id": "Deployment ID",
        "key_set_url": "Keyset URL / JWKS URL",
        "token_url": "Access token URL",
        "authorization_url": "Authentication request URL / OIDC authorization endpoint",
        "audience": "Audience",
    },
    form=(
        own("Tool name", "name", verified=False),
        own("Target link URL", "target_link_uri", N_("Or: Launch URL, Tool URL."), verified=False),
        own(
            "OpenID connection URL",
            "oidc_initiation_url",
            N_("Or: Initiate login URL, OIDC login initiation URL, Login URI."),
            verified=False,
        ),
        own(
            "Redirect URL",
            "redirect_uris",
            N_("Or: Redirection URI, Tool redirect URL, Callback URL."),
            verified=False,
        ),
        own(
            "Public keyset URL",
            "key_set_url",
            N_("Or: Tool JWKS URL, JWK Set URI, Public keyset."),
            verified=False,
        ),
        own("Domain", "domain", optional=True, verified=False),
        own(
            "Deep linking URL",
            "deep_linking_url",
            N_("Or: Content Selection URL."),
            optional=True,
            verified=False,
        ),
        own("Icon URL", "icon_url", optional=True, verified=False),
        own("Custom parameters", "custom_parameters", optional=True, verified=False),
    ),
    beware=(
        N_("Switch on both roles, learner and instructor, if your LMS asks for them."),
        N_("Switch on grades, members of a course, and personal data, if the tool needs them."),
    ),
    tool_settings=(N_("(settings of this tool)"),),
    notes=dict.fromkeys(SUBJECTS, Sentence(_SETTINGS)) | {"clock": Sentence(_CLOCK)},
    unverified=("screens",),
)
