"""Which templates agents are offered, and in which order, as columns with indexes."""

from django.conf import settings
from django.db import migrations, models


def rank(priority):
    if isinstance(priority, bool) or not isinstance(priority, (int, float)):
        return 100.0
    return float(max(-1e15, min(priority, 1e15)))


def note(apps, schema_editor):
    templates = apps.get_model("templates_app", "Template").objects
    public = {"visibility": "public", "moderation": "visible", "deleted_at": None}
    for column, version, which in (
        ("agent_rank", "head", {}),
        ("public_agent_rank", "published", public),
    ):
        offered = templates.filter(**which, **{f"{version}__spec__exposeToLLM": True})
        for pk, priority in offered.values_list("pk", f"{version}__spec__llmPriority"):
            templates.filter(pk=pk).update(**{column: rank(priority)})


class Migration(migrations.Migration):
    dependencies = [
        ("templates_app", "0007_storage_use"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="template",
            name="agent_rank",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="template",
            name="public_agent_rank",
            field=models.FloatField(null=True),
        ),
        migrations.AddIndex(
            model_name="template",
            index=models.Index(
                condition=models.Q(("agent_rank__isnull", False), ("deleted_at", None)),
                fields=["owner", "agent_rank", "-created_at", "-id"],
                name="tpl_agents_mine",
            ),
        ),
        migrations.AddIndex(
            model_name="template",
            index=models.Index(
                condition=models.Q(("public_agent_rank__isnull", False)),
                fields=["public_agent_rank", "-created_at", "-id"],
                name="tpl_agents_public",
            ),
        ),
        # Last: Postgres makes no index in a transaction that has changed rows with deferred checks.
        migrations.RunPython(note, migrations.RunPython.noop, elidable=True),
    ]
