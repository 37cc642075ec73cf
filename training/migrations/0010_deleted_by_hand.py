from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0009_checks_asked")]

    operations = [
        migrations.AddField(
            model_name="cohort",
            name="deleted_by_hand",
            field=models.BooleanField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="cohort",
            name="state",
            field=models.CharField(
                choices=[("draft", "Not open yet"), ("open", "Open"), ("closed", "Ended"), ("archived", "Deleted")],
                default="open",
                max_length=8,
            ),
        ),
    ]
