"""Answers of people to a run that waits: one way in for REST, pages, the canvas and phones.

An answer is read and checked first; then the change that takes it closes the wait, so of two
answers at once one counts. The same answer a second time is harmless, another one is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from accounts.models import User
from accounts.suspension import check_may_act
from core import errors
from media.models import Blob
from runs import states
from runs.engine import advance, cancelling
from runs.interaction import choices, waits
from runs.interaction.answer_media import chosen_media, produced_media
from runs.interaction.answer_schemas import (
    Answer,
    Approve,
    AttachJob,
    Complete,
    LockItem,
    RedoItem,
    RedoStage,
    Reject,
    Select,
    SelectVersion,
    Text,
    read_answer,
)
from runs.interaction.named_items import item_named, stage_of_item
from runs.interaction.wait_kinds import kind_of, names_of, stage_of
from runs.log.changes import RunChange, changing
from runs.models import Artifact, Run, Step, Wait
from runs.options import RunOptions
from templates_app.graph.nesting import Group


def answer(
    *,
    run: Run,
    actor: User | None,
    resume_input: Mapping[str, Any],
    options: Mapping[str, str] | None = None,
    own_hosts: Collection[str] = (),
    wait: Wait | None = None,
) -> bool:
    """Take an answer and let the run go on. False: it was given before, nothing is done again.

    actor: None for the one who held a link. options: to change of the run's. own_hosts: hosts whose
    media URLs are ours. wait: the one question this may answer, instead of the one it names. Raises
    InvalidBody; NotFound for a step the run does not have; Conflict for one that does not ask, or
    was answered otherwise; what `redo` raises.
    """
    check_may_act(run.owner)
    kind = resume_input.get("type")
    if kind == "cancel":
        return cancelling.cancel_run(run=run, reason="Stopped instead of answered")
    reply = read_answer(resume_input)
    if isinstance(reply, LockItem):
        return choices.lock_item(run, reply, options or {})
    if isinstance(reply, SelectVersion):
        return choices.select_version(run, reply, options or {})
    if isinstance(reply, RedoItem) and reply.target is None:
        stage = stage_of_item(run, reply.item, reply.artifact)
        reply.target = None if stage is None else stage.key
    open_wait = wait or _question_for(run, reply)
    if open_wait is None:
        return False
    if wait is not None and kind_of(wait) not in reply.kinds():
        raise _not_asked(reply, f"{wait.reason} can't be answered with this type")
    if isinstance(reply, AttachJob) and open_wait.answered_at is None:
        waits.check_job(open_wait, reply.job_id)
    media = produced_media(reply, own_hosts)
    chosen = chosen_media(reply, open_wait)
    record = _record_of(reply, media, chosen)
    with changing(run.id) as change:
        open_wait = Wait.objects.select_related("step").get(id=open_wait.id)
        if open_wait.answered_at is not None:
            return _again(open_wait, record)
        if change.run.status in states.RUN_TERMINAL or open_wait.step is None:
            raise _not_asked(reply, f"the workflow is {change.run.status}")
        if options:
            change.set(
                options=RunOptions.read(change.run.options).with_changes(**options).to_json()
            )
        waits.close_wait(change, open_wait, answer=record, by=actor)
        if isinstance(reply, AttachJob):
            waits.attach_job(change, open_wait, reply.job_id)
        else:
            _carry_out(change, open_wait.step, reply, media, chosen)
    return True


def not_asked(message: str) -> errors.Conflict:
    """Return the refusal of an answer to what isn't asked, or isn't any more."""
    return errors.Conflict(message, person="This question is closed.", code="workflow.not_asked")


# -- reading --------------------------------------------------------------------------------------


def _question_for(run: Run, reply: Answer) -> Wait | None:
    """The question an answer is for. None: it was answered in just this way before."""
    rows = Wait.objects.filter(run=run).select_related("step").order_by("-id")
    fitting = [wait for wait in rows if kind_of(wait) in reply.kinds() and _names(wait, reply)]
    still_open = [wait for wait in fitting if wait.answered_at is None]
    if len(still_open) == 1:
        return still_open[0]
    if still_open:
        names = ", ".join(sorted(wait.step.key for wait in still_open if wait.step))
        raise errors.InvalidBody(
            f"resume_input.stepId is needed: {len(still_open)} steps ask for this: {names[:500]}."
        )
    if fitting:
        return fitting[0]
    if reply.target is not None and not _is_known(run, reply.target):
        raise errors.NotFound(
            f"This workflow has no step or stage {reply.target[:80]!r}.",
            code="workflow.unknown_step",
        )
    raise _not_asked(reply, "no open question of that type")


def _names(wait: Wait, reply: Answer) -> bool:
    return reply.target is None or reply.target in names_of(wait)


def _is_known(run: Run, name: str) -> bool:
    if Step.objects.filter(run=run, key=name).exists():
        return True
    return any(step.get("stage_id") == name for step in run.plan["steps"])


def _not_asked(reply: Answer, why: str) -> errors.Conflict:
    what = f" of {reply.target[:80]}" if reply.target else ""
    kind = getattr(reply, "type", "")
    return not_asked(
        f"{kind} can't be accepted{what}: {why}. Fetch the workflow to see its open questions."
    )


def _again(wait: Wait, record: Mapping[str, Any]) -> bool:
    """An answer that comes when there is one already: the same one is harmless."""
    if wait.answer == record:
        return False
    if (wait.answer or {}).get("type") == "withdrawn":
        raise not_asked("This question is closed.")
    raise errors.Conflict(
        "This question was already answered differently. Fetch the workflow to see its state.",
        person="This question was already answered differently.",
        code="workflow.answered",
    )


def _record_of(
    reply: Answer, media: Sequence[tuple[str, Blob]], chosen: Sequence[Artifact]
) -> dict[str, Any]:
    record = reply.to_record()
    if isinstance(reply, Select):
        # By id, however they were named.
        return {"type": reply.type, "artifactIds": [row.public_id for row in chosen]}
    if isinstance(reply, Complete):
        record["produced"] = [[name, blob.sha256] for name, blob in media]
    return record


# -- carrying out ---------------------------------------------------------------------------------


def _carry_out(
    change: RunChange,
    step: Step,
    reply: Answer,
    media: Sequence[tuple[str, Blob]],
    chosen: Sequence[Artifact],
) -> None:
    match reply:
        case Text():
            waits.complete_step(change, step, {"answer": reply.text})
        case Select():
            waits.complete_selection(change, step, chosen)
        case Complete():
            rows = [
                Artifact(kind=blob.kind, blob=blob, meta={"name": name}) for name, blob in media
            ]
            words = {"answer": reply.result} if reply.result else {}
            waits.complete_step(change, step, words, artifacts=rows)
        case Approve() if step.kind == "gate":
            waits.complete_step(change, step, {"approved": True})
        case Approve():
            waits.release_step(change, step, "Approved")
        case Reject():
            waits.decline_step(change, step, reply.reason or "This stage was declined.")
        case RedoStage() | RedoItem():
            _redo(change, _to_redo(step, reply), reply.override)


def _redo(change: RunChange, step: Step, override: Mapping[str, Any] | None) -> None:
    if step.tool != Group.name:
        advance.redo(change, step, override)
    elif override:
        raise errors.InvalidBody(
            f"override: {step.title or step.key} is several stages. Leave override out, or redo one"
            " of them at its own checkpoint."
        )
    else:
        choices.go_back(change, step)


def _to_redo(gate: Step, reply: RedoStage | RedoItem) -> Step:
    """The stage a checkpoint asks about, or the item of it that is named."""
    stage = stage_of(gate)
    if stage is None:
        raise errors.Conflict("This checkpoint follows no stage.", code="workflow.not_asked")
    if isinstance(reply, RedoStage):
        return stage
    return item_named(stage, reply.item)
