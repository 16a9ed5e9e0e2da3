"""What an audit event says, in the reader's language: who did what, to which thing.

Every tag has its sentence. ``{who}`` begins it; ``{thing}``, ``{person}`` and ``{registration}`` are
names, or ids of what has none any more; the other places are details of the event.
"""

from collections.abc import Callable, Mapping

from gatelodge.services.audit_log import Actor, Entry, Kind, Who
from gatelodge.web.pages.names import fit_name
from gatelodge.web.portal.causes import FIELDS
from gatelodge.words import N_

KINDS: Mapping[Kind, str] = {
    Kind.REGISTRATIONS: N_("Registrations"),
    Kind.LAUNCHES: N_("Personal data of launches"),
    Kind.PEOPLE: N_("People and roles"),
    Kind.SIGN_INS: N_("Sign-ins"),
    Kind.PROBLEMS: N_("Problem reports"),
    Kind.TOOLS: N_("Tools"),
    Kind.KEYS: N_("Keys"),
    Kind.TENANTS: N_("Tenants"),
}

SENTENCES: Mapping[str, str] = {
    "tenant.added": N_("{who} added the institution {thing}"),
    "tenant.renamed": N_("{who} gave the institution {thing} this name"),
    "tenant.suspended": N_("{who} suspended the institution {thing}"),
    "tenant.resumed": N_("{who} let the institution {thing} go on"),
    "tenant.identity_removed": N_("{who} cut {thing} off from what a provider says of its people"),
    "tool.added": N_("{who} added the tool {thing}"),
    "tool.changed": N_("{who} changed the tool {thing}"),
    "tool.icon_changed": N_("{who} changed the picture of the tool {thing}"),
    "tool.deleted": N_("{who} deleted the tool {thing}"),
    "tool.secret_rotated": N_("{who} gave the tool {thing} a new secret"),
    "platform_client.added": N_("{who} added the shared client of {thing}"),
    "platform_client.changed": N_("{who} changed the shared client of {thing}"),
    "platform_client.deleted": N_("{who} deleted the shared client {thing}"),
    "platform_client.shared": N_("{who} made the client of {thing} a shared one"),
    "draft.begun": N_("{who} began to add the registration {thing}"),
    "draft.deleted": N_("{who} deleted a draft, {thing}"),
    "registration.added": N_("{who} added {thing}"),
    "registration.changed": N_("{who} changed {thing}: {fields}"),
    "registration.disabled": N_("{who} switched off {thing}"),
    "registration.enabled": N_("{who} switched on {thing}"),
    "registration.deleted": N_("{who} put {thing} into the bin"),
    "registration.restored": N_("{who} took {thing} out of the bin"),
    "registration.removed": N_("{who} removed {thing}, which had been in the bin for 30 days"),
    "deployment.requested": N_("{who} asked the operator for deployment {thing} of {registration}"),
    "deployment.approved": N_("{who} approved deployment {thing} of {registration}"),
    "deployment.request_dismissed": N_(
        "{who} dismissed the request for deployment {thing} of {registration}"
    ),
    "deployment.blocked": N_("{who} blocked deployment {thing}"),
    "key.rotated": N_("{who} made a new signing key, {thing}"),
    "key.revoked": N_("{who} revoked the signing key {thing}"),
    "launch.unmasked": N_("{who} looked at the personal data of the launch {thing}"),
    "account.added": N_("{who} added an account for {person}"),
    "account.roles_changed": N_("{who} changed the roles of {person}: {roles}"),
    "account.disabled": N_("{who} disabled the account of {person}"),
    "account.enabled": N_("{who} enabled the account of {person}"),
    "account.password_changed": N_("{who} changed the password of {person}"),
    "account.signed_in": N_("{who} signed in"),
    "account.signed_out": N_("{who} signed out"),
    "account.session_ended": N_("{who} ended another session of their own"),
    "account.sign_in_refused": N_("Sign-in refused for {person}: {why}"),
    "access.refused": N_("{who} was refused {page}: {why}"),
    "problem.reported": N_("{who} reported a problem, {thing}"),
    "problem.answered": N_("{who} answered the problem report {thing}"),
    "problem.state_changed": N_("{who} changed the state of the problem report {thing}: {state}"),
    "problem.passed_on": N_("{who} passed the problem report {thing} on to the operator"),
    "problem.file_taken": N_("{who} downloaded a file of the problem report {thing}"),
    "invitation.made": N_("{who} made an invitation"),
    "invitation.revoked": N_("{who} revoked an invitation"),
    "invitation.accepted": N_("{who} accepted an invitation"),
    "tenant_request.made": N_("{who} asked for an institution to be added"),
    "tenant_request.approved": N_("{who} approved the request of an institution"),
    "tenant_request.declined": N_("{who} declined the request of an institution"),
    "tenant.deletion_asked": N_("{who} asked for the institution {thing} to be deleted"),
    "tenant.deletion_decided": N_("{who} decided that the institution {thing} will be deleted"),
    "tenant.deletion_taken_back": N_("{who} took back the deletion of the institution {thing}"),
    "tenant.deleted": N_("{who} deleted the institution {thing}"),
    "export.asked": N_("{who} asked for an export of everything"),
    "export.taken": N_("{who} downloaded an export of everything"),
    "person.sought": N_("{who} looked for the personal data of one person"),
    "person.erasure_begun": N_("{who} began to erase the personal data of one person"),
    "person.erased": N_("{who} erased the personal data of one person"),
    "setup_link.made": N_("{who} made a set-up link"),
    "setup_link.used": N_("{who} used the set-up link"),
}

