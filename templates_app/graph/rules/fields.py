"""Fields of the template, its inputs and its stages that have no usable value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from core.phrases import phrase
from templates_app.document_ops.ops import ROOT, TEMPLATE, Op
from templates_app.graph.bindings import Broken, Ref, read_text
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.argument_rules import fix_argument
from templates_app.graph.rules.context import Context
from templates_app.graph.rules.fix_builder import FixBuilder
from templates_app.graph.rules.rule import Rule
from templates_app.graph.spec import (
    CATEGORIES,
    INPUT_TYPES,
    ON_ERROR,
    STABILITIES,
    VISIBILITIES,
    Stage,
)
from templates_app.graph.wiring import words_of
from tools.declaration.argument_problems import PROBLEM_CODES

_CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "category": CATEGORIES,
    "stability": STABILITIES,
    "visibility": VISIBILITIES,
    "onError": ON_ERROR,
}
# What other people call the types of inputs.
_TYPES: Final[Mapping[str, str]] = {
    "string": "text",
    "str": "text",
    "textarea": "text",
    "integer": "number",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "enum": "select",
    "choice": "select",
    "picture": "image",
    "photo": "image",
    "sound": "audio",
    "music": "audio",
}
# Fields a template does without.
_SPARE: Final = frozenset(
    (
        *("description", "brief", "thumbnailUrl", "exposeToLLM", "llmPriority", "tags", "version"),
        *("reviewFocus", "metadata", "extra", "openMontageImport", "estimatedCapacityUnits"),
        *("estimatedCredits", "author"),
    )
)
_SPARE_OF_STAGE: Final = frozenset(
    (
        *("label", "reviewFocus", "successCriteria", "humanApprovalDefault", "produces"),
        *("requiredArtifactsIn", "optionalArtifactsIn", "condition", "checkpointRequired"),
        *("bypass",),
        *("systemPrompt", "userMessage", "skillRef", "allowedTools", "itemLabelTemplate"),
        *("maxAttemptsPerItem", "partialExecutionEnabled", "onError", "subStages", "select"),
    )
)
_SPARE_OF_INPUT: Final = frozenset(
    ("description", "options", "jsonSchema", "multiple", "required", "internal", "default")
)
_WRONG_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)


class NameRequired(Rule):
    code = "name_required"
    about = "A template or an input has no name."
    api = "{what} needs a `name`."
    person = "Enter a name."
    phrases = {"the_template": "The template", "input_number": "Input {number}"}

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        if issue.at.path == "name":
            return build.set_field(ROOT, TEMPLATE, ["name"], "Untitled", "Name it “Untitled”")
        entry = build.input_record(issue)
        if entry is None:
            return None
        key, record = entry
        kind = record.get("type")
        base = kind if isinstance(kind, str) and kind in INPUT_TYPES else "input"
        name = build.unused_name(base, build.input_names())
        return build.set_field("inputs", key, ["name"], name, f"Name it “{words_of(name)}”")


class TooMany(Rule):
    code = "too_many"
    about = "A list is longer than this server takes."
    api = "{count} {what}; the limit is {limit}."
    person = "Too many {what}: {count} of {limit}. Remove some."
    phrases = {"more_than": "more than {limit}"}


class InvalidEnum(Rule):
    code = "invalid_enum"
    warns_on_save = True
    about = "A field with a fixed list of values holds another one."
    api = PROBLEM_CODES["invalid_enum"]
    person = "Choose a value for {field:field}."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        if issue.at.argument:
            return fix_argument(issue, build)
        field = _field_of(issue)
        if issue.at.path.startswith("inputs/") and field == "type":
            return _input_type(issue, build)
        if field not in _CHOICES:
            return _without_field(issue, build) if field == "condition/type" else None
        table, key = ("stages", build.stage_key(issue)) if issue.at.stage_id else (ROOT, TEMPLATE)
        record = build.row(table, key) if key is not None else None
        if key is None or not isinstance(record, dict):
            return None
        value = record.get(field)
        near = build.nearest(value, _CHOICES[field]) if isinstance(value, str) else None
        if near is None:
            return build.set_field(table, key, [field], GONE, "Use the default")
        return build.set_field(table, key, [field], near, f"Use {near}")


class InvalidField(Rule):
    code = "invalid_field"
    about = "A field has the wrong type, or a value outside its range."
    api = "`{field}` {problem}"
    person = "{field:field} {problem}"
    # What is wrong with a field, after its name.
    phrases = {
        "said": "{text:all}",  # A text of another part of the server, or of a library.
        "must_be_object": ("must be an object.", "can't be read."),
        "must_be_list": ("must be a list.", "must be a list."),
        "must_be_texts": "must be a list of texts that aren't blank.",
        "must_be_text": "must be text.",
        "must_be_flag": "must be true or false.",
        "must_be_url": "must be a URL.",
        "must_be_priority": "must be a number; lower comes earlier.",
        "must_be_template_id": "must have 1–128 letters, digits or _ . : - and can't be"
        " “templates”.",
        "must_be_semver": "must be a semantic version such as 1.4.0.",
        "must_be_author": ('must be "system" or an object with a `userId`.', "can't be read."),
        "must_be_span": (
            "must be {{min, max}}: two numbers from 0, `min` not above `max`.",
            "needs two numbers from 0; the first can't be larger than the second.",
        ),
        "must_be_stage_id": ("must be the id of a stage.", "must be a stage."),
        "must_be_input_name": "must begin with a letter or _, then have letters, digits, _ or -;"
        " at most 64 characters.",
        "must_be_output_name": "must begin with a letter or _, then have letters, digits, _ or -;"
        " at most 64 characters, and not be a word such as items or url.",
        "must_be_output_source": (
            'must be a reference to a result, such as "$artifacts.film" or "$artifacts.still[0]".',
            "must be the result of a stage.",
        ),
        "must_be_place": "must be a whole number from 0.",
        "no_such_result": (
            'names "$artifacts.{name}", which no stage produces.',
            "uses a result that no stage makes.",
        ),
        "must_be_options": (
            "must be values or {{value, label}} objects.",
            "must be values, each with a label.",
        ),
        "must_be_bounds": (
            "must be {{min, max}}: two whole numbers, `min` first.",
            "needs two whole numbers; the first can't be larger than the second.",
        ),
        "must_be_id": "must have 1–{limit} characters and can't begin with $.",
        "must_have_at_most": "must have at most {limit} characters.",
        "sub_stages_too_deep": "are nested too deeply; the limit is 8 levels.",
        "too_deep": "are nested too deeply.",
        "batches_too_deep": (
            'can\'t be "batch" here: batches may be {limit} deep in each other.',
            "can't be Repeat for each here: these may be {limit} deep in each other.",
        ),
        "must_be_select": ('must be {{"from", "min", "max"}}.', "can't be read."),
        "must_be_select_source": (
            'must be a reference to what to choose from, such as "$artifacts.looks".',
            "must be the result of an earlier stage.",
        ),
        "must_be_select_bounds": (
            "must have two whole numbers, `min` not above `max`, `max` from 1.",
            "need two whole numbers; the first can't be larger than the second.",
        ),
        "makes_no_media": (
            'names "{source}", which makes no media to choose from.',
            "come from {source:stage}, which makes nothing to choose from.",
        ),
        "must_be_attempts": "must be a whole number, 1–10.",
        "batch_must_produce": (
            "must name the artifact that a batch stage makes.",
            "needs a name.",
        ),
        "must_be_fixed_stage": ("must be a fixed stage.", "must be a tool."),
        "must_be_condition": ("must be an object with a `type`.", "can't be read."),
        "needed_by_type": ("is needed by the type `{type}`.", "is required."),
        "default_does_not_fit": ("doesn't fit the input: it {problem}", "{problem}"),
        "step_in_a_path": "is a step in a path. Choose another, or leave it out.",
        "unknown_fields": (
            "are unknown to this server and hold more than 64 KB: {names}. Shorten them.",
            "are too large: {names}. Shorten them.",
        ),
        "not_kept": "can't be kept. {why:all}",
        "not_public": "can't be made public. {why:all}",
        "not_own_url": "can't be kept. Use an https URL or a media URL of this server.",
    }

    def check_stage(self, stage: Stage, context: Context) -> Iterable[Issue]:
        """Check that there are media of an earlier stage to choose from."""
        if stage.type != "interactive" or stage.select is None:
            return ()
        ref = read_text(stage.select.source)
        if isinstance(ref, Broken):
            return ()
        if not isinstance(ref, Ref) or ref.root != "artifacts":
            problem = phrase("must_be_select_source")
            return [self.issue(stage, field="select/from", problem=problem)]
        source = context.source_of(ref.name, context.positions[stage.id])
        if source is not None and context.kinds[context.positions[source.id]] == "":
            problem = phrase("makes_no_media", source=source.id)
            return [self.issue(stage, field="select/from", problem=problem)]
        return ()

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        return _without_field(issue, build)


def without_preview(issue: Issue, build: FixBuilder) -> Fix | None:
    """Take away the preview whose number the issue's path ends with."""
    previews = build.raw.get("previewArtifacts")
    at = issue.at.path.split("/")[1]
    if not isinstance(previews, list) or not at.isdecimal() or int(at[:6]) >= len(previews):
        return None
    remaining = [entry for place, entry in enumerate(previews) if place != int(at)]
    return build.set_field(ROOT, TEMPLATE, ["previewArtifacts"], remaining, "Remove the preview")


