"""Operators' changes of limits: pause and resume a provider or an API key, set its numbers, and see
what is at work and waiting. Callers check who may, and keep the audit log.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count

from accounts.models import ApiKey, User
from core import clock, errors
from runs import states
from runs.dispatch import dispatch
from runs.engine import active_step_counts, automatic_pauses, cooldowns, limits
from runs.engine.limits import KEY, NUMBERS, PROVIDER, Limit
from runs.models import Cooldown, QueueLimit, Step
from tools import registry
from tools.providers import common_options

REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class LimitState:
    """A provider or an API key, and what is at work and waiting of it.

    name: `provider:comfyui` or `key:12`. label: which workers do a provider's work; "" for a key.
    owner: whose key it is, by username. Numbers that are None limit nothing; those in `own` are set
    here, the others are of this host's settings. next_token_s: seconds until the rate admits
    another start, 0 when it does now. cooldowns: what holds its steps for a while, with owners.
    """

    name: str
    title: str
    label: str
    owner: str
    at_once: int | None
    per_minute: int | None
    person_share: float | None
    own: frozenset[str]
    at_work: int
    waiting: int
    paused_reason: str
    paused_at: datetime | None
    paused_by: str
    next_token_s: float
    cooldowns: Sequence[Cooldown] = ()

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def is_full(self) -> bool:
        """Return whether nothing of it may begin now because of its numbers."""
        is_reached = self.at_once is not None and self.at_work >= self.at_once
        return is_reached or self.next_token_s > 0


def pause(name: str, reason: str, by: User | None = None) -> None:
    """Have no step of a provider or key begin until it is resumed. What is at work goes on.

    reason: people whose steps wait read it. Holds on all hosts within a second. Paused again, it
    has the new reason. Raises NotFound, InvalidInput.
    """
    check(name)
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise errors.InvalidInput("Reason: write what people should know.")
    if len(reason) > REASON_LENGTH:
        raise errors.InvalidInput(f"Reason: too long, {len(reason)} of {REASON_LENGTH} characters.")
    row, _ = QueueLimit.objects.get_or_create(name=name)
    QueueLimit.objects.filter(name=name).update(
        paused_at=row.paused_at or clock.now(), paused_by=by, reason=reason, is_automatic=False
    )
    limits.forget_names()


def resume(name: str) -> bool:
    """End a pause and cooldowns, and have workers look at once. False: there were none."""
    rows = QueueLimit.objects.filter(name=name, paused_at__isnull=False)
    count = rows.update(**automatic_pauses.RESUMED)
    if name.startswith(PROVIDER):
        count += cooldowns.end(name.removeprefix(PROVIDER))
    limits.forget_names()
    dispatch().hint([])
    return bool(count)


def why_waits(name: str) -> str:
    """Return the sentence of a cooldown of a provider; "no" where there is none."""
    rows = _cooldowns().get(name)
    return rows[0].reason if rows else "no"


def set_numbers(name: str, numbers: Mapping[str, float | None]) -> None:
    """Set some of NUMBERS. None: as the settings say, for a provider; no limit, for a key.

    What is at work beyond a smaller number goes on. Raises NotFound, InvalidInput.
    """
    check(name)
    for field, number in numbers.items():
        if field not in NUMBERS or (field == "person_share" and name.startswith(KEY)):
            raise errors.InvalidInput(f"{field} is no limit of {name}.")
        if number is not None and (wrong := common_options.problem_of(field, number)):
            raise errors.InvalidInput(wrong)
    QueueLimit.objects.get_or_create(name=name)
    QueueLimit.objects.filter(name=name).update(**numbers)
    limits.forget_names()
    # What waited for a smaller number may begin.
    dispatch().hint([])


def check(name: str) -> None:
    """Raises NotFound where no provider or API key has this name."""
    if name.startswith(PROVIDER):
        provider = name.removeprefix(PROVIDER)
        names = [one.name for one in registry.known_providers()]
        # One that is configured no more may still be paused, and is to be resumed.
        if provider not in names and not QueueLimit.objects.filter(name=name).exists():
            raise errors.NotFound(
                f"No provider is called {provider}. There are: {', '.join(names)}."
            )
        return
    key_id = name.removeprefix(KEY)
    is_id = name.startswith(KEY) and re.fullmatch("[1-9][0-9]{0,17}", key_id)
    if not is_id or not ApiKey.objects.filter(id=int(key_id)).exists():
        raise errors.NotFound(f"No provider or API key is called {name}.")


def limit_states() -> Sequence[LimitState]:
    """Every provider of this host, by name, then every API key with a limit or a pause.

    A fixed number of queries, however many there are.
    """
    rows = {row.name: row for row in QueueLimit.objects.select_related("paused_by")}
    providers = {limits.of_provider(one.name) for one in registry.known_providers()}
    names_in_use = {name for name, row in rows.items() if _says_something(row)}
    limit_by_name = limits.read(providers | names_in_use)
    keys = _keys([int(name.removeprefix(KEY)) for name in names_in_use if name.startswith(KEY)])
    counts = _counts(bool(keys))
    lasting = _cooldowns()
    entries = []
    for name in sorted(limit_by_name, key=lambda name: (name.startswith(KEY), name)):
        if name.startswith(KEY) and name not in keys:
            continue
        row = rows.get(name) or QueueLimit(name=name)
        state = _state(limit_by_name[name], row, keys.get(name), *counts.get(name, (0, 0)))
        entries.append(replace(state, cooldowns=lasting.get(name, ())))
    return entries


def _cooldowns() -> dict[str, list[Cooldown]]:
    by_name: dict[str, list[Cooldown]] = {}
    for row in Cooldown.objects.filter(until__gt=clock.now()).select_related("owner"):
        by_name.setdefault(limits.of_provider(row.provider), []).append(row)
    return by_name


def _says_something(row: QueueLimit) -> bool:
    return row.paused_at is not None or any(getattr(row, name) is not None for name in NUMBERS)


def _state(
    limit: Limit, row: QueueLimit, key: ApiKey | None, working: int, waiting: int
) -> LimitState:
    provider = registry.provider_named(limit.name.removeprefix(PROVIDER)) if key is None else None
    title = limit.name.removeprefix(PROVIDER)
    if key is not None:
        title = key.name or f"rg_{key.lookup}…"
    elif provider is not None:
        title = provider.title or provider.name
    return LimitState(
        name=limit.name,
        title=title,
        label=registry.label_of(provider) if provider is not None else "",
        owner=key.user.username if key is not None else "",
        at_once=limit.at_once,
        per_minute=limit.per_minute,
        person_share=limit.person_share,
        own=frozenset(name for name in NUMBERS if getattr(row, name) is not None),
        at_work=working,
        waiting=waiting,
        paused_reason=limit.reason,
        paused_at=limit.paused_at,
        paused_by=row.paused_by.username if row.paused_by is not None else "",
        next_token_s=limit.next_start_s,
    )


def _keys(ids: Sequence[int]) -> dict[str, ApiKey]:
    if not ids:
        return {}
    return {
        limits.of_key(key.pk): key
        for key in ApiKey.objects.select_related("user").filter(id__in=ids)
    }


def _counts(with_keys: bool) -> dict[str, tuple[int, int]]:
    """By name, how many steps are at work and how many are ready."""
    jobs = active_step_counts.left_at_providers()
    working = {
        limits.of_provider(name): count
        for name, count in active_step_counts.by_provider(jobs).items()
    }
    ready = Step.objects.filter(status=states.READY).order_by()
    waiting = {
        limits.of_provider(name): count
        for name, count in ready.values_list("assigned_provider").annotate(Count("id"))
    }
    if with_keys:
        working |= {
            limits.of_key(key): count for key, count in active_step_counts.by_key(jobs).items()
        }
        of_keys = ready.filter(run__api_key__isnull=False).values_list("run__api_key")
        waiting |= {limits.of_key(key): count for key, count in of_keys.annotate(Count("id"))}
    return {name: (working.get(name, 0), waiting.get(name, 0)) for name in {*working, *waiting}}


def forget_gone_keys() -> None:
    """Forget the limits of API keys that went with their owner."""
    rows = QueueLimit.objects.filter(name__startswith=KEY).values_list("name", flat=True)
    ids = {int(name.removeprefix(KEY)): name for name in rows}
    if ids:
        there = set(ApiKey.objects.filter(id__in=ids).values_list("id", flat=True))
        stale_names = [name for key, name in ids.items() if key not in there]
        QueueLimit.objects.filter(name__in=stale_names).delete()
