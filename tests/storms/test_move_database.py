"""A server at work is stopped, moved to Postgres, and goes on as if nothing was.

What a move keeps and refuses, also on the way back, is asked by the command alone
(tests/integration/builder/test_move_database.py).
"""

from __future__ import annotations

import signal
from pathlib import Path

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
from tests.support.operator_commands import manage
from tests.support.postgres_server import PostgresServer
from tests.support.server import Site, finished, snapshot, start

pytestmark = pytest.mark.slow


def faults(site: Site) -> set[str]:
    """What the doctor finds wrong here; the machine of the test may lack something."""
    lines = manage(site.home, "doctor", code=None, **site.env).splitlines()
    assert any(line.startswith("ok") for line in lines), lines
    return {line.split()[1] for line in lines if line.startswith("FAULT")}


def check_done(alice: httpx.Client, left: Left) -> None:
    """What was done is as it was: the record, its log, every byte of its files."""
    done = snapshot(alice, left.done["id"])
    assert {one["id"]: alice.get(path_of(one)).content for one in artifacts(done)} == left.files
    log = alice.get(f"{RUNS}/{left.done['id']}/events").json()["data"]["events"]
    assert happened(log) == happened(left.log)


def test_it_goes_on_after_the_move(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with PostgresServer(has_tables=False) as server:
        move = ("move-database", "--to", server.url)
        with Site(home, env={"DATABASE_URL": ""}) as first:
            with first.client(first.key("alice")) as alice:
                left = work_in(alice, home)
            faults_before = faults(first)
            said = manage(home, *move, code=1, **first.env)
            assert "The server is running. Stop it first" in said
            assert first.program is not None
            first.program.send(signal.SIGTERM)
            first.program.wait(60)
        manage(home, *move, **first.env)
        with (
            Site(home, env={"DATABASE_URL": server.url}) as second,
            second.client(left.key) as alice,
        ):
            check_done(alice, left)
            left.goes_on.touch()
            half_done = finished(alice, left.half_done)
            assert [step["status"] for step in half_done["steps"]] == ["completed"] * 3
            body = {"resume_input": {"type": "answer", "text": "Autumn"}}
            answer = alice.post(f"{RUNS}/{left.asking}/resume", json=body)
            assert answer.status_code == 202, answer.text
            assert finished(alice, left.asking)["status"] == "completed"
            body = {"workflow_id": left.template["id"], "inputs": {"words": "a bell"}}
            assert finished(alice, start(alice, body)["id"])["status"] == "completed"
            assert faults(second) == faults_before
