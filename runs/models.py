"""Runs and everything a run leaves behind. These tables are the truth; hints are only hints."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from core import clock, ids
from runs import states
from runs.queue_models import Cooldown, Heartbeat, QueueLimit, RemoteJob, Worker
from runs.result_fields import answer_of
from runs.start_models import Allowance, IdempotencyKey

__all__ = [
    "ENDED_BADLY",
    "Allowance",
    "Artifact",
    "Attempt",
    "Cooldown",
    "Event",
    "Heartbeat",
    "IdempotencyKey",
    "QueueLimit",
    "RemoteJob",
    "Run",
    "Step",
    "StepEdge",
    "Wait",
    "Worker",
]

# What a query must say besides a state, so that it is answered from `run_ended_badly`.
ENDED_BADLY = Q(finished_at__isnull=False) & ~Q(status=states.COMPLETED)


class Run(models.Model):
    """One durable execution of a plan. The public API calls it a workflow."""

    public_id = models.CharField(max_length=160, unique=True)
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="runs")
    api_key = models.ForeignKey("accounts.ApiKey", models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=16, default=states.QUEUED)
    waiting_reason = models.CharField(max_length=32, blank=True)
    template_version = models.ForeignKey(
        "templates_app.TemplateVersion", models.PROTECT, null=True, related_name="runs"
    )
    # Started in the editor: the template whose document was run, as it was at that moment.
    draft_of = models.ForeignKey(
        "templates_app.Template", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    cloned_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    request = models.JSONField()
    plan = models.JSONField()
    plan_format = models.SmallIntegerField(default=1)
    # The caller's media in order: read at every claim, so kept apart from the large plan.
    media = models.JSONField(default=list)
    # Read and written by `runs.options.RunOptions` alone.
    options = models.JSONField(default=dict)
    last_seq = models.BigIntegerField(default=0)
    priority = models.SmallIntegerField(default=0)
    deadline_at = models.DateTimeField(null=True)
    estimated_milli = models.BigIntegerField(default=0)
    actual_milli = models.BigIntegerField(default=0)
    # What the ledger holds back for it now: quotes of steps that have not settled.
    reserved_milli = models.BigIntegerField(default=0)
    ceiling_milli = models.BigIntegerField(null=True)
    # What its start and its cost are taken from, beside its owner's credit.
    allowance = models.ForeignKey(
        Allowance, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # How often it was taken up again after it had ended or waited.
    resume_count = models.IntegerField(default=0)
    error = models.JSONField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    # When it goes, as its owner has deleted it: it is hidden from then on.
    deleting_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=list(states.RUN_STATES)), name="run_status"
            )
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="run_mine"),
            models.Index(fields=["owner"], condition=Q(finished_at=None), name="run_active"),
            models.Index(fields=["draft_of", "-id"], name="run_drafts"),
            # Without the many that have none: see Step.
            models.Index(
                fields=["cloned_from"], condition=Q(cloned_from__isnull=False), name="run_cloned"
            ),
            models.Index(
                fields=["allowance"], condition=Q(allowance__isnull=False), name="run_allowance"
            ),
            models.Index(
                fields=["deleting_at"], condition=Q(deleting_at__isnull=False), name="run_deleting"
            ),
            # Among very many that completed, the few that did not.
            models.Index(fields=["status", "-id"], condition=ENDED_BADLY, name="run_ended_badly"),
        ]

    @property
    def queue_owner_id(self) -> int | None:
        """Return whose turn its steps take, see `runs.engine.queue_order`; None: background."""
        return None if self.is_background else self.owner_id

    @property
    def is_background(self) -> bool:
        """Return whether no one asked for it: it waits for people's runs and calls no service."""
        return self.priority < 0


