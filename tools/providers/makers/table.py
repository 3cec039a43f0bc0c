"""The models of services for final media, read from tables: one row a model, one place a service.

`models/*.toml` is ours; `models.d/*.toml` in the data folder is the operator's, whose rows replace
ours of the same name. A field of a request body is data; those with lists, roles or conditions are
written by a function of `tools.providers.makers.bodies`, which the place names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mediakit.file_type import EXTENSIONS
from tools.declaration.ports import MediaKind
from tools.providers.base import Misconfigured
from tools.providers.form import STALE_DAYS as STALE_DAYS
from tools.providers.makers import bodies
from tools.providers.makers.sizes import Sides
from tools.providers.makers.slot_tables import MEDIA_SLOTS, SLOTS, TOOLS

OURS = Path(__file__).parent / "models"
# By the extension of a type, the kind of its files.
KINDS = {extension: mime.partition("/")[0] for mime, extension in EXTENSIONS.items()}

Encoding: TypeAlias = Literal["url", "base64", "data-uri"]
Format: TypeAlias = Literal["", "text", "int", "ms", "Ns"]
Refusal: TypeAlias = Literal["full", "none", "unknown"]
# As the arguments say, as a draft, or as the final of one.
Way: TypeAlias = Literal["", "draft", "final"]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Value(_Row):
    """The value of one field of a request body.

    slot: what it is taken from, see `makers.slots`; const: a value that is always sent. format: how
    it is written. choices: the values that the service takes; the nearest one is sent, of lengths
    the next longer one. steps: by a number's upper bound, what is sent. map: what is sent for each
    value. default: what is sent for others, and where it isn't set; without one the field is left
    out. least, most: bounds, of a list of files how many; a seed beyond `most` goes around, and a
    length without bounds has the place's `seconds`. encoding: how a file is sent. when: by a slot,
    what is sent in its stead by calls that have it.
    """

    slot: str = ""
    const: Any = None
    format: Format = Field("", alias="as")
    choices: tuple[str | float, ...] = ()
    steps: tuple[tuple[float, Any], ...] = ()
    map: dict[str, Any] = {}
    default: Any = None
    least: float | None = None
    most: float | None = None
    encoding: Encoding = "url"
    when: dict[str, Any] = {}

    @model_validator(mode="after")
    def _has_one_source(self) -> Value:
        if bool(self.slot) == (self.const is not None):
            raise ValueError("write either slot or const")
        for slot in (self.slot, *self.when):
            if slot and slot not in SLOTS:
                raise ValueError(f"slot {slot!r} is unknown")
        return self


class Result(_Row):
    """The place of the files in an answer: a path such as `images[].url`, see `makers.paths`."""

    path: str
    encoding: Literal["url", "base64", "bytes"] = Field("url", alias="as")
    kind: MediaKind


class Price(_Row):
    """US dollars. per: what one price is for. of: the slot of a file whose length or pixels count;
    "": the result's own. first: dollars of the first second or megapixel, where it differs.
    counted: slots of images whose pixels are charged for like the result's. by_value: by a slot,
    dollars of each of its values. steps: (slot, a bound, dollars of what is above it); times: the
    same with what the price is multiplied by. more: dollars on top when this slot is set. inputs:
    by a slot of videos, the share of the price that each of their seconds costs, too. least: what
    one request costs at least. most: the largest amount that may be charged for. source: where it
    was read."""

    usd: float = Field(ge=0)
    per: Literal["result", "second", "megapixel", "1000_characters"] = "result"
    of: str = ""
    first: float | None = None
    counted: tuple[str, ...] = ()
    by_value: dict[str, dict[str, float]] = {}
    steps: tuple[tuple[str, float, float], ...] = ()
    times: tuple[tuple[str, float, float], ...] = ()
    more: dict[str, float] = {}
    inputs: dict[str, float] = {}
    least: float = 0.0
    most: float | None = None
    at_most: bool = False
    source: str = ""


class Cost(_Row):
    """The place of the charge in an answer, and the dollars of one of its units."""

    path: str
    usd: float = Field(gt=0)


class Finish(_Row):
    """The request that makes a draft final. body: all of its fields. makes: the size that it always
    has."""

    path: str
    body: dict[str, str | Value]
    makes: str
    price: Price


class Draft(_Row):
    """Cheap drafts of a model, each of which it makes final as long as it knows the draft's job.
    body: fields beside the place's, or in their stead. lives_s: how long that is."""

    body: dict[str, str | Value]
    lives_s: float = Field(gt=0)
    price: Price
    final: Finish


