"""The answers of the two tools that draft: steps to start at once, and a template to save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from compose.drafting import Draft, DraftRequest, draft
from compose.template_plan.steps import MOST_STEPS, Steps, steps_of
from tools import registry
from tools.declaration.arguments import read_arguments

LOCAL: Final = ("localhost",)
_KINDS: Final = {"image": "an image", "video": "a video", "audio": "sound"}


def compose_workflow(form: Any, own_hosts: Sequence[str] = LOCAL) -> dict[str, Any]:
    """Return `steps` that start a run unchanged, their price, and whether the budget holds.

    form: the tool's own Params. own_hosts: as for `drafting.draft`.
    """
    new_draft = draft(_request(form, max_steps=MOST_STEPS), own_hosts=own_hosts)
    workflow = steps_of(new_draft.template)
    plan = [_line(step["id"], step["title"], step["toolName"], step["arguments"])
            for step in workflow.steps]  # fmt: skip
    units = sum(line["units"] for line in plan)
    most = form.max_estimated_capacity_units
    return {
        "title": new_draft.template["name"],
        "steps": list(workflow.steps),
        "plan": plan,
        "estimated_capacity_units": units,
        # Without a budget of the caller the brief's own one counts.
        "fits_budget": new_draft.fits_budget is not False and (most is None or units <= most),
        "warnings": _warnings(new_draft, workflow),
        "message": f"{_count(len(workflow.steps), 'step')}, {units:g} credits.{_unmet(new_draft)}",
        "reading": asdict(new_draft.reading),
        **_by(new_draft),
    }


def compose_workflow_template(form: Any, own_hosts: Sequence[str] = LOCAL) -> dict[str, Any]:
    """Return `template_draft`, a create body; of a changed one `changes` too. Nothing is stored."""
    new_draft = draft(
        _request(
            form,
            name=form.name,
            description=form.description or "",
            category=form.category or "",
            inputs=[one.model_dump(exclude_none=True, by_alias=True) for one in form.inputs or ()],
            existing=form.existing_template,
        ),
        own_hosts=own_hosts,
    )
    warnings = list(new_draft.warnings)
    if form.visibility == "public":
        warnings.append("Drafts are always private. Publish the template once it is saved.")
    return {
        "template_draft": new_draft.template,
        "plan": [_stage_line(stage) for stage in new_draft.template["stages"]],
        "estimated_capacity_units": new_draft.units,
        "fits_budget": new_draft.fits_budget is not False,
        "warnings": warnings,
        "message": new_draft.message + _unmet(new_draft),
        "reading": asdict(new_draft.reading),
        **({} if form.existing_template is None else {"changes": list(new_draft.changes)}),
        **_by(new_draft),
    }


# Result bodies without `ok`, `tool` and `status`. Each takes the tool's own `Params`, and the hosts
# whose media URLs are ours.
ANSWERS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "compose_workflow": compose_workflow,
    "compose_workflow_template": compose_workflow_template,
}


def _request(form: Any, **more: Any) -> DraftRequest:
    models = form.destination_models
    most = form.max_estimated_capacity_units
    return DraftRequest(
        brief=form.brief,
        scene_count=form.scene_count,
        duration_seconds=form.duration_seconds,
        aspect_ratio=form.aspect_ratio or "",
        style=form.style or "",
        models=models.model_dump(exclude_none=True, include={"image", "video", "music"})
        if models is not None
        else None,
        max_units=None if most is None else float(most),
        include_audio=form.include_audio,
        **more,
    )


def _by(new_draft: Draft) -> dict[str, Any]:
    return {"metadata": {"planner": new_draft.planner}}


def _unmet(new_draft: Draft) -> str:
    """Return what of the brief is not in the draft, as sentences behind others."""
    missing_words = ", ".join(f"“{words}”" for words in new_draft.reading.not_understood)
    sentences = [
        *([f"Not understood: {missing_words}."] if missing_words else []),
        *new_draft.reading.impossible,
    ]
    return "".join(f" {sentence}" for sentence in sentences)


def _warnings(new_draft: Draft, workflow: Steps) -> list[str]:
    return list(dict.fromkeys((*new_draft.warnings, *workflow.warnings)))


def _stage_line(stage: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stage as one line of the plan. Stages of a template to change may not be whole."""
    title = str(stage.get("label") or stage["id"])
    if stage["type"] == "interactive":
        what = str(stage.get("userMessage") or "You choose.")
        return {"stage": stage["id"], "title": title, "tool": "", "what": what, "units": 0}
    call = stage.get("itemStage") or stage
    args = call.get("args")
    arguments = args if isinstance(args, Mapping) else {}
    line = _line(stage["id"], title, str(call.get("tool") or ""), arguments)
    if stage["type"] == "batch":
        line["what"] += ", once for each item"
    return line


def _line(key: str, title: str, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return one call as a line of the plan. units: credits, of one item in a list."""
    table = registry.table()
    tool = table.get(name)
    if tool is None:
        return {"stage": key, "title": title, "tool": name, "what": name, "units": 0}
    reading = read_arguments(tool, arguments)
    what = f"{registry.title_of(name)}: makes {_KINDS[tool.output]}" if tool.output in _KINDS else (
        registry.title_of(name)
    )  # fmt: skip
    seconds = arguments.get("duration")
    if isinstance(seconds, (int, float)):
        what += f" of {seconds:g} s"
    units = registry.quote(tool, reading.params).milli / 1000
    return {"stage": key, "title": title, "tool": name, "what": what, "units": units}


def _count(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
