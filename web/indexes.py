"""Indexes that are made while others write. A migration that adds one to a table that exists uses these, and says
`atomic = False`.

PostgreSQL lets nobody write to a table while an index on it is made, unless it is told to make it beside the writers:
https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY. SQLite knows no such thing,
and has one writer anyway.
"""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class AddIndexBesideWriters(AddIndexConcurrently):
    """AddIndex that keeps nobody from writing. It can be run again after it was interrupted."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if not _is_postgresql(schema_editor):
            super(AddIndexConcurrently, self).database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            _drop_what_an_interruption_left(schema_editor, self.index.name)
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _is_postgresql(schema_editor):
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            super(AddIndexConcurrently, self).database_backwards(app_label, schema_editor, from_state, to_state)


class RemoveIndexBesideWriters(RemoveIndexConcurrently):
    """RemoveIndex that keeps nobody from writing."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _is_postgresql(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            super(RemoveIndexConcurrently, self).database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _is_postgresql(schema_editor):
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            super(RemoveIndexConcurrently, self).database_backwards(app_label, schema_editor, from_state, to_state)


def _is_postgresql(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    return schema_editor.connection.vendor == "postgresql"


def _drop_what_an_interruption_left(schema_editor: Any, name: str) -> None:
    """Drop an index of that name that was not made to its end: PostgreSQL keeps it, and never asks it."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE relname = %s AND NOT indisvalid AND pg_table_is_visible(pg_class.oid)",
            [name],
        )
        if cursor.fetchone():
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(name)}")
