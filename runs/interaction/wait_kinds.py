"""The kind of question a wait asks, of whom, and about what. Only reads; pages show it."""

from __future__ import annotations

from typing import Final

from typing_extensions import TypedDict

from runs import states
from runs.engine.unknown_charges import ATTACH
from runs.models import Artifact, Step, Wait

# By what may be answered to them.
QUESTION: Final = "question"
SELECTION: Final = "selection"
STAGE: Final = "stage"
GATE: Final = "gate"
HOLD: Final = "hold"
CREDIT: Final = "credit"
COST: Final = "cost"


def kind_of(wait: Wait) -> str:
    """One of the kinds above."""
    if wait.reason in states.COST_REASONS:
        return COST
    if wait.reason == states.INSUFFICIENT_CREDIT:
        return CREDIT
    if wait.reason == states.SELECT_MEDIA:
        return SELECTION
    if wait.step is not None and wait.step.kind == "gate":
        return GATE
    if wait.step is not None and wait.step.kind == "wait":
        return QUESTION if wait.reason == states.ASK_CLARIFYING_QUESTION else STAGE
    return HOLD


class NameableJob(TypedDict):
    """The job of a request that had no answer, which its person may name. provider: its title.
    jobId, problem: the one that was named before, and why it isn't that."""

    provider: str
    jobId: str
    problem: str


def nameable_job(wait: Wait) -> NameableJob | None:
    """Return the job that the answer to a question may name; None: none can be."""
    details = (wait.prompt.get("details") or {}).get(ATTACH)
    if details is None:
        return None
    problem = " ".join(issue["message"] for issue in details.get("issues") or ())
    return {"provider": details["provider"], "jobId": details.get("jobId", ""), "problem": problem}


def names_of(wait: Wait) -> tuple[str, ...]:
    """Return the names by which an answer may call the step that asks: its key, or its stage."""
    if wait.step is None:
        return ()
    stage = (wait.prompt.get("details") or {}).get("stageId")
    return tuple(name for name in (wait.step.key, stage) if name)


def candidates_of(wait: Wait) -> list[Artifact]:
    """The media a question is about, in order; those that may not be seen any more are left out."""
    names = list(wait.prompt.get("candidates") or ())
    rows = Artifact.objects.filter(public_id__in=names, run_id=wait.run_id, hidden_at=None)
    by_id = {row.public_id: row for row in rows.select_related("blob", "step")}
    return [by_id[name] for name in names if name in by_id]


def stage_of(gate: Step) -> Step | None:
    """The stage that a checkpoint asks about."""
    return Step.objects.filter(feeds__step=gate, feeds__is_barrier=False).first()
