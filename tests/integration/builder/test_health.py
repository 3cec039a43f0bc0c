"""What is wrong is named by its check with the remedy, and by `/readyz` where it prevents work."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as real
from django.db import connection
from pytest_django import Settings

from builder.ops import health
from builder.ops.health import ReadyApp
from builder.ops.server.processes import ProcessBook
from core.checks import ALL, ENTRIES, Checks, Entry, Look, ok
from runs.engine import worker_registry
from runs.engine.worker_registry import Registration
from runs.models import Worker
from tests.support.checks import only_check, readiness
from tests.support.clients.asgi_requests import request_app
from tests.support.waiting import WAIT_S, promised

pytestmark = pytest.mark.django_db(transaction=True)
READY = {
    "database", "migrations", "workers", "data_folder", "media_folder", "flush", "secret_key",
    "disk_space",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    settings: Settings
    folder: Path
    monkeypatch: pytest.MonkeyPatch


Break = Callable[[Scene], None]


@pytest.fixture(autouse=True)
def _a_worker(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.RUN_DIR = tmp_path / "run"
    settings.RUN_DIR.mkdir()
    Registration("worker-1").refresh()
    yield
    worker_registry.forget("worker-1")


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def migrations() -> Iterator[None]:
    yield
    sql("UPDATE django_migrations SET app = 'media' WHERE app = 'elsewhere'")
    sql("DELETE FROM django_migrations WHERE name = '0999_parked'")


def lacks_a_migration(scene: Scene) -> None:
    sql("UPDATE django_migrations SET app = 'elsewhere' WHERE app = 'media'")


def newer_release(scene: Scene) -> None:
    sql(
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('runs', '0999_parked', '2031-01-01')"
    )


def no_worker(scene: Scene) -> None:
    Worker.objects.update(seen_at="2020-01-01T00:00:00Z")


def one_worker_of_two(scene: Scene) -> None:
    scene.settings.WORKERS = 2


def workers_elsewhere(scene: Scene) -> None:
    Worker.objects.update(host="elsewhere")


def crashed_worker(scene: Scene) -> None:
    ProcessBook(scene.settings.RUN_DIR).note_death("worker-1", "worker-1", "killed by SIGKILL", 3)


def no_data_folder(scene: Scene) -> None:
    scene.settings.RUN_DIR = scene.folder / "gone"


def data_that_others_read(scene: Scene) -> None:
    scene.settings.HOME = scene.folder
    scene.folder.chmod(0o755)


def no_key(scene: Scene) -> None:
    scene.settings.SECRET_KEY_FILE = scene.folder / "secret_key"


def key_that_others_read(scene: Scene) -> None:
    scene.settings.HOME = scene.folder
    scene.settings.SECRET_KEY_FILE = scene.folder / "secret_key"
    scene.settings.SECRET_KEY_FILE.write_text(real.SECRET_KEY)
    scene.settings.SECRET_KEY_FILE.chmod(0o644)


def mark_key_that_others_read(scene: Scene) -> None:
    scene.settings.HOME = scene.folder
    (scene.folder / "marks").mkdir(mode=0o700)
    (scene.folder / "marks" / "leaf.pem").touch(mode=0o644)


def disk_with(free: int) -> Break:
    """All disks have so many bytes free of 100 GiB."""

    def fill(scene: Scene) -> None:
        usage = type(shutil.disk_usage(scene.folder))(100 << 30, (100 << 30) - free, free)
        scene.monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)

    return fill


def left_over_pid(scene: Scene) -> None:
    (scene.settings.RUN_DIR / "web.pid").write_text("4194303\n")


def no_editor(scene: Scene) -> None:
    scene.settings.DJANGO_VITE = {
        "default": {"manifest_path": scene.folder / "dist" / "manifest.json"}
    }


def address_without_tls(scene: Scene) -> None:
    scene.settings.PUBLIC_URL = "http://studio.example.org"


@pytest.mark.usefixtures("migrations")
@pytest.mark.parametrize(
    ("cause", "name", "level", "says", "remedy", "status"),
    [
        (no_worker, "workers", "fault", "0 alive", "Start them", 503),
        (one_worker_of_two, "workers", "warning", "REELGRAPH_WORKERS is 2", "See the logs", 200),
        # Those of another machine do its work, but aren't this one's.
        (workers_elsewhere, "workers", "warning", "1 on other machines", "Start them", 200),
        (crashed_worker, "workers", "fault", "worker-1 crashed 3 times (kill", "See the logs", 503),
        (lacks_a_migration, "migrations", "fault", "media.0001_initial", "manage.py prepare", 503),
        (newer_release, "migrations", "fault", "A newer release", "restore the backup", 503),
        (no_data_folder, "data folder", "fault", "can't be written: No such file", "chown", 503),
        (no_key, "secret key", "fault", "is missing or changed", "Restore it", 503),
        (disk_with(1 << 20), "disk space", "fault", "1.0 MB free", "Free up space now", 503),
        (disk_with(1_500_000_000), "disk space", "warning", "1.5 GB free", "Free up", 200),
        (key_that_others_read, "permissions", "fault", "other users can read", "chmod", 200),
        (mark_key_that_others_read, "permissions", "fault", "other users can read", "chmod", 200),
        (data_that_others_read, "permissions", "warning", "other users can read", "chmod", 200),
        (left_over_pid, "pid files", "warning", "web.pid: left over", "cleans up", 200),
        (no_editor, "editor", "fault", "isn't built", "make setup", 200),
        (address_without_tls, "public address", "warning", "isn't https", "proxy", 200),
    ],
)
def test_what_is_wrong_is_named(
    cause: Break,
    name: str,
    level: str,
    says: str,
    remedy: str,
    status: int,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.WORKERS = 1
    cause(Scene(settings, tmp_path, monkeypatch))
    check = only_check(name)
    assert (check.level, check.name) == (level, name)
    assert says in check.says
    assert remedy in check.remedy
    answer = readiness()
    assert answer.status_code == status
    failures = {one for one, state in answer.json()["checks"].items() if not state["ok"]}
    assert failures == ({name.replace(" ", "_")} if status == 503 else set())
    for secret in (str(tmp_path), str(real.HOME), real.SECRET_KEY):
        assert secret not in answer.text


def test_the_process_answers_whatever_its_database_and_its_host_name_are(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    with django_assert_num_queries(0):
        answer = request_app("GET", "/healthz", {"host": "10.2.3.4:8000"})
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    assert answer.header("cache-control") == "no-store"
    head = request_app("HEAD", "/healthz")
    assert (head.status, head.body) == (200, b"")
    refusal = request_app("POST", "/healthz")
    assert (refusal.status, refusal.header("allow")) == (405, "GET, HEAD")


def test_a_server_that_can_work_is_ready_and_says_no_more() -> None:
    answer = readiness()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    body = {"status": "ready", "checks": {name: {"ok": True} for name in READY}}
    assert answer.json() == body
    head = readiness(method="HEAD")
    assert (head.status_code, head.content) == (200, b"")


def test_a_server_that_is_to_have_no_workers_is_ready_without(settings: Settings) -> None:
    worker_registry.forget("worker-1")
    assert readiness().json()["status"] == "not ready"
    settings.WORKERS = 0
    assert readiness().json()["status"] == "ready"
    assert only_check("workers").level == "ok"


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> Callable[[Look], None]:
    """Registers a check of all faces for the time of a test."""

    def enter(look: Look) -> None:
        row = Entry("an extra one", look, every_s=1, faces=ALL)
        monkeypatch.setitem(ENTRIES, row.name, row)

    return enter


def test_a_check_that_breaks_is_a_fault_and_outsiders_read_no_word_of_it(
    entry: Callable[[Look], None],
) -> None:
    def broken() -> Checks:
        raise RuntimeError("/srv/data: sk-secret")

    entry(broken)
    answer = readiness()
    assert answer.status_code == 503
    assert answer.json()["checks"]["an_extra_one"] == {"ok": False}
    assert "srv" not in answer.text


def test_it_looks_once_a_second_however_often_it_is_asked(entry: Callable[[Look], None]) -> None:
    looks: list[int] = []

    def look() -> Checks:
        looks.append(1)
        yield ok("fine")

    entry(look)
    app = ReadyApp()
    began = time.monotonic()
    assert [readiness(app).status_code for _ in range(5)] == [200] * 5
    # One more for each second that it took.
    assert len(looks) <= 2 + (time.monotonic() - began)


def test_a_check_that_hangs_is_named_in_time_and_asked_once(
    entry: Callable[[Look], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.3)
    for name in tuple(ENTRIES):
        monkeypatch.delitem(ENTRIES, name)
    let_go = threading.Event()
    looks: list[int] = []

    def look() -> Checks:
        looks.append(1)
        let_go.wait(WAIT_S)
        yield ok("fine")

    entry(look)
    app = ReadyApp()
    with promised(5):
        for _ in range(2):
            answer = readiness(app)
            assert answer.status_code == 503
            assert answer.json()["checks"] == {"an_extra_one": {"ok": False}}
    let_go.set()
    monkeypatch.setattr(health, "PATIENCE_S", WAIT_S)
    assert readiness(app).status_code == 200
    assert len(looks) <= 2
