"""Opens the gateway for one command, as the operator who typed it."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from gatelodge.assembly import Gateway, open_gateway
from gatelodge.services.caller import Caller
from gatelodge.services.mails import Tell, in_english
from gatelodge.settings import read_settings


@contextmanager
def opened_gateway(tell: Tell = in_english) -> Iterator[Gateway]:
    gateway = open_gateway(read_settings(), check_for_serving=False, tell=tell)
    try:
        yield gateway
    finally:
        gateway.close()


def operator() -> Caller:
    return Caller.operator(f"cli:{_os_user()}")


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return "unknown"
