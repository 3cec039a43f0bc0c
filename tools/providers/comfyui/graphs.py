"""Graph files: ComfyUI's "Export (API)" with placeholders, and what they say of themselves. Pure.

A graph either stands in for a tool of the catalog, or is a tool of its own, named as its file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.declaration.ports import MEDIA_KINDS, MediaKind, to_snake
from tools.providers.comfyui.placeholders import (
    Scalar,
    Slot,
    Unreadable,
    as_kind,
    find_slots,
    with_typed_default,
)

# Far above any real graph; they are read whole.
MAX_BYTES: Final = 2_000_000
# What a file says of itself is under this key, beside its nodes.
FACTS_KEY: Final = "_reelgraph"
# The nodes that save what a run makes, and of which kind that is.
SAVING_NODES: Final[Mapping[str, MediaKind]] = {
    "SaveImage": "image",
    "SaveAnimatedPNG": "image",
    "SaveAnimatedWEBP": "image",
    "SaveVideo": "video",
    "SaveWEBM": "video",
    "VHS_VideoCombine": "video",
    "SaveAudio": "audio",
    "SaveAudioMP3": "audio",
    "SaveAudioOpus": "audio",
    "SaveGLB": "model",
}
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,59}")

# The kind of media that a node type saves, by its class_type; None for none. May raise Unreadable.
Saves: TypeAlias = Callable[[str], MediaKind | None]


class ParameterFacts(BaseModel):
    """A file's facts of one placeholder. help: a sentence. pinned: shown first in the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    help: str = Field("", max_length=500)
    type: Literal["text", "int", "float", "bool", "image", "video", "audio", "mask"] | None = None
    default: Scalar | None = None
    min: float | None = None
    max: float | None = None
    choices: tuple[str, ...] | tuple[float, ...] = ()
    pinned: bool = False


class GraphFacts(BaseModel):
    """A file's facts of itself.

    tool: the catalog's tool that it implements; models: the names that select it. title, help,
    group, cost: of a tool of its own. output: what it makes, where its nodes do not show it. fps,
    frame_step: what `{{frames}}` is worked out from: duration × fps, in steps, and one. block: what
    sizes in pixels are made multiples of, where no one says them exactly.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tool: str = ""
    models: tuple[str, ...] = ()
    title: str = Field("", max_length=80)
    help: str = Field("", max_length=1000)
    group: str = Field("", max_length=40)
    output: Literal["image", "video", "audio", "model"] | None = None
    cost: str = ""
    fps: float = Field(16.0, gt=0, le=240)
    frame_step: int = Field(1, ge=1, le=64)
    block: int = Field(16, ge=1, le=256)
    parameters: Mapping[str, ParameterFacts] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph that can be run.

    nodes: by id, as ComfyUI takes them but for placeholders. digest: of the whole file, so that
    results of another version are not taken for its own.
    """

    name: str
    nodes: Mapping[str, Any]
    slots: tuple[Slot, ...]
    output: MediaKind
    facts: GraphFacts = field(default_factory=GraphFacts)
    digest: str = ""
    # Shipped with us rather than put there by the operator.
    is_shipped: bool = False

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)

    @property
    def media(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if slot.is_medium)

    @property
    def title(self) -> str:
        return self.facts.title or self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class BadFile:
    """A file that gives no graph. says: why, and what to do, in a sentence or two.

    tool: the name of the tool it would be; "" where it can't be one of its own.
    """

    path: Path
    says: str
    tool: str = ""

    def __str__(self) -> str:
        return f"{self.path.name}: {self.says}"


def read_folder(
    folder: Path, *, is_shipped: bool = False, saves: Saves = SAVING_NODES.get
) -> tuple[list[Graph], list[BadFile]]:
    """Every `*.json` of a folder, by name. One that can't be used affects no other."""
    graphs, bad = [], []
    try:
        paths = sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))
    except OSError as problem:
        return [], [BadFile(folder, f"can't be listed: {problem.strerror}.")]
    for path in paths:
        try:
            graphs.append(read_file(path, is_shipped=is_shipped, saves=saves))
        except Unreadable as problem:
            bad.append(BadFile(path, str(problem), _own_name(path)))
    return graphs, bad


def _own_name(path: Path) -> str:
    """The tool that a file would be, if it could be used; "" where it would stand in for one."""
    name = name_of(path.stem)
    try:
        whole = json.loads(path.read_bytes())
        facts = whole.get(FACTS_KEY) if isinstance(whole, dict) else None
    except (OSError, ValueError, RecursionError):
        facts = None
    stands_in = isinstance(facts, dict) and facts.get("tool")
    return "" if stands_in or not _NAME.fullmatch(name) else name


def read_file(path: Path, *, is_shipped: bool = False, saves: Saves = SAVING_NODES.get) -> Graph:
    """Raises Unreadable."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(f"It's larger than {MAX_BYTES // 1_000_000} MB.")
        data = path.read_bytes()
    except OSError as problem:
        raise Unreadable(f"It can't be read: {problem.strerror}.") from problem
    return read_graph(path.stem, data, is_shipped=is_shipped, saves=saves)


def name_of(stem: str) -> str:
    """Return the name of a graph. stem: its file's name without the ending."""
    return re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")


def read_graph(
    stem: str,
    data: bytes,
    *,
    is_shipped: bool = False,
    saves: Saves = SAVING_NODES.get,
) -> Graph:
    """A graph of a file's bytes. stem: the file's name without its ending. Raises Unreadable."""
    name = name_of(stem)
    if not _NAME.fullmatch(name):
        raise Unreadable(
            "Its name must start with a letter and contain only letters, digits, - and _."
        )
    try:
        return _graph_of(name, data, is_shipped, saves)
    except RecursionError as problem:
        raise Unreadable("It's nested too deeply.") from problem


