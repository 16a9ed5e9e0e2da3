"""How much one network may ask for, per platform client and per tool.

Generous enough for a lecture hall, or a campus at nine on a Monday, behind one address. Counted
in this process's memory: more replicas allow more, and nothing is shared.
"""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter


class RateLimits:
    """``launches`` and ``tokens`` as "20000/minute"; None where nothing is limited."""

    def __init__(self, launches: str | None, tokens: str | None) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._launches = parse(launches) if launches else None
        self._tokens = parse(tokens) if tokens else None

    def allows_launch(self, client: str, address: str) -> bool:
        """One more login or launch of this platform client from this network address."""
        return self._launches is None or self._limiter.hit(self._launches, client, address)

    def allows_token(self, tool_id: str) -> bool:
        return self._tokens is None or self._limiter.hit(self._tokens, tool_id)
