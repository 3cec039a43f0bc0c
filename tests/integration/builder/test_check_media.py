"""`manage.py check-media` finds bytes that changed on the disk; they are not served any more."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from core import clock
from media import blobs, checking, signing
from media.models import Blob
from runs.models import Artifact
from tests.support.builders.blobs import make_blob
from tests.support.builders.running import chain, start, work_off
from tests.support.builders.sharing import make_share
from tests.support.checks import only_check
from tests.support.clients.asgi_requests import request_app

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def results(alice: User, settings: Any, tmp_path: Path) -> list[Artifact]:
    """Three results of a run."""
    settings.MEDIA_DIR, settings.RUN_DIR = tmp_path / "media", tmp_path / "run"
    settings.RUN_DIR.mkdir()
    settings.MEDIA_DIR.mkdir()
    steps = [step | {"arguments": {"text": step["id"]}} for step in chain("note", 3)]
    run = start(alice, steps)
    work_off()
    return list(Artifact.objects.filter(step__run=run).order_by("id"))


def damage(artifact: Artifact) -> None:
    """Change one byte of the file, as a failing disk does."""
    path = blobs.path_of(artifact.blob_id)
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def check(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any]]:
    code = 0
    try:
        call_command("check-media", "--json", *options)
    except SystemExit as end:
        code = int(str(end.code))
    return code, json.loads(capsys.readouterr().out)


def served(artifact: Artifact) -> int:
    return request_app("GET", signing.signed_path(artifact.public_id, "one.png")).status


def test_damaged_and_missing_files_are_named_and_not_served(
    results: list[Artifact], capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(capsys)[0] == 0
    _, damaged, missing = results
    damage(damaged)
    os.unlink(blobs.path_of(missing.blob_id))
    assert served(damaged) == 200
    code, found = check(capsys)
    assert (code, found["ok"], found["looked_at"]) == (1, False, 3)
    assert found["damaged"] == [damaged.blob_id]
    assert found["missing"] == [missing.blob_id]
    assert [served(one) for one in results] == [200, 404, 404]
    doctor = only_check("media")
    assert (doctor.level, doctor.says) == ("fault", "2 files are missing or damaged")
    share = make_share(damaged.run.owner, damaged.run, artifacts=[results[0].public_id])
    share.media.update(blob_id=damaged.blob_id)
    with pytest.raises(SystemExit):
        call_command("check-media")
    assert f"results {damaged.public_id} · creations {share.public_id}" in capsys.readouterr().out


def test_bytes_that_are_made_again_heal_the_blob(
    results: list[Artifact], capsys: pytest.CaptureFixture[str]
) -> None:
    content = blobs.path_of(results[0].blob_id).read_bytes()
    damage(results[0])
    assert check(capsys)[0] == 1
    make_blob(content)
    assert served(results[0]) == 200
    found = checking.last()
    assert found is not None
    assert found.damaged == ()
    assert check(capsys)[0] == 0


def test_only_what_was_made_since_is_read(
    results: list[Artifact], capsys: pytest.CaptureFixture[str]
) -> None:
    Blob.objects.filter(sha256=results[0].blob_id).update(
        created_at=clock.now() - timedelta(days=9)
    )
    damage(results[0])
    code, found = check(capsys, "--since", "7d", "--rate", "0")
    assert (code, found["looked_at"], found["whole"]) == (0, 2, False)


def test_the_doctor_finds_damage_that_nothing_has_looked_for(results: list[Artifact]) -> None:
    before = only_check("media")
    assert before.level == "ok"
    damage(results[2])
    after = only_check("media")
    assert (after.level, after.says) == ("fault", "1 of a few sampled files missing or damaged")
