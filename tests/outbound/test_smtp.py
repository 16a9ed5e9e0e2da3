"""Mails go to a real server: with TLS from the start, with STARTTLS, or not at all."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from pathlib import Path

import pytest

from gatelodge.outbound.errors import MailRefused, MailServerDown
from gatelodge.outbound.smtp import MailServer
from tests.outbound.certificates import Authority
from tests.support.mail_servers import mail_server

pytestmark = pytest.mark.asyncio


def a_mail(to: str = "ada@northfield.example") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "gate@lti.example", to, "Grüße"
    mail.set_content("Hello, Ada.\n")
    return mail


async def sent(server: MailServer) -> None:
    async with server.connected() as hands:
        await hands.send(a_mail())


async def test_a_relay_beside_the_gateway_needs_neither_tls_nor_password() -> None:
    with mail_server() as box:
        await sent(MailServer(f"smtp+plain://127.0.0.1:{box.port}"))

    assert box.subjects == ["Grüße"]
    assert box.recipients == ["ada@northfield.example"]


# The server knows TLS from the start only by its socket.
@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_a_password_goes_over_tls_from_the_start(
    authority: Authority, tmp_path: Path
) -> None:
    tls = authority.server(tmp_path, "127.0.0.1")
    with mail_server(tls=tls, at_once=True, password="s p:c/t") as box:
        url = f"smtps://gate:s%20p%3Ac%2Ft@127.0.0.1:{box.port}"
        await sent(MailServer(url, trust=authority.trusted()))

    assert box.subjects == ["Grüße"]


async def test_a_password_goes_after_starttls(authority: Authority, tmp_path: Path) -> None:
    tls = authority.server(tmp_path, "127.0.0.1")
    with mail_server(tls=tls, password="secret") as box:
        await sent(
            MailServer(f"smtp://gate:secret@127.0.0.1:{box.port}", trust=authority.trusted())
        )

    assert box.subjects == ["Grüße"]


async def test_without_starttls_nothing_is_sent() -> None:
    with mail_server() as box, pytest.raises(MailServerDown, match="mail server"):
        await sent(MailServer(f"smtp://127.0.0.1:{box.port}"))

    assert box.mails == []


async def test_a_server_that_cant_prove_its_name_gets_nothing(
    authority: Authority, tmp_path: Path
) -> None:
    tls = authority.server(tmp_path, "127.0.0.1")
    with mail_server(tls=tls, at_once=True) as box, pytest.raises(MailServerDown):
        await sent(MailServer(f"smtps://127.0.0.1:{box.port}"))

    assert box.mails == []


async def test_a_wrong_password_may_be_mended(authority: Authority, tmp_path: Path) -> None:
    tls = authority.server(tmp_path, "127.0.0.1")
    with mail_server(tls=tls, password="secret") as box:
        url = f"smtp://gate:wrong@127.0.0.1:{box.port}"
        with pytest.raises(MailServerDown, match="status 535"):
            await sent(MailServer(url, trust=authority.trusted()))


async def test_nobody_there_is_a_matter_for_later() -> None:
    with mail_server() as box:
        port = box.port

    with pytest.raises(MailServerDown):
        await sent(MailServer(f"smtp+plain://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 4.7.1 Greylisted, ada@northfield.example", MailServerDown),
        ("554 5.7.1 Not from here, ada@northfield.example", MailRefused),
    ],
)
async def test_the_server_says_whether_another_time_is_better(
    answer: str, error: type[Exception]
) -> None:
    with mail_server(answers=[answer]) as box, pytest.raises(error, match=answer[:3]) as caught:
        await sent(MailServer(f"smtp+plain://127.0.0.1:{box.port}"))

    # What stands beside the number may name a person.
    assert "ada" not in str(caught.value)


async def test_a_server_that_says_nothing_is_left() -> None:
    left = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with silent:
        with pytest.raises(MailServerDown, match="took too long"):
            await sent(MailServer(f"smtp+plain://127.0.0.1:{port}", seconds_a_mail=0.2))
        await left.wait()
