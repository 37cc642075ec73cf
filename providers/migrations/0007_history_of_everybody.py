"""An index for everybody's sign-ins, the newest first."""

from django.db import migrations, models

from web.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False  # an index is made beside writers in no transaction

    dependencies = [("providers", "0006_abandoned")]

    operations = [
        AddIndexBesideWriters(
            model_name="signin",
            index=models.Index(fields=["-created_at", "-id"], name="sign_in_history"),
        ),
    ]
