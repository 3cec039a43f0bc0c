from django.db import migrations, models


def studio_was_asked(apps, schema_editor):
    """Until now, whoever finished a step is who was asked in each of its attempts."""
    attempt, step = apps.get_model("runs", "Attempt"), apps.get_model("runs", "Step")
    attempts = attempt.objects.exclude(submitting_at=None, job_ref=None)
    for row in attempts.only("id", "step_id").iterator():
        name = step.objects.values_list("provider", flat=True).get(id=row.step_id) or "studio"
        attempt.objects.filter(id=row.id).update(provider=name)


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0003_contract"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="provider",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.RunPython(studio_was_asked, migrations.RunPython.noop, elidable=True),
    ]
