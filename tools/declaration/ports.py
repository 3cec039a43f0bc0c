"""Declarations of tools: media ports, parameters, output, cost. Pure: no Django, no network.

One class is the whole declaration. Palette, inspector form, validation, JSON schema, OpenAPI
component, TypeScript type and cost derive from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

MediaKind: TypeAlias = Literal["image", "video", "audio", "model"]
MEDIA_KINDS: tuple[MediaKind, ...] = ("image", "video", "audio", "model")

# Why no stage or step can be a tool that only writes text for its caller.
NOT_A_STEP = "it is no step of a workflow. Call it by tools/execute or in chat."

# Capacity units of one call, by cost class. Source: the public contract, §9.2.
COST_UNITS: Mapping[str, float] = {
    "free": 0,
    "image.standard": 1,
    "image.premium": 2,
    "image.external": 3,
    "video.standard": 5,
    "video.vendor.standard": 6,
    "video.premium": 8,
    "video.vendor.premium": 10,
    "audio.standard": 3,
    "compose.standard": 1,
    "compose.ffmpeg": 1,
}


@dataclass(frozen=True, slots=True)
class Port:
    """A typed media input of a tool, and how the public API spells it.

    index: the argument that takes positions in the run's media list of this kind.
    url: the argument that takes an address. aliases: other spellings of either; the value tells.
    fallback "latest": an absent argument means the newest generated medium of this kind, else the
    first the caller brought. implied: what a template compiles in when a stage names no media.
    required with a fallback: resolved when the step starts; required without one: must be named.
    when: (parameter, values): required, fallback and implied hold only while that parameter has
    one of the values; no values: while it is given at all. max_items: of a list argument, 0 = any.
    help: one sentence where the title doesn't say it all. takes_list: whether its arguments carry
    several media; None: by their names.
    """

    kind: MediaKind
    title: str
    index: str = ""
    url: str = ""
    aliases: tuple[str, ...] = ()
    many: bool = False
    required: bool = False
    fallback: Literal["none", "latest"] = "none"
    implied: Literal["none", "latest", "all"] = "none"
    when: tuple[str, tuple[Any, ...]] | None = None
    max_items: int = 0
    help: str = ""
    name: str = ""
    takes_list: bool | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """Every argument name that fills this port, the canonical one first."""
        return tuple(name for name in (self.index, self.url, *self.aliases) if name)

    def is_index(self, argument: str) -> bool:
        """Return whether this argument carries positions rather than addresses."""
        if self.takes_list is not None:
            return argument == self.index
        return argument == self.index or argument.lower().endswith(("index", "indices"))

    def is_list(self, argument: str) -> bool:
        """Return whether this argument carries several media, by its name's ending if need be."""
        if self.takes_list is not None:
            return self.takes_list
        return argument.lower().endswith(("indices", "urls"))

    @property
    def fills_itself(self) -> bool:
        """Return whether something must be done about it where no argument names it."""
        return self.required or self.implied != "none" or self.fallback != "none"

    def applies(self, params: Mapping[str, Any]) -> bool:
        """Return whether `when` holds for canonical parameters with defaults filled in."""
        if self.when is None:
            return True
        name, values = self.when
        value = params.get(name)
        return value in values if values else value is not None


def port(kind: MediaKind, title: str, **fields: Any) -> Port:
    """Declare a media input in a tool's `Inputs`; its attribute name becomes the port's name."""
    return Port(kind=kind, title=title, **fields)


class Ports:
    """A tool's media inputs, in declaration order.

    The first of a kind is named after it (`image`, `video`, `audio`), so that providers find what
    most tools work on under one name; others say what they are (`end`, `mask`, `voice`).
    """

    @classmethod
    @cache
    def all(cls) -> tuple[Port, ...]:
        return tuple(
            replace(value, name=name)
            for name, value in vars(cls).items()
            if isinstance(value, Port)
        )


def to_wire(name: str) -> str:
    """`negative_prompt` → `negativePrompt`: our spelling to the public API's."""
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


