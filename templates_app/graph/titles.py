"""Names for the parts of a template: stages and inputs by their titles, fields by theirs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, get_origin

from templates_app.graph.bindings import Ref, read_text
from templates_app.graph.issues import Issue
from templates_app.graph.port_arguments import find_port
from templates_app.graph.references import latest_before, producers_of
from templates_app.graph.spec import Spec, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.wiring import clean, input_title, stage_titles, words_of
from tools.declaration.ports import ToolTable
from tools.declaration.schema import parameter_schemas
from tools.palette import title_of

# Fields of templates, stages and inputs whose titles differ from their names.
_FIELDS: Final[Mapping[str, str]] = {
    "args": "Settings",
    "author": "Author",
    "bypass": "Bypass",
    "checkpointRequired": "Checkpoint",
    "condition/expression": "Condition",
    "condition/stageId": "Condition",
    "condition/artifactName": "Condition",
    "condition/type": "Condition",
    "id": "Name",
    "itemStage": "Repeated stage",
    "jsonSchema": "Validation rule",
    "maxAttemptsPerItem": "Tries for each item",
    "onError": "If it fails",
    "optionalArtifactsIn": "Optional connections",
    "overBinding": "List",
    "previewArtifacts": "Preview",
    "produces": "Result name",
    "requiredArtifactsIn": "Connections",
    "select": "Choices",
    "select/from": "Choices",
    "thumbnailUrl": "Thumbnail",
    "userMessage": "Question",
}


class TemplateTitles:
    """Reads a template once; every method answers for this one state. Never raises.

    inputs: labels of inputs by their names, where a page shows others than the template's.
    """

    def __init__(
        self, spec: Any, tools: ToolTable, inputs: Mapping[str, str] | None = None
    ) -> None:
        self.raw, self.tools = spec, tools
        self.shown_inputs = inputs or {}

    @cached_property
    def spec(self) -> Spec:
        return read_spec(self.raw)[0]

    @cached_property
    def stages(self) -> Mapping[str, Stage]:
        return {stage.id: stage for stage in self.spec.stages}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        return self._labels("stages", "id")

    @cached_property
    def input_labels(self) -> Mapping[str, str]:
        titles = {one.name: input_title(one.name, one.description) for one in self.spec.inputs}
        labels = self._labels("inputs", "name")
        return titles | {name: label for name, label in labels.items() if label}

    def _labels(self, table: str, key: str) -> dict[str, str]:
        """Read labels of stages or inputs, by `key`; also of those unreadable as a whole."""
        records = self.raw.get(table) if isinstance(self.raw, Mapping) else None
        labels: dict[str, str] = {}
        for record in records if isinstance(records, list) else ():
            if isinstance(record, Mapping) and isinstance(record.get(key), str):
                label = record.get("label")
                labels.setdefault(record[key], clean(label) if isinstance(label, str) else "")
        return labels

    @cached_property
    def positions(self) -> Mapping[str, int]:
        return {stage.id: place for place, stage in enumerate(self.spec.stages)}

    @cached_property
    def producers(self) -> Mapping[str, list[int]]:
        return producers_of(self.spec.stages)

    @cached_property
    def stage_titles(self) -> Mapping[str, str]:
        return stage_titles(self.spec.stages, self.tools)

    def stage(self, stage_id: str) -> str:
        title = self.stage_titles.get(stage_id) or self.labels.get(stage_id)
        return title or words_of(stage_id) or stage_id

    def input(self, name: str) -> str:
        return self.shown_inputs.get(name) or self.input_labels.get(name) or words_of(name) or name

    def tool(self, name: str) -> str:
        tool = self.tools.get(name)
        return tool.title if tool is not None else words_of(name)

    def field(self, issue: Issue, field: str) -> str:
        """An argument's title; else that of a field of the stage, the input or the template."""
        path = issue.at.path
        name = field.removeprefix(f"{path}/")
        if path.startswith("inputs/"):
            owner = self.input(path.split("/")[1])
            return owner if name in (field, path) else f"{owner}: {_title(name).lower()}"
        if issue.at.stage_id is not None and issue.at.argument:
            return self._argument(issue.at.stage_id, name)
        return _title(name)

    def lack(self, issue: Issue, field: str) -> str:
        title = self.field(issue, field)
        tool = self._tool_of(self.stages.get(issue.at.stage_id or ""))
        parameter = tool.Params.model_fields.get(field) if tool is not None else None
        if parameter is not None and get_origin(parameter.annotation) is list:
            return f"Add at least one {title.lower().removesuffix('s')}"
        return f"{title} is required"

    def source(self, text: str, stage_id: str | None) -> str:
        """The stage or input that a reference names, as the stage that holds it sees them."""
        ref = read_text(text)
        if not isinstance(ref, Ref):
            return self.stage(text)
        if ref.root == "inputs":
            return self.input(ref.name)
        if ref.root != "artifacts":
            return "each item" if ref.root == "item" else "the run"
        place = self.positions.get(stage_id or "", len(self.positions))
        at = latest_before(self.producers.get(ref.name, ()), place)
        return words_of(ref.name) if at is None else self.stage(self.spec.stages[at].id)

    def _tool_of(self, stage: Stage | None) -> Any:
        caller = stage.item if stage is not None and stage.item is not None else stage
        return self.tools.get(caller.tool) if caller is not None and caller.tool else None

    def _argument(self, stage_id: str, field: str) -> str:
        # `cues[1].start` is a part of the argument `cues`.
        name = field.partition("[")[0].partition(".")[0]
        if name in _FIELDS:
            return _FIELDS[name]
        tool = self._tool_of(self.stages.get(stage_id))
        if tool is None:
            return title_of(name)
        port, parameter = find_port(tool, name)
        if port is not None:
            return port.title
        return title_of(parameter, parameter_schemas(tool).get(parameter))


def _title(field: str) -> str:
    """A field of a stage, an input or the template, such as `previewArtifacts/0/url`."""
    title = _FIELDS.get(field) or _FIELDS.get(field.split("/")[0])
    return title or words_of(field.split("/")[-1]) or field
