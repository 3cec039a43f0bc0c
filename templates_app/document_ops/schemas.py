"""The shapes of a document and of the ops that change it. Pure.

Incoming ops are held against these; the editor's types are written from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, NotRequired, TypeAlias, get_args

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict

TableName: TypeAlias = Literal[
    "root", "inputs", "stages", "nodes", "frames", "notes", "seeds", "values", "plan"
]
TABLES: Final[tuple[TableName, ...]] = get_args(TableName)
# The table of the plan that a draft was made of, and the key of its one row. Those who only look
# at a draft don't see it.
PLAN: Final = "plan"

MAX_OPS: Final = 500
MAX_CHANGE_BYTES: Final = 256 * 1024
MAX_KEY: Final = 200
MAX_PATH: Final = 8
# Of the words that a plan was made of.
MAX_BRIEF: Final = 20_000

Key = Annotated[str, Field(min_length=1, max_length=MAX_KEY)]
Name = Annotated[str, Field(max_length=MAX_KEY)]

_op = with_config(ConfigDict(extra="forbid"))
_shared = with_config(ConfigDict(json_schema_extra={"readOnly": True}))


@_op
class PutOp(TypedDict):
    """Add a record or replace it. after: the key it comes behind; null: the first."""

    op: Literal["put"]
    table: TableName
    key: Key
    value: Any
    after: NotRequired[Key | None]


@_op
class RemoveOp(TypedDict):
    """Remove a record."""

    op: Literal["remove"]
    table: TableName
    key: Key


@_op
class SetOp(TypedDict):
    """Write the field at `path`, or without `value` remove it."""

    op: Literal["set"]
    table: TableName
    key: Key
    path: Annotated[list[Name], Field(min_length=1, max_length=MAX_PATH)]
    value: NotRequired[Any]


@_op
class OrderOp(TypedDict):
    """Move a record behind another; null: to the front."""

    op: Literal["order"]
    table: TableName
    key: Key
    after: Key | None


Op: TypeAlias = Annotated[
    PutOp | RemoveOp | SetOp | OrderOp,
    Field(description="One edit of one record.", discriminator="op"),
]


class Change(TypedDict):
    """One gesture. id: made by the client, so that sending it twice changes nothing."""

    id: str
    label: str
    ops: list[Op]


@_shared
class Table(TypedDict):
    """Records in an order of their own."""

    order: list[str]
    rows: dict[str, Any]


@_shared
class Doc(TypedDict):
    """The editor's working copy of a template. Changed only by ops; never in place."""

    format: Literal[1]
    root: Table
    inputs: Table
    stages: Table
    nodes: Table
    frames: Table
    notes: Table
    seeds: Table
    values: Table
    plan: Table


@_op
class PlanRecord(TypedDict):
    """The plan that the stages of a draft were made of: the one row of the table `plan`."""

    settings: dict[str, Any]
    """The plan."""
    brief: Annotated[str, Field(max_length=MAX_BRIEF)]
    """The person's words."""
    by: Annotated[str, Field(max_length=MAX_KEY)]
    """"rules", or the language model's name."""
    hash: Annotated[str, Field(max_length=MAX_KEY)]
    """Of the stages and inputs as they were made of it."""


# The validator itself: the adapter's own method costs as much again for a single op.
_validate: Final = TypeAdapter(list[Op]).validator.validate_python

# By field, what an op must be where it is wrong; in the order in which people are told.
_REMEDIES: Final[Mapping[str, str]] = {
    "table": f"must name its `table`: one of {', '.join(TABLES)}.",
    "key": f"must have a `key`: a text of 1 to {MAX_KEY} characters.",
    "value": "must have the `value` to put.",
    "after": "has an `after` that is neither a key nor null.",
    "path": f"must have a `path` of 1 to {MAX_PATH} names.",
}
_RANKS: Final = {name: rank for rank, name in enumerate(_REMEDIES, 1)}


def problem_of(ops: Any) -> str | None:
    """Say why this is no list of ops, in words that name the position; None when it is one.

    Shape alone: whether a graph makes sense is said by `validate`, and never stops an edit.
    """
    if not isinstance(ops, list):
        return "`ops` must be a list."
    if len(ops) > MAX_OPS:
        return f"A change has at most {MAX_OPS} ops; this one has {len(ops)}. Send several changes."
    try:
        _validate(ops)
    except ValidationError as refusal:
        return _in_words(refusal.errors(include_url=False, include_context=False))
    return None


def _in_words(faults: Iterable[ErrorDetails]) -> str:
    """The first op's first problem. A location is: position, kind of op, field, position in it."""
    first = min(faults, key=lambda one: (one["loc"][0], _rank(one)))
    place, *inner = first["loc"]
    if not inner:
        is_object = isinstance(first["input"], dict)
        problem = "must have an `op`: put, remove, set or order."
        return f"ops[{place}] {problem if is_object else 'must be an object.'}"
    kind, field, *within = inner
    problem = _REMEDIES.get(str(field), "")
    if first["type"] == "extra_forbidden":
        problem = f"has a field `{str(field)[:40]}`, which `{kind}` does not take."
    elif kind == "order" and first["type"] == "missing" and field == "after":
        problem = "must say what to be behind: `after`, null for the first place."
    elif field == "path" and within:
        problem = f"has a `path` with something else than texts of at most {MAX_KEY} characters."
    return f"ops[{place}] {problem}"


def _rank(fault: ErrorDetails) -> int:
    if fault["type"] == "extra_forbidden" or len(fault["loc"]) < 3:
        return 0
    return _RANKS.get(str(fault["loc"][2]), 0)
