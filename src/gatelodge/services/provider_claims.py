"""From the claims of a verified sign-in to who somebody is, of which tenant, and in which roles.

Rules only: no clock, no database. The e-mail is for reading; it decides nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from gatelodge.services.caller import Role
from gatelodge.services.inputs import LONGEST_SLUG
from gatelodge.services.providers import Provider, RoleRule
from gatelodge.services.sign_in_errors import GroupsNotTold

Claims = Mapping[str, Any]

_GROUPS: Final = "groups"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_TEXT = 200
_LONGEST_VALUE = 255


class Said(Struct, frozen=True):
    """What a provider says of somebody. ``tenant`` is a short name, maybe of no tenant of ours."""

    name: str | None
    email: str | None
    institution: str | None
    """The value of the tenant claim, as it was sent."""
    tenant: str | None
    roles: frozenset[Role]

    @property
    def known_as(self) -> str | None:
        """The institution's value, where something can be kept under it."""
        value = self.institution
        return value if value and len(value) <= _LONGEST_VALUE and value.isprintable() else None


def read_claims(provider: Provider, claims: Claims) -> Said:
    """Raises `GroupsNotTold` when a rule needs groups that the provider has left out."""
    institution = next(_values(claims, provider.tenant_claim), None)
    roles = frozenset(rule.role for rule in provider.roles if _applies(rule, claims, institution))
    if _are_groups_left_out(claims):
        for rule in provider.roles:
            if rule.claim == _GROUPS and rule.role not in roles and _is_meant(rule, institution):
                raise GroupsNotTold(provider.name)
    return Said(
        name=_name(claims),
        email=_text(claims, "email"),
        institution=institution,
        tenant=_tenant(provider, institution),
        roles=roles,
    )


def is_untold(provider: Provider, claims: Claims) -> bool:
    """Whether a claim that decides on tenant or role isn't there at all, or nobody could tell who it is."""
    decisive = {each.claim for each in provider.roles} | {provider.tenant_claim}
    is_lacking = any(name and _found(claims, name) is None for name in decisive)
    return is_lacking or not (_name(claims) or _text(claims, "email"))


def _tenant(provider: Provider, institution: str | None) -> str | None:
    if provider.tenant is not None or institution is None:
        return provider.tenant
    if provider.tenants is None:
        is_slug = len(institution) <= LONGEST_SLUG and _SLUG.fullmatch(institution)
        return institution if is_slug else None
    return provider.tenants.get(institution)


def _applies(rule: RoleRule, claims: Claims, institution: str | None) -> bool:
    return _is_meant(rule, institution) and any(
        value in rule.values for value in _values(claims, rule.claim)
    )


def _is_meant(rule: RoleRule, institution: str | None) -> bool:
    return rule.of is None or rule.of == institution


def _are_groups_left_out(claims: Claims) -> bool:
    """Entra names more than 200 groups only to who asks its Graph for them."""
    elsewhere = claims.get("_claim_names")
    if isinstance(elsewhere, dict) and _GROUPS in elsewhere:
        return True
    return claims.get("hasgroups") in (True, "true")


def _values(claims: Claims, name: str | None) -> Iterator[str]:
    """The claim as texts. A name with dots may lead into a claim, as Keycloak's realm_access.roles."""
    value = _found(claims, name) if name else None
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, bool):
            yield "true" if each else "false"
        elif isinstance(each, str | int):
            yield str(each)


def _found(claims: Claims, name: str) -> object:
    if name in claims:
        return claims[name]
    value: object = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _name(claims: Claims) -> str | None:
    return _text(claims, "name") or _text(claims, "preferred_username")


def _text(claims: Claims, name: str) -> str | None:
    """For reading: cut, and without characters that hide or turn others."""
    value = claims.get(name)
    if not isinstance(value, str):
        return None
    visible = "".join(each for each in value[: 4 * _LONGEST_TEXT] if each.isprintable())
    return visible.strip()[:_LONGEST_TEXT] or None
