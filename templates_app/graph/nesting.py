"""Stages inside stages: a group of steps in the plan, and its members beside it.

Applied once, to a spec that was read, before bypass, validation and compiling: they meet a list of
stages without any inside another, and a `Nesting` that says which of them is a group and what it
holds. The decision is docs/decisions/0057-stages-inside-stages-are-a-group.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final

from core.names import take_name, unique_name
from core.phrases import phrase
from templates_app.graph.bindings import Broken, Ref, read_text
from templates_app.graph.issues import Issue, issue
from templates_app.graph.rewriting import path_text, with_references
from templates_app.graph.spec import Spec, Stage
from templates_app.graph.types import PlanOutput
from tools.declaration.ports import Port, Tool, ToolTable, tool

# What a stage calls its own tool or question, when it has stages inside.
_MAIN: Final = "main"
# Keys of steps are no longer.
MAX_KEY: Final = 160
_KEY_START, _KEY_DIGEST = 140, 12
# Batches in each other.
MAX_BATCH_DEPTH: Final = 2


@tool("group", title="Group", group="flow", cost="free", output=None, pure=False)
class Group(Tool):
    """Stages that begin together and end together. No one offers it and no worker claims it."""


@dataclass(frozen=True, slots=True)
class ScopeMedia:
    """A file that a template stage gives for a media input, as a reference in the flat spec."""

    port: Port
    text: str


@dataclass(frozen=True, slots=True)
class ElementOutput:
    """An output of each element of a batch over a template. output: its source is the member that
    makes it. kind: of its media, "" for none, None where no one can say."""

    batch: str
    output: PlanOutput
    kind: str | None


@dataclass(frozen=True, slots=True)
class Nesting:
    """The groups of a flat spec and what they hold, by stage id.

    results: group → the member whose result is the group's. holders: member → its group. origins:
    the call that a group makes itself → the stage that a person sees, whose id the group has.
    scopes: stage of a template that is used, or that is done for each element, → the group it is
    in, whose media alone it finds. media: a template stage → what its template's media inputs are,
    in their order. batches: groups that are batches, whose members are done for each element, → the
    media kind of their results, "" for none; such a one is its own result to others.
    own_ids: what such a one repeats of its own template → the id that it was written with.
    outputs: artifact of such a batch → which output of its elements it is, if not the main one.
    """

    results: Mapping[str, str] = field(default_factory=dict)
    holders: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    scopes: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, Sequence[ScopeMedia]] = field(default_factory=dict)
    batches: Mapping[str, str] = field(default_factory=dict)
    own_ids: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, ElementOutput] = field(default_factory=dict)

    def around(self, stage_id: str) -> Iterator[str]:
        """Yield the groups that hold a stage, the nearest first."""
        holder = self.holders.get(stage_id)
        while holder is not None:
            yield holder
            holder = self.holders.get(holder)

    def batch_around(self, stage_id: str) -> str | None:
        """Return the batch whose elements a stage may name, the nearest in its own template."""
        if not self.batches:
            return None
        for group in self.around(stage_id):
            if group in self.media:
                return None
            if group in self.batches:
                return group
        return None

    def is_visible(self, stage_id: str, other: str) -> bool:
        """Tell whether a stage may name another: none of the batches around that, and not its own,
        is closed to it."""
        if not self.batches:
            return True
        around = {*self.around(stage_id)}
        batches = (group for group in self.around(other) if group in self.batches)
        return other not in around and all(group in around for group in batches)

    def result_of(self, group: str) -> str:
        """Return the stage whose result a group's is, through the groups inside."""
        return group if group in self.batches else self.result_of_each(group)

    def result_of_each(self, group: str) -> str:
        """The same; of a batch, the member whose result each of its elements has."""
        result = self.results.get(group, group)
        while result in self.results and result not in self.batches:
            result = self.results[result]
        return result

    def batch_depth(self, stage: Stage) -> int:
        """Return how many batches are in each other around a stage, itself among them."""
        around = sum(group in self.batches for group in self.around(stage.id))
        return around + (stage.type == "batch")

    def finders(self, stage_id: str) -> tuple[str, ...]:
        """List the scopes whose stages find what a stage makes, "" for the outermost: its own,
        and those around it as long as it is the result of its template."""
        scope = self.scopes.get(stage_id, "")
        scopes: tuple[str, ...] = (scope,)
        while scope and self.result_of(scope) == stage_id:
            scope = self.scopes.get(scope, "")
            scopes = (*scopes, scope)
        return scopes

    def as_seen(self, issues: Sequence[Issue]) -> tuple[Issue, ...]:
        """Return issues with the ids of stages as their author wrote them."""
        if not self.origins and not self.scopes:
            return tuple(issues)
        # Its own author has read the warnings of what a template holds.
        templates = [self._template_around(one.at.stage_id or "") for one in issues]
        return tuple(
            self._as_seen(one, template)
            for one, template in zip(issues, templates, strict=True)
            if one.severity == "error" or template is None
        )

    def _template_around(self, stage_id: str) -> str | None:
        """Return the outermost template stage that a stage is in."""
        template = None
        while (scope := self.scopes.get(stage_id)) is not None:
            template = scope if scope in self.media else template
            stage_id = scope
        return template

    def _as_seen(self, one: Issue, template: str | None) -> Issue:
        stage_id = template or one.at.stage_id or ""
        name = self.origins.get(stage_id, stage_id)
        name = self.own_ids.get(name, name)
        if name == one.at.stage_id:
            return one
        params = {**one.params, "stage": name} if template is None else one.params
        return replace(one, at=replace(one.at, stage_id=name or None), params=params)


