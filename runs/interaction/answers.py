"""What a person answers to a run that waits: one way in for REST, pages, the canvas and phones.

An answer is read and checked first; then the change that takes it closes the wait, so of two
answers at once one counts. The same answer a second time is harmless, another one is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from accounts.models import User
from accounts.suspension import check_may_act
from core import errors
from media import resolvers, signing
from media.models import Blob
from runs import states
from runs.engine import advance, cancelling
from runs.interaction import waits
from runs.interaction.answer_schemas import (
    COST,
    CREDIT,
    GATE,
    HOLD,
    QUESTION,
    SELECTION,
    STAGE,
    Answer,
    Approve,
    Complete,
    RedoItem,
    RedoStage,
    Reject,
    Select,
    Text,
    read_answer,
)
from runs.log.changes import Change, changing
from runs.models import Artifact, Run, Step, Wait

MAX_PRODUCED = 64


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
    given = read_answer(resume_input)
    asked = wait or _asked(run, given)
    if asked is None:
        return False
    if wait is not None and sort_of(wait) not in given.sorts():
        raise _not_asked(given, f"{wait.reason} can't be answered with this type")
    media = _produced(given, own_hosts)
    chosen = _chosen(given, asked)
    kept = _kept(given, media, chosen)
    with changing(run.id) as change:
        asked = Wait.objects.select_related("step").get(id=asked.id)
        if asked.answered_at is not None:
            return _again(asked, kept)
        if change.run.status in states.RUN_TERMINAL or asked.step is None:
            raise _not_asked(given, f"the workflow is {change.run.status}")
        if options:
            change.set(options={**change.run.options, **options})
        waits.close_wait(change, asked, answer=kept, by=actor)
        _carry_out(change, asked.step, given, media, chosen)
    return True


def sort_of(wait: Wait) -> str:
    """What sort of question it is."""
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


def names_of(wait: Wait) -> tuple[str, ...]:
    """What an answer may call the step that asks: by its key, or the stage it belongs to."""
    if wait.step is None:
        return ()
    stage = (wait.prompt.get("details") or {}).get("stageId")
    return tuple(name for name in (wait.step.key, stage) if name)


def candidates_of(wait: Wait) -> list[Artifact]:
    """The media a question is about, in order; those that may not be seen any more are left out."""
    named = list(wait.prompt.get("candidates") or ())
    rows = Artifact.objects.filter(public_id__in=named, run_id=wait.run_id, hidden_at=None)
    found = {row.public_id: row for row in rows.select_related("blob", "step")}
    return [found[name] for name in named if name in found]


def stage_of(gate: Step) -> Step | None:
    """The stage that a checkpoint asks about."""
    return Step.objects.filter(feeds__step=gate, feeds__is_barrier=False).first()


# -- reading --------------------------------------------------------------------------------------


def _asked(run: Run, given: Answer) -> Wait | None:
    """The question an answer is for. None: it was answered in just this way before."""
    rows = Wait.objects.filter(run=run).select_related("step").order_by("-id")
    fitting = [wait for wait in rows if sort_of(wait) in given.sorts() and _names(wait, given)]
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
    if given.target is not None and not _is_known(run, given.target):
        raise errors.NotFound(
            f"This workflow has no step or stage {given.target[:80]!r}.",
            code="workflow.unknown_step",
        )
    raise _not_asked(given, "no open question of that type")


def _names(wait: Wait, given: Answer) -> bool:
    return given.target is None or given.target in names_of(wait)


def _is_known(run: Run, name: str) -> bool:
    if Step.objects.filter(run=run, key=name).exists():
        return True
    return any(step.get("stage_id") == name for step in run.plan["steps"])


def _not_asked(given: Answer, why: str) -> errors.Conflict:
    what = f" of {given.target[:80]}" if given.target else ""
    kind = getattr(given, "type", "")
    return errors.Conflict(
        f"{kind} can't be accepted{what}: {why}. Fetch the workflow to see its open questions.",
        person="This question is closed.",
        code="workflow.not_asked",
    )


def _again(wait: Wait, kept: Mapping[str, Any]) -> bool:
    """An answer that comes when there is one already: the same one is harmless."""
    if wait.answer == kept:
        return False
    if (wait.answer or {}).get("type") == "withdrawn":
        raise errors.Conflict("This question is closed.", code="workflow.not_asked")
    raise errors.Conflict(
        "This question was already answered differently. Fetch the workflow to see its state.",
        person="This question was already answered differently.",
        code="workflow.answered",
    )


def _kept(
    given: Answer, media: Sequence[tuple[str, Blob]], chosen: Sequence[Artifact]
) -> dict[str, Any]:
    kept = given.kept()
    if isinstance(given, Select):
        # By id, however they were named.
        return {"type": given.type, "artifactIds": [row.public_id for row in chosen]}
    if isinstance(given, Complete):
        kept["produced"] = [[name, blob.sha256] for name, blob in media]
    return kept


# -- media ----------------------------------------------------------------------------------------


def _chosen(given: Answer, wait: Wait) -> list[Artifact]:
    """The candidates an answer picks, in its order. Raises InvalidBody naming how many it may."""
    if not isinstance(given, Select):
        return []
    candidates = candidates_of(wait)
    details = wait.prompt.get("details") or {}
    least, most = int(details.get("min", 1)), int(details.get("max", len(candidates)))
    if (given.indices is None) == (given.ids is None):
        raise _bad_choice("indices", "give either indices or artifactIds.")
    if given.ids is not None:
        by_id = {row.public_id: row for row in candidates}
        unknown = [name for name in given.ids if name not in by_id]
        if unknown:
            raise _bad_choice("artifactIds", f"{unknown[0][:80]!r} is not among the candidates.")
        picked = [by_id[name] for name in given.ids]
    else:
        places = given.indices or []
        outside = [place for place in places if not 0 <= place < len(candidates)]
        if outside:
            raise _bad_choice("indices", f"{outside[0]} is not from 0 to {len(candidates) - 1}.")
        picked = [candidates[place] for place in places]
    if len({row.pk for row in picked}) < len(picked):
        raise _bad_choice(
            "indices" if given.ids is None else "artifactIds", "contains a duplicate."
        )
    if not least <= len(picked) <= most:
        wanted = str(least) if least == most else f"at least {least} and at most {most}"
        raise _bad_choice(
            "indices" if given.ids is None else "artifactIds",
            f"has {len(picked)} choices; expected {wanted} of {len(candidates)}.",
            f"Choose {wanted} of {len(candidates)}.",
        )
    return picked


def _bad_choice(field: str, message: str, person: str = "") -> errors.InvalidBody:
    return errors.InvalidBody(
        f"resume_input.{field}: {message}",
        person=person,
        details={"issues": [{"path": f"resume_input.{field}", "message": message}]},
    )


def _produced(given: Answer, own_hosts: Collection[str]) -> list[tuple[str, Blob]]:
    """The media that an interactive stage led to, by the names they were given."""
    if not isinstance(given, Complete) or not given.produced:
        return []
    if len(given.produced) > MAX_PRODUCED:
        raise errors.InvalidBody(
            f"resume_input.producedArtifacts: at most {MAX_PRODUCED} media, not"
            f" {len(given.produced)}."
        )
    return [
        (name, _blob(f"resume_input.producedArtifacts.{name[:80]}", value, own_hosts))
        for name, value in given.produced.items()
    ]


def _blob(path: str, value: Any, own_hosts: Collection[str]) -> Blob:
    url = value if isinstance(value, str) else None
    if isinstance(value, Mapping):
        found = (value.get(name) for name in ("url", "downloadUrl", "download_url", "uri"))
        url = next((one for one in found if isinstance(one, str) and one), None)
    if url is None:
        raise errors.InvalidBody(f"{path} must be an artifact with a url.")
    public_id = signing.parse_own_url(url, own_hosts)
    if public_id is None:
        raise errors.InvalidBody(
            f"{path}.url isn't on this server. Upload the file first and send the returned URL."
        )
    blob = resolvers.resolve(public_id)
    if blob is None:
        raise errors.InvalidBody(f"{path}.url no longer exists.")
    return blob


# -- carrying out ---------------------------------------------------------------------------------


def _carry_out(
    change: Change,
    step: Step,
    given: Answer,
    media: Sequence[tuple[str, Blob]],
    chosen: Sequence[Artifact],
) -> None:
    match given:
        case Text():
            waits.complete_step(change, step, {"answer": given.text})
        case Select():
            waits.complete_selection(change, step, chosen)
        case Complete():
            rows = [
                Artifact(kind=blob.kind, blob=blob, meta={"name": name}) for name, blob in media
            ]
            words = {"answer": given.result} if given.result else {}
            waits.complete_step(change, step, words, artifacts=rows)
        case Approve() if step.kind == "gate":
            waits.complete_step(change, step, {"approved": True})
        case Approve():
            waits.go_on_with(change, step, "Approved")
        case Reject():
            waits.refuse(change, step, given.reason or "This stage was declined.")
        case RedoStage() | RedoItem():
            advance.redo(change, _to_redo(step, given), given.override)


def _to_redo(gate: Step, given: RedoStage | RedoItem) -> Step:
    """The stage a checkpoint asks about, or the item of it that is named."""
    stage = stage_of(gate)
    if stage is None:
        raise errors.Conflict("This checkpoint follows no stage.", code="workflow.not_asked")
    if isinstance(given, RedoStage):
        return stage
    items = Step.objects.filter(parent=stage)
    named = items.filter(key=given.item).first()
    if named is None and given.item.isdecimal():
        named = items.filter(item_index=int(given.item)).first()
    if named is None:
        # An item is also known by what it made.
        named = items.filter(artifacts__public_id=given.item).first()
    if named is None and given.item in (stage.key, "0") and stage.kind != "expand":
        named = stage
    if named is None:
        raise errors.NotFound(
            f"{stage.key} has no item {given.item[:80]!r}.", code="workflow.unknown_step"
        )
    return named
