"""Sources of an argument's value: an input, an earlier result, or a new stage. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from core.phrases import with_article
from templates_app.document_ops.ops import Op
from templates_app.graph.bindings import Every, Ref
from templates_app.graph.issues import Fix
from templates_app.graph.references import pick_of
from templates_app.graph.rules.fix_builder import CallSite, FixBuilder
from templates_app.graph.spec import MAX_INPUTS, MAX_STAGES, Stage
from templates_app.graph.wiring import words_of
from tools.declaration.ports import Port, Tool
from tools.declaration.schema import Schema, parameter_schemas

_MEDIA_NAMES: Final = {"image": "photo", "video": "clip", "audio": "sound"}
_INPUT_TYPES: Final = {
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "string": "text",
}


def result_of(new: CallSite) -> str:
    """The reference to what a new stage makes."""
    return f"$artifacts.{new.stage.id}.items[0].selectedVersion.url"


def input_for(
    build: FixBuilder, call: CallSite, argument: str
) -> tuple[str, dict[str, Any]] | None:
    """The type of an input that would fit an argument, and its further fields."""
    if argument == "overBinding":
        return "text", {"multiple": {"min": 1}}
    port = build.port_of(call, argument)
    if port is not None:
        return None if port.kind == "model" else (port.kind, {})
    schema = build.schema_of(call, argument)
    if schema is None:
        return "text", {}
    several = {"multiple": {"min": 1}} if schema.get("type") == "array" else {}
    one = schema.get("items", {}) if several else schema
    if "enum" in one:
        options = [{"value": value, "label": str(value)} for value in one["enum"]]
        return "select", {"options": options, **several}
    kind = _INPUT_TYPES.get(one.get("type", "string"))
    return None if kind is None else (kind, {**several, **_default_of(schema)})


def _default_of(schema: Schema) -> dict[str, Any]:
    """The default of a parameter as the field of an input, where it has one."""
    default = schema.get("default")
    return {"default": default} if isinstance(default, (str, int, float)) else {}


def fill_parameter(build: FixBuilder, call: CallSite, argument: str) -> Fix | None:
    """Fill a parameter from an input of its type, else from a new one."""
    if build.schema_of(call, argument) is None:
        return None
    declaration = input_for(build, call, argument)
    if declaration is None:
        return None
    kind, fields = declaration
    fitting = [
        input_.name
        for input_ in build.spec.inputs
        if input_.type == kind and (input_.multiple is None) == ("multiple" not in fields)
    ]
    # The options of two selects are seldom the same.
    if fitting and kind != "select":
        op = build.write(call, argument, f"$inputs.{fitting[0]}")
        return Fix(f"Use the input {words_of(fitting[0])}", (op,))
    if len(build.order("inputs")) >= MAX_INPUTS:
        return None
    name = build.unused_name(argument, build.input_names())
    op = build.write(call, argument, f"$inputs.{name}")
    return Fix("Add an input for it", (build.declare(name, kind, **fields), op))


def fill_port(build: FixBuilder, call: CallSite, port: Port, argument: str) -> Fix | None:
    """Fill a media argument with the newest result, else an input, else a new input."""
    argument = spelling(call, port, argument)
    is_list = port.is_list(argument)

    def op_for(text: str) -> Op:
        return build.write(call, argument, [text] if is_list else text)

    maker = newest_maker(build, port, call.stage)
    if maker is not None:
        text, ops = build.result(maker, build.position(call), is_list=is_list)
        return Fix(f"Use the result of {build.title(maker.id)}", (*ops, op_for(text)))
    input_ = next((input_ for input_ in build.spec.inputs if input_.type == port.kind), None)
    if input_ is not None:
        first = "[0]" if input_.multiple is not None and not is_list else ""
        op = op_for(f"$inputs.{input_.name}{first}")
        return Fix(f"Use the input {words_of(input_.name)}", (op,))
    if port.kind == "model" or len(build.order("inputs")) >= MAX_INPUTS:
        return None
    name = build.unused_name(_MEDIA_NAMES[port.kind], build.input_names())
    declare = build.declare(name, port.kind)
    return Fix(f"Add an input for {with_article(port.kind)}", (declare, op_for(f"$inputs.{name}")))


def spelling(call: CallSite, port: Port, argument: str) -> str:
    """The argument as the stage spells it; else the port's usual spelling."""
    return argument if argument in call.caller.args else port.url or port.arguments[0]


def newest_maker(build: FixBuilder, port: Port, user: Stage) -> Stage | None:
    """The last stage before `user` that makes what a port takes."""
    for stage in reversed(build.spec.stages[: build.positions[user.id]]):
        if build.made_by(stage) == port.kind:
            return stage if build.may_feed(stage, user) else None
    return None


def first_provided(build: FixBuilder, tools: Iterable[type[Tool]]) -> type[Tool] | None:
    """The first that some provider of this server offers; None also where no stage fits in."""
    if len(build.order("stages")) >= MAX_STAGES:
        return None
    return next((tool for tool in tools if build.tools.is_provided(tool.name)), None)


def required_parameters(build: FixBuilder, new: CallSite, tool: type[Tool]) -> list[Op] | None:
    """Fill the required parameters of a new stage from inputs; None where no input fits one."""
    ops: list[Op] = []
    for name, schema in parameter_schemas(tool).items():
        if schema.get("x-reelgraph", {}).get("required"):
            fix = fill_parameter(build, new, name)
            if fix is None:
                return None
            ops.extend(fix.ops)
    return ops


def single_file(build: FixBuilder, ref: Ref) -> str | None:
    """The text of a reference to one file; None where it may not be one."""
    if ref.root == "artifacts":
        every = any(isinstance(part, Every) for part in ref.path)
        return None if every or pick_of(ref, many=False) is None else ref.text
    if ref.root != "inputs":
        return None
    input_ = build.inputs[ref.name]
    return f"{ref.text}[0]" if input_.multiple is not None and not ref.path else ref.text
