"""Every row there is, in the order they are measured."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tests.bench import (
    asking,
    canvas,
    coediting,
    costs,
    deaths,
    drafting,
    durability,
    editing,
    editor_load,
    engine,
    exporting,
    first_minutes,
    gallery,
    guests,
    leaving,
    memory,
    moderation,
    page_weight,
    peer_rows,
    picking,
    planning,
    starting,
    streams,
    studio,
    table_runs,
)
from tests.bench.figures import Figure
from tests.bench.ground import DATABASES, Ground


@dataclass(frozen=True)
class Row:
    """One thing to measure. slow: only when named, or with --all.

    measure: yields its figures; its docstring says what is measured and how.
    """

    name: str
    measure: Callable[..., Iterator[Figure]]
    on_both: bool = False
    slow: bool = False

    @property
    def what(self) -> str:
        """What is measured and how."""
        return inspect.getdoc(self.measure) or ""

    def parts(self, ground: Ground) -> list[tuple[str, Callable[[], Iterator[Figure]]]]:
        """What to run, one after the other: by database where the row is measured on both."""
        if not self.on_both:
            return [(self.name, partial(self.measure, ground))]
        return [
            (f"{self.name}, {database}", partial(self.measure, ground, database))
            for database in DATABASES
        ]


ROWS = (
    Row("start", starting.start_request, on_both=True),
    Row("plan", planning.validate_and_compile),
    Row("plan-nested", planning.nested_template),
    Row("draft", drafting.drafts),
    Row("chain", engine.long_chain, on_both=True),
    Row("step-cost", costs.chained_step, on_both=True),
    Row("nested-cost", costs.nested_step, on_both=True),
    Row("expand-nested", costs.repeated_template, on_both=True),
    Row("start-cost", costs.one_start, on_both=True),
    Row("run-cost", costs.one_step_run, on_both=True),
    Row("guest-start", guests.guest_start, on_both=True),
    Row("run-set", table_runs.run_set, on_both=True),
    Row("ready", costs.ready_at_once, on_both=True),
    Row("durable", durability.waiting_for_the_disk),
    Row("starts-two-webs", starting.two_webs, on_both=True),
    Row("first-step", starting.first_step, on_both=True),
    Row("thousand", engine.thousand_runs, on_both=True),
    Row("pick", picking.pick, on_both=True, slow=True),
    Row("events", streams.event_latency, on_both=True),
    Row("events-two-webs", streams.two_webs),
    Row("streams", streams.many_streams),
    Row("kill", deaths.killed_worker),
    Row("freeze", deaths.frozen_worker),
    Row("cancel", deaths.cancelled_step),
    Row("leaving", leaving.leaving, on_both=True, slow=True),
    Row("exporting", exporting.exporting, on_both=True, slow=True),
    Row("memory", memory.idle_memory),
    Row("worker-start", memory.worker_start),
    Row("phone", asking.phone),
    Row("batch", asking.batch, on_both=True),
    Row("studio", studio.studio),
    Row("gallery", gallery.gallery, on_both=True),
    Row("page-weight", page_weight.page_weight),
    Row("moderation", moderation.moderation, on_both=True),
    Row("edit", editing.acknowledged_edit, on_both=True),
    Row("editors", coediting.editors, on_both=True),
    Row("edit-kills", editing.killed_server),
    Row("canvas", canvas.canvas),
    Row("editor-weight", editor_load.weight),
    Row("editor-load", editor_load.load),
    Row("film", first_minutes.first_film),
    Row("celery", peer_rows.celery, slow=True),
    Row("dbos", peer_rows.dbos, slow=True),
    Row("clone", first_minutes.fresh_clone, slow=True),
)


class UnknownRow(Exception):
    """Someone named a row that does not exist. The message lists those that do."""


def chosen(names: Sequence[str], *, everything: bool = False) -> list[Row]:
    """The named rows in the order of ROWS; without names all but the slow ones.

    Raises UnknownRow.
    """
    unknown = set(names) - {row.name for row in ROWS}
    if unknown:
        known = ", ".join(row.name for row in ROWS)
        raise UnknownRow(f"There is no row {', '.join(sorted(unknown))}. Rows: {known}.")
    if names:
        return [row for row in ROWS if row.name in names]
    return [row for row in ROWS if everything or not row.slow]
