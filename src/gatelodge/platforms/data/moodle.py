"""Moodle, and two that descend from it: Open LMS follows it closely, Totara 13 left at Moodle 3.8."""

from dataclasses import replace

from gatelodge.platforms.model import Identifier, Platform, your_site

_TOOLS = ("Site administration", "Plugins", "Activity modules", "External tool", "Manage tools")
_EDIT = (*_TOOLS, "(tool): Edit")

MOODLE = Platform(
    id="moodle",
    name="Moodle",
    admin="Moodle administrator",
    environments=your_site(
        "{site}",  # the configured wwwroot, its path included
        "{site}/mod/lti/auth.php",
        "{site}/mod/lti/token.php",
        "{site}/mod/lti/certs.php",
    ),
    words=("moodle", "moodlecloud"),
    client_id=Identifier("[A-Za-z0-9]{15}", "15 letters and digits"),
    deployment_id=Identifier("[0-9]+", "a small number"),
    fields_to_platform={
        "target_link_uri": "Tool URL",
        "oidc_initiation_url": "Initiate login URL",
        "redirect_uris": "Redirection URI(s)",
        "key_set_url": "Public keyset",
        "deep_linking_url": "Content Selection URL",
        "icon_url": "Icon URL",
        "custom_parameters": "Custom parameters",
    },
    fields_from_platform={
        "issuer": "Platform ID",
        "client_id": "Client ID",
        "deployment_id": "Deployment ID",
        "key_set_url": "Public keyset URL",
        "token_url": "Access token URL",
        "authorization_url": "Authentication request URL",
    },
    tool_settings=_EDIT,
    values_shown=(*_TOOLS, "(tool): View configuration details"),
    screens={
        "message": (*_EDIT, "Supports Deep Linking (Content-Item Message)"),
        "tool_state": (*_TOOLS, "(tool): Activate"),
        "privacy": (*_EDIT, "Privacy"),
        "cookies": (*_EDIT, "Default launch container"),
    },
    quirks=("context_type_short_names", "custom_variables_unresolved", "token_lives_one_minute"),
)

OPEN_LMS = replace(
    MOODLE,
    id="open_lms",
    name="Open LMS",
    admin="Open LMS administrator",
    words=("openlms",),
)

TOTARA = replace(
    MOODLE,
    id="totara",
    name="Totara",
    admin="Totara administrator",
    words=("totara",),
    quirks=(*MOODLE.quirks, "key_padding"),
    unverified=("screens", "fields_to_platform", "fields_from_platform"),
)
