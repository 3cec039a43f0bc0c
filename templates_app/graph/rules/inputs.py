"""Declared inputs, and the values that a start sends for them."""

from __future__ import annotations

from typing import Final

from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.fix_builder import FixBuilder
from templates_app.graph.rules.rule import Rule
from templates_app.graph.wiring import words_of

_NAME_LENGTH: Final = 60  # leaves space for a number


class MissingOptions(Rule):
    code = "missing_options"
    about = "A `select` input lists nothing to choose from."
    api = (
        'Input "{name}" is a `select` without `options`. Add `"options": [{{"value": …, "label":'
        " …}}]`."
    )
    person = "{name:input} has no options."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        entry = build.input_record(issue)
        if entry is None:
            return None
        key, record = entry
        default = record.get("default")
        if default is None or isinstance(default, str):
            return build.set_field("inputs", key, ["type"], "text", "Convert to text")
        options = [{"value": default, "label": str(default)}]
        return build.set_field("inputs", key, ["options"], options, "Add its default as an option")


class DuplicateInputName(Rule):
    code = "duplicate_input_name"
    about = "Input names are unique within a template."
    api = 'Two inputs are named "{name}". Rename one.'
    person = "Two inputs are named {name:input}."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        key = build.input_key(issue.at.path, build.occurrence(issue) + 1)
        if key is None:
            return None
        name = issue.at.path.removeprefix("inputs/")[:_NAME_LENGTH]
        fresh = build.unused_name(name, build.input_names())
        label = f"Rename the second to “{words_of(fresh)}”"
        return build.set_field("inputs", key, ["name"], fresh, label)


class JsonSchemaNotChecked(Rule):
    code = "json_schema_not_checked"
    level = "warning"
    about = "A `jsonSchema` uses something that could make checking endless, such as `$ref`."
    api = 'The `jsonSchema` of input "{name}" is stored but not enforced: {why}.'
    person = "The validation rule of {name:input} can't be checked: {why}."
    phrases = {
        "schema_too_large": "it is too large",
        "schema_uses": "it uses {keyword}",
        "schema_pattern": "its pattern {problem:all}",
        "schema_invalid": "it isn't a valid schema ({problem:all})",
        "schema_unreadable": "it can't be read ({kind})",
        "schema_failed": "it can't be checked ({kind})",
        "value_too_large": "the value has more than {limit} parts",
        "checks_take_too_long": "checking all inputs takes too long",
        "pattern_takes_too_long": "matching its pattern takes too long",
    }


class MissingInput(Rule):
    code = "missing_input"
    about = "A required input has no value and no default."
    api = 'Input "{name}" is required. Send it in `inputs`.'
    person = "Fill in {name:input} to run."


class UnusedInput(Rule):
    code = "unused_input"
    level = "warning"
    about = "A required input has no value, and nothing in the template takes one."
    api = (
        'Input "{name}" is required and has no value, and no stage uses it. Reference it as'
        ' "$inputs.{name}", or remove `required`.'
    )
    person = "{name:input} is required, but no stage uses it."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        key = build.input_key(issue.at.path)
        if key is None:
            return None
        return build.set_field("inputs", key, ["required"], GONE, "Make it optional")


class UnknownInputValue(Rule):
    code = "unknown_input_value"
    level = "warning"
    about = "A start sends a value for an input that is not declared, or is internal."
    api = 'Input "{name}" was ignored: {why}.'
    phrases = {
        "no_such_input": "the template has no such input",
        "hidden_input": "the input is hidden; its default is used",
    }


class InvalidInputValue(Rule):
    code = "invalid_input_value"
    about = "A value does not fit its input: type, options, number of values or jsonSchema."
    api = 'Input "{name}" {problem}'
    person = "{name:input} {problem}"
    # What is wrong with a value, after the input's name.
    phrases = {
        "one_value": "takes one value, not a list.",
        "empty_item": "has an empty item, number {number}. Fill it in or remove it.",
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
        "value_missing": ("is required.", "is missing."),
        "breaks_schema": ("breaks its `jsonSchema`: {problem:all}.", "isn't valid: {problem:all}."),
    }


class InvalidItemValue(Rule):
    code = "invalid_item_value"
    about = "An element of a batch's list does not fit an input of the template done for each."
    api = 'Element [{index}] of batch stage "{stage}": input "{name}" {problem}'
    person = "{stage:stage}, item {number}: {name:input} {problem}"
