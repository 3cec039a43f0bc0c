import core.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def vacuum_often(apps, schema_editor):
    """Every step passes through the partial indexes of the queue, and leaves a dead entry there."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE runs_step SET (autovacuum_vacuum_scale_factor = 0.01)")


def forget_workers(apps, schema_editor):
    """They have a table of their own now, in which each living one appears within seconds."""
    apps.get_model("runs", "Heartbeat").objects.filter(name__startswith="worker:").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('runs', '0005_turns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='QueueLimit',
            fields=[
                ('name', models.CharField(max_length=48, primary_key=True, serialize=False)),
                ('at_once', models.IntegerField(null=True)),
                ('per_minute', models.IntegerField(null=True)),
                ('person_share', models.FloatField(null=True)),
                ('paused_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('tokens', models.FloatField(default=0)),
                ('counted_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='RemoteJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=32)),
                ('key', models.CharField(max_length=200)),
                ('heard_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('name', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('host', models.CharField(max_length=120)),
                ('labels', models.JSONField(default=list)),
                ('started_at', models.DateTimeField(default=core.clock.now)),
                ('seen_at', models.DateTimeField(db_index=True, default=core.clock.now)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='step',
            name='step_status',
        ),
        migrations.RemoveIndex(
            model_name='step',
            name='step_ready_of_owner',
        ),
        migrations.AddField(
            model_name='attempt',
            name='parked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='step',
            name='assigned_provider',
            field=models.CharField(blank=True, db_default='', max_length=32),
        ),
        migrations.AddField(
            model_name='step',
            name='label',
            field=models.CharField(blank=True, db_default='', max_length=32),
        ),
        migrations.AddField(
            model_name='step',
            name='preferred_label',
            field=models.CharField(blank=True, db_default='', max_length=32),
        ),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(
                condition=models.Q(("status", "ready")),
                fields=["label", "assigned_provider", "owner", "not_before", "id"],
                name="step_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(
                condition=models.Q(("status", "parked")),
                fields=["label", "assigned_provider", "not_before"],
                name="step_parked",
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(
                    ("outcome__in", ["lost", "returned"]), ("submitting_at__isnull", False)
                ),
                fields=["provider"],
                name="attempt_left_at_provider",
            ),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'ready', 'running', 'parked', 'waiting', 'expanded', 'completed', 'failed', 'skipped', 'cancelled'])), name='step_status'),
        ),
        migrations.AddField(
            model_name='queuelimit',
            name='paused_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='remotejob',
            name='step',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remote_jobs', to='runs.step'),
        ),
        migrations.AddIndex(
            model_name='remotejob',
            index=models.Index(fields=['provider', 'key'], name='remote_job_key'),
        ),
        migrations.AddConstraint(
            model_name='remotejob',
            constraint=models.UniqueConstraint(fields=('step', 'provider', 'key'), name='remote_job_once'),
        ),
        migrations.RemoveIndex(model_name="step", name="step_ready"),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(
                condition=models.Q(("failures__gte", 0), ("status", "ready")),
                fields=["not_before"],
                name="step_ready",
            ),
        ),
        migrations.RunPython(vacuum_often, migrations.RunPython.noop),
        migrations.RunPython(forget_workers, migrations.RunPython.noop, elidable=True),
    ]
