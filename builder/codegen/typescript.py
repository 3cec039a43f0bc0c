"""TypeScript types from JSON Schema. Pure.

Knows what Pydantic writes for `TypedDict`s, models and literals, not all of JSON Schema: an unknown
keyword is an error, so that no type is silently wider than its declaration.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from pydantic import TypeAdapter

Schema: TypeAlias = Mapping[str, Any]

WIDTH: Final = 100
_PRIMITIVES: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
# What narrows a value without changing its type, and what documents it.
_IGNORED: Final = frozenset(
    {
        *("title", "description", "default", "examples", "format", "pattern", "discriminator"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "required", "readOnly"),
    }
)
_PRELUDE: Final = """\
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }
"""


class TypeWriter:
    """Writes types. enums: by TypeScript name, the values of each; an equal list of values in a
    schema is written as that name."""

    def __init__(self, enums: Mapping[str, Sequence[str]]) -> None:
        self._names = {tuple(values): name for name, values in enums.items()}
        self._enums = enums
        # Of the classes whose TypeScript name is another, and of declared types without a class.
        self._renamed: dict[str, str] = {}
        self._aliases: dict[str, str] = {}

    def file(self, declarations: Iterable[tuple[str, Any]]) -> str:
        """A module with every enum as a constant list and a type, and every declared type.

        declared: TypeScript name and the Python type, which may be any that Pydantic knows.
        """
        adapters = [(name, _MODE, TypeAdapter(kind)) for name, kind in declarations]
        schemas, shared = TypeAdapter.json_schemas(adapters, ref_template="{model}")
        definitions = dict(shared.get("$defs", {}))
        for (name, _), schema in schemas.items():
            if "$ref" in schema:
                self._renamed[schema["$ref"]] = name
            else:
                definitions[name] = schema
                self._aliases[_identity(schema)] = name
        parts = [_PRELUDE]
        parts.extend(_constant(name, values) for name, values in self._enums.items())
        parts.extend(self._declaration(name, one) for name, one in self._named(definitions))
        return "\n".join(parts)

    def _named(self, definitions: Mapping[str, Schema]) -> list[tuple[str, Schema]]:
        """Return the types, sorted by name. Raises ValueError for two of one name: one would be
        hidden."""
        schemas: dict[str, Schema] = {}
        for own, schema in definitions.items():
            name = self._renamed.get(own, own)
            if name in schemas:
                raise ValueError(f"Two types are called {name}: {own} and another.")
            schemas[name] = schema
        return sorted(schemas.items())

    def _declaration(self, name: str, schema: Schema) -> str:
        comment = _comment(schema.get("description", ""), "")
        if schema.get("properties"):
            # An alias, not an interface: only an alias is also a JsonObject.
            return f"{comment}export type {name} = {self._fields(schema, '')}\n"
        members = schema.get("anyOf") or schema.get("oneOf") or ()
        # Written out here, by its name everywhere else.
        own = self._aliases.pop(_identity(schema), None)
        type_text = self.type_of(schema)
        if own:
            self._aliases[_identity(schema)] = own
        line = f"export type {name} = {type_text}"
        if len(line) > WIDTH and members:
            type_text = "".join(f"\n  | {self.type_of(one)}" for one in members)
            line = f"export type {name} ={type_text}"
        return f"{comment}{line}\n"

    def _fields(self, schema: Schema, indent: str) -> str:
        inner = indent + "  "
        needs = set(schema.get("required", ()))
        is_read_only = schema.get("readOnly", False)
        lines = []
        for name, field in schema["properties"].items():
            key = name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else _quote(name)
            sign = "" if name in needs else "?"
            start = "readonly " if is_read_only else ""
            value = self.type_of(field, inner, is_read_only=is_read_only)
            comment = _comment(field.get("description", ""), inner)
            lines.append(f"{comment}{inner}{start}{key}{sign}: {value}\n")
        if schema.get("additionalProperties") is True:
            lines.append(f"{inner}[name: string]: Json | undefined\n")
        return "{\n" + "".join(lines) + indent + "}"

    def type_of(self, schema: Schema, indent: str = "", *, is_read_only: bool = False) -> str:
        """The type of one value, on one line unless it is an object."""
        if "$ref" in schema:
            return self._renamed.get(schema["$ref"], str(schema["$ref"]))
        if self._aliases and (name := self._aliases.get(_identity(schema))):
            return name
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                types = [self.type_of(one, indent) for one in schema[keyword]]
                return " | ".join(dict.fromkeys(types))
        if "const" in schema:
            return _quote(schema["const"])
        if "enum" in schema:
            values = tuple(schema["enum"])
            return self._names.get(values) or " | ".join(map(_quote, values))
        if isinstance(schema.get("type"), list):
            return " | ".join(self.type_of({**schema, "type": one}) for one in schema["type"])
        return self._shaped(schema, indent, "readonly " if is_read_only else "")

    def _shaped(self, schema: Schema, indent: str, read_only: str) -> str:
        kind = schema.get("type")
        if kind == "array":
            if "prefixItems" in schema:
                return f"{read_only}[{', '.join(map(self.type_of, schema['prefixItems']))}]"
            item = self.type_of(schema.get("items", {}), indent)
            return f"{read_only}({item})[]" if re.search(r" \| ", item) else f"{read_only}{item}[]"
        if kind == "object":
            if schema.get("properties"):
                return self._fields(schema, indent)
            extra = schema.get("additionalProperties", True)
            value = "Json" if extra is True else self.type_of(extra or {}, indent)
            key = self.type_of(schema.get("propertyNames", {"type": "string"}))
            record = f"Record<{key}, {value}>"
            return f"Readonly<{record}>" if read_only else record
        if kind in _PRIMITIVES:
            return _PRIMITIVES[str(kind)]
        unknown = [word for word in schema if word not in _IGNORED and not word.startswith("x-")]
        if kind or unknown:
            raise ValueError(f"No TypeScript type for {json.dumps(schema)}.")
        return "Json"


def _identity(schema: Schema) -> str:
    """Return what two writings of one type have in common."""
    apart = ("description", "discriminator")
    rest = {key: value for key, value in schema.items() if key not in apart}
    return json.dumps(rest, sort_keys=True)


_MODE: Final[Literal["validation", "serialization"]] = "serialization"


def _constant(name: str, values: Sequence[str]) -> str:
    """`MediaKind` → a list MEDIA_KINDS and the type of its members."""
    plural = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    plural = _plural(plural)
    choices = ", ".join(map(_quote, values))
    line = f"export const {plural} = [{choices}] as const"
    if len(line) > WIDTH:
        line = "\n".join(
            [f"export const {plural} = [", *(f"  {_quote(v)}," for v in values), "] as const"]
        )
    return f"{line}\nexport type {name} = (typeof {plural})[number]\n"


def _plural(name: str) -> str:
    if name.endswith("Y"):
        return f"{name[:-1]}IES"
    return f"{name}ES" if name.endswith("S") else f"{name}S"


def words(name: str, kind: str, texts: Mapping[str, str]) -> str:
    """A constant with what people read for each value of an enum."""
    rows = "".join(f"  {_quote(value)}: {_quote(text)},\n" for value, text in texts.items())
    return f"export const {name}: Readonly<Record<{kind}, string>> = {{\n{rows}}}\n"


def _comment(text: str, indent: str) -> str:
    words = " ".join(text.split())
    if not words:
        return ""
    if len(words) + len(indent) + 7 <= WIDTH:
        return f"{indent}/** {words} */\n"
    lines = "".join(f"{indent} * {line}\n" for line in _wrap(words, WIDTH - len(indent) - 3))
    return f"{indent}/**\n{lines}{indent} */\n"


def _wrap(words: str, width: int) -> Iterator[str]:
    line = ""
    for word in words.split(" "):
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


def _quote(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    return (
        "'"
        + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
        + "'"
    )
