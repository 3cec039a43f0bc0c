"""Reading what a caller sent for a tool: every spelling, coerced, checked. Pure, and never raises.

Readers are compiled once per tool from `schema`: the forms we publish are the rules we hold.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from core.phrases import Writer, phrase
from tools.declaration.ports import Port, Tool, spellings
from tools.declaration.schema import Schema, parameter_schemas, required_arguments

# What can be wrong with an argument, and how the API says it. The codes are stable; the sentences
# are not. `templates_app.graph.rules.messages` takes both tables into its own.
PROBLEM_CODES: Mapping[str, str] = {
    "missing_argument": "`{field}` is required.",
    "invalid_type": "`{field}` must be {needs}; got {sent:quoted}.",
    "out_of_range": "`{field}` must be {needs}; got {sent:quoted}.",
    "invalid_enum": "`{field}` is {value:quoted}. Use one of: {allowed}.",
    "invalid_length": "`{field}` must have {needs}; got {sent:quoted}.",
    "invalid_media": "`{field}` isn't a media reference: {why}.",
    "unequal_lengths": "`{field}` and `{other}` must have the same number of entries.",
}
# What an argument must be or have, and why it is no media reference.
PHRASES: Mapping[str, str] = {
    "true_or_false": "true or false",
    "a_number": "a number",
    "a_whole_number": "a whole number",
    "a_text": "text",
    "a_shape": "a shape such as 16:9, or pixels such as 1080x1350",
    "an_object": "an object",
    "from": "{low}{unit} or more",
    "between": "between {low} and {high}{unit}",
    "characters_at_most": "at most {limit} characters",
    "characters_at_least": "at least {limit} characters",
    "entries_at_most": "at most {limit} entries",
    "entries_at_least": "at least {limit} entries",
    "one_entry_at_least": "at least 1 entry",
    "one_medium": "one {kind}",
    "media_forms": "it must be one {kind}: a result's position (0 is the first), -1 for the first"
    " {kind} sent, or an https URL",
    "inline_media": "it must not contain inline data; upload the file and send its URL",
    "media_url_too_long": "its URL is longer than {limit} characters",
}
_WRITER = Writer(PHRASES)

# Positions beyond this are a mistake: a run has at most some thousand results.
INDEX_LIMIT = 1_000_000
# For texts and lists whose declaration names no limit of its own.
TEXT_LIMIT = 100_000
LIST_LIMIT = 1_000
URL_LIMIT = 4_096

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_TRUTHS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_PAIRED = (("loras", "loraStrengths"),)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct. argument: as the caller wrote it. params: fill the code's sentence.

    params always hold `field`: the argument, or the part of it that is wrong, as `cues[1].start`.
    """

    argument: str
    code: str
    params: Mapping[str, Any]

    @property
    def message(self) -> str:
        """What is wrong and what to send, in the words of the API."""
        return _WRITER.write(PROBLEM_CODES[self.code], self.params)


@dataclass(frozen=True, slots=True)
class MediaArgument:
    """One file an argument names. argument: a declared spelling of the port's.

    value: a position in the run's media list of the port's kind, or an address.
    """

    port: Port
    argument: str
    value: int | str


