"""All tables, and the names of their constraints and indexes.

`gatelodge.storage.broken` reads the names of unique constraints, so they are part of the code.
Ids begin with time, so that indexes grow at their end. Times are seconds since 1970, UTC.

What a launch writes refers to the catalogue without foreign keys: it outlives what it names, and
each key would cost every launch a look-up.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from gatelodge.storage.columns import KEY_BYTES, Number, Seconds, Text, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


def _id() -> Column[str]:
    return Column("id", Text(KEY_BYTES), primary_key=True)


def _ref(name: str, target: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Text(KEY_BYTES), ForeignKey(f"{target}.id"), nullable=optional)


def _key(name: str, *, optional: bool = False) -> Column[str]:
    """Text that is part of an index."""
    return Column(name, Text(KEY_BYTES), nullable=optional)


def _text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Text(), nullable=optional)


def _words(name: str) -> Column[tuple[str, ...]]:
    return Column(name, Words(), nullable=False)


def _time(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, Seconds(), nullable=optional)


def _bytes(name: str, *, optional: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary(), nullable=optional)


# ---------------------------------------------------------------- what the launch path reads

tenants = Table(
    "tenants",
    metadata,
    _id(),
    _key("slug"),
    _text("name"),
    _bytes("identity_key"),
    _time("created_at"),
    _time("suspended_at", optional=True),
    UniqueConstraint("slug", name="uq_tenants_slug"),
)

tools = Table(
    "tools",
    metadata,
    _id(),
    _key("key"),
    _text("name"),
    _text("launch_url"),
    _key("client_id"),
    _bytes("secret_hash"),
    _words("claims"),
    _words("message_types"),
    Column("anonymous", Boolean(), nullable=False),
    _text("id_token_algorithm"),
    _text("hand_off"),
    Column("for_everyone", Boolean(), nullable=False),
    _time("created_at"),
    UniqueConstraint("key", name="uq_tools_key"),
    UniqueConstraint("client_id", name="uq_tools_client_id"),
)

# To whom a tool is offered that isn't for everyone.
tool_tenants = Table(
    "tool_tenants",
    metadata,
    Column("tool_id", Text(KEY_BYTES), ForeignKey("tools.id"), primary_key=True),
    Column("tenant_id", Text(KEY_BYTES), ForeignKey("tenants.id"), primary_key=True),
    Index("ix_tool_tenants_tenant", "tenant_id"),
)

tool_icons = Table(
    "tool_icons",
    metadata,
    Column("tool_id", Text(KEY_BYTES), ForeignKey("tools.id"), primary_key=True),
    _text("content_type"),
    _bytes("content"),
    _time("changed_at"),
)

platform_clients = Table(
    "platform_clients",
    metadata,
    _id(),
    _ref("tenant_id", "tenants", optional=True),
    _key("issuer"),
    _key("client_id"),
    _text("authorization_url"),
    _text("token_url"),
    _text("key_set_url"),
    _text("token_audience", optional=True),
    _text("platform"),
    _words("algorithms"),
    Column("leeway", Integer(), nullable=False),
    _words("service_origins"),
    _time("created_at"),
    _time("deleted_at", optional=True),
    Index("ix_platform_clients_tenant", "tenant_id", "id"),
)
Index(
    "uq_platform_clients_issuer_client_id",
    platform_clients.c.issuer,
    platform_clients.c.client_id,
    unique=True,
    sqlite_where=platform_clients.c.deleted_at.is_(None),
    postgresql_where=platform_clients.c.deleted_at.is_(None),
)
Index(
    "ix_platform_clients_bin",
    platform_clients.c.deleted_at,
    sqlite_where=platform_clients.c.deleted_at.is_not(None),
    postgresql_where=platform_clients.c.deleted_at.is_not(None),
)

# `issuer` and `platform` are the client's, and change with it; with the issuer one index answers which
# clients of it use a tool, however many registrations there are. `sort_name` follows from the name.
# `last_launch` is the number of the newest launch that was noted, 0 before the first one.
registrations = Table(
    "registrations",
    metadata,
    _id(),
    _ref("tenant_id", "tenants"),
    _ref("tool_id", "tools"),
    _ref("platform_client_id", "platform_clients"),
    _key("issuer"),
    _key("platform"),
    _key("name"),
    _key("sort_name"),
    _key("state"),
    _text("unknown_deployments"),
    _time("created_at"),
    _time("deleted_at", optional=True),
    Column("last_launch", BigInteger(), nullable=False, default=0),
    UniqueConstraint("platform_client_id", "id", name="uq_registrations_client_id"),
    Index("ix_registrations_tenant", "tenant_id", "id"),
    Index("ix_registrations_tool", "tool_id"),
)
Index(
    "uq_registrations_tenant_tool_client",
    registrations.c.tenant_id,
    registrations.c.tool_id,
    registrations.c.platform_client_id,
    unique=True,
    sqlite_where=registrations.c.deleted_at.is_(None),
    postgresql_where=registrations.c.deleted_at.is_(None),
)
Index(
    "ix_registrations_issuer_tool",
    registrations.c.issuer,
    registrations.c.tool_id,
    registrations.c.platform_client_id,
    sqlite_where=registrations.c.deleted_at.is_(None),
    postgresql_where=registrations.c.deleted_at.is_(None),
)
# One for each way in which the list is narrowed and ordered, so that no page of it is sorted.
_LISTED_BY = {
    "names_all": ("sort_name",),
    "names_state": ("state", "sort_name"),
    "names_tenant": ("tenant_id", "sort_name"),
    "names_tenant_state": ("tenant_id", "state", "sort_name"),
    "names_platform": ("tenant_id", "platform", "sort_name"),
    "names_platform_state": ("tenant_id", "platform", "state", "sort_name"),
    "names_tool": ("tenant_id", "tool_id", "sort_name"),
    "names_tool_state": ("tenant_id", "tool_id", "state", "sort_name"),
    "launches_tenant": ("tenant_id", "last_launch"),
    "launches_tenant_state": ("tenant_id", "state", "last_launch"),
    "launches_platform": ("tenant_id", "platform", "last_launch"),
    "launches_tool": ("tenant_id", "tool_id", "last_launch"),
}
for _name, _listed in _LISTED_BY.items():
    Index(
        f"ix_registrations_{_name}",
        *(registrations.c[each] for each in (*_listed, "id")),
        sqlite_where=registrations.c.deleted_at.is_(None),
        postgresql_where=registrations.c.deleted_at.is_(None),
    )
# Of all tenants, and of those in the bin too: the highest number says how far they are noted.
Index("ix_registrations_launches_all", registrations.c.last_launch, registrations.c.id)
Index(
    "ix_registrations_tenant_bin",
    registrations.c.tenant_id,
    registrations.c.deleted_at,
    registrations.c.id,
    sqlite_where=registrations.c.deleted_at.is_not(None),
    postgresql_where=registrations.c.deleted_at.is_not(None),
)
Index(
    "ix_registrations_bin",
    registrations.c.deleted_at,
    registrations.c.id,
    sqlite_where=registrations.c.deleted_at.is_not(None),
    postgresql_where=registrations.c.deleted_at.is_not(None),
)

# How many there are of each kind, those in the bin under the state "bin".
registration_counts = Table(
    "registration_counts",
    metadata,
    Column("tenant_id", Text(KEY_BYTES), primary_key=True),
    Column("state", Text(KEY_BYTES), primary_key=True),
    Column("platform", Text(KEY_BYTES), primary_key=True),
    Column("tool_id", Text(KEY_BYTES), primary_key=True),
    Column("count", Integer(), nullable=False),
)

# Words of name, issuer and client id, without capitals and accents.
registration_words = Table(
    "registration_words",
    metadata,
    Column("registration_id", Text(KEY_BYTES), primary_key=True),
    Column("word", Text(KEY_BYTES), primary_key=True),
    _key("tenant_id"),
    Column("in_client_id", Boolean(), nullable=False),
    Index("ix_registration_words_tenant", "tenant_id", "word", "registration_id"),
    Index("ix_registration_words_word", "word", "registration_id"),
)

# A deployment belongs to one registration of its own platform client: the pair refers, so that no
# registration of another client can be named. `tenant_id` follows from client or registration.
deployments = Table(
    "deployments",
    metadata,
    _id(),
    _ref("tenant_id", "tenants", optional=True),
    _ref("platform_client_id", "platform_clients"),
    _key("deployment_id"),
    _key("registration_id", optional=True),
    _key("state"),
    _time("first_seen_at"),
    _time("decided_at", optional=True),
    _time("deleted_at", optional=True),
    ForeignKeyConstraint(
        ["platform_client_id", "registration_id"],
        ["registrations.platform_client_id", "registrations.id"],
        name="fk_deployments_registration",
    ),
    Index("ix_deployments_client_state", "platform_client_id", "state"),
    Index("ix_deployments_registration", "registration_id", "id"),
)
for _name, *_columns in (
    ("tenant", "tenant_id"),
    ("tenant_state", "tenant_id", "state"),
    ("state", "state"),
):
    Index(
        f"ix_deployments_{_name}",
        *(deployments.c[each] for each in (*_columns, "id")),
        sqlite_where=deployments.c.deleted_at.is_(None),
        postgresql_where=deployments.c.deleted_at.is_(None),
    )
Index(
    "uq_deployments_client_deployment",
    deployments.c.platform_client_id,
    deployments.c.deployment_id,
    unique=True,
    sqlite_where=deployments.c.deleted_at.is_(None),
    postgresql_where=deployments.c.deleted_at.is_(None),
)

# The keys of a draft are there before its platform client is, so nothing refers here.
signing_keys = Table(
    "signing_keys",
    metadata,
    _id(),
    _key("platform_client_id", optional=True),
    _text("algorithm"),
    _text("public_jwk"),
    _bytes("sealed_private"),
    _time("published_at"),
    _time("signs_from"),
    _time("signs_until"),
    _time("published_until"),
    _time("revoked_at", optional=True),
    Index("ix_signing_keys_owner", "platform_client_id", "signs_until"),
    Index("ix_signing_keys_signs_until", "signs_until"),
    Index("ix_signing_keys_published_until", "published_until"),
)

# One row: the number of the newest change. Its lock keeps changes in the order of their commits.
catalogue_version = Table(
    "catalogue_version",
    metadata,
    Column("id", Integer(), primary_key=True, autoincrement=False),
    Column("version", BigInteger(), nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("version", BigInteger(), primary_key=True, autoincrement=False),
    _text("subject"),
)

# ---------------------------------------------------------------- what launches write

# Numbered in the order of their commits: SQLite keeps the rows in that order, and its indexes end
# with the number anyway. Room is left in PostgreSQL's pages, so that redeeming a launch rewrites
# its row beside the old one and touches no index.
launches = Table(
    "launches",
    metadata,
    Column("number", Number(), primary_key=True),
    _key("id"),
    _key("tenant_id"),
    _key("registration_id"),
    _text("tool_id"),
    _text("platform_client_id"),
    _text("deployment_row_id"),
    _text("message_type"),
    _text("subject", optional=True),
    _text("context_id", optional=True),
    _text("resource_link_id", optional=True),
    _time("launched_at"),
    _text("trace"),
    _text("facts"),
    _bytes("code_hash"),
    _time("code_expires_at"),
    _time("redeemed_at", optional=True),
    _bytes("access_hash", optional=True),
    _time("access_expires_at", optional=True),
    _time("revoked_at", optional=True),
    UniqueConstraint("id", name="uq_launches_id"),
    Index("ix_launches_tenant", "tenant_id", "number"),
    Index("ix_launches_registration", "registration_id", "number"),
    postgresql_with={"fillfactor": 80},
)

launch_personal = Table(
    "launch_personal",
    metadata,
    Column("launch_number", Number(), primary_key=True, autoincrement=False),
    _time("launched_at"),
    _bytes("sealed"),
)

refusals = Table(
    "refusals",
    metadata,
    _id(),
    _key("trace_id"),
    _time("occurred_at"),
    _time("last_at"),
    Column("count", Integer(), nullable=False),
    Column("proven", Boolean(), nullable=False),
    _key("code"),
    _key("tenant_id", optional=True),
    _key("registration_id", optional=True),
    _text("tool_id", optional=True),
    _text("platform_client_id", optional=True),
    _text("trace"),
    _text("details"),
    _key("group_key", optional=True),
    UniqueConstraint("group_key", name="uq_refusals_group_key"),
    Index("ix_refusals_trace", "trace_id"),
    Index("ix_refusals_tenant", "tenant_id", "proven", "id"),
    Index("ix_refusals_tenant_code", "tenant_id", "code", "proven", "id"),
    Index("ix_refusals_proven", "proven", "id"),
    Index("ix_refusals_code", "code", "proven", "id"),
    Index("ix_refusals_registration", "registration_id", "proven", "id"),
    Index("ix_refusals_registration_code", "registration_id", "code", "proven", "id"),
)

# ---------------------------------------------------------------- the rest

key_sets = Table(
    "key_sets",
    metadata,
    Column("url", Text(2 * KEY_BYTES), primary_key=True),
    _text("body"),
    _time("fetched_at"),
    _time("fresh_until"),
    _text("etag", optional=True),
)

# `number` and `link` are given a moment later, by one process after the other (`services.audit_chain`).
audit_events = Table(
    "audit_events",
    metadata,
    _id(),
    _time("occurred_at"),
    _key("tenant_id", optional=True),
    _key("actor"),
    _key("tag"),
    _key("subject"),
    _text("details"),
    _bytes("mark"),
    Column("number", BigInteger(), nullable=True),
    _bytes("link", optional=True),
    UniqueConstraint("number", name="uq_audit_events_number"),
    Index("ix_audit_events_tenant", "tenant_id", "id"),
    Index("ix_audit_events_subject", "subject", "id"),
    Index("ix_audit_events_actor", "actor", "id"),
    Index("ix_audit_events_tag", "tag", "id"),
    Index("ix_audit_events_tenant_tag", "tenant_id", "tag", "id"),
)

Index(
    "ix_audit_events_unlinked",
    audit_events.c.id,
    sqlite_where=audit_events.c.number.is_(None),
    postgresql_where=audit_events.c.number.is_(None),
)

# One row: where the chain of what is kept begins and ends, under a seal of its own.
audit_chain = Table(
    "audit_chain",
    metadata,
    Column("id", Integer(), primary_key=True, autoincrement=False),
    Column("before", BigInteger(), nullable=False),
    _bytes("before_link"),
    Column("last", BigInteger(), nullable=False),
    _bytes("last_link"),
    _bytes("seal"),
    _time("checked_at", optional=True),
    Column("checked_to", BigInteger(), nullable=True),
    Column("broken_at", BigInteger(), nullable=True),
)

periodic = Table(
    "periodic",
    metadata,
    Column("name", Text(KEY_BYTES), primary_key=True),
    _time("due_at"),
    _time("leased_until"),
    _text("leased_by", optional=True),
)

settings_check = Table(
    "settings_check",
    metadata,
    Column("name", Text(KEY_BYTES), primary_key=True),
    _text("value"),
)

# ---------------------------------------------------------------- people who sign in

# `email` is for showing and for mail; nobody is recognised by it.
accounts = Table(
    "accounts",
    metadata,
    _id(),
    _text("name"),
    _text("email", optional=True),
    _text("language", optional=True),
    _time("created_at"),
    _time("disabled_at", optional=True),
    _time("roleless_since", optional=True),
)

account_identities = Table(
    "account_identities",
    metadata,
    _id(),
    _key("issuer"),
    _key("subject"),
    _ref("account_id", "accounts"),
    _time("created_at"),
    UniqueConstraint("issuer", "subject", name="uq_account_identities_issuer_subject"),
    Index("ix_account_identities_account", "account_id"),
)

# `source` says whether a person gave the role or the claims of a provider, `seen_at` when somebody
# last stood in it: one tenant isn't told what is done in another.
account_roles = Table(
    "account_roles",
    metadata,
    _id(),
    _ref("account_id", "accounts"),
    _key("role"),
    _ref("tenant_id", "tenants", optional=True),
    _text("source"),
    _time("created_at"),
    _time("seen_at", optional=True),
    Index("ix_account_roles_tenant", "tenant_id", "account_id"),
)
Index(
    "uq_account_roles_in_tenant",
    account_roles.c.account_id,
    account_roles.c.tenant_id,
    account_roles.c.role,
    unique=True,
    sqlite_where=account_roles.c.tenant_id.is_not(None),
    postgresql_where=account_roles.c.tenant_id.is_not(None),
)
Index(
    "uq_account_roles_of_host",
    account_roles.c.account_id,
    account_roles.c.role,
    unique=True,
    sqlite_where=account_roles.c.tenant_id.is_(None),
    postgresql_where=account_roles.c.tenant_id.is_(None),
)

# What people are listed and found by. `place` is a tenant, or nothing for the whole gateway; the
# word of the entry that is listed is nothing, the others are words of the name and e-mail address.
people_words = Table(
    "people_words",
    metadata,
    Column("account_id", Text(KEY_BYTES), primary_key=True),
    Column("place", Text(KEY_BYTES), primary_key=True),
    Column("word", Text(KEY_BYTES), primary_key=True),
    _key("sort_name"),
    Index("ix_people_words_place", "place", "word", "sort_name", "account_id"),
)

local_logins = Table(
    "local_logins",
    metadata,
    Column(
        "account_id", Text(KEY_BYTES), ForeignKey("accounts.id"), primary_key=True, nullable=False
    ),
    _key("email"),
    _text("password_hash"),
    _time("changed_at"),
    UniqueConstraint("email", name="uq_local_logins_email"),
)

# `role` and `tenant_id` are the standing somebody is in; whether they still hold it is looked up.
sessions = Table(
    "sessions",
    metadata,
    _id(),
    _bytes("token_hash"),
    _ref("account_id", "accounts"),
    _text("role"),
    _key("tenant_id", optional=True),
    _text("provider", optional=True),
    _text("user_agent"),
    _bytes("sealed_hint", optional=True),
    _time("created_at"),
    _time("seen_at"),
    UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    Index("ix_sessions_account", "account_id", "id"),
    Index("ix_sessions_created", "created_at"),
    Index("ix_sessions_tenant", "tenant_id"),
)

# `name` is a MAC of what is counted, so that no e-mail or network address is kept here.
sign_in_counts = Table(
    "sign_in_counts",
    metadata,
    Column("name", Text(KEY_BYTES), primary_key=True),
    _time("since"),
    Column("count", Integer(), nullable=False),
    Index("ix_sign_in_counts_since", "since"),
)

setup_links = Table(
    "setup_links",
    metadata,
    _id(),
    _bytes("token_hash"),
    _time("created_at"),
    _time("expires_at"),
    UniqueConstraint("token_hash", name="uq_setup_links_token_hash"),
    Index("ix_setup_links_expires", "expires_at"),
)

# `inviter` and `used_by` are accounts; an invitation is good while none of the three times is over.
invitations = Table(
    "invitations",
    metadata,
    _id(),
    _bytes("token_hash"),
    _ref("tenant_id", "tenants", optional=True),
    _key("role"),
    _text("note"),
    _key("inviter"),
    _time("created_at"),
    _time("expires_at"),
    _time("used_at", optional=True),
    _key("used_by", optional=True),
    _time("revoked_at", optional=True),
    UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    Index("ix_invitations_tenant", "tenant_id", "id"),
    Index("ix_invitations_expires", "expires_at"),
)

# ---------------------------------------------------------------- what the wizard writes

# `registration_id` and `platform_client_id` are given out before there are such rows: the LMS is
# told the address of the key set while the registration is still a draft.
registration_drafts = Table(
    "registration_drafts",
    metadata,
    _id(),
    _ref("tenant_id", "tenants"),
    _key("registration_id"),
    _key("platform_client_id"),
    _text("account"),
    Column("step", Integer(), nullable=False),
    Column("version", Integer(), nullable=False),
    _text("content"),
    _time("created_at"),
    _time("updated_at"),
    UniqueConstraint("registration_id", name="uq_registration_drafts_registration_id"),
    Index("ix_registration_drafts_tenant", "tenant_id", "id"),
    Index("ix_registration_drafts_updated_at", "updated_at"),
)

# What a tenant says its deployment on a shared client is called. It counts for nothing until the
# operator has assigned it.
deployment_requests = Table(
    "deployment_requests",
    metadata,
    _id(),
    _ref("tenant_id", "tenants"),
    _ref("registration_id", "registrations"),
    _ref("platform_client_id", "platform_clients"),
    _key("deployment_id"),
    _time("requested_at"),
    UniqueConstraint(
        "registration_id", "deployment_id", name="uq_deployment_requests_registration_deployment"
    ),
    Index("ix_deployment_requests_client", "platform_client_id", "id"),
    Index("ix_deployment_requests_tenant", "tenant_id", "id"),
)

# ---------------------------------------------------------------- mails that are to be sent

# A row goes when its mail is sent. `sealed` holds address and words; of a mail that nobody takes
# they are taken out, and the reason stays.
mails = Table(
    "mails",
    metadata,
    _id(),
    _key("account_id", optional=True),
    _bytes("sealed", optional=True),
    _time("created_at"),
    _time("due_at"),
    _time("leased_until"),
    _text("leased_by", optional=True),
    Column("tries", Integer(), nullable=False),
    _text("trouble", optional=True),
    _time("given_up_at", optional=True),
    Index("ix_mails_account", "account_id"),
)
Index(
    "ix_mails_due",
    mails.c.due_at,
    sqlite_where=mails.c.given_up_at.is_(None),
    postgresql_where=mails.c.given_up_at.is_(None),
)
Index(
    "ix_mails_given_up",
    mails.c.given_up_at,
    sqlite_where=mails.c.given_up_at.is_not(None),
    postgresql_where=mails.c.given_up_at.is_not(None),
)

# ---------------------------------------------------------------- institutions that ask to be registered

# `institution` is the value of the provider's claim, `name` what it is called. Who asked, and what
# was written, is sealed.
tenant_requests = Table(
    "tenant_requests",
    metadata,
    _id(),
    _key("provider"),
    _key("issuer"),
    _key("institution"),
    _text("subject"),
    _text("name"),
    _key("state"),
    _bytes("sealed"),
    _bytes("sealed_word", optional=True),
    _time("created_at"),
    _time("changed_at"),
    _text("decided_by", optional=True),
    _ref("tenant_id", "tenants", optional=True),
    _time("told_at", optional=True),
    Index("ix_tenant_requests_institution", "institution", "id"),
    Index("ix_tenant_requests_state", "state", "id"),
    Index("ix_tenant_requests_changed_at", "changed_at"),
    Index("ix_tenant_requests_tenant", "tenant_id"),
)
Index(
    "uq_tenant_requests_waiting",
    tenant_requests.c.institution,
    tenant_requests.c.issuer,
    tenant_requests.c.provider,
    unique=True,
    sqlite_where=tenant_requests.c.state == "waiting",
    postgresql_where=tenant_requests.c.state == "waiting",
)

# Where people belong by the word of their provider, beside what the settings say.
tenant_identities = Table(
    "tenant_identities",
    metadata,
    _id(),
    _key("provider"),
    _key("issuer"),
    _key("institution"),
    _ref("tenant_id", "tenants"),
    _time("created_at"),
    UniqueConstraint("institution", "issuer", "provider", name="uq_tenant_identities_institution"),
    Index("ix_tenant_identities_tenant", "tenant_id", "id"),
)

# ---------------------------------------------------------------- problems that people report

# `desk` is whose it is to answer: a tenant's id, or "operator". `page` is what a report can be sent
# once for: a digest of the error page's token, or of the form's. `launch` is what a launch is looked up by.
problem_reports = Table(
    "problem_reports",
    metadata,
    _id(),
    _key("reference"),
    _ref("tenant_id", "tenants", optional=True),
    _key("desk"),
    _key("account_id", optional=True),
    _key("state"),
    Column("version", Integer(), nullable=False),
    _text("kind"),
    _bytes("sealed"),
    _text("launch", optional=True),
    _text("registration_id", optional=True),
    _bytes("page"),
    _time("created_at"),
    _time("changed_at"),
    UniqueConstraint("reference", name="uq_problem_reports_reference"),
    UniqueConstraint("page", name="uq_problem_reports_page"),
    Index("ix_problem_reports_tenant", "tenant_id", "id"),
    Index("ix_problem_reports_tenant_state", "tenant_id", "state", "id"),
    Index("ix_problem_reports_desk", "desk", "id"),
    Index("ix_problem_reports_desk_state", "desk", "state", "id"),
    Index("ix_problem_reports_account", "account_id", "id"),
    Index("ix_problem_reports_changed_at", "changed_at"),
    Index("ix_problem_reports_registration", "registration_id", "id"),
)

# MACs of the words of a report, for searching what is sealed.
report_words = Table(
    "report_words",
    metadata,
    Column("report_id", Text(KEY_BYTES), ForeignKey("problem_reports.id"), primary_key=True),
    Column("word", LargeBinary(), primary_key=True),
    Index("ix_report_words_word", "word", "report_id"),
)

# Answers, notes, and what was done: `state` is set where it changed.
report_messages = Table(
    "report_messages",
    metadata,
    _id(),
    _ref("report_id", "problem_reports"),
    _key("account_id", optional=True),
    _text("role", optional=True),
    _text("kind"),
    _text("state", optional=True),
    _bytes("sealed", optional=True),
    _time("created_at"),
    Index("ix_report_messages_report", "report_id", "id"),
    Index("ix_report_messages_account", "account_id"),
)

report_attachments = Table(
    "report_attachments",
    metadata,
    _id(),
    _ref("report_id", "problem_reports"),
    _text("content_type"),
    Column("size", Integer(), nullable=False),
    _bytes("sealed_name"),
    _bytes("sealed"),
    Index("ix_report_attachments_report", "report_id", "id"),
    Index("ix_report_attachments_size", "report_id", "size"),
)

# ---------------------------------------------------------------- what is asked about data

# An institution that is to go. Until the operator decides, `due_at` is empty and nothing has stopped.
tenant_deletions = Table(
    "tenant_deletions",
    metadata,
    Column("tenant_id", Text(KEY_BYTES), ForeignKey("tenants.id"), primary_key=True),
    _text("asked_by"),
    _time("asked_at"),
    _text("decided_by", optional=True),
    _time("due_at", optional=True),
    Index("ix_tenant_deletions_due", "due_at"),
)

# `part` and `after` say where reading goes on; one is being made of a tenant at a time.
exports = Table(
    "exports",
    metadata,
    _id(),
    _ref("tenant_id", "tenants"),
    _text("asked_by"),
    _time("asked_at"),
    _text("part"),
    _text("after"),
    Column("pages", Integer(), nullable=False),
    _time("ready_at", optional=True),
    Index("ix_exports_tenant", "tenant_id", "id"),
    Index("ix_exports_asked", "asked_at"),
)
Index(
    "uq_exports_being_made",
    exports.c.tenant_id,
    unique=True,
    sqlite_where=exports.c.ready_at.is_(None),
    postgresql_where=exports.c.ready_at.is_(None),
)

export_pages = Table(
    "export_pages",
    metadata,
    Column("export_id", Text(KEY_BYTES), ForeignKey("exports.id"), primary_key=True),
    Column("number", Integer(), primary_key=True, autoincrement=False),
    _text("part"),
    _bytes("sealed"),
)

# `sealed` holds who is looked for and what was found; it goes with what is erased, and the receipt
# stays: `counts`. `part` and `after` say where looking or erasing goes on. Without a tenant the whole
# gateway is looked through.
person_requests = Table(
    "person_requests",
    metadata,
    _id(),
    _ref("tenant_id", "tenants", optional=True),
    _text("asked_by"),
    _time("asked_at"),
    _key("state"),
    _bytes("sealed", optional=True),
    _text("part"),
    _text("after"),
    _text("counts"),
    _text("erased_by", optional=True),
    _time("changed_at"),
    Index("ix_person_requests_tenant", "tenant_id", "id"),
    Index("ix_person_requests_state", "state", "changed_at"),
)
