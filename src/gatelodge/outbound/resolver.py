"""Looks names up with the machine's resolver, off the event loop and within a time limit."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

LookUp = Callable[[str], Sequence[str]]


class Resolver(Protocol):
    """Answers with IP addresses, best first; raises OSError when there are none."""

    async def __call__(self, host: str, /) -> Sequence[str]: ...


class SystemResolver:
    """One thread for each name that is being looked up.

    getaddrinfo cannot be interrupted: a name server that never answers keeps its thread until the
    C library gives up, long after we did. So a name that is still being looked up is not looked up
    twice, there are at most so many threads, and they never delay the end of the process, as those
    of an executor would.
    """

    def __init__(
        self, *, limit: float = 3.0, most: int = 128, look_up: LookUp | None = None
    ) -> None:
        self._limit = limit
        self._most = most
        self._look_up = look_up or _ask_this_machine
        self._running: dict[str, asyncio.Future[Sequence[str]]] = {}

    async def __call__(self, host: str, /) -> Sequence[str]:
        running = self._running.get(host) or self._begin(host)
        async with asyncio.timeout(self._limit):
            return await asyncio.shield(running)

    def _begin(self, host: str) -> asyncio.Future[Sequence[str]]:
        if len(self._running) >= self._most:
            raise OSError("too many names are being looked up")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Sequence[str]] = loop.create_future()
        self._running[host] = future
        future.add_done_callback(lambda _: self._running.pop(host, None))
        threading.Thread(
            target=self._run, args=(host, loop, future), name="look-up", daemon=True
        ).start()
        return future

    def _run(
        self, host: str, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Sequence[str]]
    ) -> None:
        answer: Sequence[str] | OSError
        try:
            answer = self._look_up(host)
        except (OSError, ValueError) as error:
            answer = OSError(str(error))
        # The loop may be gone: nobody waits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, future, answer)


def _ask_this_machine(host: str) -> Sequence[str]:
    return [
        str(address[0]) for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    ]


def _settle(future: asyncio.Future[Sequence[str]], answer: Sequence[str] | OSError) -> None:
    if future.done():
        return
    if isinstance(answer, OSError):
        future.set_exception(answer)
        # Whoever asked may have given up; then nobody else collects it.
        future.exception()
    else:
        future.set_result(answer)
