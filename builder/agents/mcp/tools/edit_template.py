"""`edit_template`: a change of a template's draft, looked at first and then written."""

from __future__ import annotations

from typing import Any, Final

from builder.agents.mcp.authoring import edits
from builder.agents.mcp.authoring.edit_arguments import EditArguments
from builder.agents.mcp.authoring.proposal import Proposal, Wish
from builder.agents.mcp.authoring.sketch import sketch
from builder.agents.mcp.tool import Caller, Tool, ToolResult
from builder.agents.mcp.untrusted_text import marked
from core import errors, jsonsafe
from templates_app.document_ops.convert import to_spec
from templates_app.graph.wiring import clean
from templates_app.lifecycle import services as templates
from templates_app.models import Template
from templates_app.uses import table_for

LONGEST_SKETCH: Final = 8_000
LONGEST_DRAFT: Final = 60_000


class EditTemplate(Tool):
    name = "edit_template"
    title = "Edit a template"
    description = (
        "Change the draft of a template that the person owns or edits. First call it with `ops`,"
        " or with a `wish` in words (1 credit; the server needs a language model): nothing is"
        " written, and the answer shows what would be added, changed and removed, the stages, and"
        " what a run costs before and after. Show that"
        " to the person. When they agree, call it with that `proposal` and `confirm: true`: one"
        " change is written, which the answer's `undo` takes back the same way. People who have the"
        " editor open see it at once. If the draft was changed since, it is refused: propose again."
        " Without `wish`, `ops` and `proposal` it shows the draft. It never publishes."
    )
    scope = "all"
    is_destructive = True
    is_idempotent = True

    Arguments = EditArguments

    def question(self, caller: Caller, arguments: EditArguments) -> str:
        if arguments.wish:
            return f"Draft a change of the template, “{clean(arguments.wish, 200)}”? 1 credit."
        if not arguments.proposal or not arguments.confirm:
            return ""
        person = caller.principal.user
        return edits.question_of(person, arguments.template_id, arguments.proposal)

    def call(self, caller: Caller, arguments: EditArguments) -> ToolResult:
        ways = [bool(arguments.wish), arguments.ops is not None, bool(arguments.proposal)]
        if sum(ways) > 1:
            raise errors.InvalidBody("Send only one of `wish`, `ops` and `proposal`.")
        if arguments.confirm != bool(arguments.proposal):
            raise errors.InvalidBody(
                "`confirm: true` and `proposal` go together. First call without both, show the"
                " answer to the person, then send its `proposal` with `confirm: true`."
            )
        if arguments.proposal:
            return _confirm(caller, arguments)
        if arguments.save_version:
            raise errors.InvalidBody("`save_version` goes with `confirm: true`.")
        if arguments.wish:
            wish = Wish(
                arguments.wish,
                tuple(arguments.stages),
                arguments.max_credits,
                arguments.idempotency_key or None,
            )
            proposal = edits.propose_wish(
                caller.principal, arguments.template_id, wish, own_hosts=caller.own_hosts
            )
            return _proposal_result(proposal)
        if arguments.ops is not None:
            proposal = edits.propose_ops(
                caller.principal.user,
                arguments.template_id,
                arguments.ops,
                arguments.label.strip() or "Edit by an agent",
                own_hosts=caller.own_hosts,
            )
            return _proposal_result(proposal)
        return _draft(caller, arguments)


def _proposal_result(proposal: Proposal) -> ToolResult:
    body: dict[str, Any] = {
        "written": False,
        "template_id": proposal.template.public_id,
        "proposal": proposal.id or None,
        "revision": proposal.rev,
        "changes": marked(proposal.changes.text, LONGEST_SKETCH),
        "added": proposal.changes.added,
        "changed": proposal.changes.changed,
        "removed": proposal.changes.removed,
        "stages": proposal.stages,
        "credits_before": proposal.units_before,
        "credits_after": proposal.units_after,
        "sketch": marked(proposal.sketch, LONGEST_SKETCH),
        "issues": [_issue(one) for one in proposal.issues],
        "new_issues": proposal.new_issues,
        "warnings": [marked(one, 400) for one in proposal.warnings[:20]],
    }
    if proposal.planner:
        body |= {"planner": proposal.planner, "message": marked(proposal.message, 1_000)}
    return ToolResult(body, _proposal_text(proposal, body))


def _proposal_text(proposal: Proposal, facts: dict[str, Any]) -> str:
    notes = [f"Note: {one}" for one in facts["warnings"]]
    if not proposal.id:
        return "\n".join(["Nothing would be changed.", *notes])
    before, after = (_credits(one) for one in (proposal.units_before, proposal.units_after))
    lines = [
        f"Not written yet. {proposal.changes.added} added, {proposal.changes.changed} changed,"
        f" {proposal.changes.removed} removed; {proposal.stages} stages."
        f" Cost of a run: {before} before, {after} after.",
        facts["changes"],
        "The template would be:",
        facts["sketch"],
        *notes,
    ]
    if proposal.issues:
        lines.append(
            f"{len(proposal.issues)} issues, {proposal.new_issues} of them new; see `issues`."
        )
    lines.append(
        "Show this to the person. If they agree, call edit_template with"
        f' {{"template_id": "{proposal.template.public_id}", "proposal": "{proposal.id}",'
        ' "confirm": true}.'
    )
    return "\n".join(lines)


def _credits(units: float | None) -> str:
    if units is None:
        return "unknown (it has errors)"
    return "1 credit" if units == 1 else f"{units:g} credits"


def _issue(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "message": marked(one["message"], 400)}


def _confirm(caller: Caller, arguments: EditArguments) -> ToolResult:
    person = caller.principal.user
    outcome = edits.confirm(person, arguments.template_id, arguments.proposal)
    body: dict[str, Any] = {
        "written": True,
        "template_id": outcome.template.public_id,
        "change_id": outcome.change_id,
        "revision": outcome.rev,
        "undo": outcome.undo,
        "url": f"{caller.base_url}/t/{outcome.template.public_id}/edit",
    }
    lines = [
        f"Written as one change of the draft (revision {outcome.rev}): {body['url']}",
        f'To take it back: {{"proposal": "{outcome.undo}", "confirm": true}}.',
    ]
    if arguments.save_version:
        save = templates.save_version(actor=person, public_id=arguments.template_id)
        body["version"] = _version_of(save.template)
        lines.append(f"Saved as version {body['version']}. Nothing was published.")
    else:
        lines.append(
            "Runs use the newest version, not the draft: `save_version: true` makes one, or the"
            " person saves it in the editor."
        )
    return ToolResult(body, "\n".join(lines))


def _version_of(template: Template) -> str:
    return template.head.semver if template.head else ""


def _draft(caller: Caller, arguments: EditArguments) -> ToolResult:
    person = caller.principal.user
    draft = edits.open_draft(person, arguments.template_id)
    spec = to_spec(draft.state)
    tools = table_for(draft.template, person=person.pk, specs=[spec])
    body: dict[str, Any] = {
        "written": False,
        "template_id": draft.template.public_id,
        "name": marked(spec.get("name", ""), 200),
        "revision": draft.document.rev,
        "sketch": marked(sketch(spec, tools), LONGEST_SKETCH),
    }
    lines = [f"The draft of {body['name']}, revision {body['revision']}:", body["sketch"]]
    if arguments.include_draft:
        parts = {name: spec.get(name) for name in ("inputs", "stages")}
        body["draft"] = marked(jsonsafe.dumps(parts).decode(), LONGEST_DRAFT)
        lines.append(body["draft"])
    return ToolResult(body, "\n".join(lines))
