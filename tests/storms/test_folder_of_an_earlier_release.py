"""A data folder that an earlier release was working in when its machine lost power."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.ports import free_port
from tests.support.program import ROOT, Program
from tests.support.server import Site, finished, snapshot, start
from tests.support.template_database import DATABASE
from tests.support.waiting import wait_for

# The migrations of the first are the oldest we promise; the others are some that
# installations were made of.
RELEASES = ("6fa248e", "7172e5ff", "855789fc")
RUNS = "/v1/creative-agent/workflows"
TEMPLATES = "/v1/creative-agent/workflows/templates"
TEMPLATE = {
    "name": "Two looks",
    "description": "A look, and another like it.",
    "inputs": [{"name": "words", "type": "text", "label": "Words", "required": True}],
    "stages": [
        {
            "id": "first",
            "type": "fixed",
            "tool": "note",
            "args": {"text": "$inputs.words"},
            "produces": ["first"],
        },
        {
            "id": "second",
            "type": "fixed",
            "tool": "note",
            "args": {"text": "again", "source_image_url": "$artifacts.first"},
            "produces": ["second"],
        },
    ],
}


@dataclass(frozen=True)
class Left:
    """What the earlier release left in the folder, as its REST API showed it."""

    key: str
    template: dict[str, Any]
    done: dict[str, Any]
    log: list[dict[str, Any]]
    files: dict[str, bytes]
    asking: str
    half_done: str
    goes_on: Path


@pytest.fixture(params=RELEASES)
def earlier(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of that release."""
    packed = subprocess.run(
        ["git", "archive", request.param], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    if packed.returncode:
        # Not a skip, which CI refuses: a clone without its history can't know that release.
        pytest.xfail(f"this clone has no commit {request.param}")
    source = tmp_path_factory.mktemp("earlier")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(source, filter="data")
    return source


@contextlib.contextmanager
def serving(source: Path, home: Path) -> Iterator[httpx.Client]:
    """That release at work in `home`, for a person with a key; ended as by a power cut."""
    port = free_port()
    env = {
        "REELGRAPH_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "tests.support.settings",
        "PORT": str(port),
        "REELGRAPH_WORKERS": "2",
        "PYTHONUNBUFFERED": "1",
    }
    with Program([sys.executable, "manage.py", "studio"], env, cwd=source) as program:
        program.line_with("Reelgraph is ready", 90)
        key = subprocess.run(
            [sys.executable, "manage.py", "key", "--user", "alice"],
            cwd=source,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.split()[-1]
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}",
                headers={"Authorization": f"Bearer {key}"},
                timeout=60,
            ) as client:
                yield client
        finally:
            # The supervisor first: it would start again what dies.
            os.kill(program.process.pid, signal.SIGKILL)
            for path in (home / "run").glob("*.pid"):
                with contextlib.suppress(ProcessLookupError, ValueError):
                    os.kill(int(path.read_text().split()[0]), signal.SIGKILL)


def waits_for_a_person(client: httpx.Client, run_id: str) -> bool:
    return bool(snapshot(client, run_id)["status"] == "waiting_for_user")


def work_in(client: httpx.Client, home: Path) -> Left:
    """Leave a template, a finished run, one that asks, and one in the middle of its second step."""
    answer = client.post(TEMPLATES, json=TEMPLATE)
    assert answer.status_code == 201, answer.text
    template = answer.json()["data"]["template"]
    begun = start(client, {"workflow_id": template["id"], "inputs": {"words": "a lamp"}})
    done = finished(client, begun["id"])
    assert done["status"] == "completed"
    asking = start(client, {"input": {"steps": asking_steps()}})["id"]
    wait_for(lambda: waits_for_a_person(client, asking), "the question")
    goes_on = home.parent / "goes-on"
    half_done = start(client, {"input": {"steps": half_done_steps(goes_on)}})["id"]

    def in_the_middle() -> bool:
        states = [step["status"] for step in snapshot(client, half_done)["steps"]]
        return states == ["completed", "running", "pending"]

    wait_for(in_the_middle, "the second step at work")
    log = client.get(f"{RUNS}/{done['id']}/events").json()["data"]["events"]
    files = {shown["id"]: client.get(path_of(shown)).content for shown in artifacts(done)}
    key = client.headers["Authorization"].removeprefix("Bearer ")
    return Left(key, template, done, log, files, asking, half_done, goes_on)


def asking_steps() -> list[dict[str, Any]]:
    question = {"question": "Which season is it?", "reason": "It sets the light."}
    return [
        {"id": "ask", "toolName": "ask_clarifying_question", "arguments": question},
        {"id": "look", "toolName": "note", "dependsOn": ["ask"]},
    ]


def half_done_steps(goes_on: Path) -> list[dict[str, Any]]:
    nap = {"seconds": 120, "until": str(goes_on)}
    return [
        {"id": "one", "toolName": "note", "arguments": {"text": "one"}},
        {"id": "nap", "toolName": "sleep", "arguments": nap, "dependsOn": ["one"]},
        {"id": "two", "toolName": "note", "arguments": {"text": "two"}, "dependsOn": ["nap"]},
    ]


def artifacts(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for step in run["steps"] for one in step["artifacts"]]


def path_of(artifact: dict[str, Any]) -> str:
    """The address of a file without its host, which moves with the port."""
    return httpx.URL(artifact["url"]).raw_path.decode()


def test_it_is_migrated_and_its_runs_go_on(earlier: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with serving(earlier, home) as client:
        left = work_in(client, home)
    migrations = applied(home / DATABASE)
    with Site(home) as site, site.client(left.key) as alice:
        # Its database is kept as it was.
        (kept,) = home.glob("backups/before-*/database.sqlite3")
        assert applied(kept) == migrations < applied(home / DATABASE)
        # What was done is as it was: the record, its log, every byte of its files.
        done = snapshot(alice, left.done["id"])
        assert done["status"] == "completed"
        assert {one["id"]: alice.get(path_of(one)).content for one in artifacts(done)} == left.files
        log = alice.get(f"{RUNS}/{done['id']}/events").json()["data"]["events"]
        assert happened(log) == happened(left.log)
        # The step that was cut off runs again; the one before it does not.
        left.goes_on.touch()
        half_done = finished(alice, left.half_done)
        assert half_done["status"] == "completed"
        assert [step["attempt"] for step in half_done["steps"]] == [1, 2, 1]
        # The question is still asked, and its answer is taken.
        body = {"resume_input": {"type": "answer", "text": "Autumn"}}
        answer = alice.post(f"{RUNS}/{left.asking}/resume", json=body)
        assert answer.status_code == 202, answer.text
        assert finished(alice, left.asking)["status"] == "completed"
        # The template is changed and run.
        address = f"{TEMPLATES}/{left.template['id']}"
        assert alice.get(address).json()["data"]["template"]["stages"] == left.template["stages"]
        changed = alice.patch(address, json={"description": "Of a later release."})
        assert changed.status_code == 200, changed.text
        again = start(alice, {"workflow_id": left.template["id"], "inputs": {"words": "a bell"}})
        assert finished(alice, again["id"])["status"] == "completed"


def applied(database: Path) -> set[tuple[str, str]]:
    """The migrations that a SQLite database has had."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as asked:
        return set(asked.execute("select app, name from django_migrations"))


def happened(log: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What a log says happened. Sentences are rendered by the release that is asked."""
    return [
        (
            event["sequence"],
            event["event"],
            event["createdAt"],
            event.get("stepId"),
            event["status"],
        )
        for event in log
    ]
