"""`make bench`: the gateway, the limit and PyLTI1p3 in turn, by CPU time per launch.

Every server runs once in each repetition, in another order each time, one of them at a time.
Ratios are taken within a repetition, where the machine was the same for both.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import lms
import uvloop
from generator import Load, Measured, Target, measure
from machine import GENERATOR_CORE, resident_megabytes
from postgres import running_postgres
from servers import Bench, Database

LIMIT = "limit-sqlite"
PYLTI = "pylti-gthread"
GATEWAY = "gatelodge-sqlite"

KNOWN_TO_TAKE = {PYLTI: {"replay"}}
"""PyLTI1p3 checks that a nonce was issued, and never spends it."""


@dataclass(frozen=True)
class Result:
    measured: Measured
    megabytes: float


Repetition = dict[str, Result]
Server = Callable[[], AbstractContextManager[Target]]


def run(servers: dict[str, Server], repetitions: int, load: Load) -> list[Repetition]:
    done = []
    for number in range(1, repetitions + 1):
        names = list(servers)
        random.shuffle(names)
        done.append({name: run_one(servers[name], load) for name in names})
        shown = ", ".join(f"{name} {each.measured.launch:.0f}" for name, each in done[-1].items())
        say(f"repetition {number} of {repetitions}: CPU us per launch: {shown}")
    return done


def run_one(server: Server, load: Load) -> Result:
    with server() as target:
        measured = measure(target, load, new_loop=uvloop.new_event_loop)
        return Result(measured, resident_megabytes(target.pid))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- the report


def spread(values: Sequence[float], form: str = ".2f") -> str:
    low, high = min(values), max(values)
    return f"{median(values):{form}} [{low:{form}}-{high:{form}}]"


def ratios(
    done: Sequence[Repetition], name: str, to: str, figure: Callable[[Measured], float]
) -> list[float]:
    return [figure(each[name].measured) / figure(each[to].measured) for each in done]


def launch_us(measured: Measured) -> float:
    return measured.launch


def login_us(measured: Measured) -> float:
    return measured.login


def report(done: Sequence[Repetition]) -> list[str]:
    names = sorted(done[0], key=lambda name: median(each[name].measured.launch for each in done))
    titles = (
        f"{'server':20} {'launch us':>16} {'x limit':>20} {'login us':>16} {'x limit':>20}"
        f" {'alone p50 ms':>13} {'p50/p99 ms':>11} {'RSS MB':>7} {'busy':>5}"
    )
    lines = [titles]
    for name in names:
        each = [repetition[name].measured for repetition in done]
        p50_p99 = [one.p50_p99 for one in each]
        lines.append(
            f"{name:20} {spread([one.launch for one in each], '.0f'):>16}"
            f" {spread(ratios(done, name, LIMIT, launch_us)):>20}"
            f" {spread([one.login for one in each], '.0f'):>16}"
            f" {spread(ratios(done, name, LIMIT, login_us)):>20}"
            f" {median(median(one.alone_ms) for one in each):13.2f}"
            f" {median(p50 for p50, _ in p50_p99):5.1f}/{median(p99 for _, p99 in p50_p99):.1f}"
            f" {median(repetition[name].megabytes for repetition in done):7.0f}"
            f" {median(median(one.busy) for one in each):5.2f}"
        )
    return lines


def verdicts(done: Sequence[Repetition]) -> list[str]:
    """The targets, with what was reached, for the pairs that ran."""

    def compared(name: str, to: str, figure: Callable[[Measured], float]) -> list[float]:
        return ratios(done, name, to, figure) if {name, to} <= set(done[0]) else []

    lines = ["", "Launches per core second, against the limit on SQLite (must 60 %, stretch 75 %):"]
    ours = sorted(each for each in done[0] if each.startswith("gatelodge-"))
    lines += [f"  {name:20} {percent(ratios(done, LIMIT, name, launch_us))}" for name in ours]
    if rates := compared("limit-postgresql", "gatelodge-postgresql", launch_us):
        lines.append(f"  gatelodge-postgresql against limit-postgresql: {percent(rates)}")
    if times := compared(PYLTI, GATEWAY, launch_us):
        lines.append(f"Against PyLTI1p3 on Flask (must 5 times): {spread(times, '.1f')} times")
    if times := compared(GATEWAY, LIMIT, login_us):
        lines.append(f"Login against the limit's (at most 1.6): {spread(times)} times")
    return lines


def percent(rates: Sequence[float]) -> str:
    return f"{spread([100 * each for each in rates], '.0f')} %"


def judgement(done: Sequence[Repetition]) -> tuple[list[str], bool]:
    """Whether every server took the good launches and refused the bad ones."""
    lines, is_clean = ["", "Do they verify? Bad launches taken, and good ones refused:"], True
    for name in sorted(done[0]):
        runs = [each[name].measured for each in done]
        good, refused = sum(x.good for x in runs), sum(x.good_refused for x in runs)
        bad = {kind: sum(x.bad[kind] for x in runs) for kind in runs[0].bad}
        taken = {kind: sum(x.bad_taken[kind] for x in runs) for kind in runs[0].bad}
        told = ", ".join(f"{kind} {taken[kind]} of {bad[kind]}" for kind in bad if taken[kind])
        total = sum(bad.values())
        lines.append(
            f"  {name:20} {sum(taken.values())} of {total} bad taken{told and f' ({told})'},"
            f" {refused} of {good} good refused"
        )
        surprising = {kind for kind, count in taken.items() if count} - KNOWN_TO_TAKE.get(
            name, set()
        )
        is_clean = is_clean and not surprising and not refused
    return lines, is_clean


# ---------------------------------------------------------------- from the command line


def all_servers(bench: Bench, new_postgres: Callable[[str], Database]) -> dict[str, Server]:
    ours = {
        "gatelodge-sqlite": Database(str(bench.folder / "normal.db")),
        "gatelodge-full": Database(str(bench.folder / "full.db"), "FULL"),
        "gatelodge-postgresql": new_postgres("gatelodge"),
    }
    limits = {
        LIMIT: Database(str(bench.folder / "limit.db")),
        "limit-postgresql": new_postgres("the_limit"),
    }
    for database in ours.values():
        bench.settle(database)
    servers: dict[str, Server] = {PYLTI: lambda: bench.pylti(PYLTI)}
    for name, database in ours.items():
        servers[name] = lambda name=name, database=database: bench.gateway(name, database)  # type: ignore[misc]
    for name, database in limits.items():
        servers[name] = lambda name=name, database=database: bench.limit(name, database)  # type: ignore[misc]
    return servers


def only_wanted(servers: dict[str, Server]) -> dict[str, Server]:
    wanted = os.environ.get("BENCH_SERVERS", "").split()
    if not wanted:
        return servers
    # Every ratio is to the limit.
    return {name: each for name, each in servers.items() if name in {LIMIT, *wanted}}


def load_from_environment() -> Load:
    return Load(
        rounds=int(os.environ.get("BENCH_ROUNDS", "5")),
        per_round=int(os.environ.get("BENCH_LAUNCHES_PER_ROUND", "1000")),
    )


def main() -> int:
    repetitions = int(os.environ.get("BENCH_REPETITIONS", "7"))
    os.sched_setaffinity(0, {GENERATOR_CORE})
    with (
        tempfile.TemporaryDirectory(prefix="gatelodge-bench-") as name,
        lms.serving_keys() as key_set_port,
    ):
        folder = Path(name)
        # PostgreSQL runs as an account of its own when root starts it.
        folder.chmod(0o755)
        bench = Bench(folder, key_set_port)
        with running_postgres(folder / "postgres") as postgres:
            servers = only_wanted(all_servers(bench, postgres.new_database))
            done = run(servers, repetitions, load_from_environment())
    told, is_clean = judgement(done)
    print("\n".join([*report(done), *verdicts(done), *told]))
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
