"""Real mail servers on loopback (aiosmtpd), which keep what they are given."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Mailbox:
    """What came in; ``answers`` are given before, one a mail."""

    answers: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for it by the name of the command
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [str(each["Subject"]) for each in self.mails]


class _OnAnyPort(Controller):
    """The controller speaks to its server once before it says that it runs; so it needs the port."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(
    port: int = 0,
    *,
    tls: ssl.SSLContext | None = None,
    at_once: bool = False,
    password: str | None = None,
    answers: list[str] | None = None,
) -> Iterator[Mailbox]:
    """``tls`` is offered by STARTTLS, or spoken from the start if ``at_once``."""

    def judge(
        _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        return AuthResult(success=data.password == (password or "").encode(), handled=False)

    box = Mailbox(answers or [])
    controller = _OnAnyPort(
        box,
        hostname="127.0.0.1",
        port=port,
        ssl_context=tls if at_once else None,
        tls_context=None if at_once else tls,
        require_starttls=tls is not None and not at_once,
        authenticator=judge if password else None,
        auth_required=password is not None,
        auth_require_tls=tls is not None and not at_once,
    )
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
