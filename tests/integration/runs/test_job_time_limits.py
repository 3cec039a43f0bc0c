"""A job of the studio that takes longer than its work may is stopped, and not tried again."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.models import User
from media import services, signing
from runs.models import Step
from studio.tests.support.films import make_clip
from tests.support.builders.running import start, work_off


@pytest.mark.django_db(transaction=True)
def test_a_time_out_is_not_tried_again(alice: User, tmp_path: Path, settings) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=96, size=(320, 180))
    upload = services.keep_upload(owner=alice, path=clip, filename="clip.mp4", kind="video")
    settings.JOB_TIMEOUT_S = 0.05
    url = "http://localhost" + signing.signed_path(upload.public_id, upload.filename)
    line = {"startSeconds": 1, "endSeconds": 2, "text": "Hello"}
    run = start(
        alice,
        [
            {
                "toolName": "add_subtitles",
                "arguments": {"reference_video_url": url, "cues": [line]},
            }
        ],
    )
    work_off("one-worker")
    run.refresh_from_db()
    step = Step.objects.get(run=run)
    assert (run.status, step.attempt) == ("failed", 1)
    assert "took over 0.05 s" in str(run.error)
    assert "smaller or shorter" in str(run.error)
