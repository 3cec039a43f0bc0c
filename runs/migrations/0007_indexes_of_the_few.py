"""Indexes that hold few rows however long a server has been running.

Those of references that most rows lack become partial. They are dropped by name: for a field that
loses its index Django would write a table of SQLite anew, with millions of steps.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def reference(model, field, to, name, on_delete, related_name):
    return migrations.RunSQL(
        f'DROP INDEX IF EXISTS "{name}"',
        f'CREATE INDEX "{name}" ON "runs_{model}" ("{field}_id")',
        state_operations=[
            migrations.AlterField(
                model_name=model,
                name=field,
                field=models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=on_delete,
                    related_name=related_name,
                    to=to,
                ),
            )
        ],
    )


def index(model, name, fields, condition):
    return migrations.AddIndex(model, models.Index(fields=fields, condition=condition, name=name))


SET_NULL, CASCADE = django.db.models.deletion.SET_NULL, django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0006_queue_of_several_machines"),
    ]

    operations = [
        reference("run", "cloned_from", "runs.run", "runs_run_cloned_from_id_964750ea", SET_NULL, "+"),
        reference("step", "parent", "runs.step", "runs_step_parent_id_06ac8641", CASCADE, "items"),
        reference("step", "reused_from", "runs.step", "runs_step_reused_from_id_978d9ccf", SET_NULL, "+"),
        index("run", "run_cloned", ["cloned_from"], Q(("cloned_from__isnull", False))),
        index("step", "step_items", ["parent"], Q(("parent__isnull", False))),
        index("step", "step_reused_from", ["reused_from"], Q(("reused_from__isnull", False))),
        index(
            "run",
            "run_ended_badly",
            ["status", "-id"],
            Q(("finished_at__isnull", False), Q(("status", "completed"), _negated=True)),
        ),
        index(
            "attempt",
            "attempt_unwanted",
            ["step"],
            Q(("job_ref__isnull", False), ("outcome", "cancelled")),
        ),
    ]
