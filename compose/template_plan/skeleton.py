"""A template while it is made: its stages and inputs, each with an id of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from compose.template_plan.template_text import LONGEST_TITLE, capital, clean, name_of, one_line
from tools.declaration.ports import MediaKind


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
    count: int = 1


@dataclass(slots=True)
class Skeleton:
    """Stages and inputs in order. warnings: sentences for the person."""

    stages: list[dict[str, Any]] = field(default_factory=list)
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    # Of the film, None where a file tells.
    seconds: float | None = None
    # A brief's name of an input → the input's, for names that no input can have.
    names: dict[str, str] = field(default_factory=dict)

    def stage(
        self,
        stage_id: str,
        label: str,
        tool: str,
        args: Mapping[str, Any],
        *,
        kind: MediaKind = "image",
        seconds: float | None = None,
        count: int = 1,
        after: str = "",
    ) -> Made:
        """Add a stage of one tool call. after: a stage it waits for without using its results."""
        key = self._free(stage_id)
        body: dict[str, Any] = {
            "id": key,
            "type": "fixed",
            "label": label,
            "tool": tool,
            "produces": [key],
            "args": {name: value for name, value in args.items() if value is not None},
        }
        if after:
            body["requiredArtifactsIn"] = [after]
        self.stages.append(body)
        return _result(key, kind, seconds, count)

    def batch(
        self,
        stage_id: str,
        label: str,
        tool: str,
        args: Mapping[str, Any],
        *,
        over: str,
        item_name: str,
        item_label: str,
        count: int,
        kind: MediaKind = "image",
        seconds: float | None = None,
    ) -> Made:
        """Add a stage that does one call for each element of a list."""
        key = self._free(stage_id)
        self.stages.append(
            {
                "id": key,
                "type": "batch",
                "label": label,
                "itemName": item_name,
                "overBinding": over,
                "itemLabelTemplate": f"{item_label} {{index}}",
                "concurrency": 2,
                "produces": [key],
                "itemStage": {"tool": tool, "args": dict(args)},
            }
        )
        return _result(key, kind, seconds, count)

    def select(self, stage_id: str, label: str, message: str, source: Made, pick: int) -> Made:
        """Let the person choose `pick` of what a stage made."""
        key = self._free(stage_id)
        self.stages.append(
            {
                "id": key,
                "type": "interactive",
                "label": label,
                "userMessage": message,
                "select": {"from": f"$artifacts.{source.stage}", "min": pick, "max": pick},
                "produces": [key],
            }
        )
        return _result(key, source.kind, None, pick)

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
            "description": capital(one_line(title, LONGEST_TITLE)) or capital(key),
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

    def checkpoint(self, stage_id: str) -> None:
        """Let the person approve what this stage made before what needs it goes on."""
        for stage in self.stages:
            if stage["id"] == stage_id:
                stage["checkpointRequired"] = True

    def warn(self, message: str) -> None:
        if message not in self.warnings:
            self.warnings.append(message)

    def _free(self, stage_id: str) -> str:
        stage_ids = {stage["id"] for stage in self.stages}
        number, key = 2, stage_id
        while key in stage_ids:
            key, number = f"{stage_id}_{number}", number + 1
        return key


def _result(key: str, kind: MediaKind, seconds: float | None, count: int) -> Made:
    return Made(
        kind=kind,
        ref=f"$artifacts.{key}.items[0].selectedVersion.url",
        seconds=seconds,
        stage=key,
        every=f"$artifacts.{key}.items[*].selectedVersion.url",
        count=count,
    )


def one_of(batch: Made, index: int) -> Made:
    """Return one of several results of a stage."""
    ref = f"$artifacts.{batch.stage}.items[{index}].selectedVersion.url"
    return Made(batch.kind, ref, batch.seconds, batch.stage, ref)
