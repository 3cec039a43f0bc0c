"""A database that goes away, a disk that fills up, children that die: it goes on by itself."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.ports import free_port
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.running import chain
from tests.support.clients.probes import Monitor, not_ready, until_ready
from tests.support.faults.workers import holder
from tests.support.postgres_server import PostgresServer
from tests.support.program import Program, pid_of
from tests.support.server import Site, finished, start
from tests.support.waiting import wait_for

AWAY_S = 45.0
MOUNTED_MB = 64
# Of a log in an outage, without the lines of requests.
QUIET_BYTES = 20_000


def steps(count: int, seconds: float) -> dict[str, Any]:
    """A body that starts a run of files made one after the other."""
    return {"input": {"steps": chain("note", count, seconds=seconds)}}


def kill(site: Site, name: str) -> int:
    pid = site.pid(name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def outage_lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if "core.outages" in line]


def test_postgres_is_away_for_45_seconds(tmp_path: Path) -> None:
    with (
        PostgresServer() as server,
        Site(tmp_path, env={"DATABASE_URL": server.url}) as site,
        site.client(site.key("alice")) as client,
    ):
        runs = [start(client, steps(3, 3.0))["id"] for _ in range(3)]
        holder(site, runs[0])
        logs = sorted((tmp_path / "logs").glob("*.log"))
        before = {path: path.stat().st_size for path in logs}
        with Monitor(site.url) as monitor:
            server.stop()
            gone = time.monotonic()
            wait_for(lambda: "database" in monitor.failed, "/readyz to say so")
            assert client.get("/").status_code == 503
            killed = kill(site, "worker-1")
            again = pid_of(tmp_path, "worker-1", other_than=killed)
            time.sleep(max(0.0, AWAY_S - (time.monotonic() - gone)))
            assert site.pid("worker-1") == again, "it waits instead of dying"
            server.start()
            for run_id in runs:
                assert finished(client, run_id, 60)["status"] == "completed"
            until_ready(site.url)
        assert monitor.unanswered == []
        assert monitor.asked > 20
        for path in logs:
            said = outage_lines(path)
            # The killed worker cannot tell the end of what its first life noticed.
            words = ("unavailable", "answers again")
            assert [word for line in said for word in words if word in line][-2:] == [*words], said
            written = path.read_text()[before[path] :]
            assert "Traceback" not in written
            assert len(said) <= (3 if path.stem == "worker-1" else 2), said
            others = [line for line in written.splitlines() if '"logger": "access"' not in line]
            assert len("\n".join(others)) < QUIET_BYTES, others[:50]


def test_start_beside_a_postgres_that_comes_later(tmp_path: Path) -> None:
    with PostgresServer(started=False) as server:
        env = {
            "REELGRAPH_HOME": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "tests.support.settings",
            "DATABASE_URL": server.url,
            "PORT": str(free_port()),
            "REELGRAPH_WORKERS": "1",
        }
        with Program([sys.executable, "manage.py", "serve"], env) as program:
            program.line_with("The database isn't answering yet", 60)
            server.start()
            program.line_with("Reelgraph is ready", 90)
            assert sum("isn't answering yet" in line for line in program.lines) == 1
            until_ready(f"http://127.0.0.1:{env['PORT']}")
            program.send(signal.SIGINT)
            assert program.wait() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.getuid() != 0 or sys.platform != "linux":
        pytest.skip("Only root may mount a small disk, and only on Linux.")
    home = tmp_path / "disk"
    home.mkdir()
    options = f"size={MOUNTED_MB}m,mode=700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(home)], check=True)
    try:
        yield home
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


def fill(ballast: Path) -> None:
    """Leave not one free block on its disk."""
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0" * 65_536)
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0" * 512)


def test_disk_is_full_for_a_while(small_disk: Path) -> None:
    with Site(small_disk) as site, site.client(site.key("alice")) as client:
        runs = [start(client, steps(4, 2.0))["id"] for _ in range(2)]
        holder(site, runs[0])
        where = client.get("/v1/image/uploadUrl?jobId=job-1&id=first&type=referenceImage")
        address = where.json()["data"]["uploadUrl"]
        log = small_disk / "logs" / "web.log"
        before = log.stat().st_size
        ballast = small_disk / "ballast"
        with Monitor(site.url) as monitor:
            fill(ballast)
            killed = kill(site, "worker-1")
            wait_for(lambda: "disk_space" in monitor.failed, "/readyz to say so")
            pid = wait_for(lambda: psutil_child(site, killed), "the next life of the worker")
            for send in (
                lambda: client.post("/v1/creative-agent/workflows", json=steps(1, 0.0)),
                lambda: client.put(address, content=jpeg_with_place()),
            ):
                refused, accepted = until_refused(ballast, send)
                runs += accepted
                assert refused.status_code == 507, refused.text
                assert refused.json()["error"]["code"] == "disk.full"
                # By the reserve, or by a write that failed.
                assert re.search("operator (to free up space|has made room)", refused.text)
            assert client.get("/").status_code == 200
            assert pid
            time.sleep(10)
            ballast.unlink()
            for run_id in runs:
                assert finished(client, run_id, 90)["status"] == "completed"
            until_ready(site.url)
        assert monitor.unanswered == []
        assert "Traceback" not in log.read_text()[before:]
        wait_for(lambda: site.pid("worker-1") not in (None, killed), "the pid file to follow")


def until_refused(
    ballast: Path, send: Callable[[], httpx.Response]
) -> tuple[httpx.Response, list[str]]:
    """The first answer for want of room, and the runs that were started before.

    A worker that gives up gives room back, and a write-ahead log that was just read into the
    database is written from its beginning again, which takes none.
    """
    accepted: list[str] = []
    for _ in range(20):
        fill(ballast)
        answer = send()
        if answer.status_code not in (200, 201):
            break
        if "workflow" in answer.text:
            accepted.append(answer.json()["data"]["workflow"]["id"])
    return answer, accepted


def psutil_child(site: Site, killed: int) -> bool:
    """Whether the supervisor runs a worker-1 again, whatever its pid file says."""
    import psutil

    assert site.program is not None
    for child in psutil.Process(site.program.process.pid).children():
        with contextlib.suppress(psutil.Error):
            if child.pid != killed and any("worker-1-" in word for word in child.cmdline()):
                return True
    return False


def test_five_deaths_in_a_minute(tmp_path: Path) -> None:
    with Site(tmp_path, workers=1) as site, site.client(site.key("alice")) as client:
        for name, other in (("worker-1", "web"), ("web", "worker-1")):
            run_id = start(client, steps(4, 1.5))["id"]
            holder(site, run_id)
            lasting = site.pid(other)
            with Monitor(site.url) as monitor:
                killed = 0
                for _ in range(5):
                    killed = pid_of(tmp_path, name, other_than=killed)
                    os.kill(killed, signal.SIGKILL)
                assert pid_of(tmp_path, name, other_than=killed)
                assert site.program is not None
                site.program.line_with(f"{name} keeps crashing (killed by SIGKILL)")
                until_ready(site.url)
                assert finished(client, run_id, 90)["status"] == "completed"
            assert site.pid(other) == lasting
            if name == "worker-1":
                assert monitor.unanswered == []
                assert "workers" in monitor.failed
            assert not_ready(client) == set()