class Step(models.Model):
    """One tool call in a run. `generation` counts deliberate redos, `attempt` every claim."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    # Its run's queue owner, repeated here for an index of ready steps. It cannot outlive its run.
    owner = models.ForeignKey(
        "accounts.User",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    key = models.CharField(max_length=160)
    sequence = models.IntegerField()
    item_index = models.IntegerField(default=-1)  # -1: not an item of a batch
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="items", db_index=False
    )
    kind = models.CharField(max_length=8, default="tool")
    tool = models.CharField(max_length=64)
    wire_tool = models.CharField(max_length=80)
    title = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(default=dict)
    resolved = models.JSONField(null=True)
    on_error = models.CharField(max_length=10, default="stop")
    condition = models.JSONField(null=True)
    # Of the plan's step, see templates_app.graph.types: arguments read late, its batch or group,
    # what it asks. Of a batch's item: {"stage", "label", "tries"}; in one: {"planned", "tries"}.
    late = models.JSONField(null=True)
    batch = models.JSONField(null=True)
    ask = models.JSONField(null=True)
    status = models.CharField(max_length=16, default=states.PENDING)
    generation = models.IntegerField(default=1)
    attempt = models.IntegerField(default=0)
    max_attempts = models.SmallIntegerField(default=3)
    # Attempts of this generation that ended in a retryable error, and leases lost in a row.
    failures = models.SmallIntegerField(default=0)
    lost_leases = models.SmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(default=clock.now)
    progress = models.FloatField(default=0)
    provider = models.CharField(max_length=32, blank=True)
    # Who is to do it and which workers may, see runs.engine.routing. Empty: not decided.
    assigned_provider = models.CharField(max_length=32, blank=True, db_default="")
    label = models.CharField(max_length=32, blank=True, db_default="")
    preferred_label = models.CharField(max_length=32, blank=True, db_default="")
    seed = models.BigIntegerField(null=True)
    # What a completed step was given, hashed; see runs.engine.result_cache. Empty: it is made
    # again every time.
    reuse_key = models.CharField(max_length=64, blank=True)
    # The step that made what this one took over instead of working.
    reused_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    estimated_milli = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="step_key"),
            models.UniqueConstraint(fields=["run", "sequence", "item_index"], name="step_order"),
            models.CheckConstraint(
                condition=Q(status__in=list(states.STEP_STATES)), name="step_status"
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease_until__isnull=False), name="step_leased"
            ),
        ]
        indexes = [
            # Names `failures` so that only the sweeper's look for times in the future can use it:
            # workers go by step_queue, and Postgres would mistake this one for as good.
            models.Index(
                fields=["not_before"],
                condition=Q(status=states.READY, failures__gte=0),
                name="step_ready",
            ),
            models.Index(
                fields=["label", "assigned_provider", "owner", "not_before", "id"],
                condition=Q(status=states.READY),
                name="step_queue",
            ),
            models.Index(
                fields=["label", "assigned_provider", "not_before"],
                condition=Q(status=states.PARKED),
                name="step_parked",
            ),
            models.Index(fields=["lease_until"], condition=Q(status="running"), name="step_lease"),
            models.Index(
                fields=["reuse_key"],
                condition=Q(status="completed") & ~Q(reuse_key=""),
                name="step_reuse",
            ),
            # Without the many that have none: they would be written for nothing, and SQLite takes
            # an index of them for the best way to a run's few.
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="step_items"),
            models.Index(
                fields=["reused_from"],
                condition=Q(reused_from__isnull=False),
                name="step_reused_from",
            ),
        ]

    @property
    def item_label(self) -> str:
        """Return the author's name for an item of a batch, or ""."""
        return str((self.batch or {}).get("label", ""))

    @property
    def is_item(self) -> bool:  # of a batch; else a step with a parent is a member of a group
        return self.parent_id is not None and "stage" in (self.batch or {})

    @property
    def stage_key(self) -> str:
        """The key in the plan of the stage that it is, or that it is an item of."""
        return str((spec := self.batch or {}).get("stage", spec.get("planned", self.key)))

    @property
    def answered(self) -> dict[str, Any]:
        """Return the tool's answer, without the fields that every result has."""
        return answer_of(self.result)


