from datetime import timedelta

from django.db import migrations, models


def rest_addresses(apps, schema_editor):
    """The addresses of apps that ended before rest for as long as those after."""
    App = apps.get_model("simple_apps", "SimpleApp")
    Address = apps.get_model("simple_apps", "RestingAddress")
    ended = App.objects.filter(ended_at__isnull=False).values_list("slug", "ended_at")
    Address.objects.bulk_create(
        Address(slug=slug, ends_at=ended_at + timedelta(days=90)) for slug, ended_at in ended
    )


class Migration(migrations.Migration):

    dependencies = [
        ('simple_apps', '0002_own_cost'),
    ]

    operations = [
        migrations.CreateModel(
            name='RestingAddress',
            fields=[
                ('slug', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('ends_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunPython(rest_addresses, migrations.RunPython.noop),
    ]
