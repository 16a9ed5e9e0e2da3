"""ILIAS. Its menus are known from a tutorial and its labels from its source, so most of them are unverified."""

from gatelodge.platforms.model import Addresses, Environment, Identifier, Platform, choose, own
from gatelodge.words import N_


def _at(folder: str) -> Addresses:
    return Addresses(
        "{site}",
        f"{folder}/ltiauth.php",
        f"{folder}/ltitoken.php",
        f"{folder}/lticerts.php",
    )


_TOOL = ("Administration", "LTI", "ILIAS as LTI consumer", "(provider)")

ILIAS = Platform(
    id="ilias",
    name="ILIAS",
    environments=(
        Environment("current", N_("ILIAS 10 and later"), _at("{site}")),
        Environment("older", N_("ILIAS 8 and 9"), _at("{site}/Modules/LTIConsumer")),
    ),
    words=("ilias",),
    client_id=Identifier("[A-Za-z0-9]{15}", "15 letters and digits"),
    deployment_id=Identifier("[0-9]+", "the number of the provider"),
    fields_to_platform={
        "target_link_uri": "Provider URL",
        "oidc_initiation_url": "Initiate Login URL",
        "redirect_uris": "Redirection URIs",
        "key_set_url": "Public Key Type: URL",
        "deep_linking_url": "Content URL",
        "custom_parameters": "Custom parameters",
    },
    fields_from_platform={
        "issuer": "Platform ID",
        "client_id": "Client ID",
        "deployment_id": "Provider ID",
        "key_set_url": "Keyset URL",
        "token_url": "Token URL",
        "authorization_url": "Authentication URL",
    },
    tool_settings=_TOOL,
    screens={
        "message": (*_TOOL, "Support for Deep Linking"),
        "tool_state": ("(LTI object)", "Settings", "Online"),
    },
    form=(
        own("Title", "name", verified=False),
        own("Provider URL", "target_link_uri", verified=False),
        own("Initiate Login URL", "oidc_initiation_url", verified=False),
        own("Redirection URIs", "redirect_uris", verified=False),
        choose("Public Key Type", "URL", verified=False),
        own("URL", "key_set_url", verified=False),
        own("Content URL", "deep_linking_url", optional=True, verified=False),
        own(
            "Custom parameters",
            "custom_parameters",
            N_("Several are separated by semicolons."),
            optional=True,
            separator=";",
            verified=False,
        ),
    ),
    enter_at=("Administration", "LTI", "ILIAS as LTI consumer"),
    save_with="Save",
    read_at=_TOOL,
    beware=(N_("Afterwards, switch the LTI object on under Settings: Online."),),
    quirks=("storage_target_in_query",),
    unverified=("audience", "environments", "fields_from_platform", "enter_at", "screens"),
)
