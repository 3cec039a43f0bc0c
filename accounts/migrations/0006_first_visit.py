from django.db import migrations, models
from django.db.models import F


def know_the_editor(apps, schema_editor):
    """Who is here already needs no first steps."""
    apps.get_model("accounts", "User").objects.update(editor_seen_at=F("date_joined"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_mail_address")]

    operations = [
        migrations.AddField("user", "editor_seen_at", models.DateTimeField(null=True, blank=True)),
        migrations.RunPython(know_the_editor, migrations.RunPython.noop),
    ]
