"""Hands mails to the operator's own mail server (RFC 5321).

The server is named in the settings, so the guard for what tenants name is not asked.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib.errors import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from gatelodge.outbound.errors import MailRefused, MailServerDown

SECONDS_A_MAIL = 60.0

_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


class MailServer:
    """``url`` is `smtps://` (TLS at once), `smtp://` (STARTTLS, required) or `smtp+plain://`."""

    def __init__(
        self,
        url: str,
        *,
        trust: ssl.SSLContext | None = None,
        seconds_a_mail: float = SECONDS_A_MAIL,
    ) -> None:
        parts = urlsplit(url)
        self.name = parts.hostname or ""
        self._scheme = parts.scheme
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._trust = trust
        self._seconds = seconds_a_mail

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Connection"]:
        """Raises `MailServerDown`."""
        client = aiosmtplib.SMTP(
            hostname=self.name,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._scheme == "smtps",
            start_tls=self._scheme == "smtp",
            tls_context=self._trust,
            timeout=self._seconds,
        )
        try:
            async with asyncio.timeout(self._seconds):
                await client.connect()
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise MailServerDown(self.name, _why(error)) from None
        try:
            yield Connection(self.name, client, self._seconds)
        finally:
            await _leave(client)


class Connection:
    def __init__(self, server: str, client: aiosmtplib.SMTP, seconds: float) -> None:
        self._server = server
        self._client = client
        self._seconds = seconds

    async def send(self, message: EmailMessage) -> None:
        """The server has taken it when this returns.

        Raises `MailRefused` when it never will, `MailServerDown` when it may another time.
        """
        try:
            async with asyncio.timeout(self._seconds):
                await self._client.send_message(message)
        except SMTPRecipientsRefused as error:
            code = max(each.code for each in error.recipients)
            raise self._refused(code) from None
        except SMTPResponseException as error:
            raise self._refused(error.code) from None
        except (SMTPException, OSError, TimeoutError) as error:
            raise MailServerDown(self._server, _why(error)) from None

    def _refused(self, code: int) -> MailRefused | MailServerDown:
        # RFC 5321 section 4.2.1: 4yz may go well another time, 5yz won't. What the server says
        # beside the number may name the person.
        if code >= 500:
            return MailRefused(self._server, code)
        return MailServerDown(self._server, f"status {code}")


async def _leave(client: aiosmtplib.SMTP) -> None:
    try:
        async with asyncio.timeout(1):
            await client.quit()
    except (SMTPException, OSError, TimeoutError):
        client.close()


def _why(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"status {error.code}"
    return "it took too long" if isinstance(error, TimeoutError) else type(error).__name__
