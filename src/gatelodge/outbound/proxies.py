"""The operator's proxy, for sites without direct access: then the proxy must guard what names lead to."""

import ssl
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

import httpcore2

from gatelodge.outbound.hosts import read_host

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    scheme: str
    host: str
    port: int
    credentials: tuple[bytes, bytes] | None

    def for_pool(self, tls: ssl.SSLContext) -> httpcore2.Proxy:
        url = httpcore2.URL(scheme=self.scheme, host=self.host, port=self.port, target="/")
        return httpcore2.Proxy(
            url, auth=self.credentials, ssl_context=tls if self.scheme == "https" else None
        )


def read_proxy(url: str) -> Proxy:
    """Raises ValueError with a sentence that does not repeat the address: it may hold a password."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port
        host = read_host(f"[{host}]" if ":" in host else host)
    except ValueError:
        raise _malformed() from None
    if parts.scheme not in _DEFAULT_PORTS or parts.path.strip("/") or parts.query or parts.fragment:
        raise _malformed()
    credentials = (
        (unquote_to_bytes(parts.username), unquote_to_bytes(parts.password or ""))
        if parts.username
        else None
    )
    return Proxy(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], credentials)


def _malformed() -> ValueError:
    return ValueError(
        "The outbound proxy cannot be read: expected http://host:port or http://user:password@host:port."
    )
