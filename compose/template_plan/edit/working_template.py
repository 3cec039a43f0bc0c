"""A template while it changes: stages and inputs by name, references between them, new names."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from compose.template_plan.edit.stage_view import StageView
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

    # -- stages -----------------------------------------------------------------------------------

    @property
    def _stages(self) -> list[Any]:
        if not isinstance(self.body.get("stages"), list):
            self.body["stages"] = []
        found: list[Any] = self.body["stages"]
        return found

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

    def take_out(self, view: StageView) -> None:
        """Take a stage out that was put in a moment ago."""
        self._stages.remove(view.raw)

    def delete(self, ids: set[str]) -> None:
        """Take stages out, with what only points at them: previews, and their order."""
        self._stages[:] = [raw for raw in self._stages if _id_of(raw) not in ids]
        self.selection = [view for view in self.selection if view.id not in ids]
        shown = self.body.get("previewArtifacts")
        if isinstance(shown, list):
            self.body["previewArtifacts"] = [
                one for one in shown if not (isinstance(one, dict) and one.get("stageId") in ids)
            ]

    def fresh_id(self, wanted: str) -> str:
        """An id and artifact name that no stage has. wanted: letters, digits and `_`."""
        taken = {view.id for view in self.stages}
        for view in self.stages:
            taken.update(_texts(view.raw.get("produces")))
        return _fresh(wanted, taken)

    def fresh_label(self, wanted: str) -> str:
        taken = {view.title for view in self.stages}
        number = 2
        label = wanted
        while label in taken:
            label, number = f"{wanted} {number}", number + 1
        return label

    # -- inputs -----------------------------------------------------------------------------------

    @property
    def inputs(self) -> list[dict[str, Any]]:
        found = self.body.get("inputs")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def input(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self.inputs if one.get("name") == name), None)

    def add_input(self, wanted: str, **declared: Any) -> str:
        """Declare an input, last. Returns its name, `wanted` or one like it."""
        if not isinstance(self.body.get("inputs"), list):
            self.body["inputs"] = []
        taken = {one["name"] for one in self.inputs if isinstance(one.get("name"), str)}
        name = _fresh(wanted, taken)
        self.body["inputs"].append({"name": name, **declared})
        return name

    def delete_inputs(self, names: set[str]) -> None:
        if isinstance(self.body.get("inputs"), list):
            self.body["inputs"][:] = [
                one
                for one in self.body["inputs"]
                if not (isinstance(one, dict) and one.get("name") in names)
            ]

    def used_inputs(self) -> set[str]:
        """Names of the inputs that some stage uses, in an argument or a condition."""
        text = repr(self._stages)
        return {
            one["name"]
            for one in self.inputs
            if isinstance(one.get("name"), str)
            and re.search(rf"\$inputs\.{re.escape(one['name'])}(?![\w-])", text)
        }

    def input_title(self, name: str) -> str:
        declared = self.input(name) or {}
        label = declared.get("label")
        return (label if isinstance(label, str) else "") or words_of(name)

    # -- references -------------------------------------------------------------------------------

    def artifact_of(self, view: StageView) -> str:
        """The name under which others refer to a stage's result; declared when it is not yet."""
        names = _texts(view.raw.get("produces"))
        if not names:
            names = [view.id if re.fullmatch(r"[A-Za-z_][\w-]*", view.id) else "result"]
            taken = {n for other in self.stages for n in _texts(other.raw.get("produces"))}
            names = [_fresh(names[0], taken)]
            view.raw["produces"] = names
        return names[0]

    def reference(self, view: StageView) -> str:
        """The binding to a stage's result, to all of them where it makes several."""
        return (EVERY if self.count(view) != 1 else ONE).format(self.artifact_of(view))

    def source(self, reference: Any, before: int) -> StageView | None:
        """The stage that a text such as `$artifacts.x…` means, seen from a position."""
        read = read_text(reference) if isinstance(reference, str) else None
        if not isinstance(read, Ref) or read.root != "artifacts":
            return None
        return self.producer(read.name, before)

    def producer(self, artifact: str, before: int) -> StageView | None:
        found = None
        for raw in self._stages[:before]:
            if isinstance(raw, dict) and artifact in _texts(raw.get("produces")):
                found = raw
        return StageView(found, self.tools) if found is not None else None

    def sources(self, view: StageView) -> list[StageView]:
        """The stages whose results a stage takes, named or by order, each once."""
        ids = dict.fromkeys(w.source for w in self.wiring().wires if w.target == view.id)
        return [found for found in map(self.find, ids) if found is not None]

    def users(self, view: StageView) -> list[StageView]:
        """The stages that take a stage's result, named or by order, in order."""
        ids = {wire.target for wire in self.wiring().wires if wire.source == view.id}
        return [other for other in self.stages if other.id in ids]

    def wiring(self) -> Wiring:
        return read_wiring(self.body, self.tools)

    # -- values -----------------------------------------------------------------------------------

    def bound_input(self, value: Any) -> dict[str, Any] | None:
        """The input that an argument's value is, as a whole."""
        read = read_text(value) if isinstance(value, str) else None
        if isinstance(read, Ref) and read.root == "inputs":
            return self.input(read.name)
        return None

    def value(self, view: StageView, name: str) -> Any:
        """An argument's value: of an input its default, of an absent one the tool's default."""
        given = view.get(name)
        declared = self.bound_input(given)
        if declared is not None:
            return declared.get("default")
        if given is None:
            return view.schema(name).get("default")
        return given

    def number(self, view: StageView, name: str) -> float | None:
        value = self.value(view, name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return float(value)

    def count(self, view: StageView) -> int:
        """How many results a stage makes, as far as the template says; 0: no one can say."""
        if view.select:
            high = view.select.get("max")
            return high if isinstance(high, int) and not isinstance(high, bool) else 0
        made = 1
        if view.tool is not None and view.tool.count:
            made = int(self.number(view, view.tool.count) or 1)
        if view.is_batch:
            return made * self._elements(view.raw.get("overBinding"), view)
        port = view.main_port
        if port is not None and port.many and view.tool_name == "animate_photo":
            key = view.port_key(port.name)
            given = view.args.get(key) if key else None
            if isinstance(given, list):
                return made * len(given)
            if isinstance(given, str) and "[*]" in given:
                return made * self._elements(given, view)
        return made

    def _elements(self, over: Any, view: StageView) -> int:
        declared = self.bound_input(over)
        if declared is not None:
            default = declared.get("default")
            if isinstance(default, str):
                return len([line for line in default.splitlines() if line.strip()])
            return len(default) if isinstance(default, list) else 0
        source = self.source(over, self.position(view.id))
        return self.count(source) if source is not None else 0


def _id_of(raw: Any) -> str | None:
    found = raw.get("id") if isinstance(raw, dict) else None
    return found if isinstance(found, str) else None


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _fresh(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
