"""Bodies that bring their own steps → plans. Pure: nothing is looked up or stored.

What is wrong with the shape of a body is InvalidBody (400) with one entry per problem in
`details.issues`; tools that no provider offers come back as errors of `Compiled`, as the public
contract answers those with 422.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.errors import InvalidBody
from core.phrases import phrase, show
from runs.planning.lenient import issues_of, read_leniently
from runs.planning.refusals import inline_refusal, shape_refusal
from runs.planning.step_models import (
    CHOICES,
    DEFAULT_TITLE,
    Dependencies,
    Dependency,
    EarlierSteps,
    ImageToVideoIn,
    OrderOnly,
    StepIn,
    StepNames,
    StepsIn,
)
from templates_app.graph.assemble import assemble
from templates_app.graph.issues import Issue, issue
from templates_app.graph.media_urls import MediaShelf, is_inline
from templates_app.graph.port_arguments import find_port
from templates_app.graph.types import Binding, Compiled, Limits, MediaRef
from templates_app.graph.unresolved_step import UnresolvedStep
from tools.declaration.ports import Tool, ToolTable

_ID: Final = ("id",)
# Inline bytes wherever they are; a prompt may begin with the word “data:”.
_DATA_URL: Final = re.compile(r"\s*data:([\w.+-]+/[\w.+-]+)?([;,]|$)", re.IGNORECASE)


def plan_steps(
    steps_input: Any, media: Sequence[MediaRef], tools: ToolTable, limits: Limits
) -> Compiled:
    """Plan the steps under a body's `input` (contract §2.1 A and B, §2.3, §3).

    media: from `media_references`. Raises InvalidBody for every fault but a tool that no provider
    offers: those are the errors of the result.
    """
    try:
        body = StepsIn.model_validate(steps_input)
    except ValidationError as error:
        raise _body_refusal(error) from None
    reader = _StepReader(tools)
    steps = reader.read_steps(body.steps)
    if reader.inline:
        raise inline_refusal(reader.inline)
    title = body.title[:200] or DEFAULT_TITLE
    compilation = assemble(title, steps, MediaShelf(media), tools, limits)
    faults = [*reader.issues, *compilation.errors]
    if any(fault.code != "model_unavailable" for fault in faults):
        raise shape_refusal(faults)
    return compilation


def plan_image_to_video(
    prompt_input: Any, media: Sequence[MediaRef], tools: ToolTable, limits: Limits
) -> Compiled:
    """Plan the `input` of an `image_to_video` body. Raises InvalidBody as `plan_steps` does.

    media: from `media_references`; it is not used unless a step asks for it.
    """
    try:
        body = ImageToVideoIn.model_validate(prompt_input)
    except ValidationError as error:
        raise _body_refusal(error) from None
    title = body.title or "Image to video"
    return plan_steps({"title": title, "steps": body.steps()}, media, tools, limits)


class _StepReader:
    """Reads a list of steps; problems go to `issues`, paths of inline media to `inline`."""

    def __init__(self, tools: ToolTable) -> None:
        self.tools = tools
        self.issues: list[Issue] = []
        self.inline: list[str] = []
        self.names = StepNames()

    def read_steps(self, items: list[Any]) -> list[UnresolvedStep]:
        # All steps are named before any is read further: to depend on a later step is another
        # fault than to depend on none.
        entries = [read_leniently(StepIn, item) for item in items]
        for position, (step, errors) in enumerate(entries):
            self.names.add(step.id if step else "", step.tool if step else "")
            self.say([one for one in errors if one["loc"] == _ID], position)
        steps = []
        for position, (step, errors) in enumerate(entries):
            key = self.names.keys[position] if step else None
            self.say([one for one in errors if one["loc"] != _ID], position, key)
            raw = self.step(position, step) if step else None
            if raw is not None:
                steps.append(raw)
        return steps

    def say(self, errors: list[ErrorDetails], position: int, key: str | None = None) -> None:
        """Note what is wrong with a step; until it has a key, its path is its position."""
        path = f"input/steps/{position}" if key is None else f"steps/{key}"
        self.issues += issues_of(errors, path=path, field=f"input.steps[{position}]")

    def step(self, position: int, step: StepIn) -> UnresolvedStep | None:
        """The step as planning takes it; None where its tool is missing or unknown."""
        key, where = self.names.keys[position], f"input.steps[{position}]"
        path = f"steps/{key}"
        if not step.tool:
            problem = phrase("tool_missing")
            self.issues.append(
                issue("invalid_step", path=path, field=f"{where}.toolName", problem=problem)
            )
            return None
        tool = self.tools.get(step.tool)
        self.inline.extend(_inline_arguments(tool, step.arguments, f"{where}.arguments"))
        if tool is None:
            self.issues.append(issue("unknown_tool", path=path, stage=key, tool=step.tool))
            return None
        return UnresolvedStep(
            key=key,
            tool=tool,
            wire_tool=step.tool[:80],
            arguments=step.arguments,
            path=path,
            args_path=f"{path}/arguments",
            needs=tuple(self.bindings(position, step)),
            title=step.title,
        )

    def bindings(self, position: int, step: StepIn) -> Iterator[Binding]:
        if step.depends_on is None:
            return
        path = f"steps/{self.names.keys[position]}/dependsOn"
        field = f"input.steps[{position}].dependsOn"
        try:
            entries = Dependencies.model_validate(step.depends_on).root
        except ValidationError as error:
            self.issues += issues_of(error.errors(include_url=False), path=path, field=field)
            return
        earlier = EarlierSteps(self.names, position)
        for number, entry in enumerate(entries):
            model = OrderOnly if isinstance(entry, str) else Dependency
            try:
                binding = model.model_validate(entry, context=earlier).binding()
            except ValidationError as error:
                errors = error.errors(include_url=False)
                where = f"{field}[{number}]"
                self.issues += issues_of(errors, path=path, field=where, choices=CHOICES)
            else:
                if binding is not None:
                    yield binding


def _body_refusal(error: ValidationError) -> InvalidBody:
    """The 400 of an `input` that does not even hold what is to be planned: its first fault."""
    first = error.errors(include_url=False)[:1]
    path = "/".join(("input", *(str(part) for one in first for part in one["loc"])))
    return shape_refusal(issues_of(first, path=path, field="input", code="invalid_field"))


def _inline_arguments(
    tool: type[Tool] | None, arguments: Mapping[str, Any], path: str
) -> Iterator[str]:
    """The paths of arguments that hold bytes. In a media argument every `data:` counts."""
    for argument, value in arguments.items():
        takes_media = tool is not None and find_port(tool, argument)[0] is not None
        stack: list[tuple[str, Any]] = [(f"{path}.{show(argument)}", value)]
        while stack:
            where, part = stack.pop()
            if isinstance(part, str):
                if _DATA_URL.match(part) or (takes_media and is_inline(part)):
                    yield where
            elif isinstance(part, dict):
                stack.extend((f"{where}.{show(name)}", item) for name, item in part.items())
            elif isinstance(part, list):
                stack.extend((f"{where}[{n}]", item) for n, item in enumerate(part))
