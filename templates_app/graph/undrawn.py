"""Texts that go into a tool's prompts, and which of their words its provider leaves out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from templates_app.graph.bindings import Ref, find_refs, plain, read_text
from templates_app.graph.spec import Stage
from templates_app.graph.spec_reader import read_spec
from tools.declaration.ports import ToolTable, spellings


class Undrawn(NamedTuple):
    """Words of one argument. input: the one that it takes its text from; "": its own."""

    argument: str
    words: Sequence[str]
    input: str


def undrawn(
    stage: Stage, caller: Stage, value_of: Callable[[str], Any], tools: ToolTable
) -> Iterator[Undrawn]:
    """Yield the words of a call's prompts that are left out.

    caller: the stage, or the repeated one of a batch. value_of: an input's value by its name; a
    prompt that takes a result is not known yet.
    """
    tool = tools.get(caller.tool)
    if tool is None:
        return
    arguments: dict[str, Any] = {}
    sources: dict[str, tuple[str, str]] = {}
    containers: dict[str, Any] = {}
    for spelling, value in caller.args.items():
        public = spellings(spelling)[1] if "_" in spelling.strip("_") else spelling
        source = _input_of(value, stage)
        if source is not None:
            arguments[public] = _text_of(value, value_of(source))
        elif not any(find_refs(value)):
            arguments[public] = plain(value)
        elif isinstance(value, (list, dict)):
            containers[public] = value
        sources[public] = spelling, source or ""
    if not any(
        isinstance(value, (str, list)) for value in (*arguments.values(), *containers.values())
    ):
        return  # No text is known.
    for argument, words in tools.undrawn(tool.name, arguments).items():
        spelling, source_name = sources[argument]
        yield Undrawn(spelling, words, source_name)
    for public, value in containers.items():
        for name in dict.fromkeys(("", *_inputs_in(value, stage))):
            part = {**arguments, public: _part(value, name, stage, value_of)}
            if words := tools.undrawn(tool.name, part).get(public, ()):
                yield Undrawn(sources[public][0], words, name)


def undrawn_of_inputs(
    spec: Mapping[str, Any], input_values: Mapping[str, Any], tools: ToolTable
) -> Mapping[str, tuple[str, ...]]:
    """Return what is left out of a template's inputs, by name. input_values: else defaults."""
    template, _issues = read_spec(spec)
    values = {**{one.name: one.default for one in template.inputs}, **input_values}
    words: dict[str, dict[str, None]] = {}
    for stage, caller in _calls(template.stages):
        for row in undrawn(stage, caller, values.get, tools):
            words.setdefault(row.input, {}).update(dict.fromkeys(row.words))
    return {name: tuple(of_input) for name, of_input in words.items() if name}


def undrawn_sentence(words: Iterable[str]) -> str:
    """Return the sentence that names what is left out, each word once; "" of none."""
    names = ", ".join(dict.fromkeys(words))
    return f"The draft studio can't draw: {names}." if names else ""


def _calls(stages: Iterable[Stage]) -> Iterator[tuple[Stage, Stage]]:
    """Yield each stage with what it calls."""
    for stage in stages:
        if not stage.bypass:
            yield stage, stage.item if stage.item is not None else stage
            yield from _calls(stage.inside)


def _inputs_in(value: Any, stage: Stage) -> Iterator[str]:
    """Yield the inputs that something inside a value is bound to."""
    for ref in find_refs(value):
        if name := _input_of(ref.text, stage):
            yield name


def _part(value: Any, source: str, stage: Stage, value_of: Callable[[str], Any]) -> Any:
    """Return a value with those texts alone that come from an input; from "": its own."""
    if isinstance(value, list):
        return [_part(one, source, stage, value_of) for one in value]
    if isinstance(value, dict):
        return {key: _part(one, source, stage, value_of) for key, one in value.items()}
    if not isinstance(value, str):
        return value
    name = _input_of(value, stage)
    if name is not None:
        return _text_of(value, value_of(name)) if name == source else None
    return None if source or any(find_refs(value)) else plain(value)


def _input_of(value: Any, stage: Stage) -> str | None:
    """Return the input that an argument is bound to, through a batch's items as well."""
    ref = read_text(value) if isinstance(value, str) else None
    if isinstance(ref, Ref) and ref.root == "item":
        ref = read_text(stage.over)
    return ref.name if isinstance(ref, Ref) and ref.root == "inputs" else None


def _text_of(value: str, input_value: Any) -> Any:
    """Return a text, or the texts of a batch's items, from an input's value."""
    ref = read_text(value)
    field = ref.name if isinstance(ref, Ref) and ref.root == "item" else ""
    if field and isinstance(input_value, list):
        return [item.get(field) for item in input_value if isinstance(item, Mapping)]
    return input_value
