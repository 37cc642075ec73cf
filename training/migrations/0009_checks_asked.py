from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0008_solved_for")]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="checks_asked",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
