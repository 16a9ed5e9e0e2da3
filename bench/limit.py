"""The limit: the least that a durable launch can cost in Python, with nothing of ours in it.

Raw ASGI on uvicorn, uvloop and httptools: split the form, check an HMAC'd state that carries the
nonce, one RSA verify with a ready key, orjson, the claims, one insert of nonce and record for all
launches that arrive together, 303. No framework, no page, no log, no metrics, no cookie, no
registration to look up. It is a yardstick, not an example.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import queue
import sqlite3
import sys
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote_plus, urlencode

import orjson
import uvicorn
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

STATE_SECONDS = 600
LEEWAY = 60

_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
_VERSION = _LTI + "version"
_MESSAGE_TYPE = _LTI + "message_type"
_DEPLOYMENT = _LTI + "deployment_id"
_TARGET = _LTI + "target_link_uri"
_PADDING, _HASH = PKCS1v15(), SHA256()

Record = tuple[str, bytes]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Refused(Exception):
    pass


# ---------------------------------------------------------------- the durable write


class Store(Protocol):
    async def open(self) -> None: ...

    def admit(self, nonce: str, claims: bytes) -> Awaitable[bool]:
        """After the commit: whether this was the first launch with this nonce."""


class SqliteStore:
    """What arrives in one pass of the loop is one commit of one writer thread."""

    def __init__(self, path: str, synchronous: str) -> None:
        self._path = path
        self._synchronous = synchronous
        self._waiting: list[tuple[Record, asyncio.Future[bool]]] = []
        self._batches: queue.SimpleQueue[list[tuple[Record, asyncio.Future[bool]]]] = (
            queue.SimpleQueue()
        )

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._write, daemon=True).start()

    def admit(self, nonce: str, claims: bytes) -> asyncio.Future[bool]:
        answer = self._loop.create_future()
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(((nonce, claims), answer))
        return answer

    def _flush(self) -> None:
        batch, self._waiting = self._waiting, []
        self._batches.put(batch)

    def _write(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS launches (nonce TEXT PRIMARY KEY, claims BLOB NOT NULL)"
        )
        insert = "INSERT INTO launches VALUES (?, ?) ON CONFLICT DO NOTHING"
        while True:
            batch = self._batches.get()
            connection.execute("BEGIN IMMEDIATE")
            taken = [connection.execute(insert, record).rowcount == 1 for record, _ in batch]
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_settle, [each for _, each in batch], taken)


class PostgresStore:
    """While one batch is written the next gathers; a batch is one statement."""

    _INSERT = (
        "INSERT INTO launches SELECT * FROM unnest($1::text[], $2::bytea[]) "
        "ON CONFLICT DO NOTHING RETURNING nonce"
    )

    def __init__(self, address: str) -> None:
        self._address = address
        self._waiting: list[tuple[Record, asyncio.Future[bool]]] = []
        self._is_writing = False

    async def open(self) -> None:
        # Whoever measures SQLite alone need not have it.
        import asyncpg  # noqa: PLC0415

        self._loop = asyncio.get_running_loop()
        self._connection = await asyncpg.connect(self._address)
        await self._connection.execute(
            "CREATE TABLE IF NOT EXISTS launches (nonce text PRIMARY KEY, claims bytea NOT NULL)"
        )
        self._insert = await self._connection.prepare(self._INSERT)

    def admit(self, nonce: str, claims: bytes) -> asyncio.Future[bool]:
        answer = self._loop.create_future()
        self._waiting.append(((nonce, claims), answer))
        if not self._is_writing:
            self._is_writing = True
            self._task = self._loop.create_task(self._write())
        return answer

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rows = await self._insert.fetch(
                [nonce for (nonce, _), _ in batch], [claims for (_, claims), _ in batch]
            )
            fresh = {row[0] for row in rows}
            taken = []
            for (nonce, _), _ in batch:
                taken.append(nonce in fresh)
                fresh.discard(nonce)
            _settle([each for _, each in batch], taken)
        self._is_writing = False


def _settle(answers: Sequence[asyncio.Future[bool]], taken: Sequence[bool]) -> None:
    for answer, each in zip(answers, taken, strict=True):
        if not answer.done():
            answer.set_result(each)


# ---------------------------------------------------------------- login and launch


class Limit:
    def __init__(self, config: dict[str, Any], store: Store) -> None:
        jwk = config["jwk"]
        self._keys = {
            jwk["kid"]: RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
        }
        self._issuer = config["issuer"]
        self._client_id = config["client_id"]
        self._deployments = {config["deployment_id"]}
        self._launch_url = config["launch_url"]
        self._authorization_url = config["authorization_url"]
        self._secret = os.urandom(32)
        self._store = store

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        try:
            if scope["path"] == "/launch":
                status, location = 303, await self._launch(body)
            else:
                status, location = 302, self._login(body)
        except (Refused, InvalidSignature, ValueError, KeyError):
            await send({"type": "http.response.start", "status": 403, "headers": [_NO_BODY]})
        else:
            headers = [(b"location", location.encode()), _NO_BODY]
            await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self._store.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    def _login(self, body: bytes) -> str:
        form = dict(parse_qsl(body.decode()))
        if (form["iss"], form["client_id"]) != (self._issuer, self._client_id):
            raise Refused
        if form["target_link_uri"] != self._launch_url:
            raise Refused
        now = int(time.time())
        # Begins with the time, so that the index grows at its end.
        nonce = f"{now:x}{os.urandom(16).hex()}"
        content = f"{now}.{nonce}"
        request = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": self._client_id,
            "redirect_uri": self._launch_url,
            "login_hint": form["login_hint"],
            "lti_message_hint": form.get("lti_message_hint", ""),
            "state": f"{content}.{self._mac(content)}",
            "nonce": nonce,
        }
        return f"{self._authorization_url}?{urlencode(request)}"

    async def _launch(self, body: bytes) -> str:
        fields = dict(part.split(b"=", 1) for part in body.split(b"&"))
        nonce = self._read_state(unquote_plus(fields[b"state"].decode()))
        raw = self._verified(fields[b"id_token"])
        self._check(orjson.loads(raw), nonce)
        if not await self._store.admit(nonce, raw):
            raise Refused
        return f"https://tool.example/launch?code={nonce}"

    def _read_state(self, state: str) -> str:
        content, _, mac = state.rpartition(".")
        if not hmac.compare_digest(mac, self._mac(content)):
            raise Refused
        issued, _, nonce = content.partition(".")
        if time.time() - int(issued) > STATE_SECONDS:
            raise Refused
        return nonce

    def _verified(self, token: bytes) -> bytes:
        """The payload of a token that the platform signed."""
        signed, _, signature = token.rpartition(b".")
        head, _, payload = signed.partition(b".")
        header = orjson.loads(_decoded(head))
        if header["alg"] != "RS256":
            raise Refused
        self._keys[header["kid"]].verify(_decoded(signature), signed, _PADDING, _HASH)
        return _decoded(payload)

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        now = time.time()
        if not (
            claims["iss"] == self._issuer
            and claims["aud"] == self._client_id
            and claims["exp"] > now - LEEWAY
            and claims["iat"] < now + LEEWAY
            and claims["nonce"] == nonce
            and claims[_VERSION] == "1.3.0"
            and claims[_MESSAGE_TYPE] == "LtiResourceLinkRequest"
            and claims[_DEPLOYMENT] in self._deployments
            and claims[_TARGET] == self._launch_url
            and claims["sub"]
        ):
            raise Refused

    def _mac(self, content: str) -> str:
        return hmac.digest(self._secret, content.encode(), "sha256").hex()


_NO_BODY = (b"content-length", b"0")


def _decoded(part: bytes) -> bytes:
    return urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def _number(text: str) -> int:
    return int.from_bytes(_decoded(text.encode()), "big")


def main() -> None:
    config = orjson.loads(Path(sys.argv[1]).read_bytes())
    store: Store
    if config["store"].startswith("postgresql:"):
        store = PostgresStore(config["store"])
    else:
        store = SqliteStore(config["store"], config["synchronous"])
    uvicorn.run(
        Limit(config, store),
        host="127.0.0.1",
        port=config["port"],
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


if __name__ == "__main__":
    main()
