"""Run sets: runs of one version of a template, one for each row of a table."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core import clock


class SetState(models.TextChoices):
    """State of a set: its rows are checked, it waits for its person to start it, and so on."""

    CHECK = "checking"
    READY = "ready"
    WORK = "running"
    PAUSE = "paused"
    END = "done"
    STOP = "stopped"


class RowState(models.TextChoices):
    """State of a row: not checked yet, with a problem, left out, to be started, or as its run."""

    CHECK = "unchecked"
    PROBLEM = "problem"
    OMISSION = "left_out"
    QUEUE = "pending"
    WORK = "running"
    WAIT = "waiting"
    SUCCESS = "completed"
    FAILURE = "failed"
    STOP = "stopped"


class RunSet(models.Model):
    """A table, how it fills the inputs of a template, and the runs of its rows.

    columns: names of the table's columns. matches: input → the position of the column that gives
    its value; values: inputs that have the same value in every row. label_column: whose cells name
    the rows and their files. at_once: how many runs are at work at most. reason: why it is paused:
    `person`, `allowance`, `credit`, `account`, `template`, `key` for one that has ended, or `stage`
    for one that rows share and that failed; `start` where it starts as soon as its rows are
    checked. api_key: of who started, resumed or retried it last. notice: what was assumed when the
    table was read.
    quoted_milli: the quote of all rows that may run. goes_at: when a set that was never started is
    forgotten.
    """

    public_id = models.CharField(max_length=40, unique=True)
    owner = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    template = models.ForeignKey("templates_app.Template", models.CASCADE, related_name="run_sets")
    # Kept while the set is; None after its template was deleted.
    version = models.ForeignKey(
        "templates_app.TemplateVersion", models.SET_NULL, null=True, related_name="run_sets"
    )
    api_key = models.ForeignKey("accounts.ApiKey", models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=200)
    columns = models.JSONField(default=list)
    matches = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    label_column = models.SmallIntegerField(null=True)
    notice = models.CharField(max_length=200, blank=True)
    at_once = models.SmallIntegerField(default=4)
    state = models.CharField(max_length=8, default=SetState.CHECK)
    reason = models.CharField(max_length=12, blank=True)
    quoted_milli = models.BigIntegerField(default=0)
    quoted_seconds = models.FloatField(null=True)
    allowance = models.OneToOneField("runs.Allowance", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    # Since then a stage that rows share may fail once: when it went on, or was retried, last.
    resumed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    goes_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SetState.values), name="runset_state")
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="runset_mine"),
            # Those that the feeder has to do with.
            models.Index(
                fields=["state"], condition=Q(state__in=["checking", "running"]), name="runset_fed"
            ),
            models.Index(
                fields=["goes_at"], condition=Q(goes_at__isnull=False), name="runset_goes"
            ),
        ]


class RunSetRow(models.Model):
    """A row of the table, and its run.

    cells: one text for each column. problems: `[{"column", "input", "message"}]` of a row that
    can't run, where column is a position or null. tries: how often its run was started again.
    identities: `[[identity, milli, sequence]]` of the steps that another row may have as well, by
    their price and their place in the run.
    """

    run_set = models.ForeignKey(RunSet, models.CASCADE, related_name="rows", db_index=False)
    position = models.IntegerField()
    label = models.CharField(max_length=200, blank=True)
    cells = models.JSONField(default=list)
    state = models.CharField(max_length=9, default=RowState.CHECK)
    problems = models.JSONField(default=list)
    estimated_milli = models.BigIntegerField(default=0)
    identities = models.JSONField(default=list)
    tries = models.SmallIntegerField(default=0)
    run = models.OneToOneField("runs.Run", models.SET_NULL, null=True, related_name="run_set_row")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run_set", "position"], name="runsetrow_once"),
            models.CheckConstraint(condition=Q(state__in=RowState.values), name="runsetrow_states"),
        ]
        indexes = [models.Index(fields=["run_set", "state", "position"], name="runsetrow_state")]
