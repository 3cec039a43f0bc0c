"""Clients that write down what the product acknowledged or showed, and compare it afterwards."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.support.builders.editing import change, prompt
from tests.support.fakes.tools import PIXEL
from tests.support.faults.edit_storm import Caller
from tests.support.faults.powercuts import LEDGER
from tests.support.server import Site, start, stream
from tests.support.template_database import DATABASE
from tests.support.waiting import WAIT_S, Late, wait_for

RUNS = "/v1/creative-agent/workflows"
FURNISH = """
from core import durable
from tests.support.builders.editing import furnish
furnish(3)
durable.flush()
"""
NOTES = [
    {"id": "a", "toolName": "note", "arguments": {"text": "", "copies": 2}},
    {"id": "b", "toolName": "note", "arguments": {"text": "b"}, "dependsOn": ["a"]},
]
ASK = [
    {
        "id": "ask",
        "toolName": "ask_clarifying_question",
        "arguments": {"question": "Which season?", "reason": "It sets the light"},
    },
    {"id": "draw", "toolName": "note", "arguments": {"text": "x"}, "dependsOn": ["ask"]},
]
PAID = [{"id": "a", "toolName": "paid", "arguments": {"seconds": 0.2}}]
# What a client sees of a power cut.
AWAY = (OSError, httpx.TransportError, http.client.HTTPException, WebSocketException)


@dataclass
class Promises:
    """What was acknowledged (runs, answers, changes, uploads) or shown (events, shown_changes)."""

    runs: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    events: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    shown_changes: dict[int, str] = field(default_factory=dict)

    def show(self, run: str, event: Mapping[str, Any]) -> None:
        """A client has seen an event of a run, as the API writes it."""
        seen = (event["event"], event["createdAt"])
        self.events.setdefault((run, event["sequence"]), seen)

    def count(self) -> int:
        return len(self.runs) + len(self.answers) + len(self.changes) + len(self.uploads)

    def __str__(self) -> str:
        return (
            f"{len(self.runs)} runs, {len(self.answers)} answers, {len(self.changes)} changes and"
            f" {len(self.uploads)} uploads acknowledged, {len(self.events)} events and"
            f" {len(self.shown_changes)} changes shown"
        )

    def broken(self, home: Path) -> list[str]:
        """What is not in this data folder as it was promised, and what contradicts itself there."""
        with contextlib.closing(sqlite3.connect(home / DATABASE)) as database:
            return [
                *self._damage(database),
                *self._lost(database),
                *self._changed(database),
                *_missing_bytes(database, home),
                *_paid_twice(home),
            ]

    @staticmethod
    def _damage(database: sqlite3.Connection) -> Iterator[str]:
        for (said,) in database.execute("PRAGMA integrity_check"):
            if said != "ok":
                yield f"the database is damaged: {said}"
        for row in database.execute("PRAGMA foreign_key_check"):
            yield f"a row refers to none: {row}"

    def _lost(self, database: sqlite3.Connection) -> Iterator[str]:
        runs = {one for (one,) in database.execute("SELECT public_id FROM runs_run")}
        for run in sorted(self.runs - runs):
            yield f"the accepted run {run} is lost"
        answered = dict(
            database.execute(
                "SELECT r.public_id, w.answer FROM runs_wait w JOIN runs_run r ON r.id = w.run_id"
                " WHERE w.answered_at IS NOT NULL"
            )
        )
        for run, text in self.answers.items():
            if text not in str(answered.get(run)):
                yield f"the accepted answer to {run} is lost"
        revs = {
            str(uuid.UUID(str(one))): rev
            for one, rev in database.execute("SELECT change_id, rev FROM templates_app_change")
        }
        for change_id, rev in self.changes.items():
            if revs.get(change_id) != rev:
                yield f"the saved change {rev} is {revs.get(change_id)} now"
        uploads = dict(database.execute("SELECT public_id, blob_id FROM media_upload"))
        for upload, digest in self.uploads.items():
            if uploads.get(upload) != digest:
                yield f"the upload {upload} is lost"

    def _changed(self, database: sqlite3.Connection) -> Iterator[str]:
        """What has been seen must be there under the same number, or nothing after it."""
        log = {
            (run, seq): (name, at)
            for run, seq, name, at in database.execute(
                "SELECT r.public_id, e.seq, e.name, e.created_at"
                " FROM runs_event e JOIN runs_run r ON r.id = e.run_id"
            )
        }
        for key, (name, at) in self.events.items():
            found = log.get(key)
            if found is None or found[0] != name or found[1][:23] != at[:23].replace("T", " "):
                yield f"event {key[1]} of {key[0]} was {name} of {at}, is {found}"
        changes = {
            rev: str(uuid.UUID(str(one)))
            for one, rev in database.execute("SELECT change_id, rev FROM templates_app_change")
        }
        for rev, one in self.shown_changes.items():
            if changes.get(rev) != one:
                yield f"change {rev} was {one}, is {changes.get(rev)}"


def _missing_bytes(database: sqlite3.Connection, home: Path) -> Iterator[str]:
    for (digest,) in database.execute("SELECT sha256 FROM media_blob"):
        path = home / "media" / "blobs" / digest[:2] / digest[2:4] / digest
        if not path.exists():
            yield f"the bytes of {digest} are missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"the bytes of {digest} are others"


def _paid_twice(home: Path) -> Iterator[str]:
    try:
        entries = [json.loads(line) for line in (home / LEDGER).read_text().splitlines()]
    except FileNotFoundError:
        return
    keys = Counter(entry["key"] for entry in entries if entry.get("tool") == "paid")
    for key, times in keys.items():
        if times > 1:
            yield f"the service was asked {times} times for {key}"


class Clients:
    """People and programs at work on a server until it is gone. `facts` are for the next life."""

    def __init__(self, site: Site, promises: Promises, facts: dict[str, Any]) -> None:
        self._site = site
        self._promises = promises
        self._facts = facts
        self.problem = ""
        works = (self._make, self._ask, self._pay, self._edit, self._hear, self._upload)
        self._threads = [
            threading.Thread(target=self._until_away, args=(work,), daemon=True)
            for work in (self._make, *works)
        ]

    @staticmethod
    def facts_of(site: Site) -> dict[str, Any]:
        """Keys and sessions for a server."""
        facts = json.loads(site.manage("shell", "-c", FURNISH).strip().splitlines()[-1])
        return {**facts, "keys": {name: site.key(name) for name in ("ada", "ben", "cy", "dot")}}

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """The power is off. A client that still waits for an answer gets none."""
        for thread in self._threads:
            wait_for(lambda one=thread: not one.is_alive(), "the end of a client")
        assert not self.problem, self.problem

    def until_acknowledged(self, more: int, within_s: float = 180) -> None:
        target = self._promises.count() + more
        deadline = time.monotonic() + within_s
        while self._promises.count() < target:
            assert not self.problem, self.problem
            if time.monotonic() > deadline:
                raise Late(f"{self._promises.count()} of {target}")
            time.sleep(0.002)

    def _until_away(self, work: Callable[[], None]) -> None:
        try:
            while True:
                work()
        except AWAY:
            return
        except Exception as problem:
            self.problem = f"{work.__name__}: {type(problem).__name__}: {problem}"

    def _client(self, name: str) -> httpx.Client:
        return self._site.client(self._facts["keys"][name])

    def _start(self, client: httpx.Client, steps: list[dict[str, Any]]) -> str:
        run = str(start(client, {"input": {"steps": steps}})["workflowId"])
        self._promises.runs.add(run)
        return run

    def _follow(self, client: httpx.Client, run: str) -> str:
        """Read a run's events to the end of the stream. The status that it ended with."""
        status = ""
        for name, data in stream(client, run):
            if name == "workflow_event":
                self._promises.show(run, data)
            else:
                status = data["status"]
        return status

    def _make(self) -> None:
        """Start runs that make media, and watch each."""
        with self._client("ada") as client:
            while True:
                text = {"text": uuid.uuid4().hex, "copies": 2}
                steps = [{**NOTES[0], "arguments": text}, NOTES[1]]
                self._follow(client, self._start(client, steps))

    def _ask(self) -> None:
        """Start runs that ask, answer, and watch how they go on."""
        with self._client("ben") as client:
            while True:
                run = self._start(client, ASK)
                if self._follow(client, run) != "waiting_for_user":
                    continue
                text = uuid.uuid4().hex
                body = {"resume_input": {"type": "answer", "text": text}}
                answer = client.post(f"{RUNS}/{run}/resume", json=body)
                assert answer.status_code == 202, answer.text
                self._promises.answers[run] = text
                self._follow(client, run)

    def _pay(self) -> None:
        """Start runs that ask a paid service, several at once."""
        with self._client("cy") as client:
            while True:
                for run in [self._start(client, PAID) for _ in range(4)]:
                    self._follow(client, run)

    def _edit(self) -> None:
        """Change a document as the editor does."""
        caller = Caller((self._site.port,), self._facts["sessions"][0])
        path = f"/app/documents/{self._facts['id']}/changes"
        client_id, base = str(uuid.uuid4()), 0
        while True:
            made = change(prompt(uuid.uuid4().hex))
            body = {"clientId": client_id, "base": base, "changes": [made]}
            status, said = caller.once("POST", path, body)
            assert status == 200, said
            assert not said["rejected"], said
            self._promises.changes[made["id"]] = base = said["accepted"][0]["rev"]

    def _hear(self) -> None:
        """Listen to the other person's changes."""
        address = f"ws://127.0.0.1:{self._site.port}/ws/documents/{self._facts['id']}"
        headers = {"Cookie": f"sessionid={self._facts['sessions'][1]}"}
        with connect(
            address, origin=self._site.url, additional_headers=headers, open_timeout=WAIT_S
        ) as socket:
            for text in socket:
                said = json.loads(text)
                if said["event"] == "change":
                    shown = said["change"]
                    self._promises.shown_changes.setdefault(shown["rev"], shown["id"])
        raise ConnectionError

    def _upload(self) -> None:
        """Bring files."""
        with self._client("dot") as client:
            while True:
                data = PIXEL + os.urandom(16).hex().encode()
                which = {"jobId": uuid.uuid4().hex, "id": "x", "type": "referenceImage"}
                given = client.get("/v1/image/uploadUrl", params=which)
                assert given.status_code == 200, given.text
                address = given.json()["data"]["uploadUrl"]
                answer = client.put(address, content=data, headers={"content-type": "image/png"})
                assert answer.status_code == 200, answer.text
                kept = answer.json()["data"]["id"]
                self._promises.uploads[kept] = hashlib.sha256(data).hexdigest()
