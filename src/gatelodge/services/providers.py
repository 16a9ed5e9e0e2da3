"""OpenID providers as the operator describes them, and how their claims become tenant and role.

Read from the tables of GATELODGE_OIDC. Nothing is fetched here, and no account is known: what a
provider says of itself is in `gatelodge.services.provider_metadata`.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from gatelodge.services.caller import Role

TENANT_ID: Final = "{tid}"
"""In an issuer: the claim ``tid`` of the very token that is judged."""

_ENTRA = "https://login.microsoftonline.com"

_PRESETS: Final[Mapping[str, Mapping[str, Any]]] = {
    "entra": {
        "name": "Microsoft Entra ID",
        "issuer": f"{_ENTRA}/{TENANT_ID}/v2.0",
        "discovery": f"{_ENTRA}/organizations/v2.0/.well-known/openid-configuration",
        "tenant_claim": "tid",
    },
    "google": {
        "name": "Google Workspace",
        "issuer": "https://accounts.google.com",
        # Of the organisation that Google has verified; a domain in an e-mail address is anybody's word.
        "tenant_claim": "hd",
    },
}

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_KEY = 40
_FIELDS: Final = frozenset(
    {
        "preset",
        "name",
        "issuer",
        "discovery",
        "client_id",
        "client_secret",
        "client_secret_file",
        "scopes",
        "tenant",
        "tenant_claim",
        "tenants",
        "roles",
    }
)
_RULE_FIELDS: Final = frozenset({"role", "claim", "value", "of"})
_NO_PROOF: Final = frozenset(
    {"email", "name", "nickname", "preferred_username", "unique_name", "upn"}
)
"""What people, or the administrators of any directory, can write as they like."""

_TENANT_ID_FORM = r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}"


class RoleRule(Struct, frozen=True):
    """Whoever's ``claim`` has one of these values holds the role.

    ``of`` is the only value of the tenant claim for which the rule is meant; None means any.
    """

    role: Role
    claim: str
    values: tuple[str, ...]
    of: str | None = None


class Provider(Struct, frozen=True):
    """``tenants`` are short names of tenants by the values of ``tenant_claim``.

    Without them the value is itself a short name. ``tenant`` is for a provider of one institution.
    """

    key: str
    name: str
    issuer: str
    discovery: str
    client_id: str
    client_secret: str | None
    scopes: str
    tenant: str | None
    tenant_claim: str | None
    tenants: Mapping[str, str] | None
    roles: tuple[RoleRule, ...]
    has_all_in_token: bool
    """Whether its userinfo address can tell nothing that decides: the presets' know no roles."""

    @property
    def names_tenants(self) -> bool:
        """Whether the settings say whose a value of the claim is, and don't leave it to the value."""
        return self.tenant is not None or self.tenants is not None

    def issuer_of(self, tenant_id: object) -> str | None:
        """The issuer of a token with this ``tid``; None if no issuer can have it."""
        if TENANT_ID not in self.issuer:
            return self.issuer
        if not isinstance(tenant_id, str) or not re.fullmatch(_TENANT_ID_FORM, tenant_id):
            return None
        return self.issuer.replace(TENANT_ID, tenant_id)

    def may_be(self, issuer: str) -> bool:
        """Whether a token of this provider could name this issuer."""
        form = re.escape(self.issuer).replace(re.escape(TENANT_ID), _TENANT_ID_FORM)
        return re.fullmatch(form, issuer) is not None


def read_providers(tables: Mapping[str, Any], *, development: bool = False) -> tuple[Provider, ...]:
    """In the order they were written; raises ValueError with a sentence that names the place."""
    return tuple(_provider(key, table, development) for key, table in tables.items())


