"""A server at work is stopped, moved to Postgres and back, and goes on as if nothing was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.storms.test_folder_of_an_earlier_release import (
    RUNS,
    Left,
    artifacts,
    happened,
    path_of,
    work_in,
)
from tests.support.postgres_server import PASSWORD, PostgresServer
from tests.support.program import ROOT
from tests.support.server import Site, finished, snapshot, start

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def manage(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**os.environ, **site.env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def move(site: Site, target: str, code: int = 0) -> str:
    done = manage(site, "move-database", "--to", target)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def faults(site: Site) -> set[str]:
    """What the doctor finds wrong here; the machine of the test may lack something."""
    lines = manage(site, "doctor").stdout.splitlines()
    assert any(line.startswith("ok") for line in lines), lines
    return {line.split()[1] for line in lines if line.startswith("FAULT")}


def stop(site: Site) -> None:
    assert site.program is not None
    site.program.send(signal.SIGTERM)
    site.program.wait(60)


def check_done(alice: httpx.Client, left: Left) -> None:
    """What was done is as it was: the record, its log, every byte of its files."""
    done = snapshot(alice, left.done["id"])
    assert {one["id"]: alice.get(path_of(one)).content for one in artifacts(done)} == left.files
    log = alice.get(f"{RUNS}/{left.done['id']}/events").json()["data"]["events"]
    assert happened(log) == happened(left.log)


def names_of(alice: httpx.Client) -> list[Any]:
    """The public templates that have this word."""
    answer = alice.get("/v1/creative-agent/workflows/templates", params={"search": "portrait"})
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["data"]["templates"]]


def test_it_goes_on_after_each_move(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with PostgresServer(has_tables=False) as server:
        url = server.url.replace("reelgraph@", f"reelgraph:{PASSWORD}@")
        with Site(home, env={"DATABASE_URL": ""}) as first:
            with first.client(first.key("alice")) as alice:
                left = work_in(alice, home)
                templates = names_of(alice)
            faults_before = faults(first)
            assert "The server is running. Stop it first" in move(first, url, code=1)
            stop(first)
        assert PASSWORD not in move(first, url)
        with Site(home, env={"DATABASE_URL": url}) as second:
            with second.client(left.key) as alice:
                check_done(alice, left)
                assert names_of(alice) == templates
                left.goes_on.touch()
                half_done = finished(alice, left.half_done)
                assert [step["status"] for step in half_done["steps"]] == ["completed"] * 3
                body = {"resume_input": {"type": "answer", "text": "Autumn"}}
                answer = alice.post(f"{RUNS}/{left.asking}/resume", json=body)
                assert answer.status_code == 202, answer.text
                assert finished(alice, left.asking)["status"] == "completed"
            stop(second)
        file = home / "again.sqlite3"
        move(second, str(file))
        with Site(home, env={"DATABASE_URL": f"sqlite:///{file}"}) as third:
            with third.client(left.key) as alice:
                check_done(alice, left)
                assert names_of(alice) == templates
                # The addresses of files have a port, which is another one.
                again = snapshot(alice, left.half_done)
                for name in ("id", "status", "attempt", "arguments"):
                    assert [step[name] for step in again["steps"]] == [
                        step[name] for step in half_done["steps"]
                    ]
                body = {"workflow_id": left.template["id"], "inputs": {"words": "a bell"}}
                assert finished(alice, start(alice, body)["id"])["status"] == "completed"
            assert faults(third) == faults_before
            stop(third)
