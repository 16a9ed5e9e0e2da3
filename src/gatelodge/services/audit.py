"""Who changed what, written in the transaction that changes it. Ids only, never personal data.

Each event carries a mark, a MAC under a key that the database doesn't hold: nobody who can merely
write to the database makes one up, or changes what one says. That none is missing, and in which
order they came, the chain of `services.audit_chain` proves.
"""

from dataclasses import replace
from enum import StrEnum
from hmac import compare_digest

import msgspec

from gatelodge.lti.macs import mac
from gatelodge.services.caller import Caller
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.sealing import Sealer
from gatelodge.storage import audit
from gatelodge.storage.audit import AuditEvent
from gatelodge.storage.database import Connection


class Tag(StrEnum):
    """Every kind of event there is."""

    TENANT_ADDED = "tenant.added"
    TENANT_RENAMED = "tenant.renamed"
    TENANT_SUSPENDED = "tenant.suspended"
    TENANT_RESUMED = "tenant.resumed"
    TENANT_IDENTITY_REMOVED = "tenant.identity_removed"
    TENANT_REQUEST_MADE = "tenant_request.made"
    TENANT_REQUEST_APPROVED = "tenant_request.approved"
    TENANT_REQUEST_DECLINED = "tenant_request.declined"
    TOOL_ADDED = "tool.added"
    TOOL_CHANGED = "tool.changed"
    TOOL_ICON_CHANGED = "tool.icon_changed"
    TOOL_DELETED = "tool.deleted"
    TOOL_SECRET_ROTATED = "tool.secret_rotated"  # noqa: S105
    PLATFORM_CLIENT_ADDED = "platform_client.added"
    PLATFORM_CLIENT_CHANGED = "platform_client.changed"
    PLATFORM_CLIENT_DELETED = "platform_client.deleted"
    PLATFORM_CLIENT_SHARED = "platform_client.shared"
    DRAFT_BEGUN = "draft.begun"
    DRAFT_DELETED = "draft.deleted"
    REGISTRATION_ADDED = "registration.added"
    REGISTRATION_CHANGED = "registration.changed"
    REGISTRATION_DISABLED = "registration.disabled"
    REGISTRATION_ENABLED = "registration.enabled"
    REGISTRATION_DELETED = "registration.deleted"
    REGISTRATION_RESTORED = "registration.restored"
    REGISTRATION_REMOVED = "registration.removed"
    DEPLOYMENT_REQUESTED = "deployment.requested"
    DEPLOYMENT_APPROVED = "deployment.approved"
    DEPLOYMENT_REQUEST_DISMISSED = "deployment.request_dismissed"
    DEPLOYMENT_BLOCKED = "deployment.blocked"
    TENANT_DELETION_ASKED = "tenant.deletion_asked"
    TENANT_DELETION_DECIDED = "tenant.deletion_decided"
    TENANT_DELETION_TAKEN_BACK = "tenant.deletion_taken_back"
    TENANT_DELETED = "tenant.deleted"
    EXPORT_ASKED = "export.asked"
    EXPORT_TAKEN = "export.taken"
    PERSON_SOUGHT = "person.sought"
    PERSON_ERASURE_BEGUN = "person.erasure_begun"
    PERSON_ERASED = "person.erased"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    LAUNCH_UNMASKED = "launch.unmasked"
    ACCOUNT_ADDED = "account.added"
    ACCOUNT_ROLES_CHANGED = "account.roles_changed"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_PASSWORD_CHANGED = "account.password_changed"  # noqa: S105
    ACCOUNT_SIGNED_IN = "account.signed_in"
    ACCOUNT_SIGNED_OUT = "account.signed_out"
    ACCOUNT_SESSION_ENDED = "account.session_ended"
    ACCOUNT_SIGN_IN_REFUSED = "account.sign_in_refused"
    ACCESS_REFUSED = "access.refused"
    INVITATION_MADE = "invitation.made"
    INVITATION_REVOKED = "invitation.revoked"
    INVITATION_ACCEPTED = "invitation.accepted"
    PROBLEM_REPORTED = "problem.reported"
    PROBLEM_ANSWERED = "problem.answered"
    PROBLEM_STATE_CHANGED = "problem.state_changed"
    PROBLEM_PASSED_ON = "problem.passed_on"
    PROBLEM_FILE_TAKEN = "problem.file_taken"
    SETUP_LINK_MADE = "setup_link.made"
    SETUP_LINK_USED = "setup_link.used"


class Marks:
    """What proves that an event was written by a gateway, and not since changed."""

    def __init__(self, sealer: Sealer) -> None:
        self._keys = sealer.mac_keys("audit event")

    def marked(self, event: AuditEvent) -> AuditEvent:
        return replace(event, mark=mac(self._keys[0], _said(event)))

    def fits(self, event: AuditEvent) -> bool:
        said = _said(event)
        return any(compare_digest(mac(key, said), event.mark) for key in self._keys)


def _said(event: AuditEvent) -> bytes:
    return msgspec.json.encode([getattr(event, name) for name in event.__slots__ if name != "mark"])


class Audit:
    def __init__(self, clock: Clock, ids: Ids, sealer: Sealer) -> None:
        self._clock = clock
        self._ids = ids
        self._marks = Marks(sealer)

    def record(
        self,
        caller: Caller,
        connection: Connection,
        tag: Tag,
        subject: str,
        *,
        tenant_id: str | None,
        **details: str | None,
    ) -> None:
        """``tenant_id`` is whose thing was changed; None when it is the operator's own."""
        self.record_by(caller.account, connection, tag, subject, tenant_id=tenant_id, **details)

    def record_by(
        self,
        actor: str,
        connection: Connection,
        tag: Tag,
        subject: str,
        *,
        tenant_id: str | None,
        **details: str | None,
    ) -> None:
        """For what is done at the door, where nobody stands in any role yet."""
        event = AuditEvent(
            id=self._ids.new(),
            occurred_at=int(self._clock()),
            tenant_id=tenant_id,
            actor=actor,
            tag=tag,
            subject=subject,
            details=msgspec.json.encode(details).decode(),
        )
        audit.add(connection, self._marks.marked(event))
