"""Steps whose arguments are still as their author wrote them; both ways of planning make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from templates_app.graph.issues import Issue, issue
from templates_app.graph.types import (
    JSON,
    Binding,
    DeferredArgument,
    DeferredRef,
    GroupSpec,
    MediaKind,
    OnError,
    StepKey,
)
from tools.declaration.ports import Tool


@dataclass(frozen=True, slots=True)
class UnresolvedBatch:
    """The elements a batch repeats, as `BatchSpec` has them.

    element: the kind of media that every element is, "" for none, None where no one can say.
    """

    item_name: str
    items: tuple[JSON, ...] | None
    over: DeferredRef | None
    element: str | None
    concurrency: int
    allow_partial: bool
    label: str
    tries: int


# Not frozen, like the other records of one planning: there are thousands, and frozen ones are slow.
@dataclass(slots=True)
class UnresolvedStep:
    """A step whose arguments are still as the caller wrote them.

    needs: explicit bindings; their sources come earlier in the list, targets are in any spelling.
    path: of the step, args_path: of its arguments, for issues. may_imply: join media the arguments
    leave out (templates do, explicit steps do not). excused_arguments: those missing for a reason
    that has its own issue. late: as in `PlanStep`; they count as present. batch: the call is made
    for each of its elements. ask: it waits for a person; a tool that asks does so anyway.
    makes_anything: what the person gives may be media of any kind. gate: key of the gate after it.
    group: what it is as a group. member_of: the groups that hold it,
    the nearest first. finders: the scopes whose stages find what it makes, its own first.
    scope_media: of a template stage, what its media inputs are, in order. output: of a batch over a
    template, the kind of media that its result makes.
    """

    key: StepKey
    tool: type[Tool]
    wire_tool: str
    arguments: Mapping[str, Any]
    path: str
    args_path: str
    needs: tuple[Binding, ...] = ()
    title: str = ""
    stage_id: str = ""
    on_error: OnError = "stop"
    condition: Mapping[str, Any] | None = None
    may_imply: bool = False
    excused_arguments: frozenset[str] = frozenset()
    late: tuple[DeferredArgument, ...] = ()
    batch: UnresolvedBatch | None = None
    ask: Mapping[str, JSON] | None = None
    makes_anything: bool = False
    gate: StepKey | None = None
    group: GroupSpec | None = None
    member_of: tuple[StepKey, ...] = ()
    finders: tuple[str, ...] = ("",)
    scope_media: tuple[Binding, ...] | None = None
    output: MediaKind | None = None

    @property
    def scope(self) -> str:
        """Return the template stage whose media alone it finds; "" for those of the run."""
        return self.finders[0]

    def issue(self, code: str, *, path: str = "", **params: Any) -> Issue:
        """An issue of this step. path: its arguments, unless it is named."""
        at = path or self.args_path
        return issue(code, path=at, stage_id=self.stage_id or None, **params)
