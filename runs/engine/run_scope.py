"""A run as references and conditions see it: a `Scope` over the database, read only as needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from core import clock
from runs import states
from runs.engine.result_makers import makers_of
from runs.models import Artifact, Run, Step
from runs.planning.places import own_place
from templates_app.graph.result_paths import Item, StepResult, content_of
from templates_app.graph.types import JSON, MediaValue, StepKey
from tools.declaration.ports import MediaKind


@dataclass(slots=True)
class RunScope:
    """Scope of a run for its steps' expressions. Not to be kept: it remembers what it has read."""

    run_id: int
    item: Mapping[str, Any] | None = None
    _run: Mapping[str, JSON] | None = None
    _made: dict[tuple[str, str], StepResult | None] = field(default_factory=dict)

    @property
    def run(self) -> Mapping[str, JSON]:
        """Return the value of `$run`: id, title, createdAt."""
        if self._run is None:
            row = Run.objects.only("public_id", "title", "created_at").get(id=self.run_id)
            self._run = {
                "id": row.public_id,
                "title": row.title,
                "createdAt": clock.iso(row.created_at),
            }
        return self._run

    def of_item(self, item: Mapping[str, Any]) -> RunScope:
        """The same run as one item of a batch sees it. What one has read, the other knows."""
        return replace(self, item=item)

    def result_of(self, source: StepKey, output: str = "") -> StepResult | None:
        """Return what a step has made, in its current generation."""
        name = (source, output)
        if name not in self._made:
            self._made[name] = self._load(source, output)
        return self._made[name]

    def _load(self, source: StepKey, output: str) -> StepResult | None:
        step = Step.objects.filter(run_id=self.run_id, key=source).first()
        if step is None:
            return None
        if step.kind != "expand":
            result = step.answered
            media = _media([step])[step.id]
            items = [
                Item(f"{step.key}/{'main' if place == 0 else place}", step.title, (medium,))
                for place, medium in enumerate(media)
            ]
            content = None if media else content_of(result)
            if content is not None:
                items = [Item(f"{step.key}/main", step.title, (), content)]
            return StepResult(step.key, step.status, tuple(items), result)
        rows = Step.objects.filter(parent_id=step.id, status=states.COMPLETED)
        finished_rows = list(rows.order_by("item_index"))
        makers = makers_of(finished_rows, output)
        media_of = _media([maker.step for rows in makers.values() for maker in rows])
        row_items = []
        for row in finished_rows:
            files = tuple(
                medium
                for maker in makers[row.id]
                for medium in maker.of_all(media_of[maker.step.id])
            )
            words = None if files else _content([maker.step for maker in makers[row.id]])
            name = f"{step.key}/{own_place(row.item_index)}"
            row_items.append(Item(name, row.item_label, files, words))
        return StepResult(step.key, step.status, tuple(row_items), step.answered)


def _content(makers: list[Step]) -> JSON:
    """Return what results without media say, a list of several."""
    contents = [content_of(maker.answered) for maker in makers]
    return contents[0] if len(contents) == 1 else contents or None


def _media(steps: list[Step]) -> Mapping[int, list[MediaValue]]:
    generations = {step.id: step.generation for step in steps}
    by_step: dict[int, list[MediaValue]] = defaultdict(list)
    rows = Artifact.objects.filter(step_id__in=generations, hidden_at=None).order_by("position")
    for step_id, generation, public_id, kind in rows.values_list(
        "step_id", "generation", "public_id", "kind"
    ):
        if generation == generations[step_id]:
            by_step[step_id].append(MediaValue(f"artifact:{public_id}", cast(MediaKind, kind)))
    return by_step
