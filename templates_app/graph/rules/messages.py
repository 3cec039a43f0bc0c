"""The catalog of messages: for each issue code its severity, its sentences and its doc line.

An issue holds a code, a place and parameters; it is worded here, once for API clients (field names
and the remedy) and once for people in the browser (titles, no API words).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from core.errors import InvalidInput
from core.phrases import Writer, show
from templates_app.graph.issues import Fix, Issue, Severity
from tools.declaration import argument_problems


@dataclass(frozen=True, slots=True)
class Message:
    """severity: the usual one; a few codes are warnings on save and errors at the start of a run.

    api, person: patterns of `core.phrases.Writer`; person "": the browser never shows it. doc: one
    line for the reference page. In a person's pattern `{stage:stage}` is a stage's title, and so on
    with `:input`, `:field`, `:tool` and `:source` (see `Titles`).
    """

    severity: Severity
    api: str
    person: str
    doc: str


class Titles(Protocol):
    """What people call the parts of a template."""

    def stage(self, stage_id: str) -> str:
        """The title of a stage, by its id."""

    def input(self, name: str) -> str:
        """The title of an input, by its name."""

    def field(self, found: Issue, field: str) -> str:
        """The title of the field that an issue is about; field: as its parameters name it."""

    def tool(self, name: str) -> str:
        """The title of a tool, by any of its names."""

    def source(self, text: str, stage_id: str | None) -> str:
        """What a reference takes its value from. stage_id: of the stage that holds it."""


def _error(api: str, person: str, doc: str) -> Message:
    return Message("error", api, person, doc)


def _warning(api: str, person: str, doc: str) -> Message:
    return Message("warning", api, person, doc)


_PROBLEMS: Final = argument_problems.PROBLEM_CODES

ISSUE_CODES: Final[Mapping[str, Message]] = {
    # Shapes.
    "name_required": _error(
        "{what} needs a `name`.",
        "Enter a name.",
        "A template or an input has no name.",
    ),
    "invalid_field": _error(
        "`{field}` {problem}",
        "{field:field} {problem}",
        "A field has the wrong type, or a value outside its range.",
    ),
    "invalid_enum": _error(
        _PROBLEMS["invalid_enum"],
        "Choose a value for {field:field}.",
        "A field with a fixed list of values holds another one.",
    ),
    "too_many": _error(
        "{count} {what}; the limit is {limit}.",
        "Too many {what}: {count} of {limit}. Remove some.",
        "A list is longer than this server takes.",
    ),
    "missing_options": _error(
        'Input "{name}" is a `select` without `options`. Add `"options": [{{"value": …, "label":'
        " …}}]`.",
        "{name:input} has no options.",
        "A `select` input lists nothing to choose from.",
    ),
    "duplicate_input_name": _error(
        'Two inputs are named "{name}". Rename one.',
        "Two inputs are named {name:input}.",
        "Input names are unique within a template.",
    ),
    "duplicate_stage_id": _error(
        'Two stages have the id "{stage}". Rename one.',
        "Two stages share an id.",
        "Stage ids are unique within a template, sub-stages included.",
    ),
    "invalid_stage_type": _error(
        'Stage "{stage}" has type {value:quoted}. Use {allowed:or}.',
        "{stage:stage} has an unknown type.",
        "A stage has no type, or one that does not exist.",
    ),
    "tool_required": _error(
        'Stage "{stage}" has no `tool`. Set one, for example `"generate_image"`.',
        "Choose a tool for {stage:stage}.",
        "A fixed stage says nothing about what it does.",
    ),
    "unknown_tool": _error(
        'Unknown tool "{tool}". See docs/reference/tools.md.',
        "{stage:stage} uses a tool that doesn't exist here.",
        "The tool does not exist.",
    ),
    "tool_unusable": _error(
        'The tool "{tool}" can\'t be used: {problem}',
        "{tool:tool} isn't available: {problem}",
        "The tool was added to this server, and something is wrong with it. A warning on save, an"
        " error on start.",
    ),
    "model_unavailable": _error(
        'No provider on this server offers "{tool}". Configure one, or use another tool.',
        "{tool:tool} isn't available on this server.",
        "The tool exists, but no provider offers it. A warning on save, an error on start.",
    ),
    "unknown_stage": _error(
        '`{field}` names stage "{value}", which {problem}.',
        "{field:field} refers to a stage that was deleted or runs later.",
        "Something refers to a stage that is not there, or that does not come before.",
    ),
    "json_schema_not_checked": _warning(
        'The `jsonSchema` of input "{name}" is stored but not enforced: {why}.',
        "The validation rule of {name:input} can't be checked: {why}.",
        "A `jsonSchema` uses something that could make checking endless, such as `$ref`.",
    ),
    "private_media_reference": _error(
        "`{field}` {problem}, so the template can't be public. {remedy}",
        "{field:field} {problem}, so this can't be published.",
        "A public template shows copies of its author's own media in previews and input defaults;"
        " anything else stays private.",
    ),
    "reserved_stage_id": _error(
        'Id "{stage}" conflicts with a step of stage "{by}". Rename one.',
        "{stage:stage} conflicts with an item of {by:stage}.",
        "A stage is called as an item of a batch stage, or as the gate after a checkpoint, will be."
        " A warning on save, an error on start.",
    ),
    # Conditions.
    "invalid_expression": _error(
        'Invalid expression "{text}": {why}.',
        "The condition of {stage:stage} has an error: {why}.",
        "The `expression` of a condition cannot be read.",
    ),
    "condition_never_holds": _warning(
        'Stage "{stage}" runs after an error in "{source}", but that error stops the run. Set'
        ' `onError` of "{source}" to `continue`.',
        "{stage:stage} never runs: a failure in {source:stage} stops the whole run.",
        "A condition `if_error_in` names a stage whose failure stops the whole run.",
    ),
    # Bindings.
    "invalid_binding_syntax": _error(
        'Invalid reference "{text}": {why}. For a literal dollar sign write "${text}".',
        "“{text}” isn't a valid reference: {why}.",
        "A text begins with `$` but cannot be read as a binding.",
    ),
    "unknown_input": _error(
        '"{text}" refers to undeclared input "{name}". Add it to `inputs` or fix the name.',
        "{field:field} uses the input {name}, which doesn't exist.",
        "A binding names an input that the template does not declare.",
    ),
    "unknown_artifact": _error(
        '"{text}" refers to artifact "{name}", which no stage produces. {remedy}',
        "{field:field} uses a result that no stage makes.",
        "A binding names an artifact that no stage produces.",
    ),
    "missing_artifact_producer": _error(
        'Stage "{stage}" requires artifact "{name}", which no stage produces. Add it to `produces`'
        " of an earlier stage.",
        "{stage:stage} waits for a result that no stage makes.",
        "`requiredArtifactsIn` names an artifact that no stage produces.",
    ),
    "missing_optional_artifact": _warning(
        'Stage "{stage}" lists optional artifact "{name}", which no earlier stage produces.',
        "{stage:stage} waits for a result that doesn't exist. It will run without it.",
        "`optionalArtifactsIn` names an artifact that no earlier stage produces.",
    ),
    "forward_artifact_reference": _error(
        'Stage "{stage}" uses artifact "{name}" from the later stage "{producer}". Move'
        ' "{producer}" before it.',
        "{stage:stage} needs {producer:stage}, which runs later.",
        "Stages run in the order of the list: an artifact comes from an earlier stage.",
    ),
    "duplicate_artifact_producer": _warning(
        'Artifact "{name}" is produced by "{producer}" and "{stage}". A stage that uses it gets'
        " the newest one before it; rename one to choose.",
        "{producer:stage} and {stage:stage} have the same result name, so the newest is used.",
        "Two stages produce an artifact of the same name.",
    ),
    "cyclic_stage_dependency": _error(
        "Stages depend on each other: {stages}. Remove one reference.",
        "These stages form a loop: {stages:stages}. Delete one connection.",
        "Stages need each other's artifacts in a circle, or a stage needs its own.",
    ),
    "item_binding_outside_batch": _error(
        '"{text}" only works in `itemStage` of a batch stage. Use `$inputs` or `$artifacts`.',
        "“Item” only works inside Repeat for each.",
        "`$item` is used outside a batch stage.",
    ),
    "batch_over_binding_not_a_binding": _error(
        'Batch stage "{stage}" needs `overBinding`, a reference to a list such as "$inputs.shots".',
        "{stage:stage} has no list to repeat for.",
        "`overBinding` is absent, a plain text, or no binding to inputs or artifacts.",
    ),
    "batch_item_name_required": _error(
        'Batch stage "{stage}" needs `itemName`.',
        "Name the items of {stage:stage}.",
        "A batch stage names its element with `itemName`.",
    ),
    "batch_concurrency_invalid": _error(
        '`concurrency` of batch stage "{stage}" must be a whole number, 1–16.',
        "Parallel items of {stage:stage}: use 1–16.",
        "`concurrency` of a batch stage is outside 1 to 16.",
    ),
    "binding_not_supported_yet": _error(
        '"{text}" isn\'t supported here: {why}.',
        "{field:field} can't use this value: {why}.",
        "The binding is well formed, but this server cannot carry such a value.",
    ),
    "binding_not_found": _error(
        '"{text}": input "{name}" has no "{segment}".',
        "{name:input} has no part named {segment}.",
        "A binding's path leads to nothing inside the value that was given.",
    ),
    "value_not_given": _error(
        '"{text}" needs "{name}" of "{source}", which {provider} doesn\'t give with {tool}. {gives}'
        " Choose another model or provider for that stage, or write the value.",
        "{field:field} needs {name} from {source:stage}, which {provider} doesn't give. Choose"
        " another model for that stage, or write the value.",
        "A binding reads a value that the provider chosen for the stage does not give. A warning on"
        " save, an error on start.",
    ),
    # Arguments of a tool; their API sentences are in `tools.declaration.argument_problems`.
    "missing_argument": _error(
        _PROBLEMS["missing_argument"],
        "{field:field} is required.",
        "A required argument of the tool is absent. A warning on save, an error on start.",
    ),
    "invalid_type": _error(
        _PROBLEMS["invalid_type"],
        "{field:field} must be {needs}.",
        "An argument or an input value has the wrong type. A warning on save for arguments.",
    ),
    "out_of_range": _error(
        _PROBLEMS["out_of_range"],
        "{field:field} must be {needs}.",
        "A number is outside its range. A warning on save, an error on start.",
    ),
    "invalid_length": _error(
        _PROBLEMS["invalid_length"],
        "{field:field} must have {needs}.",
        "A text or a list is too short or too long. A warning on save for arguments.",
    ),
    "invalid_media": _error(
        _PROBLEMS["invalid_media"],
        "{field:field} has no valid file: {why}.",
        "A value that should name a file is no position and no usable address.",
    ),
    "unequal_lengths": _error(
        _PROBLEMS["unequal_lengths"],
        "{field:field} and {other:field} need the same number of entries.",
        "Two lists that belong together, such as `loras` and `loraStrengths`, differ in length.",
    ),
    "unknown_media_argument": _error(
        "`{field}` of {tool} doesn't take media. {remedy}",
        "{field:field} doesn't take media.",
        "A binding puts a file into an argument that is no media argument of the tool.",
    ),
    "wrong_media_kind": _error(
        "`{field}` of {tool} takes {needs:a}; {source} gives {given:a}.",
        "{field:field} needs {needs:a}, but {source:source} makes {given:a}.",
        "A binding joins media of different kinds, or a source without media.",
    ),
    # Values of inputs.
    "missing_input": _error(
        'Input "{name}" is required. Send it in `inputs`.',
        "Fill in {name:input} to run.",
        "A required input has no value and no default.",
    ),
    "unknown_input_value": _warning(
        'Input "{name}" was ignored: {why}.',
        "",
        "A start sends a value for an input that is not declared, or is internal.",
    ),
    "invalid_input_value": _error(
        'Input "{name}" {problem}',
        "{name:input} {problem}",
        "A value does not fit its input: type, options, number of values or jsonSchema.",
    ),
    # Compiling.
    "no_stages": _error(
        "The template has no stages. Add one to `stages`.",
        "Add a stage to run this template.",
        "A template without stages can be saved but not run.",
    ),
    "stage_type_not_supported_yet": _error(
        'Stage "{stage}" can\'t run on this server yet: it {why}.',
        "{stage:stage} can't run here yet.",
        "Sub-stages are saved, not run.",
    ),
    "too_many_steps": _error(
        "{count} steps; the limit is {limit}. Split the template.",
        "Too large to run: {count} of {limit} steps. Use shorter lists or fewer stages.",
        "A template compiles to more steps than this server runs at once.",
    ),
    "implicit_media_dependency": _warning(
        'Stage "{stage}" names no {kind}; `{field}` uses {source}. Set it explicitly.',
        "{field:field} automatically uses {source}.",
        "A file was joined because the stage's arguments name none.",
    ),
    "missing_media_source": _error(
        '`{field}` of stage "{stage}" needs {needs}, and {why}. {remedy}',
        "{stage:stage} has no {kind:kind}. Connect one.",
        "A tool that needs a file gets none from earlier steps and none from the caller.",
    ),
    # Explicit steps.
    "invalid_step": _error(
        "`{field}` {problem}",
        "",
        "A step, or an entry of its `dependsOn`, has the wrong shape.",
    ),
    "unknown_source_step": _error(
        '`{field}` names step "{value}", which isn\'t in this request. Use the id of an'
        ' earlier step, or "$input_media".',
        "",
        "A `dependsOn` entry names a step that does not exist.",
    ),
    "forward_step_reference": _error(
        '`{field}` names step "{value}", which isn\'t earlier. Move it up.',
        "",
        "A `dependsOn` entry names a later step, or the step itself.",
    ),
    "inline_media_not_allowed": _error(
        "`{field}` contains inline media. Upload the file and send its https URL.",
        "Upload the file instead of pasting it.",
        "A `data:` address or a `data` field appears where a durable workflow takes addresses.",
    ),
}

# Parts of sentences: for the API, and for people where that differs.
_PARTS: Final[Mapping[str, str | tuple[str, str]]] = {
    **argument_problems.PHRASES,
    "media_forms": (argument_problems.PHRASES["media_forms"], "choose {kind:a}"),
    "inline_media": (
        argument_problems.PHRASES["inline_media"],
        "upload the file instead of pasting it",
    ),
    "an_object": (argument_problems.PHRASES["an_object"], "a set of fields"),
    "one_of_input": (
        "one {kind}; choose it, as in $inputs.{name}[0]",
        "one {kind}; choose one from {name:input}",
    ),
    "more_than": "more than {limit}",
    # A text of another part of the server, or of a library.
    "said": "{text:all}",
    # What is wrong with a field, after its name.
    "must_be_object": ("must be an object.", "can't be read."),
    "must_be_list": ("must be a list.", "must be a list."),
    "must_be_texts": "must be a list of texts that aren't blank.",
    "must_be_text": "must be text.",
    "must_be_flag": "must be true or false.",
    "must_be_url": "must be a URL.",
    "must_be_priority": "must be a number; lower comes earlier.",
    "must_be_template_id": "must have 1–128 letters, digits or _ . : - and can't be “templates”.",
    "must_be_semver": "must be a semantic version such as 1.4.0.",
    "must_be_author": ('must be "system" or an object with a `userId`.', "can't be read."),
    "must_be_span": (
        "must be {{min, max}}: two numbers from 0, `min` not above `max`.",
        "needs two numbers from 0; the first can't be larger than the second.",
    ),
    "must_be_stage_id": ("must be the id of a stage.", "must be a stage."),
    "must_be_input_name": "must begin with a letter or _, then have letters, digits, _ or -;"
    " at most 64 characters.",
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
    # What has no name.
    "the_template": "The template",
    "input_number": "Input {number}",
    # Stages that are referred to.
    "not_there": "doesn't exist",
    "not_before": "isn't before this one",
    # Why a jsonSchema is not checked.
    "schema_too_large": "it is too large",
    "schema_uses": "it uses {keyword}",
    "schema_pattern": "its pattern {problem:all}",
    "schema_invalid": "it isn't a valid schema ({problem:all})",
    "schema_unreadable": "it can't be read ({kind})",
    "schema_failed": "it can't be checked ({kind})",
    "value_too_large": "the value has more than {limit} parts",
    "checks_take_too_long": "checking all inputs takes too long",
    "pattern_takes_too_long": "matching its pattern takes too long",
    "breaks_schema": ("breaks its `jsonSchema`: {problem:all}.", "isn't valid: {problem:all}."),
    # Media that may not be shown.
    "not_own_media": ("isn't your file", "uses a private file"),
    "media_gone": ("is no longer there", "uses a file that was deleted"),
    "not_fetched": "can't be fetched ({why:all})",
    "links_to_private": ("links to a private file", "links to a private file"),
    "choose_result": "Run the template and choose a result as its preview.",
    "choose_own": "Use one of your own results or uploads, or an https URL of another site.",
    "make_it_an_input": "Make it an input, or the default of one.",
    # References and expressions that cannot be read; the first of them also in the editor.
    "known_roots": "a reference begins with one of {roots}",
    "unexpected": "unexpected “{character}”",
    "name_after_dot": "a name is missing after a dot",
    "close_bracket": "close the bracket",
    "position_or_all": "use a number from 0, or *, between brackets",
    "root_needs_name": "${root} needs a name, as in ${root}.example",
    "expression_too_long": "it has more than {limit} characters",
    "operator_expected": "expected ==, !=, && or || instead of “{word}”",
    "expression_unreadable": "“{word}” can't be read; use ==, !=, &&, ||, !, parentheses, text in"
    " quotes, numbers, true, false, null and references",
    "two_comparisons": "one comparison follows another; put parentheses around one",
    "nested_parentheses": "too many nested parentheses",
    "close_parenthesis": "close the parenthesis",
    "value_missing_at_end": "a value is missing at the end",
    "expression_empty": "it is empty",
    "value_missing_before": "a value is missing before “{word}”",
    "not_a_reference": "“{word}” isn't a valid reference: {why}",
    "not_a_value": "“{word}” isn't a value; put text in quotes",
    # References that cannot be used where they are.
    "takes_media": ("`{field}` takes media", "it takes media"),
    "only_with_item": (
        "with $item, only $artifacts and $inputs are allowed",
        "with “Item”, only connections are allowed",
    ),
    "no_media_field": ("media has no such field; use the input itself", "use the input itself"),
    "media_reference_forms": (
        "refer to media as $artifacts.name.items[0].selectedVersion.url, or with items[*] for all"
        " of a list",
        "connect the stage's result",
    ),
    "takes_no_media": (
        "`{field}` doesn't take media, and \"{source}\" gives {kind}. Use its text, or an item's"
        " label or id",
        "it doesn't take media, and {source:stage} makes {kind:a}. Use its text, or an item's label"
        " or id",
    ),
    "run_fields": "available run fields: {fields}",
    "no_media_argument": ("`{field}` of {tool} doesn't take media", "it doesn't take media"),
    "produce_under_name": 'Stage "{name}" exists: add `"produces": ["{name}"]` to it.',
    "produce_earlier": "Add it to `produces` of an earlier stage, or fix the name.",
    "gives_values": "It gives {values}.",
    "gives_media_only": "It gives media only.",
    "use_one_of": "Use one of: {arguments}.",
    "tool_takes_no_media": "This tool doesn't take media.",
    "a_transform": "the transform {transform}",
    "the_binding": "the binding",
    # URLs of media.
    "data_url": "data: URLs aren't allowed; upload the file and use its URL",
    "url_too_long": "the URL is longer than {limit} characters",
    "url_spaces": "the URL contains spaces; percent-encode them",
    "url_unreadable": "the URL can't be read; use a full https:// URL",
    "url_incomplete": "use a full https:// URL",
    "url_credentials": "the URL contains a username; remove the credentials",
    "url_https": "use https, not http, for {host}",
    # Values of inputs, after the input's name.
    "one_value": "takes one value, not a list.",
    "too_few_values": "needs at least {low} values; got {count}.",
    "too_many_values": "takes at most {most} values; got {count}.",
    "value_text": ("must be text; got {sent:quoted}.", "must be text."),
    "value_flag": ("must be true or false; got {sent:quoted}.", "must be on or off."),
    "value_number": ("must be a number; got {sent:quoted}.", "must be a number."),
    "value_option": (
        "must be one of: {allowed}; got {sent:quoted}.",
        "must be one of: {allowed}.",
    ),
    "value_reference": (
        'names the media reference "{reference}", and no {kind} has that id.',
        "needs another file.",
    ),
    "value_position": (
        "is a position, so it must be -1 for the first {kind} in `media_references`, -2 for the"
        " second; {count} were sent.",
        "needs a file.",
    ),
    "value_url": ("must be the https URL of {kind:a}.", "needs {kind:a}."),
    "value_unusable": ("can't be used: {why}.", "can't be used: {why}."),
    "no_such_input": "the template has no such input",
    "hidden_input": "the input is hidden; its default is used",
    # Media that a stage lacks, or takes without being told.
    "a_medium": "{kind:a}",
    "a_result": "result {index} of kind {kind}",
    "a_sent_medium": "{kind} {number} of those sent",
    "sends_too_few": "this request sends {count}",
    "none_made": "no earlier step makes {kind:a}",
    "must_be_set": "it has to be set explicitly",
    "none_made_or_sent": "no earlier step makes one and none was sent",
    "add_media_reference": "Add it to `media_references`.",
    "send_url_or_position": "Send a URL, or -1 for the first {kind} sent.",
    "add_argument": "Add `{argument}` to the arguments.",
    "add_step": "Add an earlier step that makes {kind:a}, or send a URL.",
    "results_of": ("the result of {stages:names}", "{stages:stages}"),
    "results_of_more": ("the results of {stages:names} and others", "{stages:stages} and others"),
    "first_sent": ("the first {kind} sent", "the first {kind}"),
    "all_sent": ("everything you sent", "all files of the inputs"),
    "each_item": ("each item of the batch", "each item"),
    "has_sub_stages": "has `subStages`; put them into `stages` instead",
    # Explicit steps and their media references.
    "must_have_url": "must be an object with a `url`.",
    "needs_url": "needs a `url`, an https URL.",
    "must_have_steps": "must be an object with `steps`.",
    "steps_missing": "is missing. List the tool calls, or send `workflow_id` to run a template.",
    "must_be_steps": "must be a list of 1–{limit} steps.",
    "must_have_prompt": "must be an object with a `prompt`.",
    "must_be_prompt": "must be text that says what to show.",
    "tool_missing": "is missing. Name the tool to call.",
    "must_be_dependency": "must be an object, or the id of an earlier step.",
    "must_be_argument": "must be the name of an argument.",
    "argument_missing": "is missing. Name the argument to fill.",
    "only_steps_write": "is `{transform}`; only an earlier step writes that.",
    "transform_disagrees": "is `{transform}`, but `mediaType` is `{kind}`. Make them agree.",
    "must_be_step_id": "must be the id of an earlier step.",
    "must_be_position": "must be a number from 0.",
}


def _a(kind: Any) -> str:
    """A kind of media with its article; "" is no media."""
    if not kind:
        return "no media"
    article = "an" if str(kind)[0] in "ai" else "a"
    return f"{article} {_kind(kind)}"


def _kind(kind: Any) -> str:
    return "3D model" if kind == "model" else show(kind)


def _or(words: Sequence[str]) -> str:
    coded = [f"`{word}`" for word in words]
    return coded[0] if len(coded) == 1 else f"{', '.join(coded[:-1])} or {coded[-1]}"


def _names(words: Sequence[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _api_part(key: str) -> str:
    part = _PARTS[key]
    return part if isinstance(part, str) else part[0]


def _person_part(key: str) -> str:
    part = _PARTS[key]
    return part if isinstance(part, str) else part[1]


_COMMON: Final[Mapping[str, Callable[[Any], str]]] = {
    "a": _a,
    "kind": _kind,
    "or": _or,
    "names": _names,
}
# The editor reads bindings itself and words what is wrong with them by the same patterns.
BINDING_PARTS: Final = (
    "known_roots",
    "unexpected",
    "name_after_dot",
    "close_bracket",
    "position_or_all",
    "root_needs_name",
)
_API: Final = Writer(_api_part, _COMMON)


def for_api(found: Issue) -> str:
    """The issue as API clients read it: exact field names, and the remedy."""
    return _API.write(ISSUE_CODES[found.code].api, found.params)


def binding_patterns() -> dict[str, str]:
    """Why a text is no binding, for people: key of a `Broken.why` → its pattern."""
    return {key: _person_part(key) for key in BINDING_PARTS}


def for_person(found: Issue, titles: Titles) -> str:
    """The issue as people in the browser read it; "" for what they are never shown."""
    writer = Writer(
        _person_part,
        {
            **_COMMON,
            "stage": titles.stage,
            "stages": lambda ids: ", ".join(map(titles.stage, ids)),
            "input": titles.input,
            "tool": titles.tool,
            "field": lambda field: titles.field(found, field),
            "source": lambda text: titles.source(text, found.at.stage_id),
        },
    )
    return writer.write(ISSUE_CODES[found.code].person, found.params)


class TemplateRefused(InvalidInput):
    """A template that cannot be saved, published or run. issues: its errors and warnings."""

    def __init__(self, message: str, issues: Iterable[Issue], **fields: Any) -> None:
        super().__init__(message, **fields)
        self.issues = tuple(issues)

    def sentences(self, titles: Titles) -> list[tuple[Issue, str]]:
        """The errors that a person is shown, each with its sentence."""
        said = [(found, for_person(found, titles)) for found in self.issues]
        return [(found, text) for found, text in said if found.severity == "error" and text]

    def for_person(self, titles: Titles) -> InvalidInput:
        """The refusal as the editor shows it: the first sentence, and all as `issues`."""
        said = self.sentences(titles)
        issues = [issue_to_person(found, titles) for found, _ in said]
        message = said[0][1] if said else self.message
        return InvalidInput(message, code=self.code, number=self.number, details={"issues": issues})


def issue_to_json(found: Issue) -> dict[str, Any]:
    """The wire shape: severity, code, message, path, stageId; argument and fix where known."""
    shape = _shape(found, for_api(found))
    fix = next((fix for fix in found.fixes if fix.ops), None)
    if fix is not None:
        shape["fix"] = {"label": fix.label, "ops": [dict(op) for op in fix.ops]}
    return shape


def issue_to_person(found: Issue, titles: Titles) -> dict[str, Any]:
    """As `issue_to_json`, for the editor: a person's sentence, and every fix."""
    shape = _shape(found, for_person(found, titles) or for_api(found))
    return {**shape, "fixes": [_fix_to_json(fix) for fix in found.fixes]}


def _shape(found: Issue, message: str) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "severity": found.severity,
        "code": found.code,
        "message": message,
        "path": found.at.path,
        "stageId": found.at.stage_id,
    }
    if found.at.argument:
        shape["argument"] = found.at.argument
    return shape


def _fix_to_json(fix: Fix) -> Mapping[str, Any]:
    shape: dict[str, Any] = {"label": fix.label, "ops": [dict(op) for op in fix.ops]}
    return {**shape, "opens": fix.opens} if fix.opens else shape


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
        "Written by `manage.py generate`.\n\n"
        "| code | severity | when |\n|---|---|---|\n"
        f"{rows}\n"
    )
