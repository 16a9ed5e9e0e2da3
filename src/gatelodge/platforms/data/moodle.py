"""Moodle, and two that descend from it: Open LMS follows it closely, Totara 13 left at Moodle 3.8."""

from dataclasses import replace

from gatelodge.platforms.model import Identifier, Platform, choose, own, your_site
from gatelodge.words import N_

_TOOLS = ("Site administration", "Plugins", "Activity modules", "External tool", "Manage tools")
_EDIT = (*_TOOLS, "(tool): Edit")

MOODLE = Platform(
    id="moodle",
    name="Moodle",
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
    form=(
        own("Tool name", "name", section="Tool settings"),
        own("Tool URL", "target_link_uri", section="Tool settings"),
        choose("LTI version", "LTI 1.3", section="Tool settings"),
        choose("Public key type", "Keyset URL", section="Tool settings"),
        own("Public keyset", "key_set_url", section="Tool settings"),
        own("Initiate login URL", "oidc_initiation_url", section="Tool settings"),
        own("Redirection URI(s)", "redirect_uris", separator="\n", section="Tool settings"),
        own(
            "Custom parameters",
            "custom_parameters",
            optional=True,
            separator="\n",
            section="Tool settings",
        ),
        choose(
            "Tool configuration usage",
            "Show in activity chooser and as a preconfigured tool",
            section="Tool settings",
        ),
        own(
            "Content Selection URL",
            "deep_linking_url",
            N_("Appears when Supports Deep Linking (Content-Item Message) is ticked."),
            optional=True,
            section="Tool settings",
        ),
        own("Icon URL", "icon_url", optional=True, section="Tool settings"),
        choose(
            "IMS LTI Assignment and Grade Services",
            "Use this service for grade sync and column management",
            N_("So that grades reach the gradebook."),
            section="Services",
        ),
        choose(
            "IMS LTI Names and Role Provisioning",
            "Use this service to retrieve members' information as per privacy settings",
            N_("So that the tool knows who is in the course."),
            section="Services",
        ),
        choose("Share launcher's name with tool", "Always", section="Privacy"),
        choose("Share launcher's email with tool", "Always", section="Privacy"),
        choose("Accept grades from the tool", "Always", section="Privacy"),
    ),
    enter_at=(*_TOOLS, "configure a tool manually"),
    save_with="Save changes",
    read_at=(*_TOOLS, "(tool)", "View configuration details"),
    beware=(
        N_("Copy the Platform ID as it is shown: it never ends with a slash."),
        N_(
            "Moodle's launches are good for 60 seconds, so the clocks of both servers have to agree."
        ),
    ),
    quirks=("context_type_short_names", "custom_variables_unresolved", "token_lives_one_minute"),
)

OPEN_LMS = replace(
    MOODLE,
    id="open_lms",
    name="Open LMS",
    words=("openlms",),
)

TOTARA = replace(
    MOODLE,
    id="totara",
    name="Totara",
    words=("totara",),
    quirks=(*MOODLE.quirks, "key_padding"),
    unverified=("screens", "fields_to_platform", "fields_from_platform", "form", "enter_at"),
)
