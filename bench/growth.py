"""`make bench-growth`: what a launch costs, and how much memory it takes, as a gateway fills up.

Three gateways with a database each: one registration; many of the same issuer, all of them
launched before anything is measured; and one registration with many launches kept. They are
measured in turn, and ratios are taken within a repetition.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import lms
import uvloop
from compare import (
    Repetition,
    Result,
    launch_us,
    load_from_environment,
    login_us,
    ratios,
    say,
    spread,
)
from generator import Load, Target, measure
from machine import GENERATOR_CORE, resident_megabytes
from postgres import running_postgres
from servers import Bench, Database

ONE, MANY, KEPT = "one registration", "many registrations", "many launches"


def prepare(
    bench: Bench, new_database: Callable[[str], Database], registrations: int, launches: int
) -> dict[str, Database]:
    databases = {
        name: new_database(name.replace(" ", "_"))
        for name, wanted in ((ONE, 1), (MANY, registrations), (KEPT, launches))
        if wanted
    }
    for database in databases.values():
        bench.settle(database)
    if MANY in databases:
        _timed_seed(bench, databases[MANY], "registrations", registrations)
    if KEPT in databases:
        with bench.gateway("first launches", databases[KEPT]) as target:
            _measured(target, Load(rounds=0, mixed=0))
        _timed_seed(bench, databases[KEPT], "launches", launches)
    return databases


def _timed_seed(bench: Bench, database: Database, what: str, count: int) -> None:
    begun_at = time.monotonic()
    bench.seed(database, what, str(count))
    say(f"seeded {count} {what} in {time.monotonic() - begun_at:.0f} s")


def run(
    bench: Bench, databases: dict[str, Database], registrations: int, repetitions: int, load: Load
) -> list[Repetition]:
    with ExitStack() as running:
        targets = {
            name: running.enter_context(
                bench.gateway(name, database, registrations if name == MANY else 1)
            )
            for name, database in databases.items()
        }
        if MANY in targets:
            fresh = replace(targets[MANY], registrations=registrations)
            visits = Load(rounds=0, mixed=0, warm_up=-(-registrations // load.per_round))
            visits = replace(visits, per_round=load.per_round)
            _measured(fresh, visits)
            say(f"each of {registrations} registrations was launched once")
        return [_repetition(targets, load) for _ in range(repetitions)]


def _repetition(targets: dict[str, Target], load: Load) -> Repetition:
    names = list(targets)
    random.shuffle(names)
    done = {name: _measured(targets[name], replace(load, mixed=0)) for name in names}
    shown = ", ".join(f"{name} {each.measured.launch:.0f}" for name, each in done.items())
    say(f"CPU us per launch: {shown}")
    return done


def _measured(target: Target, load: Load) -> Result:
    measured = measure(target, load, new_loop=uvloop.new_event_loop)
    return Result(measured, resident_megabytes(target.pid))


def report(done: list[Repetition]) -> list[str]:
    lines = [
        f"{'gateway':20} {'launch us':>16} {'x one':>20} {'login us':>16} {'x one':>20} {'RSS MB':>7}"
    ]
    for name in done[0]:
        each = [repetition[name].measured for repetition in done]
        lines.append(
            f"{name:20} {spread([one.launch for one in each], '.0f'):>16}"
            f" {spread(ratios(done, name, ONE, launch_us)):>20}"
            f" {spread([one.login for one in each], '.0f'):>16}"
            f" {spread(ratios(done, name, ONE, login_us)):>20}"
            f" {max(repetition[name].megabytes for repetition in done):7.0f}"
        )
    refused = sum(each.measured.good_refused for one in done for each in one.values())
    lines.append(f"Good launches refused: {refused}. Targets: at most 1.10 times; memory under")
    lines.append("150 MB with one registration, under 400 MB with 100,000.")
    return lines


def main() -> int:
    repetitions = int(os.environ.get("BENCH_REPETITIONS", "7"))
    registrations = int(os.environ.get("BENCH_REGISTRATIONS", "100000"))
    launches = int(os.environ.get("BENCH_LAUNCHES", "1000000"))
    on_postgres = os.environ.get("BENCH_DATABASE", "sqlite") == "postgresql"
    os.sched_setaffinity(0, {GENERATOR_CORE})
    with (
        tempfile.TemporaryDirectory(prefix="gatelodge-bench-") as name,
        lms.serving_keys() as key_set_port,
        ExitStack() as running,
    ):
        folder = Path(name)
        # PostgreSQL runs as an account of its own when root starts it.
        folder.chmod(0o755)
        bench = Bench(folder, key_set_port)
        new_database: Callable[[str], Database]
        if on_postgres:
            postgres = running.enter_context(running_postgres(folder / "postgres"))
            new_database = postgres.new_database
        else:
            new_database = lambda name: Database(str(folder / f"{name}.db"))  # noqa: E731
        databases = prepare(bench, new_database, registrations, launches)
        done = run(bench, databases, registrations, repetitions, load_from_environment())
    print(
        f"{registrations} registrations, {launches} launches, on {'PostgreSQL' if on_postgres else 'SQLite'}"
    )
    print("\n".join(report(done)))
    return int(any(each.measured.good_refused for one in done for each in one.values()))


if __name__ == "__main__":
    sys.exit(main())
