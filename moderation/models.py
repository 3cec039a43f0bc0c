"""Reports about one thing are a case; decisions answer it; the log keeps who did what."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core import clock
from moderation.reasons import REASONS

TEMPLATE = "template"
USER = "user"
SHARE = "share"
COMMENT = "comment"

OPEN, DISMISSED, UPHELD = "open", "dismissed", "upheld"

DISMISS, HIDE, AUTO_HIDE, RESTORE, TAKE_DOWN, UNDO = (
    "dismiss",
    "hide",
    "auto_hide",
    "restore",
    "take_down",
    "undo",
)
ACTIONS = (DISMISS, HIDE, AUTO_HIDE, RESTORE, TAKE_DOWN, UNDO)

NOTE_LENGTH = 1000


class Case(models.Model):
    """All reports about one thing.

    subject_id: the primary key of the row as text, because a template's public id may name several
    templates over time. score: tenths of a point of the reports no decision has answered. version:
    counts decisions; a form that was made for another version is stale.
    """

    subject_kind = models.CharField(max_length=8)
    subject_id = models.CharField(max_length=128)
    state = models.CharField(max_length=9, default=OPEN)
    score = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(closed_at=None),
                name="case_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None)
                | Q(state__in=["dismissed", "upheld"], closed_at__isnull=False),
                name="case_state",
            ),
            models.CheckConstraint(
                condition=Q(subject_kind__in=[TEMPLATE, SHARE, COMMENT]), name="case_subject_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="case_of_subject"),
            models.Index(fields=["state", "-score", "opened_at"], name="case_queue"),
        ]


class Decision(models.Model):
    """What was done about a case, by whom and why.

    note: for moderators. message: what the author reads. before: how things stood, to undo it:
    `{state, moderation, last_report}`. reverses: the decision that an `undo` takes back.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions")
    actor = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    action = models.CharField(max_length=16)
    reason = models.CharField(max_length=16)
    note = models.TextField(blank=True)
    message = models.TextField(blank=True)
    before = models.JSONField()
    created_at = models.DateTimeField(default=clock.now)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=list(ACTIONS)),
                name="decision_action",
            ),
            models.CheckConstraint(
                condition=Q(action=UNDO, reverses__isnull=False)
                | (~Q(action=UNDO) & Q(reverses=None)),
                name="decision_undo_names_its_decision",
            ),
            models.CheckConstraint(condition=Q(reason__in=list(REASONS)), name="decision_reason"),
        ]
        indexes = [models.Index(fields=["case", "-id"], name="decision_of_case")]


class Report(models.Model):
    """One person's report in one case.

    subject_version: the published semver they saw. weight: tenths of a point, by the reporter's
    reputation at that time. answer: the decision that answered it; empty while it waits for one.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    reason = models.CharField(max_length=16)
    note = models.TextField(blank=True)
    subject_version = models.CharField(max_length=64)
    weight = models.SmallIntegerField()
    answer = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="answered")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "reporter"], name="report_once"),
            models.CheckConstraint(condition=Q(reason__in=list(REASONS)), name="report_reason"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="report_weight"),
        ]
        indexes = [models.Index(fields=["reporter", "-created_at"], name="report_by_person")]


class AuditEntry(models.Model):
    """What was done, for ever: the database itself refuses to change or delete an entry.

    actor: None when the server did it by itself. data: `{case, reason, note, message, before,
    after}` for decisions.
    """

    actor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=8)
    subject_id = models.CharField(max_length=128)
    data = models.JSONField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="audit_subject"),
        ]
