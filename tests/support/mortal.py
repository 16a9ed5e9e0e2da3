"""Programs that end with the tests that started them, however those ended.

Run as a program it asks the system for SIGTERM at the death of its parent, or rather of the parent's thread that
started it, and becomes the program that is named.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def mortal(*command: str | Path) -> list[str | Path]:
    """This command; it keeps its process id, and signals reach it."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def _become(parent: int, *command: str) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # Unless the parent has died already.
    if os.getppid() == parent:
        os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    _become(int(sys.argv[1]), *sys.argv[2:])
