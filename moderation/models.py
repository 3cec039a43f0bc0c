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
MEDIA = "media"
SUBJECT_KINDS = (TEMPLATE, USER, SHARE, COMMENT, MEDIA)

OPEN, DISMISSED, UPHELD = "open", "dismissed", "upheld"

DISMISS, HIDE, AUTO_HIDE, RESTORE, TAKE_DOWN = (
    "dismiss",
    "hide",
    "auto_hide",
    "restore",
    "take_down",
)
# About a person: their case is upheld, with or without a strike or a suspension; what they have of
# these ends.
WARN, LIFT = "warn", "lift"
# Take a decision back: by a moderator, or because an appeal against it was right.
UNDO, OVERTURN = "undo", "overturn"
ACTIONS = (DISMISS, HIDE, AUTO_HIDE, RESTORE, TAKE_DOWN, WARN, LIFT, UNDO, OVERTURN)

STRIKE, SUSPENSION = "strike", "suspension"

NOTE_LENGTH = 1000


class Case(models.Model):
    """All reports about one thing.

    subject_id: the primary key of the row as text, because a template's public id may name several
    templates over time. score: tenths of a point of the reports no decision has answered. version:
    counts decisions; a form that was made for another version is stale. owner: whose it is, or the
    person it is about; title: what it was called when it was last reported. Both are searched.
    claimed_by: the moderator who works on it, since claimed_at. opinion_asked_by: the moderator who
    asked for a second opinion, and so does not decide.
    """

    subject_kind = models.CharField(max_length=8)
    subject_id = models.CharField(max_length=128)
    state = models.CharField(max_length=9, default=OPEN)
    score = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)
    owner = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    claimed_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    opinion_asked_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, related_name="+"
    )

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
                condition=Q(subject_kind__in=list(SUBJECT_KINDS)), name="case_subject_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="case_of_subject"),
            models.Index(fields=["state", "-score", "opened_at"], name="case_queue"),
            models.Index(fields=["owner", "-id"], name="case_of_owner"),
        ]


class Decision(models.Model):
    """One decision about a case: what was done, by whom and why.

    note: for moderators. message: what the author reads. before: how things stood, to undo it:
    `{state, moderation, last_report}`. reach: how far it went beyond its subject, as
    `{remixes, holders, same_media, count}`; what it changed there is in its effects. reverses: the
    decision that an `undo` or `overturn` takes back.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions")
    actor = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    action = models.CharField(max_length=16)
    reason = models.CharField(max_length=16)
    note = models.TextField(blank=True)
    message = models.TextField(blank=True)
    before = models.JSONField()
    reach = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=list(ACTIONS)),
                name="decision_action",
            ),
            models.CheckConstraint(
                condition=Q(action__in=[UNDO, OVERTURN], reverses__isnull=False)
                | (~Q(action__in=[UNDO, OVERTURN]) & Q(reverses=None)),
                name="decision_undo_names_its_decision",
            ),
            models.CheckConstraint(condition=Q(reason__in=list(REASONS)), name="decision_reason"),
        ]
        indexes = [models.Index(fields=["case", "-id"], name="decision_of_case")]


class Report(models.Model):
    """One person's report in one case.

    subject_version: the published semver they saw. weight: tenths of a point, by the reporter's
    reputation at that time. subject_text: what a comment said or a profile showed when it was
    reported; its author may change it. answer: the decision that answered it; empty while it waits
    for one. reporter: None for a guest of an app, who has no account; then guest is the hash of
    what their browser calls itself, and app the title of that app.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="+")
    guest = models.CharField(max_length=64, blank=True)
    app = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=16)
    note = models.TextField(blank=True)
    subject_version = models.CharField(max_length=64)
    subject_text = models.TextField(blank=True)
    weight = models.SmallIntegerField()
    answer = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="answered")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "reporter"], name="report_once"),
            models.UniqueConstraint(
                fields=["case", "guest"], condition=~Q(guest=""), name="report_once_by_guest"
            ),
            models.CheckConstraint(condition=Q(reason__in=list(REASONS)), name="report_reason"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="report_weight"),
        ]
        indexes = [models.Index(fields=["reporter", "-created_at"], name="report_by_person")]


class Effect(models.Model):
    """One more thing that a decision changed: a remix, something with the same media, a file.

    before, after: its moderation. Taking the decision back sets what is still `after` to `before`.
    """

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="effects")
    subject_kind = models.CharField(max_length=8)
    subject_id = models.CharField(max_length=128)
    before = models.CharField(max_length=11)
    after = models.CharField(max_length=11)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "subject_kind", "subject_id"], name="effect_once"
            ),
            models.CheckConstraint(
                condition=Q(subject_kind__in=list(SUBJECT_KINDS)), name="effect_subject_kind"
            ),
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="effect_of_subject")]


class Sanction(models.Model):
    """A strike or a suspension of a person, from a decision, until it expires or is ended.

    ended_by: the decision that ended it early.
    """

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="sanctions")
    kind = models.CharField(max_length=10)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="sanctions")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "kind"], name="sanction_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[STRIKE, SUSPENSION]), name="sanction_kind"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="sanction_ended_by",
            ),
        ]
        indexes = [models.Index(fields=["person", "kind", "-id"], name="sanction_of_person")]


class Appeal(models.Model):
    """The words of a person concerned against a decision; each once, and another moderator answers.

    Concerned are the owner of its subject, or that person, and the owners of what else it changed.
    outcome: "" while it waits, "upheld": the decision holds, "overturned", or "superseded" by a
    later decision. answer: what the person reads.
    """

    OUTCOMES = ("", "upheld", "overturned", "superseded")

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="appeals")
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "person"], name="appeal_once"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None)
                | Q(outcome__in=["upheld", "overturned", "superseded"], decided_at__isnull=False),
                name="appeal_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(decided_at=None), name="appeal_waiting")
        ]


class CaseNote(models.Model):
    """A note of one moderator to the others about a case."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    author = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="casenote_of_case")]


class AuditEntry(models.Model):
    """A record of what was done, for ever: the database itself refuses to change or delete an
    entry.

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


class ContentMark(models.Model):
    """A hash of the words of what is taken down, by which they are known again.

    subject_kind, subject_id: what was taken down, as of `Case`; the mark goes when it is back.
    person: whose it was. sha256: see `template_fingerprints`.
    """

    subject_kind = models.CharField(max_length=8)
    subject_id = models.CharField(max_length=128)
    person = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "sha256"], name="contentmark_once"
            ),
            models.CheckConstraint(
                condition=Q(subject_kind__in=[TEMPLATE, SHARE]), name="contentmark_subject_kind"
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="contentmark_sha256")]
