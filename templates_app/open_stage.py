"""The inside of a stage as a document: of the version that it is, or of its sub-stages.

Read through the rows of the template that holds the stage, so who may read that template may read
this. Stages are called as their steps are in a run of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

from templates_app import selectors, uses
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.graph.nesting import key_of
from templates_app.graph.template_stages import references_in
from templates_app.graph.template_tool import TemplateTool
from templates_app.graph.wiring import words_of
from templates_app.models import Template, TemplateUse
from tools.declaration.ports import ToolTable

Record = Mapping[str, Any]

# Of a stage with stages inside, what is true of all of it and not of its own call.
_OF_THE_WHOLE: Final = {
    *("subStages", "condition", "bypass", "requiredArtifactsIn"),
    *("checkpointRequired", "humanApprovalDefault"),
}

# The end of a key behind a batch's own: which element, and what in it. Where another step had that
# key, underscores follow the number.
_ELEMENT: Final = re.compile(r"(?P<end>_(?P<place>[0-9]{1,6})_*)(\.(?P<rest>.+))?")


@dataclass(frozen=True, slots=True)
class Call:
    """A template stage that was opened: what its inputs are given, as it is written.

    spec, tools: of what holds the stage. arguments: by names of inputs. over: the list of a batch;
    "" of any other stage. batch, place: the key of the batch's step and which of its elements;
    place is None where none is open. makers: the keys of steps by the names of what they make.
    """

    spec: Record
    tools: ToolTable
    stage_id: str
    arguments: Record
    over: Any
    batch: str
    place: int | None
    makers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OpenStage:
    """The inside of a stage. path: of the stages that lead to it, itself the last: the key, the
    title, and whether it is an element of the batch before it.

    holder: the template whose rows say what stages inside are, `names` those that they name.
    use: the row that says what the stage is; None where it only holds others. calls: of the
    template stages of the path.
    """

    path: tuple[tuple[str, str, bool], ...]
    state: dict[str, Any]
    holder: Template
    names: set[str]
    use: TemplateUse | None
    calls: tuple[Call, ...]


def open_stage(template: Template, state: Record, key: str, person: int) -> OpenStage:
    """Open a stage of a template's document by the key of its step, or one element of a batch.

    Raises NotFound, in the words for an unknown template, for every key that is not of a stage
    with others inside that this person may read.
    """
    spec: Record = to_spec(state)
    tools = uses.table_for(template, person=person, specs=[spec])
    around: list[str] = []
    path: list[tuple[str, str, bool]] = []
    calls: list[Call] = []
    use = None
    rest = key
    while rest:
        level = _Level(spec, tools)
        *holders, stage = level.way_to(rest)
        path += [(_member_key(around, one["id"]), _title(one), False) for one in holders]
        member_key = _member_key(around, stage["id"])
        tool = level.template_of(stage)
        element = level.element_in(stage, rest)
        if tool is None:
            path.append((member_key, _title(stage), False))
            spec = {**spec, "stages": level.members(stage), "graph": {}}
            use = None
            if stage["type"] != "batch":
                break
            if element is not None:
                path.append((_member_key(around, element.key), str(element.place + 1), True))
            around.append(stage["id"] if element is None else element.key)
            rest = "" if stage["id"] == rest else level.rest_of(stage, rest)
            continue
        rows = TemplateUse.objects.select_related("version__template__owner")
        use = rows.filter(holder=template, reference=_tool_of(stage)).first()
        if use is None:
            raise selectors.missing()
        place = None if element is None else element.place
        calls.append(_call_of(stage, spec, tools, around, place))
        if element is None:
            path.append((member_key, f"{tool.title} {use.version.semver}", False))
            around.append(stage["id"])
        else:
            path.append((member_key, _title(stage), False))
            path.append((_member_key(around, element.key), str(element.place + 1), True))
            around.append(element.key)
        rest = "" if stage["id"] == rest else level.rest_of(stage, rest)
        template, spec = use.version.template, uses.as_read_by(person, use.version)
        tools = tool.tools
    if not path:
        raise selectors.missing()
    state = _document(spec, around)
    return OpenStage(tuple(path), state, template, references_in(spec), use, tuple(calls))


def _call_of(
    stage: Record, spec: Record, tools: ToolTable, around: Sequence[str], place: int | None
) -> Call:
    is_batch = stage.get("type") == "batch"
    caller = stage["itemStage"] if is_batch else stage
    arguments = caller.get("args")
    return Call(
        spec=spec,
        tools=tools,
        stage_id=stage["id"],
        arguments=arguments if isinstance(arguments, dict) else {},
        over=stage.get("overBinding") if is_batch else "",
        batch=_member_key(around, stage["id"]),
        place=place,
        makers={
            name: _member_key(around, one["id"])
            for one in _list_of(spec, "stages")
            for name in _list_of(one, "produces")
            if isinstance(name, str)
        },
    )


@dataclass(frozen=True, slots=True)
class _Element:
    """An element of a batch over stages. key: of its group. rest: a key inside it; "" for all of
    it."""

    key: str
    place: int
    rest: str


class _Level:
    """The stages of one template, in which stages are looked for by their keys."""

    def __init__(self, spec: Record, tools: ToolTable) -> None:
        self.tools = tools
        self.ids = set(_ids(spec.get("stages")))
        self.ways = [*self._ways(spec.get("stages"), ())]

    def way_to(self, key: str) -> tuple[Record, ...]:
        """Find the stage of a key, or the template stage that it leads into, after the stages
        that hold it. Raises NotFound."""
        for way in self.ways:
            if way[-1]["id"] == key and (self.template_of(way[-1]) or self.members(way[-1])):
                return way
        for way in self.ways:
            if self.rest_of(way[-1], key) or self.element_in(way[-1], key):
                return way
        raise selectors.missing()

    def element_in(self, stage: Record, key: str) -> _Element | None:
        """Read a key as that of an element of a batch, or of a stage in one."""
        match = _inside_batch(stage["id"], key) if stage.get("type") == "batch" else None
        if match is None or not (self.template_of(stage) or self.members(stage)):
            return None
        element = _Element(stage["id"] + match["end"], int(match["place"]), match["rest"] or "")
        # A stage has that key, so the element has another one.
        return None if element.key in self.ids else element

    def template_of(self, stage: Record) -> type[TemplateTool] | None:
        tool = None if self.members(stage) else self.tools.uses.get(_tool_of(stage))
        return tool if tool is not None and issubclass(tool, TemplateTool) else None

    def rest_of(self, stage: Record, key: str) -> str:
        """Return what a key means inside a template stage; "" for nothing in it."""
        element = self.element_in(stage, key)
        if element is not None:
            return element.rest
        tool = self.template_of(stage)
        if tool is None:
            is_batch = stage.get("type") == "batch" and self.members(stage)
            return key.removeprefix(f"{stage['id']}.") if is_batch and "." in key else ""
        # Those that are turned off are in no run, and have a key all the same.
        ids = [one.id for one in (*tool.flat.stages, *tool.spec.stages)]
        own = next((id_ for id_ in ids if key_of(stage["id"], id_) == key), "")
        rest = key.removeprefix(f"{stage['id']}.")
        # Elements of a batch inside are in no template: their keys begin with the batch's.
        is_element = rest != key and any(_inside_batch(id_, rest) for id_ in ids)
        return own or (rest if is_element else "")

    def members(self, stage: Record) -> list[Record]:
        """List what a stage with stages inside runs: its own call, then its sub-stages."""
        item = stage.get("itemStage") if stage.get("type") == "batch" else None
        call = item if isinstance(item, dict) else stage
        inside = [*_list_of(stage, "subStages"), *_list_of(item, "subStages")]
        if not inside:
            return []
        if stage.get("type") != "interactive" and not _tool_of(stage):
            return inside
        # What a batch repeats has the batch's key before its own.
        name = "main" if stage.get("type") == "batch" else f"{stage['id']}.main"
        call_id, number = name, 1
        while call_id in self.ids:
            number += 1
            call_id = f"{name}_{number}"
        own = {field: value for field, value in call.items() if field not in _OF_THE_WHOLE}
        return [{"type": "fixed", **own, "id": call_id}, *inside]

    def _ways(self, stages: Any, holders: tuple[Record, ...]) -> Iterator[tuple[Record, ...]]:
        """Yield each stage, also those inside others, after the stages that hold it."""
        for stage in stages if isinstance(stages, list) else ():
            if isinstance(stage, dict) and isinstance(stage.get("id"), str):
                yield (*holders, stage)
                yield from self._ways(self.members(stage), (*holders, stage))


def _inside_batch(batch: str, key: str) -> re.Match[str] | None:
    return _ELEMENT.fullmatch(key, len(batch)) if key.startswith(batch) else None


def _tool_of(stage: Record) -> str:
    """Return a stage's tool, or that of a batch's items; "" for none."""
    call = stage.get("itemStage") if stage.get("type") == "batch" else stage
    tool = call.get("tool") if isinstance(call, dict) else None
    return tool if isinstance(tool, str) else ""


def _ids(stages: Any) -> Iterator[str]:
    for stage in stages if isinstance(stages, list) else ():
        if isinstance(stage, dict):
            yield str(stage.get("id"))
            yield from _ids(_list_of(stage, "subStages"))
            yield from _ids(_list_of(stage.get("itemStage"), "subStages"))


def _list_of(record: Any, field: str) -> list[Any]:
    value = record.get(field) if isinstance(record, dict) else None
    return value if isinstance(value, list) else []


def _document(spec: Record, around: Sequence[str]) -> dict[str, Any]:
    """Return a spec as a document whose stages have the keys of their steps."""
    state = to_document(spec)
    keys = {key: _member_key(around, key) for key in state["stages"]["order"]}
    for table in ("stages", "nodes"):
        rows = state[table]["rows"]
        state[table] = {
            "order": [keys.get(key, key) for key in state[table]["order"]],
            "rows": {keys.get(key, key): row for key, row in rows.items()},
        }
    return state


def _member_key(around: Sequence[str], stage_id: str) -> str:
    """Return how a stage's step is called. around: the template stages that it is in."""
    return reduce(lambda key, group: key_of(group, key), reversed(around), stage_id)


def _title(stage: Record) -> str:
    label = stage.get("label")
    return label if isinstance(label, str) and label else words_of(stage["id"])
