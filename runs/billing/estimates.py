"""Estimates for a plan: units by step, also by facts of its files, and time by history."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.conf import settings

from media.models import Blob
from runs import selectors
from runs.options import AS_SET, RunOptions
from templates_app.graph.plan_json import media_from_json
from templates_app.graph.port_arguments import find_port
from templates_app.graph.types import (
    INPUT_MEDIA,
    LATEST,
    Binding,
    MediaRef,
    Plan,
    PlanStep,
    StepKey,
)
from tools import registry
from tools.declaration.ports import Port, Tool
from tools.providers.base import Facts, Price

HISTORY_LIFE_S = 30.0
# Which kinds of steps a worker takes time for.
WORKING = ("tool", "expand")
_BLOB = "blob:"
NOT_KNOWN: Mapping[str, float | None] = {}
Known = Facts | None


def step_quotes(
    plan: Plan,
    *,
    person: int | None,
    local_only: bool = False,
    options: RunOptions = AS_SET,
) -> tuple[int, ...]:
    """Thousandths of a unit for each step, in plan order. Questions and gates cost nothing, nor
    does what is kept of an earlier run.

    person: whose run it would be, by id; None: no one's in particular. local_only: of a run in the
    background, which asks no service. options: of that run.
    """
    prices = step_prices(plan, person=person, local_only=local_only, options=options)
    return tuple(price.milli for price in prices)


def step_prices(
    plan: Plan,
    *,
    person: int | None,
    local_only: bool = False,
    options: RunOptions = AS_SET,
) -> tuple[Price, ...]:
    """The same as prices, which are "at most" where a price, a number of items or a condition isn't
    known before the step runs."""
    media = MediaOfPlan(plan.media)
    return tuple(_price(step, media, person, local_only, options) for step in plan.steps)


def seconds_of(
    plan: Plan,
    *,
    without: Collection[str] = (),
    call_seconds: Mapping[str, float | None] = NOT_KNOWN,
) -> float | None:
    """Estimate a plan's seconds by what its tools took lately; None when one has no history.

    The longest chain, or the work of all steps shared by the workers, whichever is longer. The time
    people take to answer is no one's to foretell: it is left out. without: keys of steps that take
    no time. call_seconds: as of `seconds_of_step`.
    """
    work = 0.0
    ends: dict[str, float] = {}
    begins: dict[str, float] = {}
    holders: dict[str, StepKey | None] = {}
    for step in plan.steps:
        takes = 0.0 if step.key in without else seconds_of_step(step, call_seconds)
        if takes is None:
            return None
        before = [ends[b.source] for b in step.needs if b.source != INPUT_MEDIA]
        if step.member_of is not None:
            before.append(begins[step.member_of])
        begins[step.key] = max(before, default=0.0)
        ends[step.key] = begins[step.key] + takes
        # A group ends with its last member.
        holder = holders[step.key] = step.member_of
        while holder is not None:
            ends[holder] = max(ends[holder], ends[step.key])
            holder = holders[holder]
        work += takes * _at_once(step)
    return max(max(ends.values(), default=0.0), work / max(settings.WORKERS, 1))


def seconds_of_step(
    step: PlanStep, call_seconds: Mapping[str, float | None] = NOT_KNOWN
) -> float | None:
    """Estimate the seconds of a step on its own; of a batch with as many at once as it may.

    call_seconds: of one call by step, where its tool's history is another provider's.
    """
    if step.kind not in WORKING:
        return 0.0
    if step.batch is not None and step.batch.members:
        # One after the other: a chain, mostly.
        parts = [seconds_of_step(member, call_seconds) for member in step.batch.members]
        if None in parts:
            return None
        rounds = math.ceil(items_expected(step) / _at_once(step))
        return sum(part or 0.0 for part in parts) * rounds
    tool = step.tool if step.batch is None else step.batch.item.tool
    one = call_seconds[step.key] if step.key in call_seconds else usual_times().get(tool)
    return None if one is None else one * math.ceil(items_expected(step) / _at_once(step))


def _at_once(step: PlanStep) -> int:
    return 1 if step.batch is None else max(1, min(step.batch.concurrency, items_expected(step)))


def items_expected(step: PlanStep) -> int:
    """Return how many elements a batch has, as far as its plan shows before it begins."""
    if step.batch is None:
        return 1
    return len(step.batch.items) if step.batch.items is not None else max(step.batch.expected, 0)


# Read once for many quotes: a form asks again with every pause in typing.
_times: dict[str, float] = {}
_times_read_at = -math.inf


def usual_times() -> Mapping[str, float]:
    """Tool → seconds a step of it took lately, for the tools with a history."""
    global _times, _times_read_at
    if time.monotonic() - _times_read_at > HISTORY_LIFE_S:
        _times = selectors.usual_times([tool.name for tool in registry.table()])
        _times_read_at = time.monotonic()
    return _times


def forget_history() -> None:
    """Look at the steps again with the next quote; for tests."""
    global _times_read_at
    _times_read_at = -math.inf


def _price(
    step: PlanStep,
    media: MediaOfPlan,
    person: int | None,
    local_only: bool,
    options: RunOptions,
) -> Price:
    """Return the price of a step: of a batch, of all its items."""
    if step.batch is not None and step.batch.members:
        prices = [_price(one, media, person, local_only, options) for one in step.batch.members]
        milli = sum(price.milli for price in prices) * items_expected(step)
        is_open = step.condition is not None or step.batch.items is None
        return Price(milli, is_open or any(price.at_most for price in prices))
    work = step if step.batch is None else step.batch.item
    tool = registry.table().get(work.tool)
    if step.kind not in WORKING or step.key in options.kept_stages or tool is None:
        return Price(0)
    one = registry.quote(
        tool,
        work.arguments,
        media=media.of_call(tool, work.arguments, work.needs),
        person=person,
        local_only=local_only,
        draft=options.draft_by(step.key),
        late=late_arguments(work.needs, [one.argument for one in work.late]),
    )
    is_open = step.condition is not None or (step.batch is not None and step.batch.items is None)
    return Price(one.milli * items_expected(step), one.at_most or is_open)


def late_arguments(needs: Iterable[Binding], late: Iterable[str] = ()) -> set[str]:
    """Return the arguments of a call whose values aren't there yet. late: of its own."""
    return {one.target_argument for one in needs if one.target_argument is not None} | {*late}


