"""Count of people's results only what a tool made: what a person chose shares those bytes."""

from django.db import migrations
from django.db.models import Sum


def count_again(apps, schema_editor):
    artifact, use = apps.get_model("runs", "Artifact"), apps.get_model("accounts", "StorageUse")
    made = artifact.objects.filter(step__kind="tool", step__reused_from=None)
    sums = made.order_by().values_list("run__owner").annotate(total=Sum("blob__size"))
    use.objects.filter(kind="artifacts").update(bytes=0)
    use.objects.bulk_create(
        [use(owner_id=owner_id, kind="artifacts", bytes=total) for owner_id, total in sums],
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
        ("templates_app", "0007_storage_use"),
    ]
    operations = [migrations.RunPython(count_again, migrations.RunPython.noop, elidable=True)]
