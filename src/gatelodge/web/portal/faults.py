"""What is wrong with a form of the operator's, as sentences beside its fields."""

from collections.abc import Mapping

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import Invalid
from gatelodge.web.pages.languages import Language
from gatelodge.web.portal.pages import Visit
from gatelodge.words import N_

_ADDRESS = N_("This isn't a full address that can be used. Begin with https:// and a host.")
_SLUG = N_("Use a to z, 0 to 9, and hyphens between them: 40 characters at most.")

_INVALID: Mapping[str, str] = {
    "name": N_("Give a name of at most 100 characters, all of which can be seen."),
    "slug": _SLUG,
    "key": _SLUG,
    "launch_url": _ADDRESS,
    "authorization_url": _ADDRESS,
    "token_url": _ADDRESS,
    "key_set_url": _ADDRESS,
    "issuer": N_("Give the issuer as the LMS shows it, without blanks in it."),
    "client_id": N_("Give the client ID as the LMS shows it: no blanks, no letters with accents."),
    "token_audience": N_("Give the audience as the LMS shows it, or leave it empty."),
    "service_origins": N_("Give one a line: scheme and host alone, as in https://lms.example.edu."),
    "registration": N_("Choose one of the registrations of this client."),
    "leeway": N_("Give 0 to 300 seconds."),
    "message_types": N_("Choose at least one: otherwise nothing could open the tool."),
    "note": N_("Say it in at most 1,000 characters."),
    "word": N_("Tell them why, in at most 1,000 characters."),
    "icon": N_(
        "Choose a PNG or JPEG picture that isn't damaged, of at most 200 kB, "
        "with 16 to 1,024 pixels on each side."
    ),
}

_FIELDS: Mapping[str, str] = {
    "message": "message_types",
    "claim": "claims",
    "algorithm": "id_token_algorithm",
    "hand-off": "hand_off",
    "service_origin": "service_origins",
}
"""Names of fields in the services that forms call otherwise."""

_CONFLICTS: Mapping[str, tuple[str, str]] = {
    "tenant.slug_taken": ("slug", N_("Another institution has this short name. Choose another.")),
    "tenant.not_found": ("tenants", N_("One of these institutions isn't there any more.")),
    "tool.key_taken": ("key", N_("Another tool has this key. Choose another.")),
    "registration.client_exists": (
        "client_id",
        N_("This issuer and client ID are on this gateway already, shared or one institution's."),
    ),
    "platform_client.taken": (
        "client_id",
        N_("This issuer and client ID are on this gateway already, shared or one institution's."),
    ),
    "registration.not_found": ("registration", N_("This registration isn't there any more.")),
    "deployment.taken": ("registration", N_("This deployment was decided on before.")),
}

_CHOOSE = N_("Choose one of what is offered.")


def faults_of(visit: Visit, error: GatelodgeError) -> dict[str, str]:
    """Field to sentence, in the visitor's language; raises the error again where none is to blame."""
    return faults_in(visit.language, error)


def faults_in(language: Language, error: GatelodgeError) -> dict[str, str]:
    """The same before anybody has signed in."""
    if isinstance(error, Invalid):
        fields = [_FIELDS.get(each.field, each.field) for each in (error, *error.others)]
        sentences = {field: _INVALID.get(field, _CHOOSE) for field in fields}
    elif error.code in _CONFLICTS:
        sentences = dict([_CONFLICTS[error.code]])
    else:
        raise error
    translate = language.translations.gettext
    return {field: translate(sentence) for field, sentence in sentences.items()}
