"""A template and the values of its inputs → a plan, or the reasons there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from core.phrases import phrase
from templates_app.graph.argument_binding import ArgumentBinder
from templates_app.graph.argument_values import UNSET
from templates_app.graph.assemble import assemble, too_many_media
from templates_app.graph.bindings import Broken, Ref, read_text
from templates_app.graph.bypass import used_inputs, without_bypassed
from templates_app.graph.conditions import ConditionBinder
from templates_app.graph.evaluate import as_elements
from templates_app.graph.inlining import without_templates
from templates_app.graph.issues import Issue, issue, split
from templates_app.graph.media_urls import MediaShelf
from templates_app.graph.nesting import Group, Nesting, without_nested
from templates_app.graph.outputs import read_outputs, usual_output
from templates_app.graph.reference_scope import PendingCall, ReferenceScope
from templates_app.graph.references import GATE, pick_of, taken_keys
from templates_app.graph.spec import MAX_NAME, Input, Spec, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_names import read_reference
from templates_app.graph.template_stages import code_of_missing
from templates_app.graph.types import (
    JSON,
    Binding,
    Compiled,
    DeferredRef,
    GroupSpec,
    Limits,
    MediaRef,
    Pick,
    Plan,
    PlanOutput,
    PlanStep,
    StepKey,
)
from templates_app.graph.unresolved_step import UnresolvedBatch, UnresolvedStep
from templates_app.graph.values import check_elements, read_values
from tools.declaration.ports import MEDIA_KINDS, Tool, ToolTable

# The tool that steps stand for which a person answers.
ASK: Final = "ask_clarifying_question"
MAX_QUESTION: Final = 4_000


def compile_template(
    spec: Any, inputs: Any, media: Sequence[MediaRef], tools: ToolTable, limits: Limits
) -> Compiled:
    """Compile a template for one run. Never raises on user data; time is linear in its size.

    spec, inputs: JSON values as stored and as sent. media: the request's media references, first in
    the plan's media. A step's key is its stage's id, a gate's its stage's with `__gate`.
    """
    template, issues = read_spec(spec)
    template, nesting, notices = without_nested(template, tools)
    template, nesting, refusals = without_bypassed(template, nesting, tools)
    template, nesting, problems = without_templates(template, nesting, tools)
    shelf = MediaShelf(media)
    values, value_issues = read_values(template.inputs, inputs, shelf, limits)
    value_issues = _without_unused(value_issues, spec, template, tools)
    scope = ReferenceScope(template, values, shelf, tools, limits, nesting)
    compiler = _Compiler(scope, nesting)
    outputs, missing = read_outputs(template, nesting, tools)
    issues = (*issues, *notices, *refusals, *problems, *missing, *value_issues)
    if not template.stages and not any(problem.severity == "error" for problem in issues):
        issues = (*issues, issue("no_stages", path="stages"))
    if len(shelf) > limits.max_media:
        issues = (*issues, too_many_media(len(shelf), limits))
        return Compiled(None, *split(issues))
    count = len(template.stages) + sum(stage.has_checkpoint for stage in template.stages)
    if count > limits.max_steps:
        too_many = issue("too_many_steps", path="stages", count=count, limit=limits.max_steps)
        return Compiled(None, *split((*issues, too_many)))
    steps = [step for step in map(compiler.step, template.stages) if step is not None]
    # Of a batch that has no list, what it repeats is not there either.
    keys = {step.key for step in steps}
    steps = [step for step in steps if keys.issuperset(step.member_of)]
    names = {
        name: StepKey(nesting.result_of(stage.id))
        for stage in template.stages
        if stage.id not in nesting.scopes
        for name in stage.produces
        if name not in nesting.outputs
    }
    result = assemble(template.name, steps, shelf, tools, limits, artifact_names=names)
    all_issues = (*issues, *scope.issues, *result.errors, *result.warnings)
    errors, warnings = split(nesting.as_seen(all_issues))
    plan = result.plan
    if plan is not None:
        plan = replace(plan, outputs=outputs or usual_output(plan.steps, tools))
    if plan is not None and (count := step_count(plan)) > limits.max_steps:
        too_many = issue("too_many_steps", path="stages", count=count, limit=limits.max_steps)
        errors = (*errors, too_many)
    return Compiled(None if errors else plan, errors, warnings)


def _without_unused(
    issues: Sequence[Issue], spec: Any, template: Spec, tools: ToolTable
) -> list[Issue]:
    """Return what is said of values: of a missing one only a warning where nothing takes it."""
    missing_names = {one.params["name"] for one in issues if one.code == "missing_input"}
    missing_names &= {input_.name for input_ in template.inputs if not input_.scope}
    if missing_names:
        missing_names -= used_inputs(spec, missing_names, tools)
    return [
        issue("unused_input", severity="warning", path=one.at.path, name=one.params["name"])
        if one.code == "missing_input" and one.params["name"] in missing_names
        else one
        for one in issues
    ]


def step_count(plan: Plan) -> int:
    """Count a plan's steps as far as is known: those of a batch, and its items."""
    return sum(map(_count, plan.steps))


