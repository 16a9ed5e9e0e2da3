"""What is kept, for what, who sees it and how long: what the page on privacy says.

Each table is named here, so that none is added without an answer to that.
"""

from dataclasses import dataclass

from gatelodge.services.background import (
    BIN_DAYS,
    DOOR_DAYS,
    DRAFT_DAYS,
    REQUEST_DAYS,
    ROLELESS_DAYS,
)
from gatelodge.services.mails import GIVEN_UP_DAYS
from gatelodge.services.persons import SEARCH_DAYS
from gatelodge.services.tenant_exports import EXPORT_DAYS
from gatelodge.words import N_


@dataclass(frozen=True, slots=True)
class Rule:
    """``days`` is None for what is kept until somebody deletes it."""

    what: str
    purpose: str
    seen_by: str
    days: int | None
    tables: frozenset[str]


def rules(*, personal_days: int, launch_days: int, audit_days: int) -> tuple[Rule, ...]:
    """By the settings in force; what holds personal data stands first."""
    return (
        _rule(
            N_("Name, e-mail address, picture and other personal values of a launch, sealed"),
            N_("The tool is told who opened it, as far as it asks for that"),
            N_("The tool; administrators, who are written down when they look"),
            personal_days,
            "launch_personal",
        ),
        _rule(
            N_("Launches: when, which course and link, the LMS's number of the person"),
            N_("To find out why a link doesn't open, and to answer the tool"),
            N_("Administrators of the institution; they see the number only when they ask for it"),
            launch_days,
            "launches",
        ),
        _rule(
            N_("Launches that were refused, without names"),
            N_("To find out why a link doesn't open"),
            N_("Administrators of the institution, and the operator"),
            launch_days,
            "refusals",
        ),
        _rule(
            N_("Problem reports with answers and files, sealed, from their last change on"),
            N_("To answer who reported something"),
            N_("The sender, administrators of the institution, and the operator"),
            launch_days,
            "problem_reports",
            "report_words",
            "report_messages",
            "report_attachments",
        ),
        _rule(
            N_("Accounts: name, e-mail address, the provider's number, roles"),
            N_("To let people sign in who administer something here"),
            N_("The person, administrators of the institution, and the operator"),
            None,
            "accounts",
            "account_identities",
            "account_roles",
            "people_words",
            "local_logins",
        ),
        _rule(
            N_("Accounts that hold no role any more"),
            N_("To let people sign in who administer something here"),
            N_("The operator"),
            ROLELESS_DAYS,
        ),
        _rule(
            N_("Sessions, and counts of attempts to sign in"),
            N_("To stay signed in, and to keep guessing out"),
            N_("The person"),
            DOOR_DAYS,
            "sessions",
            "sign_in_counts",
            "setup_links",
        ),
        _rule(
            N_("Invitations, and requests of institutions with the name of who asked, sealed"),
            N_("To let in who is invited or asks"),
            N_("Administrators of the institution, and the operator"),
            REQUEST_DAYS,
            "invitations",
            "tenant_requests",
        ),
        _rule(
            N_("Mails until they are sent, sealed; of one that nobody takes, the reason"),
            N_("To lose no mail"),
            N_("Whom they are for"),
            GIVEN_UP_DAYS,
            "mails",
        ),
        _rule(
            N_("Who did what: ids of accounts and things, no names"),
            N_("To find out later who changed something"),
            N_("Administrators of the institution, and the operator"),
            audit_days,
            "audit_events",
            "audit_chain",
        ),
        _rule(
            N_("Searches for one person, sealed; receipts of erasures stay as long as events"),
            N_("To answer and to erase, when a person asks for it"),
            N_("Administrators of the institution, and the operator"),
            SEARCH_DAYS,
            "person_requests",
        ),
        _rule(
            N_("Exports of an institution, sealed"),
            N_("To hand an institution what is its own"),
            N_("Administrators of the institution, and the operator"),
            EXPORT_DAYS,
            "exports",
            "export_pages",
        ),
        _rule(
            N_("Registrations that were begun, and who began them"),
            N_("To go on later"),
            N_("Administrators of the institution"),
            DRAFT_DAYS,
            "registration_drafts",
        ),
        _rule(
            N_("Registrations in the bin"),
            N_("To take them out again"),
            N_("Administrators of the institution, and the operator"),
            BIN_DAYS,
            "deployment_requests",
        ),
        _rule(
            N_("Institutions, tools, registrations, keys: nothing about people"),
            N_("To let links open tools"),
            N_("Administrators of the institution, and the operator"),
            None,
            "tenants",
            "tenant_identities",
            "tenant_deletions",
            "tools",
            "tool_tenants",
            "tool_icons",
            "platform_clients",
            "registrations",
            "registration_counts",
            "registration_words",
            "deployments",
            "signing_keys",
            "key_sets",
            "catalogue_version",
            "changes",
            "periodic",
            "settings_check",
        ),
    )


def _rule(what: str, purpose: str, seen_by: str, days: int | None, *tables: str) -> Rule:
    return Rule(what, purpose, seen_by, days, frozenset(tables))
