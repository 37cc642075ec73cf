"""A group for people who read and review everybody's runs."""

from django.db import migrations

GROUP = "Reviewers"
_MAY = {
    "run": (("review_run", "Can read and review everybody's runs"), ("view_run", "Can view run")),
    "apicall": (("view_apicall", "Can view API call"),),
}


def make_group(apps, schema_editor):
    """Make the group, or give one of that name what it needs.

    Django makes permissions when all migrations are over; those of the group are made here and found there.
    """
    database = schema_editor.connection.alias
    group, _ = apps.get_model("auth", "Group").objects.using(database).get_or_create(name=GROUP)
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    for model, allowed in _MAY.items():
        kind, _ = kinds.get_or_create(app_label="flows", model=model)
        for codename, name in allowed:
            permission, _ = permissions.get_or_create(content_type=kind, codename=codename, defaults={"name": name})
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0007_refused_here"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_group, migrations.RunPython.noop)]
