"""A template as a graph: nodes with sockets, wires between them. For pictures.

Bindings are the edges; what compiling would join by itself (contract §6.6) is an implied wire. A
picture bears any spec: what cannot be read is left out, and names are cleaned and cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from templates_app.graph.bindings import Ref, find_refs, plain
from templates_app.graph.inside import FlatSpec, values_of
from templates_app.graph.port_arguments import find_port
from templates_app.graph.spec import Input, Spec, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_tool import TemplateTool, output_of
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.declaration.ports import Tool, ToolTable

INPUTS: Final = "$inputs"
# What a picture can show; a template may hold a hundred times as many.
MAX_WIRES: Final = 4_000
MAX_SOCKETS: Final = 12
NAME_LENGTH: Final = 80
LABEL_LENGTH: Final = 60

# Invisible marks that turn the text around them; in a picture of many names they cross over.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_KIND_OF_INPUT: Mapping[str, str] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "text": "text",
    "number": "number",
}
DATA: Final = "choice"
# The socket of what the stages inside a stage take from outside.
INSIDE: Final = "inside"


@dataclass(frozen=True, slots=True)
class Socket:
    """The end of a wire. kind: image, video, audio, model, text, number or choice."""

    key: str
    title: str
    kind: str
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """The inputs (id `$inputs`) or a stage. kind: what it makes, as sockets have it.

    inputs: the sockets with an edge. rows: how many sockets the canvas shows on the longer side,
    with those that nothing is connected to.
    """

    id: str
    title: str
    meta: str
    kind: str
    inputs: tuple[Socket, ...] = ()
    outputs: tuple[Socket, ...] = ()
    rows: int = 1

    @property
    def is_inputs(self) -> bool:
        return self.id == INPUTS


@dataclass(frozen=True, slots=True)
class Wire:
    """From a node's output to another's input; both are positions among the sockets."""

    source: str
    output: int
    target: str
    input: int
    kind: str
    is_implied: bool = False


@dataclass(frozen=True, slots=True)
class Wiring:
    """nodes: the inputs first when there are any, then stages in order. Wires point forward."""

    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]


def read_wiring(spec: Any, tools: ToolTable) -> Wiring:
    """The graph of a stored spec. Never raises; linear in its size."""
    template, _issues = read_spec(spec)
    return wiring_of(template, tools)


def wiring_of(spec: Spec, tools: ToolTable) -> Wiring:
    """The graph of a spec that was read."""
    return _GraphReader(spec, tools).wiring()


def clean(text: str, length: int = NAME_LENGTH) -> str:
    """An outsider's name on one line, without control and direction marks, cut to `length`."""
    text = _TURNING.sub("", text[: length * 8])
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in text)
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def words_of(name: str) -> str:
    """`referenceImageIndices`, `key_frame` → words: "Reference image indices", "Key frame"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]+", " ", name[:200]).strip().lower()
    return clean(words[:1].upper() + words[1:])


def input_title(name: str, description: str) -> str:
    """Title an input as its form does: a short description is its label."""
    short = description.strip() if len(description.strip()) <= LABEL_LENGTH else ""
    return clean(short, LABEL_LENGTH) or words_of(name)


def stages_inside(stage: Stage) -> int:
    """Count the stages that run as a group in a stage, at any depth."""
    return sum(1 + stages_inside(inner) for inner in stage.inside)


def number_titles(entries: Iterable[tuple[str, str, bool]]) -> dict[str, str]:
    """Titles by id. The second that only its tool's title names is "Generate image 2".

    entries: id, title, and whether a person gave it, in order; those titles stay as they are.
    `frontend/src/graph/titles.ts` is the twin.
    """
    rows = list(entries)
    in_use = {title for _, title, is_own in rows if is_own}
    counts: dict[str, int] = {}
    by_id: dict[str, str] = {}
    for key, title, is_own in rows:
        unique = title
        while not is_own and unique in in_use:
            counts[title] = counts.get(title, 1) + 1
            unique = f"{title} {counts[title]}"
        in_use.add(unique)
        by_id.setdefault(key, unique)
    return by_id


def stage_titles(stages: Iterable[Stage], tools: ToolTable) -> dict[str, str]:
    """Title each stage, by its id: its label, else its tool, else its id in words."""
    entries = []
    for stage in stages:
        caller = stage.item if stage.type == "batch" and stage.item is not None else stage
        tool = tools.get(caller.tool) if caller.tool else None
        does = tool.title if tool is not None else ""
        label = clean(stage.label)
        title = label or does or words_of(stage.id) or stage.id
        entries.append((stage.id, title, label not in ("", does)))
    return number_titles(entries)


@dataclass
class _Stage:
    """A stage while its wires are found."""

    sockets: list[Socket] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)
    wires: set[Wire] = field(default_factory=set)
    # Arguments with a reference that fill no port; one may be called as a port is.
    arguments: set[str] = field(default_factory=set)


class _GraphReader:
    def __init__(self, spec: Spec, tools: ToolTable) -> None:
        self.spec, self.tools = spec, tools
        self.inputs = {input_.name: input_ for input_ in spec.inputs}
        self.asked = [input_ for input_ in spec.inputs if not input_.internal]
        self.places = {input_.name: place for place, input_ in enumerate(self.asked)}
        self.flat = FlatSpec(spec, tools)
        self.titles = stage_titles(spec.stages, tools)
        # Kind of media → ids of the stages so far that make it, in order.
        self.makers: dict[str, list[str]] = {}
        self.wires: list[Wire] = []

    def wiring(self) -> Wiring:
        nodes = []
        if self.asked:
            outputs = tuple(self.input_socket(input_) for input_ in self.asked)
            nodes.append(Node(INPUTS, "Inputs", "", DATA, (), outputs))
        for position, stage in enumerate(self.spec.stages):
            nodes.append(self.stage(position, stage))
        return Wiring(tuple(nodes), tuple(self.wires))

    def input_socket(self, input_: Input) -> Socket:
        kind = _KIND_OF_INPUT.get(input_.type, DATA)
        title = input_title(input_.name, input_.description)
        return Socket(input_.name, title, kind, input_.multiple is not None)

    def stage(self, position: int, stage: Stage) -> Node:
        caller = stage.item if stage.type == "batch" and stage.item is not None else stage
        tool = self.tools.get(caller.tool) if caller.tool else None
        parts = _Stage()
        start = self.flat.starts[position]
        for argument, value, is_call in values_of(stage):
            self.wire_references(start, stage.id, parts, argument, value, tool if is_call else None)
        if tool is not None and stage.type == "fixed":
            self.wire_implied(stage, tool, parts)
        self.wire_inside(position, stage.id, parts)
        for name in (*stage.requires, *stage.optional):
            self.wire_order(start, stage.id, parts, "after", "After", name)
        kind = self.flat.kind_of(position) or DATA
        for output_kind in self.flat.kinds_passed(position):
            self.makers.setdefault(output_kind, []).append(stage.id)
        meta = tool.title if tool is not None else clean(caller.tool) or stage.type
        if stage.type == "interactive":
            meta = "Your turn"
        count = stages_inside(stage)
        if count > 0:
            words = "1 stage inside" if count == 1 else f"{count} stages inside"
            meta = f"{meta}, {words}" if caller.tool or stage.type == "interactive" else words
        if stage.type == "batch":
            meta = f"{meta}, for each item"
        outputs = [Socket("out", kind.title() if kind != DATA else "Result", kind)]
        ends = outputs_shown(tool) if tool is not None else []
        if len(ends) > 1:
            keys = ("out", *(f"out:{name}" for name, _, _ in ends[1:]))
            kinds = (kind, *(other or DATA for _, _, other in ends[1:]))
            titles = (title for _, title, _ in ends)
            outputs = [Socket(*end) for end in zip(keys, titles, kinds, strict=True)]
        rows = max(_sockets_shown(stage, tool, parts), len(outputs))
        inputs = tuple(parts.sockets)
        return Node(stage.id, self.titles[stage.id], meta, kind, inputs, tuple(outputs), rows)

    def wire_references(
        self,
        position: int,
        stage_id: str,
        parts: _Stage,
        argument: str,
        value: Any,
        tool: type[Tool] | None,
    ) -> None:
        """Wires for the references inside one argument."""
        port = find_port(tool, argument)[0] if tool is not None else None
        key = port.name if port is not None else argument
        title = port.title if port is not None else words_of(argument)
        for ref in find_refs(value):
            if not isinstance(ref, Ref):
                continue
            if port is None and argument != INSIDE:
                parts.arguments.add(argument)
            if ref.root == "inputs" and ref.name in self.places:
                input_ = self.inputs[ref.name]
                kind = _KIND_OF_INPUT.get(input_.type, DATA)
                place = self.places[ref.name]
                self.wire(stage_id, parts, key, title, INPUTS, place, kind)
            elif ref.root == "artifacts":
                maker = self.flat.maker(ref.name, position)
                if maker is not None:
                    source = self.spec.stages[maker[0]]
                    if source.id != stage_id:
                        output, kind = self.output_of(ref, source, maker[1] or DATA)
                        self.wire(stage_id, parts, key, title, source.id, output, kind)

    def output_of(self, ref: Ref, source: Stage, kind: str) -> tuple[int, str]:
        """Return which output of a stage a reference names, and its kind. kind: of the main one."""
        tool = self.tools.get(source.caller.tool) if source.caller.tool else None
        name = output_of(ref, source, self.tools) if tool is not None else ""
        for place, (other, _, other_kind) in enumerate(
            outputs_shown(tool) if tool and name else ()
        ):
            if place and other == name:
                return place, other_kind or DATA
        return 0, kind

    def wire_inside(self, position: int, stage_id: str, parts: _Stage) -> None:
        """Wire the sources of the stages inside one, all into one socket."""
        for at, value in self.flat.taken_inside(position):
            self.wire_references(at, stage_id, parts, INSIDE, value, None)
        for at, name in self.flat.awaited_inside(position):
            self.wire_order(at, stage_id, parts, INSIDE, "Inside", name)

    def wire_order(
        self, at: int, stage_id: str, parts: _Stage, key: str, title: str, name: str
    ) -> None:
        """Order alone, where nothing else joins the two."""
        maker = self.flat.maker(name, at)
        if maker is None:
            return
        source = self.spec.stages[maker[0]].id
        if source != stage_id and source not in parts.sources:
            self.wire(stage_id, parts, key, title, source, 0, DATA)

    def wire_implied(self, stage: Stage, tool: type[Tool], parts: _Stage) -> None:
        """Media that compiling joins because the stage names none."""
        if any(find_port(tool, argument)[0] is not None for argument in stage.args):
            return
        literal = {name: plain(value) for name, value in stage.args.items()}
        params = fill_defaults(tool, read_arguments(tool, literal).params)
        for port in tool.ports():
            makers = self.makers.get(port.kind, [])
            if port.implied == "none" or not port.applies(params):
                continue
            if makers:
                for maker in makers if port.implied == "all" else makers[-1:]:
                    self.wire(
                        stage.id, parts, port.name, port.title, maker, 0, port.kind, is_implied=True
                    )
                continue
            for input_ in self.asked:
                if input_.type == port.kind:
                    place = self.places[input_.name]
                    self.wire(
                        stage.id,
                        parts,
                        port.name,
                        port.title,
                        INPUTS,
                        place,
                        port.kind,
                        is_implied=True,
                    )
                    if port.implied != "all":
                        break

    def wire(
        self,
        stage_id: str,
        parts: _Stage,
        key: str,
        title: str,
        source: str,
        output: int,
        kind: str,
        *,
        is_implied: bool = False,
    ) -> None:
        if key not in parts.places:
            # Beyond the last socket that is drawn, all share that one.
            parts.places[key] = min(len(parts.sockets), MAX_SOCKETS - 1)
            if len(parts.sockets) < MAX_SOCKETS:
                kind_shown = DATA if key == INSIDE else kind
                parts.sockets.append(Socket(key, clean(title), kind_shown))
        parts.sources.add(source)
        wire = Wire(source, output, stage_id, parts.places[key], kind, is_implied)
        if len(self.wires) < MAX_WIRES and wire not in parts.wires:
            parts.wires.add(wire)
            self.wires.append(wire)


def outputs_shown(tool: type[Tool]) -> list[tuple[str, str, str | None]]:
    """List the outputs of a template with their titles and kinds, the main one first."""
    if not issubclass(tool, TemplateTool):
        return []
    return [
        (one.name, clean(one.label) or words_of(one.name), tool.output_kinds.get(one.name) or None)
        for one in tool.outputs
    ]


def _sockets_shown(stage: Stage, tool: type[Tool] | None, parts: _Stage) -> int:
    """Count the inputs of a stage's node: every port, its text, and what else has an edge."""
    arguments = set(parts.arguments)
    if tool is not None:
        arguments.update(_main_text(tool))  # type: ignore[arg-type]  # mypy: a class is no Hashable
    if stage.type == "batch":
        arguments.discard(stage.item_name or "items")
        arguments.add("over")
    elif stage.type == "interactive":
        arguments.add("select")
    ports = len(tool.ports()) if tool is not None else 0
    others = ("after" in parts.places) + (INSIDE in parts.places)
    return ports + len(arguments) + others


@lru_cache(maxsize=512)
def _main_text(tool: type[Tool]) -> tuple[str, ...]:
    """The parameter with a socket of its own: the prompt, else the first text that is required."""
    fields = tool.Params.model_fields
    if "prompt" in fields:
        return ("prompt",)
    names = (name for name, field in fields.items() if field.is_required())
    return tuple(name for name in names if fields[name].annotation is str)[:1]


def sources_of(wiring: Wiring) -> Mapping[str, tuple[str, ...]]:
    """Node id → ids of the nodes it takes something from, each once, in order."""
    by_target: dict[str, dict[str, None]] = {}
    for wire in wiring.wires:
        by_target.setdefault(wire.target, {})[wire.source] = None
    return {target: tuple(sources) for target, sources in by_target.items()}


def each_stage(wiring: Wiring) -> Iterator[Node]:
    return (node for node in wiring.nodes if not node.is_inputs)
