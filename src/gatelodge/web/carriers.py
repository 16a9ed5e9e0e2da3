"""How a browser carries the proof that it began a login.

A carrier takes the proof along with the answer to a login, and finds it again in a request. The
cookie is one; others can stand beside it.
"""

import re
from typing import Protocol

from gatelodge.lti.state import digest
from gatelodge.web.exchange import Header

_A_DAY = 24 * 3600
_MOST_PROOFS = 10


class Carrier(Protocol):
    def carry(self, proof: str) -> list[Header]:
        """The headers that give the proof to the browser."""

    def proofs(self, cookies: bytes) -> list[str]:
        """Every proof that the browser brought along, in its cookie header or elsewhere."""


class CookieCarrier:
    """Two cookies with the same value: a plain one, and one for frames whose cookies are apart.

    In a frame of another site most browsers let only a Partitioned cookie through, in a window of
    its own both. Names differ from proof to proof, so that two tabs that begin at once don't take
    each other's away; a browser that has one already keeps it.
    """

    def carry(self, proof: str) -> list[Header]:
        name = f"{_PREFIX}{digest(proof)[:8]}"
        attributes = f"Path=/; Max-Age={_A_DAY}; Secure; HttpOnly; SameSite=None"
        return [
            (b"set-cookie", f"{name}={proof}; {attributes}".encode()),
            (b"set-cookie", f"{name}.p={proof}; {attributes}; Partitioned".encode()),
        ]

    def proofs(self, cookies: bytes) -> list[str]:
        # Once each, and in their order.
        return list(dict.fromkeys(_PROOFS.findall(cookies.decode("latin-1"))))[:_MOST_PROOFS]


_PREFIX = "__Host-gatelodge-"
"""RFC 6265bis section 4.1.3: set by this host alone, over a secure connection, for all of it."""

_PROOFS = re.compile(
    rf"(?:\A|;)\s*{re.escape(_PREFIX)}[0-9a-f]{{8}}(?:\.p)?="
    r"([^;\x80-\xff]{31,63}[^;\s\x80-\xff])\s*(?=;|\Z)",
    re.ASCII,
)
"""The values, of 32 to 64 characters, in a whole cookie header: all of them in one look.

Other cookies of ours begin alike, and stay away from what an LMS sends: a session proves no login.
"""