class MediaOfPlan:
    """The files that a plan's caller brought, as `Plan.media` or a run's row has them. They are
    looked up once, when a price asks."""

    def __init__(self, media: Sequence[MediaRef] | Sequence[Mapping[str, Any]]) -> None:
        self._stored = media

    def of_call(
        self, tool: type[Tool], arguments: Mapping[str, Any], needs: Sequence[Binding]
    ) -> Mapping[str, tuple[Known, ...]]:
        """Return the facts of a call's files by port, in their order. None is for a file that
        isn't there yet, such as another step's result. A port without files is left out."""
        return _MediaOfCall(self, tool, arguments, needs)

    @cached_property
    def by_kind(self) -> Mapping[str, list[Known]]:
        media = [ref if isinstance(ref, MediaRef) else media_from_json(ref) for ref in self._stored]
        hashes = [_hash_of(ref) for ref in media]
        blobs = Blob.objects.in_bulk(sorted(set(filter(None, hashes))))
        facts: dict[str, list[Known]] = {}
        for ref, sha256 in zip(media, hashes, strict=True):
            blob = blobs.get(sha256)
            entry = Facts(blob.width, blob.height, blob.duration_s) if blob is not None else None
            facts.setdefault(ref.kind, []).append(entry)
        return facts


class _MediaOfCall(Mapping[str, tuple[Known, ...]]):
    def __init__(
        self,
        media: MediaOfPlan,
        tool: type[Tool],
        arguments: Mapping[str, Any],
        needs: Sequence[Binding],
    ) -> None:
        self._media, self._tool = media, tool
        self._arguments, self._needs = arguments, needs

    @cached_property
    def _by_port(self) -> dict[str, tuple[Known, ...]]:
        by_port = {port.name: self._of_port(port) for port in self._tool.ports()}
        return {name: files for name, files in by_port.items() if files}

    def _of_port(self, port: Port) -> tuple[Known, ...]:
        files: list[Known] = []
        for argument, value in self._arguments.items():
            if find_port(self._tool, argument)[0] is port and value is not None:
                places = value if isinstance(value, list) else [value]
                files += [self._at(port, place) for place in places]
        for binding in self._needs:
            target = binding.target_argument
            if target is not None and find_port(self._tool, target)[0] is port:
                files += self._media_of(port, binding)
        return tuple(files)

    def _at(self, port: Port, place: object) -> Known:
        """Return the facts at a position: less than 0 counts what the caller brought."""
        facts = self._media.by_kind.get(port.kind, [])
        if isinstance(place, int) and 0 <= -place - 1 < len(facts):
            return facts[-place - 1]
        return None

    def _media_of(self, port: Port, binding: Binding) -> list[Known]:
        if binding.source != INPUT_MEDIA or binding.pick == LATEST:
            return [None]
        facts = self._media.by_kind.get(binding.media_kind or port.kind, [])
        pick = binding.pick
        if pick is not None and pick.path is not None:
            return list(facts)
        index = 0 if pick is None or pick.index is None else pick.index
        return [facts[index]] if -len(facts) <= index < len(facts) else [None]

    def __getitem__(self, port: str) -> tuple[Known, ...]:
        return self._by_port[port]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_port)

    def __len__(self) -> int:
        return len(self._by_port)


def _hash_of(ref: MediaRef) -> str:
    """Return the hash of a file that is ours; "" for a foreign one."""
    asset = ref.asset or ""
    return asset.removeprefix(_BLOB) if asset.startswith(_BLOB) else ""
