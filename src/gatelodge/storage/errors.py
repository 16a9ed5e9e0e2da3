"""What the database refuses, in our words.

    GatelodgeError
    ├── StorageUnavailable            unreachable, locked, full: nothing is wrong with the request
    ├── UnstorableValue               a value that no database takes
    ├── OlderSchema, NewerSchema      the tables are not those of this version
    └── Conflict                      something else is in the place
        ├── TenantSlugTaken
        ├── ToolKeyTaken
        ├── PlatformClientTaken
        ├── RegistrationTaken
        ├── DeploymentTaken
        ├── EmailTaken
        ├── IdTaken                   a row with this id is there already
        ├── ReferenceMissing          what it refers to is not there, or belongs to somebody else
        └── InTheWay                  a registration cannot be restored

No sentence names a tenant: who is told of a conflict may be another one.
"""

from gatelodge.lti.errors import GatelodgeError


class StorageUnavailable(GatelodgeError):
    code = "storage.unavailable"
    hint = (
        "Look whether the database is running, has space left and is not held by another program."
    )


class UnstorableValue(GatelodgeError):
    code = "storage.unstorable_value"
    hint = "Look for hidden characters in what was entered, and shorten it if it is very long."


class OlderSchema(GatelodgeError):
    code = "storage.older_schema"
    hint = "Run: gatelodge db upgrade"


class NewerSchema(GatelodgeError):
    code = "storage.newer_schema"
    hint = "Start the version of Gatelodge that upgraded this database, or a later one."


class Conflict(GatelodgeError):
    code = "storage.conflict"


class TenantSlugTaken(Conflict):
    code = "tenant.slug_taken"
    hint = "Choose another short name."


class ToolKeyTaken(Conflict):
    code = "tool.key_taken"
    hint = "Choose another key; it is the part of the tool's addresses after /lti/."


class PlatformClientTaken(Conflict):
    code = "platform_client.taken"
    hint = (
        "Ask the operator of this gateway: this issuer and client id are in use, perhaps elsewhere."
    )


class RegistrationTaken(Conflict):
    code = "registration.taken"
    hint = "Change the registration that is there, or delete it first."


class DeploymentTaken(Conflict):
    code = "deployment.taken"
    hint = "Look for the deployment in the list; if it is not there, ask the operator."


class EmailTaken(Conflict):
    code = "account.email_taken"
    hint = "Choose another e-mail address, or ask the operator of this gateway."


class IdTaken(Conflict):
    code = "storage.id_taken"
    hint = "Try again."


class ReferenceMissing(Conflict):
    code = "storage.reference_missing"
    hint = "Load the list again: what you chose may have been deleted meanwhile."


class InTheWay(Conflict):
    """``registration_id`` and ``name`` of what took the place, where the asker may know it."""

    code = "registration.in_the_way"
    hint = "Delete the one that is in its place first, or keep that one."

    def __init__(
        self, sentence: str, *, registration_id: str | None = None, name: str | None = None
    ) -> None:
        super().__init__(sentence)
        self.registration_id = registration_id
        self.name = name
