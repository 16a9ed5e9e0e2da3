"""`make bench-profile`: where the gateway's time goes during launches, by a sampling profiler.

Stacks are told apart by what they serve. py-spy sees Python's functions; what C code does, the
RSA verify or SQLite's commit, is counted as the own time of the function that called it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import lms
import uvloop
from compare import load_from_environment, say
from generator import measure
from machine import GENERATOR_CORE
from postgres import running_postgres
from servers import Bench, Database

SAMPLES_PER_SECOND = 200
LINES = 30
WAITING = {
    "wait (threading.py)",
    "Condition.wait (threading.py)",
    "_worker (concurrent/futures/thread.py)",
}
"""Where threads wait for work; py-spy can't always see that they do nothing.

Own time of `Runner.run` is uvloop's: sockets and waking up, but also waiting for requests.
"""

Stack = tuple[str, ...]


_BEGINNINGS = (
    "typer/",
    "gatelodge/cli/",
    "asyncio/",
    "threading.py",
    "concurrent/",
    "uvicorn/server.py",
)
"""Where every stack begins: programs and threads, of which nothing is to be learnt."""


def part_of(stack: Stack) -> str:
    joined = ";".join(stack)
    if "web/lti/launch.py" in joined:
        return "judging launches"
    if "launch_groups.py" in joined:
        return "writing launches"
    if "web/lti/login.py" in joined:
        return "logins"
    return "server, event loop, threads"


def read_stacks(raw: Path) -> Counter[Stack]:
    stacks: Counter[Stack] = Counter()
    for line in raw.read_text().splitlines():
        frames, _, count = line.rpartition(" ")
        stacks[tuple(_without_line(each) for each in frames.split(";"))] += int(count)
    return stacks


def _without_line(frame: str) -> str:
    name, _, place = frame.partition(" (")
    path = place.rstrip(")").rpartition(":")[0]
    for base in ("/src/", "/site-packages/", "/lib/"):
        path = path.rpartition(base)[2] or path
    return f"{name} ({path})" if path else name


def table(title: str, counts: Counter[str], total: int) -> list[str]:
    lines = ["", f"{title}, in % of the samples without logins:"]
    for name, count in counts.most_common(LINES):
        lines.append(f"  {100 * count / total:5.1f}  {name}")
    return lines


def report(stacks: Counter[Stack]) -> list[str]:
    parts: Counter[str] = Counter()
    own: Counter[str] = Counter()
    inclusive: Counter[str] = Counter()
    for stack, count in stacks.items():
        part = part_of(stack)
        if part == "logins" or stack[-1] in WAITING:
            continue
        parts[part] += count
        own[stack[-1]] += count
        for frame in set(stack):
            if not any(each in frame for each in _BEGINNINGS):
                inclusive[frame] += count
    total = parts.total()
    lines = table("What was done", parts, total)
    lines += table("Own time", own, total)
    return lines + table("Time with all that was called", inclusive, total)


def main() -> int:
    os.sched_setaffinity(0, {GENERATOR_CORE})
    on_postgres = "postgresql" in sys.argv[1:]
    with (
        tempfile.TemporaryDirectory(prefix="gatelodge-bench-") as name,
        lms.serving_keys() as key_set_port,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        bench = Bench(folder, key_set_port)
        if on_postgres:
            with running_postgres(folder / "postgres") as postgres:
                stacks = profile(bench, postgres.new_database("gatelodge"))
        else:
            stacks = profile(bench, Database(str(folder / "gatelodge.db")))
    print("\n".join(report(stacks)))
    return 0


def profile(bench: Bench, database: Database) -> Counter[Stack]:
    raw = bench.folder / "stacks.txt"
    bench.settle(database)
    with bench.gateway("profiled", database) as target:
        command = [
            *(Path(sys.executable).with_name("py-spy"), "record", "--pid", str(target.pid)),
            *("--rate", str(SAMPLES_PER_SECOND), "--format", "raw", "--output", raw),
            *("--duration", "600"),
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as spy:
            measured = measure(target, load_from_environment(), new_loop=uvloop.new_event_loop)
            spy.send_signal(2)
            _, said = spy.communicate(timeout=60)
        if not raw.exists():
            raise RuntimeError(said.decode())
    say(f"CPU us per launch while profiled: {measured.launch:.0f}")
    return read_stacks(raw)


if __name__ == "__main__":
    sys.exit(main())
