"""Limits of providers and API keys, pauses, and suspensions: which steps a claim may take now.

A provider's numbers are those of its table in the settings of the host that asks, number by number
overridden by its row, which also holds a pause. A key has a row or no limit. A step counts from its
claim until it ends, see `active_step_counts`. Nothing fails by a limit: the step stays ready. So
does each step of `blocked_owners`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from core import clock
from core.database import db_now
from core.raw_sql import Statement, moment
from core.recent_reading import RecentReading
from runs import states
from runs.engine import active_step_counts, token_bucket
from runs.engine.active_step_counts import Left
from runs.engine.blocked_owners import Held, current_holds
from runs.log.changes import RunChange
from runs.models import QueueLimit, Step
from tools import registry

PROVIDER, KEY = "provider:", "key:"
NUMBERS = ("at_once", "per_minute", "person_share")

_SPEND = Statement(
    """
    UPDATE runs_queuelimit SET tokens = %(tokens)s, counted_at = %(counted_at)s
    WHERE name = %(name)s
    """
)
# At every look and claim of a server that has limits. Tokens come back by the clock that all hosts
# share.
_READ_SQL = """
    SELECT name, at_once, per_minute, person_share, tokens, reason, paused_at, counted_at, {now}
    FROM runs_queuelimit WHERE name IN ({names}) ORDER BY name {lock}
    """
_NOW_SQL: Final = {"sqlite": "NULL", "postgresql": "statement_timestamp()"}


@dataclass(frozen=True, slots=True)
class Limit:
    """Limit of a provider or key. Numbers that are None limit nothing.

    tokens: starts of `per_minute` that are left. now: when, by the clock of the queue.
    """

    name: str
    at_once: int | None
    per_minute: int | None
    person_share: float | None
    paused_at: datetime | None
    reason: str
    tokens: float
    counted_at: datetime | None
    now: datetime

    @property
    def next_start_s(self) -> float:
        """Seconds until the rate admits a start; 0 when it does."""
        if self.per_minute is None:
            return 0.0
        return token_bucket.wait_s(self.per_minute, self.tokens)

    @property
    def begins_nothing(self) -> bool:
        """Return whether it is paused, or no start of its minute is left."""
        return self.paused_at is not None or self.next_start_s > 0

    def is_full(self, count: int) -> bool:
        return self.at_once is not None and count >= self.at_once

    @property
    def share(self) -> int | None:
        """Return how many steps may be one person's while others wait; one at least."""
        if self.at_once is None or self.person_share is None:
            return None
        return max(1, int(self.at_once * self.person_share))


@dataclass(frozen=True, slots=True)
class Closed:
    """Providers and API keys that may begin nothing now, by id: paused, full, or without a start of
    their minute left. held: as of `held_people`. left: as `left_at_providers`, where that was read
    for it."""

    providers: frozenset[str] = frozenset()
    keys: frozenset[int] = frozenset()
    held: Held = field(default_factory=Held)
    left: Sequence[Left] | None = None


@dataclass(frozen=True, slots=True)
class Permit:
    """A claim may take place. The rows of its limits are locked until its transaction ends."""

    limits: Sequence[Limit] = ()

    def use(self) -> None:
        """The claim took place: count its start."""
        for limit in self.limits:
            if limit.per_minute is not None:
                _SPEND.run(
                    name=limit.name,
                    tokens=limit.tokens - 1,
                    counted_at=token_bucket.next_counted_at(limit.counted_at, limit.now),
                )


_FREE = Permit()


def _read_names() -> frozenset[str]:
    """Read who has a limit or a pause."""
    return frozenset((*_names_with_rows(), *_names_in_settings()))


_names = RecentReading(_read_names)


def of_provider(name: str) -> str:
    return f"{PROVIDER}{name}"


def of_key(key_id: int) -> str:
    return f"{KEY}{key_id}"


def forget_names() -> None:
    """This process has changed a limit: have it hold here at once."""
    _names.forget()


def is_limited(provider: str) -> bool:
    """Return whether claims of its steps ask for limits at all."""
    return of_provider(provider) in _names.get()