def _field_of(issue: Issue) -> str:
    """The field that is wrong, below the issue's path."""
    return str(issue.params["field"]).removeprefix(f"{issue.at.path}/")


def _without_field(issue: Issue, build: FixBuilder) -> Fix | None:
    """Take away a field that nothing needs."""
    words = _field_of(issue)
    if issue.at.stage_id:
        return _without_stage_field(issue, build, words.split("/", 1)[0])
    if issue.at.path.startswith("inputs/"):
        return _without_input_field(issue, build, words)
    if issue.at.path == words and words in _SPARE:
        return build.set_field(ROOT, TEMPLATE, [words], GONE, f"Remove {words_of(words).lower()}")
    if issue.at.path.startswith("previewArtifacts/"):
        return without_preview(issue, build)
    return None


def _without_stage_field(issue: Issue, build: FixBuilder, field: str) -> Fix | None:
    entry = build.stage_record(issue)
    if entry is None:
        return None
    key, record = entry
    # Without a name, nothing could use what a batch makes.
    if field == "produces" and record.get("type") == "batch":
        name = build.unused_name(str(issue.at.stage_id), build.artifact_names, "-")
        return build.set_field("stages", key, ["produces"], [name], f"Name the result “{name}”")
    if field not in _SPARE_OF_STAGE or issue.at.path != f"stages/{issue.at.stage_id}":
        return None
    return build.set_field("stages", key, [field], GONE, f"Remove {words_of(field).lower()}")


