"""Who is asking: the first argument of every service function that a person uses."""

from dataclasses import dataclass
from enum import StrEnum

from gatelodge.services.errors import NotAllowed


class Role(StrEnum):
    OPERATOR = "operator"
    ADMIN = "admin"
    EDUCATOR = "educator"


@dataclass(frozen=True, slots=True)
class Caller:
    """An account, in one role, in one tenant; the operator alone stands in none."""

    account: str
    role: Role
    tenant_id: str | None

    def __post_init__(self) -> None:
        if (self.tenant_id is None) != (self.role is Role.OPERATOR):
            raise ValueError("an operator has no tenant, and everybody else has one")

    @classmethod
    def operator(cls, account: str) -> "Caller":
        return cls(account, Role.OPERATOR, None)

    @classmethod
    def admin(cls, account: str, tenant_id: str) -> "Caller":
        return cls(account, Role.ADMIN, tenant_id)

    @classmethod
    def educator(cls, account: str, tenant_id: str) -> "Caller":
        return cls(account, Role.EDUCATOR, tenant_id)

    @property
    def is_operator(self) -> bool:
        return self.role is Role.OPERATOR

    @property
    def tenant_scope(self) -> str | None:
        """The one tenant whose rows the caller may see; None, all of them, for the operator only."""
        return self.tenant_id

    def must_operate(self) -> None:
        if not self.is_operator:
            raise NotAllowed("Only the operator of this gateway may do this.")

    def must_administer(self) -> None:
        """Refuse who administers nothing. What the others may see, `tenant_scope` says."""
        if self.role is Role.EDUCATOR:
            raise NotAllowed("Only an administrator may do this.")
