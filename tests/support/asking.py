"""Lena administers Lakeside, which no tenant is yet: what her provider has proven, and what she asks."""

from __future__ import annotations

from typing import Any

from gatelodge.services.caller import Role
from gatelodge.services.provider_claims import Said
from gatelodge.services.provider_sign_in import Proven
from gatelodge.services.providers import Provider
from tests.support.gateways import OTTO, Campus

ENTRA = Provider(
    key="entra",
    name="Entra",
    issuer="https://login.example/{tid}",
    discovery="https://login.example/discovery",
    client_id="c",
    client_secret=None,
    scopes="openid",
    tenant=None,
    tenant_claim="tid",
    tenants={},
    roles=(),
    has_all_in_token=True,
)
LAKESIDE = "0b9a2a5e-7d0f-4c4e-9d6b-1f7f2a3b4c5d"
BROWSER = "b" * 64


def proven(
    value: str | None = LAKESIDE, subject: str = "lena", *, role: Role = Role.ADMIN, **said: Any
) -> Proven:
    told: dict[str, Any] = {"name": "Lena Lake", "email": "lena@lakeside.example", **said}
    return Proven(
        provider=ENTRA,
        issuer=f"https://login.example/{value}",
        subject=subject,
        said=Said(institution=value, tenant=None, roles=frozenset({role}), **told),
        id_token="",
        to="",
    )


def ask_to_be_registered(
    campus: Campus, name: str = "Lakeside", value: str = LAKESIDE, *, note: str = ""
) -> str:
    """The id of her request."""
    requests = campus.gateway.tenant_requests
    door = requests.door(proven(value), BROWSER)
    assert door is not None
    requests.ask(
        ENTRA, door.sealed, BROWSER, name=name, note=note, language="en", address="192.0.2.1"
    )
    [newest, *_] = requests.search(OTTO, name, None, limit=1, offset=0)[0]
    return newest.id


def lead_to_northfield(campus: Campus, value: str = "northfield.example") -> str:
    """A provider's institution was joined to Northfield; the id of what leads it there."""
    request_id = ask_to_be_registered(campus, "Northfield", value)
    campus.gateway.tenant_requests.join(OTTO, request_id, "northfield")
    [identity] = campus.gateway.tenant_identities.list(OTTO, campus.tenant())
    return identity.id
