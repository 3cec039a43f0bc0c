"""Stages that are templates: which there are, how large, and what everyone may see of them."""

from __future__ import annotations

from collections.abc import Iterable

from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rules.context import Context, ToolCall
from templates_app.graph.rules.rule import Rule
from templates_app.graph.template_stages import HIDDEN, UNAVAILABLE, code_of_missing

_CHOOSE = Fix("Choose another", opens="tool")


class TemplateUnavailable(Rule):
    code = UNAVAILABLE
    about = (
        "A stage is a template that isn't there, or that you may not make a stage. Which of the two"
        " is never said."
    )
    api = (
        'Stage "{stage}" is the template "{tool}", which isn\'t available. Name one of your own,'
        ' one shared with you or a public one: `"template:<id>"`.'
    )
    person = "{stage:stage} is a template that isn't available. Choose another."
    opens = _CHOOSE

    def check_call(self, call: ToolCall, context: Context) -> Iterable[Issue]:
        if call.tool is None and code_of_missing(call.caller.tool, context.tools) == self.code:
            return [self.issue(call.stage, path=call.caller.path, tool=call.caller.tool)]
        return ()


class TemplateHidden(Rule):
    code = HIDDEN
    warns_on_save = True
    about = (
        "A stage is a template that can't be used at present. A warning on save, an error on start."
    )
    api = 'Stage "{stage}" is the template "{tool}", which can\'t be used now. Choose another.'
    person = "{stage:stage} is a template that can't be used now. Choose another."
    opens = _CHOOSE

    def check_call(self, call: ToolCall, context: Context) -> Iterable[Issue]:
        if call.tool is None and code_of_missing(call.caller.tool, context.tools) == self.code:
            return [self.issue(call.stage, path=call.caller.path, tool=call.caller.tool)]
        return ()


class TemplateTooDeep(Rule):
    code = "template_too_deep"
    about = "Templates inside templates go too deep, or bring too many stages."
    api = 'Stage "{stage}" is a template that is too large here: {problem}.'
    person = "{stage:stage} is a template that is too large here: {problem}."
    phrases = {
        "too_many_levels": "templates may be inside templates {limit} deep",
        "too_many_inside": "all templates of one may bring {limit} stages",
        "too_many_templates": "one may use {limit} templates",
    }


class PrivateTemplate(Rule):
    code = "private_template"
    about = "A public template has a stage that is a template not everyone may see."
    api = (
        'Stage "{stage}" is the template "{tool}", which isn\'t public. Publish that one first, or'
        " put its stages in the stage's place."
    )
    person = "{stage:stage} is a template that isn't public. Publish that one first."
