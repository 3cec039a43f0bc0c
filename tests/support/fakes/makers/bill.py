"""Whether each job that a provider took belongs to a step that wanted it, or to a person's yes."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Rows: TypeAlias = Callable[[str], list[dict[str, Any]]]
TERMINAL = ("completed", "partial_failure", "failed", "cancelled")
_STEPS = (
    "SELECT s.id, r.status, r.public_id, s.arguments, s.error FROM runs_step s"
    " JOIN runs_run r ON r.id = s.run_id"
)
_SAID = "SELECT step_id, payload FROM runs_event WHERE name = 'step_completed'"


@dataclass
class Bill:
    """accepted: jobs that were taken. asked: questions whether one may be paid for again; yes: how
    many were answered so. missing: results of which a step says that they are missing. errors: of
    failed steps. problems: what must not be, by kind."""

    steps: int = 0
    accepted: int = 0
    results: int = 0
    asked: int = 0
    yes: int = 0
    missing: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    problems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.ends.items()))
        wrong = ", ".join(f"{len(about)} {kind}" for kind, about in self.problems.items())
        return (
            f"{self.steps} steps ({ends}), {self.accepted} accepted, {self.results} results,"
            f" {self.asked} asked, {self.yes} sent again, {self.missing} said to be missing:"
            f" {wrong or 'nothing wrong'}"
        )


def bill_of(rows: Rows, entries: Iterable[Mapping[str, Any]]) -> Bill:
    """Compare a product's tables with the journals of all providers. Prompts tell steps apart."""
    bill = Bill()
    accepted: dict[str, list[str]] = defaultdict(list)
    is_done: dict[str, bool] = {}
    for entry in entries:
        if entry["event"] == "accepted":
            accepted[_prompt_of(entry["body"])].append(entry["job_id"])
        else:
            is_done[entry["job_id"]] = entry["state"] == "done"
    waits = _by_step(
        rows("SELECT step_id, answer FROM runs_wait WHERE reason = 'permission_required'")
    )
    artifacts = _by_step(rows("SELECT step_id, meta FROM runs_artifact"))
    ends = _by_step(rows(_SAID))
    for step in rows(_STEPS):
        arguments = _json(step["arguments"])
        jobs = accepted.pop(arguments["prompt"], [])
        _add(bill, step, arguments, jobs, is_done, waits[step["id"]], artifacts[step["id"]],
             ends[step["id"]])  # fmt: skip
    for prompt, jobs in accepted.items():
        bill.problems["of no step"].append(f"{prompt}: {jobs}")
    return bill


def _add(
    bill: Bill,
    step: Mapping[str, Any],
    arguments: Mapping[str, Any],
    jobs: list[str],
    is_done: Mapping[str, bool],
    waits: list[dict[str, Any]],
    artifacts: list[dict[str, Any]],
    ends: list[dict[str, Any]],
) -> None:
    wanted = int(arguments.get("numberOfVariations", 1))
    if angles := arguments.get("angles"):
        wanted = len(angles) + 1
    answers = [_json(wait["answer"]) or {} for wait in waits]
    yes = sum(answer.get("type") == "approve_checkpoint" for answer in answers)
    made = [job for artifact in artifacts for job in _jobs_of(_json(artifact["meta"]) or {})]
    warnings = [word for end in ends for word in _json(end["payload"]).get("warnings") or ()]
    missing = wanted - len(made) if any("missing" in word for word in warnings) else 0
    error = _json(step["error"]) or {}
    says_charged = error.get("code") == "step.may_be_charged"
    bill.steps += 1
    bill.accepted += len(jobs)
    bill.results += len(made)
    bill.asked += len(waits)
    bill.yes += yes
    bill.missing += missing
    bill.ends[step["status"]] += 1
    if step["status"] == "failed":
        bill.errors[f"{error.get('code')}: {error.get('message')}"] += 1
    about = (
        f"{arguments['prompt']} ({step['status']}): wanted {wanted}, accepted {jobs}, made {made},"
        f" {len(waits)} asked, {yes} yes, {warnings}, {error}"
    )
    if step["status"] not in TERMINAL:
        bill.problems["stuck"].append(about)
    if len(jobs) > wanted + yes:
        bill.problems["paid twice"].append(about)
    if len({job for job in made if job}) < sum(map(bool, made)):
        bill.problems["result twice"].append(about)
    if set(filter(None, made)) - set(jobs):
        bill.problems["of another step"].append(about)
    lost = sum(is_done.get(job, True) for job in jobs) - len(made)
    if lost > len(waits) + missing + says_charged:
        bill.problems["lost"].append(about)
    if step["status"] == "completed" and len(made) + missing != wanted:
        bill.problems["lost"].append(about)


def _prompt_of(body: Mapping[str, Any]) -> str:
    # A part's prompt goes on after that of its step.
    return str(body.get("prompt") or body.get("promptText")).partition(". The camera")[0]


def _jobs_of(meta: Mapping[str, Any]) -> list[str]:
    """Return the ids of the jobs that made a medium, "" where no job did."""
    return list(meta.get("jobs") or [meta.get("job", "")])


def _by_step(found: Iterable[dict[str, Any]]) -> defaultdict[int, list[dict[str, Any]]]:
    by_step: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        by_step[row["step_id"]].append(row)
    return by_step


def _json(value: Any) -> Any:
    """Read a column of JSON: SQLite gives its text."""
    return json.loads(value) if isinstance(value, str) else value