class Limits(_Row):
    """Limits of the files that a slot takes: how many, their longest side, to which they are made
    smaller, their shortest one, the smallest and the largest ratio of width to height, megabytes,
    the seconds of each at least, and of all of them together at most."""

    count: int = 1
    longest_px: int = 4096
    least_px: int = 1
    ratios: tuple[float, float] | None = None
    most_mb: float = 30.0
    least_s: float = 0.0
    most_s: float | None = None


class Place(_Row):
    """A model at one service. id: as the service calls it. id_with, path_with: the id or the path
    of calls that have this slot, the first that fits. body: its fields by path. function: of
    `makers.bodies`, that writes those with lists, roles and conditions; takes: the slots that it
    reads. needs: slots without which it can't be called. companions: by a slot of files, slots of
    which one has to be there, too. prompt_most: how long a prompt may be, in UTF-16 units.
    containers: of videos and sounds that it takes, by their extensions; (): those of its service.
    seconds: the shortest and the longest result. sides: of a result of any size. is_sync: the
    answer to the request is the result. is_off: its id, its arguments or its price were never seen
    in the service's own words, so that it is offered only when an operator switches it on."""

    service: str
    id: str
    id_with: dict[str, str] = {}
    path: str = ""
    path_with: dict[str, str] = {}
    tools: tuple[str, ...] = ()
    body: dict[str, str | Value] = {}
    function: str = ""
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    companions: dict[str, tuple[str, ...]] = {}
    media: dict[str, Limits] = {}
    containers: tuple[str, ...] = ()
    result: Result
    price: Price
    draft: Draft | None = None
    # Which of the requests of `draft` this is, see `variant`.
    way: Way = ""
    cost: Cost | None = None
    usual_s: float = 30.0
    seconds: tuple[float, float] | None = None
    sides: Sides = Sides()
    prompt_most: int | None = None
    is_sync: bool = Field(False, alias="sync")
    is_off: bool = Field(False, alias="off")
    # Where an answer without a result says that it was refused, and whether that is charged.
    refusal_at: tuple[str, ...] = ()
    on_refusal: Refusal = "unknown"

    @model_validator(mode="after")
    def _is_whole(self) -> Place:
        if self.function and self.function not in bodies.FUNCTIONS:
            raise ValueError(f"function {self.function!r} is not in makers.bodies")
        slots = {*self.takes, *self.needs, *self.media, *self.id_with, *self.path_with}
        slots |= {value for value in self.body.values() if isinstance(value, str)}
        slots |= {*self.price.counted, *self.price.by_value, *self.price.more, self.price.of} - {""}
        slots |= {*self.price.inputs, *self.companions}
        slots |= {slot for others in self.companions.values() for slot in others}
        slots |= {slot for slot, _, _ in (*self.price.steps, *self.price.times)}
        if unknown := set(self.containers) - set(KINDS):
            raise ValueError(f"containers {', '.join(sorted(unknown))} are unknown")
        if unknown := slots - SLOTS:
            raise ValueError(f"slots {', '.join(sorted(unknown))} are unknown")
        return self

    def variant(self, way: Way) -> Place:
        """Return the place as it is asked for a draft, or for the final of one."""
        if self.draft is None or not way:
            return self
        if way == "draft":
            body = {**self.body, **self.draft.body}
            return self.model_copy(update={"body": body, "price": self.draft.price, "way": way})
        final = self.draft.final
        request = {"path": final.path, "path_with": {}, "id_with": {}, "body": final.body}
        nothing_else: dict[str, Any] = {
            "function": "",
            "takes": (),
            "needs": (),
            "companions": {},
            "media": {},
            "prompt_most": None,
        }
        return self.model_copy(update={**request, **nothing_else, "price": final.price, "way": way})

    @property
    def price_name(self) -> str:
        """Return the name of its price, see `makers.learned_prices`."""
        return f"{self.id}:{self.way}" if self.way else self.id

    @property
    def slots(self) -> frozenset[str]:
        """The slots that change what is sent."""
        in_body = (value.slot for _, value in self.values())
        return frozenset({*in_body, *self.takes, *self.id_with, *self.path_with} - {""})

    @property
    def media_slots(self) -> frozenset[str]:
        return self.slots & MEDIA_SLOTS

    def values(self) -> Iterator[tuple[str, Value]]:
        """Each field that is written without a function."""
        for name, value in self.body.items():
            yield name, _of_slot(value) if isinstance(value, str) else value