@dataclass(frozen=True, slots=True)
class Arguments:
    """params: canonical wire names, coerced, defaults not filled in, unknown ones kept as sent."""

    params: Mapping[str, Any]
    media: tuple[MediaArgument, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Unreadable(Exception):
    """A value cannot be read. `where` is the path below the argument, such as `[0].text`."""

    def __init__(self, code: str, where: str = "", /, **params: Any) -> None:
        self.code, self.where, self.params = code, where, params
        super().__init__(code)

    def inside(self, where: str) -> _Unreadable:
        return _Unreadable(self.code, where + self.where, **self.params)

    def problem(self, argument: str) -> Problem:
        return Problem(argument, self.code, {"field": argument + self.where, **self.params})


Reader: TypeAlias = Callable[[Any], Any]


def canonical_argument(tool: type[Tool], argument: str) -> str:
    """The declared name of an argument in any spelling; an unknown one comes back as it is."""
    form = _form(tool)
    known = form.params.get(argument)
    if known is not None:
        return known
    media = form.media.get(argument)
    return media[1] if media is not None else argument


def read_arguments(
    tool: type[Tool], raw: Mapping[str, Any], *, bound: frozenset[str] = frozenset()
) -> Arguments:
    """Read a call's arguments. Bad ones become problems and are left out of params and media.

    raw: a JSON object. bound: arguments, in any spelling, that a binding will fill: they count as
    present. A null counts as absent, and so does `seed: -1` of a seeded
    tool: it asks for a fresh one.
    """
    form = _form(tool)
    params: dict[str, Any] = {}
    media: list[MediaArgument] = []
    problems: list[Problem] = []
    written: dict[str, str] = {}
    for argument, value in tool.normalize_media_args(raw, bound).items():
        if value is None:
            continue
        port_and_name = form.media.get(argument)
        try:
            if port_and_name is not None:
                port, name = port_and_name
                media.extend(_read_media(port, name, value))
                written[name] = argument
                continue
            known = form.params.get(argument)
            if known is None:
                params[argument] = value
                continue
            if known in written and argument != known:
                continue  # Sent in two spellings: the declared one counts, else the first.
            if value == "" and not form.takes_text[known]:
                continue  # An empty field of a web form.
            written[known] = argument
            params[known] = form.readers[known](value)
        except _Unreadable as bad:
            problems.append(bad.problem(argument))
    if tool.seeded and params.get("seed") == -1:
        del params["seed"]
    filled = {canonical_argument(tool, argument) for argument in bound}
    problems.extend(_missing(tool, form, params, media, written, filled, problems))
    problems.extend(_unpaired(params, written, filled))
    return Arguments(params, tuple(media), tuple(problems))


def fill_defaults(tool: type[Tool], params: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical params with the declared defaults of those that are absent, inside objects too."""
    form = _form(tool)
    filled = {
        name: value
        for name, (value, unless) in form.defaults.items()
        if params.get(name) is None and not any(params.get(other) is not None for other in unless)
    }
    for name, value in params.items():
        if value is not None:
            schema = form.nested.get(name)
            filled[name] = value if schema is None else _filled_inside(schema, value)
    return filled


def _filled_inside(schema: Schema, value: Any) -> Any:
    if isinstance(value, list):
        return [_filled_inside(schema["items"], item) for item in value]
    if not isinstance(value, dict):
        return value
    defaults = {
        name: part["default"] for name, part in schema["properties"].items() if "default" in part
    }
    return {**defaults, **{name: part for name, part in value.items() if part is not None}}


# -- compiled forms -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Form:
    params: Mapping[str, str]  # any spelling → canonical name
    readers: Mapping[str, Reader]
    takes_text: Mapping[str, bool]
    media: Mapping[str, tuple[Port, str]]  # any spelling → port, declared spelling
    required: tuple[str, ...]
    defaults: Mapping[str, tuple[Any, tuple[str, ...]]]
    nested: Mapping[str, Schema]  # parameters that are objects, or lists of them


_forms: dict[type[Tool], _Form] = {}


def _form(tool: type[Tool]) -> _Form:
    """The tool's compiled form. Two threads may both build one; either is right."""
    found = _forms.get(tool)
    if found is None:
        found = _forms[tool] = _compiled(tool)
    return found


def _compiled(tool: type[Tool]) -> _Form:
    schemas = parameter_schemas(tool)
    media: dict[str, tuple[Port, str]] = {}
    for port in tool.ports():
        for name in port.arguments:
            for spelled in spellings(name):
                media.setdefault(spelled, (port, name))
    return _Form(
        params=_spelled(schemas),
        readers={name: _reader(schema) for name, schema in schemas.items()},
        takes_text={
            name: schema.get("type") == "string" and "enum" not in schema
            for name, schema in schemas.items()
        },
        media=media,
        required=required_arguments(tool),
        defaults={
            name: (schema["default"], tuple(schema["x-reelgraph"].get("default_unless", ())))
            for name, schema in schemas.items()
            if "default" in schema
        },
        nested={
            name: schema
            for name, schema in schemas.items()
            if "properties" in schema or "properties" in schema.get("items", ())
        },
    )


def _spelled(schemas: Mapping[str, Schema]) -> dict[str, str]:
    """Every accepted spelling → the declared one. A declared name wins over another's alias."""
    names = {name: name for name in schemas}
    for name, schema in schemas.items():
        for declared in (name, *schema.get("x-reelgraph", {}).get("aliases", ())):
            for spelled in spellings(declared):
                names.setdefault(spelled, name)
    return names


def _missing(
    tool: type[Tool],
    form: _Form,
    params: Mapping[str, Any],
    media: list[MediaArgument],
    written: Mapping[str, str],
    filled: set[str],
    problems: list[Problem],
) -> Iterator[Problem]:
    blamed = {canonical_argument(tool, problem.argument) for problem in problems}
    for name in form.required:
        if name in filled or name in blamed:
            continue
        port = form.media[name][0] if name in form.media else None
        if port is not None:
            present = any(item.port is port for item in media)
            also_named = any(other in filled or other in blamed for other in port.arguments)
            if present or also_named:
                continue
        elif name in params and not (isinstance(params[name], str) and not params[name].strip()):
            continue
        argument = written.get(name, name)
        yield Problem(argument, "missing_argument", {"field": argument})


def _unpaired(
    params: Mapping[str, Any], written: Mapping[str, str], filled: set[str]
) -> Iterator[Problem]:
    for one, other in _PAIRED:
        if one in filled or other in filled:
            continue
        left, right = params.get(one), params.get(other)
        if not isinstance(right, list) or other not in written:
            continue
        count = len(left) if isinstance(left, list) else 0
        if count != len(right):
            yield Problem(
                written[other], "unequal_lengths", {"field": written[other], "other": one}
            )


# -- media ----------------------------------------------------------------------------------------


def _read_media(port: Port, name: str, value: Any) -> list[MediaArgument]:
    if value == "":
        return []
    if not isinstance(value, list):
        return [MediaArgument(port, name, _medium(port, value))]
    if not port.many and len(value) > 1:
        raise _Unreadable("invalid_length", needs=phrase("one_medium", kind=port.kind), sent=value)
    most = port.max_items or LIST_LIMIT
    if len(value) > most:
        raise _Unreadable("invalid_length", needs=phrase("entries_at_most", limit=most), sent=value)
    found = []
    for position, item in enumerate(value):
        if item is None or item == "":
            continue
        try:
            found.append(MediaArgument(port, name, _medium(port, item)))
        except _Unreadable as bad:
            raise bad.inside(f"[{position}]") from None
    return found


def _medium(port: Port, value: Any) -> int | str:
    """A position or an address, told by the value's shape rather than the argument's name."""
    if isinstance(value, str):
        text = value.strip()
        if _INTEGER.fullmatch(text):
            value = int(text)
        elif text[:8].lower().startswith(("http://", "https://")):
            if len(text) > URL_LIMIT:
                raise _Unreadable(
                    "invalid_media", why=phrase("media_url_too_long", limit=URL_LIMIT)
                )
            return text
        elif text[:5].lower() == "data:":
            raise _Unreadable("invalid_media", why=phrase("inline_media"))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= INDEX_LIMIT:
        return value
    raise _Unreadable("invalid_media", why=phrase("media_forms", kind=port.kind))


# -- parameters -----------------------------------------------------------------------------------


def _reader(schema: Schema) -> Reader:
    kind = schema.get("type")
    if "enum" in schema:
        return _enum_reader(schema)
    if kind == "boolean":
        return _read_boolean
    if kind in ("number", "integer"):
        return _number_reader(schema, whole=kind == "integer")
    if kind == "string":
        return _text_reader(schema)
    if kind == "array":
        return _list_reader(schema)
    if kind == "object":
        return _object_reader(schema)
    return _read_anything


def _read_anything(value: Any) -> Any:
    return value


def _read_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        truth = _TRUTHS.get(value.strip().lower())
        if truth is not None:
            return truth
    elif isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    raise _Unreadable("invalid_type", needs=phrase("true_or_false"), sent=value)


def _as_number(value: Any) -> int | float | None:
    """The number a value stands for. Whole floats become integers, so that 5.0 equals 5."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        text = value.strip()
        if len(text) > 40:
            return None
        if _INTEGER.fullmatch(text):
            return int(text)
        if not _NUMBER.fullmatch(text):
            return None
        value = float(text)
    if not isinstance(value, float) or not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _number_reader(schema: Schema, *, whole: bool) -> Reader:
    low: float = schema.get("minimum", -math.inf)
    high: float = schema.get("maximum", math.inf)
    what = phrase("a_whole_number" if whole else "a_number")
    unit = _unit_of(schema)
    if math.isinf(high):
        span = what if math.isinf(low) else phrase("from", low=low, unit=unit)
    else:
        span = phrase("between", low=low, high=high, unit=unit)

    def read(value: Any) -> int | float:
        number = _as_number(value)
        if number is None or (whole and not isinstance(number, int)):
            raise _Unreadable("invalid_type", needs=what, sent=value)
        if not low <= number <= high:
            raise _Unreadable("out_of_range", needs=span, sent=value)
        return number

    return read


def _unit_of(schema: Schema) -> str:
    words = schema.get("description", "").lower()
    if "second" in words:
        return " seconds"
    return " pixels" if "pixels" in words else ""


def _text_reader(schema: Schema) -> Reader:
    low, high = schema.get("minLength", 0), schema.get("maxLength", TEXT_LIMIT)
    # Patterns are our own, and their texts are short.
    pattern = re.compile(schema["pattern"]) if "pattern" in schema else None
    form = phrase(schema.get("x-reelgraph", {}).get("form") or "a_text")

    def read(value: Any) -> str:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300:
            value = str(value)
        if not isinstance(value, str):
            raise _Unreadable("invalid_type", needs=phrase("a_text"), sent=value)
        if len(value) > high:
            most = phrase("characters_at_most", limit=high)
            raise _Unreadable("invalid_length", needs=most, sent=value)
        if len(value) < low:
            least = phrase("characters_at_least", limit=low)
            raise _Unreadable("invalid_length", needs=least, sent=value)
        if pattern is not None and not pattern.search(value):
            raise _Unreadable("invalid_type", needs=form, sent=value)
        return value

    return read


def _enum_reader(schema: Schema) -> Reader:
    allowed = schema["enum"]
    numeric = all(isinstance(item, (int, float)) for item in allowed)
    exact = {str(item) if not numeric else item: item for item in allowed}
    known = tuple(allowed)

    def read(value: Any) -> Any:
        found = _as_number(value) if numeric else value
        if isinstance(found, str):
            found = found.strip()
            if found not in exact:
                found = found.lower()
        if not isinstance(found, (str, int, float)) or isinstance(found, bool):
            raise _Unreadable("invalid_enum", allowed=known, value=value)
        if found not in exact:
            raise _Unreadable("invalid_enum", allowed=known, value=value)
        return exact[found]

    return read


def _list_reader(schema: Schema) -> Reader:
    low, high = schema.get("minItems", 0), schema.get("maxItems", LIST_LIMIT)
    read_item = _reader(schema.get("items", {}))

    def read(value: Any) -> list[Any]:
        items = value if isinstance(value, list) else [value]
        if len(items) > high:
            most = phrase("entries_at_most", limit=high)
            raise _Unreadable("invalid_length", needs=most, sent=value)
        if len(items) < low:
            least = phrase("one_entry_at_least" if low == 1 else "entries_at_least", limit=low)
            raise _Unreadable("invalid_length", needs=least, sent=value)
        read_items = []
        for position, item in enumerate(items):
            try:
                read_items.append(read_item(item))
            except _Unreadable as bad:
                raise bad.inside(f"[{position}]") from None
        return read_items

    return read


def _object_reader(schema: Schema) -> Reader:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    names = _spelled(properties)
    readers = {name: _reader(part) for name, part in properties.items()}
    required = schema.get("required", ())

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _Unreadable("invalid_type", needs=phrase("an_object"), sent=value)
        result: dict[str, Any] = {}
        for key, part in value.items():
            name = names.get(key)
            if name is None:
                result[key] = part
            elif part is not None and (name not in result or key == name):
                try:
                    result[name] = readers[name](part)
                except _Unreadable as bad:
                    raise bad.inside(f".{key}") from None
        for name in required:
            if name not in result:
                raise _Unreadable("missing_argument", f".{name}")
        return result

    return read