def _provider(key: str, table: object, development: bool) -> Provider:  # noqa: FBT001
    if not _KEY.fullmatch(key) or len(key) > _LONGEST_KEY:
        raise ValueError(
            f"The provider {key!r} can't stand in an address: use a to z, 0 to 9 and hyphens."
        )
    if not isinstance(table, dict):
        raise ValueError(  # noqa: TRY004 - the operator wrote a wrong value
            f"GATELODGE_OIDC has {key!r} outside a table: begin one with [{key}]."
        )
    told = _Told(key, table)
    told.refuse_others(_FIELDS)
    preset = told.text("preset")
    if preset is not None and preset not in _PRESETS:
        raise told.wrong("preset", f"is {preset!r}; there are {', '.join(_PRESETS)}")
    told = _Told(key, {**_PRESETS.get(preset or "", {}), **table})
    issuer = told.address("issuer", development)
    discovery = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    if "discovery" in told.table or TENANT_ID in issuer:
        discovery = told.address("discovery", development)
    provider = Provider(
        key=key,
        name=told.needed("name") if "name" in told.table else key,
        issuer=issuer,
        discovery=discovery,
        client_id=told.needed("client_id"),
        client_secret=_secret(told),
        scopes=told.text("scopes") or "openid profile email",
        tenant=told.text("tenant"),
        tenant_claim=None if "tenant" in table else told.text("tenant_claim"),
        tenants=_tenants(told),
        roles=tuple(_rules(told)),
        has_all_in_token=preset is not None,
    )
    _refuse_unsafe(told, provider)
    return provider


def _refuse_unsafe(told: "_Told", provider: Provider) -> None:
    if "openid" not in provider.scopes.split():
        raise told.wrong("scopes", "lacks openid")
    if TENANT_ID in provider.issuer and provider.tenant is not None:
        raise told.wrong("tenant", "would take everybody of every directory for one institution")
    for claim in (provider.tenant_claim, *(each.claim for each in provider.roles)):
        if claim in _NO_PROOF:
            raise told.wrong("roles or tenant_claim", f"relies on {claim}, which proves nothing")
    for rule in provider.roles:
        # Administrators of each directory assign roles as they like: one directory may make operators.
        if rule.role is Role.OPERATOR and provider.tenant_claim and rule.of is None:
            raise told.wrong(
                "roles", f'must say for an operator of which {provider.tenant_claim}: of = "…"'
            )


def _secret(told: "_Told") -> str | None:
    secret, path = told.text("client_secret"), told.text("client_secret_file")
    if path is None:
        return secret
    if secret is not None:
        raise told.wrong("client_secret", "stands beside client_secret_file; keep one of them")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise told.wrong("client_secret_file", f"can't be read from {path}") from None


def _tenants(told: "_Told") -> Mapping[str, str] | None:
    tenants = told.table.get("tenants")
    if tenants is None:
        return None
    if not isinstance(tenants, dict) or not all(
        isinstance(slug, str) and slug for slug in tenants.values()
    ):
        raise told.wrong("tenants", 'must be a table, like "northfield.edu" = "northfield"')
    return dict(tenants)


def _rules(told: "_Told") -> Iterator[RoleRule]:
    rules = told.table.get("roles", [])
    if not isinstance(rules, list) or not all(isinstance(each, dict) for each in rules):
        raise told.wrong("roles", f"must be tables that begin with [[{told.key}.roles]]")
    for number, each in enumerate(rules, 1):
        rule = _Told(f"{told.key}.roles number {number}", each)
        rule.refuse_others(_RULE_FIELDS)
        role = rule.needed("role")
        if role not in list(Role):
            raise rule.wrong("role", f"is {role!r}; there are {', '.join(Role)}")
        value = each.get("value")
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(one, str) and one for one in values):
            raise rule.wrong("value", "must be a text, or a list of texts")
        yield RoleRule(Role(role), rule.needed("claim"), tuple(values), rule.text("of"))


class _Told:
    """One table, with sentences that name the place of what is wrong, and never a value of a secret."""

    def __init__(self, key: str, table: Mapping[str, Any]) -> None:
        self.key = key
        self.table = table

    def text(self, field: str) -> str | None:
        value = self.table.get(field)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise self.wrong(field, "must be a text")
        return value.strip()

    def needed(self, field: str) -> str:
        value = self.text(field)
        if value is None:
            raise self.wrong(field, "is missing")
        return value

    def address(self, field: str, development: bool) -> str:  # noqa: FBT001
        value = self.needed(field)
        schemes = ("https://", "http://") if development else ("https://",)
        if not value.startswith(schemes) or not value.isascii() or " " in value:
            raise self.wrong(field, f"must be an address that begins with {schemes[0]}")
        return value

    def refuse_others(self, known: frozenset[str]) -> None:
        for field in self.table:
            if field not in known:
                raise self.wrong(field, f"isn't known; there are {', '.join(sorted(known))}")

    def wrong(self, field: str, what: str) -> ValueError:
        return ValueError(f"GATELODGE_OIDC: {field} of {self.key} {what}.")
