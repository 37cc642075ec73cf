from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def mark(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What was solved for somebody was told by the runs of it alone, which a learner may delete."""
    runs = apps.get_model("training", "AttemptRun").objects.filter(kind="solve")
    apps.get_model("training", "Attempt").objects.filter(pk__in=runs.values("attempt")).update(solved_for=True)


class Migration(migrations.Migration):
    dependencies = [("training", "0007_told_at_the_seat")]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="solved_for",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
