"""Reading what a caller sent for a tool: every spelling, coerced, checked. Pure, and never raises.

Readers are compiled once per tool from `schema`: the forms we publish are the rules we hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.phrases import phrase
from core.records import record
from tools.declaration.argument_problems import Problem, Unreadable
from tools.declaration.argument_readers import (
    LIST_LIMIT,
    WHOLE_NUMBER,
    Reader,
    names_by_spelling,
    reader_of,
)
from tools.declaration.once_per_tool import once_per_tool
from tools.declaration.ports import Port, Tool, spellings
from tools.declaration.schema import Schema, parameter_schemas, required_arguments

# Positions beyond this are a mistake: a run has at most some thousand results.
INDEX_LIMIT = 1_000_000
URL_LIMIT = 4_096

_PAIRS = {"loras": "loraStrengths"}


@record
class MediaArgument:
    """One file an argument names. argument: a declared spelling of the port's.

    value: a position in the run's media list of the port's kind, or an address.
    """

    port: Port
    argument: str
    value: int | str


@record
class Arguments:
    """params: canonical wire names, coerced, defaults not filled in, unknown ones kept as sent."""

    params: Mapping[str, Any]
    media: tuple[MediaArgument, ...] = ()
    problems: tuple[Problem, ...] = ()


def canonical_argument(tool: type[Tool], argument: str) -> str:
    """The declared name of an argument in any spelling; an unknown one comes back as it is."""
    place = places(tool).get(argument)
    return argument if place is None else place[1]


@once_per_tool
def places(tool: type[Tool]) -> Mapping[str, tuple[Port | None, str]]:
    """Any spelling of an argument → the port it fills, if one, and its declared name."""
    form = _form(tool)
    ports = {name: port for port in reversed(tool.ports()) for name in port.arguments}
    names = {spelling: name for spelling, (_, name) in form.media.items()} | dict(form.params)
    return {spelling: (ports.get(name), name) for spelling, name in names.items()}


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
    argument_of: dict[str, str] = {}
    for argument, value in tool.normalize_media_args(raw, bound).items():
        if value is None:
            continue
        port_and_name = form.media.get(argument)
        try:
            if port_and_name is not None:
                port, name = port_and_name
                media.extend(_read_media(port, name, value))
                argument_of[name] = argument
                continue
            param = form.params.get(argument)
            if param is None:
                params[argument] = value
                continue
            if param in argument_of and argument != param:
                continue  # Sent in two spellings: the declared one counts, else the first.
            if value == "" and not form.takes_text[param]:
                continue  # An empty field of a web form.
            argument_of[param] = argument
            params[param] = form.readers[param](value)
        except Unreadable as bad:
            problems.append(bad.problem(argument))
    if tool.seeded and params.get("seed") == -1:
        del params["seed"]
    bound_names = {canonical_argument(tool, argument) for argument in bound}
    if form.required:
        problems.extend(_missing(tool, form, params, media, argument_of, bound_names, problems))
    if not argument_of.keys().isdisjoint(_PAIRS.values()):
        problems.extend(_unequal_pairs(params, argument_of, bound_names))
    return Arguments(params, tuple(media), tuple(problems))


def fill_defaults(tool: type[Tool], params: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical params with the declared defaults of those that are absent, inside objects too.

    What stands in for a missing required one counts as its default.
    """
    form = _form(tool)
    values = {
        name: value
        for name, (value, unless) in form.defaults.items()
        if params.get(name) is None
        and not (unless and any(params.get(other) is not None for other in unless))
    }
    for name, value in params.items():
        if value is not None:
            schema = form.nested.get(name)
            values[name] = value if schema is None else _filled_inside(schema, value)
    return values


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
    required: tuple[str, ...]  # what has no default
    defaults: Mapping[str, tuple[Any, tuple[str, ...]]]
    nested: Mapping[str, Schema]  # parameters that are objects, or lists of them


