"""Rows that a start of a run takes from or writes beside it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core import clock


class IdempotencyKey(models.Model):
    """The promise that one key starts one run. Failed starts reserve nothing."""

    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=32)
    key = models.CharField(max_length=255)
    body_sha256 = models.CharField(max_length=64)
    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "endpoint", "key"], name="idem_once")
        ]


class Allowance(models.Model):
    """A number of runs and an amount, until an end, that others may start at the owner's cost, or a
    list. Only `runs.billing.allowances` changes `runs` and `milli`."""

    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    most_runs = models.IntegerField()
    most_milli = models.BigIntegerField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Runs started so far, and what these have used and reserved.
    runs = models.IntegerField(default=0)
    milli = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(runs__gte=0, milli__gte=0, runs__lte=F("most_runs")),
                name="allowance_counts",
            )
        ]