def to_snake(name: str) -> str:
    """`negativePrompt` → `negative_prompt`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@lru_cache(maxsize=4096)
def spellings(name: str) -> tuple[str, ...]:
    """An argument as callers may write it: as declared, in camel case, in snake case."""
    return tuple(dict.fromkeys((name, to_wire(to_snake(name)), to_snake(name))))


class Form(BaseModel):
    """A tool's parameters. Unknown ones are kept: newer clients send what older servers lack."""

    model_config = ConfigDict(
        extra="allow", alias_generator=to_wire, populate_by_name=True, coerce_numbers_to_str=True
    )


class SnakeForm(Form):
    """A form that the public API spells in snake case."""

    model_config = ConfigDict(alias_generator=to_snake)


def field(
    default: Any,
    description: str,
    *,
    wire: str = "",
    aliases: tuple[str, ...] = (),
    primary: bool = False,
    examples: tuple[Any, ...] = (),
    open_enum: bool = False,
    choices: tuple[Any, ...] = (),
    default_unless: tuple[str, ...] = (),
    stands_in: Any = None,
    form: str = "",
    words: Mapping[str, str] | None = None,
    title: str = "",
    **rules: Any,
) -> Any:
    """One parameter of a tool.

    default: `...` for required. wire: its public spelling where that is not plain camelCase.
    aliases: further spellings that are accepted. primary: shown first in the inspector. open_enum:
    the listed examples are known values, not the only ones (model names change without notice).
    choices: the only values, where a Literal cannot say it (fractions). default_unless: the default
    is not filled in when one of these arguments, in wire spelling, is given. stands_in: read where
    a required argument is missing or a choice is unknown, as published examples leave them out;
    the schema stays strict. form: says what a text with a `pattern` must be, a key of
    `argument_problems.PHRASES`. words: what people read in place of a value. title: what they read
    in place of its name.
    """
    extra: dict[str, Any] = {
        "aliases": list(aliases),
        "primary": primary,
        "open_enum": open_enum,
        "known": list(examples),
        "default_unless": list(default_unless),
        "form": form,
        "words": dict(words or {}),
    }
    if title:
        extra["title"] = title
    if stands_in is not None:
        extra["stands_in"] = stands_in
    schema_extra: dict[str, Any] = {"x-reelgraph": extra}
    if choices:
        schema_extra["enum"] = list(choices)
    if wire:
        rules["alias"] = wire
    return Field(default, description=description, json_schema_extra=schema_extra, **rules)


class Tool:
    """Work that a stage can do. Subclasses declare; providers do the work."""

    name: ClassVar[str]
    title: ClassVar[str]
    group: ClassVar[str]
    version: ClassVar[int]
    icon: ClassVar[str]
    cost_class: ClassVar[str]
    # Why a stage can't use it, for a tool that only says so; "" for all others.
    unusable: ClassVar[str] = ""
    output: ClassVar[MediaKind | None]
    seeded: ClassVar[bool]
    pure: ClassVar[bool]
    # The argument that says how many results are made, or empty for always one.
    count: ClassVar[str]
    # Whether a person answers it: the run waits, no provider is asked.
    asks: ClassVar[bool]
    # Whether it works on all that its run has: it waits for every step before it.
    reads_run: ClassVar[bool]
    # Whether a stage or step can be it; the others are called by tools/execute and in chat.
    durable: ClassVar[bool]

    class Inputs(Ports):
        pass

    class Params(Form):
        pass

    @classmethod
    def ports(cls) -> tuple[Port, ...]:
        return cls.Inputs.all()

    @classmethod
    def port_of(cls, argument: str) -> Port | None:
        """The port an argument fills, by any of its spellings."""
        return next(
            (p for p in cls.ports() for name in p.arguments if argument in spellings(name)), None
        )

    @classmethod
    def normalize_media_args(
        cls, arguments: Mapping[str, Any], bound: frozenset[str]
    ) -> Mapping[str, Any]:
        """The same call with media that are named deep inside an argument moved to their port.

        bound: arguments that a binding will fill. Called before anything is checked, again on what
        it gave, so it must leave that alone; it never raises on user data.
        """
        return arguments

    @classmethod
    def description(cls) -> str:
        return (cls.__doc__ or "").strip()

    @classmethod
    def units(cls, arguments: Mapping[str, Any]) -> float:
        """Estimated capacity units of one call with these canonical arguments."""
        count = arguments.get(cls.count, 1) if cls.count else 1
        return COST_UNITS[cls.cost_class] * (count if isinstance(count, int) and count > 0 else 1)


