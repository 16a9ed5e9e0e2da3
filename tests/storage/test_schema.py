from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from gatelodge.storage import migrations, schema, tables
from gatelodge.storage.database import Database
from gatelodge.storage.errors import NewerSchema, OlderSchema, StorageUnavailable
from tests.support.postgres import opened


def mark_as(database: Database, revision: str) -> None:
    database.write(
        lambda connection: connection.execute(
            text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision}
        )
    )


def test_an_empty_database_is_upgraded_once(empty_address: str) -> None:
    with opened(empty_address) as database:
        before = schema.state(database)
        found = [schema.upgrade(database), schema.upgrade(database)]

        assert (before, found, schema.state(database)) == (
            "empty",
            ["empty", "current"],
            "current",
        )


def test_every_revision_is_written_down_in_its_order() -> None:
    config = Config()
    config.set_main_option("script_location", schema.SCRIPTS)
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)

    newest_first = [each.revision for each in scripts.walk_revisions()]

    assert list(schema.REVISIONS) == newest_first[::-1]


def test_a_database_that_needs_nothing_is_opened_without_alembic() -> None:
    look = "import sys, gatelodge.assembly; sys.exit('alembic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0


def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, tables.metadata))

    assert database.read(differences) == []


NAMES = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL",
    "postgresql": "SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes",
}


def test_every_constraint_and_index_has_the_name_that_we_gave_it(database: Database) -> None:
    found = database.read(
        lambda connection: connection.execute(text(NAMES[database.kind])).scalars().all()
    )

    names = {
        str(each.name)
        for table in tables.metadata.tables.values()
        for each in [*table.indexes, *table.constraints]
    }
    assert {name for name in names if not any(name in each for each in found)} == set()


def test_two_that_upgrade_at_once_are_both_content(empty_address: str) -> None:
    with opened(empty_address) as one, opened(empty_address) as other, ThreadPoolExecutor() as pool:
        found = list(pool.map(schema.upgrade, (one, other)))

        assert sorted(found) == ["current", "empty"]
        assert schema.state(one) == "current"


def test_a_newer_database_is_left_alone(empty_address: str) -> None:
    with opened(empty_address) as database:
        schema.upgrade(database)
        mark_as(database, "9999")

        assert schema.state(database) == "newer"
        with pytest.raises(NewerSchema, match="later version"):
            schema.upgrade(database)
        with pytest.raises(NewerSchema, match="later version"):
            schema.require_current(database)


def test_serving_asks_for_the_upgrade_that_is_missing(empty_address: str) -> None:
    with opened(empty_address) as database:
        with pytest.raises(OlderSchema, match="no tables") as caught:
            schema.require_current(database)

        assert "gatelodge db upgrade" in caught.value.hint


def test_a_current_database_is_fine(database: Database) -> None:
    schema.require_current(database)


# ---------------------------------------------------------------- the copy of a SQLite file


@pytest.fixture
def older_file(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that a version before ours made: our newest step is yet to come."""
    path = tmp_path / "older.db"
    shutil.copyfile(sqlite_template, path)
    steps = tmp_path / "steps"
    shutil.copytree(Path(str(migrations.__file__)).parent, steps)
    (steps / "versions" / "0002_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        'revision, down_revision = "next", "0001"\n'
        'def upgrade():\n    op.add_column("tenants", sa.Column("motto", sa.Text()))\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(schema, "SCRIPTS", str(steps))
    monkeypatch.setattr(schema, "REVISIONS", ("0001", "next"))
    return path


def test_a_file_is_copied_before_it_is_upgraded(older_file: Path) -> None:
    with opened(f"sqlite:///{older_file}") as database:
        found = schema.upgrade(database)

    copy = older_file.with_name("older.db.before-next")
    with closing(sqlite3.connect(copy)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(tenants)")]
    assert found == "older"
    assert "motto" not in columns
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    older_file: Path, tmp_path: Path
) -> None:
    step = tmp_path / "steps" / "versions" / "0002_next.py"
    step.write_text(step.read_text() + "    op.execute('no such statement')\n", encoding="utf-8")

    with opened(f"sqlite:///{older_file}") as database:
        with pytest.raises(Exception, match="no such statement"):
            schema.upgrade(database)

        found = database.read(lambda connection: inspect(connection).get_columns("tenants"))
    assert "motto" not in [column["name"] for column in found]


def test_where_there_is_no_room_for_the_copy_nothing_is_upgraded(older_file: Path) -> None:
    older_file.with_name("older.db.before-next.part").mkdir()

    with opened(f"sqlite:///{older_file}") as database:
        with pytest.raises(StorageUnavailable, match="copy"):
            schema.upgrade(database)

        assert schema.state(database) == "older"
