"""What is taken down is known again by its words; what is taken down already, too."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
from moderation.template_fingerprints import fingerprints

BATCH = 200


def _specs_of_template(row):
    versions = {one.pk: one for one in (row.head, row.published) if one is not None}
    return [one.spec for one in versions.values()]


def _specs_of_share(row):
    if row.frozen:
        return [{**row.frozen["spec"], "name": row.title}]
    stages = [{"label": one["stage"], "args": {"prompt": one["text"]}} for one in row.prompts]
    return [{"name": row.title, "stages": stages}] if stages else []


def fill(apps, schema_editor):
    mark = apps.get_model("moderation", "ContentMark")
    template = apps.get_model("templates_app", "Template")
    share = apps.get_model("creations", "Share")
    for kind, rows, specs_of in (
        (
            "template",
            template.objects.select_related("head", "published"),
            _specs_of_template,
        ),
        ("share", share.objects.all(), _specs_of_share),
    ):
        removed = rows.filter(moderation="removed").order_by("pk")
        for row in removed.iterator(chunk_size=BATCH):
            hashes = {sha256 for spec in specs_of(row) for sha256 in fingerprints(spec)}
            mark.objects.bulk_create(
                [
                    mark(
                        subject_kind=kind,
                        subject_id=str(row.pk),
                        person_id=row.owner_id,
                        sha256=sha256,
                    )
                    for sha256 in sorted(hashes)
                ],
                ignore_conflicts=True,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0005_case_owners"),
        ("templates_app", "0011_picks"),
        ("creations", "0003_picks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ContentMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject_kind", models.CharField(max_length=8)),
                ("subject_id", models.CharField(max_length=128)),
                ("sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=core.clock.now)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["sha256"], name="contentmark_sha256")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_kind", "subject_id", "sha256"), name="contentmark_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subject_kind__in", ["template", "share"])),
                        name="contentmark_subject_kind",
                    ),
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
