"""Templates as stages, replaced by their own stages: a group in the plan, its members behind it.

Applied to a spec whose stages are beside each other and of which what is turned off was taken
out. A member is called `<stage>.<its own id>`. What it names is put into the template's one
namespace: artifacts under names of their own, inputs as what the stage gives for them, or as an
input that no one is asked for where that is a value. Its own media are those of its template alone,
see `Nesting.scopes`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.names import unique_name
from core.phrases import phrase
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
from templates_app.graph.nesting import (
    MAX_BATCH_DEPTH,
    ElementOutput,
    Nesting,
    ScopeMedia,
    every,
    key_of,
)
from templates_app.graph.references import (
    first_of,
    kinds_made_by,
    latest_before,
    pick_of,
    producers_of,
)
from templates_app.graph.rewriting import path_text, with_references
from templates_app.graph.spec import MAX_STAGES, Bounds, Input, Spec, Stage
from templates_app.graph.template_tool import TemplateTool
from templates_app.graph.types import StepKey
from tools.declaration.arguments import canonical_argument, read_arguments
from tools.declaration.ports import ToolTable


@dataclass(frozen=True, slots=True)
class _Result:
    """A result of a template stage by its name in the flat spec, "" for the one it has outside.
    index: of one file among them. output: of a template stage that is not replaced yet."""

    name: str
    index: int | None = None
    output: str = ""


def without_templates(
    spec: Spec, nesting: Nesting, tools: ToolTable
) -> tuple[Spec, Nesting, list[Issue]]:
    """Return the spec with the stages of templates in the place of the stages that name them.

    spec, nesting: as `without_nested` made them, what is bypassed left out. Linear in the number of
    stages that come out.
    """
    if not (tools.uses and any(tools.uses.get(stage.caller.tool) for stage in spec.stages)):
        return spec, nesting, []
    return TemplateStages(spec, nesting, tools).apply()


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
        self.batches = dict(nesting.batches)
        self.outputs = dict(nesting.outputs)
        self.nesting = nesting
        # Artifact name → results of the template stage that made it last; none of other stages.
        self.current: dict[str, Mapping[str, _Result]] = {}

    def apply(self) -> tuple[Spec, Nesting, list[Issue]]:
        count = len(self.spec.stages)
        for stage in self.spec.stages:
            tool = self.tools.uses.get(stage.caller.tool)
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
        nesting = replace(
            self.nesting,
            results=self.results,
            holders=self.holders,
            origins=self.origins,
            scopes=self.scopes,
            media=self.media,
            batches=self.batches,
            outputs=self.outputs,
        )
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
        if result.output:
            path.insert(0, result.output)
        return f"$artifacts.{result.name or reading.name}{path_text(path)}"

    def name(self, name: str) -> str:
        results = self.current.get(name)
        return name if results is None else next(iter(results.values())).name or name

    # -- a template as a stage -------------------------------------------------------------------

    def replace(self, stage: Stage, tool: type[TemplateTool]) -> Mapping[str, _Result]:
        """Put the group and its members into the list; return what later stages find in it.

        Of a batch that is what its elements give, as results of the batch.
        """
        group = stage.id
        member_ids = {inner.id: key_of(group, inner.id) for inner in tool.flat.stages}
        problem = self.problem_of(stage, tool, member_ids.values())
        if problem is not None:
            self.issues.append(problem)
            self.stages.append(stage)
            return {}
        self.ids.update(member_ids.values())
        names = self.own_names(group, tool)
        results, aliases = self.results_of(group, tool, names)
        values = self.values_of(stage, tool, member_ids)
        context = MemberReferences(stage, member_ids, names, values, aliases, self.issues)
        whole = self.group(stage, tool)
        if stage.type == "batch":
            results = self.results_of_elements(group, tool, member_ids)
            produces = (one.name for one in results.values() if one.name)
            whole = whole.model_copy(update={"produces": (*whole.produces, *produces)})
        self.stages.append(whole)
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
        self.batches |= {member_ids[one]: kind for one, kind in inner.batches.items()}
        self.outputs |= {
            names[name]: ElementOutput(
                member_ids[one.batch],
                replace(one.output, source=StepKey(member_ids[one.output.source])),
                one.kind,
            )
            for name, one in inner.outputs.items()
        }
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
        if stage.type == "batch":
            self.batches[group] = tool.output or ""
        return results

    def problem_of(
        self, stage: Stage, tool: type[TemplateTool], member_ids: Collection[str]
    ) -> Issue | None:
        depth = max((tool.nesting.batch_depth(one) for one in tool.flat.stages), default=0)
        outer = Nesting(holders=self.holders, batches=self.batches)
        if depth and outer.batch_depth(stage) + depth > MAX_BATCH_DEPTH:
            problem = phrase("too_many_batches", limit=MAX_BATCH_DEPTH)
            return issue(
                "template_too_deep",
                path=stage.path,
                stage_id=stage.id,
                stage=stage.id,
                problem=problem,
            )
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
        results: dict[str, _Result] = {}
        aliases: dict[str, str] = {}
        for output, (inner, in_stage) in zip(tool.outputs, tool.artifacts(), strict=True):
            source, name = output.source, names.get(inner, "")
            if not name:
                name = aliases.setdefault(source, unique_name(group, source, self.names))
            results[output.name] = _Result(name, output.index, in_stage)
        return results, aliases

    def results_of_elements(
        self, batch: str, tool: type[TemplateTool], member_ids: Mapping[str, str]
    ) -> dict[str, _Result]:
        """Return what the elements of a batch give by the template's outputs, with a name for each
        but the whole of the main one, which the batch has itself."""
        results: dict[str, _Result] = {}
        for output in tool.outputs:
            name = ""
            if results or output.index is not None or output.output:
                name = unique_name(batch, output.name, self.names)
                own = replace(output, source=StepKey(member_ids[output.source]))
                kind = tool.output_kinds[output.name]
                self.outputs[name] = ElementOutput(batch, own, kind)
            results[output.name] = _Result(name)
        return results

    def own_names(self, group: str, tool: type[TemplateTool]) -> dict[str, str]:
        """Name what the template's stages make by names that nothing else here has."""
        names = dict.fromkeys(name for one in every(tool.flat.stages) for name in one.produces)
        return {name: unique_name(group, name, self.names) for name in names}

    def values_of(
        self, stage: Stage, tool: type[TemplateTool], member_ids: Mapping[str, str]
    ) -> dict[str, InputValue]:
        """Read what the stage gives for each input; values become inputs no one is asked for."""
        args = {canonical_argument(tool, name): value for name, value in stage.caller.args.items()}
        args = {**args, **self.elements_given(stage, tool, args)}
        references = frozenset(name for name, value in args.items() if any(find_refs(value)))
        literals = {name: value for name, value in args.items() if name not in references}
        path = f"{stage.caller.path}/args"
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
            if one.element:
                name = self.own_input(one, one.default, stage, batch=member_ids[one.scope])
                values[one.name] = InputValue((f"$inputs.{name}",))
                continue
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
        outer = Nesting(holders=self.holders, media=self.media, batches=self.batches)
        batch = stage.id if stage.type == "batch" else outer.batch_around(stage.id)
        for part in value if isinstance(value, list) else [value]:
            reading = read_text(part) if isinstance(part, str) else part
            if isinstance(reading, Ref) and reading.root == "item" and batch is not None:
                default = None if one.is_media else one.default
                # Of one part of a list, that there are enough can't be said.
                whole = {"multiple": Bounds(), "json_schema": None} if part is not value else {}
                own = one.model_copy(update=whole)
                name = self.own_input(own, default, stage, element=reading.text, batch=batch)
                yield f"$inputs.{name}"
            elif isinstance(reading, (Ref, Broken)):
                is_single = one.is_media and one.multiple is None
                yield first_of(reading) if is_single else reading.text
            else:
                lone = one.model_copy(update={"multiple": None})
                yield f"$inputs.{self.own_input(lone, reading, stage)}"

    def elements_given(
        self, stage: Stage, tool: type[TemplateTool], args: Mapping[str, Any]
    ) -> dict[str, str]:
        """Give the elements of a batch to the first port of their kind, as tools take them."""
        ports = tool.ports()
        if stage.type != "batch" or any(port.name in args for port in ports):
            return {}
        kind = self.kind_of_elements(stage)
        first = next((port for port in ports if port.kind == kind), None)
        return {} if first is None else {first.name: "$item"}

    def kind_of_elements(self, stage: Stage) -> str | None:
        """Return which media a batch repeats; None or "" for none, or where no one can say."""
        ref = read_text(stage.over)
        if not isinstance(ref, Ref):
            return None
        if ref.root == "inputs":
            types = (one.type for one in self.spec.inputs if one.name == ref.name and one.is_media)
            return next(types, None)
        if ref.name in self.outputs:
            return self.outputs[ref.name].kind
        # What it names is before it, as it is now.
        producers = producers_of(self.stages)
        at = latest_before(producers.get(ref.name, ()), len(self.stages))
        if at is None or pick_of(ref, many=True) is None:
            return None
        return kinds_made_by(self.stages, producers, self.tools, self.batches)[at]

    def own_input(
        self, one: Input, default: Any, stage: Stage, *, element: str = "", batch: str = ""
    ) -> str:
        """Declare what a stage gives for an input. element: a reference to what a batch repeats,
        the stage or another one inside it."""
        name = unique_name(stage.id, one.name, self.input_names)
        update = {
            "name": name,
            "path": f"{stage.caller.path}/args/{one.name}",
            "default": default,
            "required": False,
            "internal": True,
            "scope": batch or stage.id,
            "element": element or one.element,
            "is_optional": one.is_optional or not one.required,
        }
        self.inputs.append(one.model_copy(update=update))
        return name

    def group(self, stage: Stage, tool: type[TemplateTool]) -> Stage:
        """Return the stage as the group: it begins when all is there that it takes."""
        refs = [ref for ref in find_refs(stage.caller.args) if isinstance(ref, Ref)]
        names = [ref.name for ref in refs if ref.root == "artifacts"]
        waits = (name for name in names if name not in stage.optional)
        update: dict[str, Any] = {
            "args": {},
            "requires": tuple(dict.fromkeys((*stage.requires, *waits))),
            "label": stage.label or tool.title,
        }
        if stage.item is not None:
            update["item"] = stage.item.model_copy(update={"args": {}})
        return stage.model_copy(update=update)
