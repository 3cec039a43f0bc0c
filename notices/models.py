"""Notices, how each person wants to be told, and mail on its way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core import clock
from notices.notice_types import KINDS


class Notice(models.Model):
    """One thing one person should hear of.

    about: names the fact; a person is told of it once, however often it is noted. url: a path of
    this server, where the person finds it; it checks their right again. text: as people read it,
    without anything that the person may lose the right to see but names.
    """

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16)
    about = models.CharField(max_length=200)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    # Where it is to be told: decided when it was written, by the person's choices then.
    in_page = models.BooleanField(default=True)
    in_browser = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "about"], name="notice_once"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="notice_kind"),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_mine"),
            models.Index(
                fields=["person"], condition=Q(read_at=None, in_page=True), name="notice_unread"
            ),
        ]


class Choice(models.Model):
    """A person's choice of ways to hear of one kind; without a row, as `kinds` says."""

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=16)
    in_page = models.BooleanField()
    in_browser = models.BooleanField()
    by_mail = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="notice_choice_once"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="notice_choice_kind"),
        ]


class Mail(models.Model):
    """A message to be sent, or that was; gone a while after.

    key: names it; sent once, but for a crash between the server's answer and our note of it.
    purpose: a kind of notice, or one of `notices.mailing`, which no choice switches off.
    """

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    key = models.CharField(max_length=200, unique=True)
    purpose = models.CharField(max_length=16)
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(default=clock.now)
    tries = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    # Why it was given up, as the mail server said it; empty while it is still tried.
    given_up = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(sent_at=None, given_up=""), name="mail_due"
            ),
            models.Index(fields=["created_at"], name="mail_age"),
        ]