def _count(step: PlanStep) -> int:
    if step.batch is None:
        return 1
    each = 1 + sum(map(_count, step.batch.members))
    return 1 + each * len(step.batch.items or ())


class _Compiler:
    """Turns stages into unresolved steps: values filled in, references bound or left for later."""

    def __init__(self, scope: ReferenceScope, nesting: Nesting) -> None:
        self.scope, self.nesting = scope, nesting
        self.binder = ArgumentBinder(scope)
        self.conditions = ConditionBinder(scope, self.binder.values)
        self.taken = taken_keys(scope.spec.stages)
        # What templates take of the elements of a batch, by its id.
        self.taken_inputs: dict[str, list[Input]] = defaultdict(list)
        for input_ in scope.spec.inputs:
            if input_.element:
                self.taken_inputs[input_.scope].append(input_)
        # Of what batches repeat, by the batch's id.
        self.outputs: dict[str, list[PlanOutput]] = defaultdict(list)
        for element in nesting.outputs.values():
            self.outputs[element.batch].append(element.output)

    def step(self, stage: Stage) -> UnresolvedStep | None:
        """The stage as a raw step; None when that cannot be, with an issue."""
        call = PendingCall(stage, stage)
        if stage.id in self.taken:
            by = self.taken[stage.id]
            self.scope.say(call, "reserved_stage_id", path=stage.path, stage=stage.id, by=by)
            return None
        if stage.type == "batch":
            return self.batch(stage)
        if stage.id in self.nesting.results:
            group = self.group(stage.tool, self.nesting.result_of(stage.id))
            media = self.scope_media(call)
            wire_tool = Group.name if media is None else stage.tool
            return self.raw(call, Group, wire_tool, group=group, scope_media=media)
        return self.interactive(call) if stage.type == "interactive" else self.tool_call(call)

    def group(self, name: str, result: str, batch: str = "") -> GroupSpec:
        """Return what a stage is as a group. name: of its tool, which may be a template. batch: the
        one that repeats it."""
        template = self.scope.tools.uses.get(name)
        _id, version = read_reference(name) or ("", "")
        title = "" if template is None else f"{template.title} {version}"
        return GroupSpec(StepKey(result), title, tuple(self.outputs[batch]))

    def tool(self, call: PendingCall, name: str, path: str) -> type[Tool] | None:
        tool = self.scope.tools.get(name)
        if tool is None and name:
            code = code_of_missing(name, self.scope.tools)
            self.scope.say(call, code, path=path, stage=call.stage.id, tool=name)
        return tool

    def raw(
        self, call: PendingCall, tool: type[Tool], wire_tool: str, **more: Any
    ) -> UnresolvedStep:
        """A raw step of what a call has been filled with, and of all that any stage may say."""
        stage = call.stage
        self.scope.wait_for_declared(call)
        condition = self.conditions.condition(call)
        return UnresolvedStep(
            key=StepKey(stage.id),
            tool=tool,
            # The name of a template may be longer than those of tools, which rows have place for.
            wire_tool=wire_tool[:80],
            arguments=call.arguments,
            path=stage.path,
            args_path=f"{call.caller.path}/args",
            needs=tuple(call.needs),
            title=stage.label[:200],
            stage_id=self.nesting.origins.get(stage.id, stage.id),
            member_of=tuple(map(StepKey, self.nesting.around(stage.id))),
            finders=self.nesting.finders(stage.id),
            on_error=stage.on_error,
            condition=condition,
            excused_arguments=frozenset(call.excused_arguments),
            late=tuple(call.late),
            gate=StepKey(stage.id + GATE) if stage.has_checkpoint else None,
            **more,
        )

    def scope_media(self, call: PendingCall) -> tuple[Binding, ...] | None:
        """Bind what a template stage gives for media inputs; None for other groups."""
        media = self.nesting.media.get(call.stage.id)
        if media is None:
            return None
        bindings: list[Binding] = []
        for one in media:
            ref = read_text(one.text)
            element = self.scope.element(call, ref)
            if element is not None and element.batch is not None:
                pick = Pick(path=element.ref)
                bindings.append(Binding(element.batch, None, pick=pick, media_kind=one.port.kind))
            elif isinstance(ref, (Ref, Broken)):
                argument = one.port.arguments[0]
                places = self.binder.media.places(call, one.port, argument, ref, many=one.port.many)
                bindings.extend(
                    replace(place, target_argument=None, media_kind=one.port.kind)
                    for place in places
                    if isinstance(place, Binding)
                )
        return tuple(bindings)

    # -- kinds of stages -------------------------------------------------------------------------

    def tool_call(self, call: PendingCall) -> UnresolvedStep | None:
        stage = call.stage
        tool = self.tool(call, stage.tool, stage.path)
        if tool is None:
            return None
        self.binder.fill_in(call, tool, stage.args)
        return self.raw(call, tool, stage.tool, may_imply=True)

    def interactive(self, call: PendingCall) -> UnresolvedStep | None:
        """A step that waits for a person; its argument is the question."""
        stage = call.stage
        tool = self.tool(call, ASK, stage.path)
        if tool is None:
            return None
        stage_id = self.nesting.origins.get(stage.id, stage.id)
        prompt: dict[str, JSON] = {"stageId": stage_id, **stage.prompt}
        message = prompt.get("userMessage", "")
        reading = read_text(message)
        if isinstance(reading, Ref):
            # What it says is written by another stage, or by the one who starts the run.
            self.binder.fill_in(call, tool, {"question": message})
            del prompt["userMessage"]
            if "question" in call.arguments:
                prompt["userMessage"] = str(call.arguments["question"])
        elif isinstance(reading, str) and message:
            prompt["userMessage"] = reading
        if not any(late.argument == "question" for late in call.late):
            question = prompt.get("userMessage") or stage.label or f"{stage.id}: your turn."
            call.arguments["question"] = question[:MAX_QUESTION]
        ask: dict[str, JSON] = {"reason": "workflow_user_input_required", "prompt": prompt}
        choice = self.choice(call)
        if choice is not None:
            ask |= {"reason": "select_media_required", "select": choice}
        elif stage.select is not None:
            return None
        return self.raw(call, tool, tool.name, ask=ask, makes_anything=choice is None)

    def choice(self, call: PendingCall) -> dict[str, JSON] | None:
        """Read what an interactive stage lets people choose from; None for nothing usable."""
        select, path = call.stage.select, call.stage.path
        if select is None:
            return None
        ref = read_text(select.source)
        if isinstance(ref, Broken):
            self.scope.broken(call, "select", ref, path=path)
            return None
        if not isinstance(ref, Ref) or ref.root != "artifacts" or pick_of(ref, many=True) is None:
            problem = phrase("must_be_select_source")
            self.scope.say(call, "invalid_field", path=path, field="select/from", problem=problem)
            return None
        source = self.scope.source_of(call, "select", ref, path=path)
        if source is None:
            return None
        kind = self.scope.kind_of(ref.name, source)
        if kind not in MEDIA_KINDS:
            problem = phrase("makes_no_media", source=source)
            self.scope.say(call, "invalid_field", path=path, field="select/from", problem=problem)
            return None
        self.scope.wait_for(call, source, is_optional=False)
        choice: dict[str, JSON] = {"source": source, "kind": kind, "min": select.low}
        if output := self.scope.output_of(ref.name):
            choice["output"] = output
        return choice if select.high is None else choice | {"max": select.high}

    def batch(self, stage: Stage) -> UnresolvedStep | None:
        """One step that becomes many: one for each element of what it goes over."""
        item = stage.item
        if item is None:
            return None
        call = PendingCall(stage, item)
        kind = self.nesting.batches.get(stage.id)
        tool = self.tool(call, item.tool, stage.path) if kind is None else Group
        over = self.over(call)
        if tool is None or over is None:
            return None
        items, late, call.element = over
        self.scope.elements[stage.id] = call.element
        if items is not None and len(items) > self.scope.limits.max_steps:
            self.scope.say(
                call,
                "too_many_steps",
                path=stage.path,
                count=len(items),
                limit=self.scope.limits.max_steps,
            )
            return None
        self.scope.issues.extend(check_elements(stage, self.taken_inputs[stage.id], items or ()))
        more: dict[str, Any] = {}
        if kind is not None:
            more["output"] = kind or None
            more["group"] = self.group(item.tool, self.nesting.result_of_each(stage.id), stage.id)
            media = self.scope_media(call)
            more["scope_media"] = self.element_of(call) if media is None else media
        self.binder.fill_in(call, tool, item.args)
        tries = stage.tries or (2 if stage.on_error == "retry_once" else 0)
        batch = UnresolvedBatch(
            item_name=stage.item_name,
            items=items,
            over=late,
            element=call.element,
            concurrency=stage.concurrency,
            allow_partial=stage.allow_partial,
            label=stage.item_label[:MAX_NAME],
            tries=tries,
        )
        return self.raw(call, tool, item.tool or tool.name, batch=batch, **more)

    @staticmethod
    def element_of(call: PendingCall) -> tuple[Binding, ...]:
        """Return the media that stages in an element find besides their own: the element itself."""
        kind = next((kind for kind in MEDIA_KINDS if kind == call.element), None)
        if kind is None:
            return ()
        batch = StepKey(call.stage.id)
        return (Binding(batch, None, pick=Pick(path="$item"), media_kind=kind),)

    def over(
        self, call: PendingCall
    ) -> tuple[tuple[JSON, ...] | None, DeferredRef | None, str | None] | None:
        """Read what a batch goes over: its elements, or where they come from; and what they are."""
        stage = call.stage
        path = stage.path
        ref = read_text(stage.over)
        own = PendingCall(stage, stage)
        if isinstance(ref, Broken):
            self.scope.broken(call, "overBinding", ref, path=path)
            return None
        late = self.scope.element(own, ref)
        if late is not None:
            input_ = self.scope.inputs.get(ref.name) if isinstance(ref, Ref) else None
            return None, late, input_.type if input_ is not None and input_.is_media else None
        if not isinstance(ref, Ref) or ref.root not in ("inputs", "artifacts"):
            self.scope.say(call, "batch_over_binding_not_a_binding", path=path, stage=stage.id)
            return None
        if ref.root == "artifacts":
            source = self.scope.source_of(call, "overBinding", ref, path=path)
            if source is None:
                return None
            self.scope.wait_for(call, source, is_optional=call.may_lack(ref.name))
            kind = self.scope.kind_of(ref.name, source)
            element = kind if not kind or pick_of(ref, many=True) is not None else None
            output = self.scope.output_of(ref.name)
            return None, DeferredRef((), ref.text, source, output=output), element
        input_ = self.scope.inputs.get(ref.name)
        if input_ is not None and input_.is_media:
            positions = self.binder.media.positions_of(own, "overBinding", ref, input_)
            if positions is None and own.is_excused:
                return None
            elements = [self.scope.shelf.as_element(input_.type, at) for at in positions or ()]  # type: ignore[arg-type]
            return tuple(elements), None, input_.type
        value = self.binder.values.input_value(own, "overBinding", ref)
        if value is UNSET:
            return None if own.is_excused else ((), None, "")
        return tuple(as_elements(value)), None, ""
