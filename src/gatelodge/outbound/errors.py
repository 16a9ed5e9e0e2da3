"""What can go wrong on the way out.

    GatelodgeError
    └── OutboundError
        ├── BadAddress       the URL cannot be read, or says more than an address should
        ├── NotHttps         plain http where https is required
        ├── Blocked          the guard does not let this address be called
        ├── NotResolved      no address was found for the name
        ├── Unreachable      nobody answers there, or the connection broke
        ├── BadCertificate   the server could not prove its name
        ├── TimedOut         the whole exchange took too long
        ├── Redirected       the server points elsewhere
        ├── TooLarge         the answer is longer than we read
        ├── BadAnswer        the answer is not HTTP as we asked for it
        ├── MailServerDown   the operator's mail server doesn't take mails now
        └── MailRefused      it doesn't take this one, now or later

The sentences are safe to show to a tenant's administrator: they name what was configured, never
an internal address that a name leads to, a query or a password.
"""

from typing import ClassVar

from gatelodge.lti.errors import GatelodgeError
from gatelodge.outbound.certificates import Fault


class OutboundError(GatelodgeError):
    worth_retrying: ClassVar[bool] = False
    """Whether the same request may succeed later though nobody changes anything."""


class BadAddress(OutboundError):
    code = "outbound.bad_address"
    hint = "Write the address as the LMS gives it, like https://lms.example.edu/keys."


class NotHttps(OutboundError):
    code = "outbound.not_https"
    hint = "Use the address that begins with https://."


class Blocked(OutboundError):
    """``address`` is what the name led to: for the log, not for a page."""

    code = "outbound.blocked"
    hint = "If this server is one of yours, the operator can list it in GATELODGE_OUTBOUND_ALLOW."

    def __init__(self, sentence: str, *, address: str = "") -> None:
        super().__init__(sentence)
        self.address = address


class NotResolved(OutboundError):
    code = "outbound.not_resolved"
    hint = "Look for a spelling mistake in the host, and whether this server's DNS knows it."
    worth_retrying = True


class Unreachable(OutboundError):
    code = "outbound.unreachable"
    hint = "Look whether that server is up, and whether a firewall stands between."
    worth_retrying = True


class BadCertificate(OutboundError):
    code = "outbound.bad_certificate"
    hint = "That server's certificate must be valid for this host and issued by an authority that this machine trusts."
    worth_retrying = True

    def __init__(self, sentence: str, *, fault: Fault = Fault.OTHER) -> None:
        super().__init__(sentence)
        self.fault = fault


class TimedOut(OutboundError):
    code = "outbound.timed_out"
    hint = "Look whether that server is overloaded, or a firewall swallows the request."
    worth_retrying = True


class Redirected(OutboundError):
    code = "outbound.redirected"
    hint = "Use the final address: redirects are not followed."


class TooLarge(OutboundError):
    code = "outbound.too_large"
    hint = "Look whether the address is the right one."


class BadAnswer(OutboundError):
    code = "outbound.bad_answer"
    hint = "Look whether the address is the right one, and whether a proxy changes its answers."
    worth_retrying = True


class MailServerDown(OutboundError):
    code = "mail.server_down"
    hint = "Compare GATELODGE_SMTP_URL with what the mail server's people say."
    worth_retrying = True

    def __init__(self, server: str, why: str) -> None:
        super().__init__(f"The mail server {server} doesn't take mails: {why}.")


class MailRefused(OutboundError):
    """``status`` is the server's (RFC 5321 section 4.2.3)."""

    code = "mail.refused"
    hint = "Look whether the address is right, and whether the server may send for GATELODGE_MAIL_FROM."

    def __init__(self, server: str, status: int) -> None:
        super().__init__(f"The mail server {server} refused a mail with status {status}.")
