"""Where processes wake each other up."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from core import wakeup


def test_every_process_listens_in_the_same_folder_whatever_its_temporary_one_is(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RUN_DIR = tmp_path / ("long" * 20)
    before = wakeup.folder()
    try:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        assert wakeup.folder() == before
        wakeup.Subscriber("web", "1-7f0a0b0c0d0e0f").close()
    finally:
        before.rmdir()
