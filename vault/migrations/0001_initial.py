"""The table of the vault comes over from the providers, with what is in it, its content type and its permissions.

Only Django's knowledge moves: the table keeps its name and is not touched.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def _moved(old, new):
    def move(apps, editor):
        kinds = apps.get_model("contenttypes", "ContentType").objects.using(editor.connection.alias)
        # In a new database there is none yet; Django makes it under the new name after the last migration.
        kinds.filter(app_label=old, model="sealedvalue").update(app_label=new)
        apps.get_model("contenttypes", "ContentType").objects.clear_cache()

    return move


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("contenttypes", "0002_remove_content_type_name"),
        ("providers", "0002_sign_in"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='SealedValue',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reference', models.CharField(max_length=64)),
                        ('purpose', models.CharField(max_length=24)),
                        ('visitor', models.UUIDField(blank=True, null=True)),
                        ('sealed', models.BinaryField()),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('expires_at', models.DateTimeField(db_index=True)),
                        ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'providers_sealedvalue',
                        'indexes': [models.Index(condition=models.Q(('user', None)), fields=['visitor'], name='sealed_value_visitor')],
                        'constraints': [models.UniqueConstraint(fields=('reference', 'purpose'), name='sealed_value_purpose'), models.CheckConstraint(condition=models.Q(('user__isnull', False), ('visitor__isnull', False), _connector='OR'), name='sealed_value_has_an_owner')],
                    },
                ),
            ],
        ),
        migrations.RunPython(_moved("providers", "vault"), _moved("vault", "providers")),
    ]
