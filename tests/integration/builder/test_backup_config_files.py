"""The operator's own files of the data folder are in a backup, and in the server made of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.integration.builder.test_backup_commands import moment, stat_mode
from tests.support.operator_commands import manage
from tests.support.template_database import bring_tables

pytestmark = pytest.mark.slow

KEY = "sk-of-the-basement"
SERVICES = """
[basement]
kind = "openai"
base_url = "http://127.0.0.1:9/v1"
key_file = "keys/basement.key"
images = ["flux"]

[gpu]
kind = "comfyui"
url = "http://127.0.0.1:9"
graphs = "drawings"
"""
ROWS = "schema = 1\nread = 2026-11-23\n"
OWN = {
    "models.d/mine.toml": ROWS,
    "drawings/sketch.json": "{}",
    "comfyui/unread.json": "{}",
    "marks/ca.pem": "the authority with its key",
    "marks/leaf.pem": "made again of the authority",
}


@pytest.fixture(scope="module")
def etc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the operator keeps the providers' file: outside the data folder."""
    folder = tmp_path_factory.mktemp("etc")
    (folder / "services.toml").write_text(SERVICES)
    (folder / "keys").mkdir()
    (folder / "keys/basement.key").write_text(KEY)
    return folder


@pytest.fixture(scope="module")
def original(etc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("original")
    bring_tables(home, {})
    for name, text in OWN.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text)
    manage(home, "prepare")
    return home


def back_up(original: Path, etc: Path, store: Path, *words: str) -> Path:
    manage(
        original, "backup", str(store), *words, REELGRAPH_PROVIDERS_FILE=str(etc / "services.toml")
    )
    return moment(store)


@pytest.fixture(scope="module")
def backup(original: Path, etc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return back_up(original, etc, tmp_path_factory.mktemp("store"))


@pytest.fixture
def changed(backup: Path, tmp_path: Path) -> Path:
    """A copy of the backup, to be changed."""
    shutil.copytree(backup.parent, tmp_path / "store")
    return moment(tmp_path / "store")


def test_they_come_back_and_the_restored_server_has_its_services(
    backup: Path, etc: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    said = manage(copy, "restore", str(backup))
    file = copy / "providers.toml"
    assert f"REELGRAPH_PROVIDERS_FILE={file}" in said
    assert file.read_text() == SERVICES
    assert (copy / "keys/basement.key").read_text() == KEY
    assert not (copy / "marks/leaf.pem").exists()
    for name in ("models.d/mine.toml", "drawings/sketch.json", "marks/ca.pem"):
        assert (copy / name).read_text() == OWN[name]
        assert stat_mode(copy / name) == 0o600
    for path in (file, copy / "keys/basement.key", backup / "config/providers.toml"):
        assert stat_mode(path) == 0o600
    services = manage(copy, "providers", REELGRAPH_PROVIDERS_FILE=str(file))
    assert "basement" in services
    assert "gpu" in services


def test_an_off_site_copy_has_no_keys_of_services(
    original: Path, etc: Path, tmp_path: Path
) -> None:
    backup = back_up(original, etc, tmp_path / "store", "--without-secret")
    names = {str(path.relative_to(backup)) for path in backup.rglob("*") if path.is_file()}
    assert "config/models.d/mine.toml" in names
    assert not {name for name in names if "key" in name or "providers" in name or "marks" in name}


def test_what_services_are_named_by_elsewhere_stays_there(original: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.key"
    elsewhere.write_text(KEY)
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "services.toml").write_text(SERVICES.replace("keys/basement.key", "../elsewhere.key"))
    backup = back_up(original, etc, tmp_path / "store")
    assert not list(backup.rglob("*.key"))


def test_what_is_there_already_is_not_written_over(backup: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (copy / "models.d").mkdir(parents=True)
    mine = copy / "models.d/mine.toml"
    mine.write_text("# by hand")
    said = manage(copy, "restore", str(backup), code=1)
    assert f"{mine} is there already and isn't the backup's. Move it away" in said
    assert mine.read_text() == "# by hand"
    mine.write_text(ROWS)
    assert "Restored" in manage(copy, "restore", str(backup))


def test_a_backup_of_an_earlier_release_has_none_and_is_restored(
    original: Path, changed: Path, tmp_path: Path
) -> None:
    path = changed / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["config"]
    path.write_text(json.dumps(manifest))
    shutil.rmtree(changed / "config")
    assert "Whole" in manage(original, "backup", "--verify", str(changed))
    copy = tmp_path / "copy"
    assert "REELGRAPH_PROVIDERS_FILE" not in manage(copy, "restore", str(changed))
    assert not (copy / "models.d").exists()
