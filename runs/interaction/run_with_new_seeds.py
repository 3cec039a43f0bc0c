"""Reseeding: the plan of a finished run with other seeds, as a run of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.auth import Principal
from core import errors
from core.http import parse
from runs import states
from runs.admission.idempotency import fingerprint_of, request_key
from runs.admission.new_run import StartResult
from runs.admission.run_again import run_again
from runs.models import Run, Step
from runs.planning.schemas import ReseedIn

ENDPOINT = "reseed"
# Everything the plan can make was made.
_ENDED_WELL = (states.COMPLETED, states.PARTIAL_FAILURE)


@dataclass(frozen=True, slots=True)
class Reseeded:
    """A run with other seeds. steps: {"id", "stepId", "seed", "previousSeed"} of each that has."""

    started: StartResult
    steps: list[dict[str, Any]]


def reseed_run(
    *, run: Run, actor: Principal, body: Mapping[str, Any], key: str | None = None
) -> Reseeded:
    """Start the plan of a finished run with other seeds; a second call with the key, once only.

    Raises InvalidBody for a step the run does not have or that takes no seed, Conflict for a run
    that is not done.
    """
    fields = {name: value for name, value in body.items() if value is not None}
    request = parse(ReseedIn, fields)
    fingerprint = fingerprint_of(fields, before=[ENDPOINT, run.public_id])
    own_key = request_key(actor, ENDPOINT, fingerprint, header=key, body=request.idempotency_key)
    if replay := own_key.replay():
        return _new_seeds(run, StartResult(run=replay, replayed=True))
    if run.status not in _ENDED_WELL:
        raise errors.Conflict(
            f"This workflow is {run.status}; only one that is completed or partial_failure can be"
            " reseeded. Wait for its end, or resume it.",
            code="workflow.not_done",
            details={"status": run.status},
        )
    _check_overrides(run, request.seed_overrides)
    start = run_again(
        run=run,
        actor=actor,
        new_seeds=True,
        seeds=request.seed_overrides,
        options=request.options(),
        key=own_key,
    )
    return _new_seeds(run, start)


def _check_overrides(run: Run, overrides: Mapping[str, int]) -> None:
    seeded_keys = {step["key"] for step in run.plan["steps"] if step.get("seed") is not None}
    keys = {step["key"] for step in run.plan["steps"]}
    issues = [
        {
            "path": f"seed_overrides.{key}",
            "message": "has no seed." if key in keys else "isn't a step of this workflow.",
        }
        for key in overrides
        if key not in seeded_keys
    ]
    if issues:
        names = ", ".join(sorted(seeded_keys)) or "none"
        raise errors.InvalidBody(
            f"{issues[0]['path'][:200]} {issues[0]['message']} Steps with a seed: {names[:500]}.",
            details={"issues": issues[:50]},
        )


def _new_seeds(run: Run, start: StartResult) -> Reseeded:
    before = dict(Step.objects.filter(run=run).values_list("key", "seed"))
    now = Step.objects.filter(run=start.run, seed__isnull=False)
    rows = now.order_by("sequence", "item_index").values_list("key", "seed")
    return Reseeded(
        start,
        [
            {"id": key, "stepId": key, "seed": seed}
            | ({"previousSeed": before[key]} if before.get(key) is not None else {})
            for key, seed in rows
        ],
    )
