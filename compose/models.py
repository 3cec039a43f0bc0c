"""What composing keeps."""

from __future__ import annotations

from django.db import models

from core import clock


class ReplayRecord(models.Model):
    """What a client says of a chat that it ran itself, redacted. run_id: as the client calls it.

    A chat run of this server needs no row: its record is made of the run.
    """

    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="replay_records")
    run_id = models.CharField(max_length=200)
    record = models.JSONField()
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "run_id"], name="replay_run_once")]
        indexes = [models.Index(fields=["owner", "-updated_at"], name="replay_mine")]
