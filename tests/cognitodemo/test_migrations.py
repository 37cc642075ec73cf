"""Migrations since version 0.2.0 can run beside the code that they replace: nothing that it reads or writes goes, and
nobody waits for an index. django-migration-linter reads their SQL (on PostgreSQL in `make verify`), and what it cannot
see on SQLite is asked of the operations."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

from tests.kept.versions import versions
from web.indexes import AddIndexBesideWriters, RemoveIndexBesideWriters

pytestmark = pytest.mark.django_db(transaction=True)  # SQLite says what it would do outside of transactions only

BASELINE = versions()[0]


def since_the_baseline() -> list[Migration]:
    loader = MigrationLoader(None)
    ours = {app for app in loader.migrated_apps if app in BASELINE.migrations or not _is_foreign(app)}
    before = {(app, BASELINE.migrations[app]) for app in BASELINE.migrations}
    known = {node for last in before for node in loader.graph.forwards_plan(last)}
    return [found for key, found in loader.disk_migrations.items() if key[0] in ours and key not in known]


def _is_foreign(app: str) -> bool:
    from django.apps import apps

    return "site-packages" in apps.get_app_config(app).path


def findings(migration: Migration, capsys: pytest.CaptureFixture[str]) -> str:
    """What the linter has against it; empty where that is nothing."""
    # On SQLite a column comes with a new table, of which the linter cannot say what has a default and what was unique
    # before. Both are asked of the operations, and of the SQL on PostgreSQL.
    unseen = ("NOT_NULL", "ADD_UNIQUE") if connection.vendor == "sqlite" else ()
    linter = MigrationLinter(no_cache=True, all_warnings_as_errors=True, exclude_migration_tests=unseen)
    capsys.readouterr()
    linter.lint_migration(migration)
    told = capsys.readouterr().out if linter.has_errors else ""
    return told + "".join(
        f"NOT NULL constraint: {one.describe()}" for one in migration.operations if _asks_for_more(one)
    )


def _asks_for_more(operation: Any) -> bool:
    """Whether rows that old code writes, who does not know of the column, would be refused."""
    if not isinstance(operation, migrations.AddField) or operation.field.many_to_many:
        return False
    return not operation.field.null and not operation.field.has_db_default()


def indexes_that_lock(migration: Migration) -> list[str]:
    """Operations that make or drop an index on a table that was there before, while nobody may write to it."""
    new = {one.name.lower() for one in migration.operations if isinstance(one, migrations.CreateModel)}
    found = []
    for one in migration.operations:
        table = str(getattr(one, "model_name", "") or getattr(one, "name", "")).lower()
        if table and table not in new and _locks(one):
            found.append(f"{migration.app_label}.{migration.name}: {one.describe()}")
    return found


def _locks(operation: Any) -> bool:
    if isinstance(operation, (migrations.AddIndex, migrations.RemoveIndex)):
        return not isinstance(operation, (AddIndexBesideWriters, RemoveIndexBesideWriters))
    if isinstance(operation, (migrations.AddField, migrations.AlterField)):
        field: Any = operation.field
        return bool(field.db_index or field.unique) and not field.primary_key and not field.is_relation
    if isinstance(operation, migrations.AlterUniqueTogether):
        return True
    return isinstance(operation, migrations.AddConstraint) and isinstance(operation.constraint, models.UniqueConstraint)


def test_the_baseline_names_migrations_that_exist_and_one_came_since() -> None:
    known = MigrationLoader(None).disk_migrations.keys()
    assert {(app, name) for app, name in BASELINE.migrations.items()} <= known
    assert ("accounts", "0002_objects") in {(one.app_label, one.name) for one in since_the_baseline()}


def test_old_code_can_go_on_beside_each_migration(capsys: pytest.CaptureFixture[str]) -> None:
    assert [told for one in since_the_baseline() if (told := findings(one, capsys))] == []


def test_no_migration_makes_an_index_that_writers_wait_for() -> None:
    assert [told for one in since_the_baseline() for told in indexes_that_lock(one)] == []


@pytest.fixture
def planted(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Migration]]:
    """Makes a second migration of the vault, of the operations in a text."""
    package = tmp_path / "planted_vault"
    package.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    first = "import importlib\nMigration = importlib.import_module('vault.migrations.0001_initial').Migration\n"

    def plant(operations: str) -> Migration:
        (package / "__init__.py").touch()
        (package / "0001_initial.py").write_text(first)
        (package / "0002_planted.py").write_text(
            "from django.db import migrations, models\nfrom web.indexes import *\n"
            "class Migration(migrations.Migration):\n"
            f"    atomic = False\n    dependencies = [('vault', '0001_initial')]\n    operations = [{operations}]\n"
        )
        importlib.invalidate_caches()
        settings.MIGRATION_MODULES = {"vault": "planted_vault"}
        return MigrationLoader(None).get_migration("vault", "0002_planted")

    yield plant
    for name in [name for name in sys.modules if name.startswith("planted_vault")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        ("migrations.RemoveField('sealedvalue', 'purpose')", "DROPPING columns"),
        ("migrations.RenameField('sealedvalue', 'purpose', 'aim')", "RENAMING"),
        ("migrations.AddField('sealedvalue', 'aim', models.TextField(default=''))", "NOT NULL constraint"),
        ("migrations.RunPython(lambda apps, schema_editor: None)", "not reversible"),
        ("migrations.DeleteModel('sealedvalue')", "DROPPING table"),
    ],
)
def test_what_old_code_could_not_live_with_is_found(
    planted: Callable[[str], Migration], capsys: pytest.CaptureFixture[str], operation: str, sentence: str
) -> None:
    assert sentence.lower() in findings(planted(operation), capsys).lower()


UNIQUE = "migrations.AddConstraint('sealedvalue', models.UniqueConstraint(fields=['sealed'], name='planted'))"
INDEX = "models.Index(fields=['purpose'], name='planted')"


@pytest.mark.parametrize(
    ("operation", "waits"),
    [
        (f"migrations.AddIndex('sealedvalue', {INDEX})", True),
        (f"AddIndexBesideWriters('sealedvalue', {INDEX})", False),
        ("migrations.AlterField('sealedvalue', 'purpose', models.CharField(max_length=24, db_index=True))", True),
        ("migrations.AddField('sealedvalue', 'aim', models.TextField(null=True))", False),
        ("migrations.AddField('sealedvalue', 'aim', models.CharField(max_length=9, db_default=''))", False),
        (UNIQUE, True),
    ],
)
def test_an_index_is_made_beside_writers(
    planted: Callable[[str], Migration], capsys: pytest.CaptureFixture[str], operation: str, waits: bool
) -> None:
    migration = planted(operation)
    assert bool(indexes_that_lock(migration)) is waits
    if connection.vendor == "postgresql" and "AddIndex" in operation:
        assert ("CREATE INDEX locks table" in findings(migration, capsys)) is waits
    if not waits:
        assert findings(migration, capsys) == ""
