"""Cases from before know whose their subject is and what it is called."""

from django.db import migrations

BATCH = 500


def fill(apps, schema_editor):
    kinds = {
        "template": ("templates_app", "Template", "owner_id", lambda row: row.name),
        "share": ("creations", "Share", "owner_id", lambda row: row.title),
        "comment": ("comments", "Comment", "author_id", lambda row: " ".join(row.text.split())),
    }
    case = apps.get_model("moderation", "Case")
    for kind, (app, model, owner, name) in kinds.items():
        rows = apps.get_model(app, model)._default_manager
        last = 0
        while True:
            batch = list(
                case.objects.filter(subject_kind=kind, pk__gt=last).order_by("pk")[:BATCH]
            )
            if not batch:
                break
            last = batch[-1].pk
            found = rows.in_bulk([int(one.subject_id) for one in batch])
            for one in batch:
                row = found.get(int(one.subject_id))
                if row is not None:
                    one.owner_id, one.title = getattr(row, owner), name(row)[:200]
            case.objects.bulk_update(batch, ["owner_id", "title"])


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0004_people_and_appeals"),
        ("templates_app", "0011_picks"),
        ("creations", "0003_picks"),
        ("comments", "0001_initial"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
