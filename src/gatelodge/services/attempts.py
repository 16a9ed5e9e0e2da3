"""A login or a launch before it is judged: what has been learnt about it so far."""

from collections.abc import Callable, Sequence
from time import perf_counter_ns

from msgspec import Struct

from gatelodge.lti.errors import Refusal
from gatelodge.lti.registration import PlatformClient, Registration, Tool
from gatelodge.lti.trace import Trace


class Arrival(Struct, frozen=True):
    """What a browser brought. ``proofs`` are what it carries to prove that it began a login."""

    tool_key: str
    registration_id: str | None
    fields: Sequence[tuple[str, str]]
    proofs: Sequence[str]
    address: str
    secure: bool


class Attempt:
    """Filled in on the way, so that a refusal at any line can tell all that was known by then.

    ``proven`` says that the platform's signature was good: before that, anybody can name
    anybody's issuer. ``locale`` is the person's language, as far as the platform told it.
    """

    __slots__ = ("client", "locale", "proven", "registration", "tenant_id", "tool", "trace")

    def __init__(self, stopwatch: Callable[[], int] = perf_counter_ns) -> None:
        self.trace = Trace(stopwatch)
        self.tool: Tool | None = None
        self.client: PlatformClient | None = None
        self.registration: Registration | None = None
        self.tenant_id: str | None = None
        self.proven = False
        self.locale: str | None = None

    def found_client(self, client: PlatformClient) -> None:
        self.client, self.registration = client, None
        self.tenant_id = client.tenant_id

    def found_registration(self, registration: Registration) -> None:
        self.registration = registration
        self.tenant_id = registration.tenant_id


class Refused(Exception):
    """A refusal that has been recorded, with what its page may tell."""

    def __init__(self, refusal: Refusal, attempt: Attempt, trace_id: str) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.trace_id = trace_id
        self.tool_name = attempt.tool.name if attempt.tool else None
        self.tenant_id = attempt.tenant_id
        self.client_id = attempt.client.id if attempt.client else None
        self.locale = attempt.locale
        self.platform = attempt.client.platform if attempt.client else None
