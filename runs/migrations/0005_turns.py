import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery


def owner_field():
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        django.db.models.deletion.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )


def steps_know_their_owner(apps, schema_editor):
    """Attempts need not: before its first claim from now on, it is everybody's turn alike."""
    run, step = apps.get_model("runs", "Run"), apps.get_model("runs", "Step")
    own = run.objects.filter(id=OuterRef("run_id"), priority__gte=0)
    step.objects.update(owner_id=Subquery(own.values("owner_id")))


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0004_attempt_provider"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(model_name="attempt", name="owner", field=owner_field()),
        migrations.AddField(model_name="step", name="owner", field=owner_field()),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                fields=["owner", "id"],
                condition=Q(owner__isnull=False),
                name="attempt_of_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(
                fields=["owner", "not_before", "id"],
                condition=Q(status="ready"),
                name="step_ready_of_owner",
            ),
        ),
        migrations.RunPython(steps_know_their_owner, migrations.RunPython.noop, elidable=True),
    ]
