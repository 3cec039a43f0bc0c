"""What a bench finds out: figures, the table they are printed as, and `bench.json`."""

from __future__ import annotations

import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

HEADINGS = ("row", "measured", "target", "ratio", "load")


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    values: numbers by name, such as `p50` and `p95`, all in `unit`. target: what the value named
    `judged` should stay below, if the design has a target for it. beside: further facts, each with
    its unit. reason: why there are no values. load: the machine's one-minute load average before
    and after.
    """

    row: str
    values: Mapping[str, float]
    unit: str = "ms"
    judged: str = ""
    target: float | None = None
    beside: str = ""
    reason: str = ""
    load: tuple[float, float] | None = None

    @property
    def ratio(self) -> float | None:
        """Measured over target: below 1 the target is met. None without a target or a value."""
        if not self.target or self.judged not in self.values:
            return None
        return self.values[self.judged] / self.target


def skipped(row: str, reason: str) -> Figure:
    """A line for what could not be measured here."""
    return Figure(row, {}, reason=reason)


def spread(row: str, samples: Sequence[float], target: float | None, **more: Any) -> Figure:
    """Median and 95th percentile of many samples, judged by the latter."""
    values = {"p50": statistics.median(samples), "p95": percentile(samples, 0.95)}
    return Figure(row, values, judged="p95", target=target, **more)


def middle(row: str, samples: Sequence[float], target: float | None, **more: Any) -> Figure:
    """The median of a few samples with their range, judged by the median."""
    values = {"median": statistics.median(samples), "min": min(samples), "max": max(samples)}
    judged = "" if target is None else "median"
    return Figure(row, values, judged=judged, target=target, **more)


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample that `share` of all samples do not exceed (nearest rank)."""
    ordered = sorted(samples)
    return ordered[max(0, -(-round(len(ordered) * share * 1000) // 1000) - 1)]


def under_load(figure: Figure, before: float) -> Figure:
    """The figure with the load average before its row and now beside it."""
    return replace(figure, load=(before, os.getloadavg()[0]))


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table, aligned to be read in a terminal."""
    rows = [HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cells(figure: Figure) -> tuple[str, ...]:
    measured = " · ".join(f"{name} {number(value)}" for name, value in figure.values.items())
    shown = f"{measured} {figure.unit}" if figure.values else f"not measured: {figure.reason}"
    if figure.beside:
        shown += f" ({figure.beside})"
    target = "" if figure.target is None else f"{figure.judged} ≤ {number(figure.target)}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    load = "" if figure.load is None else f"{figure.load[0]:.1f} → {figure.load[1]:.1f}"
    return figure.row, shown, target, ratio, load


def number(value: float) -> str:
    """Three significant digits, as a person would write them."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def to_json(figures: Sequence[Figure], about: Mapping[str, Any]) -> dict[str, Any]:
    """The content of bench.json."""
    return {
        **about,
        "figures": [
            {
                "row": figure.row,
                "values": dict(figure.values),
                "unit": figure.unit,
                "judged": figure.judged or None,
                "target": figure.target,
                "ratio": figure.ratio,
                "beside": figure.beside or None,
                "reason": figure.reason or None,
                "load": figure.load,
            }
            for figure in figures
        ],
    }
