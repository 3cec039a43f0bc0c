"""The tables of composing."""

from __future__ import annotations

from django.db import models

from core import clock


class ReplayRecord(models.Model):
    """A client's record of a chat that it ran itself, redacted. run_id: as the client calls it.

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


class ComposedCall(models.Model):
    """A composition call, at work or with its answer.

    key: the Idempotency-Key, hashed, or a name of its own. fingerprint: of what two requests with
    one key have in common. call_id: of the attempt that holds it or has answered. held_until: while
    it is at work, when its credit is given back; null once it is answered. answer: {"of": …}.
    """

    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="composed_calls")
    api_key = models.ForeignKey("accounts.ApiKey", models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, blank=True)
    tool = models.CharField(max_length=80)
    call_id = models.CharField(max_length=40)
    held_until = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="composed_call_once")]
        indexes = [
            models.Index(fields=["created_at"], name="composed_call_age"),
            models.Index(
                fields=["held_until"],
                condition=models.Q(held_until__isnull=False),
                name="composed_call_held",
            ),
        ]


class KeptProposal(models.Model):
    """A proposal that its owner has neither accepted nor refused; of one template, the latest.

    The owner is the person who asked for it, and the only one who reads it. base: the SHA-256 of
    the draft that it was made for. answer: as `POST /app/compose` gave it, without its `state`;
    null once it was accepted or refused. asked_at: when it was asked for, or answered. bytes: of
    brief and answer as stored; counts against the owner's storage.
    """

    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="kept_proposals")
    template = models.ForeignKey(
        "templates_app.Template", models.CASCADE, related_name="kept_proposals"
    )
    brief = models.TextField(blank=True)
    base = models.CharField(max_length=64, blank=True)
    answer = models.JSONField(null=True)
    asked_at = models.DateTimeField(default=clock.now)
    bytes = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "template"], name="kept_proposal_once")
        ]
        indexes = [models.Index(fields=["asked_at"], name="kept_proposal_age")]
