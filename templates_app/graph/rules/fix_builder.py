"""A document and its template side by side: finding the part an issue is about, and writing ops.

Pure. Each rule says what clears its issue; this knows how to say it in ops of the editor.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from core.names import free_name
from templates_app.document_ops.convert import to_document
from templates_app.document_ops.ops import Op, State
from templates_app.graph.bindings import Broken, Ref, find_refs, read_text
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.port_arguments import find_port
from templates_app.graph.references import latest_before
from templates_app.graph.rewriting import GONE, Change, rewritten
from templates_app.graph.rules.template_facts import TemplateFacts, named_artifacts
from templates_app.graph.spec import Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.titles import TemplateTitles
from templates_app.graph.wiring import Wiring, read_wiring
from tools.declaration.ports import Port, Tool, ToolTable
from tools.declaration.schema import Schema, parameter_schemas

# How alike a name must be to be the one that was meant.
_ALIKE: Final = 0.7
_UNSAFE: Final = re.compile(r"[.\[\]]+")
_NOT_IN_A_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class CallSite:
    """A stage that calls a tool, or the item of a batch. key: of the record; path: to its args."""

    key: str
    stage: Stage
    caller: Stage
    tool: type[Tool] | None
    path: tuple[str, ...]


class FixBuilder(TemplateFacts):
    """Reads a document once; every method answers for this one state."""

    def __init__(self, raw: Mapping[str, Any], tools: ToolTable, state: State | None) -> None:
        super().__init__(read_spec(raw)[0], tools)
        self.raw = raw
        self.state: State = to_document(raw) if state is None else state
        self._seen: Counter[tuple[str, str]] = Counter()
        self._dependents: dict[int, set[int]] = {}

    # -- what an issue is about ------------------------------------------------------------------

    def occurrence(self, issue: Issue) -> int:
        """Count the issues of this code and path that were asked for, this one included.

        Two inputs of one name have one path: the order of their issues tells them apart.
        """
        self._seen[issue.code, issue.at.path] += 1
        return self._seen[issue.code, issue.at.path]

    def call_of(self, issue: Issue) -> CallSite | None:
        return self.call_at(issue.at.stage_id)

    def refs(self, call: CallSite, issue: Issue) -> list[Ref | Broken]:
        """Every reference in the argument that an issue is about."""
        return list(find_refs(self.value_at(call, issue.at.argument)))

    def named_ref(self, call: CallSite, issue: Issue, root: str) -> Ref | None:
        """The reference that an issue names in its parameter `text`, while it is still there."""
        ref = read_text(str(issue.params["text"]))
        if not isinstance(ref, Ref) or ref.root != root:
            return None
        return ref if ref in self.refs(call, issue) else None

    def stage_key(self, issue: Issue) -> str | None:
        """The key of the stage an issue is about, also of one that cannot be read."""
        return self.keys.get(issue.at.stage_id or "")

    def stage_record(self, issue: Issue) -> tuple[str, Mapping[str, Any]] | None:
        """The key and the record of that stage."""
        key = self.stage_key(issue)
        record = self.row("stages", key) if key is not None else None
        return (key, record) if key is not None and isinstance(record, dict) else None

    def input_key(self, path: str, nth: int = 1) -> str | None:
        """The key of the nth input that a path such as `inputs/photo` or `inputs/2` means."""
        parts = path.split("/")
        if len(parts) < 2 or parts[0] != "inputs":
            return None
        order = self.order("inputs")
        keys = [key for key in order if self._field("inputs", key, "name") == parts[1]]
        if len(keys) >= nth:
            return keys[nth - 1]
        at = int(parts[1]) if parts[1].isdecimal() and len(parts[1]) < 6 else len(order)
        return order[at] if at < len(order) and not keys else None

    def input_record(self, issue: Issue) -> tuple[str, Mapping[str, Any]] | None:
        """The key and the record of the input an issue is about."""
        key = self.input_key(issue.at.path)
        record = self.row("inputs", key) if key is not None else None
        return (key, record) if key is not None and isinstance(record, dict) else None

    # -- what is where ---------------------------------------------------------------------------

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """Stage id → key of its record: the first of an id is the one that counts."""
        keys: dict[str, str] = {}
        for key in self.order("stages"):
            stage_id = self._field("stages", key, "id")
            if isinstance(stage_id, str):
                keys.setdefault(stage_id, key)
        return keys

    @cached_property
    def order_of(self) -> Mapping[str, int]:
        return {key: place for place, key in enumerate(self.order("stages"))}

    def order(self, table: str) -> Sequence[str]:
        order: Sequence[str] = self.state[table]["order"]
        return order

    def row(self, table: str, key: str) -> Any:
        return self.state[table]["rows"].get(key)

    def _field(self, table: str, key: str, name: str) -> Any:
        record = self.row(table, key)
        return record.get(name) if isinstance(record, dict) else None

    def call_at(self, stage_id: str | None) -> CallSite | None:
        """The stage an issue names, with the tool it calls."""
        position = self.positions.get(stage_id or "")
        key = self.keys.get(stage_id or "")
        if position is None or key is None:
            return None
        stage = self.spec.stages[position]
        is_batch = stage.type == "batch"
        caller = stage.item if is_batch and stage.item is not None else stage
        tool = self.tools.get(caller.tool) if caller.tool else None
        return CallSite(key, stage, caller, tool, ("itemStage", "args") if is_batch else ("args",))

    def position(self, call: CallSite) -> int:
        return self.positions[call.stage.id]

    def value_at(self, call: CallSite, argument: str) -> Any:
        if argument == "overBinding":
            return call.stage.over
        return call.caller.args.get(argument)

    def port_of(self, call: CallSite, argument: str) -> Port | None:
        return find_port(call.tool, argument)[0] if call.tool is not None else None

    def schema_of(self, call: CallSite, argument: str) -> Schema | None:
        if call.tool is None:
            return None
        schemas = parameter_schemas(call.tool)
        return schemas.get(find_port(call.tool, argument)[1])

    # -- names -----------------------------------------------------------------------------------

    @staticmethod
    def nearest(name: str, names: Iterable[str], alike: float = _ALIKE) -> str | None:
        """The name that was probably meant."""
        by_lower = {each.lower(): each for each in names}
        matches = difflib.get_close_matches(name.lower()[:200], by_lower, 1, alike)
        return by_lower[matches[0]] if matches else None

    unused_name = staticmethod(free_name)

    def input_names(self) -> set[str]:
        """Names that are taken among the inputs, the unreadable and the keys as well."""
        names = set(self.order("inputs"))
        for key in self.order("inputs"):
            name = self._field("inputs", key, "name")
            if isinstance(name, str):
                names.add(name)
        return names

    @cached_property
    def artifact_names(self) -> set[str]:
        """Names that some stage produces, or asks for in vain."""
        uses = (name for stage in self.spec.stages for name in named_artifacts(stage))
        return {*self.producers, *uses}

    def stage_names(self) -> set[str]:
        return {*self.order("stages"), *self.keys, *self.artifact_names}

    # -- ops -------------------------------------------------------------------------------------

    @staticmethod
    def assign(table: str, key: str, path: Sequence[str], value: Any = GONE) -> Op:
        op: dict[str, Any] = {"op": "set", "table": table, "key": key, "path": list(path)}
        return op if value is GONE else {**op, "value": value}

    def write(self, call: CallSite, argument: str, value: Any = GONE) -> Op:
        """Set an argument as it is spelled, or take it away."""
        if argument == "overBinding":
            return self.assign("stages", call.key, ["overBinding"], value)
        record = self.row("stages", call.key)
        for depth in range(1, len(call.path) + 1):
            way = call.path[:depth]
            current = _follow(record, way)
            if current is not None and not isinstance(current, dict):
                return self.assign("stages", call.key, way, value)
            if current is None:
                inner: Any = {argument: value}
                for name in reversed(call.path[depth:]):
                    inner = {name: inner}
                is_null = isinstance(_follow(record, way[:-1]), dict) and way[-1] in _follow(
                    record, way[:-1]
                )
                if is_null:
                    return self.assign("stages", call.key, way, inner)
                break
        return self.assign("stages", call.key, [*call.path, argument], value)

    def set_field(self, table: str, key: str, path: Sequence[str], value: Any, label: str) -> Fix:
        """A fix that sets one field of a record; GONE takes it away."""
        return Fix(label, (self.assign(table, key, path, value),))

    def rewrite(self, call: CallSite, argument: str, change: Change) -> Op | None:
        """The argument with its references changed, or None when that changes nothing."""
        value = self.value_at(call, argument)
        new_value = rewritten(value, change)
        return None if new_value is value else self.write(call, argument, new_value)

    def replace_text(self, call: CallSite, argument: str, text: str, by: Any) -> Op | None:
        return self.rewrite(call, argument, lambda ref: by if ref.text == text else ref.text)

    def replace_reference(
        self, call: CallSite, issue: Issue, text: str, by: Any, label: str
    ) -> Fix | None:
        """A fix that writes another text for a reference in the argument of an issue."""
        op = self.replace_text(call, issue.at.argument, text, by)
        return None if op is None else Fix(label, (op,))

    def without(self, call: CallSite, issue: Issue, text: str) -> Fix | None:
        """A fix that takes a reference away; a batch must have its list."""
        if issue.at.argument == "overBinding":
            return None
        return self.replace_reference(call, issue, text, GONE, "Remove the reference")

    def declare(self, name: str, kind: str, **fields: Any) -> Op:
        """A new input, last of all."""
        value = {"name": name, "type": kind, "required": True, "description": "", **fields}
        return {"op": "put", "table": "inputs", "key": name, "value": value}

    def put_before(self, user: Stage, tool: type[Tool]) -> tuple[CallSite, Op]:
        """A new stage of a tool, just before the one that needs it, and the op that adds it."""
        base = _NOT_IN_A_SLUG.sub("-", tool.title.lower()).strip("-") or "stage"
        key = self.unused_name(base, self.stage_names(), "-")
        value = {
            "id": key,
            "type": "fixed",
            "label": tool.title,
            "tool": tool.name,
            "produces": [key],
            "args": {},
        }
        after = self._predecessor(self.keys[user.id])
        stage = Stage.model_construct(
            id=key, type="fixed", path=f"stages/{key}", tool=tool.name, produces=(key,)
        )
        op: Op = {"op": "put", "table": "stages", "key": key, "value": value, "after": after}
        return CallSite(key, stage, stage, tool, ("args",)), op

    def artifact_name(self, source: Stage, position: int) -> tuple[str, list[Op]]:
        """The name under which a stage at `position` gets a result; ops when one must be added."""
        for name in source.produces:
            if not _UNSAFE.search(name) and self.source_of(name, position) is source:
                return name, []
        base = _UNSAFE.sub("-", source.id) or "result"
        name = self.unused_name(base, self.artifact_names, "-")
        key = self.keys[source.id]
        return name, [self.assign("stages", key, ["produces"], [*source.produces, name])]

    def result(
        self, source: Stage, position: int, *, is_list: bool = False
    ) -> tuple[str, list[Op]]:
        """The binding of a stage's result: all of them, where a list takes what several give."""
        name, ops = self.artifact_name(source, position)
        gives_list = source.type == "batch" or (
            source.select is not None and source.select.high != 1
        )
        which = "*" if is_list and gives_list else "0"
        return f"$artifacts.{name}.items[{which}].selectedVersion.url", ops

    def before(self, source: Stage, target: Stage) -> list[Op] | None:
        """Ops that move a stage, and what it needs, before another; None when that needs it."""
        start, end = self.positions[source.id], self.positions[target.id]
        needs = self.needs_of(source)
        if end in needs:
            return None
        if start < end:
            return []
        after = self._predecessor(self.keys[target.id])
        ops: list[Op] = []
        for place in sorted(place for place in needs if place > end):
            key = self.keys[self.spec.stages[place].id]
            ops.append({"op": "order", "table": "stages", "key": key, "after": after})
            after = key
        return ops

    def needs_of(self, stage: Stage) -> set[int]:
        """Positions of a stage and of all it needs, directly or not."""
        return _reach(self.positions[stage.id], self.uses)

    def may_feed(self, source: Stage, user: Stage) -> bool:
        """Tell whether an edge between them would close no circle."""
        position = self.positions[user.id]
        # A fix asks this for every producer there is, so what needs the user is found once.
        if position not in self._dependents:
            self._dependents[position] = _reach(position, self.used_by)
        return self.positions[source.id] not in self._dependents[position]

    @cached_property
    def uses(self) -> Sequence[frozenset[int]]:
        """List for each stage the positions of those whose artifacts it names."""
        uses = []
        for position, stage in enumerate(self.spec.stages):
            places = set()
            for name in named_artifacts(stage):
                producers = self.producers.get(name)
                if producers:
                    before = latest_before(producers, position)
                    places.add(producers[0] if before is None else before)
            uses.append(frozenset(places))
        return uses

    @cached_property
    def used_by(self) -> Sequence[Collection[int]]:
        """List for each stage the positions of those that name its artifacts."""
        users: list[list[int]] = [[] for _ in self.spec.stages]
        for position, places in enumerate(self.uses):
            for place in places:
                users[place].append(position)
        return users

    def title(self, stage_id: str) -> str:
        """Return what people call a stage."""
        return self.titles.stage(stage_id)

    @cached_property
    def titles(self) -> TemplateTitles:
        return TemplateTitles(self.raw, self.tools)

    @cached_property
    def wiring(self) -> Wiring:
        return read_wiring(self.raw, self.tools)

    def _predecessor(self, key: str) -> str | None:
        place = self.order_of[key]
        return self.order("stages")[place - 1] if place else None


def _follow(record: Any, path: Sequence[str]) -> Any:
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _reach(start: int, edges: Sequence[Collection[int]]) -> set[int]:
    """A position and all that its edges lead to, directly or not."""
    positions, waiting = {start}, [start]
    while waiting:
        for position in edges[waiting.pop()]:
            if position not in positions:
                positions.add(position)
                waiting.append(position)
    return positions
