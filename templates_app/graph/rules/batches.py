"""Batch stages: what they repeat, for which list, and how many at once."""

from __future__ import annotations

from collections.abc import Iterable

from templates_app.graph.bindings import Broken, Ref, read_text
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.context import Context, Reference
from templates_app.graph.rules.fix_builder import CallSite, FixBuilder
from templates_app.graph.rules.rule import Rule
from templates_app.graph.spec import MAX_CONCURRENCY, Stage
from templates_app.graph.wiring import words_of


class ItemBindingOutsideBatch(Rule):
    code = "item_binding_outside_batch"
    about = "`$item` is used outside a batch stage."
    api = '"{text}" only works inside a batch stage. Use `$inputs` or `$artifacts`.'
    person = "“Item” only works inside Repeat for each."
    roots = ("item",)

    def check_reference(self, reference: Reference, context: Context) -> Iterable[Issue]:
        ref = reference.ref
        is_in_batch = reference.in_item or context.nesting.batch_around(reference.stage.id)
        if isinstance(ref, Ref) and not is_in_batch:
            return [self.issue_at(reference, text=ref.text)]
        return ()

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        ref = build.named_ref(call, issue, "item") if call is not None else None
        if call is None or ref is None:
            return None
        if ref.name in build.inputs:
            label = f"Use the input {words_of(ref.name)}"
            return build.replace_reference(call, issue, ref.text, f"$inputs.{ref.name}", label)
        return build.without(call, issue, ref.text)


class BatchOverBindingNotABinding(Rule):
    code = "batch_over_binding_not_a_binding"
    about = "`overBinding` is absent, a plain text, or no binding to inputs or artifacts."
    api = (
        'Batch stage "{stage}" needs `overBinding`, a reference to a list such as "$inputs.shots".'
    )
    person = "{stage:stage} has no list to repeat for."

    def check_stage(self, stage: Stage, context: Context) -> Iterable[Issue]:
        if stage.type != "batch":
            return ()
        ref = read_text(stage.over)
        is_list = isinstance(ref, Ref) and ref.root in list_roots(stage, context)
        if not is_list and not isinstance(ref, Broken):
            return [self.issue(stage)]
        return ()

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        return None if call is None else list_to_repeat(build, call)


class BatchItemNameRequired(Rule):
    code = "batch_item_name_required"
    about = "A batch stage names its element with `itemName`."
    api = 'Batch stage "{stage}" needs `itemName`.'
    person = "Name the items of {stage:stage}."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        key = build.stage_key(issue)
        if key is None:
            return None
        return build.set_field("stages", key, ["itemName"], "item", "Call each one “item”")


class BatchConcurrencyInvalid(Rule):
    code = "batch_concurrency_invalid"
    about = "`concurrency` of a batch stage is outside 1 to 16."
    api = '`concurrency` of batch stage "{stage}" must be a whole number, 1–16.'
    person = "Parallel items of {stage:stage}: use 1–16."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        entry = build.stage_record(issue)
        if entry is None:
            return None
        key, record = entry
        value = record.get("concurrency")
        # JSON's true and false are ints in Python.
        if not isinstance(value, int) or isinstance(value, bool):
            return build.set_field("stages", key, ["concurrency"], GONE, "Run one at a time")
        near = min(max(value, 1), MAX_CONCURRENCY)
        return build.set_field("stages", key, ["concurrency"], near, f"Run {near} in parallel")


def list_roots(batch: Stage, context: Context) -> tuple[str, ...]:
    """Return what the list of a batch may come from; one in another may go over its element."""
    is_inside = context.nesting.batch_around(batch.id) is not None
    return ("inputs", "artifacts", "item") if is_inside else ("inputs", "artifacts")


def list_to_repeat(build: FixBuilder, call: CallSite) -> Fix:
    """Repeat a batch stage for an input that takes several values, else for a new one."""
    several = [name for name, input_ in build.inputs.items() if input_.multiple]
    if several:
        op = build.assign("stages", call.key, ["overBinding"], f"$inputs.{several[0]}")
        return Fix(f"Repeat for {words_of(several[0])}", (op,))
    name = build.unused_name("items", build.input_names())
    declare = build.declare(name, "text", multiple={"min": 1})
    op = build.assign("stages", call.key, ["overBinding"], f"$inputs.{name}")
    return Fix("Add a list input", (declare, op))
