"""Note for each person what their versions, edits, results and uploads take already."""

from django.db import migrations
from django.db.models import Sum

# Kind, model, its path to the owner, what is summed, and which rows count.
SUMS = (
    ("versions", ("templates_app", "TemplateVersion"), "template__owner", "bytes", {}),
    ("changes", ("templates_app", "Change"), "document__template__owner", "bytes", {}),
    ("artifacts", ("runs", "Artifact"), "run__owner", "blob__size", {"step__reused_from": None}),
    ("uploads", ("media", "Upload"), "owner", "blob__size", {}),
)


def note(apps, schema_editor):
    use = apps.get_model("accounts", "StorageUse")
    for kind, model, owner, size, which in SUMS:
        rows = apps.get_model(*model).objects.filter(**which)
        sums = rows.order_by().values_list(owner).annotate(total=Sum(size))
        use.objects.bulk_create(
            [
                use(owner_id=owner_id, kind=kind, bytes=total)
                for owner_id, total in sums
                if owner_id is not None and total
            ],
            batch_size=500,
            update_conflicts=True,
            unique_fields=["owner", "kind"],
            update_fields=["bytes"],
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_safety"),
        ("media", "0004_still"),
        ("runs", "0004_attempt_provider"),
        ("templates_app", "0006_storage_and_invitations"),
    ]
    operations = [migrations.RunPython(note, migrations.RunPython.noop, elidable=True)]
