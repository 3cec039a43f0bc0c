"""Each web process has a folder of its own for large bodies."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from core import spool_folders
from core.process_name import process_name


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)
    kept = spool_folders._own[:]
    yield
    spool_folders._own[:] = kept


def test_one_that_starts_leaves_the_files_of_the_others(settings: Settings, tmp_path: Path) -> None:
    settings.RUN_DIR = tmp_path
    other = tmp_path / "bodies" / "web-2-0a1b2c3d"
    other.mkdir(parents=True)
    (other / "body").write_bytes(b"on its way")
    spool_folders.prepare()
    assert spool_folders.own() == str(tmp_path / "bodies" / process_name())
    assert tempfile.gettempdir() == spool_folders.own()
    assert (other / "body").exists()
    spool_folders.remove("web-2-0a1b2c3d")
    assert not other.exists()
    spool_folders.remove_all()
    assert list((tmp_path / "bodies").iterdir()) == []


def test_a_process_starts_where_no_folder_can_be_made(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "bodies").write_bytes(b"no folder")
    settings.RUN_DIR = tmp_path
    spool_folders.remove_all()
    spool_folders.prepare()
    assert spool_folders.own() == str(tmp_path / "bodies")
