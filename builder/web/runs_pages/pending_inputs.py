"""Questions of a run to a person, as its page and a phone show them, and answers of their forms.

Decisions about money are not among them: those are made on the run's page alone (see `cost`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from core import errors
from media.origin import line_of, origin_of
from runs.interaction.wait_kinds import (
    GATE,
    HOLD,
    QUESTION,
    SELECTION,
    STAGE,
    NameableJob,
    candidates_of,
    kind_of,
    nameable_job,
    stage_of,
)
from runs.models import Run, Step, Wait
from runs.selectors import open_waits, steps_of
from runs.stage_tree import place_of
from runs.web.artifacts import artifact_body, signer
from runs.web.failures import Choices, choices_of
from tools import registry
from tools.declaration.ports import Tool
from tools.declaration.schema import parameter_schemas

# So many candidates fit beside the media of the run; more get the whole width.
BESIDE = 6
# What may be said again before a stage is made once more, at most.
FIELDS = 3
MAX_WORDS = 20_000
KINDS = {"image": "Image", "video": "Video", "audio": "Audio", "model": "3D model"}
_ANSWERED = (QUESTION, SELECTION, STAGE, GATE, HOLD)
# Questions that someone without an account may answer, by a link.
BY_LINK = (QUESTION, SELECTION, STAGE, GATE)


@dataclass(frozen=True, slots=True)
class Words:
    """An argument of a stage that may be said again. value: as it is; empty where items differ."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class PendingInput:
    """One question. step, stage: the keys of who asks, and of what is asked about.

    place: where that is inside others. kind: of `runs.interaction.wait_kinds`. candidates: as the
    API shows artifacts, with `label`. least, most: how many of them to pick. choices: what the two
    buttons say where a provider waits. asks_only: whether the answer is all that may be given, by
    someone who holds a link. job: the one that may be named, where the answer to a paid request was
    lost.
    origins: what people read of the candidates' origins, each line once.
    picked, typed: what a form that was refused held, in the order of its choices.
    """

    id: int
    step: str
    kind: str
    heading: str
    text: str
    candidates: Sequence[dict[str, Any]] = ()
    least: int = 0
    most: int = 0
    words: Sequence[Words] = ()
    choices: Choices | None = None
    job: NameableJob | None = None
    stage: str = ""
    asks_only: bool = False
    picked: Sequence[str] = ()
    typed: str = ""
    place: str = ""
    origins: tuple[str, ...] = ()

    @property
    def is_wide(self) -> bool:
        return len(self.candidates) > BESIDE

    @property
    def is_single(self) -> bool:
        return self.least == self.most == 1

    @property
    def can_link(self) -> bool:
        return self.kind in BY_LINK and not self.asks_only


def pending_inputs_of(run: Run, *, base_url: str) -> list[PendingInput]:
    """Everything a run asks that is not about money, in the order of its plan."""
    rows = sorted(open_waits(run), key=_place)
    waits = [wait for wait in rows if kind_of(wait) in _ANSWERED]
    is_inside = any(wait.step is not None and wait.step.parent_id for wait in waits)
    steps = {step.id: step for step in steps_of(run)} if is_inside else None
    return [pending_input_of(wait, base_url=base_url, steps=steps) for wait in waits]


def _place(wait: Wait) -> tuple[int, int, int]:
    step = wait.step
    return (step.sequence, step.item_index, wait.id) if step else (-1, -1, wait.id)


