"""The sandbox's file from version to version: forwards in one step or not at all, and never backwards."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.aws.endpoint.services import SCHEMAS
from sandbox.core.migrations import SCHEMA_VERSION
from sandbox.core.store import StaleStore, Store
from tests.kept.directories import unpacked


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def schema_of(path: Path) -> set[tuple[str, str]]:
    """Names of tables with their columns."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {(name, str(column[1])) for name in names for column in connection.execute(f"PRAGMA table_info({name})")}


def test_a_migrated_file_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    from sandbox.core.config import SandboxConfig
    from sandbox.core.instance import Instance

    old, new = unpacked("schema-1", tmp_path).sandbox_file, tmp_path / "new.sqlite3"
    for path in (old, new):
        Instance(SandboxConfig(data_file=path), SCHEMAS).close()
    assert schema_of(old) == schema_of(new)
    assert version_of(old) == version_of(new) == SCHEMA_VERSION


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = unpacked("schema-1", tmp_path).sandbox_file
    before = schema_of(path)
    with pytest.raises(sqlite3.OperationalError):
        Store(path, ["CREATE TABLE IF NOT EXISTS whole (account TEXT);", "CREATE TABLE broken (;"])
    assert (version_of(path), schema_of(path)) == (1, before)


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    Store(path, SCHEMAS).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
        connection.execute("PRAGMA journal_mode=DELETE")
    before = path.read_bytes()
    with pytest.raises(StaleStore) as stale:
        Store(path, SCHEMAS)
    assert "later version" in str(stale.value)
    assert "elete" not in str(stale.value)
    assert path.read_bytes() == before
