"""The vault has its table now; see its first migration."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0002_sign_in"),
        ("vault", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="SealedValue")]),
    ]
