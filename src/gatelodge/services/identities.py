"""The names a tool hears: opaque, stable, and different for every tenant.

Each is a MAC under the tenant's own key over what the platform called the thing, so that it
survives deleting a registration and adding it anew, needs no row, and tells nothing about the
platform's number. Two platforms' user "3" are two people.
"""

from msgspec import Struct

from gatelodge.lti.macs import mac


class Identities(Struct, frozen=True):
    """Names within one tenant and one issuer. ``key`` is the tenant's identity key."""

    key: bytes
    issuer: str

    def person(self, subject: str) -> str:
        return self._name("person", subject)

    def context(self, deployment_id: str, context_id: str) -> str:
        """A context id is unique within its deployment (CORE 5.4.1)."""
        return self._name("context", deployment_id, context_id)

    def resource_link(self, deployment_id: str, context_id: str, link_id: str) -> str:
        # Some platforms repeat a link's id in every course (Canvas's navigation links), so the
        # context is part of the name although CORE 5.3.5 promises more.
        return self._name("resource_link", deployment_id, context_id, link_id)

    def _name(self, kind: str, *parts: str) -> str:
        message = "\0".join((kind, self.issuer, *parts)).encode()
        return mac(self.key, message)[:16].hex()
