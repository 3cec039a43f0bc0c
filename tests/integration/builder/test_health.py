"""What anyone who watches the server is told, and what it costs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as real
from django.db import connection

from accounts import storage
from builder.ops import health
from builder.ops.health import Finding, ReadyApp, findings
from runs.engine import worker_registry
from runs.engine.worker_registry import Registration
from runs.models import Worker
from tests.support.clients.asgi_requests import request_app

pytestmark = pytest.mark.django_db(transaction=True)


def ask(app: Any, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """One request to a plain app, as the server hands it on."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def run() -> None:
        await app({"type": "http", "method": method, "path": "/readyz", "headers": []}, None, send)

    asyncio.run(run())
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


def failed() -> dict[str, str]:
    return {found.name: found.remedy for found in findings() if not found.ok}


@pytest.fixture
def a_worker() -> Iterator[None]:
    Registration("worker-1").refresh()
    yield
    worker_registry.forget("worker-1")


def test_the_process_answers_whatever_its_database_and_its_host_name_are(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    with django_assert_num_queries(0):
        answer = request_app("GET", "/healthz", {"host": "10.2.3.4:8000"})
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    assert answer.header("cache-control") == "no-store"
    head = request_app("HEAD", "/healthz")
    assert (head.status, head.body) == (200, b"")
    refused = request_app("POST", "/healthz")
    assert (refused.status, refused.header("allow")) == (405, "GET, HEAD")


@pytest.mark.usefixtures("a_worker")
def test_a_server_that_can_work_is_ready() -> None:
    assert failed() == {}
    status, headers, body = ask(ReadyApp())
    assert status == 200
    assert headers["cache-control"] == "no-store"
    for name in (b"database", b"migrations", b"workers", b"data_folder", b"secret_key"):
        assert b'"%s":{"ok":true}' % name in body.replace(b": ", b":")
    status, _, body = ask(ReadyApp(), "HEAD")
    assert (status, body) == (200, b"")


def test_without_workers_it_is_not_ready_unless_it_is_to_have_none(settings: Any) -> None:
    answer = ask(ReadyApp())
    assert answer[0] == 503
    assert b"No worker is online" in answer[2]
    settings.WORKERS = 0
    assert failed() == {}
    settings.WORKERS = 2
    Registration("worker-1").refresh()
    assert failed() == {}
    Worker.objects.update(seen_at="2020-01-01T00:00:00Z")
    assert set(failed()) == {"workers"}


@pytest.mark.usefixtures("a_worker")
def test_each_failure_is_named_with_its_remedy_and_no_more(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RUN_DIR = tmp_path / "gone"
    settings.SECRET_KEY_FILE = tmp_path / "secret_key"
    monkeypatch.setattr(storage, "disk_reserve", lambda total: 1 << 62)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET app = 'elsewhere' WHERE app = 'media'")
    found = failed()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET app = 'media' WHERE app = 'elsewhere'")
    assert set(found) == {"migrations", "data_folder", "secret_key", "disk_space"}
    said = " ".join(found.values())
    assert "manage.py prepare" in said
    for secret in (str(tmp_path), str(real.HOME), real.SECRET_KEY):
        assert secret not in said


def test_it_looks_once_a_second_however_often_it_is_asked() -> None:
    looks: list[int] = []

    def look() -> list[Finding]:
        looks.append(1)
        return [Finding("database", True)]

    app = ReadyApp(look)
    assert [ask(app)[0] for _ in range(20)] == [200] * 20
    assert len(looks) == 1


def test_a_database_that_hangs_is_said_in_time_and_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.05)
    let_go = threading.Event()
    looks: list[int] = []

    def look() -> list[Finding]:
        looks.append(1)
        let_go.wait(10)
        return [Finding("database", True)]

    app = ReadyApp(look)

    async def ask_twice() -> list[list[Finding]]:
        found = [await app._fresh(), await app._fresh()]
        let_go.set()
        return [*found, await app._fresh()]

    began = time.monotonic()
    first, second, third = asyncio.run(ask_twice())
    assert time.monotonic() - began < 5
    assert [found[0].ok for found in (first, second, third)] == [False, False, True]
    assert len(looks) == 1
