"""Every row there is, in the order they are measured."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tests.bench import (
    canvas,
    deaths,
    editing,
    engine,
    first_minutes,
    gallery,
    planning,
    streams,
    studio,
)
from tests.bench.figures import Figure
from tests.bench.ground import DATABASES


@dataclass(frozen=True)
class Row:
    """One thing to measure. on_both: on each database. slow: only when named, or with --all.

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

    def parts(self) -> list[tuple[str, Callable[[], Iterator[Figure]]]]:
        """What to run, one after the other: by database where the row is measured on both."""
        if not self.on_both:
            return [(self.name, self.measure)]
        return [(f"{self.name}, {one}", partial(self.measure, one)) for one in DATABASES]


ROWS = (
    Row("start", engine.start_request, on_both=True),
    Row("plan", planning.validate_and_compile),
    Row("chain", engine.long_chain, on_both=True),
    Row("first-step", engine.first_step, on_both=True),
    Row("thousand", engine.thousand_runs, on_both=True),
    Row("events", streams.event_latency, on_both=True),
    Row("streams", streams.many_streams),
    Row("kill", deaths.killed_worker),
    Row("freeze", deaths.frozen_worker),
    Row("cancel", deaths.cancelled_step),
    Row("studio", studio.studio),
    Row("gallery", gallery.gallery, on_both=True),
    Row("edit", editing.acknowledged_edit, on_both=True),
    Row("edit-kills", editing.killed_server),
    Row("canvas", canvas.canvas),
    Row("editor-weight", canvas.weight),
    Row("film", first_minutes.first_film),
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