@once_per_tool
def _form(tool: type[Tool]) -> _Form:
    schemas = parameter_schemas(tool)
    media: dict[str, tuple[Port, str]] = {}
    for port in tool.ports():
        for name in port.arguments:
            for spelling in spellings(name):
                media.setdefault(spelling, (port, name))
    defaults = {
        name: (default, tuple(schema["x-reelgraph"].get("default_unless", ())))
        for name, schema in schemas.items()
        for default in [schema["x-reelgraph"].get("stands_in", schema.get("default"))]
        if default is not None
    }
    return _Form(
        params=names_by_spelling(schemas),
        readers={name: reader_of(schema) for name, schema in schemas.items()},
        takes_text={
            name: schema.get("type") == "string" and "enum" not in schema
            for name, schema in schemas.items()
        },
        media=media,
        required=tuple(name for name in required_arguments(tool) if name not in defaults),
        defaults=defaults,
        nested={
            name: schema
            for name, schema in schemas.items()
            if "properties" in schema or "properties" in schema.get("items", ())
        },
    )


def _missing(
    tool: type[Tool],
    form: _Form,
    params: Mapping[str, Any],
    media: list[MediaArgument],
    spellings_used: Mapping[str, str],
    filled_names: set[str],
    problems: list[Problem],
) -> Iterator[Problem]:
    faulty = {canonical_argument(tool, problem.argument) for problem in problems}
    for name in form.required:
        if name in filled_names or name in faulty:
            continue
        port = form.media[name][0] if name in form.media else None
        if port is not None:
            present = any(item.port is port for item in media)
            also_named = any(other in filled_names or other in faulty for other in port.arguments)
            if present or also_named:
                continue
        elif name in params and not (isinstance(params[name], str) and not params[name].strip()):
            continue
        argument = spellings_used.get(name, name)
        yield Problem(argument, "missing_argument", {"field": argument})


def _unequal_pairs(
    params: Mapping[str, Any], spellings_used: Mapping[str, str], filled_names: set[str]
) -> Iterator[Problem]:
    for one, other in _PAIRS.items():
        if one in filled_names or other in filled_names:
            continue
        first, second = params.get(one), params.get(other)
        if not isinstance(second, list) or other not in spellings_used:
            continue
        count = len(first) if isinstance(first, list) else 0
        if count != len(second):
            yield Problem(
                spellings_used[other],
                "unequal_lengths",
                {"field": spellings_used[other], "other": one},
            )


# -- media ----------------------------------------------------------------------------------------


def _read_media(port: Port, name: str, value: Any) -> list[MediaArgument]:
    if value == "":
        return []
    if not isinstance(value, list):
        return [MediaArgument(port, name, _medium(port, value))]
    if not port.many and len(value) > 1:
        raise Unreadable("invalid_length", needs=phrase("one_medium", kind=port.kind), sent=value)
    most = port.max_items or LIST_LIMIT
    if len(value) > most:
        raise Unreadable("invalid_length", needs=phrase("entries_at_most", limit=most), sent=value)
    media = []
    for position, item in enumerate(value):
        if item is None or item == "":
            continue
        try:
            media.append(MediaArgument(port, name, _medium(port, item)))
        except Unreadable as bad:
            raise bad.inside(f"[{position}]") from None
    return media


def _medium(port: Port, value: Any) -> int | str:
    """A position or an address, told by the value's shape rather than the argument's name."""
    if isinstance(value, str):
        text = value.strip()
        if WHOLE_NUMBER.fullmatch(text):
            value = int(text)
        elif text[:8].lower().startswith(("http://", "https://")):
            if len(text) > URL_LIMIT:
                raise Unreadable("invalid_media", why=phrase("media_url_too_long", limit=URL_LIMIT))
            return text
        elif text[:5].lower() == "data:":
            raise Unreadable("invalid_media", why=phrase("inline_media"))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= INDEX_LIMIT:
        return value
    raise Unreadable("invalid_media", why=phrase("media_forms", kind=port.kind))
