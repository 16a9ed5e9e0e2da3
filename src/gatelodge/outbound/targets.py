"""A URL, read strictly: nothing in it may mean one thing to us and another to a server or a proxy."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from gatelodge.outbound.errors import BadAddress
from gatelodge.outbound.hosts import read_host

_LONGEST = 4096
_SHOWN = 200
_DEFAULT_PORTS = {"https": 443, "http": 80}

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?"
)
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
# White space, control characters and lone surrogates; and the backslash, which browsers read as a slash and others do
# not: to whom does https://a.example\@b.example belong?
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_VISIBLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Target:
    scheme: str
    host: str
    port: int
    path: str
    """With the query, as it goes over the wire."""

    @property
    def authority(self) -> str:
        """As the Host header has it (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        """For messages: without the query, which may hold a secret."""
        return f"{self.scheme}://{self.authority}{self.path.partition('?')[0][:_SHOWN]}"


def read_target(url: str) -> Target:
    if len(url) > _LONGEST:
        raise BadAddress(
            f"An address of {len(url)} characters is too long: at most {_LONGEST} are read."
        )
    found = _URL.fullmatch(url)
    if not found or _FORBIDDEN.search(url):
        raise _bad(
            url,
            "it is not written like https://lms.example.edu/path, without spaces and backslashes",
        )
    scheme = found["scheme"].lower()
    if scheme not in _DEFAULT_PORTS:
        raise _bad(url, f"expected https, not {scheme!r}")
    if "@" in found["authority"]:
        # The value is not shown: it may be a password.
        raise BadAddress(
            "The address has a user name or a password before its host: expected the host alone."
        )
    if found["fragment"]:
        raise _bad(url, "expected no '#' in it")
    host, port = _read_authority(url, found["authority"])
    path = (found["path"] or "/") + (found["query"] or "")
    return Target(scheme, host, port or _DEFAULT_PORTS[scheme], quote(path, safe=_VISIBLE_ASCII))


def _read_authority(url: str, authority: str) -> tuple[str, int | None]:
    found = _AUTHORITY.fullmatch(authority)
    if not found:
        raise _bad(url, "expected a host, or a host and a port, after '://'")
    try:
        host = read_host(found["host"])
    except ValueError as error:
        raise _bad(url, f"{found['host']!r} {error}") from None
    if found["port"] is None:
        return host, None
    if not 0 < int(found["port"]) < 65536:
        raise _bad(url, "expected a port from 1 to 65535")
    return host, int(found["port"])


def _bad(url: str, why: str) -> BadAddress:
    shown = url.partition("?")[0].partition("#")[0][:_SHOWN]
    return BadAddress(f"The address {shown!r} cannot be used: {why}.")