def _without_input_field(issue: Issue, build: FixBuilder, field: str) -> Fix | None:
    entry = build.input_record(issue)
    if entry is None:
        return None
    key, record = entry
    if field == "name":
        name = record.get("name")
        return _usable_input_name(build, key, name) if isinstance(name, str) else None
    if field == "options" and record.get("type") == "select":
        return None  # A select needs its options; which ones, only the author knows.
    if field not in _SPARE_OF_INPUT or field not in record:
        return None
    return build.set_field("inputs", key, [field], GONE, f"Remove the {words_of(field).lower()}")


def _input_type(issue: Issue, build: FixBuilder) -> Fix | None:
    entry = build.input_record(issue)
    if entry is None:
        return None
    key, record = entry
    value = record.get("type")
    near = "text"
    if isinstance(value, str):
        near = _TYPES.get(value.lower()) or build.nearest(value, INPUT_TYPES) or "text"
    # A select without options would be the next error.
    if near == "select" and not record.get("options"):
        near = "text"
    return build.set_field("inputs", key, ["type"], near, f"Set to {near}")


def _usable_input_name(build: FixBuilder, key: str, old: str) -> Fix:
    """A usable name, also in every binding that says the old one."""
    plain = _WRONG_NAME.sub("_", old).strip("_-")[:56]
    if not plain or plain[0].isdigit() or plain[0] == "-":
        plain = f"input_{plain}".rstrip("_")
    fresh = build.unused_name(plain, build.input_names() - {old})
    ops: list[Op] = [build.assign("inputs", key, ["name"], fresh)]

    def change(ref: Ref | Broken) -> Any:
        if isinstance(ref, Ref) and ref.root == "inputs" and ref.name == old:
            return ref.text.replace(f"$inputs.{old}", f"$inputs.{fresh}", 1)
        return ref.text

    for stage in build.spec.stages:
        call = build.call_at(stage.id)
        if call is None:
            continue
        for argument in (*call.caller.args, *(("overBinding",) if stage.over else ())):
            op = build.rewrite(call, argument, change)
            if op is not None:
                ops.append(op)
    return Fix(f"Name it “{fresh}”", tuple(ops))
