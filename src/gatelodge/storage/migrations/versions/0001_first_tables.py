"""The first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Ordered by code point on both databases.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# Indexes of the live registrations, by the end of their names.
LISTED_BY = {
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


def upgrade() -> None:
    _catalogue()
    _launches()
    _the_rest()
    _people()
    _invitations()
    _wizard()
    _mails()
    _tenant_requests()
    _problem_reports()
    _about_data()


def _catalogue() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("identity_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("suspended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
        sa.UniqueConstraint("slug", name="uq_tenants_slug"),
    )
    op.create_table(
        "tools",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("launch_url", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("message_types", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("id_token_algorithm", TEXT, nullable=False),
        sa.Column("hand_off", TEXT, nullable=False),
        sa.Column("for_everyone", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tools"),
        sa.UniqueConstraint("client_id", name="uq_tools_client_id"),
        sa.UniqueConstraint("key", name="uq_tools_key"),
    )
    op.create_table(
        "tool_tenants",
        sa.Column("tool_id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name="fk_tool_tenants_tool_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_tool_tenants_tenant_id"),
        sa.PrimaryKeyConstraint("tool_id", "tenant_id", name="pk_tool_tenants"),
    )
    op.create_index("ix_tool_tenants_tenant", "tool_tenants", ["tenant_id"])
    op.create_table(
        "tool_icons",
        sa.Column("tool_id", TEXT, nullable=False),
        sa.Column("content_type", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name="fk_tool_icons_tool_id"),
        sa.PrimaryKeyConstraint("tool_id", name="pk_tool_icons"),
    )
    op.create_table(
        "platform_clients",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("authorization_url", TEXT, nullable=False),
        sa.Column("token_url", TEXT, nullable=False),
        sa.Column("key_set_url", TEXT, nullable=False),
        sa.Column("token_audience", TEXT, nullable=True),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("algorithms", sa.Text(), nullable=False),
        sa.Column("leeway", sa.Integer(), nullable=False),
        sa.Column("service_origins", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="fk_platform_clients_tenant_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_platform_clients"),
    )
    op.create_index(
        "ix_platform_clients_bin",
        "platform_clients",
        ["deleted_at"],
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index("ix_platform_clients_tenant", "platform_clients", ["tenant_id", "id"])
    op.create_index(
        "uq_platform_clients_issuer_client_id",
        "platform_clients",
        ["issuer", "client_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "registrations",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("tool_id", TEXT, nullable=False),
        sa.Column("platform_client_id", TEXT, nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("sort_name", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("unknown_deployments", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("last_launch", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_client_id"],
            ["platform_clients.id"],
            name="fk_registrations_platform_client_id",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_registrations_tenant_id"),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name="fk_registrations_tool_id"),
        sa.PrimaryKeyConstraint("id", name="pk_registrations"),
        sa.UniqueConstraint("platform_client_id", "id", name="uq_registrations_client_id"),
    )
    op.create_index(
        "ix_registrations_bin",
        "registrations",
        ["deleted_at", "id"],
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    for name, columns in LISTED_BY.items():
        op.create_index(
            f"ix_registrations_{name}",
            "registrations",
            [*columns, "id"],
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
    op.create_index("ix_registrations_launches_all", "registrations", ["last_launch", "id"])
    op.create_index(
        "ix_registrations_tenant_bin",
        "registrations",
        ["tenant_id", "deleted_at", "id"],
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(
        "ix_registrations_issuer_tool",
        "registrations",
        ["issuer", "tool_id", "platform_client_id"],
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_registrations_tenant", "registrations", ["tenant_id", "id"])
    op.create_index("ix_registrations_tool", "registrations", ["tool_id"])
    op.create_index(
        "uq_registrations_tenant_tool_client",
        "registrations",
        ["tenant_id", "tool_id", "platform_client_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "registration_counts",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("tool_id", TEXT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "state", "platform", "tool_id", name="pk_registration_counts"
        ),
    )
    op.create_table(
        "registration_words",
        sa.Column("registration_id", TEXT, nullable=False),
        sa.Column("word", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("in_client_id", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", "word", name="pk_registration_words"),
    )
    op.create_index(
        "ix_registration_words_tenant",
        "registration_words",
        ["tenant_id", "word", "registration_id"],
    )
    op.create_index("ix_registration_words_word", "registration_words", ["word", "registration_id"])
    op.create_table(
        "deployments",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("platform_client_id", TEXT, nullable=False),
        sa.Column("deployment_id", TEXT, nullable=False),
        sa.Column("registration_id", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_client_id", "registration_id"],
            ["registrations.platform_client_id", "registrations.id"],
            name="fk_deployments_registration",
        ),
        sa.ForeignKeyConstraint(
            ["platform_client_id"],
            ["platform_clients.id"],
            name="fk_deployments_platform_client_id",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_deployments_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deployments"),
    )
    op.create_index("ix_deployments_client_state", "deployments", ["platform_client_id", "state"])
    op.create_index("ix_deployments_registration", "deployments", ["registration_id", "id"])
    for name, within in (
        ("tenant", ["tenant_id"]),
        ("tenant_state", ["tenant_id", "state"]),
        ("state", ["state"]),
    ):
        op.create_index(
            f"ix_deployments_{name}",
            "deployments",
            [*within, "id"],
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
    op.create_index(
        "uq_deployments_client_deployment",
        "deployments",
        ["platform_client_id", "deployment_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "signing_keys",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("platform_client_id", TEXT, nullable=True),
        sa.Column("algorithm", TEXT, nullable=False),
        sa.Column("public_jwk", TEXT, nullable=False),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("signs_from", sa.BigInteger(), nullable=False),
        sa.Column("signs_until", sa.BigInteger(), nullable=False),
        sa.Column("published_until", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_signing_keys"),
    )
    op.create_index("ix_signing_keys_owner", "signing_keys", ["platform_client_id", "signs_until"])
    op.create_index("ix_signing_keys_published_until", "signing_keys", ["published_until"])
    op.create_index("ix_signing_keys_signs_until", "signing_keys", ["signs_until"])
    op.create_table(
        "catalogue_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_version"),
    )
    op.create_table(
        "changes",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_changes"),
    )
    op.execute("INSERT INTO catalogue_version (id, version) VALUES (1, 0)")


def _launches() -> None:
    op.create_table(
        "launches",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("registration_id", TEXT, nullable=False),
        sa.Column("tool_id", TEXT, nullable=False),
        sa.Column("platform_client_id", TEXT, nullable=False),
        sa.Column("deployment_row_id", TEXT, nullable=False),
        sa.Column("message_type", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=True),
        sa.Column("context_id", TEXT, nullable=True),
        sa.Column("resource_link_id", TEXT, nullable=True),
        sa.Column("launched_at", sa.BigInteger(), nullable=False),
        sa.Column("trace", TEXT, nullable=False),
        sa.Column("facts", TEXT, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_expires_at", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=True),
        sa.Column("access_hash", sa.LargeBinary(), nullable=True),
        sa.Column("access_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_launches"),
        sa.UniqueConstraint("id", name="uq_launches_id"),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("ix_launches_registration", "launches", ["registration_id", "number"])
    op.create_index("ix_launches_tenant", "launches", ["tenant_id", "number"])
    op.create_table(
        "launch_personal",
        sa.Column("launch_number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("launched_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("launch_number", name="pk_launch_personal"),
    )
    op.create_table(
        "refusals",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("trace_id", TEXT, nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("registration_id", TEXT, nullable=True),
        sa.Column("tool_id", TEXT, nullable=True),
        sa.Column("platform_client_id", TEXT, nullable=True),
        sa.Column("trace", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=False),
        sa.Column("group_key", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_refusals"),
        sa.UniqueConstraint("group_key", name="uq_refusals_group_key"),
    )
    op.create_index("ix_refusals_code", "refusals", ["code", "proven", "id"])
    op.create_index("ix_refusals_proven", "refusals", ["proven", "id"])
    op.create_index("ix_refusals_registration", "refusals", ["registration_id", "proven", "id"])
    op.create_index(
        "ix_refusals_registration_code", "refusals", ["registration_id", "code", "proven", "id"]
    )
    op.create_index("ix_refusals_tenant_code", "refusals", ["tenant_id", "code", "proven", "id"])
    op.create_index("ix_refusals_tenant", "refusals", ["tenant_id", "proven", "id"])
    op.create_index("ix_refusals_trace", "refusals", ["trace_id"])


def _the_rest() -> None:
    op.create_table(
        "key_sets",
        sa.Column("url", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("fresh_until", sa.BigInteger(), nullable=False),
        sa.Column("etag", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("url", name="pk_key_sets"),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("tag", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.UniqueConstraint("number", name="uq_audit_events_number"),
    )
    op.create_index("ix_audit_events_tenant", "audit_events", ["tenant_id", "id"])
    op.create_index("ix_audit_events_subject", "audit_events", ["subject", "id"])
    op.create_index("ix_audit_events_actor", "audit_events", ["actor", "id"])
    op.create_index("ix_audit_events_tag", "audit_events", ["tag", "id"])
    op.create_index("ix_audit_events_tenant_tag", "audit_events", ["tenant_id", "tag", "id"])
    op.create_index(
        "ix_audit_events_unlinked",
        "audit_events",
        ["id"],
        sqlite_where=sa.text("number IS NULL"),
        postgresql_where=sa.text("number IS NULL"),
    )
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("before_link", sa.LargeBinary(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("last_link", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_to", sa.BigInteger(), nullable=True),
        sa.Column("broken_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_chain"),
    )
    op.create_table(
        "periodic",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("leased_by", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_periodic"),
    )
    op.create_table(
        "settings_check",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings_check"),
    )


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=True),
        sa.Column("language", TEXT, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("roleless_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_table(
        "account_identities",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_account_identities_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_account_identities_issuer_subject"),
    )
    op.create_index("ix_account_identities_account", "account_identities", ["account_id"])
    op.create_table(
        "account_roles",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_account_roles_account_id"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_account_roles_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_account_roles"),
    )
    op.create_index("ix_account_roles_tenant", "account_roles", ["tenant_id", "account_id"])
    in_tenant, of_host = sa.text("tenant_id IS NOT NULL"), sa.text("tenant_id IS NULL")
    op.create_index(
        "uq_account_roles_in_tenant",
        "account_roles",
        ["account_id", "tenant_id", "role"],
        unique=True,
        sqlite_where=in_tenant,
        postgresql_where=in_tenant,
    )
    op.create_index(
        "uq_account_roles_of_host",
        "account_roles",
        ["account_id", "role"],
        unique=True,
        sqlite_where=of_host,
        postgresql_where=of_host,
    )
    op.create_table(
        "people_words",
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("word", TEXT, nullable=False),
        sa.Column("sort_name", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "place", "word", name="pk_people_words"),
    )
    op.create_index(
        "ix_people_words_place", "people_words", ["place", "word", "sort_name", "account_id"]
    )
    op.create_table(
        "local_logins",
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_local_logins_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_local_logins"),
        sa.UniqueConstraint("email", name="uq_local_logins_email"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("provider", TEXT, nullable=True),
        sa.Column("user_agent", TEXT, nullable=False),
        sa.Column("sealed_hint", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account_id", "id"])
    op.create_index("ix_sessions_created", "sessions", ["created_at"])
    op.create_index("ix_sessions_tenant", "sessions", ["tenant_id"])
    op.create_table(
        "sign_in_counts",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sign_in_counts"),
    )
    op.create_index("ix_sign_in_counts_since", "sign_in_counts", ["since"])
    op.create_table(
        "setup_links",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_setup_links"),
        sa.UniqueConstraint("token_hash", name="uq_setup_links_token_hash"),
    )
    op.create_index("ix_setup_links_expires", "setup_links", ["expires_at"])


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("inviter", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("used_by", TEXT, nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_invitations_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    )
    op.create_index("ix_invitations_tenant", "invitations", ["tenant_id", "id"])
    op.create_index("ix_invitations_expires", "invitations", ["expires_at"])


def _wizard() -> None:
    op.create_table(
        "registration_drafts",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("registration_id", TEXT, nullable=False),
        sa.Column("platform_client_id", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="fk_registration_drafts_tenant_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registration_drafts"),
        sa.UniqueConstraint("registration_id", name="uq_registration_drafts_registration_id"),
    )
    op.create_index("ix_registration_drafts_tenant", "registration_drafts", ["tenant_id", "id"])
    op.create_index("ix_registration_drafts_updated_at", "registration_drafts", ["updated_at"])
    op.create_table(
        "deployment_requests",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("registration_id", TEXT, nullable=False),
        sa.Column("platform_client_id", TEXT, nullable=False),
        sa.Column("deployment_id", TEXT, nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_client_id"],
            ["platform_clients.id"],
            name="fk_deployment_requests_platform_client_id",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name="fk_deployment_requests_registration_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="fk_deployment_requests_tenant_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deployment_requests"),
        sa.UniqueConstraint(
            "registration_id",
            "deployment_id",
            name="uq_deployment_requests_registration_deployment",
        ),
    )
    op.create_index(
        "ix_deployment_requests_client", "deployment_requests", ["platform_client_id", "id"]
    )
    op.create_index("ix_deployment_requests_tenant", "deployment_requests", ["tenant_id", "id"])


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("given_up_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
    )
    op.create_index("ix_mails_account", "mails", ["account_id"])
    op.create_index(
        "ix_mails_due",
        "mails",
        ["due_at"],
        sqlite_where=sa.text("given_up_at IS NULL"),
        postgresql_where=sa.text("given_up_at IS NULL"),
    )
    op.create_index(
        "ix_mails_given_up",
        "mails",
        ["given_up_at"],
        sqlite_where=sa.text("given_up_at IS NOT NULL"),
        postgresql_where=sa.text("given_up_at IS NOT NULL"),
    )


def _tenant_requests() -> None:
    op.create_table(
        "tenant_requests",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("provider", TEXT, nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("institution", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_word", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_tenant_requests_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tenant_requests"),
    )
    for name, columns in (
        ("institution", ["institution", "id"]),
        ("state", ["state", "id"]),
        ("changed_at", ["changed_at"]),
        ("tenant", ["tenant_id"]),
    ):
        op.create_index(f"ix_tenant_requests_{name}", "tenant_requests", columns)
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "uq_tenant_requests_waiting",
        "tenant_requests",
        ["institution", "issuer", "provider"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "tenant_identities",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("provider", TEXT, nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("institution", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="fk_tenant_identities_tenant_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tenant_identities"),
        sa.UniqueConstraint(
            "institution", "issuer", "provider", name="uq_tenant_identities_institution"
        ),
    )
    op.create_index("ix_tenant_identities_tenant", "tenant_identities", ["tenant_id", "id"])


def _problem_reports() -> None:
    op.create_table(
        "problem_reports",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("desk", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("launch", TEXT, nullable=True),
        sa.Column("registration_id", TEXT, nullable=True),
        sa.Column("page", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_problem_reports_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_problem_reports"),
        sa.UniqueConstraint("reference", name="uq_problem_reports_reference"),
        sa.UniqueConstraint("page", name="uq_problem_reports_page"),
    )
    for name, columns in (
        ("tenant", ["tenant_id", "id"]),
        ("tenant_state", ["tenant_id", "state", "id"]),
        ("desk", ["desk", "id"]),
        ("desk_state", ["desk", "state", "id"]),
        ("account", ["account_id", "id"]),
        ("changed_at", ["changed_at"]),
        ("registration", ["registration_id", "id"]),
    ):
        op.create_index(f"ix_problem_reports_{name}", "problem_reports", columns)
    op.create_table(
        "report_words",
        sa.Column("report_id", TEXT, nullable=False),
        sa.Column("word", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["problem_reports.id"], name="fk_report_words_report_id"
        ),
        sa.PrimaryKeyConstraint("report_id", "word", name="pk_report_words"),
    )
    op.create_index("ix_report_words_word", "report_words", ["word", "report_id"])
    op.create_table(
        "report_messages",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("report_id", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=True),
        sa.Column("role", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["problem_reports.id"], name="fk_report_messages_report_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_messages"),
    )
    op.create_index("ix_report_messages_report", "report_messages", ["report_id", "id"])
    op.create_index("ix_report_messages_account", "report_messages", ["account_id"])
    op.create_table(
        "report_attachments",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("report_id", TEXT, nullable=False),
        sa.Column("content_type", TEXT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["problem_reports.id"], name="fk_report_attachments_report_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_attachments"),
    )
    op.create_index("ix_report_attachments_report", "report_attachments", ["report_id", "id"])
    op.create_index("ix_report_attachments_size", "report_attachments", ["report_id", "size"])


def _about_data() -> None:
    op.create_table(
        "tenant_deletions",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="fk_tenant_deletions_tenant_id"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_tenant_deletions"),
    )
    op.create_index("ix_tenant_deletions_due", "tenant_deletions", ["due_at"])
    op.create_table(
        "exports",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_exports_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_exports"),
    )
    op.create_index("ix_exports_tenant", "exports", ["tenant_id", "id"])
    op.create_index("ix_exports_asked", "exports", ["asked_at"])
    op.create_index(
        "uq_exports_being_made",
        "exports",
        ["tenant_id"],
        unique=True,
        sqlite_where=sa.text("ready_at IS NULL"),
        postgresql_where=sa.text("ready_at IS NULL"),
    )
    op.create_table(
        "export_pages",
        sa.Column("export_id", TEXT, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["export_id"], ["exports.id"], name="fk_export_pages_export_id"),
        sa.PrimaryKeyConstraint("export_id", "number", name="pk_export_pages"),
    )
    op.create_table(
        "person_requests",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("erased_by", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_person_requests_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person_requests"),
    )
    op.create_index("ix_person_requests_tenant", "person_requests", ["tenant_id", "id"])
    op.create_index("ix_person_requests_state", "person_requests", ["state", "changed_at"])