FLAT: Final = Nesting()


def key_of(group: str, member: str) -> str:
    """Return how a member's step is called, cut with a digest where it would be too long."""
    return short_key(f"{group}.{member}")


def short_key(key: str) -> str:
    """Return a key, cut with a digest where it is too long."""
    if len(key) <= MAX_KEY:
        return key
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_DIGEST]
    return f"{key[:_KEY_START]}~{digest}"


def without_nested(spec: Spec, tools: ToolTable) -> tuple[Spec, Nesting, tuple[Issue, ...]]:
    """Return the spec with the stages inside others beside them, and what is inside what.

    A group comes before its members, its own call before its sub-stages, which have the ids that
    they were written with. What those of a batch make has names of its own. Linear in the number of
    stages.
    """
    if not any(stage.inside for stage in spec.stages):
        return spec, FLAT, ()
    flattening = _Flattening(spec.stages, tools)
    stages = tuple(part for stage in spec.stages for part in flattening.parts(stage, None))
    nesting = Nesting(
        flattening.results,
        flattening.holders,
        flattening.origins,
        flattening.scopes,
        batches=flattening.batches,
        own_ids=flattening.own_ids,
    )
    return spec.model_copy(update={"stages": stages}), nesting, tuple(flattening.issues)


class _Flattening:
    def __init__(self, stages: Sequence[Stage], tools: ToolTable) -> None:
        self.tools = tools
        self.ids = {stage.id for stage in every(stages)}
        self.names = {name for stage in every(stages) for name in stage.produces}
        self.results: dict[str, str] = {}
        self.holders: dict[str, str] = {}
        self.origins: dict[str, str] = {}
        self.scopes: dict[str, str] = {}
        self.batches: dict[str, str] = {}
        self.own_ids: dict[str, str] = {}
        self.issues: list[Issue] = []

    def parts(self, stage: Stage, holder: str | None) -> Iterator[Stage]:
        """Yield a stage, and after a group what it holds."""
        if holder is not None:
            self.holders[stage.id] = holder
            stage = self.without_own_group(stage)
        self.check_depth(stage)
        if not stage.inside:
            yield stage
            return
        members = [*self.own_call(stage), *stage.inside]
        names = set(stage.produces)
        makers = [at for at, one in enumerate(members) if names & {*one.produces}]
        result = makers[-1] if makers else -1
        self.results[stage.id] = members[result].id
        if holder is None:
            self.issues.append(
                issue(
                    "sub_stages_run_as_group",
                    path=stage.path,
                    stage_id=stage.id,
                    severity="warning",
                    runs=phrase(
                        "runs_for_each" if stage.type == "batch" else "runs_once",
                        count=len(members),
                        result=members[result].label or members[result].id,
                    ),
                )
            )
        if stage.type == "batch":
            yield from self.batch(stage, members, result)
            return
        names_inside = {name for one in members for name in one.produces}
        others = (name for name in stage.produces if name not in names_inside)
        produces = (*members[result].produces, *others)
        members[result] = members[result].model_copy(update={"produces": produces})
        yield self.group(stage)
        for member in members:
            yield from self.parts(member, stage.id)

    def batch(self, batch: Stage, members: Sequence[Stage], result: int) -> Iterator[Stage]:
        """Yield a batch and what it repeats. What that makes only the same element finds by name;
        to others it is the batch that makes it."""
        self.batches[batch.id] = ""
        call = Stage(id=batch.id, type="fixed", path=batch.path)
        produces = tuple(dict.fromkeys((*batch.produces, *members[result].produces)))
        ids = {
            one.id: take_name(key_of(batch.id, one.id), self.ids)
            for one in _up_to_batches(members)
            if one.id not in self.origins
        }
        self.own_ids |= {key: self.own_ids.get(one, one) for one, key in ids.items()}
        members = [_with_ids(member, ids) for member in members]
        self.results[batch.id] = members[result].id
        yield batch.model_copy(update={"sub_stages": (), "item": call, "produces": produces})
        current: dict[str, str] = {}
        tools: dict[str, str] = {}

        def name(old: str) -> str:
            return current.get(old, old)

        def text(ref: str | Ref | Broken) -> str:
            reading = read_text(ref) if isinstance(ref, str) else ref
            if not isinstance(reading, Ref) or reading.root != "artifacts":
                return ref if isinstance(ref, str) else ref.text
            return f"$artifacts.{name(reading.name)}{path_text(reading.path)}"

        for member in members:
            for part in self.parts(member, batch.id):
                self.scopes.setdefault(part.id, batch.id)
                own = with_references(part, text, name)
                for result_name in part.produces:
                    current[result_name] = unique_name(batch.id, result_name, self.names)
                tools[part.id] = part.tool if part.item is None else part.item.tool
                yield own.model_copy(update={"produces": tuple(map(name, part.produces))})
        nesting = Nesting(self.results, batches=self.batches)
        last = nesting.result_of(members[result].id)
        tool = self.tools.get(tools[last]) if tools[last] else None
        # Where no one can say, none.
        self.batches[batch.id] = self.batches.get(last) or (tool and tool.output) or ""

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
        caller = stage.item if stage.type == "batch" else stage
        if caller is None or (caller.type == "fixed" and not caller.tool):
            return []
        call_id = take_name(f"{stage.id}.{_MAIN}", self.ids)
        self.origins[call_id] = stage.id
        if stage.type == "batch":
            return [caller.model_copy(update={"id": call_id, "sub_stages": ()})]
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

    def check_depth(self, stage: Stage) -> None:
        """Say where batches are too deep in each other."""
        depth = Nesting(holders=self.holders, batches=self.batches).batch_depth(stage)
        if stage.type == "batch" and depth > MAX_BATCH_DEPTH:
            self.issues.append(
                issue(
                    "invalid_field",
                    path=stage.path,
                    stage_id=stage.id,
                    field="type",
                    problem=phrase("batches_too_deep", limit=MAX_BATCH_DEPTH),
                )
            )

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


def _up_to_batches(stages: Iterable[Stage]) -> Iterator[Stage]:
    """Yield stages and those inside them, but what batches among them repeat."""
    for stage in stages:
        yield stage
        yield from _up_to_batches(() if stage.type == "batch" else stage.inside)


def _with_ids(stage: Stage, ids: Mapping[str, str]) -> Stage:
    """Return a stage with other ids, in conditions and in what is inside it, too."""
    update: dict[str, Any] = {
        "id": ids.get(stage.id, stage.id),
        "sub_stages": tuple(_with_ids(one, ids) for one in stage.sub_stages),
    }
    if stage.item is not None:
        update["item"] = _with_ids(stage.item, ids)
    if stage.condition is not None:
        stage_id = ids.get(stage.condition.stage_id, stage.condition.stage_id)
        update["condition"] = stage.condition.model_copy(update={"stage_id": stage_id})
    return stage.model_copy(update=update)


def every(stages: Iterable[Stage]) -> Iterator[Stage]:
    """Yield stages and those inside them, at any depth."""
    for stage in stages:
        yield stage
        yield from every(stage.inside)
