"""A message that waits for the next page: what was done, and how to undo it.

It travels in a cookie, under a MAC of this session, so that it needs no row and nobody else can put
words onto our pages. It is shown once.
"""

import hmac
from collections.abc import Mapping
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gatelodge.lti.macs import mac
from gatelodge.services.sessions import Visitor

COOKIE = "__Host-gatelodge-said"
_A_MINUTE = 60
_LONGEST_NAME = 200


class Action(msgspec.Struct, frozen=True):
    """A button beside the message: a form that is posted to an address of ours."""

    label: str
    address: str


class Message(msgspec.Struct, frozen=True):
    """``text`` is translated where it is shown, and ``names`` put in place of its ``{names}``."""

    kind: Literal["ok", "info", "warn", "bad"]
    text: str
    names: Mapping[str, str] = {}
    action: Action | None = None


def carry(response: Response, message: Message, visitor: Visitor) -> None:
    fitting = msgspec.structs.replace(
        message, names={name: each[:_LONGEST_NAME] for name, each in message.names.items()}
    )
    content = msgspec.json.encode(fitting)
    value = f"{_mac(content, visitor)}{content.hex()}"
    response.set_cookie(
        COOKIE, value, max_age=_A_MINUTE, secure=True, httponly=True, samesite="lax"
    )


def carried(request: Request, visitor: Visitor) -> Message | None:
    value = request.cookies.get(COOKIE, "")
    signature, text = value[:64], value[64:]
    try:
        content = bytes.fromhex(text)
        if not hmac.compare_digest(_mac(content, visitor), signature):
            return None
        return msgspec.json.decode(content, type=Message)
    except (ValueError, TypeError):
        return None


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax")


def _mac(content: bytes, visitor: Visitor) -> str:
    return mac(visitor.csrf.encode()[:64], b"message\0" + content).hex()
