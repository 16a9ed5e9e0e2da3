"""The program itself, as a process: serving, working, ending, and refusing to start."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from gatelodge.storage import schema
from gatelodge.storage.database import Database
from tests.cli.terminal import Terminal
from tests.support.mortal import mortal
from tests.support.postgres import Postgres

GATELODGE = (sys.executable, "-c", "from gatelodge.cli import main; main()")
SECRET = "Zt0dC3p9oJbq7Rk2yWfXn5sHv8LmAe41"
PATIENCE = 120


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    program = subprocess.Popen(
        mortal(*GATELODGE, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield program
    finally:
        program.kill()
        program.communicate()


def finished(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*GATELODGE, *words], check=False, capture_output=True, text=True, timeout=PATIENCE
    )


def address_of(program: subprocess.Popen[str]) -> str:
    """What the first line of `serve` says."""
    assert program.stdout is not None
    return program.stdout.readline().split()[3]


def fetched(address: str) -> bytes:
    """Tried until the server answers."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(address, timeout=PATIENCE) as answer:
                body: bytes = answer.read()
                return body
        except URLError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)


@pytest.mark.usefixtures("data_dir")
def test_it_serves_what_commands_change_meanwhile_and_ends_gracefully(settled: Terminal) -> None:
    with running("serve", "--port", "0") as program:
        address = address_of(program)
        assert fetched(f"{address}/readyz")

        row = settled.register()["id"]
        assert b'"kid"' in fetched(f"{address}/lti/keys/{row}")

        program.send_signal(signal.SIGTERM)
        assert program.wait(PATIENCE) == 0


@pytest.mark.usefixtures("data_dir")
def test_a_program_reads_from_one_line_where_it_listens(settled: Terminal) -> None:
    assert settled

    with running("serve", "--port", "0", "--json") as program:
        assert program.stdout is not None
        told = json.loads(program.stdout.readline())

        assert fetched(f"{told['listening']}/healthz") == b"alive\n"


@pytest.mark.usefixtures("data_dir")
def test_it_shows_the_way_in_while_there_is_no_operator(settled: Terminal) -> None:
    def said_next() -> str:
        with running("serve", "--port", "0") as program:
            assert program.stdout is not None
            address = address_of(program)
            assert fetched(f"{address}/readyz")
            program.send_signal(signal.SIGTERM)
            return program.stdout.read()

    without = said_next()
    settled.type(
        *("account", "add", "--role", "operator", "--name", "Otto"),
        *("--email", "otto@h.example", "--password-stdin"),
        typed="a lantern over nine bridges",
    )

    assert without.startswith("There is no operator yet. Within an hour, open: https://lti.exam")
    assert said_next() == ""


@pytest.mark.usefixtures("data_dir")
def test_the_worker_runs_until_it_is_told(settled: Terminal) -> None:
    with running("worker") as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "The worker runs.\n"

        time.sleep(1)
        program.send_signal(signal.SIGTERM)
        assert program.wait(PATIENCE) == 0


def test_a_port_that_is_taken_is_one_sentence(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        result = terminal.type("serve", "--port", str(port), code=1)

    assert result.stderr == (
        f"Nothing can listen on http://127.0.0.1:{port}: address already in use. [start.refused]\n"
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"GATELODGE_BASE_URL": ""}, "GATELODGE_BASE_URL is not set."),
        ({"GATELODGE_BASE_URL": "http://lti.example"}, "GATELODGE_BASE_URL is plain http"),
        ({"GATELODGE_SECRET_KEYS": "changeme" * 5}, "A secret key is a sample"),
        (
            {"GATELODGE_DATABASE_URL": "postgresql://127.0.0.1:1/gatelodge"},
            "GATELODGE_SECRET_KEYS is not set, and on PostgreSQL",
        ),
        (
            {
                "GATELODGE_DATABASE_URL": "postgresql://127.0.0.1:1/gatelodge",
                "GATELODGE_SECRET_KEYS": SECRET,
            },
            "The database cannot be reached.",
        ),
    ],
)
def test_an_unsafe_start_is_refused_in_one_sentence(
    terminal: Terminal, environment: dict[str, str], sentence: str
) -> None:
    result = terminal.type("serve", "--port", "0", code=1, **environment)

    assert result.stdout == ""
    assert result.stderr.startswith(sentence)
    assert len(result.stderr.splitlines()) <= 2


def test_a_wrong_secret_key_is_one_sentence_at_start(
    settled: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATELODGE_SECRET_KEYS", SECRET)

    result = finished("serve", "--port", "0")

    assert result.returncode == 1
    assert result.stderr.startswith("The secret keys are not the ones this database was sealed")


@pytest.mark.postgresql
def test_on_postgresql_an_older_schema_is_refused_until_it_is_upgraded(
    terminal: Terminal, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.new_database() as address:
        monkeypatch.setenv("GATELODGE_DATABASE_URL", address)
        monkeypatch.setenv("GATELODGE_SECRET_KEYS", SECRET)

        refused = terminal.type("serve", "--port", "0", code=1)
        assert "Run: gatelodge db upgrade" in refused.stderr

        assert terminal.json("db", "upgrade")["before"] == "empty"
        assert terminal.json("db", "upgrade")["before"] == "current"
        with running("serve", "--port", "0") as program:
            assert fetched(f"{address_of(program)}/readyz")


def test_a_newer_database_is_refused(settled: Terminal, data_dir: Path) -> None:
    database = Database.open(f"sqlite:///{data_dir}/gatelodge.db")
    database.write(
        lambda connection: connection.exec_driver_sql(
            "UPDATE alembic_version SET version_num = 'from_the_future'"
        )
    )
    assert schema.state(database) == "newer"
    database.close()

    result = settled.type("serve", "--port", "0", code=1)
    assert "newer version of Gatelodge" in result.stderr
    assert settled.refused("db", "upgrade")["code"] == "storage.newer_schema"


def test_an_empty_sqlite_file_is_upgraded_by_every_command(
    terminal: Terminal, data_dir: Path
) -> None:
    terminal.type("tenant", "list")

    assert (data_dir / "gatelodge.db").exists()
    assert terminal.type("db", "upgrade").stdout == ("The database is current; nothing was done.\n")


def test_two_commands_that_start_at_once_in_an_empty_directory_both_work(data_dir: Path) -> None:
    with running("tenant", "add", "Northfield") as one, running("tenant", "add", "Eastvale") as two:
        assert [one.wait(PATIENCE), two.wait(PATIENCE)] == [0, 0]
