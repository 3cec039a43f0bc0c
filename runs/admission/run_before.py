"""A finished run as the plan of the next one begins with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from runs import selectors, states
from runs.engine import kept_results, result_cache
from runs.models import Run, Step
from templates_app.graph.plan_json import late_from_json, media_from_json, plan_from_json
from templates_app.graph.types import Plan, PlanStep
from tools import registry


class StagesBefore:
    """A finished run's stages: its plan as it was carried out, and who made what."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.rows: dict[str, Step] = {}
        self.items: dict[str, list[Step]] = defaultdict(list)
        for step in selectors.steps_of(run):
            if step.is_item:
                self.items[step.stage_key].append(step)
            else:
                self.rows[step.key] = step
        self.hits = result_cache.of_steps(
            [step for step in self._all() if step.status == states.COMPLETED]
        )
        self.plan = self._plan()

    def _all(self) -> Iterable[Step]:
        return (*self.rows.values(), *(item for items in self.items.values() for item in items))

    def _plan(self) -> Plan:
        plan = plan_from_json(self.run.plan)
        # As they were fetched for this run: the new one gets the same files.
        media = tuple(media_from_json(entry) for entry in self.run.media[: len(plan.media)])
        return replace(plan, media=media, steps=tuple(self._step(step) for step in plan.steps))

    def _step(self, step: PlanStep) -> PlanStep:
        row = self.rows.get(step.key)
        if row is None:
            return step
        if step.batch is not None:
            count = len(self.items[step.key])
            batch = replace(step.batch, expected=count) if count else step.batch
            return replace(step, seed=row.seed, batch=batch)
        late = tuple(late_from_json(entry) for entry in row.late or ())
        return replace(step, seed=row.seed, arguments=row.arguments, late=late)

    def _parts(self, key: str) -> list[Step]:
        """Return a stage's step and its items."""
        row = self.rows.get(key)
        return [] if row is None else [row, *self.items[key]]

    def is_whole(self, key: str) -> bool:
        """Return whether all that a stage made is there, so that it can be kept."""
        parts = self._parts(key)
        return bool(parts) and all(
            part.status == states.COMPLETED and (part.kind == "expand" or part.id in self.hits)
            for part in parts
        )

    def is_skipped(self, key: str) -> bool:
        row = self.rows.get(key)
        return row is not None and row.status == states.SKIPPED

    def is_draft(self, key: str) -> bool:
        """Return whether a provider of drafts made a stage or an item of it, or its model did."""
        parts = self._parts(key)
        names = {part.provider for part in parts if part.provider}
        makers = [registry.provider_named(name) for name in names]
        if any(maker is not None and maker.is_draft for maker in makers):
            return True
        hits = [self.hits[part.id] for part in parts if part.id in self.hits]
        return any(artifact.medium.meta.get("draft") for hit in hits for artifact in hit.made)

    def drawn_calls(self, step: PlanStep) -> list[kept_results.DrawnCall] | None:
        """Return each call of a stage with its drafts by its own model; None where not all of its
        results are such drafts."""
        parts = [part for part in self._parts(step.key) if part.kind != "expand"]
        drafts = kept_results.draft_jobs(parts)
        if not self.is_whole(step.key) or drafts.keys() != {part.id for part in parts}:
            return None
        return [
            kept_results.DrawnCall(
                part.tool, (part.resolved or {}).get("arguments", {}), drafts[part.id]
            )
            for part in parts
        ]

    def is_final(self, key: str) -> bool:
        """Return whether results of a stage were made, none of them a draft."""
        return any(part.provider for part in self._parts(key)) and not self.is_draft(key)