def permit(change: RunChange, step: Step) -> Permit | None:
    """Return a claim's permit to take this ready step now; None: a limit or pause forbids it.

    Locks the rows of its provider and of its run's key in the order of their names, after the run
    and before the step. A step of which neither has a limit costs no statement.
    """
    key_id = change.run.api_key_id
    is_held = current_holds().holds(step.assigned_provider, change.run.queue_owner_id)
    names = _names.get() & {
        of_provider(step.assigned_provider),
        of_key(key_id) if key_id is not None else "",
    }
    if not names and not is_held:
        return _FREE
    limits = _lock_rows(names)
    # In statements after the locks were granted: they see what the last holder committed.
    jobs = active_step_counts.left_at_providers()
    own = next((one for one in jobs if one.step == step.id), None)
    if own is not None and own.is_known:
        # Its job is there: it begins nothing, and only by watching it does it end.
        return _FREE
    if is_held:
        return None
    # Two jobs that may have been lost on the way don't wait for each other.
    others = [one for one in jobs if one.step != step.id and (own is None or one.is_known)]
    for limit in limits:
        if limit.begins_nothing:
            return None
        if limit.at_once is None:
            continue
        if limit.name.startswith(KEY):
            if limit.is_full(active_step_counts.by_key(others).get(_key_id(limit.name), 0)):
                return None
        elif not _has_slot(limit, step, change.run.queue_owner_id, others):
            return None
    return Permit(limits)


def current_closures() -> Closed:
    """Return what a look leaves out: ready steps of closed providers cost it nothing.

    Their parked steps and those of `resumable` are not left out: a provider that is full would
    never become free.
    """
    base, now_held = _closures(_names.get()), current_holds()
    return replace(base, providers=base.providers | now_held.providers, held=now_held)


def closed_providers() -> frozenset[str]:
    """Those of `current_closures` alone."""
    limited = _closures(name for name in _names.get() if name.startswith(PROVIDER)).providers
    return limited | current_holds().providers


def closed_keys() -> frozenset[int]:
    return _closures(name for name in _names.get() if name.startswith(KEY)).keys


def _closures(names: Iterable[str]) -> Closed:
    limits = _current(names)
    shut = {limit.name for limit in limits if limit.begins_nothing}
    caps = [limit for limit in limits if limit.at_once is not None and limit.name not in shut]
    jobs = active_step_counts.left_at_providers() if caps else None
    counts: dict[str, int] = {}
    if jobs is not None and any(limit.name.startswith(PROVIDER) for limit in caps):
        of_providers = active_step_counts.by_provider(jobs)
        counts |= {of_provider(name): count for name, count in of_providers.items()}
    if jobs is not None and any(limit.name.startswith(KEY) for limit in caps):
        counts |= {of_key(key): count for key, count in active_step_counts.by_key(jobs).items()}
    shut |= {limit.name for limit in caps if limit.is_full(counts.get(limit.name, 0))}
    return Closed(
        frozenset(name.removeprefix(PROVIDER) for name in shut if name.startswith(PROVIDER)),
        frozenset(_key_id(name) for name in shut if name.startswith(KEY)),
        left=jobs,
    )


def resumable(state: Closed, labels: Collection[str]) -> list[tuple[int, int]]:
    """Due steps that were left at a provider and may go on though it or their key is closed or they
    are held, as (step id, run id): each holds a slot already. One that the provider perhaps does
    not know waits until that ends."""
    if not state.providers and not state.keys and not state.held.is_anyone:
        return []
    jobs = [
        one
        for one in (active_step_counts.left_at_providers() if state.left is None else state.left)
        if one.is_due
        and one.label in labels
        and (
            one.provider in state.providers
            or one.key in state.keys
            or state.held.holds(one.provider, one.owner)
        )
    ]
    limits = read({name for one in jobs if not one.is_known for name in _names_of(one)})
    return [
        (one.step, one.run)
        for one in jobs
        if one.is_known
        or not (
            state.held.holds(one.provider, one.owner)
            or any(limits[name].begins_nothing for name in _names_of(one))
        )
    ]


def read(names: Iterable[str]) -> Mapping[str, Limit]:
    """Read the limits of these names."""
    sorted_names = sorted(names)
    by_name = {limit.name: limit for limit in _rows(sorted_names)}
    return {name: by_name.get(name) or _limit((name, *_NO_ROW)) for name in sorted_names}


def _names_with_rows() -> Iterable[str]:
    condition = Q(paused_at__isnull=False)
    for number in NUMBERS:
        condition |= Q(**{f"{number}__isnull": False})
    return QueueLimit.objects.filter(condition).values_list("name", flat=True)


