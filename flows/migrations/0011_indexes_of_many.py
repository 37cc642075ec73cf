"""Indexes for what would go through all runs: the ones that nobody has reviewed, and an identity ID by its end."""

from django.db import migrations, models

from web.indexes import AddIndexBesideWriters

_END = "CREATE INDEX CONCURRENTLY run_identity_end ON flows_run (reverse(identity_id) text_pattern_ops)"


def add_ends(apps, schema_editor):
    """PostgreSQL's alone: SQLite knows no `reverse`, and reads the whole of its smaller index quickly."""
    if schema_editor.connection.vendor == "postgresql":
        drop_ends(apps, schema_editor)
        schema_editor.execute(_END)


def drop_ends(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS run_identity_end")


class Migration(migrations.Migration):
    atomic = False  # an index is made beside writers in no transaction

    dependencies = [("flows", "0010_role_and_duration_of_runs")]

    operations = [
        AddIndexBesideWriters(
            model_name="run",
            index=models.Index(
                condition=models.Q(("reviewed_at__isnull", True)),
                fields=["-created_at", "-id"],
                name="run_not_reviewed",
            ),
        ),
        migrations.RunPython(add_ends, drop_ends),
    ]
