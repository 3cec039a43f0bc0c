"""Endpoints that people set up, and deliveries to these and to addresses of single runs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core import clock, ids


class Endpoint(models.Model):
    """An address that hears of a person's runs.

    events: of `runs.webhook_events.EVENTS`. secret, former_secret: sealed; both sign until
    former_until. failing_since: the first failed try since the latest that was taken. off_reason:
    why it is off, as a sentence for the person.
    """

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="webhook_endpoints")
    public_id = models.CharField(max_length=32, unique=True, default=ids.endpoint_id)
    url = models.CharField(max_length=2048)
    # Of the bodies that it gets; a later one is for endpoints that are made then.
    format = models.SmallIntegerField(default=1)
    events = models.JSONField(default=list)
    secret = models.BinaryField()
    former_secret = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    failing_since = models.DateTimeField(null=True)
    off_at = models.DateTimeField(null=True)
    off_reason = models.CharField(max_length=300, blank=True)


class Delivery(models.Model):
    """One fact for one receiver: an endpoint's, or the address that a run was started with.

    public_id: the `webhook-id` of every try. key: the key or connection that started the run, whose
    secret signs; of an endpoint's deliveries none. due_at: when it is tried next; None: it has
    ended, taken by the receiver (done_at) or not (given_up says why). status, excerpt: of the
    latest answer; 0: none came.
    """

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, null=True, related_name="deliveries")
    key = models.ForeignKey(
        "accounts.ApiKey", models.CASCADE, null=True, related_name="+", db_index=False
    )
    run = models.ForeignKey("runs.Run", models.CASCADE, null=True, related_name="+")
    public_id = models.CharField(max_length=32, unique=True, default=ids.delivery_id)
    url = models.CharField(max_length=2048)
    host = models.CharField(max_length=255)
    event = models.CharField(max_length=24)
    # How often the run had been taken up again: it may wait, fail and complete once each time.
    resume_count = models.IntegerField(default=0)
    body = models.TextField()
    created_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(null=True, default=clock.now)
    tries = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    given_up = models.CharField(max_length=300, blank=True)
    status = models.SmallIntegerField(null=True)
    excerpt = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "event", "resume_count", "endpoint"],
                condition=Q(endpoint__isnull=False),
                name="delivery_of_endpoint_once",
            ),
            models.UniqueConstraint(
                fields=["run", "event", "resume_count"],
                condition=Q(endpoint__isnull=True),
                name="delivery_of_start_once",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="delivery_due"),
            models.Index(fields=["person", "-id"], name="delivery_mine"),
        ]
