"""What became of the runs of a storm, seen from outside: over HTTP, by SQL, and at the service."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from tests.support.faults.hosts.machines import Cluster
from tests.support.faults.hosts.service import PaidService
from tests.support.faults.hosts.traffic import RUNS, Started, until_answered


class Site(Protocol):
    """What ran somewhere: its tables, the service it paid, and the labels of its workers."""

    service: PaidService
    workers: Mapping[str, tuple[str, ...]]

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]: ...


TERMINAL = ("completed", "partial_failure", "failed", "cancelled")
PICTURE_TOOLS = ("note", "buy_once", "buy_findable", "buy_blind", "buy_gpu")


@dataclass
class Outcome:
    """problems: what must not be, by kind, each with what it is about.

    asked: questions whether a job that may have been paid for is ordered again, and answered yes.
    """

    seed: int
    faults: dict[str, int] = field(default_factory=dict)
    missed: int = 0
    runs: int = 0
    steps: int = 0
    bought: int = 0
    sent_again: int = 0
    lost_leases: int = 0
    asked: int = 0
    took_s: float = 0.0
    problems: dict[str, list[str]] = field(
        default_factory=lambda: {
            name: [] for name in ("lost", "doubled", "paid twice", "stuck", "elsewhere")
        }
    )

    @property
    def count(self) -> int:
        return sum(self.faults.values())

    def found(self, kind: str, about: Any) -> None:
        self.problems[kind].append(str(about))

    def wrong(self) -> dict[str, list[str]]:
        """The kinds of problems that there are, with what each is about."""
        return {kind: found for kind, found in self.problems.items() if found}

    def __str__(self) -> str:
        wrong = ", ".join(f"{len(found)} {kind}" for kind, found in self.problems.items())
        return (
            f"seed {self.seed}: {self.count} faults in {self.took_s:.0f} s ({self.missed} missed),"
            f" {self.runs} runs of {self.steps} steps, {self.bought} bought, {self.sent_again}"
            f" starts sent again, {self.lost_leases} lost leases, {self.asked} asked: {wrong}"
        )

    def line(self) -> str:
        return json.dumps(asdict(self))


def wait_for_the_end(site: Site, quiet_s: float) -> None:
    """Until no run is at work, or nothing has happened for so long. A slow machine is not stuck."""
    sql = (
        "SELECT (SELECT count(*) FROM runs_run WHERE finished_at IS NULL) AS open,"
        " (SELECT count(*) FROM runs_event WHERE name <> 'step_progress') AS events"
    )
    events, since = -1, time.monotonic()
    while time.monotonic() < since + quiet_s:
        (row,) = site.rows(sql)
        if row["open"] == 0:
            return
        if row["events"] != events:
            events, since = row["events"], time.monotonic()
        time.sleep(0.5)


def check(
    cluster: Cluster, outcome: Outcome, started: Sequence[Started], keys: Sequence[str]
) -> None:
    """Fill in what became of them. keys: of the people, to read by."""
    admitted = [one.run for one in started]
    outcome.runs = len(admitted)
    outcome.sent_again = sum(one.sent > 1 for one in started)
    for run, times in Counter(admitted).items():
        if times > 1:
            outcome.found("doubled", f"{run} was admitted for {times} starts")
    stored = {
        row["public_id"]: row
        for row in cluster.rows(
            "SELECT id, public_id, status, error, last_seq, actual_milli, reserved_milli"
            " FROM runs_run"
        )
    }
    for run in set(admitted) - stored.keys():
        outcome.found("lost", f"{run} is not there")
    for run in stored.keys() - set(admitted):
        outcome.found("doubled", f"{run} was admitted, and no one was told")
    check_tables(cluster, outcome)
    _check_over_http(cluster, outcome, stored, keys)


def check_tables(site: Site, outcome: Outcome) -> None:
    """Every run has completed, its log is whole, its results are there once and paid for once."""
    for row in site.rows("SELECT id, public_id, status, error FROM runs_run"):
        run, status = row["public_id"], row["status"]
        if status not in TERMINAL:
            outcome.found("stuck", f"{run} is {status}: {_open_steps(site, row['id'])}")
        elif status != "completed":
            outcome.found("lost", f"{run} is {status}: {row['error']}")
    _check_logs(site, outcome)
    _check_steps(site, outcome)
    _check_money(site, outcome)


def _open_steps(site: Site, run_id: int) -> list[str]:
    rows = site.rows(
        "SELECT s.*, CURRENT_TIMESTAMP AS now FROM runs_step s WHERE run_id = %s"
        " AND status NOT IN ('completed', 'pending')",
        run_id,
    )
    names = ("key", "tool", "status", "attempt", "lease_owner", "lease_until", "not_before", "now")
    more = ("label", "assigned_provider", "error")
    return [str({name: row[name] for name in (*names, *more)}) for row in rows]


def _check_logs(site: Site, outcome: Outcome) -> None:
    """The events of each run are numbered without gaps; a step is completed once a generation."""
    for row in site.rows(
        "SELECT r.public_id, r.last_seq, count(e.id) AS events, min(e.seq) AS first,"
        " max(e.seq) AS last FROM runs_run r LEFT JOIN runs_event e ON e.run_id = r.id"
        " GROUP BY r.id HAVING count(e.id) <> r.last_seq OR min(e.seq) <> 1"
        " OR max(e.seq) <> r.last_seq"
    ):
        outcome.found("lost", f"events of {row}")
    for row in site.rows(
        "SELECT r.public_id, s.key, s.generation, s.status, count(e.id) AS times FROM runs_step s"
        " JOIN runs_run r ON r.id = s.run_id LEFT JOIN runs_event e ON e.step_id = s.id"
        " AND e.generation = s.generation AND e.name = 'step_completed'"
        " WHERE s.status = 'completed' GROUP BY r.id, s.id HAVING count(e.id) <> 1"
    ):
        outcome.found("doubled" if row["times"] > 1 else "lost", f"completion of {row}")


def _check_steps(site: Site, outcome: Outcome) -> None:
    """Each made one set of results; nothing is left open; GPU work was done where a GPU is."""
    (row,) = site.rows("SELECT count(*) AS steps FROM runs_step WHERE status = 'completed'")
    outcome.steps = row["steps"]
    (row,) = site.rows("SELECT count(*) AS lost FROM runs_attempt WHERE outcome = 'lost'")
    outcome.lost_leases = row["lost"]
    for row in site.rows(
        "SELECT r.public_id, s.key, s.tool, count(a.id) AS made FROM runs_step s"
        " JOIN runs_run r ON r.id = s.run_id"
        " LEFT JOIN runs_artifact a ON a.step_id = s.id AND a.generation = s.generation"
        f" WHERE s.status = 'completed' AND s.kind = 'tool' AND s.tool IN {PICTURE_TOOLS}"
        " GROUP BY r.id, s.id HAVING count(a.id) <> 1"
    ):
        outcome.found("doubled" if row["made"] > 1 else "lost", f"results of {row}")
    for row in site.rows(
        "SELECT r.public_id, s.key, a.number, a.worker FROM runs_attempt a"
        " JOIN runs_step s ON s.id = a.step_id JOIN runs_run r ON r.id = s.run_id"
        " WHERE a.outcome = '' AND r.finished_at IS NOT NULL"
    ):
        outcome.found("stuck", f"attempt without an end: {row}")
    gpu = {name for name, labels in site.workers.items() if any("gpu" in one for one in labels)}
    for host, times in site.service.hosts["gpu-farm"].items():
        if gpu and host not in gpu:
            outcome.found("elsewhere", f"{times} requests of GPU work came from {host}")


def _check_money(site: Site, outcome: Outcome) -> None:
    """A job was paid for once, and once more for each yes of a person."""
    agreed: Counter[str] = Counter()
    for row in site.rows(
        "SELECT r.public_id, s.key, s.generation, count(*) AS times FROM runs_wait w"
        " JOIN runs_step s ON s.id = w.step_id JOIN runs_run r ON r.id = s.run_id"
        " WHERE w.answered_at IS NOT NULL AND w.reason = 'permission_required'"
        " GROUP BY r.id, s.id"
    ):
        agreed[f"{row['public_id']}:{row['key']}:{row['generation']}"] += row["times"]
    outcome.asked = agreed.total()
    outcome.bought = site.service.charged.total()
    for key, times in site.service.charged.items():
        if times > 1 + agreed[key]:
            outcome.found("paid twice", f"{key} was charged {times} times, {agreed[key]} agreed to")
    (row,) = site.rows(
        "SELECT coalesce((SELECT sum(milli) FROM accounts_ledgerentry), 0) AS booked,"
        " coalesce((SELECT sum(actual_milli) FROM runs_run), 0) AS used,"
        " (SELECT count(*) FROM runs_run WHERE finished_at IS NOT NULL AND reserved_milli <> 0)"
        " AS held"
    )
    # What runs that go on hold back is booked, too.
    if (not outcome.problems["stuck"] and row["booked"] != -row["used"]) or row["held"]:
        outcome.found("doubled", f"the ledger: {row}")


def _check_over_http(
    cluster: Cluster, outcome: Outcome, stored: Mapping[str, Any], keys: Sequence[str]
) -> None:
    """Both web machines tell of the runs what the tables say."""
    for key in keys:
        said, _ = until_answered(cluster, 0, "GET", f"{RUNS}?limit=100", None, key)
        for place, run in enumerate(said["data"]["workflows"]):
            name = run["workflowId"]
            if run["status"] != stored[name]["status"]:
                outcome.found("lost", f"{name} is {run['status']} over HTTP")
            path = f"{RUNS}/{name}/events?limit=1000"
            log, _ = until_answered(cluster, place, "GET", path, None, key)
            seen = [event["sequence"] for event in log["data"]["events"]]
            if seen != list(range(1, stored[name]["last_seq"] + 1)):
                outcome.found("lost", f"events of {name} over HTTP: {seen}")
