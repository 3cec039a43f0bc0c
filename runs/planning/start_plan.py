"""A start's body, once it is read, → a plan: its own steps, `image_to_video`, or a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from core.errors import InvalidBody
from runs.planning.media_references import media_references
from runs.planning.refusals import refused_steps, refused_template
from runs.planning.schemas import StartIn
from runs.planning.seeds import with_seeds
from runs.planning.steps import plan_image_to_video, plan_steps
from templates_app.graph.compile import compile_template
from templates_app.graph.issues import Issue
from templates_app.graph.types import Limits, Plan
from tools.declaration.ports import ToolTable

STEPS: Final = "hosted_tool_sequence"
IMAGE_TO_VIDEO: Final = "image_to_video"
# Kinds of bodies that list their steps; runs of all of them, and of templates, have one kind.
_STEP_KINDS: Final = (STEPS, "creative_plan")


@dataclass(frozen=True, slots=True)
class Planned:
    """Plan of a start. kind: of the run. Every seeded step of the plan has its seed."""

    kind: str
    plan: Plan
    warnings: tuple[Issue, ...]


def check_form(request: StartIn) -> None:
    """Raises InvalidBody unless exactly one of the ways to start is taken."""
    if request.template_id is not None:
        if request.input is not None or request.kind is not None:
            raise InvalidBody("Send either workflow_id with inputs, or input with steps, not both.")
    elif request.inputs is not None:
        raise InvalidBody("`inputs` needs `workflow_id`, the template to run.")
    elif request.input is None:
        raise InvalidBody("Send input with steps, or workflow_id with inputs, to say what to run.")


def plan_input(request: StartIn, tools: ToolTable, limits: Limits) -> Planned:
    """Plan a body that brings its own steps, or the fields of `image_to_video`.

    Raises InvalidBody, and InvalidInput when no provider offers a tool.
    """
    kind = request.kind or STEPS
    media = media_references(request.media_lists, limits)
    if kind == IMAGE_TO_VIDEO:
        compilation = plan_image_to_video(request.input, media, tools, limits)
    elif kind in _STEP_KINDS:
        kind = STEPS
        compilation = plan_steps(request.input, media, tools, limits)
    else:
        raise InvalidBody(
            f"kind {kind[:60]!r} is unknown. Use image_to_video or hosted_tool_sequence."
        )
    if compilation.plan is None:
        raise refused_steps(compilation.errors)
    return Planned(kind, with_seeds(compilation.plan, tools), compilation.warnings)


def plan_template(
    request: StartIn, spec: Mapping[str, Any], name: str, tools: ToolTable, limits: Limits
) -> Planned:
    """Plan a body that names a template. name: of the version that runs.

    Raises InvalidBody for its media, and TemplateRefused when it does not compile.
    """
    media = media_references(request.media_lists, limits)
    compilation = compile_template(spec, request.inputs or {}, media, tools, limits)
    if compilation.plan is None:
        raise refused_template(compilation.errors, compilation.warnings)
    # Its own name: the template row carries that of the owner's latest draft.
    plan = with_seeds(replace(compilation.plan, title=name), tools)
    return Planned(STEPS, plan, compilation.warnings)