class StepEdge(models.Model):
    """A plan's binding as a row. No source: the caller's media (`$input_media`).

    A barrier only keeps an order: the step waits for its source, which may fail or be skipped.
    """

    step = models.ForeignKey(Step, models.CASCADE, related_name="needs")
    source = models.ForeignKey(Step, models.CASCADE, null=True, related_name="feeds")
    position = models.IntegerField()
    binding = models.JSONField()
    is_barrier = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "position"], name="edge_position")]


class Attempt(models.Model):
    """One try at a step: who held the lease, what the provider calls the job, how it ended."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="attempts")
    # Its step's owner: the newest attempt of each owner tells when it was last their turn.
    owner = models.ForeignKey(
        "accounts.User",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    number = models.IntegerField()
    generation = models.IntegerField()
    worker = models.CharField(max_length=120)
    provider_key = models.CharField(max_length=80)
    # Who was asked, once it is known: it may be another one after the settings changed.
    provider = models.CharField(max_length=32, blank=True)
    submitting_at = models.DateTimeField(null=True)
    # What was sent then, as the provider noted it; null before, and once it is known what became
    # of it. Never a key or a file.
    paid_request = models.JSONField(null=True)
    job_ref = models.JSONField(null=True)
    # Since when it is at the provider without a worker, now or before it was last looked at.
    parked_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    error = models.JSONField(null=True)
    actual_milli = models.BigIntegerField(default=0)
    # What the service charged, or may have, for what did not come: it counts for an operator's
    # limits and sums alone.
    unbilled_milli = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "number"], name="attempt_number")]
        indexes = [
            models.Index(
                fields=["owner", "id"], condition=Q(owner__isnull=False), name="attempt_of_owner"
            ),
            # Lost with their worker; the provider may still be at work, so its limits count them.
            models.Index(
                fields=["provider"],
                condition=Q(outcome__in=["lost", "returned"], submitting_at__isnull=False),
                name="attempt_left_at_provider",
            ),
            # The sweeper asks each second: jobs that no one wants and no one has stopped yet.
            models.Index(
                fields=["step"],
                condition=Q(outcome="cancelled", job_ref__isnull=False),
                name="attempt_unwanted",
            ),
        ]


class Artifact(models.Model):
    """An immutable media result of a step; its bytes are a blob."""

    public_id = models.CharField(max_length=48, unique=True, default=ids.artifact_id)
    run = models.ForeignKey(Run, models.CASCADE, related_name="artifacts")
    step = models.ForeignKey(Step, models.CASCADE, related_name="artifacts")
    generation = models.IntegerField()
    position = models.IntegerField()
    kind = models.CharField(max_length=8)
    blob = models.ForeignKey("media.Blob", models.PROTECT, related_name="artifacts")
    meta = models.JSONField(default=dict)
    hidden_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step", "generation", "position"], name="artifact_place"
            )
        ]

    @property
    def filename(self) -> str:
        """`image-1.png`: what it is saved as where nothing better is known."""
        suffix = self.blob.mime.rpartition("/")[2].replace("jpeg", "jpg")
        return f"{self.kind}-{self.position + 1}.{suffix}"


class Event(models.Model):
    """A fact in a run's log, numbered 1, 2, 3 … without gaps."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="events")
    seq = models.BigIntegerField()
    name = models.CharField(max_length=40)
    step = models.ForeignKey(Step, models.CASCADE, null=True, related_name="+")
    generation = models.IntegerField(default=0)
    run_status = models.CharField(max_length=16)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "seq"], name="event_seq"),
            models.UniqueConstraint(
                fields=["step", "generation"],
                condition=Q(name="step_completed"),
                name="event_completed_once",
            ),
        ]


class Wait(models.Model):
    """A question a run asks a person. It holds no worker."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="waits")
    step = models.ForeignKey(Step, models.CASCADE, null=True, related_name="waits")
    reason = models.CharField(max_length=32)
    prompt = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    answer = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step"], condition=Q(answered_at=None), name="wait_step_once"
            ),
            models.UniqueConstraint(
                fields=["run"], condition=Q(answered_at=None, step=None), name="wait_run_once"
            ),
        ]

    @property
    def message(self) -> str:
        """The sentence it asks."""
        return str(self.prompt.get("message", ""))