def _graph_of(name: str, data: bytes, is_shipped: bool, saves: Saves) -> Graph:
    whole = _parse_object(data)
    facts = _facts(whole.pop(FACTS_KEY, {}))
    nodes = _nodes(whole)
    slots = _with_facts(find_slots(nodes), facts)
    return Graph(
        name=name,
        nodes=nodes,
        slots=slots,
        output=_output(nodes, facts, saves),
        facts=facts,
        digest=sha256(data).hexdigest(),
        is_shipped=is_shipped,
    )


def _parse_object(data: bytes) -> dict[str, Any]:
    # Not by the parser for outsiders' bodies: seeds of ComfyUI have 64 bits without a sign.
    try:
        whole = json.loads(data, parse_constant=_refuse_constant)
        # Half a surrogate pair, which could not be sent.
        json.dumps(whole, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"It isn't JSON: {problem}.") from problem
    if not isinstance(whole, dict):
        raise Unreadable("It isn't a JSON object.")
    return whole


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} isn't a number")


def _facts(document: Any) -> GraphFacts:
    try:
        return GraphFacts.model_validate(document)
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        place = ".".join(str(part) for part in (FACTS_KEY, *first["loc"]))
        if first["type"] == "extra_forbidden":
            names = ", ".join(
                ParameterFacts.model_fields
                if "parameters" in first["loc"]
                else GraphFacts.model_fields
            )
            raise Unreadable(f"{place} is unknown. There are: {names}.") from problem
        raise Unreadable(f"{place}: {first['msg']}.") from problem


def _nodes(whole: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(whole.get("nodes"), list):
        raise Unreadable("This is ComfyUI's editor format. Use Workflow → Export (API).")
    if not whole:
        raise Unreadable("It has no nodes. Use Workflow → Export (API).")
    for node_id, node in whole.items():
        if not (
            isinstance(node, dict)
            and isinstance(node.get("class_type"), str)
            and isinstance(node.get("inputs"), dict)
        ):
            raise Unreadable(
                f"{node_id} isn't a node with class_type and inputs. Use Workflow → Export (API)."
            )
        for name, value in node["inputs"].items():
            if _is_link(value) and str(value[0]) not in whole:
                raise Unreadable(
                    f"Input {name} of node {node_id} is linked to a node that isn't there."
                )
    return dict(whole)


def _is_link(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    )


def _with_facts(slots: Iterable[Slot], facts: GraphFacts) -> tuple[Slot, ...]:
    """The slots with what `_reelgraph.parameters` adds to them, in the order it gives them."""
    by_name = {slot.name: slot for slot in slots}
    parameters = {to_snake(name): parameter for name, parameter in facts.parameters.items()}
    for name, parameter in parameters.items():
        slot = by_name.get(name)
        if slot is None:
            raise Unreadable(
                f"{FACTS_KEY}.parameters names {name}, but there is no {{{{{name}}}}}."
            )
        by_name[name] = _with_given(slot, parameter)
    names = [*parameters, *(name for name in by_name if name not in parameters)]
    return tuple(by_name[name] for name in names)


def _with_given(slot: Slot, facts: ParameterFacts) -> Slot:
    original = slot
    if facts.type is not None:
        if slot.kind not in (None, facts.type):
            raise Unreadable(
                f"{{{{{slot.name}}}}} is {slot.kind} in its node, {facts.type} in {FACTS_KEY}."
            )
        slot = Slot(slot.name, facts.type, slot.default, slot.places)
    default = original.default if facts.default is None else facts.default
    if default is not None and slot.kind is not None:
        slot = with_typed_default(slot, default)
    elif default is not None:
        slot = Slot(slot.name, slot.kind, default, slot.places)
    choices = choices_of(slot, facts)
    if choices and slot.default is not None and slot.default not in choices:
        raise Unreadable(f"The default of {{{{{slot.name}}}}} isn't one of its choices.")
    return slot


def choices_of(slot: Slot, facts: ParameterFacts) -> tuple[Scalar, ...]:
    """The only values a placeholder may have, in its kind; () for any. Raises Unreadable."""
    if slot.is_medium and facts.choices:
        raise Unreadable(f"{{{{{slot.name}}}}} is media, so it can't have choices.")
    try:
        return tuple(as_kind(choice, slot.kind or "text") for choice in facts.choices)
    except ValueError as problem:
        raise Unreadable(f"Each choice of {{{{{slot.name}}}}} {problem}.") from problem


def _output(nodes: Mapping[str, Any], facts: GraphFacts, saves: Saves) -> MediaKind:
    if facts.output is not None:
        return facts.output
    types = [node["class_type"] for node in nodes.values()]
    outputs = {kind for name in types if (kind := SAVING_NODES.get(name))}
    outputs = outputs or {kind for name in types if (kind := saves(name))}
    if len(outputs) == 1:
        return outputs.pop()
    kinds = ", ".join(MEDIA_KINDS)
    if outputs:
        raise Unreadable(
            f"It saves {' and '.join(sorted(outputs))}. Set {FACTS_KEY}.output to the one it makes."
        )
    raise Unreadable(
        "No save node found. End the graph with Save Image, Save Video or Save Audio, or set"
        f" {FACTS_KEY}.output to what it makes: {kinds}."
    )
