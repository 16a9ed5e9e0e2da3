"""What the machine knows of processes: their CPU time, their memory, and who holds a port.

Everything is read from /proc, so the benchmark runs on Linux alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, GENERATOR_CORE = CORES[0], CORES[-1]
"""One core serves, another one asks, of those that we may use."""

_PROC = Path("/proc")
_LISTENING = "0A"
_LOOPBACK = "0100007F"


def with_children(roots: Iterable[int]) -> set[int]:
    """These processes and all that descend from them."""
    children: dict[int, list[int]] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                # The name of the program stands in brackets, and may hold anything.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(folder.name))
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """CPU time that these processes have used, threads that have ended included.

    The kernel counts it to the nanosecond while they run, so it hardly depends on what else the
    machine does.
    """
    total = 0
    for pid in with_children(roots):
        with suppress(OSError):
            total += time.clock_gettime_ns(_cpu_clock_of(pid))
    return total / 1e9


def _cpu_clock_of(pid: int) -> int:
    """As clock_getcpuclockid(3) answers; Python offers it for threads of its own alone."""
    return (~pid << 3) | 2


def resident_megabytes(root: int) -> float:
    """Memory that a process and its children have in RAM."""
    lines = (
        line
        for pid in with_children([root])
        for line in (_PROC / str(pid) / "status").read_text().splitlines()
    )
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def require_holder(root: int, port: int) -> None:
    """Refuse to send load to a port of this machine that another process listens on."""
    sockets = _listening_sockets(port)
    for pid in with_children([root]):
        with suppress(OSError):
            for each in (_PROC / str(pid) / "fd").iterdir():
                with suppress(OSError):
                    if str(each.readlink()) in sockets:
                        return
    raise PermissionError(f"port {port} of this machine is not held by process {root}")


def _listening_sockets(port: int) -> set[str]:
    rows = [line.split() for line in (_PROC / "net" / "tcp").read_text().splitlines()[1:]]
    local = f"{_LOOPBACK}:{port:04X}"
    return {f"socket:[{row[9]}]" for row in rows if row[1] == local and row[3] == _LISTENING}