def pending_input_of(
    wait: Wait,
    *,
    base_url: str,
    asks_only: bool = False,
    steps: Mapping[int, Step] | None = None,
) -> PendingInput:
    """One question as it is shown. base_url: where its media are read. steps: as of `place_of`."""
    kind = kind_of(wait)
    details = wait.prompt.get("details") or {}
    url_of = signer(base_url)
    rows = candidates_of(wait)
    lines = [line_of(origin_of(row)) for row in rows]
    candidates = [
        {
            **artifact_body(row, url_of),
            "label": ", ".join(
                filter(None, [f"{KINDS.get(row.kind, row.kind)} {place} of {len(rows)}", line])
            ),
        }
        for place, (row, line) in enumerate(zip(rows, lines, strict=True), 1)
    ]
    name = (wait.step.title or wait.step.key) if wait.step else ""
    fields: dict[str, Any] = {"heading": wait.message or name, "text": ""}
    if kind == QUESTION:
        fields = {"heading": wait.message, "text": str(details.get("reason") or "")}
    elif kind in (SELECTION, STAGE):
        fields = {"heading": name, "text": wait.message}
    elif kind == GATE:
        stage = stage_of(wait.step) if wait.step else None
        fields = {"heading": wait.message, "text": "", "stage": stage.key if stage else ""}
        if not asks_only:
            fields["words"] = _words(stage)
    elif kind == HOLD:
        fields = {"heading": f"{name} is waiting for you", "text": wait.message}
        fields |= {"choices": choices_of(wait), "job": nameable_job(wait)}
    return PendingInput(
        id=wait.id,
        step=wait.step.key if wait.step else "",
        kind=kind,
        candidates=candidates,
        origins=tuple(line for line in dict.fromkeys(lines) if line),
        least=int(details.get("min", 1)),
        most=int(details.get("max", len(candidates) or 1)),
        asks_only=asks_only,
        place=place_of(wait.step, steps) if wait.step else "",
        **fields,
    )


def read_answer(form: QueryDict, wait: Wait) -> dict[str, Any]:
    """Read the answer of a card's form, as a resume input. Raises InvalidBody."""
    text = form.get("text", "").strip()
    if len(text) > MAX_WORDS:
        raise errors.InvalidBody(f"At most {MAX_WORDS:,} characters, not {len(text):,}.")
    match form.get("do"):
        case "answer":
            if not text:
                raise errors.InvalidBody("Type an answer first.")
            return {"type": "answer", "text": text}
        case "complete":
            return {"type": "interactive_complete", "result": text}
        case "select":
            picks = [pick[:80] for pick in form.getlist("pick")[:1000]]
            if not picks:
                raise errors.InvalidBody("Choose first.")
            return {"type": "select_media", "artifactIds": picks}
        case "approve":
            return {"type": "approve_checkpoint"}
        case "attach":
            if not (job_id := form.get("jobId", "").strip()):
                raise errors.InvalidBody("Type the job's ID first.")
            return {"type": "attach_job", "jobId": job_id}
        case "reject":
            return {"type": "reject"}
        case "redo":
            return {"type": "redo_stage", "overrideArgs": _said_again(form, wait)}
        case "cancel":
            return {"type": "cancel"}
    raise errors.InvalidBody("Something's missing in this form. Reload the page and try again.")


def _said_again(form: QueryDict, wait: Wait) -> dict[str, str]:
    """Return only the texts that were changed: the others may come from elsewhere, too."""
    fields = _words(stage_of(wait.step)) if wait.step else []
    texts = {words.name: form.get(f"words.{words.name}", "").strip() for words in fields}
    before = {words.name: words.value.strip() for words in fields}
    return {name: text for name, text in texts.items() if text and text != before[name]}


def _words(stage: Step | None) -> list[Words]:
    """The texts a stage was given, which may be said again."""
    if stage is None:
        return []
    item = (stage.batch or {}).get("item")
    tool = registry.table().get(item["tool"] if item else stage.tool)
    if tool is None:
        return []
    arguments: Mapping[str, Any] = item["arguments"] if item else stage.arguments
    fields = []
    for name, value in _texts_of(tool, arguments):
        label = name[0].upper() + name[1:]
        # What differs from item to item is not said for all of them by accident.
        fields.append(Words(name, label, "" if item else value))
    return fields[:FIELDS]


def _texts_of(tool: type[Tool], arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The texts among a stage's arguments that people write, as (argument, its words)."""
    texts = []
    for name, schema in parameter_schemas(tool).items():
        hints = schema.get("x-reelgraph") or {}
        if schema.get("type") != "string" or schema.get("enum") or hints.get("known"):
            continue
        value = arguments.get(name)
        if isinstance(value, str) and value:
            texts.append((name, value))
        elif name == "prompt":
            texts.append((name, ""))
    return texts
