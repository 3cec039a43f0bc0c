"""Read what a file says about itself, and measure what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.job_io.job_results import outcome
from studio.media.video.metadata import LONGEST_NOTE, READERS

_PORTS = ("video", "audio", "image")


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Ports: `video`, `audio`, `image`, any of them.

    values: `metadata`, the facts by port (a list where a port has several files); `message`, one
    line for people; `question`, what was asked for, if anything. Raises Refused without media.
    """
    media = arguments["media"]
    given = [(port, file) for port in _PORTS for file in media.get(port) or []]
    if not given:
        raise Refused("Add an image, video or audio file to read.", "ASSET_NOT_FOUND")
    facts: dict[str, list[dict[str, Any]]] = {}
    lines = []
    for number, (port, file) in enumerate(given):
        read = READERS[port](Path(file["path"]))
        if file.get("meta"):
            read["artifact"] = _provenance(file["meta"])
        facts.setdefault(port, []).append(read)
        lines.append(_line(port, read))
        report((number + 1) / len(given), "Reading")
    values: dict[str, Any] = {
        "metadata": {port: all_[0] if len(all_) == 1 else all_ for port, all_ in facts.items()},
        "message": " ".join(lines),
    }
    question = arguments["params"].get("prompt")
    if question:
        values["question"] = str(question)[:LONGEST_NOTE]
    return outcome(values=values)


def _provenance(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What we know of an artifact of our own, without long lists such as beats."""
    return {name: value for name, value in meta.items() if not isinstance(value, list | dict)}


def _line(port: str, facts: Mapping[str, Any]) -> str:
    parts = []
    if facts.get("width"):
        parts.append(f"{facts['width']}×{facts['height']}")
    if facts.get("duration_s"):
        parts.append(f"{facts['duration_s']:g} s")
    if facts.get("fps"):
        parts.append(f"{facts['fps']:g} fps")
    parts.extend(stream["codec"] for stream in facts.get("streams", ()) if "codec" in stream)
    if (color := facts.get("color")) and color["hdr"]:
        parts.append(f"HDR ({color['hdr']})")
    if facts.get("loudness_lufs") is not None:
        parts.append(f"{facts['loudness_lufs']} LUFS")
    if facts.get("palette"):
        parts.append("mostly " + facts["palette"][0]["hex"])
    parts.append(f"{facts['size_bytes'] / 1000:.0f} kB")
    return f"{port.capitalize()}: {', '.join(parts)}."
