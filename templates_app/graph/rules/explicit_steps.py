"""Explicit steps of a start, whose issues only API clients see."""

from __future__ import annotations

from templates_app.graph.rules.rule import Rule


class InvalidStep(Rule):
    code = "invalid_step"
    about = "A step, or an entry of its `dependsOn`, has the wrong shape."
    api = "`{field}` {problem}"
    phrases = {
        "must_have_url": "must be an object with a `url`.",
        "needs_url": "needs a `url`, an https URL.",
        "must_have_steps": "must be an object with `steps`.",
        "steps_missing": "is missing. List the tool calls, or send `workflow_id` to run a"
        " template.",
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


class UnknownSourceStep(Rule):
    code = "unknown_source_step"
    about = "A `dependsOn` entry names a step that does not exist."
    api = (
        '`{field}` names step "{value}", which isn\'t in this request. Use the id of an'
        ' earlier step, or "$input_media".'
    )


class ForwardStepReference(Rule):
    code = "forward_step_reference"
    about = "A `dependsOn` entry names a later step, or the step itself."
    api = '`{field}` names step "{value}", which isn\'t earlier. Move it up.'
