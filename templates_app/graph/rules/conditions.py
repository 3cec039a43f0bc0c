"""Conditions of stages, and other fields that name a stage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from core.phrases import phrase
from templates_app.document_ops.ops import ROOT, TEMPLATE
from templates_app.graph.bindings import Broken
from templates_app.graph.expressions import Expression, parse
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.context import Context
from templates_app.graph.rules.fix_builder import FixBuilder
from templates_app.graph.rules.rule import Rule
from templates_app.graph.spec import Stage

# How other languages write what our expressions know.
_SPELLINGS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), ours)
    for pattern, ours in (
        ("[\u201c\u201d]", '"'),
        ("[\u2018\u2019]", "'"),
        ("(?<![=!<>])={3}(?!=)|(?<![=!<>])=(?!=)", "=="),
        ("!==", "!="),
        (r"(?<!&)&(?!&)|\band\b", "&&"),
        (r"(?<!\|)\|(?!\|)|\bor\b", "||"),
        (r"\bnot\s+", "!"),
        (r"\bnone\b|\bnil\b|\bundefined\b", "null"),
    )
)
# How many characters of an expression fit on a button.
_LABEL_LENGTH: Final = 60


class UnknownStage(Rule):
    code = "unknown_stage"
    warns_on_save = True
    about = "Something refers to a stage that is not there, or that does not come before."
    api = '`{field}` names stage "{value}", which {problem}.'
    person = "{field:field} refers to a stage that was deleted or runs later."
    phrases = {"not_there": "doesn't exist", "not_before": "isn't before this one"}

    def check_stage(self, stage: Stage, context: Context) -> Iterable[Issue]:
        condition = stage.condition
        if condition is None or condition.type not in ("if_success_of", "if_error_in"):
            return ()
        at = context.positions.get(condition.stage_id)
        if condition.stage_id and (at is None or at >= context.positions[stage.id]):
            # Such a stage would never run, so it stops the save; a preview is only not shown.
            return [
                self.issue(
                    stage,
                    severity="error",
                    field="condition/stageId",
                    value=condition.stage_id,
                    problem=phrase("not_there" if at is None else "not_before"),
                )
            ]
        return ()

    def check_template(self, context: Context) -> Iterator[Issue]:
        for stage_id in dict.fromkeys(context.spec.previews):
            if stage_id not in context.positions:
                field = "previewArtifacts"
                problem = phrase("not_there")
                yield self.issue(path=field, field=field, value=stage_id, problem=problem)

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        if issue.at.stage_id:
            key = build.stage_key(issue)
            if key is None:
                return None
            return build.set_field("stages", key, ["condition"], GONE, "Always run it")
        previews = build.raw.get("previewArtifacts")
        if not isinstance(previews, list):
            return None

        def is_meant(entry: Any) -> bool:
            return isinstance(entry, dict) and entry.get("stageId") == issue.params["value"]

        remaining = [entry for entry in previews if not is_meant(entry)]
        if len(remaining) == len(previews):
            return None
        return build.set_field(
            ROOT, TEMPLATE, ["previewArtifacts"], remaining, "Remove the preview"
        )


class ConditionNeverHolds(Rule):
    code = "condition_never_holds"
    level = "warning"
    about = "A condition `if_error_in` names a stage whose failure stops the whole run."
    api = (
        'Stage "{stage}" runs after an error in "{source}", but that error stops the run. Set'
        ' `onError` of "{source}" to `continue`.'
    )
    person = "{stage:stage} never runs: a failure in {source:stage} stops the whole run."

    def check_stage(self, stage: Stage, context: Context) -> Iterable[Issue]:
        condition = stage.condition
        if condition is None or condition.type != "if_error_in":
            return ()
        at = context.positions.get(condition.stage_id)
        if at is None or at >= context.positions[stage.id]:
            return ()  # An issue of its own.
        source = context.spec.stages[at]
        if source.on_error not in ("continue", "skip"):
            return [self.issue(stage, source=source.id)]
        return ()

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        source = str(issue.params["source"])
        key = build.keys.get(source)
        if key is None:
            return None
        label = f"Continue if {build.title(source)} fails"
        return build.set_field("stages", key, ["onError"], "continue", label)


class InvalidExpression(Rule):
    code = "invalid_expression"
    about = "The `expression` of a condition cannot be read."
    api = 'Invalid expression "{text}": {why}.'
    person = "The condition of {stage:stage} has an error: {why}."
    phrases = {
        "expression_too_long": "it has more than {limit} characters",
        "operator_expected": "expected ==, !=, && or || instead of “{word}”",
        "expression_unreadable": "“{word}” can't be read; use ==, !=, &&, ||, !, parentheses, text"
        " in quotes, numbers, true, false, null and references",
        "two_comparisons": "one comparison follows another; put parentheses around one",
        "nested_parentheses": "too many nested parentheses",
        "close_parenthesis": "close the parenthesis",
        "value_missing_at_end": "a value is missing at the end",
        "expression_empty": "it is empty",
        "value_missing_before": "a value is missing before “{word}”",
        "not_a_reference": "“{word}” isn't a valid reference: {why}",
        "not_a_value": "“{word}” isn't a value; put text in quotes",
    }

    def check_stage(self, stage: Stage, context: Context) -> Iterable[Issue]:
        expression = context.expression(stage)
        if isinstance(expression, Broken) and stage.condition is not None:
            return [self.issue(stage, text=stage.condition.expression, why=expression.why)]
        return ()

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """As it was probably meant, in our spelling; else without the condition."""
        call = build.call_of(issue)
        if call is None or call.stage.condition is None:
            return None
        text = call.stage.condition.expression
        for pattern, ours in _SPELLINGS:
            text = pattern.sub(ours, text)
        if isinstance(parse(text), Expression):
            path = ["condition", "expression"]
            return build.set_field("stages", call.key, path, text, f"Use {text[:_LABEL_LENGTH]}")
        return build.set_field("stages", call.key, ["condition"], GONE, "Always run it")
