"""Attributions of results: `Kling 3.0 Pro by fal · 5 s · 1080p · booked 112 credits`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runs.billing.units import credits_text
from runs.models import Artifact
from tools import registry


def made_by(
    tool: str,
    metadata: Mapping[str, Any],
    *,
    kind: str,
    width: int | None,
    height: int | None,
    duration: float | None,
    booked_milli: int | None,
) -> str:
    """The line below a result; empty where the built-in studio made it, or no one says who did.

    duration: in seconds. booked_milli: thousandths of a unit that its whole step really cost; None
    where that isn't known yet, and for a result that was taken over.
    """
    provider, model = str(metadata.get("provider") or ""), str(metadata.get("model") or "")
    who = registry.attribution(tool, provider, model) if provider else ""
    if not who:
        return ""
    length = f"{round(duration, 1):g} s" if duration else ""
    cost = "" if booked_milli is None else f"booked {credits_text(booked_milli)}"
    return " · ".join(filter(None, [who, length, _size(kind, width, height), cost]))


def artifact_line(row: Artifact, booked_milli: int | None) -> str:
    """Return the line of an artifact."""
    return made_by(
        row.step.tool,
        {"provider": row.step.provider, **row.meta},
        kind=row.kind,
        width=row.blob.width,
        height=row.blob.height,
        duration=row.blob.duration_s,
        booked_milli=booked_milli,
    )


def _size(kind: str, width: int | None, height: int | None) -> str:
    if not width or not height:
        return ""
    return f"{min(width, height)}p" if kind == "video" else f"{width} × {height}"
