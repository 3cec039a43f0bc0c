"""A template while it is made: its stages and inputs, each with an id of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from compose.plan import File
from compose.template_plan.template_text import capital, clean, name_of, one_line
from core.names import free_name
from tools.catalog import catalogue
from tools.declaration.ports import MediaKind

_OUTPUTS: Final = {tool.name: tool.output or "image" for tool in catalogue()}


@dataclass(frozen=True, slots=True)
class Made:
    """An image, video or audio of the template.

    ref: the binding of its address; every: of all that belong to it. seconds: how long it plays,
    None where only the file tells. stage: what makes it, "" for a file that the person brings.
    """

    kind: MediaKind
    ref: str
    seconds: float | None = None
    stage: str = ""
    every: str = ""


@dataclass(slots=True)
class Skeleton:
    """Stages and inputs in order. warnings: sentences for the person."""

    stages: list[dict[str, Any]] = field(default_factory=list)
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    # Of the film, None where a file tells.
    seconds: float | None = None
    # A plan's name of an input → the input's, for names that no input can have.
    names: dict[str, str] = field(default_factory=dict)
    # The files that the person brings, by the plan's name for them.
    media: dict[str, list[Made]] = field(default_factory=dict)

    def stage(
        self,
        stage_id: str,
        tool: str,
        args: Mapping[str, Any],
        label: str = "",
        *,
        seconds: float | None = None,
        after: str = "",
    ) -> Made:
        """Add a stage of one tool call. after: a stage it waits for without using its results."""
        body: dict[str, Any] = {"type": "fixed", "tool": tool, "args": _values(args)}
        if after:
            body["requiredArtifactsIn"] = [after]
        return self._add(stage_id, label, body, _OUTPUTS[tool], seconds)

    def batch(
        self,
        stage_id: str,
        tool: str,
        args: Mapping[str, Any],
        over: str,
        *,
        item: tuple[str, str],
        label: str = "",
        seconds: float | None = None,
    ) -> Made:
        """Add a stage that does one call for each element of a list.

        item: the name and the label of one."""
        body: dict[str, Any] = {
            "type": "batch",
            "itemName": item[0],
            "overBinding": over,
            "itemLabelTemplate": f"{item[1]} {{index}}",
            "concurrency": 2,
            "itemStage": {"tool": tool, "args": _values(args)},
        }
        return self._add(stage_id, label, body, _OUTPUTS[tool], seconds)

    def select(self, stage_id: str, label: str, message: str, source: Made, pick: int) -> Made:
        """Let the person choose `pick` of what a stage made."""
        select = {"from": f"$artifacts.{source.stage}", "min": pick, "max": pick}
        body = {"type": "interactive", "userMessage": message, "select": select}
        return self._add(stage_id, label, body, source.kind)

    def _add(
        self,
        stage_id: str,
        label: str,
        body: dict[str, Any],
        kind: MediaKind,
        seconds: float | None = None,
    ) -> Made:
        """Add a stage and return its result. Without a label its id is one."""
        key = free_name(stage_id, {stage["id"] for stage in self.stages})
        label = label or capital(stage_id.replace("_", " "))
        self.stages.append({"id": key, "label": label, "produces": [key], **body})
        ref, every = (f"$artifacts.{key}.items[{at}].selectedVersion.url" for at in (0, "*"))
        return Made(kind, ref, seconds, key, every)

    def input(
        self,
        name: str,
        kind: str,
        title: str,
        *,
        default: Any = None,
        options: tuple[str, ...] = (),
        multiple: tuple[int, int] | None = None,
        example: str = "",
    ) -> str:
        """Declare an input, unless it is there, and return its binding. name: any words.

        default None: the person must fill it in, with `example` to show how.
        """
        key = self.names.get(name) or name_of(name) or f"input_{len(self.inputs) + 1}"
        if key in self.inputs:
            return f"$inputs.{key}"
        self.names[name] = key
        declaration: dict[str, Any] = {
            "name": key,
            "type": kind,
            "required": True,
            "description": capital(one_line(title)) or capital(key),
        }
        if options:
            declaration["options"] = [{"value": one, "label": capital(one)} for one in options]
        if multiple is not None:
            declaration["multiple"] = {"min": multiple[0], "max": multiple[1]}
        if default is not None:
            declaration["default"] = default
        elif example:
            declaration["jsonSchema"] = {"examples": [clean(example)]}
        self.inputs[key] = declaration
        return f"$inputs.{key}"

    def bring(self, files: Sequence[File]) -> None:
        """Declare an input for each file that the person brings."""
        for file in files:
            bounds = (file.count, file.count) if file.count > 1 else None
            ref = self.input(file.name, file.kind, file.title or file.name, multiple=bounds)
            each = [ref] if bounds is None else [f"{ref}[{index}]" for index in range(file.count)]
            self.media[file.name] = [Made(file.kind, one, every=ref) for one in each]

    def files(self, kind: MediaKind) -> list[Made]:
        """Return the files of a kind that the person brings."""
        return [one for each in self.media.values() for one in each if one.kind == kind]

    def checkpoint(self, stage_id: str) -> None:
        """Let the person approve what this stage made before what needs it goes on."""
        for stage in self.stages:
            if stage["id"] == stage_id:
                stage["checkpointRequired"] = True

    def warn(self, message: str) -> None:
        if message not in self.warnings:
            self.warnings.append(message)


def _values(args: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in args.items() if value is not None}


def one_of(batch: Made, index: int) -> Made:
    """Return one of several results of a stage."""
    ref = f"$artifacts.{batch.stage}.items[{index}].selectedVersion.url"
    return Made(batch.kind, ref, batch.seconds, batch.stage, ref)
