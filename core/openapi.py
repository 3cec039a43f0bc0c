"""Descriptions of what a route takes and answers, written once, beside the view that does it.

    @operation("cancelWorkflow", "Stop a run", tag="Workflows", body=CancelIn,
               answers={200: CancelOut}, errors=(404,))
    def post(self, request, run_id): ...

`builder.openapi` collects these into `/v1/openapi.json`; a test refuses a route without one. What
every route can answer (400, 401, 405, 429, 500, 503; 413 and 415 with a body; 404 with a variable
in the path; 403 for writes) is added there and need not be listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

Schema = dict[str, Any]
# What an API key may do; see `accounts.scopes`.
Scope = Literal["read", "run", "all"]
# A Pydantic model, or a TypedDict for what is rendered without one.
Shape = type[Any] | Schema | None
View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = "openapi_operation"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value in the query or in a header. schema: JSON Schema of its text form."""

    name: str
    where: Literal["query", "header"]
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one route.

    body: the model the JSON body is parsed with. answers: by status, the model of `data`, or the
    whole body where `flat`. errors: further statuses than every route has. public: needs no
    credential. media: the type of an answer or a body that is no JSON. scope: what an API key must
    be allowed; None: `read` to read, `all` to write. failure: the body of every error, where it is
    not the envelope.
    """

    name: str
    summary: str
    tag: str
    answers: Mapping[int, Shape]
    # Further models that a schema written by hand refers to.
    uses: tuple[type[BaseModel], ...] = ()
    body: Shape = None
    body_example: Any = None
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = ()
    public: bool = False
    flat: bool = False
    description: str = ""
    answer_type: str = "application/json"
    body_type: str = "application/json"
    scope: Scope | None = None
    failure: Schema | None = None

    def needs(self, method: str) -> Scope:
        """The scope an API key needs for this method."""
        return self.scope or ("read" if method.upper() in ("GET", "HEAD", "OPTIONS") else "all")


def operation(name: str, summary: str, *, tag: str, **fields: Any) -> Callable[[View], View]:
    """Describe a view's method; the fields are those of `Operation`."""

    def mark(view: View) -> View:
        fields.setdefault("answers", {})
        setattr(view, _ATTRIBUTE, Operation(name, summary, tag, **fields))
        return view

    return mark


def operations(**by_method: Operation) -> Callable[[View], View]:
    """Describe a plain view that answers these methods, by their lower-case names."""

    def mark(view: View) -> View:
        view.operations = by_method  # type: ignore[attr-defined]
        return view

    return mark


def operation_of(view: Any) -> Operation | None:
    """Return the description that `operation` gave this method, or None."""
    description = getattr(view, _ATTRIBUTE, None)
    return description if isinstance(description, Operation) else None


def parameters_of(model: type[BaseModel]) -> tuple[Parameter, ...]:
    """The fields of a model that a query is parsed with."""
    whole = model.model_json_schema(by_alias=True)
    names = whole.get("required", ())
    parameters = []
    for name, schema in whole["properties"].items():
        plain = {key: value for key, value in schema.items() if key not in ("title", "default")}
        description = str(plain.pop("description", ""))
        parameters.append(Parameter(name, "query", description, _text(plain), name in names))
    return tuple(parameters)


def _text(schema: Schema) -> Schema:
    """A query has no null: absent is absent."""
    branches = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return branches[0] if len(branches) == 1 else schema


def whole_number(what: str, highest: int | None = None) -> Schema:
    """A number that is clamped, never refused: any other text counts as absent."""
    number: Schema = {"type": "integer", "minimum": 0}
    if highest is not None:
        number["maximum"] = highest
    return {"anyOf": [number, {"type": "string"}], "description": what}


LIMIT = Parameter(
    "limit",
    "query",
    "How many at most. Larger numbers are clamped; anything unreadable is the default, 20.",
    whole_number("1 to 100", 100),
)
OFFSET = Parameter(
    "offset",
    "query",
    "How many to skip: `next` of the answer before. Anything unreadable is 0.",
    whole_number("0 to 10000", 10_000),
)
