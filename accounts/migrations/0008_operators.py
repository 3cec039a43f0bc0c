"""Those who were staff until now go on seeing the pages for runs, workers, providers and mail."""

from django.db import migrations


def keep_operators(apps, schema_editor):
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="operators")
    staff = apps.get_model("accounts", "User").objects.filter(is_staff=True, is_superuser=False)
    group.user_set.add(*staff)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_limits_and_blocks"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(keep_operators, migrations.RunPython.noop)]
