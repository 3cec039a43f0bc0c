"""A tool's arguments as JSON Schema. Pure; everything that shows or checks a form reads this.

`parameter_schemas` is the one derivation from the declaring class: `arguments` compiles its
readers from it, so what we publish and what we check cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tools.declaration.once_per_tool import once_per_tool
from tools.declaration.ports import Port, Tool, to_snake

Schema = dict[str, Any]


# What some tools call leaving the model to the one who does it.
ANY_MODEL = "auto"
# What is where a model is named and is none: generate_speech's ways to speak among them.
_NO_MODELS = frozenset({"", ANY_MODEL, "voice", "clone", "design"})


@once_per_tool
def parameter_schemas(tool: type[Tool]) -> Mapping[str, Schema]:
    """The parameters by canonical wire name, in declaration order, references resolved.

    `x-reelgraph` holds what JSON Schema cannot say: aliases, primary, open_enum,
    known, default_unless, required.
    """
    whole = tool.Params.model_json_schema(by_alias=True)
    definitions = whole.get("$defs", {})
    required_names = set(whole.get("required", ()))
    schemas = {}
    for name, parameter in whole.get("properties", {}).items():
        schema = _inline(parameter, definitions)
        schema.setdefault("x-reelgraph", {})["required"] = name in required_names
        schemas[name] = schema
    return schemas


@once_per_tool
def model_argument(tool: type[Tool]) -> str:
    """The parameter that names a model, such as `videoModel`; "" when a tool has none."""
    return next((name for name in parameter_schemas(tool) if name.lower().endswith("model")), "")


def model_named(params: Mapping[str, Any]) -> str:
    """Return the model that a call's canonical arguments name; "" for none."""
    names = (params.get(argument) for argument in ("videoModel", "model"))
    return next((name for name in names if isinstance(name, str) and name not in _NO_MODELS), "")


def model_names(tool: type[Tool]) -> tuple[str, ...]:
    """The models a tool knows by name. Others may be asked for wherever these are only known."""
    argument = model_argument(tool)
    if not argument:
        return ()
    schema = parameter_schemas(tool)[argument]
    names = (*schema.get("x-reelgraph", {}).get("known", ()), *schema.get("enum", ()))
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def _inline(schema: Mapping[str, Any], definitions: Mapping[str, Schema]) -> Schema:
    """The schema without references, titles, null branches and Pydantic's trimmings."""
    if "$ref" in schema:
        target = definitions[str(schema["$ref"]).rsplit("/", 1)[-1]]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    plain: Schema = {}
    for key, value in schema.items():
        if key in ("title", "additionalProperties", "$defs"):
            continue
        if key == "default" and value is None:
            continue
        if key == "anyOf":
            # The only unions we declare are "or null": null means absent on every argument.
            branch = next(part for part in value if part.get("type") != "null")
            plain.update(_inline(branch, definitions))
        elif key == "properties":
            plain[key] = {name: _inline(part, definitions) for name, part in value.items()}
        elif key == "items":
            plain[key] = _inline(value, definitions)
        elif key == "const":
            plain["enum"] = [value]
        else:
            plain[key] = value
    return plain


def _media_schema(port: Port, argument: str) -> Schema:
    index = port.is_index(argument)
    one: Schema = {"type": "integer"} if index else {"type": "string", "format": "uri"}
    where = (
        f"position among the run's {port.kind} results; -1 is the first one sent"
        if index
        else "https URL"
    )
    help = f" {port.help}" if port.help else ""
    keywords = {"description": f"{port.title}: {where}.{help}"}
    if not port.is_list(argument):
        return {**one, **keywords}
    schema: Schema = {"type": "array", "items": one, **keywords}
    if port.max_items:
        schema |= {"minItems": 1, "maxItems": port.max_items}
    return schema


def _public_schema(schema: Mapping[str, Any], *, keep_hints: bool) -> Schema:
    public_schema = {key: value for key, value in schema.items() if key != "x-reelgraph"}
    hints = schema.get("x-reelgraph", {})
    if hints.get("known"):
        public_schema["examples"] = hints["known"]
    if keep_hints and hints.get("primary"):
        public_schema["x-pinned"] = True
    if "properties" in public_schema:
        public_schema["properties"] = {
            name: _public_schema(part, keep_hints=keep_hints)
            for name, part in public_schema["properties"].items()
        }
    if "items" in public_schema:
        public_schema["items"] = _public_schema(public_schema["items"], keep_hints=keep_hints)
    return public_schema


def required_arguments(tool: type[Tool]) -> tuple[str, ...]:
    """Return what a caller must send, parameters first."""
    params = (
        name for name, part in parameter_schemas(tool).items() if part["x-reelgraph"]["required"]
    )
    media = (
        port.arguments[0]
        for port in tool.ports()
        if port.required and port.fallback == "none" and port.when is None
    )
    return (*params, *media)


def json_schema(tool: type[Tool], *, keep_hints: bool = False) -> Schema:
    """`{"type": "object", "properties": …, "required": […]}`, as function-calling clients read it.

    Media inputs appear under every argument that fills them. Known but not binding values (model
    names) are `examples`, not `enum`. keep_hints: add `x-pinned` for the inspector.
    """
    properties = {
        name: _public_schema(part, keep_hints=keep_hints)
        for name, part in parameter_schemas(tool).items()
    }
    for port in tool.ports():
        for argument in port.arguments:
            properties[argument] = _media_schema(port, argument)
    return {
        "type": "object",
        "properties": properties,
        "required": list(required_arguments(tool)),
    }


def component_name(tool: type[Tool]) -> str:
    """`generate_image` → `GenerateImageArguments`."""
    return "".join(part.title() for part in to_snake(tool.name).split("_")) + "Arguments"


def openapi_components(tools: Iterable[type[Tool]]) -> dict[str, Schema]:
    """OpenAPI 3.1 `components.schemas` of the tools' arguments, by component name."""
    return {
        component_name(tool): {
            **json_schema(tool, keep_hints=True),
            "title": tool.title,
            "description": tool.description(),
        }
        for tool in tools
    }
