"""Templates as stages, replaced by their own stages: a group in the plan, its members behind it.

Applied to a spec whose stages are beside each other and of which what is turned off was taken
out. A member is called `<stage>.<its own id>`. What it names is put into the template's one
namespace: artifacts under names of their own, inputs as what the stage gives for them, or as an
input that no one is asked for where that is a value. Its own media are those of its template alone,
see `Nesting.scopes`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from templates_app.graph.bindings import (
    OF_EVERY_RESULT,
    Broken,
    Every,
    Ref,
    find_refs,
    plain,
    read_text,
)
from templates_app.graph.issues import Issue, issue
from templates_app.graph.member_references import InputValue, MemberReferences
from templates_app.graph.nesting import Nesting, ScopeMedia
from templates_app.graph.references import pick_of
from templates_app.graph.rewriting import path_text, with_references
from templates_app.graph.spec import MAX_STAGES, Input, Spec, Stage
from templates_app.graph.template_tool import TemplateTool
from templates_app.graph.types import EVERY
from tools.declaration.arguments import canonical_argument, read_arguments
from tools.declaration.ports import ToolTable

# Keys of steps are no longer.
MAX_KEY: Final = 160
_KEY_START, _KEY_DIGEST = 140, 12
_WORD: Final = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Result:
    """A result of a template stage by its name in the flat spec. index: of one file among them."""

    name: str
    index: int | None


def without_templates(
    spec: Spec, nesting: Nesting, tools: ToolTable
) -> tuple[Spec, Nesting, list[Issue]]:
    """Return the spec with the stages of templates in the place of the stages that name them.

    spec, nesting: as `without_nested` made them, what is bypassed left out. Linear in the number of
    stages that come out.
    """
    if not any(tools.uses.get(stage.tool) for stage in spec.stages):
        return spec, nesting, []
    return TemplateStages(spec, nesting, tools).apply()


def key_of(group: str, member: str) -> str:
    """Return how a member's step is called, cut with a digest where it would be too long."""
    key = f"{group}.{member}"
    if len(key) <= MAX_KEY:
        return key
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_DIGEST]
    return f"{key[:_KEY_START]}~{digest}"


