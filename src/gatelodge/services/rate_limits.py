"""How much one network may ask for, per platform client and per tool.

Generous enough for a lecture hall, or a campus at nine on a Monday, behind one address. Counted
in this process's memory: more replicas allow more, and nothing is shared.
"""

from gatelodge.services.ports import Clock

MOST_COUNTED = 100_000
"""Whoever is counted by name in one window; all who come after them share one count."""

_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_THE_OTHERS = ("", "")


class RateLimits:
    """``launches`` and ``tokens`` as "20000/minute"; None where nothing is limited."""

    def __init__(self, launches: str | None, tokens: str | None, clock: Clock) -> None:
        self._launches = _Windows(launches, clock) if launches else None
        self._tokens = _Windows(tokens, clock) if tokens else None

    def allows_launch(self, client: str, address: str) -> bool:
        """One more login or launch of this platform client from this network address."""
        return self._launches is None or self._launches.allow(client, address)

    def allows_token(self, tool_id: str) -> bool:
        return self._tokens is None or self._tokens.allow(tool_id, "")


class _Windows:
    """Counts in windows of fixed length; with a new one, all that was counted is dropped at once."""

    def __init__(self, limit: str, clock: Clock) -> None:
        most, _, unit = limit.partition("/")
        self._most = int(most)
        self._seconds = _SECONDS[unit]
        self._clock = clock
        self._window = 0
        self._counts: dict[tuple[str, str], int] = {}

    def allow(self, client: str, address: str) -> bool:
        who = (client, address)
        window = int(self._clock() // self._seconds)
        if window != self._window:
            self._window, self._counts = window, {}
        counts = self._counts
        if len(counts) >= MOST_COUNTED and who not in counts:
            who = _THE_OTHERS
        counts[who] = count = counts.get(who, 0) + 1
        return count <= self._most
