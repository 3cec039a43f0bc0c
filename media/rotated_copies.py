"""Copies of files for services that ignore what a file says about showing it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from media.sandbox import Context, run_in_sandbox


@dataclass(frozen=True, slots=True)
class Copy:
    """width and height in pixels."""

    path: Path
    mime: str
    width: int
    height: int


def upright_copy(source: Path, target: Path, context: Context, *, timeout_s: float) -> Copy | None:
    """Write an image or a video as people see it: turned, sRGB or BT.709, in a common format.

    None when the file is that already. target: in an attempt's folder. Raises ProviderError as
    `run_in_sandbox` does.
    """
    answer = run_in_sandbox(
        "media.sandbox.rotated_copies.upright",
        {"path": str(source), "target": str(target)},
        reads=[source],
        out=target.parent,
        timeout_s=timeout_s,
        context=context,
    )
    return Copy(path=target, **answer) if answer else None