def _names_in_settings() -> Iterable[str]:
    for provider in registry.known_providers():
        if any(getattr(provider, number) is not None for number in NUMBERS):
            yield of_provider(provider.name)


# Numbers, tokens, reason, pause, count and time of a name without a row.
_NO_ROW: Final = (None, None, None, 0.0, "", None, None, None)


def _rows(names: Sequence[str], *, locks: bool = False) -> list[Limit]:
    """Those of the names that have a row, in order."""
    if not names:
        return []
    statement = _read_statement(connection.vendor, len(names), locks)
    rows = statement.rows(**{f"name{place}": name for place, name in enumerate(names)})
    return [_limit(row) for row in rows]


@lru_cache(maxsize=64)
def _read_statement(vendor: str, names: int, locks: bool) -> Statement:
    return Statement(
        _READ_SQL.format(
            now=_NOW_SQL[vendor],
            names=", ".join(f"%(name{place})s" for place in range(names)),
            lock="{for_update}" if locks else "",
        )
    )


def _limit(row: Sequence[Any]) -> Limit:
    name, *own, tokens, reason, paused_at, counted_at, now = row
    provider = registry.provider_named(name.removeprefix(PROVIDER))
    at_once, per_minute, person_share = (
        number if number is not None else getattr(provider, column, None)
        for column, number in zip(NUMBERS, own, strict=True)
    )
    now, counted_at = moment(now) or clock.now(), moment(counted_at)
    return Limit(
        name=name,
        at_once=at_once,
        per_minute=per_minute,
        person_share=person_share,
        paused_at=moment(paused_at),
        reason=reason,
        tokens=token_bucket.tokens_now(per_minute or 1, tokens, counted_at, now),
        counted_at=counted_at,
        now=now,
    )


def _current(names: Iterable[str]) -> Sequence[Limit]:
    """Read the limits of these names, without a lock."""
    limits = list(read(names).values())
    for limit in limits:
        if limit.counted_at is not None and token_bucket.is_ahead(limit.counted_at, limit.now):
            # The clock was set back. While it is closed no claim writes the row.
            ahead = QueueLimit.objects.filter(name=limit.name, counted_at=limit.counted_at)
            ahead.update(counted_at=limit.now)
    return limits


def _lock_rows(names: Iterable[str]) -> Sequence[Limit]:
    sorted_names = sorted(names)
    limits = _rows(sorted_names, locks=True)
    if len(limits) < len(sorted_names):
        # Numbers of the settings alone have no row yet; without one there is nothing to lock.
        missing = set(sorted_names) - {limit.name for limit in limits}
        QueueLimit.objects.bulk_create(
            [QueueLimit(name=name) for name in sorted(missing)], ignore_conflicts=True
        )
        limits = _rows(sorted_names, locks=True)
    return limits


def _has_slot(limit: Limit, step: Step, owner: int | None, others: Sequence[Left]) -> bool:
    """Return whether `at_once` and its owner's share of it leave a slot for this step."""
    owners = active_step_counts.by_owner(step.assigned_provider, others)
    if limit.is_full(sum(owners.values())):
        return False
    share = limit.share
    if owner is None or share is None or owners.get(owner, 0) < share:
        return True
    with_share = [other for other, count in owners.items() if other and count >= share]
    return not _others_are_due(step, owner, with_share)


def _others_are_due(step: Step, owner: int, with_share: Collection[int]) -> bool:
    """Return whether a person below their share has a step that this provider could do now.

    with_share: those who have it. If they counted, two of them would keep the rest from each other.
    """
    due = Step.objects.filter(
        status=states.READY,
        label=step.label,
        assigned_provider=step.assigned_provider,
        not_before__lte=db_now(),
        run__status__in=(states.QUEUED, states.RUNNING),
    ).exclude(
        Q(run__api_key_id__in=closed_keys())
        | Q(owner_id__in=with_share)
        | Q(owner_id__in=current_holds().people_at(step.assigned_provider))
    )
    # Two ranges: neither database skips one owner's thousands inside the index.
    return due.filter(owner_id__lt=owner).exists() or due.filter(owner_id__gt=owner).exists()


def _names_of(one: Left) -> Sequence[str]:
    """Return the names that could have a limit for this step."""
    return [of_provider(one.provider), *([] if one.key is None else [of_key(one.key)])]


def _key_id(name: str) -> int:
    return int(name.removeprefix(KEY))
