"""Runs of a template's document as it stands, besides those of its versions."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0001_initial"),
        ("templates_app", "0004_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="draft_of",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="templates_app.template",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["draft_of", "-id"], name="run_drafts"),
        ),
    ]