# Quotes and requests read the fields of a model hundreds of times.
@cache
def _of_slot(slot: str) -> Value:
    return Value(slot=slot)


class ModelRow(_Row):
    """One model. also: other names that choose it. of: the model that this one is a way of: calls
    of these tools that name it are made here. version: part of what its results are reused by; a
    new one makes them again."""

    name: str
    title: str
    by: str
    also: tuple[str, ...] = ()
    of: str = ""
    version: int = 1
    tools: tuple[str, ...]
    places: tuple[Place, ...] = Field(alias="at")

    @model_validator(mode="after")
    def _is_whole(self) -> ModelRow:
        if unknown := {*self.tools, *(tool for at in self.places for tool in at.tools)} - TOOLS:
            raise ValueError(f"tools {', '.join(sorted(unknown))} are unknown")
        return self


class Table(_Row):
    schema_version: Literal[1] = Field(1, alias="schema")
    # When its prices and schemas were last compared with the services' pages.
    read: date
    models: tuple[ModelRow, ...] = Field(alias="model")


class Offered(_Row):
    """A model at the service that is asked."""

    row: ModelRow
    place: Place
    read: date

    @property
    def own_tools(self) -> tuple[str, ...]:
        """Return the tools for which the service makes each result in one request."""
        return self.place.tools or self.row.tools

    @property
    def tools(self) -> tuple[str, ...]:
        """Those, and what several of its results make together, see `makers.composition`."""
        return tuple(dict.fromkeys((*self.own_tools, *_composed_tools(self.own_tools, self.place))))

    def for_tool(self, tool: str) -> Offered:
        """Return it as it does a tool: it draws no drafts of what is put together."""
        if tool in self.own_tools or self.place.draft is None:
            return self
        return self.model_copy(update={"place": self.place.model_copy(update={"draft": None})})


def _composed_tools(own: Sequence[str], place: Place) -> Iterator[str]:
    """The tools that results of these tools make together."""
    if "animate_photo" in own and "start" in place.slots and {*place.needs} <= {"prompt", "start"}:
        yield from ("orbit_video", "dance_montage", "extend_video")
        if "end" in place.slots:
            yield "replace_video_segment"
    if "video_to_video" in own and {*place.needs} <= {"prompt", "source_video"}:
        yield "replace_video_segment"


def offered_at(service: str) -> tuple[Offered, ...]:
    """Every model of a service, in the order of the tables. Raises Misconfigured."""
    folder = Path(settings.HOME) / "models.d"
    files = tuple((path, _file_stamp(path)) for path in sorted(folder.glob("*.toml")))
    return tuple(
        Offered(row=row, place=place, read=read_on)
        for row, read_on in _rows(files)
        for place in row.places
        if place.service == service
    )


def stale(offers: Iterable[Offered], today: date) -> tuple[str, ...]:
    """Return sentences for the operator about rows that were last compared too long ago."""
    old = [one for one in offers if (today - one.read).days > STALE_DAYS]
    return tuple(
        f"The prices and limits of {', '.join(one.row.title for one in old if one.read == read_on)}"
        f" were last compared with the provider's pages on {read_on:%d %b %Y}. Update Reelgraph, or"
        " write rows of your own into models.d in the data folder."
        for read_on in sorted({one.read for one in old})
    )


def _file_stamp(path: Path) -> tuple[int, int]:
    """Return what differs after a change: the clock of files may stand still for milliseconds."""
    state = path.stat()
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=4)
def _rows(
    files: tuple[tuple[Path, tuple[int, int]], ...],
) -> tuple[tuple[ModelRow, date], ...]:
    """The rows of all tables; those of `files`, with what their last change left, win."""
    rows: dict[str, tuple[ModelRow, date]] = {}
    for path in (*sorted(OURS.glob("*.toml")), *(path for path, _ in files)):
        table = read_table(path)
        rows |= {row.name: (row, table.read) for row in table.models}
    return tuple(rows.values())


def read_table(path: Path) -> Table:
    """Raises Misconfigured, with the file, the row and the field."""
    try:
        document: Mapping[str, Any] = tomllib.loads(path.read_text())
        return Table.model_validate(document)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Misconfigured(f"{path.name} is no TOML: {problem}.") from problem
    except ValidationError as problem:
        error = problem.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, error["loc"]))
        raise Misconfigured(f"{path.name}: {where}: {error['msg']}.") from None
