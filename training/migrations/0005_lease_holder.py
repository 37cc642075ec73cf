from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0004_trainers'),
    ]

    operations = [
        migrations.AddField(
            model_name='attempt',
            name='lease_holder',
            field=models.CharField(blank=True, db_default='', default='', max_length=36),
        ),
        migrations.AddField(
            model_name='sandboxaccount',
            name='lease_holder',
            field=models.CharField(blank=True, db_default='', default='', max_length=36),
        ),
    ]
