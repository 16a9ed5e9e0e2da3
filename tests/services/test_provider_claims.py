"""From claims to tenant and roles."""

from __future__ import annotations

from typing import Any

import pytest

from gatelodge.services.caller import Role
from gatelodge.services.provider_claims import Said, read_claims
from gatelodge.services.providers import Provider, read_providers
from gatelodge.services.sign_in_errors import GroupsNotTold

NORTHFIELD = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
SOUTHBANK = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"

ENTRA = {
    "preset": "entra",
    "client_id": "gatelodge",
    "tenants": {NORTHFIELD: "northfield", SOUTHBANK: "southbank"},
    "roles": [
        {"role": "admin", "claim": "roles", "value": "Gatelodge.Admin"},
        {"role": "admin", "claim": "wids", "value": GLOBAL_ADMINISTRATOR},
        {"role": "educator", "claim": "groups", "value": ["teachers", "staff"]},
        {"role": "operator", "claim": "roles", "value": "Gatelodge.Operator", "of": NORTHFIELD},
    ],
}


def provider(**fields: Any) -> Provider:
    [one] = read_providers({"entra": {**ENTRA, **fields}})
    return one


def said(**claims: Any) -> Said:
    return read_claims(provider(), {"tid": NORTHFIELD, **claims})


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({}, set()),
        ({"roles": ["Gatelodge.Admin"]}, {Role.ADMIN}),
        ({"roles": "Gatelodge.Admin"}, {Role.ADMIN}),
        ({"roles": ["gatelodge.admin"]}, set()),
        ({"roles": {"Gatelodge.Admin": True}}, set()),
        ({"roles": [["Gatelodge.Admin"]]}, set()),
        ({"wids": [GLOBAL_ADMINISTRATOR]}, {Role.ADMIN}),
        ({"groups": ["others", "staff"]}, {Role.EDUCATOR}),
        ({"groups": ["staff"], "wids": [GLOBAL_ADMINISTRATOR]}, {Role.ADMIN, Role.EDUCATOR}),
        ({"roles": ["Gatelodge.Operator"]}, {Role.OPERATOR}),
    ],
)
def test_rules_give_roles(claims: dict[str, Any], roles: set[Role]) -> None:
    assert said(**claims).roles == roles


def test_another_institution_makes_no_operators() -> None:
    assert said(tid=SOUTHBANK, roles=["Gatelodge.Operator"]).roles == set()


@pytest.mark.parametrize(
    ("claims", "tenant"),
    [
        ({}, "northfield"),
        ({"tid": SOUTHBANK}, "southbank"),
        ({"tid": "northfield"}, None),
        ({"tid": None}, None),
        ({"tid": [NORTHFIELD.upper()]}, None),
    ],
)
def test_the_tenant_is_that_of_the_claim(claims: dict[str, Any], tenant: str | None) -> None:
    assert said(**claims).tenant == tenant


def test_the_domain_of_an_email_address_is_no_institution() -> None:
    google = {
        "preset": "google",
        "client_id": "c",
        "tenants": {"northfield.example": "northfield"},
    }
    [one] = read_providers({"google": google})

    assert read_claims(one, {"email": "eve@northfield.example"}).tenant is None
    assert read_claims(one, {"hd": "northfield.example"}).tenant == "northfield"


@pytest.mark.parametrize(
    "left_out",
    [{"_claim_names": {"groups": "src1"}}, {"hasgroups": True}, {"hasgroups": "true"}],
)
def test_groups_that_were_left_out_are_an_error_and_not_no_role(left_out: dict[str, Any]) -> None:
    with pytest.raises(GroupsNotTold, match="left the groups out"):
        said(**left_out)


def test_groups_that_were_left_out_are_no_error_where_they_decide_nothing() -> None:
    [one] = read_providers({"entra": {**ENTRA, "roles": ENTRA["roles"][:2]}})

    read = read_claims(one, {"tid": NORTHFIELD, "hasgroups": True, "roles": ["Gatelodge.Admin"]})

    assert read.roles == {Role.ADMIN}


def test_a_dot_leads_into_a_claim_unless_a_claim_has_that_name() -> None:
    keycloak = {
        "issuer": "https://id.example",
        "client_id": "c",
        "tenant": "northfield",
        "roles": [
            {"role": "admin", "claim": "realm_access.roles", "value": "lms-admin"},
            {"role": "educator", "claim": "https://id.example/kind", "value": "teacher"},
        ],
    }
    [one] = read_providers({"keycloak": keycloak})

    claims = {
        "realm_access": {"roles": ["lms-admin"]},
        "https://id.example/kind": "teacher",
    }

    assert read_claims(one, claims).roles == {Role.ADMIN, Role.EDUCATOR}
    assert read_claims(one, claims).tenant == "northfield"


def test_without_a_table_the_value_is_the_short_name() -> None:
    [one] = read_providers(
        {"campus": {"issuer": "https://id.example", "client_id": "c", "tenant_claim": "org"}}
    )

    assert read_claims(one, {"org": "northfield"}).tenant == "northfield"
    assert read_claims(one, {}).tenant is None
