"""The schemas of `GET /app/tools`: `tools.palette` builds them, and the editor reads them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from tools.declaration.model_facts import Per
from tools.declaration.ports import MediaKind

_with_docs = with_config(ConfigDict(use_attribute_docstrings=True))


class When(TypedDict):
    """A condition of a port. values: of the parameter; none: any value will do."""

    parameter: str
    values: list[Any]


@_with_docs
class ToolPort(TypedDict):
    """A media input of a tool."""

    name: str
    title: str
    help: str
    kind: MediaKind
    argument: str
    """What an edge writes."""
    spellings: list[str]
    """Every spelling that fills this port, as declared; readers accept camel and snake case."""
    isList: bool
    """Whether `argument` takes a list."""
    isRequired: bool
    implied: Literal["none", "latest", "all"]
    when: When | None
    """Required and implied hold only under this condition."""
    maxItems: int


@_with_docs
class ToolParameter(TypedDict):
    """A parameter of a tool, in wire spelling."""

    name: str
    title: str
    help: str
    schema: dict[str, Any]
    """JSON Schema of its value."""
    spellings: list[str]
    default: Any
    isRequired: bool
    isPinned: bool
    isLoose: bool
    """Listed values are known ones, others are allowed too."""
    unit: str


@_with_docs
class ModelPrice(TypedDict):
    units: float
    """Capacity units with the usual arguments."""
    per: Per
    """The unit: a result, a second or a megapixel of one, 1,000 characters of its text."""
    atMost: bool
    """It may cost less."""
    varies: bool
    """It is another with other arguments or files."""


@_with_docs
class ModelFacts(TypedDict):
    """A model as people choose it, for one tool. Empty or null is what isn't known."""

    title: str
    by: str
    """The company that built it."""
    price: ModelPrice | None
    seconds: tuple[float, float] | None
    """The shortest and the longest result."""
    sizes: list[str]
    """Such as 16:9 or 1080p."""
    takes: dict[str, int]
    """The number of files of each port, and 1 for each of seed, negative (a negative prompt) and
    sound; what isn't named isn't taken. Empty: not known."""
    ignores: list[str]
    """Arguments of the tool that change nothing."""
    usualSeconds: float | None
    """The usual time of a result."""
    isDraft: bool
    """Its results are of draft quality."""


@_with_docs
class ProviderModel(ModelFacts):
    name: str
    """As arguments name it."""
    also: list[str]
    """Other names that choose it."""


@_with_docs
class Provider(TypedDict):
    """A provider of a tool's work. The first of a tool is asked when no model is named."""

    name: str
    title: str
    models: list[str]
    """The models that choose it, when they are named."""
    makes: list[ProviderModel]
    """Every model it makes this tool's results by, its usual one first; none: any name will do."""
    units: float
    """Capacity units of one result, by its usual model."""
    isDraft: bool
    """Its results are of draft quality."""


@_with_docs
class PaletteTool(TypedDict):
    name: str
    title: str
    group: str
    help: str
    icon: str
    output: MediaKind | None
    isSeeded: bool
    isProvided: bool
    unusable: str
    """Why it can't be used at all, for a tool that only says so."""
    provider: str
    providers: list[Provider]
    units: float
    """Capacity units of one result."""
    count: str
    """The argument that says how many results are made; empty for always one."""
    ports: list[ToolPort]
    parameters: list[ToolParameter]
