"""Every problem a template or a request can have, in one table: code, severity, message, doc line.

`python -m templates_app.graph.issues > docs/reference/issue-codes.md` writes the reference page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from templates_app.graph.types import Issue

Severity = Literal["error", "warning"]

# Longest piece of a caller's own text that a message repeats.
SHOWN_CHARACTERS = 80
MAX_ISSUES = 1_000


@dataclass(frozen=True, slots=True)
class IssueCode:
    """severity: the usual one; a few codes are warnings on save and errors at the start of a run.

    message: a `str.format` pattern. doc: one line for the reference page.
    """

    severity: Severity
    message: str
    doc: str


def _error(message: str, doc: str) -> IssueCode:
    return IssueCode("error", message, doc)


def _warning(message: str, doc: str) -> IssueCode:
    return IssueCode("warning", message, doc)


ISSUE_CODES: Final[Mapping[str, IssueCode]] = {
    # Shapes.
    "name_required": _error(
        "{what} needs a name. Give it a text that is not blank.",
        "A template or an input has no name.",
    ),
    "invalid_field": _error(
        "{field} {problem}",
        "A field has the wrong type, or a value outside its range.",
    ),
    "invalid_enum": _error(
        '{field} is "{value}"; use one of: {allowed}.',
        "A field with a fixed list of values holds another one.",
    ),
    "too_many": _error(
        "There are {count} {what}; the most allowed is {limit}. Remove some, or split it.",
        "A list is longer than this server takes.",
    ),
    "missing_options": _error(
        'Input "{name}" is a select without options. Add "options": [{{"value": …, "label": …}}].',
        "A `select` input lists nothing to choose from.",
    ),
    "duplicate_input_name": _error(
        'Two inputs are called "{name}". Rename one of them.',
        "Input names are unique within a template.",
    ),
    "duplicate_stage_id": _error(
        'Two stages have the id "{stage}". Rename one of them.',
        "Stage ids are unique within a template, sub-stages included.",
    ),
    "invalid_stage_type": _error(
        'Stage "{stage}" has the type "{value}"; use one of: fixed, interactive, batch.',
        "A stage has no type, or one that does not exist.",
    ),
    "tool_required": _error(
        'Stage "{stage}" names no tool. Set "tool", for example "generate_image".',
        "A fixed stage says nothing about what it does.",
    ),
    "unknown_tool": _error(
        '"{tool}" is not a tool. Check the spelling; "generate_image" is one.',
        "The tool does not exist.",
    ),
    "model_unavailable": _error(
        'No provider on this server offers "{tool}". Configure one that does, or choose another'
        " tool.",
        "The tool exists, but nobody here does its work. A warning on save, an error on start.",
    ),
    "unknown_stage": _error(
        '{field} names the stage "{value}", which {problem}.',
        "Something refers to a stage that is not there, or that does not come before.",
    ),
    "json_schema_not_checked": _warning(
        'The jsonSchema of input "{name}" is stored but values are not checked against it: {why}.',
        "A `jsonSchema` uses something that could make checking endless, such as `$ref`.",
    ),
    "private_media_reference": _error(
        "`{field}` {problem}, so the template cannot be public with it. {remedy}",
        "A public template shows copies of its author's own media in previews and input defaults;"
        " anything else stays private.",
    ),
    "reserved_stage_id": _error(
        'The id "{stage}" is taken by a step that the stage "{by}" makes. Rename one of them.',
        "A stage is called as an item of a batch stage, or as the gate after a checkpoint, will be."
        " A warning on save, an error on start.",
    ),
    # Conditions.
    "invalid_expression": _error(
        '"{text}" is no expression: {why}.',
        "The `expression` of a condition cannot be read.",
    ),
    "condition_never_holds": _warning(
        'Stage "{stage}" runs after an error in "{source}", but such an error ends the run. Set'
        ' "onError" of "{source}" to "continue".',
        "A condition `if_error_in` names a stage whose failure stops the whole run.",
    ),
    # Bindings.
    "invalid_binding_syntax": _error(
        '"{text}" is not a binding: {why}. To mean the text itself, write "$${rest}".',
        "A text begins with `$` but cannot be read as a binding.",
    ),
    "unknown_input": _error(
        '"{text}" refers to the input "{name}", which is not declared. Add it to "inputs", or'
        " correct the name.",
        "A binding names an input that the template does not declare.",
    ),
    "unknown_artifact": _error(
        '"{text}" refers to the artifact "{name}", which no stage produces. {remedy}',
        "A binding names an artifact that no stage produces.",
    ),
    "missing_artifact_producer": _error(
        'Stage "{stage}" requires the artifact "{name}", which no stage produces. Add "{name}" to'
        ' the "produces" of an earlier stage.',
        "`requiredArtifactsIn` names an artifact that no stage produces.",
    ),
    "missing_optional_artifact": _warning(
        'Stage "{stage}" would use the artifact "{name}", but no earlier stage produces it.',
        "`optionalArtifactsIn` names an artifact that no earlier stage produces.",
    ),
    "forward_artifact_reference": _error(
        'Stage "{stage}" uses the artifact "{name}", which only the later stage "{producer}"'
        ' produces. Move "{producer}" before it.',
        "Stages run in the order of the list: an artifact comes from an earlier stage.",
    ),
    "duplicate_artifact_producer": _warning(
        'The artifact "{name}" is produced by "{producer}" and again by "{stage}". A stage that'
        " uses it gets the newest one before it; rename one to choose.",
        "Two stages produce an artifact of the same name.",
    ),
    "cyclic_stage_dependency": _error(
        "These stages wait for each other: {stages}. Remove one of the references between them.",
        "Stages need each other's artifacts in a circle, or a stage needs its own.",
    ),
    "item_binding_outside_batch": _error(
        '"{text}" is only known inside the itemStage of a batch stage. Use $inputs or $artifacts.',
        "`$item` is used outside a batch stage.",
    ),
    "batch_over_binding_not_a_binding": _error(
        'Batch stage "{stage}" needs "overBinding": a binding that yields a list, for example'
        ' "$inputs.shots".',
        "`overBinding` is absent, a plain text, or no binding to inputs or artifacts.",
    ),
    "batch_item_name_required": _error(
        'Batch stage "{stage}" needs "itemName": what one element is called.',
        "A batch stage names its element with `itemName`.",
    ),
    "batch_concurrency_invalid": _error(
        'Batch stage "{stage}": "concurrency" must be a whole number from 1 to 16.',
        "`concurrency` of a batch stage is outside 1 to 16.",
    ),
    "binding_not_supported_yet": _error(
        '"{text}" cannot be used here yet: {why}.',
        "The binding is well formed, but this server cannot carry such a value.",
    ),
    "binding_not_found": _error(
        '"{text}": the value of input "{name}" has no "{segment}".',
        "A binding's path leads to nothing inside the value that was given.",
    ),
    "value_not_given": _error(
        '"{text}" needs "{name}" of "{source}", which {provider} does not give with {tool}.'
        " {remedy} Choose another model or provider for that stage, or write the value.",
        "A binding reads a value that the provider chosen for the stage does not give. A warning on"
        " save, an error on start.",
    ),
    # Arguments of a tool; also `tools.arguments.PROBLEM_CODES`.
    "missing_argument": _error(
        "{argument} is required; add it to the arguments.",
        "A required argument of the tool is absent. A warning on save, an error on start.",
    ),
    "invalid_type": _error(
        "{field} must be {needs}.",
        "An argument or an input value has the wrong type. A warning on save for arguments.",
    ),
    "out_of_range": _error(
        "{field} must be {needs}.",
        "A number is outside its range. A warning on save, an error on start.",
    ),
    "invalid_length": _error(
        "{field} must have {needs}.",
        "A text or a list is too short or too long. A warning on save for arguments.",
    ),
    "invalid_media": _error(
        "{field} names no medium: {why}",
        "A value that should name a medium is no position and no usable address.",
    ),
    "unequal_lengths": _error(
        "{field} and {other} must have as many entries as each other.",
        "Two lists that belong together, such as `loras` and `loraStrengths`, differ in length.",
    ),
    "unknown_media_argument": _error(
        '"{argument}" of {tool} takes no medium. {remedy}',
        "A binding puts a medium into an argument that is no media argument of the tool.",
    ),
    "wrong_media_kind": _error(
        "{argument} of {tool} takes {needs}, but {source} gives {given}.",
        "A binding joins media of different kinds, or a source without media.",
    ),
    # Values of inputs.
    "missing_input": _error(
        'Input "{name}" is required. Send it in "inputs".',
        "A required input has no value and no default.",
    ),
    "unknown_input_value": _warning(
        'The value of "{name}" is not used: {why}.',
        "A start sends a value for an input that is not declared, or is internal.",
    ),
    "invalid_input_value": _error(
        'Input "{name}" {problem}',
        "A value does not fit its input: type, options, number of values or jsonSchema.",
    ),
    # Compiling.
    "no_stages": _error(
        "The template has no stages, so there is nothing to run. Add a stage.",
        "A template without stages can be saved but not run.",
    ),
    "stage_type_not_supported_yet": _error(
        'Stage "{stage}" cannot run on this server yet: it {why}.',
        "Sub-stages are saved, not run.",
    ),
    "too_many_steps": _error(
        "This makes {count} steps; the most allowed is {limit}. Split it into several.",
        "A template compiles to more steps than this server runs at once.",
    ),
    "implicit_media_dependency": _warning(
        'Stage "{stage}" names no {kind}, so its {argument} takes {source}. Bind it explicitly to'
        " be sure.",
        "A medium was joined because the stage's arguments name none.",
    ),
    "missing_media_source": _error(
        '{argument} of "{stage}" needs {needs}, and {why}. {remedy}',
        "A tool that needs a medium gets none from earlier steps and none from the caller.",
    ),
    # Explicit steps.
    "invalid_step": _error(
        "{field} {problem}",
        "A step, or an entry of its `dependsOn`, has the wrong shape.",
    ),
    "unknown_source_step": _error(
        '{field} names the step "{value}", which is not in this request. Use the id of an earlier'
        ' step, or "$input_media".',
        "A `dependsOn` entry names a step that does not exist.",
    ),
    "forward_step_reference": _error(
        '{field} names the step "{value}", which does not come before this one. Move it up.',
        "A `dependsOn` entry names a later step, or the step itself.",
    ),
    "inline_media_not_allowed": _error(
        "{field} holds media inline. Upload the file and send its https address instead.",
        "A `data:` address or a `data` field appears where a durable workflow takes addresses.",
    ),
}


def issue(
    code: str,
    *,
    path: str = "",
    argument: str = "",
    stage_id: str | None = None,
    severity: Severity | None = None,
    message: str = "",
    **words: Any,
) -> Issue:
    """Make an issue. argument and words fill its message unless a finished `message` is given."""
    known = ISSUE_CODES[code]
    if not message:
        shown = {word: show(value) for word, value in words.items()}
        message = known.message.format(argument=show(argument), **shown)
    return Issue(
        severity=severity or known.severity,
        code=code,
        message=message,
        path=path,
        argument=argument,
        stage_id=stage_id,
    )


def show(value: Any) -> str:
    """A caller's value for a message: short, and cheap however large the value is.

    A tuple is ours, such as the allowed values of a field, and is listed whole.
    """
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    if isinstance(value, str):
        return value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else "a very large number"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else type(value).__name__


def split(issues: Iterable[Issue]) -> tuple[tuple[Issue, ...], tuple[Issue, ...]]:
    """Errors and warnings, each in order; beyond a thousand of each nobody reads on."""
    errors: list[Issue] = []
    warnings: list[Issue] = []
    for found in issues:
        kept = errors if found.severity == "error" else warnings
        if len(kept) < MAX_ISSUES:
            kept.append(found)
    return tuple(errors), tuple(warnings)


def limited(issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """All issues in order; when there are very many, the first of each severity."""
    if len(issues) <= MAX_ISSUES:
        return tuple(issues)
    errors, warnings = split(issues)
    return (*errors, *warnings)


def issue_to_json(found: Issue) -> dict[str, Any]:
    """The wire shape: severity, code, message, path, stageId; argument and fix where known."""
    shape: dict[str, Any] = {
        "severity": found.severity,
        "code": found.code,
        "message": found.message,
        "path": found.path,
        "stageId": found.stage_id,
    }
    if found.argument:
        shape["argument"] = found.argument
    if found.fix is not None:
        shape["fix"] = {"label": found.fix.label, "ops": [dict(op) for op in found.fix.ops]}
    return shape


def reference_page() -> str:
    """`docs/reference/issue-codes.md` as it should be."""
    rows = "\n".join(
        f"| `{code}` | {known.severity} | {known.doc} |" for code, known in ISSUE_CODES.items()
    )
    return (
        "# Issue codes\n\n"
        "What `data.validation.issues`, `compileErrors`, `compileWarnings` and `details.issues` may"
        " hold. Each entry\nnames its `code`, a `path` such as `stages/<id>/args` and a `message`"
        " with the remedy. Warnings never stop\nanything.\n\n"
        "Written by `python -m templates_app.graph.issues > docs/reference/issue-codes.md`.\n\n"
        "| code | severity | when |\n|---|---|---|\n"
        f"{rows}\n"
    )


if __name__ == "__main__":
    sys.stdout.write(reference_page())
