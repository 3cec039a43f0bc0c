"""What a template looks like as a graph: nodes with sockets, wires between them. For pictures.

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
from templates_app.graph.port_arguments import find_port, kinds_made
from templates_app.graph.references import kinds_made_by, latest_before, producers_of
from templates_app.graph.spec import Input, Spec, Stage
from templates_app.graph.spec_reader import read_spec
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.declaration.ports import Tool, ToolTable

INPUTS: Final = "$inputs"
# What a picture can show; a template may hold a hundred times as many.
MAX_WIRES: Final = 4_000
MAX_SOCKETS: Final = 12
NAME_LENGTH: Final = 80

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


@dataclass(frozen=True, slots=True)
class Socket:
    """Where a wire ends. kind: image, video, audio, model, text, number or choice."""

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
    read, _issues = read_spec(spec)
    return wiring_of(read, tools)


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
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]+", " ", name[:200]).strip().lower()
    return clean(spaced[:1].upper() + spaced[1:])


def numbered(named: Iterable[tuple[str, str, bool]]) -> dict[str, str]:
    """Titles by id. The second that only its tool's title names is "Generate image 2".

    named: id, title, and whether a person gave it, in order; those titles stay as they are.
    `frontend/src/graph/titles.ts` is the twin.
    """
    known = list(named)
    taken = {title for _, title, is_own in known if is_own}
    counts: dict[str, int] = {}
    found: dict[str, str] = {}
    for key, title, is_own in known:
        shown = title
        while not is_own and shown in taken:
            counts[title] = counts.get(title, 1) + 1
            shown = f"{title} {counts[title]}"
        taken.add(shown)
        found.setdefault(key, shown)
    return found


def stage_titles(stages: Iterable[Stage], tools: ToolTable) -> dict[str, str]:
    """What each stage is called, by its id: its label, else its tool, else its id in words."""
    named = []
    for stage in stages:
        called = stage.item if stage.type == "batch" and stage.item is not None else stage
        tool = tools.get(called.tool) if called.tool else None
        does = tool.title if tool is not None else ""
        label = clean(stage.label)
        title = label or does or words_of(stage.id) or stage.id
        named.append((stage.id, title, label not in ("", does)))
    return numbered(named)


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
        self.inputs = {known.name: known for known in spec.inputs}
        self.asked = [known for known in spec.inputs if not known.internal]
        self.places = {known.name: place for place, known in enumerate(self.asked)}
        self.producers = producers_of(spec.stages)
        self.kinds = kinds_made_by(spec.stages, self.producers, tools)
        self.titles = stage_titles(spec.stages, tools)
        # Kind of media → ids of the stages so far that make it, in order.
        self.makers: dict[str, list[str]] = {}
        self.wires: list[Wire] = []

    def wiring(self) -> Wiring:
        nodes = []
        if self.asked:
            outputs = tuple(self.input_socket(known) for known in self.asked)
            nodes.append(Node(INPUTS, "Inputs", "", DATA, (), outputs))
        for position, stage in enumerate(self.spec.stages):
            nodes.append(self.stage(position, stage))
        return Wiring(tuple(nodes), tuple(self.wires))

    def input_socket(self, known: Input) -> Socket:
        kind = _KIND_OF_INPUT.get(known.type, DATA)
        return Socket(known.name, words_of(known.name), kind, known.multiple is not None)

    def stage(self, position: int, stage: Stage) -> Node:
        called = stage.item if stage.type == "batch" and stage.item is not None else stage
        tool = self.tools.get(called.tool) if called.tool else None
        found = _Stage()
        if stage.type == "batch" and stage.over:
            self.bound(position, stage.id, found, stage.item_name or "items", stage.over, None)
        for argument, value in called.args.items():
            self.bound(position, stage.id, found, argument, value, tool)
        if stage.select is not None:
            self.bound(position, stage.id, found, "select", stage.select.source, None)
        if tool is not None and stage.type == "fixed":
            self.implied(stage, tool, found)
        for name in (*stage.requires, *stage.optional):
            at = latest_before(self.producers.get(name, ()), position)
            if at is not None and self.spec.stages[at].id not in found.sources:
                self.wire(stage.id, found, "after", "After", self.spec.stages[at].id, 0, DATA)
        kind = self.kinds[position] or DATA
        if stage.select is not None and kind != DATA:
            self.makers.setdefault(kind, []).append(stage.id)
        elif tool is not None:
            for made in kinds_made(tool, {}):
                self.makers.setdefault(made, []).append(stage.id)
        meta = tool.title if tool is not None else clean(called.tool) or stage.type
        if stage.type == "interactive":
            meta = "Your turn"
        elif stage.type == "batch":
            meta = f"{meta}, for each item"
        output = Socket("out", kind.title() if kind != DATA else "Result", kind)
        rows = max(_sockets_shown(stage, tool, found), 1)
        inputs = tuple(found.sockets)
        return Node(stage.id, self.titles[stage.id], meta, kind, inputs, (output,), rows)

    def bound(
        self,
        position: int,
        stage_id: str,
        found: _Stage,
        argument: str,
        value: Any,
        tool: type[Tool] | None,
    ) -> None:
        """Wires for the references inside one argument."""
        port = find_port(tool, argument)[0] if tool is not None else None
        key = port.name if port is not None else argument
        title = port.title if port is not None else words_of(argument)
        for read in find_refs(value):
            if not isinstance(read, Ref):
                continue
            if port is None:
                found.arguments.add(argument)
            if read.root == "inputs" and read.name in self.places:
                known = self.inputs[read.name]
                kind = _KIND_OF_INPUT.get(known.type, DATA)
                place = self.places[read.name]
                self.wire(stage_id, found, key, title, INPUTS, place, kind)
            elif read.root == "artifacts":
                at = latest_before(self.producers.get(read.name, ()), position)
                if at is not None:
                    source = self.spec.stages[at]
                    kind = self.kinds[at] or DATA
                    self.wire(stage_id, found, key, title, source.id, 0, kind)

    def implied(self, stage: Stage, tool: type[Tool], found: _Stage) -> None:
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
                        stage.id, found, port.name, port.title, maker, 0, port.kind, is_implied=True
                    )
                continue
            for known in self.asked:
                if known.type == port.kind:
                    place = self.places[known.name]
                    self.wire(
                        stage.id,
                        found,
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
        found: _Stage,
        key: str,
        title: str,
        source: str,
        output: int,
        kind: str,
        *,
        is_implied: bool = False,
    ) -> None:
        if key not in found.places:
            # Beyond the last socket that is drawn, all share that one.
            found.places[key] = min(len(found.sockets), MAX_SOCKETS - 1)
            if len(found.sockets) < MAX_SOCKETS:
                found.sockets.append(Socket(key, clean(title), kind))
        found.sources.add(source)
        wire = Wire(source, output, stage_id, found.places[key], kind, is_implied)
        if len(self.wires) < MAX_WIRES and wire not in found.wires:
            found.wires.add(wire)
            self.wires.append(wire)


def _sockets_shown(stage: Stage, tool: type[Tool] | None, found: _Stage) -> int:
    """How many inputs a stage's node has: every port, its text, and what else has an edge."""
    arguments = set(found.arguments)
    if tool is not None:
        arguments.update(_main_text(tool))  # type: ignore[arg-type]  # mypy: a class is no Hashable
    if stage.type == "batch":
        arguments.discard(stage.item_name or "items")
        arguments.add("over")
    elif stage.type == "interactive":
        arguments.add("select")
    ports = len(tool.ports()) if tool is not None else 0
    return ports + len(arguments) + ("after" in found.places)


@lru_cache(maxsize=512)
def _main_text(tool: type[Tool]) -> tuple[str, ...]:
    """The parameter with a socket of its own: the prompt, else the first text that is required."""
    fields = tool.Params.model_fields
    if "prompt" in fields:
        return ("prompt",)
    wanted = (name for name, known in fields.items() if known.is_required())
    return tuple(name for name in wanted if fields[name].annotation is str)[:1]


def sources_of(wiring: Wiring) -> Mapping[str, tuple[str, ...]]:
    """Node id → ids of the nodes it takes something from, each once, in order."""
    found: dict[str, dict[str, None]] = {}
    for wire in wiring.wires:
        found.setdefault(wire.target, {})[wire.source] = None
    return {target: tuple(sources) for target, sources in found.items()}


def each_stage(wiring: Wiring) -> Iterator[Node]:
    return (node for node in wiring.nodes if not node.is_inputs)
