"""The answers of the two tools that draft: steps to start at once, and a template to save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from compose.drafting import Draft, DraftRequest, draft
from compose.template_plan.steps import MOST_STEPS, steps_of
from templates_app.nearest import nearest
from tools import registry
from tools.declaration.arguments import read_arguments

# Clients of an earlier release read these keys. What was read is in `settings`.
_NO_READING: Final[Mapping[str, list[str]]] = {
    name: [] for name in ("understood", "not_understood", "impossible", "contents")
}
LOCAL: Final = ("localhost",)
_KINDS: Final = {"image": "an image", "video": "a video", "audio": "sound"}
# The kinds of a plan that have no use for some sound, as in `frontend/src/describe/planForm.ts`:
# the editor says so beside the setting, where these are seen without one.
_UNUSED_SOUND: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "image": ("An image", ("music", "speech", "subtitles")),
    "song": ("A song", ("speech", "subtitles")),
    "audio": ("A voice", ("subtitles",)),
}


def compose_workflow(form: Any, own_hosts: Sequence[str] = LOCAL) -> dict[str, Any]:
    """Return `steps` that start a run unchanged, their price, and whether the budget holds.

    form: the tool's own Params. own_hosts: as for `drafting.draft`.
    """
    new_draft = draft(_request(form, max_steps=MOST_STEPS), own_hosts=own_hosts)
    workflow = steps_of(new_draft.template)
    plan = [_line(step["id"], step["title"], step["toolName"], step["arguments"])
            for step in workflow.steps]  # fmt: skip
    count, units = len(plan), sum(line["units"] for line in plan)
    most = form.max_estimated_capacity_units
    return {
        "title": new_draft.template["name"],
        "steps": list(workflow.steps),
        "plan": plan,
        "estimated_capacity_units": units,
        "fits_budget": new_draft.fits_budget is not False and (most is None or units <= most),
        "warnings": list(dict.fromkeys((*_warnings(new_draft), *workflow.warnings))),
        "message": f"{count} step{'' if count == 1 else 's'}, {units:g} credits.",
        **_beside(form.brief, new_draft),
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
    warnings = _warnings(new_draft)
    if form.visibility == "public":
        warnings.append("Drafts are always private. Publish the template once it is saved.")
    return {
        "template_draft": new_draft.template,
        "plan": [_stage_line(stage) for stage in new_draft.template["stages"]],
        "estimated_capacity_units": new_draft.units,
        "fits_budget": new_draft.fits_budget is not False,
        "warnings": warnings,
        "message": new_draft.message,
        **({} if form.existing_template is None else {"changes": list(new_draft.changes)}),
        **_beside(form.brief, new_draft),
    }


# Result bodies without `ok`, `tool` and `status`. Each takes the tool's own `Params`, and the hosts
# whose media URLs are ours.
ANSWERS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "compose_workflow": compose_workflow,
    "compose_workflow_template": compose_workflow_template,
}


def _warnings(new_draft: Draft) -> list[str]:
    """Return the draft's warnings, and a sentence for each sound of its plan that nothing makes."""
    plan = new_draft.settings.plan
    name, fields = _UNUSED_SOUND.get(plan.get("kind", ""), ("", ()))
    sounds = [
        "voice" if field == "speech" else field for field in fields if plan["sound"].get(field)
    ]
    return [*new_draft.warnings, *(f"{name} has no {one}, so this is unused." for one in sounds)]


def _beside(brief: str, new_draft: Draft) -> dict[str, Any]:
    """Return what both answers have. settings: the plan of a new template, with the public
    templates nearest to its words; empty for a changed one."""
    settings = dict(new_draft.settings.plan)
    if settings:
        rows = nearest(brief, None)
        settings["nearest"] = [
            {"id": one.template.public_id, "name": one.card["name"]} for one in rows
        ]
    planner = {"planner": new_draft.planner}
    return {"reading": _NO_READING, "settings": settings, "metadata": planner}


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
