"""Stages inside stages: a group of steps in the plan, and its members beside it.

Applied once, to a spec that was read, before bypass, validation and compiling: they meet a list of
stages without any inside another, and a `Nesting` that says which of them is a group and what it
holds. The decision is docs/decisions/0057-stages-inside-stages-are-a-group.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from core.phrases import phrase
from templates_app.graph.issues import Issue, issue
from templates_app.graph.spec import Spec, Stage
from tools.declaration.ports import Port, Tool, tool

# What a stage calls its own tool or question, when it has stages inside.
_MAIN: Final = "main"


@tool("group", title="Group", group="flow", cost="free", output=None, pure=False)
class Group(Tool):
    """Stages that begin together and end together. No one offers it and no worker claims it."""


@dataclass(frozen=True, slots=True)
class ScopeMedia:
    """A file that a template stage gives for a media input, as a reference in the flat spec."""

    port: Port
    text: str


@dataclass(frozen=True, slots=True)
class Nesting:
    """The groups of a flat spec and what they hold, by stage id.

    results: group → the member whose result is the group's. holders: member → its group. origins:
    the call that a group makes itself → the stage that a person sees, whose id the group has.
    scopes: stage of a template that is used → the group it stands for, whose media alone it finds.
    media: such a group → what its template's media inputs are, in their order.
    """

    results: Mapping[str, str] = field(default_factory=dict)
    holders: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    scopes: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, Sequence[ScopeMedia]] = field(default_factory=dict)

    def around(self, stage_id: str) -> Iterator[str]:
        """Yield the groups that hold a stage, the nearest first."""
        holder = self.holders.get(stage_id)
        while holder is not None:
            yield holder
            holder = self.holders.get(holder)

    def result_of(self, group: str) -> str:
        """Return the stage whose result a group's is, through the groups inside."""
        result = self.results.get(group, group)
        while result in self.results:
            result = self.results[result]
        return result

    def finders(self, stage_id: str) -> Iterator[str]:
        """Yield the scopes whose stages find what a stage makes, "" for the outermost: its own,
        and those around it as long as it is the result of its template."""
        scope = self.scopes.get(stage_id, "")
        yield scope
        while scope and self.result_of(scope) == stage_id:
            scope = self.scopes.get(scope, "")
            yield scope

    def as_seen(self, issues: Sequence[Issue]) -> tuple[Issue, ...]:
        """Return issues with the ids of stages as their author wrote them."""
        if not self.origins and not self.scopes:
            return tuple(issues)
        # Its own author has read the warnings of what a template holds.
        own = (one for one in issues if one.severity == "error" or not self._is_inside(one))
        return tuple(map(self._as_seen, own))

    def _is_inside(self, one: Issue) -> bool:
        return (one.at.stage_id or "") in self.scopes

    def _as_seen(self, one: Issue) -> Issue:
        stage_id = one.at.stage_id or ""
        name = None
        while stage_id in self.scopes:
            stage_id = name = self.scopes[stage_id]
        name = self.origins.get(stage_id, name)
        return one if name is None else replace(one, at=replace(one.at, stage_id=name))


FLAT: Final = Nesting()


def without_nested(spec: Spec) -> tuple[Spec, Nesting, tuple[Issue, ...]]:
    """Return the spec with the stages inside others beside them, and what is inside what.

    A group comes before its members, its own call before its sub-stages, which have the ids that
    they were written with. Linear in the number of stages.
    """
    if not any(stage.sub_stages for stage in spec.stages):
        return spec, FLAT, ()
    flattening = _Flattening(spec.stages)
    stages = tuple(part for stage in spec.stages for part in flattening.parts(stage, None))
    nesting = Nesting(flattening.results, flattening.holders, flattening.origins)
    return spec.model_copy(update={"stages": stages}), nesting, tuple(flattening.issues)


class _Flattening:
    def __init__(self, stages: Iterable[Stage]) -> None:
        self.ids = set(_ids(stages))
        self.results: dict[str, str] = {}
        self.holders: dict[str, str] = {}
        self.origins: dict[str, str] = {}
        self.issues: list[Issue] = []

    def parts(self, stage: Stage, holder: str | None) -> Iterator[Stage]:
        """Yield a stage, and after a group what it holds."""
        if holder is not None:
            self.holders[stage.id] = holder
            stage = self.without_own_group(stage)
        # One group for each element is not made yet: see `compile`.
        if not stage.sub_stages or stage.type == "batch":
            yield stage
            return
        members = [*self.own_call(stage), *stage.sub_stages]
        names = set(stage.produces)
        makers = [at for at, one in enumerate(members) if names & {*one.produces}]
        result = makers[-1] if makers else -1
        names_inside = {name for one in members for name in one.produces}
        others = (name for name in stage.produces if name not in names_inside)
        produces = (*members[result].produces, *others)
        members[result] = members[result].model_copy(update={"produces": produces})
        self.results[stage.id] = members[result].id
        if holder is None:
            self.issues.append(
                issue(
                    "sub_stages_run_as_group",
                    path=stage.path,
                    stage_id=stage.id,
                    severity="warning",
                    count=len(members),
                    result=members[result].label or members[result].id,
                )
            )
        yield self.group(stage)
        for member in members:
            yield from self.parts(member, stage.id)

    def group(self, stage: Stage) -> Stage:
        """Return what is true of the stage as a whole: its order, its condition, its checkpoint."""
        if stage.bypass:
            why = phrase("bypass_tools_only")
            path = f"{stage.path}/bypass"
            self.issues.append(issue("cannot_bypass", path=path, stage_id=stage.id, why=why))
        whole = {"type": "fixed", "sub_stages": (), "produces": (), "bypass": False}
        return stage.model_copy(update={**_NO_CALL, **whole})

    def own_call(self, stage: Stage) -> list[Stage]:
        """Return the stage's own call as a member; none where it only holds others."""
        if stage.type == "fixed" and not stage.tool:
            return []
        call_id, number = f"{stage.id}.{_MAIN}", 1
        while call_id in self.ids:
            number += 1
            call_id = f"{stage.id}.{_MAIN}_{number}"
        self.ids.add(call_id)
        self.origins[call_id] = stage.id
        own = {
            "id": call_id,
            "sub_stages": (),
            "requires": (),
            "condition": None,
            "bypass": False,
            # Failing is the group's affair; how often the call is tried stays its own.
            "on_error": "retry_once" if stage.on_error == "retry_once" else "stop",
            "checkpoint_required": False,
            "human_approval_default": False,
        }
        return [stage.model_copy(update=own)]

    def without_own_group(self, stage: Stage) -> Stage:
        """Return the stage without a condition that waits for the end of a group around it."""
        condition = stage.condition
        if condition is None or not condition.stage_id:
            return stage
        groups = Nesting(holders=self.holders).around(stage.id)
        if condition.stage_id not in groups:
            return stage
        self.issues.append(
            issue(
                "unknown_stage",
                path=stage.path,
                stage_id=stage.id,
                field="condition/stageId",
                value=condition.stage_id,
                problem=phrase("not_before"),
            )
        )
        return stage.model_copy(update={"condition": None})


_NO_CALL: Final[Mapping[str, Any]] = {
    "tool": "",
    "args": {},
    "system_prompt": "",
    "user_message": "",
    "skill_ref": "",
    "allowed_tools": (),
    "select": None,
}


def _ids(stages: Iterable[Stage]) -> Iterator[str]:
    for stage in stages:
        yield stage.id
        yield from _ids(stage.sub_stages)
