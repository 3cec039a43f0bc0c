"""The media of a run as its bookkeeping knows them: ids, names people gave, facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.declaration.ports import MEDIA_KINDS, MediaKind


@dataclass(frozen=True, slots=True)
class RunAsset:
    """A file a run was brought or has made.

    asset_id: the artifact's id, or the id the caller gave. step: who made it; empty for one that
    was brought. size in bytes, width and height in pixels, duration in seconds, 0 or None where
    unknown, as a file from elsewhere is until it has been fetched.
    """

    asset_id: str
    kind: MediaKind
    label: str = ""
    step: str = ""
    mime: str = ""
    size: int = 0
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


def number_by_kind(assets: Sequence[RunAsset]) -> list[tuple[RunAsset, int]]:
    """Each file with its number among those of its kind, counted from 1."""
    counts = dict.fromkeys(MEDIA_KINDS, 0)
    pairs = []
    for asset in assets:
        counts[asset.kind] += 1
        pairs.append((asset, counts[asset.kind]))
    return pairs