def tool(
    name: str,
    *,
    title: str,
    group: str,
    cost: str,
    output: MediaKind | None,
    icon: str = "",
    version: int = 1,
    seeded: bool = False,
    pure: bool = True,
    count: str = "",
    asks: bool = False,
    reads_run: bool = False,
    durable: bool = True,
) -> Any:
    """Class decorator: give a Tool its facts. Registering is `tools.registry`'s business.

    icon: a lucide name, by default that of what it makes. seeded: a seed changes the result, so a
    run mints one. pure: equal inputs give an equal result, so it may be reused. asks: it puts a
    question to the person who runs the workflow. reads_run: it works on all that the run has so
    far, so it waits for every step before it. durable: a stage or step can be it.
    """
    if cost not in COST_UNITS:
        raise ValueError(f"{name}: unknown cost class {cost!r}")

    def declare(cls: type[Tool]) -> type[Tool]:
        cls.name, cls.title, cls.group, cls.version, cls.icon = name, title, group, version, icon
        cls.cost_class, cls.output, cls.seeded = cost, output, seeded
        cls.pure, cls.count, cls.asks, cls.reads_run = pure, count, asks, reads_run
        cls.durable = durable
        if not durable:
            cls.unusable = NOT_A_STEP
        return cls

    return declare


@dataclass(frozen=True, slots=True)
class Given:
    """Values beyond media that the results of one call have. provider: who does it, for people."""

    provider: str
    values: frozenset[str]


# Tool, canonical arguments as far as they are known → what it gives; None: unknown.
GivenBy: TypeAlias = Callable[[str, Mapping[str, Any]], Given | None]


# Tool, arguments by their public names → the words of each that its provider leaves out.
UndrawnBy: TypeAlias = Callable[[str, Mapping[str, Any]], Mapping[str, Sequence[str]]]


def _untold(tool: str, arguments: Mapping[str, Any]) -> Given | None:
    return None


def _all_drawn(tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    return {}


class ToolTable:
    """Tools by name, with what a provider offers. Handed to validate and compile as data.

    Iterating gives the tools that a stage or step can be; `get` knows the others too.
    """

    def __init__(
        self,
        tools: Mapping[str, type[Tool]],
        available: frozenset[str],
        extra_values: GivenBy = _untold,
        undrawn: UndrawnBy = _all_drawn,
    ) -> None:
        self._tools = dict(tools)
        self._provided = available
        self._extra_values = extra_values
        self._undrawn = undrawn
        self.uses: Mapping[str, type[Tool]] = {}
        self.hidden_names: frozenset[str] = frozenset()

    def with_uses(
        self, uses: Mapping[str, type[Tool]], *, hidden_names: Iterable[str] = ()
    ) -> ToolTable:
        """Return the table with the templates that stages may be, by their references.

        They are found by their names; who lists the tools does not meet them. hidden_names: of
        those that can't be used now, so they are not there.
        """
        table = ToolTable(self._tools, self._provided, self._extra_values, self._undrawn)
        table.uses, table.hidden_names = dict(uses), frozenset(hidden_names)
        return table if table.uses or table.hidden_names else self

    def __iter__(self) -> Iterator[type[Tool]]:
        return (tool for tool in self._tools.values() if tool.durable)

    def canonical(self, wire_name: str) -> str:
        """Our name for a tool as a caller wrote it; the `sogni_` prefix is always optional."""
        return wire_name.removeprefix("sogni_")

    def get(self, wire_name: str) -> type[Tool] | None:
        # Most are called by our name.
        tool = self._tools.get(wire_name) or self._tools.get(self.canonical(wire_name))
        return tool or self.uses.get(wire_name)

    def extra_values(self, name: str, arguments: Mapping[str, Any]) -> Given | None:
        """Return the values beyond media of a call's results, by the provider chosen for it."""
        return self._extra_values(self.canonical(name), arguments)

    def undrawn(self, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        """Words of a call's texts that the provider chosen for it leaves out, by argument."""
        return self._undrawn(self.canonical(name), arguments)

    def is_provided(self, name: str) -> bool:
        """Return whether some configured provider does this tool's work."""
        name = self.canonical(name)
        return (
            name in self._provided
            or name in self.uses
            or (name in self._tools and self._tools[name].asks)
        )