ANOTHER = N_("{who}: {tag}, {thing}")
"""For a tag that a later version wrote, or somebody by hand."""

_BEGINNING: Mapping[Who, str] = {
    Who.OPERATOR: N_("The operator of this gateway"),
    Who.COMMAND: N_("{name}, on the command line,"),
    Who.GATEWAY: N_("Gatelodge"),
    Who.STRANGER: N_("Somebody without an account"),
    Who.FORMER: N_("Somebody who has no role here any more"),
}
_WITHIN: Mapping[Who, str] = {
    Who.OPERATOR: N_("the operator of this gateway"),
    Who.STRANGER: N_("somebody unknown"),
    Who.FORMER: N_("somebody who has no role here any more"),
}

_ROLES = {
    "operator": N_("Operator"),
    "admin": N_("Administrator"),
    "educator": N_("Educator"),
    "": N_("none"),
}
_STATES = {
    "new": N_("new"),
    "in_work": N_("in work"),
    "waiting": N_("waiting for sender"),
    "solved": N_("solved"),
}
_WHY = {
    "role": N_("not for this role"),
    "origin": N_("sent from another site"),
    "sign_in.refused": N_("wrong e-mail address or password"),
    "sign_in.too_many": N_("too many attempts"),
    "account.disabled": N_("the account is disabled"),
    "sign_in.institution_unknown": N_("the institution isn't registered here"),
    "sign_in.institution_suspended": N_("the institution is suspended"),
    "sign_in.role_missing": N_("neither an administrator nor an educator"),
}

Translate = Callable[[str], str]


def sentence_of(entry: Entry, translate: Translate) -> str:
    """With its places, to be filled in with `names_in`."""
    return translate(SENTENCES.get(entry.event.tag, ANOTHER))


def names_in(entry: Entry, translate: Translate) -> dict[str, str]:
    """What stands in the places of the sentence, as plain text."""
    details = entry.details
    return {
        "who": actor_name(entry.actor, translate),
        "thing": thing_name(entry),
        "person": person_name(entry.subject, translate) if entry.subject else "",
        "registration": fit_name(entry.registration or details.get("registration")) or "-",
        "fields": _several(details.get("fields", ""), FIELDS, translate),
        "roles": _several(details.get("roles", ""), _ROLES, translate) or translate(_ROLES[""]),
        "state": _one(details.get("state", ""), _STATES, translate),
        "why": _one(details.get("why", ""), _WHY, translate),
        "page": details.get("page", ""),
        "tag": entry.event.tag,
    }


def told(entry: Entry, translate: Translate) -> str:
    """The whole of it as plain text."""
    return sentence_of(entry, translate).format_map(names_in(entry, translate))


def actor_name(actor: Actor, translate: Translate) -> str:
    if actor.who is Who.PERSON:
        return fit_name(actor.name) or actor.id
    return translate(_BEGINNING[actor.who]).format_map({"name": fit_name(actor.name) or "-"})


def person_name(actor: Actor, translate: Translate) -> str:
    if actor.who in _WITHIN:
        return translate(_WITHIN[actor.who])
    return actor_name(actor, translate)


def thing_name(entry: Entry) -> str:
    """The id of what has no name any more."""
    return fit_name(entry.thing or entry.event.subject) or "-"


def _several(names: str, words: Mapping[str, str], translate: Translate) -> str:
    return translate(N_(", ")).join(_one(each, words, translate) for each in names.split())


def _one(name: str, words: Mapping[str, str], translate: Translate) -> str:
    return translate(words[name]) if name in words else fit_name(name) or "-"
