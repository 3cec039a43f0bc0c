"""What an attempt sent to a provider, until it is known what became of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0007_indexes_of_the_few"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="paid_request",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="remotejob",
            name="webhook_job_id",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
    ]
