"""A template while it changes: stages and inputs by name, references between them, new names."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from compose.changes.stage_view import StageView, name_of_binding
from core.names import free_name
from templates_app.graph.wiring import Wiring, read_wiring, words_of
from tools.declaration.ports import ToolTable

ONE: Final = "$artifacts.{}.items[0].selectedVersion.url"
EVERY: Final = "$artifacts.{}.items[*].selectedVersion.url"


class WorkingTemplate:
    """A deep copy of a template; writes go to the parts that are asked for and to no others.

    selection: ids of the stages that "it" and "these" mean, without those that are not there.
    changes, warnings: sentences for the person, in order.
    """

    def __init__(
        self, body: Mapping[str, Any], tools: ToolTable, selection: Sequence[str] = ()
    ) -> None:
        self.body: dict[str, Any] = copy.deepcopy(dict(body))
        self.tools = tools
        self.changes: list[str] = []
        self.warnings: list[str] = []
        self.selection = [view for view in map(self.find, dict.fromkeys(selection)) if view]

    def say(self, sentence: str) -> None:
        self.changes.append(sentence)

    def warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def report(self, is_changed: bool, sentence: str, already: str) -> None:
        """Say what changed, or warn that it is so already."""
        self.say(sentence) if is_changed else self.warn(already)

    # -- stages -----------------------------------------------------------------------------------

    @property
    def _stages(self) -> list[Any]:
        return self._list("stages")

    def _list(self, field: str) -> list[Any]:
        """Return a list of the template, to be changed in place; an empty one where none is."""
        if not isinstance(self.body.get(field), list):
            self.body[field] = []
        result: list[Any] = self.body[field]
        return result

    @property
    def stages(self) -> list[StageView]:
        """The stages that can be read, in order."""
        return [
            StageView(raw, self.tools)
            for raw in self._stages
            if isinstance(raw, dict) and isinstance(raw.get("id"), str)
        ]

    def find(self, stage_id: str) -> StageView | None:
        return next((view for view in self.stages if view.id == stage_id), None)

    def position(self, stage_id: str) -> int:
        return next(
            (at for at, raw in enumerate(self._stages) if _id_of(raw) == stage_id),
            len(self._stages),
        )

    def with_tool(self, *names: str) -> list[StageView]:
        return [view for view in self.stages if view.tool_name in names]

    def insert(self, at: int, raw: dict[str, Any]) -> StageView:
        """Add a stage. at: its position among all stages."""
        self._stages.insert(at, raw)
        return StageView(raw, self.tools)

    def delete(self, ids: set[str]) -> None:
        """Take stages out, with what only points at them: previews, and their order."""
        self._stages[:] = [raw for raw in self._stages if _id_of(raw) not in ids]
        self.selection = [view for view in self.selection if view.id not in ids]
        previews = self.body.get("previewArtifacts")
        if isinstance(previews, list):
            self.body["previewArtifacts"] = [
                one for one in previews if not (isinstance(one, dict) and one.get("stageId") in ids)
            ]

    def fresh_id(self, base: str) -> str:
        """Return an id and artifact name that no stage has."""
        return free_name(
            base, {name for view in self.stages for name in (view.id, *view.artifacts)}
        )

    def fresh_label(self, base: str) -> str:
        return free_name(base, {view.title for view in self.stages}, " ")

    # -- inputs -----------------------------------------------------------------------------------

    @property
    def inputs(self) -> list[dict[str, Any]]:
        result = self.body.get("inputs")
        return [one for one in result if isinstance(one, dict)] if isinstance(result, list) else []

    @property
    def input_names(self) -> list[str]:
        return [row["name"] for row in self.inputs if isinstance(row.get("name"), str)]

    def input(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self.inputs if one.get("name") == name), None)

    def add_input(self, base: str, **entry: Any) -> str:
        """Declare an input, last. Returns its name, `base` or one like it."""
        name = free_name(base, self.input_names)
        self._list("inputs").append({"name": name, **entry})
        return name

    def add_text(self, base: str, description: str, **entry: Any) -> str:
        """Declare a text that people must enter. Returns its name."""
        return self.add_input(base, type="text", required=True, description=description, **entry)

    def delete_inputs(self, names: set[str]) -> None:
        for row in self.inputs:
            if str(row.get("name")) in names:
                self.body["inputs"].remove(row)

    def used_inputs(self) -> set[str]:
        """Return names of the inputs that some stage uses, in an argument or a condition."""
        text = repr(self._stages)
        return {
            name
            for name in self.input_names
            if re.search(rf"\$inputs\.{re.escape(name)}(?![\w-])", text)
        }

    # -- references -------------------------------------------------------------------------------

    def artifact_of(self, view: StageView) -> str:
        """Return the name by which others refer to a stage's result; declare it where it is not."""
        if not view.artifacts:
            base = view.id if re.fullmatch(r"[A-Za-z_][\w-]*", view.id) else "result"
            view.raw["produces"] = [free_name(base, {n for v in self.stages for n in v.artifacts})]
        return view.artifacts[0]

    def reference(self, view: StageView) -> str:
        """Return the binding to a stage's result, to all of them where it makes several."""
        return (EVERY if self.count(view) != 1 else ONE).format(self.artifact_of(view))

    def source(self, reference: Any, before: int) -> StageView | None:
        """Return the stage that a text such as `$artifacts.x…` means, seen from a position."""
        artifact = name_of_binding(reference, "artifacts")
        return self.producer(artifact, before) if artifact else None

    def producer(self, artifact: str, before: int) -> StageView | None:
        rows = [raw for raw in self._stages[:before] if isinstance(raw, dict)]
        views = [StageView(raw, self.tools) for raw in reversed(rows)]
        return next((view for view in views if artifact in view.artifacts), None)

    def sources(self, view: StageView) -> list[StageView]:
        """Return the stages whose results a stage takes, named or by order, each once."""
        ids = dict.fromkeys(w.source for w in self.wiring().wires if w.target == view.id)
        return [result for result in map(self.find, ids) if result is not None]

    def users(self, view: StageView) -> list[StageView]:
        """Return the stages that take a stage's result, named or by order, in order."""
        ids = {wire.target for wire in self.wiring().wires if wire.source == view.id}
        return [other for other in self.stages if other.id in ids]

    def wiring(self) -> Wiring:
        return read_wiring(self.body, self.tools)

    # -- values -----------------------------------------------------------------------------------

    def bound_input(self, value: Any) -> dict[str, Any] | None:
        """Return the input that an argument's value is, as a whole."""
        name = name_of_binding(value, "inputs")
        return self.input(name) if name else None

    def value(self, view: StageView, name: str) -> Any:
        """Return an argument's value: an input's default, of an absent one the tool's default."""
        value = view.get(name)
        entry = self.bound_input(value)
        if entry is not None:
            return entry.get("default")
        return view.schema(name).get("default") if value is None else value

    def number(self, view: StageView, name: str) -> float | None:
        value = self.value(view, name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number else None

    def count(self, view: StageView) -> int:
        """Return how many results a stage makes, as far as the template says; 0: no one can say."""
        if view.select:
            high = view.select.get("max")
            return high if isinstance(high, int) and not isinstance(high, bool) else 0
        count = int(self.number(view, view.count_name) or 1) if view.count_name else 1
        if view.is_batch:
            return count * self._elements(view.raw.get("overBinding"), view)
        if view.tool_name == "animate_photo" and view.ports[0].many:
            value = view.port_value(view.ports[0].name)
            if isinstance(value, list):
                return count * len(value)
            if isinstance(value, str) and "[*]" in value:
                return count * self._elements(value, view)
        return count

    def _elements(self, over: Any, view: StageView) -> int:
        entry = self.bound_input(over)
        if entry is not None:
            default = entry.get("default")
            if isinstance(default, str):
                return len([line for line in default.splitlines() if line.strip()])
            return len(default) if isinstance(default, list) else 0
        source = self.source(over, self.position(view.id))
        return self.count(source) if source is not None else 0


def _id_of(raw: Any) -> str | None:
    result = raw.get("id") if isinstance(raw, dict) else None
    return result if isinstance(result, str) else None


def input_title(entry: Mapping[str, Any]) -> str:
    """Return what people call an input."""
    label = entry.get("label")
    return (label if isinstance(label, str) else "") or words_of(str(entry.get("name")))
