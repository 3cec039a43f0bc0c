"""A run's questions to a person: for a model to read, as a protocol's form, and the answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from accounts.rate_limits import check_start_rate
from builder.agents.mcp.tool import Caller, Link
from builder.agents.mcp.untrusted_text import marked
from core import errors
from runs import access
from runs.interaction import answers, approval, retry
from runs.interaction.wait_kinds import (
    COST,
    CREDIT,
    GATE,
    HOLD,
    QUESTION,
    SELECTION,
    STAGE,
    candidates_of,
    kind_of,
    nameable_job,
)
from runs.models import Artifact, Run, Wait
from runs.web.artifacts import artifact_body, signer

# How a model answers each kind, by the arguments of the tool `answer`.
HOW: Final[Mapping[str, str]] = {
    QUESTION: "Send `text`.",
    SELECTION: "Send `choices`: numbers of the candidates.",
    GATE: "Send `decision`: approve or redo; or stop the run with `cancel`.",
    HOLD: "Send `decision`: approve or decline.",
    COST: "Send `decision`: approve or decline.",
    STAGE: "Send `text` with what the stage led to.",
    CREDIT: "Credits are missing. Once there are enough, send `decision`: resume.",
}
_DECISIONS: Final[Mapping[str, Sequence[str]]] = {
    GATE: ("approve", "redo", "stop"),
    HOLD: ("approve", "decline"),
    COST: ("approve", "decline"),
    CREDIT: ("resume", "stop"),
}
# Of a form of the protocol: the key of its request.
PREFIX: Final = "question-"


def described(caller: Caller, wait: Wait) -> dict[str, Any]:
    """One open question. Choices are numbered from 1."""
    kind, details = kind_of(wait), wait.prompt.get("details") or {}
    facts: dict[str, Any] = {
        "question_id": str(wait.pk),
        "kind": kind,
        "question": marked(wait.message),
        "why": marked(details.get("reason", "")),
        "step": wait.step.key if wait.step is not None else "",
        "how": HOW[kind],
    }
    if job := nameable_job(wait):
        facts["how"] = f"{HOW[kind]} Or `text`: the id of its job at {job['provider']}."
    chosen_from = candidates_of(wait)
    if chosen_from:
        facts["choices"] = [
            _choice(caller, place, row) for place, row in _with_numbers(chosen_from)
        ]
    if kind == SELECTION:
        facts["min"], facts["max"] = _bounds(wait, len(chosen_from))
    return {name: value for name, value in facts.items() if value not in ("", None)}


def links(caller: Caller, wait: Wait) -> list[Link]:
    """The media that a question is about, numbered from 1."""
    addresses = []
    for place, row in _with_numbers(candidates_of(wait)):
        choice = _choice(caller, place, row)
        addresses.append(
            Link(choice["url"], f"choice-{place}", f"Choice {place}", mime=row.blob.mime)
        )
    return addresses


def form(caller: Caller, wait: Wait) -> dict[str, Any]:
    """The question as a request `elicitation/create`."""
    kind = kind_of(wait)
    lines = [marked(wait.message) or "The run waits for you."]
    for place, row in _with_numbers(candidates_of(wait)):
        lines.append(f"{place}: {_choice(caller, place, row)['url']}")
    name, schema = _field(wait, kind)
    return {
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": "\n".join(lines),
            "requestedSchema": {
                "type": "object",
                "properties": {name: schema},
                "required": [name],
            },
        },
    }


def _field(wait: Wait, kind: str) -> tuple[str, dict[str, Any]]:
    """The one field of a form."""
    if kind in _DECISIONS:
        return "decision", {"type": "string", "title": "Decision", "enum": [*_DECISIONS[kind]]}
    if kind != SELECTION:
        return "text", {"type": "string", "title": "Answer", "minLength": 1, "maxLength": 20_000}
    count = len(candidates_of(wait))
    least, most = _bounds(wait, count)
    choices = [{"const": str(place), "title": f"Choice {place}"} for place in range(1, count + 1)]
    if (least, most) == (1, 1):
        return "choices", {"type": "string", "title": "Choice", "oneOf": choices}
    return "choices", {
        "type": "array",
        "title": "Choices",
        "minItems": least,
        "maxItems": most,
        "items": {"anyOf": choices},
    }


def _bounds(wait: Wait, count: int) -> tuple[int, int]:
    details = wait.prompt.get("details") or {}
    return int(details.get("min", 1)), int(details.get("max", count))


def _with_numbers(rows: Sequence[Artifact]) -> list[tuple[int, Artifact]]:
    return list(enumerate(rows, 1))


def _choice(caller: Caller, place: int, row: Artifact) -> dict[str, Any]:
    body = artifact_body(row, signer(caller.base_url))
    return {"number": place, "type": body["type"], "url": body["url"]}


def read_form(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a filled form as arguments of the tool `answer`. Raises InvalidBody."""
    values: dict[str, Any] = {
        name: content[name] for name in ("text", "decision") if isinstance(content.get(name), str)
    }
    chosen = content.get("choices")
    if chosen is not None:
        parts = chosen if isinstance(chosen, list) else [chosen]
        if not all(isinstance(part, (str, int)) and str(part).isdecimal() for part in parts):
            raise errors.InvalidBody("choices: must be numbers of the candidates.")
        values["choices"] = [int(part) for part in parts]
    return values


