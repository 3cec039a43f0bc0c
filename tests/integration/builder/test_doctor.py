"""The doctor names what is wrong and what to do, also when there is no database to ask."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, connections
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from accounts import storage
from accounts.models import User
from builder.ops import channel_layer_settings, database_settings, environment
from builder.ops.checks import machine
from builder.ops.server.processes import ProcessBook
from core import clock, errors
from runs.engine import limit_settings
from runs.engine.worker_registry import Registration
from runs.models import Attempt, Run, Step
from scripts.ports import free_port
from templates_app.graph import plan_json
from tests.support.builders.blobs import make_blob
from tests.support.builders.running import chain, start, take, work_off
from tests.support.checks import only_check

ROOT = Path(__file__).resolve().parents[3]


def examine(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "doctor", *arguments],
        cwd=ROOT,
        env={**os.environ, "REELGRAPH_HOME": str(home), "PORT": "1", **environment},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


@pytest.fixture
def elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[[str], None]]:
    """`elsewhere(url)`: the database is the one of this address, or of an empty data folder."""
    before = connections["default"]

    def move(url: str) -> None:
        monkeypatch.setenv("DATABASE_URL", url)
        entry = database_settings.read(tmp_path)
        connections["default"] = ConnectionHandler({"default": entry})["default"]

    with django_db_blocker.unblock():
        yield move
        connections["default"] = before


def check_lines(lines: list[str], home: Path) -> None:
    assert (
        "FAULT    database        it doesn't exist yet. Run `make run`, which creates it." in lines
    )
    assert "WARNING  workers         not checked. Fix the database first." in lines
    assert any(line.startswith("ok       python") for line in lines)
    assert lines[-1].startswith("faults: 1, ")
    assert not list(home.glob("*.sqlite3*"))


def test_without_a_database_it_says_so_and_what_it_could_not_see(
    elsewhere: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere("")
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    assert end.value.code == 1
    check_lines(capsys.readouterr().out.splitlines(), tmp_path)


@pytest.mark.thorough
def test_it_needs_neither_a_database_nor_a_driver_of_postgres(tmp_path: Path) -> None:
    """Installations on SQLite have no driver; those of developers do."""
    absent = tmp_path / "absent"
    absent.mkdir()
    (absent / "psycopg.py").write_text("raise ModuleNotFoundError('No module named psycopg')\n")
    found = examine(tmp_path, DATABASE_URL="", PYTHONPATH=str(absent))
    assert (found.returncode, found.stderr) == (1, "")
    check_lines(found.stdout.splitlines(), tmp_path)


def test_a_database_that_is_away_is_named_without_its_password(
    elsewhere: Callable[[str], None],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    pytest.importorskip("psycopg")
    elsewhere("postgres://reel:hunter2-secret@127.0.0.1:1/reel")
    with pytest.raises(SystemExit) as end:
        call_command("doctor", json=True)
    assert end.value.code == 1
    shown = capfd.readouterr()
    body = json.loads(shown.out)
    assert (body["ok"], body["faults"]) == (False, 1)
    database = next(check for check in body["checks"] if check["name"] == "database")
    assert database["level"] == "fault"
    assert "DATABASE_URL" in database["remedy"]
    assert "hunter2" not in shown.out + shown.err + caplog.text


@pytest.mark.django_db
def test_a_working_server_has_no_fault(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.WORKERS = 1
    Registration("worker-1").refresh()
    call_command("doctor", json=True)
    body = json.loads(capsys.readouterr().out)
    assert body["faults"] == 0
    named = {check["name"]: check for check in body["checks"]}
    expected = {
        "python", "packages", "editor", "data folder", "volume", "disk space", "secret key", "port",
        "pid files", "ulimit", "public address", "providers", "database", "migrations", "clock",
        "workers", "queue", "leases", "stuck runs", "newer runs", "media", "unused files",
        "channel layer", "server settings",
    }  # fmt: skip
    assert expected <= named.keys()
    assert connection.vendor[:6] in named["database"]["says"].lower()
    assert all(check["remedy"] for check in body["checks"] if check["level"] != "ok")


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "folder")
    found = examine(tmp_path / "home", DATABASE_URL="", REELGRAPH_MEDIA_DIR=folder)
    assert found.returncode != 0
    assert found.stderr.startswith("REELGRAPH_MEDIA_DIR can't be used")
    assert str(tmp_path / "file") in found.stderr
    assert "Name a folder that this account may write." in found.stderr


def test_an_unknown_choice_is_named_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGRAPH_SECOND_FACTOR", "evryone")
    words = "REELGRAPH_SECOND_FACTOR=evryone can't be used: write one of off, staff, everyone."
    with pytest.raises(ImproperlyConfigured, match=re.escape(words)):
        environment.second_factor()


def test_a_channel_layer_that_is_away_is_named_without_its_password(settings: Any) -> None:
    pytest.importorskip("redis")
    assert only_check("channel layer").level == "ok"
    entry = channel_layer_settings.read("redis://:hunter2-secret@127.0.0.1:1/0", database="")
    settings.CHANNEL_LAYERS = {"default": entry}
    found = only_check("channel layer")
    assert (found.name, found.level) == ("channel layer", "warning")
    assert "Redis at 127.0.0.1:1 can't be reached" in found.says
    assert "REELGRAPH_CHANNEL_LAYER" in found.remedy
    assert "hunter2" not in repr(found)


@pytest.mark.django_db
def test_what_is_wrong_in_the_database_is_named(alice: User) -> None:
    take(start(alice, chain("noop", 1)), "worker-gone")
    Step.objects.update(lease_until=clock.now() - timedelta(minutes=9))
    make_blob(b"left over").__class__.objects.update(unused_since=clock.now())
    assert only_check("queue").says.startswith("0 steps due, 1 running")
    assert only_check("leases").level == "warning"
    assert only_check("stuck runs").says == "1"
    assert only_check("unused files").says.startswith("1 (9 bytes)")


@pytest.mark.django_db
def test_runs_that_a_newer_release_planned_wait_for_it_and_are_named(alice: User) -> None:
    run = start(alice, chain("noop", 2))
    Run.objects.update(plan_format=plan_json.FORMAT + 1)
    assert work_off() == 0
    assert only_check("newer runs").level == "warning"
    Run.objects.update(plan_format=1)
    assert work_off() == 2
    run.refresh_from_db()
    assert (run.status, only_check("newer runs").level) == ("completed", "ok")


def test_a_lock_is_compared_with_what_is_installed() -> None:
    lock = "\n".join(
        [
            "django==0.1 \\",
            "    --hash=sha256:00",
            "no-such-thing==1.0 \\",
            "only-elsewhere==1.0 ; sys_platform == 'win32' \\",
        ]
    )
    missing, other = sorted(machine.other_versions(lock), reverse=True)
    assert missing == "no-such-thing is missing"
    assert other.startswith("django ")


def test_the_port_is_that_of_all_web_processes(settings: Any, tmp_path: Path) -> None:
    settings.RUN_DIR, settings.PORT = tmp_path, free_port()
    assert only_check("port").says.endswith("is free; Reelgraph isn't running")
    book = ProcessBook(tmp_path)
    for name in ("web-1", "web-2", "worker-1"):
        book.remember(name, os.getpid(), f"{name}-0a1b2c3d")
    found = only_check("port")
    assert found.level == "fault"
    assert found.says.endswith("2 web processes are running, but there is no answer")
    assert "web-1.log" in found.remedy


def test_what_is_paused_is_said_with_its_reason_and_the_command_that_resumes_it(
    alice: User,
) -> None:
    assert only_check("limits").level == "ok"
    limit_settings.pause("provider:studio", "The disk is full.")
    found = only_check("limits")
    assert (found.level, "The disk is full" in found.says) == ("warning", True)
    assert "manage.py providers resume studio" in found.remedy


def test_a_job_that_is_at_its_provider_for_days_is_named(alice: User) -> None:
    assert only_check("at providers").says == "no job"
    run = start(alice, [{"toolName": "noop"}])
    claim = take(run)
    run.steps.update(status="parked", lease_owner="", lease_until=None, assigned_provider="slow")
    for days, level in ((0, "ok"), (3, "warning")):
        since = clock.now() - timedelta(days=days)
        Attempt.objects.filter(pk=claim.attempt_id).update(parked_at=since)
        assert only_check("at providers").level == level
    assert "3 days" in only_check("at providers").says


def test_the_disk_of_the_media_is_watched_where_it_is_another_one(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media, disk_of = tmp_path / "media", shutil.disk_usage
    media.mkdir()
    settings.MEDIA_DIR = media
    total = 100 * 2**30
    full = type(disk_of(media))(total, total - 2**20, 2**20)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: full if Path(path) == media else disk_of(path)
    )
    monkeypatch.setattr(storage, "_looked_at", float("-inf"))
    with pytest.raises(errors.DiskFull):
        storage.check_disk()
    assert str(media) in only_check("disk space").says
    monkeypatch.setattr(storage, "_looked_at", float("-inf"))
