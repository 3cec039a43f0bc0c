"""Rows of the queue beside the steps: workers, jobs at providers, limits."""

from __future__ import annotations

from django.db import models

from core import clock


class Worker(models.Model):
    """A worker process as it was last seen. Leases need none of this: it is for operators."""

    name = models.CharField(max_length=120, primary_key=True)
    host = models.CharField(max_length=120)
    # Sorted. It takes steps with one of these labels.
    labels = models.JSONField(default=list)
    started_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now, db_index=True)


class RemoteJob(models.Model):
    """A provider's name for a job of ours, by which its webhook finds the step."""

    step = models.ForeignKey("runs.Step", models.CASCADE, related_name="remote_jobs")
    provider = models.CharField(max_length=32)
    key = models.CharField(max_length=200)
    # When a webhook last said that there is news. Later than the last look: look at once.
    heard_at = models.DateTimeField(null=True)
    # Of the key of a request's token: what the first webhook at its address called the job.
    webhook_job_id = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "provider", "key"], name="remote_job_once")
        ]
        indexes = [models.Index(fields=["provider", "key"], name="remote_job_key")]


class QueueLimit(models.Model):
    """Limit of a provider's or an API key's work at once; or a pause.

    name: `provider:comfyui` or `key:12`. Numbers that are null are those of the settings. It is
    locked by a claim that it limits.
    """

    name = models.CharField(max_length=48, primary_key=True)
    at_once = models.IntegerField(null=True)
    per_minute = models.IntegerField(null=True)
    # The largest share of `at_once` that is one person's while others wait, 0 to 1.
    person_share = models.FloatField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    # Paused by this server, as the account is out of credit: resumed when it has some again.
    is_automatic = models.BooleanField(default=False, db_default=False)
    # Starts that are left of `per_minute`, as of `counted_at`.
    tokens = models.FloatField(default=0)
    counted_at = models.DateTimeField(null=True)


class Cooldown(models.Model):
    """A provider that is asked for nothing new until then: by one person, or with owner null by
    anyone. cause: see `runs.engine.cooldowns`. reason: a sentence for those who wait."""

    provider = models.CharField(max_length=32)
    owner = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="+")
    until = models.DateTimeField()
    cause = models.CharField(max_length=16)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "owner"], name="cooldown_of_person"),
            models.UniqueConstraint(
                fields=["provider"], condition=models.Q(owner=None), name="cooldown_of_everyone"
            ),
        ]


class Heartbeat(models.Model):
    """The holder of an elected duty, such as the sweeper, and until when."""

    name = models.CharField(max_length=32, primary_key=True)
    owner = models.CharField(max_length=120, blank=True)
    until = models.DateTimeField(default=clock.now)