class TemplateStages:
    def __init__(self, spec: Spec, nesting: Nesting, tools: ToolTable) -> None:
        self.spec, self.tools = spec, tools
        self.ids = {stage.id for stage in spec.stages}
        self.names = {name for stage in spec.stages for name in stage.produces}
        self.input_names = {one.name for one in spec.inputs} | set(spec.unreadable)
        self.inputs: list[Input] = list(spec.inputs)
        self.stages: list[Stage] = []
        self.issues: list[Issue] = []
        self.results = dict(nesting.results)
        self.holders = dict(nesting.holders)
        self.origins = dict(nesting.origins)
        self.scopes = dict(nesting.scopes)
        self.media = dict(nesting.media)
        # Artifact name → results of the template stage that made it last; none of other stages.
        self.current: dict[str, Mapping[str, _Result]] = {}

    def apply(self) -> tuple[Spec, Nesting, list[Issue]]:
        count = len(self.spec.stages)
        for stage in self.spec.stages:
            tool = self.tools.uses.get(stage.tool)
            outer = self.outer_stage(stage)
            results: Mapping[str, _Result] = {}
            if tool is not None and issubclass(tool, TemplateTool):
                count += len(tool.flat.stages)
                if count > MAX_STAGES:
                    self.issues.append(
                        issue("too_many_steps", path="stages", count=count, limit=MAX_STAGES)
                    )
                    break
                results = self.replace(outer, tool)
            else:
                self.stages.append(outer)
            for name in stage.produces:
                if results:
                    self.current[name] = results
                else:
                    self.current.pop(name, None)
        outputs = {
            name: output.model_copy(update={"source": self.text(output.source)})
            for name, output in self.spec.outputs.items()
        }
        update = {"stages": tuple(self.stages), "inputs": tuple(self.inputs), "outputs": outputs}
        nesting = Nesting(self.results, self.holders, self.origins, self.scopes, self.media)
        return self.spec.model_copy(update=update), nesting, self.issues

    # -- stages of the template itself -------------------------------------------------------------

    def outer_stage(self, stage: Stage) -> Stage:
        """Return a stage with what it takes from template stages before it named as it is now."""
        if not self.current:
            return stage
        return with_references(stage, self.text, self.name)

    def text(self, ref: str | Ref | Broken) -> str:
        reading = read_text(ref) if isinstance(ref, str) else ref
        if not isinstance(reading, Ref) or reading.root != "artifacts":
            return ref if isinstance(ref, str) else ref.text
        results = self.current.get(reading.name)
        if results is None:
            return reading.text
        path = list(reading.path)
        result = next(iter(results.values()))
        if path and isinstance(path[0], str) and path[0] not in OF_EVERY_RESULT:
            other = results.get(path[0])
            if other is not None:
                result, path = other, path[1:]
        if result.index is not None:
            if path[:1] == ["items"]:
                path.pop(0)
            if path and isinstance(path[0], (int, Every)):
                path.pop(0)
            path.insert(0, result.index)
        return f"$artifacts.{result.name}{path_text(path)}"

    def name(self, name: str) -> str:
        results = self.current.get(name)
        return name if results is None else next(iter(results.values())).name

    # -- a template as a stage -------------------------------------------------------------------

    def replace(self, stage: Stage, tool: type[TemplateTool]) -> Mapping[str, _Result]:
        """Put the group and its members into the list; return what later stages find in it."""
        group = stage.id
        member_ids = {inner.id: key_of(group, inner.id) for inner in tool.flat.stages}
        problem = self.problem_of(stage, member_ids.values())
        if problem is not None:
            self.issues.append(problem)
            self.stages.append(stage)
            return {}
        self.ids.update(member_ids.values())
        names = self.own_names(group, tool)
        results, aliases = self.results_of(group, tool, names)
        values = self.values_of(stage, tool)
        context = MemberReferences(stage, member_ids, names, values, aliases, self.issues)
        self.stages.append(self.group(stage, tool))
        self.stages.extend(map(context.member, tool.flat.stages))
        inner = tool.nesting
        self.results |= {
            member_ids[one]: member_ids[result] for one, result in inner.results.items()
        }
        for one in tool.flat.stages:
            holder = inner.holders.get(one.id)
            self.holders[member_ids[one.id]] = group if holder is None else member_ids[holder]
            scope = inner.scopes.get(one.id)
            self.scopes[member_ids[one.id]] = group if scope is None else member_ids[scope]
        for call, origin in inner.origins.items():
            self.origins[member_ids[call]] = member_ids[origin]
        for scope, media in inner.media.items():
            self.media[member_ids[scope]] = [
                replace(one, text=text) for one in media for text in context.texts(one.text)
            ]
        self.media[group] = [
            ScopeMedia(port, text)
            for port in tool.ports()
            for text in values.get(port.name, InputValue()).references
        ]
        self.results[group] = member_ids[tool.outputs[0].source]
        return results

    def problem_of(self, stage: Stage, member_ids: Collection[str]) -> Issue | None:
        if not member_ids:
            return issue("no_stages", path=stage.path, stage_id=stage.id)
        other = next((member for member in member_ids if member in self.ids), None)
        if other is None:
            return None
        return issue("reserved_stage_id", path=stage.path, stage_id=other, stage=other, by=stage.id)

    def results_of(
        self, group: str, tool: type[TemplateTool], names: Mapping[str, str]
    ) -> tuple[dict[str, _Result], dict[str, str]]:
        """Return the template's outputs, and names for stages that no name leads to alone."""
        last_by_name = {name: one.id for one in tool.flat.stages for name in one.produces}
        own = {one.id: one.produces for one in tool.flat.stages}
        results: dict[str, _Result] = {}
        aliases: dict[str, str] = {}
        for output in tool.outputs:
            source = output.source
            name = next((names[n] for n in own[source] if last_by_name[n] == source), "")
            if not name:
                name = aliases.setdefault(source, _unique(_prefix(group), source, self.names))
            index = output.pick.index if output.pick is not None else None
            results[output.name] = _Result(name, index)
        return results, aliases

    def own_names(self, group: str, tool: type[TemplateTool]) -> dict[str, str]:
        """Name what the template's stages make by names that nothing else here has."""
        own: dict[str, str] = {}
        for stage in tool.flat.stages:
            for name in stage.produces:
                if name not in own:
                    own[name] = _unique(_prefix(group), name, self.names)
        return own

    def values_of(self, stage: Stage, tool: type[TemplateTool]) -> dict[str, InputValue]:
        """Read what the stage gives for each input; values become inputs no one is asked for."""
        args = {canonical_argument(tool, name): value for name, value in stage.args.items()}
        references = frozenset(name for name, value in args.items() if any(find_refs(value)))
        literals = {name: value for name, value in args.items() if name not in references}
        path = f"{stage.path}/args"
        for problem in read_arguments(tool, plain(literals), bound=references).problems:
            self.issues.append(
                issue(
                    problem.code,
                    path=path,
                    stage_id=stage.id,
                    argument=problem.argument,
                    **problem.params,
                )
            )
        values: dict[str, InputValue] = {}
        for one in tool.flat.inputs:
            is_hidden = one.scope or (one.internal and one.default is not None)
            value = None if is_hidden else args.get(one.name)
            if value is not None and one.name in references:
                values[one.name] = InputValue(tuple(self.references(one, value, stage)))
                continue
            default = one.default if value is None else plain(value)
            name = self.own_input(one, default, stage)
            values[one.name] = InputValue((f"$inputs.{name}",), is_whole=True)
        return values

    def references(self, one: Input, value: Any, stage: Stage) -> Iterable[str]:
        """Yield what is given for an input as references, one for each part of a list."""
        for part in value if isinstance(value, list) else [value]:
            reading = read_text(part) if isinstance(part, str) else part
            if isinstance(reading, (Ref, Broken)):
                is_single = one.is_media and one.multiple is None
                yield _first(reading) if is_single else reading.text
            else:
                lone = one.model_copy(update={"multiple": None})
                yield f"$inputs.{self.own_input(lone, reading, stage)}"

    def own_input(self, one: Input, default: Any, stage: Stage) -> str:
        name = _unique(_prefix(stage.id), one.name, self.input_names)
        update = {
            "name": name,
            "path": f"{stage.path}/args/{one.name}",
            "default": default,
            "required": False,
            "internal": True,
            "scope": stage.id,
        }
        self.inputs.append(one.model_copy(update=update))
        return name

    def group(self, stage: Stage, tool: type[TemplateTool]) -> Stage:
        """Return the stage as the group: it begins when all is there that it takes."""
        refs = [ref for ref in find_refs(stage.args) if isinstance(ref, Ref)]
        names = [ref.name for ref in refs if ref.root == "artifacts"]
        waits = (name for name in names if name not in stage.optional)
        update = {
            "args": {},
            "requires": tuple(dict.fromkeys((*stage.requires, *waits))),
            "label": stage.label or tool.title,
        }
        return stage.model_copy(update=update)


def _first(ref: Ref | Broken) -> str:
    """Return a reference to one file where the whole of a result is named."""
    if isinstance(ref, Ref) and ref.root == "artifacts" and pick_of(ref, many=True) == EVERY:
        return f"$artifacts.{ref.name}[0]"
    return ref.text


def _prefix(group: str) -> str:
    return "_".join(_WORD.findall(group)) or "stage"


def _unique(prefix: str, name: str, names: set[str]) -> str:
    word = f"{prefix}_{name}" if _WORD.fullmatch(name) else f"{prefix}_{len(names)}"
    unique, number = word, 1
    while unique in names:
        number += 1
        unique = f"{word}_{number}"
    names.add(unique)
    return unique
