"""Everything that can be said about a template before it runs. Pure, linear, never raises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from templates_app.document_ops.ops import State
from templates_app.graph.bindings import Broken, Ref, find_refs, plain, read_text
from templates_app.graph.bypass import without_bypassed
from templates_app.graph.expressions import Expression
from templates_app.graph.inlining import without_templates
from templates_app.graph.issues import Issue, issue, limited
from templates_app.graph.nesting import without_nested
from templates_app.graph.outputs import read_outputs
from templates_app.graph.port_arguments import find_port
from templates_app.graph.rules.batches import list_roots
from templates_app.graph.rules.context import ArtifactUse, Context, Reference, ToolCall
from templates_app.graph.rules.fix_builder import FixBuilder
from templates_app.graph.rules.registry import rules
from templates_app.graph.rules.rule import Rule
from templates_app.graph.spec import Condition, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.values import check_declaration
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import ToolTable

CheckReference: TypeAlias = Callable[[Reference, Context], Iterable[Issue]]

# More fixes than this no one clicks; the rest keep their messages.
MAX_FIXES: Final = 200


def validate(spec: Any, tools: ToolTable) -> tuple[Issue, ...]:
    """All issues of a template as stored (contract §6.7); it is valid when none is an error.

    First what could not be read, then the inputs, then stage by stage: what it waits for, its own
    fields, its bindings, its tool and its arguments; last what concerns the whole. What may change
    before a run, such as a missing argument or a tool without a provider, is a warning here and an
    error when the template is compiled.
    """
    template, issues = read_spec(spec)
    template, nesting, notices = without_nested(template, tools)
    template, nesting, refusals = without_bypassed(template, nesting, tools)
    context = Context(template, tools, nesting)
    others = _Walk(context).template()
    flat, inside, _ = without_templates(template, nesting, tools)
    _, missing = read_outputs(flat, inside, tools)
    return limited(nesting.as_seen((*issues, *notices, *refusals, *others, *missing)))


def with_fixes(
    issues: Sequence[Issue],
    spec: Mapping[str, Any],
    tools: ToolTable,
    state: State | None = None,
) -> tuple[Issue, ...]:
    """The issues of a spec, with a fix where one click can clear one.

    issues: of `validate`, of compiling or of publishing this spec. state: the document it was made
    from, whose keys the ops name; without it they are those of the spec's own document.
    """
    build, by_code = FixBuilder(spec, tools, state), rules()
    results: list[Issue] = []
    count = 0
    for one in issues:
        fixes = one.fixes
        if not fixes and count < MAX_FIXES:
            fixes = by_code[one.code].fixes(one, build)
        count += bool(fixes)
        results.append(replace(one, fixes=fixes))
    return tuple(results)


class _Walk:
    """Meets every part of a template once, and asks the rules that look at such parts.

    Large templates have thousands of parts, so only rules with such a check are asked, and what
    they find goes to one list instead of through nested generators.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.issues: list[Issue] = []
        self.on_stage = [rule.check_stage for rule in _overriding("check_stage")]
        self.on_use = [rule.check_use for rule in _overriding("check_use")]
        self.on_reference: dict[str, list[CheckReference]] = {}
        for rule in _overriding("check_reference"):
            for root in rule.roots:
                self.on_reference.setdefault(root, []).append(rule.check_reference)
        self.on_call = [rule.check_call for rule in _overriding("check_call")]

    def template(self) -> list[Issue]:
        for input_ in self.context.spec.inputs:
            self.issues.extend(check_declaration(input_))
        for position, stage in enumerate(self.context.spec.stages):
            self.stage(position, stage)
        for rule in _overriding("check_template"):
            self.issues.extend(rule.check_template(self.context))
        return self.issues

    # Parts are met in the order in which a person reads a stage, and so are issues.

    def stage(self, position: int, stage: Stage) -> None:
        for name in stage.requires:
            self.use(ArtifactUse(position, stage, name, "requires", stage.path))
        for name in stage.optional:
            self.use(ArtifactUse(position, stage, name, "optional", stage.path))
        for check in self.on_stage:
            self.issues += check(stage, self.context)
        if stage.condition is not None:
            self.condition(position, stage, stage.condition)
        if stage.type == "fixed":
            self.call(position, stage, stage)
        elif stage.type == "batch":
            self.text(position, stage, "overBinding", stage.over, list_roots(stage, self.context))
            if stage.item is not None:
                self.call(position, stage, stage.item)
        elif stage.select is not None:
            self.text(position, stage, "select", stage.select.source, ("artifacts",))

    def condition(self, position: int, stage: Stage, condition: Condition) -> None:
        if condition.type == "if_artifact_exists" and condition.artifact_name:
            name = condition.artifact_name
            self.use(ArtifactUse(position, stage, name, "condition", stage.path))
        expression = self.context.expression(stage)
        if isinstance(expression, Expression):
            for ref in expression.refs:
                where = "condition/expression"
                self.reference(Reference(position, stage, stage.path, where, ref))

    def text(
        self, position: int, stage: Stage, field: str, text: str, roots: tuple[str, ...]
    ) -> None:
        """A field that holds one reference. What has another root is the field's own fault."""
        reading = read_text(text)
        if isinstance(reading, Broken) or (isinstance(reading, Ref) and reading.root in roots):
            self.reference(Reference(position, stage, stage.path, field, reading))

    def use(self, use: ArtifactUse) -> None:
        self.context.note(use)
        for check in self.on_use:
            self.issues += check(use, self.context)

    def reference(self, reference: Reference) -> None:
        ref = reference.ref
        root = ref.root if isinstance(ref, Ref) else ""
        if isinstance(ref, Ref) and root == "artifacts":
            where = (reference.position, reference.stage, ref.name)
            self.use(ArtifactUse(*where, "binding", reference.path))
        for check in self.on_reference.get(root, ()):
            self.issues += check(reference, self.context)

    def call(self, position: int, stage: Stage, caller: Stage) -> None:
        """Check what a stage, or the item of a batch, hands to its tool."""
        path, in_item = f"{caller.path}/args", caller is stage.item
        bound_refs: dict[str, list[Ref | Broken]] = {}
        for argument, value in caller.args.items():
            for ref in find_refs(value):
                bound_refs.setdefault(argument, []).append(ref)
                self.reference(Reference(position, stage, path, argument, ref, in_item))
        if not caller.tool:
            return
        call = ToolCall(position, stage, caller, self.context.tools.get(caller.tool), bound_refs)
        for check in self.on_call:
            self.issues += check(call, self.context)
        self.issues.extend(_arguments(call))


def _overriding(name: str) -> tuple[Rule, ...]:
    """The rules with a check of this name; asking the others would cost time and find nothing."""
    return tuple(
        rule for rule in rules().values() if getattr(type(rule), name) is not getattr(Rule, name)
    )


def _arguments(call: ToolCall) -> Iterator[Issue]:
    """Check the arguments that are no bindings by the form of the tool."""
    if call.tool is None:
        return
    literal = {
        argument: plain(value)
        for argument, value in call.caller.args.items()
        if argument not in call.bound_refs
    }
    for problem in read_arguments(call.tool, literal, bound=frozenset(call.bound_refs)).problems:
        port, _ = find_port(call.tool, problem.argument)
        if port is not None and problem.code == "missing_argument" and port.implied != "none":
            continue  # Compiling joins it.
        yield issue(
            problem.code,
            severity="warning",
            path=call.args_path,
            argument=problem.argument,
            stage_id=call.stage.id,
            **problem.params,
        )