def asked(run: Run, question_id: str, kinds: Collection[str]) -> Wait | None:
    """The question that is meant: the named one, or the only open one of these kinds.

    None: no such one is open, and none was named. Raises NotFound, and InvalidBody for several.
    """
    rows = Wait.objects.filter(run=run).select_related("step")
    if question_id:
        row = rows.filter(pk=int(question_id)).first() if question_id.isdecimal() else None
        if row is None:
            raise errors.NotFound(
                f"This run has no question {question_id[:40]!r}. Call get_run.",
                code="workflow.unknown_step",
            )
        return row
    waiting = [one for one in rows.filter(answered_at=None).order_by("id") if kind_of(one) in kinds]
    if len(waiting) > 1:
        names = ", ".join(str(wait.pk) for wait in waiting[:20])
        raise errors.InvalidBody(f"question_id is needed: {len(waiting)} are open: {names}.")
    return waiting[0] if waiting else None


def give(
    caller: Caller,
    run_id: str,
    question_id: str,
    *,
    text: str | None = None,
    choices: Sequence[int] | None = None,
    decision: str | None = None,
) -> bool:
    """Answer a question of a run of the caller's. False: it was answered just so before.

    Exactly one of text, choices and decision. Raises InvalidBody, NotFound, Conflict, and what the
    answer leads to, such as InsufficientCredit.
    """
    parts = [one for one in (text, choices, decision) if one is not None]
    if len(parts) != 1:
        raise errors.InvalidBody("Send exactly one of `text`, `choices` and `decision`.")
    principal = caller.principal
    run = access.own_run(principal.user, run_id)
    check_start_rate(principal)
    wait = asked(run, question_id, _fitting(text, choices))
    if wait is not None and kind_of(wait) == COST:
        return _decide_cost(caller, run, wait, decision)
    if decision == "resume":
        return retry.retry_or_answer(run=run, actor=principal, body={})
    body = _resume_input(text, choices, decision)
    if text is not None and wait is not None and kind_of(wait) == HOLD:
        body = {"type": "attach_job", "jobId": text}
    return answers.answer(
        run=run,
        actor=principal.user,
        resume_input=body,
        own_hosts=caller.own_hosts,
        wait=wait,
    )


def _fitting(text: str | None, choices: Sequence[int] | None) -> Collection[str]:
    """The kinds of questions that an argument may answer."""
    if text is not None:
        return QUESTION, STAGE, HOLD
    return (SELECTION,) if choices is not None else tuple(_DECISIONS)


def _resume_input(
    text: str | None, choices: Sequence[int] | None, decision: str | None
) -> dict[str, Any]:
    if text is not None:
        return {"type": "answer", "text": text}
    if choices is not None:
        return {"type": "select_media", "indices": [number - 1 for number in choices]}
    return {"type": _TYPES[decision or "approve"]}


_TYPES: Final[Mapping[str, str]] = {
    "approve": "approve_checkpoint",
    "decline": "reject",
    "redo": "redo_stage",
    "stop": "cancel",
}


def _decide_cost(caller: Caller, run: Run, wait: Wait, decision: str | None) -> bool:
    action = {"approve": "confirm", "decline": "cancel", "stop": "cancel"}.get(decision or "")
    if action is None:
        raise errors.InvalidBody("decision: must be approve or decline.")
    if wait.answered_at is not None and (wait.answer or {}).get("decision") == action:
        return False
    return approval.decide_cost(run=run, actor=caller.principal, body={"decision": action})
