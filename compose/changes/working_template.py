"""A template while it changes: stages and inputs by name, references between them, new names."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from compose.changes.stage_view import StageView
from templates_app.graph.bindings import Ref, read_text
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

    # -- stages -----------------------------------------------------------------------------------

    @property
    def _stages(self) -> list[Any]:
        if not isinstance(self.body.get("stages"), list):
            self.body["stages"] = []
        result: list[Any] = self.body["stages"]
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
        return fresh(base, {name for view in self.stages for name in (view.id, *view.artifacts)})

    def fresh_label(self, base: str) -> str:
        return fresh(base, {view.title for view in self.stages}, " ")

    # -- inputs -----------------------------------------------------------------------------------

    @property
    def inputs(self) -> list[dict[str, Any]]:
        result = self.body.get("inputs")
        return [one for one in result if isinstance(one, dict)] if isinstance(result, list) else []

    def input(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self.inputs if one.get("name") == name), None)

    def add_input(self, base: str, **entry: Any) -> str:
        """Declare an input, last. Returns its name, `base` or one like it."""
        if not isinstance(self.body.get("inputs"), list):
            self.body["inputs"] = []
        names_in_use = {one["name"] for one in self.inputs if isinstance(one.get("name"), str)}
        name = fresh(base, names_in_use)
        self.body["inputs"].append({"name": name, **entry})
        return name

    def add_text(self, base: str, description: str, **entry: Any) -> str:
        """Declare a text that people must enter. Returns its name."""
        return self.add_input(base, type="text", required=True, description=description, **entry)

    def delete_inputs(self, names: set[str]) -> None:
        if isinstance(self.body.get("inputs"), list):
            self.body["inputs"][:] = [
                one
                for one in self.body["inputs"]
                if not (isinstance(one, dict) and one.get("name") in names)
            ]

    def used_inputs(self) -> set[str]:
        """Return names of the inputs that some stage uses, in an argument or a condition."""
        text = repr(self._stages)
        return {
            one["name"]
            for one in self.inputs
            if isinstance(one.get("name"), str)
            and re.search(rf"\$inputs\.{re.escape(one['name'])}(?![\w-])", text)
        }

    # -- references -------------------------------------------------------------------------------

    def artifact_of(self, view: StageView) -> str:
        """Return the name by which others refer to a stage's result; declare it where it is not."""
        if not view.artifacts:
            base = view.id if re.fullmatch(r"[A-Za-z_][\w-]*", view.id) else "result"
            view.raw["produces"] = [fresh(base, {n for v in self.stages for n in v.artifacts})]
        return view.artifacts[0]

    def reference(self, view: StageView) -> str:
        """Return the binding to a stage's result, to all of them where it makes several."""
        return (EVERY if self.count(view) != 1 else ONE).format(self.artifact_of(view))

    def source(self, reference: Any, before: int) -> StageView | None:
        """Return the stage that a text such as `$artifacts.x…` means, seen from a position."""
        binding = read_text(reference) if isinstance(reference, str) else None
        if not isinstance(binding, Ref) or binding.root != "artifacts":
            return None
        return self.producer(binding.name, before)

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
        binding = read_text(value) if isinstance(value, str) else None
        if isinstance(binding, Ref) and binding.root == "inputs":
            return self.input(binding.name)
        return None

    def value(self, view: StageView, name: str) -> Any:
        """Return an argument's value: an input's default, of an absent one the tool's default."""
        value = view.get(name)
        entry = self.bound_input(value)
        if entry is not None:
            return entry.get("default")
        if value is None:
            return view.schema(name).get("default")
        return value

    def number(self, view: StageView, name: str) -> float | None:
        value = self.value(view, name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return float(value)

    def count(self, view: StageView) -> int:
        """Return how many results a stage makes, as far as the template says; 0: no one can say."""
        if view.select:
            high = view.select.get("max")
            return high if isinstance(high, int) and not isinstance(high, bool) else 0
        count = 1
        if view.tool is not None and view.tool.count:
            count = int(self.number(view, view.tool.count) or 1)
        if view.is_batch:
            return count * self._elements(view.raw.get("overBinding"), view)
        port = view.main_port
        if port is not None and port.many and view.tool_name == "animate_photo":
            value = view.port_value(port.name)
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


def fresh(base: str, names_in_use: Collection[str], space: str = "_") -> str:
    """Return a name like `base` that isn't in use."""
    name, number = base, 2
    while name in names_in_use:
        name, number = f"{base}{space}{number}", number + 1
    return name


def input_title(entry: Mapping[str, Any]) -> str:
    """Return what people call an input."""
    label = entry.get("label")
    return (label if isinstance(label, str) else "") or words_of(str(entry.get("name")))
