"""Stages as a whole: their ids, types and number, and the tools or templates that they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from templates_app.document_ops.ops import ROOT, TEMPLATE
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.references import taken_keys
from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.context import Context, ToolCall
from templates_app.graph.rules.fix_builder import FixBuilder
from templates_app.graph.rules.rule import Rule
from templates_app.graph.template_stages import HIDDEN, UNAVAILABLE, code_of_missing

_STAGE_TYPES: Final[Mapping[str, str]] = {
    "fixed": "Make it a tool stage",
    "interactive": "Make it a question",
    "batch": "Make it Repeat for each",
}
_OTHER: Final = Fix("Choose another", opens="tool")
_ID_LENGTH: Final = 100  # leaves space for a number


class DuplicateStageId(Rule):
    code = "duplicate_stage_id"
    about = "Stage ids are unique within a template, sub-stages included."
    api = 'Two stages have the id "{stage}". Rename one.'
    person = "Two stages share an id."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        nth, old = build.occurrence(issue), str(issue.at.stage_id)
        same = [
            (key, record)
            for key in build.order("stages")
            if isinstance(record := build.row("stages", key), dict)
            and record.get("id") == issue.at.stage_id
        ]
        # One of a sub-stage has no record of its own.
        if issue.at.path != f"stages/{old}" or len(same) <= nth:
            return None
        key, record = same[nth]
        fresh = build.unused_name(old[:_ID_LENGTH], build.stage_names(), "-")
        ops = [build.assign("stages", key, ["id"], fresh)]
        produces = record.get("produces")
        if isinstance(produces, list) and old in produces:
            names = [fresh if name == old else name for name in produces]
            ops.append(build.assign("stages", key, ["produces"], names))
        return Fix(f"Rename the second to “{fresh}”", tuple(ops))


class ReservedStageId(Rule):
    code = "reserved_stage_id"
    warns_on_save = True
    about = (
        "A stage is called as an item of a batch stage, or as the gate after a checkpoint, will be."
        " A warning on save, an error on start."
    )
    api = 'Id "{stage}" conflicts with a step of stage "{by}". Rename one.'
    person = "{stage:stage} conflicts with an item of {by:stage}."

    def check_template(self, context: Context) -> Iterator[Issue]:
        for stage_id, by in taken_keys(context.spec.stages).items():
            yield self.issue(context.spec.stages[context.positions[stage_id]], by=by)

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """Another id, also where it is said: in conditions and previews."""
        key, old = build.stage_key(issue), issue.at.stage_id
        if key is None or old is None:
            return None
        fresh = build.unused_name(old[:_ID_LENGTH], build.stage_names(), "-")
        ops = [build.assign("stages", key, ["id"], fresh)]
        for stage in build.spec.stages:
            if stage.condition is not None and stage.condition.stage_id == old:
                user = build.keys[stage.id]
                ops.append(build.assign("stages", user, ["condition", "stageId"], fresh))
        previews = build.raw.get("previewArtifacts")
        if old in build.spec.previews and isinstance(previews, list):
            new_previews = [
                {**entry, "stageId": fresh}
                if isinstance(entry, dict) and entry.get("stageId") == old
                else entry
                for entry in previews
            ]
            ops.append(build.assign(ROOT, TEMPLATE, ["previewArtifacts"], new_previews))
        return Fix(f"Name it “{fresh}”", tuple(ops))


class InvalidStageType(Rule):
    code = "invalid_stage_type"
    about = "A stage has no type, or one that does not exist."
    api = 'Stage "{stage}" has type {value:quoted}. Use {allowed:or}.'
    person = "{stage:stage} has an unknown type."

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        entry = build.stage_record(issue)
        if entry is None:
            return None
        key, record = entry
        if issue.at.path.endswith("/itemStage"):
            path = ["itemStage", "type"]
            return build.set_field("stages", key, path, "fixed", "Make it a tool stage")
        if issue.at.path != f"stages/{issue.at.stage_id}":
            return None
        # What the record has beside its type says what it was meant to be.
        kind = "fixed" if "tool" in record else "batch" if "itemStage" in record else "interactive"
        return build.set_field("stages", key, ["type"], kind, _STAGE_TYPES[kind])


class NoStages(Rule):
    code = "no_stages"
    about = "A template without stages can be saved but not run."
    api = "The template has no stages. Add one to `stages`."
    person = "Add a stage to run this template."
    opens = Fix("Add a stage", opens="stages")


class CannotBypass(Rule):
    code = "cannot_bypass"
    about = "A stage has `bypass`, and nothing that comes in could take the place of its result."
    api = 'Stage "{stage}" can\'t be bypassed: {why}. Remove `bypass`.'
    person = "{stage:stage} can't be bypassed: {why}."
    phrases = {
        "bypass_tools_only": (
            "only stages of type `fixed` can be",
            "only stages with a tool can be",
        ),
        "bypass_makes_no_media": "it makes no media",
        "bypass_leaves_nothing": "it is the result of the stage around it, which makes no other",
        "bypass_no_input": "none of its inputs has {kind:a} to pass on",
        "bypass_unknown_tool": ("its tool is unknown", "its tool doesn't exist here"),
        "bypass_one_file": (
            '"{text}" asks for more than the one file it passes on',
            "more than its file is used, and it passes on one file",
        ),
        "bypass_choice": (
            "a stage `select`s from its result, and it passes on no result of a stage",
            "choices use its result, and they use results of stages only",
        ),
    }

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        key = build.stage_key(issue)
        if key is None:
            return None
        return build.set_field("stages", key, ["bypass"], GONE, "Don't bypass")


class SubStagesRunAsGroup(Rule):
    code = "sub_stages_run_as_group"
    level = "warning"
    about = (
        "The public contract doesn't say what sub-stages do; here they run in their order, as one"
        " stage, those of a batch for each element."
    )
    api = 'Stage "{stage}" has `subStages`: its {runs}.'
    person = "{stage:stage} runs its {runs}."
    phrases = {
        "runs_once": (
            '{count} steps run in their order as one stage, and its result is that of "{result}"',
            "{count} stages in order. Its result is that of {result}",
        ),
        "runs_for_each": (
            "{count} steps run in their order for each element, as one stage, and the element's"
            ' result is that of "{result}"',
            "{count} stages in order for each item. The result of an item is that of {result}",
        ),
    }


class TooManySteps(Rule):
    code = "too_many_steps"
    about = "A template compiles to more steps than this server runs at once."
    api = "{count} steps; the limit is {limit}. Split the template."
    person = "Too large to run: {count} of {limit} steps. Use shorter lists or fewer stages."


class ToolRequired(Rule):
    code = "tool_required"
    about = "A fixed stage says nothing about what it does."
    api = 'Stage "{stage}" has no `tool`. Set one, for example `"generate_image"`.'
    person = "Choose a tool for {stage:stage}."
    opens = Fix("Choose a tool", opens="tool")


class UnknownTool(Rule):
    code = "unknown_tool"
    about = "The tool does not exist."
    api = 'Unknown tool "{tool}". See docs/reference/tools.md.'
    person = "{stage:stage} uses a tool that doesn't exist here."
    opens = Fix("Choose a tool", opens="tool")

    def check_call(self, call: ToolCall, context: Context) -> Iterable[Issue]:
        if call.tool is None and code_of_missing(call.caller.tool, context.tools) == self.code:
            return [self.issue(call.stage, path=call.caller.path, tool=call.caller.tool)]
        return ()

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        if call is None:
            return None
        # Looser than for other names: people often remember a tool by a part of its name.
        name = build.tools.canonical(call.caller.tool)
        near = build.nearest(name, (tool.name for tool in build.tools), 0.5)
        if near is None:
            return None
        tool = build.tools.get(near)
        path = [*call.path[:-1], "tool"]
        return build.set_field(
            "stages", call.key, path, near, f"Use {tool.title if tool else near}"
        )


class ToolUnusable(Rule):
    code = "tool_unusable"
    warns_on_save = True
    about = (
        "The tool was added to this server, and something is wrong with it: a warning on save, an"
        " error on start. Or it only writes text for its caller: always an error."
    )
    api = 'The tool "{tool}" can\'t be used: {problem}'
    person = "{tool:tool} isn't available: {problem}"

    def check_call(self, call: ToolCall, context: Context) -> Iterable[Issue]:
        if call.tool is not None and call.tool.unusable:
            return [
                self.issue(
                    call.stage,
                    path=call.caller.path,
                    # A file on this server may be fixed before a run; this never changes.
                    severity=None if call.tool.durable else "error",
                    tool=call.caller.tool,
                    problem=call.tool.unusable,
                )
            ]
        return ()


class ModelUnavailable(Rule):
    code = "model_unavailable"
    warns_on_save = True
    about = "The tool exists, but no provider offers it. A warning on save, an error on start."
    api = 'No provider on this server offers you "{tool}". Use another tool, or ask its operator.'
    person = "{tool:tool} isn't available on this server."

    def check_call(self, call: ToolCall, context: Context) -> Iterable[Issue]:
        if call.tool is None or call.tool.unusable or context.tools.is_provided(call.tool.name):
            return ()
        return [self.issue(call.stage, path=call.caller.path, tool=call.caller.tool)]
        return ()


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
    opens = _OTHER

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
    opens = _OTHER

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
        "too_many_batches": "what is done for each of a list may be {limit} deep",
    }


class PrivateTemplate(Rule):
    code = "private_template"
    about = "A public template has a stage that is a template not everyone may see."
    api = (
        'Stage "{stage}" is, or has inside it, the template "{tool}", which isn\'t public.'
        " {remedy}."
    )
    person = "{stage:stage} is, or has inside it, a template that isn't public. {remedy}."
    phrases = {
        "publish_first": "Publish that one first, or put its stages in the stage's place",
        "agree_or_publish": (
            "Agree to show its stages to everyone (`showsStagesOf`), or publish it first"
        ),
        "files_cannot_be_shown": "Files of its own can't be shown",
        "newest_can_be_shown": (
            "It has files of its own, which only its newest version can show. Use that one, or"
            " publish it first"
        ),
    }
