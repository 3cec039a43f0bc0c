"""The common base of the servers of providers: accounts, journal, jobs, faults, clock."""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from mediakit.file_type import EXTENSIONS, sniff
from tests.support.fakes.http_server import ApiServer, Asked, Refusal, Reply
from tests.support.fakes.makers.jobs import (
    DAY_S,
    ENDED,
    Account,
    ProviderJob,
    Script,
    identity_of,
    name_of,
    ticket,
)
from tests.support.fakes.makers.maker_schemas import FileText, problem_of
from tests.support.fakes.makers.media import TYPES, facts_of, file_of, seconds_of, size_of

# Sounds in a container of films have an extension of their own.
_CONTAINERS = {"m4a": "mp4", "weba": "webm", "mka": "mkv"}


@dataclass(slots=True)
class Fault(Reply):
    """A reply that replaces one answer: an error, a page, garbage. accepts: the request is done
    before; without a body, the answer is the real one, then held, cut or dropped as this says."""

    accepts: bool = False


class ProviderServer(ApiServer):
    """A provider. journal: a file that gets a line, flushed to the disk, for each job before its
    submission is answered; another start with it knows these jobs and their keys.

    scripts: of the next jobs; script: of all others. What has the word "forbidden" in it is
    refused. clock_offset_s: how far its clock is ahead. jobs_may_end: while clear, all jobs work.
    hold: while this file exists, what was accepted is not answered.

    Another process sets attributes, the usual script and replies by `POST /_server` with `set`,
    `script` and `replies`.
    """

    # Answered without a key: files by signed addresses and the like.
    OPEN: ClassVar[frozenset[str]] = frozenset({"_file"})
    KEY: ClassVar[str] = ""
    REFUSED: ClassVar[str] = "content_policy_violation"
    FILES: ClassVar[str] = "/files"

    def __init__(
        self, *, journal: Path | None = None, port: int = 0, certificate: Path | None = None
    ) -> None:
        self.accounts = {self.KEY: Account("first"), f"{self.KEY}-2": Account("second")}
        self.script, self.scripts = Script(), deque[Script]()
        self.prices: dict[str, float] = {}
        self.usual_price = 0.05
        self.files_live_s: float = DAY_S
        self.clock_offset_s = 0.0
        self.per_minute: int | None = None
        self.jobs: dict[str, ProviderJob] = {}
        self.uploads: dict[str, tuple[str, bytes]] = {}
        self.entries: list[dict[str, Any]] = []
        self.jobs_may_end = threading.Event()
        self.jobs_may_end.set()
        self.hold: Path | None = None
        self._journal = journal
        self._moments: dict[str, deque[float]] = defaultdict(deque)
        if journal is not None and journal.exists():
            self._recall(journal)
        super().__init__(port=port, certificate=certificate)
        files = rf"{self.FILES}/(?P<ticket>.+)"
        self.routes = (*self.ROUTES, ("GET", files, "_file"), ("HEAD", files, "_file"))

    def now(self) -> float:
        return time.time() + self.clock_offset_s

    def submissions(self) -> list[dict[str, Any]]:
        """List what it took and will charge, in order: lines of the journal."""
        with self.lock:
            return [entry for entry in self.entries if entry["event"] == "accepted"]

    # -- requests ---------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/_server":
            return self._control(asked.body)
        with self.lock:
            self.asked.append(asked)
            fault = self.replacement(asked)
            if fault is not None and not getattr(fault, "accepts", False):
                return fault
            before = len(self.submissions())
            reply = self.respond(asked)
            new_jobs = [self.jobs[entry["job_id"]] for entry in self.submissions()[before:]]
        for job in new_jobs:
            self.on_accepted(job)
        while new_jobs and self.hold is not None and self.hold.exists():
            time.sleep(0.01)
        if fault is None:
            return reply
        if fault.body:
            return fault
        return replace(
            fault, status=reply.status, body=reply.body, headers={**reply.headers, **fault.headers}
        )

    def on_accepted(self, job: ProviderJob) -> None:
        """Do what happens between accepting a job and answering."""

    def failure(
        self, status: int, message: str, kind: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Write an error as this provider does."""
        raise NotImplementedError

    def key_of(self, headers: Mapping[str, str]) -> str:
        """Read the key that a request came with."""
        return headers.get("authorization", "").removeprefix("Bearer ")

    def carry_out(self, name: str, asked: Asked, parts: Mapping[str, str]) -> Reply:
        accounts = () if name in self.OPEN else (self._account(asked),)
        reply: Reply = getattr(self, name)(asked, *accounts, **parts)
        return reply

    def _account(self, asked: Asked) -> Account:
        account = self.accounts.get(self.key_of(asked.headers))
        if account is None:
            raise Refusal(self.failure(401, "Unknown key.", "unauthorized"))
        now, moments = self.now(), self._moments[account.name]
        while moments and moments[0] <= now - 60:
            moments.popleft()
        if self.per_minute is not None and len(moments) >= self.per_minute:
            wait = {"Retry-After": str(int(moments[0] + 61 - now))}
            raise Refusal(self.failure(429, "Too many requests.", "rate_limited", wait))
        moments.append(now)
        return account

    def _control(self, body: Mapping[str, Any]) -> Reply:
        """Set, for another process, what a test in this one sets by itself."""
        for name, value in body.get("set", {}).items():
            setattr(self, name, value)
        for name, value in body.get("script", {}).items():
            setattr(self.script, name, value)
        for path, fault in body.get("replies", ()):
            text = str(fault.pop("body", ""))
            self.replies[path].append(Fault(**fault, body=text.encode()))
        return Reply(body={"submissions": len(self.submissions()), "asked": len(self.asked)})

    # -- jobs -------------------------------------------------------------------------------------

    def accept(
        self, asked: Asked, endpoint: str, account: Account, *, key: str = "", webhook: str = ""
    ) -> ProviderJob:
        """Take a job: from here on it is paid for. It is in the journal when this returns."""
        quote = self.price(endpoint, asked.body)
        entry = {
            "event": "accepted",
            "at": self.now(),
            "endpoint": endpoint,
            "body_sha256": sha256(asked.raw).hexdigest(),
            "identity": identity_of(asked),
            "key": key,
            "job_id": secrets.token_hex(12),
            "account": account.name,
            "quote": quote,
            "webhook": webhook,
            "body": asked.body,
        }
        self._write(entry)
        job = self._job_from(entry)
        if self.scripts:
            job.script = self.scripts.popleft()
        if job.script.looks == 0:
            self.end(job)
        return job

    def price(self, endpoint: str, body: Mapping[str, Any]) -> float:
        """Say what a job may cost at most, in the provider's unit."""
        return self.prices.get(endpoint, self.usual_price)

    def can_pay(self, account: Account, endpoint: str, body: Mapping[str, Any]) -> bool:
        working = [j for j in self.jobs.values() if j.account == account.name and not j.ended_at]
        reserved = sum(job.quote for job in working)
        return account.balance - account.spent - reserved >= self.price(endpoint, body)

    def look(self, job: ProviderJob) -> ProviderJob:
        """Count a look at a job, which is what moves it."""
        job.looks += 1
        job.looked_at = self.now()
        if job.state in ENDED:
            return job
        if 0 <= job.script.looks <= job.looks and self.jobs_may_end.is_set():
            self.end(job)
        elif job.looks > job.script.queued:
            job.state = "running"
        return job

    def end(self, job: ProviderJob, state: str = "", error: str = "") -> None:
        """Be done with a job, as its script says or otherwise."""
        with self.lock:
            if job.state in ENDED:
                return
            error = error or ("" if state else job.script.error)
            state = state or ("failed" if error else "done")
            cost = job.script.cost
            if cost is None:
                cost = self.cost_of_end(job, state, error)
            self._write({
                "event": "ended", "job_id": job.id, "at": self.now(),
                "state": state, "error": error, "cost": cost,
            })  # fmt: skip
            self._close(job, self.entries[-1])

    def cost_of_end(self, job: ProviderJob, state: str, error: str) -> float:
        return job.quote if state == "done" else 0.0

    def job_of(self, job_id: str, account: Account, kind: str = "request_not_found") -> ProviderJob:
        job = self.jobs.get(job_id)
        if job is None or job.account != account.name:
            raise Refusal(self.failure(404, "No such request.", kind))
        return job

    # -- the journal ------------------------------------------------------------------------------

    def _write(self, entry: dict[str, Any]) -> None:
        self.entries.append(entry)
        if self._journal is None:
            return
        with self._journal.open("ab") as file:
            file.write(json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _recall(self, journal: Path) -> None:
        text = journal.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        if whole != text:
            # Killed in the middle of a line: that request was not accepted.
            journal.write_bytes(whole)
        for line in whole.splitlines():
            entry = json.loads(line)
            self.entries.append(entry)
            if entry["event"] == "accepted":
                self._job_from(entry)
            else:
                self._close(self.jobs[entry["job_id"]], entry)

    def _job_from(self, entry: Mapping[str, Any]) -> ProviderJob:
        is_refused = "forbidden" in json.dumps(entry["body"])
        job = ProviderJob(
            entry["job_id"],
            entry["endpoint"],
            entry["account"],
            entry["body"],
            entry["key"],
            entry["identity"],
            entry["at"],
            entry["quote"],
            entry["webhook"],
            replace(self.script, error=self.REFUSED) if is_refused else replace(self.script),
        )
        self.jobs[job.id] = job
        return job

    def _close(self, job: ProviderJob, entry: Mapping[str, Any]) -> None:
        job.state, job.error, job.cost = entry["state"], entry["error"], entry["cost"]
        job.ended_at = entry["at"]
        account = next(one for one in self.accounts.values() if one.name == job.account)
        account.spent += job.cost

    # -- files ------------------------------------------------------------------------------------

    def check_name(self, name: str, content: bytes = b"") -> None:
        """Refuse a name of an upload without an extension, or with that of another type."""
        extension = name.rpartition(".")[2].lower() if "." in name else ""
        if extension not in (*EXTENSIONS.values(), "jpeg"):
            raise Refusal(self.failure(400, "filename must have a valid file extension."))
        there = EXTENSIONS.get(sniff(content).mime) if content else None
        if there and _CONTAINERS.get(extension, extension) != _CONTAINERS.get(there, there):
            raise Refusal(self.failure(400, f"The file's extension is {extension}, not {there}."))

    def check_body(self, service: str, model: str, body: Mapping[str, Any]) -> None:
        """Refuse what the model doesn't take, as far as that is published."""
        if problem := problem_of(service, model, self.with_facts(body)):
            raise Refusal(self.failure(422, problem, "invalid_input"))

    def with_facts(self, part: Any) -> Any:
        """Add to the URLs of uploads in a body what the files are."""
        if isinstance(part, Mapping):
            return {name: self.with_facts(value) for name, value in part.items()}
        if isinstance(part, list):
            return [self.with_facts(value) for value in part]
        if not isinstance(part, str) or len(part) > 1000:
            return part
        ticket_text = part.rpartition("/files/")[2].removeprefix("runway://")
        _, content = self.uploads.get(name_of(ticket_text, self.now()) or "", ("", b""))
        return FileText(part, facts_of(content)) if content else part

    def file_url(self, job: ProviderJob, ending: str, number: int = 0) -> str:
        """Sign the address of a result. Its name says what is in it, which outlives a restart."""
        width, height = size_of(job.body)
        name = f"{job.id}-{number}-{width}x{height}-{seconds_of(job.body)}.{ending}"
        return f"{self.origin}{self.FILES}/{ticket(name, self.now() + self.files_live_s)}"

    def file(self, name: str) -> bytes:
        """Make the content of a result by its name."""
        width, height = re.findall(r"-(\d+)x(\d+)-", name)[-1]
        seconds = float(name.rpartition("-")[2].rpartition(".")[0])
        return file_of(name, (int(width), int(height)), seconds)

    def _file(self, asked: Asked, ticket: str) -> Reply:
        name = name_of(ticket, self.now())
        if name is None:
            return Reply(403, b"<Error><Code>AccessDenied</Code></Error>")
        if name in self.uploads:
            kind, content = self.uploads[name]
            return Reply(body=content, headers={"Content-Type": kind})
        if name.startswith("upload-"):
            return Reply(404, b"gone")
        return Reply(body=self.file(name), headers={"Content-Type": TYPES[name.rpartition(".")[2]]})


def serve(server_type: type[ProviderServer]) -> None:
    """Run one as a program until it is killed. It prints its origin."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--hold", type=Path, help="while this exists, nothing accepted is answered")
    options = parser.parse_args()
    with server_type(journal=options.journal, port=options.port) as server:
        server.hold = options.hold
        for account in server.accounts.values():
            # A storm of a thousand kills buys more than usual.
            account.balance = 1e9
        print(server.origin, flush=True)
        threading.Event().wait()
