"""Who is at the browser: a cookie with a random number, and the rest in memory."""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from urllib.parse import urlsplit

from gatelodge.simulator.school import MIA, Person

_KEPT_AT_MOST = 10_000


class Sessions:
    """A visitor is Mia until they choose somebody else."""

    def __init__(self, base_url: str) -> None:
        # Cookies know no ports: two simulated LMSs on one host need two names.
        self._cookie = f"vle_session_{urlsplit(base_url).port or 'main'}"
        self._people: OrderedDict[str, Person] = OrderedDict()

    def person(self, cookies: Mapping[str, str]) -> Person | None:
        return self._people.get(cookies.get(self._cookie, ""))

    def begin(self, person: Person = MIA) -> str:
        """Begin a session; the answer is the Set-Cookie header.

        SameSite=None, since the request comes back from the gateway's site, often in a frame.
        Browsers take Secure from http://localhost too.
        """
        session_id = secrets.token_urlsafe(24)
        self._people[session_id] = person
        while len(self._people) > _KEPT_AT_MOST:
            self._people.popitem(last=False)
        return f"{self._cookie}={session_id}; Path=/; HttpOnly; Secure; SameSite=None"
