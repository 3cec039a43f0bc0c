"""Reasons why a step waits: one for each ready or parked step, the same on every page.

The queue shows it to operators, the owner's page and the API. Its sources are read once, however
many steps are asked about: workers, limits, and of the steps only what differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from accounts.suspension import suspended_people
from core import clock, installation
from core.database import read_db_now
from runs import states
from runs.engine import limits, worker_registry
from runs.engine.blocked_owners import Held, current_holds
from runs.models import Attempt, QueueLimit, Run, Step
from tools import registry
from tools.declaration.labels import USUAL_LABELS

Code = Literal[
    "account_suspended",
    "restored_copy",
    "label_missing",
    "provider_paused",
    "provider_waits",
    "provider_full",
    "key_full",
    "key_paused",
    "retry_at",
    "workers_busy",
    "next",
    "at_provider",
]
# What of a step is read here: callers that leave columns out must not leave out these.
FIELDS: Final = (
    "run_id",
    "status",
    "attempt",
    "progress",
    "not_before",
    "label",
    "assigned_provider",
    "owner_id",
)
# What a step is in while there is a reason.
STATES: Final = (states.READY, states.PARKED)


@dataclass(frozen=True, slots=True)
class Reason:
    """Reason why a step is not being worked on. text: one line for people, without a full stop.

    params: `label`, `provider`, `key` (an API key's primary key), `reason` (a sentence), `at` or
    `since` (moments) and `progress` (0 to 1), each where the code has one.
    """

    code: Code
    text: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def owners_text(self) -> str:
        """The same for the run's owner, to whom "queued" says as much where it is next."""
        return "" if self.code == "next" else self.text


@dataclass(frozen=True, slots=True)
class QueueState:
    """Data needed to explain why steps wait. living, idle: workers by label, "" for all of them.

    paused: the reason by the limit's name; of those in `automatic` this server's, else the
    operator's. full: names of limits that are reached. held: whose steps begin no further;
    suspended: those of its people who are, by primary key.
    is_quiet: whether this is a restored copy, see `core.installation`.
    """

    now: datetime
    living: Mapping[str, int]
    idle: Mapping[str, int]
    paused: Mapping[str, str] = field(default_factory=dict)
    full: frozenset[str] = frozenset()
    automatic: frozenset[str] = frozenset()
    held: Held = field(default_factory=Held)
    suspended: frozenset[int] = frozenset()
    is_quiet: bool = False

    @property
    def online(self) -> int:
        """Return how many workers are online, of any label."""
        return self.living.get("", 0)

    @property
    def idle_workers(self) -> int:
        """Return how many of them are not working on any step."""
        return self.idle.get("", 0)

    def has_worker(self, label: str) -> bool:
        """Return whether a worker is online that may take steps of this label."""
        return self.living.get(label, 0) > 0


def read_state() -> QueueState:
    """The workers and the limits as they are now. Its queries are the same for any queue."""
    living = {worker.name: worker.labels for worker in worker_registry.workers() if worker.is_alive}
    busy = set(
        Step.objects.filter(status=states.RUNNING).values_list("lease_owner", flat=True).distinct()
    )
    rows = QueueLimit.objects.exclude(paused_at=None)
    pauses = list(rows.values_list("name", "reason", "is_automatic"))
    pause_reasons = {name: reason for name, reason, _ in pauses}
    full = {limits.of_provider(name) for name in limits.closed_providers()}
    full |= {limits.of_key(key) for key in limits.closed_keys()}
    return QueueState(
        now=read_db_now(),
        living=_by_label(living),
        idle=_by_label({name: labels for name, labels in living.items() if name not in busy}),
        paused=pause_reasons,
        full=frozenset(full - set(pause_reasons)),
        automatic=frozenset(name for name, _, is_automatic in pauses if is_automatic),
        held=current_holds(),
        suspended=suspended_people(),
        is_quiet=installation.is_quiet(),
    )


def reasons(steps: Collection[Step], state: QueueState | None = None) -> dict[int, Reason]:
    """Step id → why it waits, of those that are ready or parked. At most three queries for all of
    them, beside those of `read_state` where no state is given."""
    waiting = [step for step in steps if step.status in STATES]
    if not waiting:
        return {}
    state = state or read_state()
    keys = _api_keys(waiting, state)
    since = _parked_since(waiting)
    of_held_runs = _held_runs(waiting, state)
    return {
        step.id: of_held_runs[step.run_id]
        if step.run_id in of_held_runs and step.status == states.READY
        else _reason(step, state, keys.get(step.run_id), since)
        for step in waiting
    }


def reasons_of_run(run: Run) -> dict[str, Reason]:
    """As `reasons`, by step key, of all steps of a run. One query where none of them waits."""
    steps = list(Step.objects.filter(run=run, status__in=STATES).only("key", *FIELDS))
    by_id = reasons(steps)
    return {step.key: by_id[step.id] for step in steps}


_SUSPENDED: Final = Reason("account_suspended", "Held: the account is suspended")
_CLOSED: Final = Reason("account_suspended", "Held: the account is deactivated")


_RESTORED: Final = Reason("restored_copy", "Waits: this server is a restored copy")


def _is_elsewhere(provider: str) -> bool:
    """Return whether it calls a service."""
    entry = registry.provider_named(provider) if provider else None
    return entry is not None and not entry.is_local


def _reason(
    step: Step, state: QueueState, api_key: int | None, since: Mapping[int, datetime]
) -> Reason:
    if state.is_quiet and _is_elsewhere(step.assigned_provider):
        return _RESTORED
    is_due = step.not_before <= state.now
    # A job that is being made needs no worker until there is something to look at.
    if (is_due or step.status == states.READY) and not state.has_worker(step.label):
        return _no_worker(step, state)
    if step.status == states.PARKED:
        return _at_provider(step, since.get(step.id))
    provider = limits.of_provider(step.assigned_provider)
    key = limits.of_key(api_key) if api_key is not None else ""
    if provider in state.paused:
        return _pause_reason(step, state, provider)
    if key in state.paused:
        why = state.paused[key]
        text = f"API key paused by the operator{f': {why}' if why else ''}"
        return Reason("key_paused", text, {"key": api_key, "reason": why})
    if cooldown := state.held.cooldown(step.assigned_provider, step.owner_id):
        text = f"{cooldown.reason} Goes on at {cooldown.until:%H:%M} UTC"
        params = {"provider": step.assigned_provider, "reason": cooldown.reason}
        return Reason("provider_waits", text, {**params, "at": cooldown.until})
    if not is_due:
        text = f"Retries at {step.not_before:%H:%M:%S} UTC"
        return Reason("retry_at", text, {"at": step.not_before})
    if provider in state.full:
        text = f"{_title_of(step.assigned_provider)} is at its limit"
        return Reason("provider_full", text, {"provider": step.assigned_provider})
    if key in state.full:
        return Reason("key_full", "This run's API key is at its limit", {"key": api_key})
    if not state.idle.get(step.label):
        which = f" with label {step.label}" if step.label not in USUAL_LABELS else ""
        return Reason("workers_busy", f"Waiting for a free worker{which}", {"label": step.label})
    return Reason("next", "Next in line", {"label": step.label})


def _no_worker(step: Step, state: QueueState) -> Reason:
    if not state.online:
        text = "Waiting for a worker: none is online"
    else:
        text = f"Waiting for a worker with label {step.label}"
    return Reason("label_missing", text, {"label": step.label})


def _pause_reason(step: Step, state: QueueState, name: str) -> Reason:
    why = state.paused[name]
    text = f"Paused by the operator{f': {why}' if why else ''}"
    if name in state.automatic:
        text = f"Paused: {why.rstrip('.')}"
    return Reason("provider_paused", text, {"provider": step.assigned_provider, "reason": why})


def _at_provider(step: Step, since: datetime | None) -> Reason:
    text = "At the provider"
    if since is not None:
        is_today = clock.now().date() == since.date()
        text += f" since {since:%H:%M} UTC" if is_today else f" since {since:%-d %b %Y, %H:%M} UTC"
    if step.progress:
        text += f", {round(100 * step.progress)}%"
    params = {"provider": step.assigned_provider, "since": since, "progress": step.progress}
    return Reason("at_provider", text, params)


def _api_keys(steps: Collection[Step], state: QueueState) -> dict[int, int]:
    """Run id → the API key that started it; read only while a limit of some key is closed."""
    if not any(name.startswith(limits.KEY) for name in (*state.paused, *state.full)):
        return {}
    runs = Run.objects.filter(id__in={step.run_id for step in steps}, api_key__isnull=False)
    return dict(runs.values_list("id", "api_key_id"))


def _held_runs(steps: Collection[Step], state: QueueState) -> dict[int, Reason]:
    """Run id → why it is held, of those that are; read only while anyone is."""
    if not state.held.people:
        return {}
    runs = Run.objects.filter(id__in={step.run_id for step in steps}, priority__gte=0)
    return {
        run: _SUSPENDED if owner in state.suspended else _CLOSED
        for run, owner in runs.filter(owner_id__in=state.held.people).values_list("id", "owner_id")
    }


def _parked_since(steps: Collection[Step]) -> dict[int, datetime]:
    parked_attempts = {step.id: step.attempt for step in steps if step.status == states.PARKED}
    if not parked_attempts:
        return {}
    rows = Attempt.objects.filter(step__in=parked_attempts, parked_at__isnull=False)
    return {
        step: since
        for step, number, since in rows.values_list("step_id", "number", "parked_at")
        if since is not None and parked_attempts[step] == number
    }


def _by_label(workers: Mapping[str, Collection[str]]) -> Counter[str]:
    counts = Counter(label for labels in workers.values() for label in labels)
    # A step whose label is not decided may be taken by anyone.
    counts[""] = len(workers)
    return counts


def _title_of(provider: str) -> str:
    entry = registry.provider_named(provider)
    return (entry.title or entry.name) if entry else provider
