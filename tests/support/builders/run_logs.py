"""A run's log as the socket sends it, for the editor's tests: `frontend/fixtures/run-log.json`.

Written by the real events and their one renderer, with times and addresses that never change:
`python -m tests.support.builders.run_logs frontend/fixtures`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

RUN_ID = "wf_lamp"
BEGAN = datetime(2026, 5, 4, 9, 41, tzinfo=UTC)
BUSY = {
    "code": "provider.busy",
    "error_type": "GPU_WORKER_FAILED",
    "message": "The music provider is full.",
    "retryable": True,
    "provider": "musicbox",
}


def happenings() -> Iterator[tuple[float, Any]]:
    """Seconds since the start → what happens to six stages: every event there is, but the ends."""
    from runs.log import events

    def of(step: str, tool: str) -> dict[str, str]:
        return {"step": step, "tool": tool, "title": step.title()}

    script, shots = of("script", "generate_image"), of("shots", "animate_photo")
    score, cut = of("score", "generate_music"), of("cut", "stitch_videos")
    poster = of("poster", "generate_image")

    def took(step: dict[str, str], attempt: int = 1) -> Any:
        return events.StepStarted(**step, attempt=attempt, generation=0)

    def made(step: dict[str, str], name: str, kind: str, **facts: Any) -> Any:
        artifact = {"id": name, "kind": kind, "filename": f"{kind}-1.bin", **facts}
        return events.ArtifactCreated(**step, artifact=artifact)

    yield 0.0, events.RunCreated(steps=5, title="The lamp")
    yield 0.0, events.RunQueued()
    yield 0.2, events.RunStarted()
    yield 0.2, took(script)
    yield 0.3, made(script, "art_1", "image", width=1024, height=576)
    yield (
        0.3,
        events.StepCompleted(
            **script, artifact_ids=["art_1"], took_ms=100, reused_from="wf_before"
        ),
    )
    yield 0.4, took(shots)
    yield 0.4, took(score)
    said = {"round": 1, "attempt": 1, "content": "On its way"}
    yield 1.2, events.StepReported(**shots, report="assistant_message_delta", body=said)
    yield 1.4, events.StepProgress(**shots, progress=0.25, note="Shot 1 of 4")
    yield 1.6, events.StepProgress(**score, progress=0.0, retrying="Full. Trying again")
    yield 2.4, events.StepProgress(**shots, progress=0.62)
    yield 2.6, took(score, 2)
    yield 3.0, events.StepFailed(**score, error=BUSY)
    yield 3.0, events.StepSkipped(**cut, reason="Skipped: Score failed")
    yield 4.0, made(shots, "art_2", "video", width=640, height=360, duration_s=5.0)
    yield 4.0, events.StepCompleted(**shots, artifact_ids=["art_2"], took_ms=3600)
    yield 4.1, took(poster)
    yield 4.5, events.StepCancelled(**poster)
    yield 4.5, events.RunFailed(error=BUSY)


def log() -> list[dict[str, Any]]:
    """Every event as a page receives it."""
    from runs.models import Event
    from runs.web.event_wire import render

    return [
        render(
            Event(
                seq=seq,
                name=happened.name,
                run_status=happened.run_status,
                payload=happened.payload(),
                created_at=BEGAN + timedelta(seconds=at),
            ),
            workflow_id=RUN_ID,
            url_of=lambda name, filename: f"/media/{name}/{filename}",
        )
        for seq, (at, happened) in enumerate(happenings(), start=1)
    ]


def written() -> dict[str, str]:
    """File name → what is in it."""
    lines = ",\n".join(json.dumps(event, ensure_ascii=True) for event in log())
    return {"run-log.json": f"[\n{lines}\n]\n"}


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.settings")
    django.setup()
    for name, text in written().items():
        (Path(sys.argv[1]) / name).write_text(text)
