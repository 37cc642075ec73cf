"""A group for people who make classes and train them, without being staff of the site."""

from django.db import migrations

GROUP = "Trainers"
_MAY = ("make_class", "Can make classes")


def make_group(apps, schema_editor):
    """Make the group, or give one of that name what it needs.

    Django makes permissions when all migrations are over; that of the group is made here and found there.
    """
    database = schema_editor.connection.alias
    group, _ = apps.get_model("auth", "Group").objects.using(database).get_or_create(name=GROUP)
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(database)
    kind, _ = kinds.get_or_create(app_label="training", model="cohort")
    permission, _ = (
        apps.get_model("auth", "Permission")
        .objects.using(database)
        .get_or_create(content_type=kind, codename=_MAY[0], defaults={"name": _MAY[1]})
    )
    group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0003_ordering_by_columns"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="cohort",
            options={
                "ordering": ["-created_at", "-pk"],
                "permissions": [_MAY],
                "verbose_name": "class",
                "verbose_name_plural": "classes",
            },
        ),
        migrations.RunPython(make_group, migrations.RunPython.noop),
    ]
