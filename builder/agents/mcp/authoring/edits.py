"""A change of a template's draft: proposed, looked at, and written when it is confirmed.

A proposal holds editor ops for one revision of the document. Confirmed, it becomes one change of
it, by its id written once, and refused when the document has moved on.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from django.db import transaction

from accounts.auth import Principal
from accounts.models import User
from builder.agents.mcp.authoring import proposals
from builder.agents.mcp.authoring.change_sketch import changes_between
from builder.agents.mcp.authoring.proposal import Applied, Proposal, Wish
from builder.agents.mcp.authoring.sketch import sketch
from builder.shared.draft_as_change import has_stages
from builder.shared.paid_proposal import ask, units_of
from compose.drafting import DraftRequest
from core import errors
from core.language.cleaning import LONGEST_TEXT
from templates_app.document_ops.convert import BESIDE, to_document, to_spec
from templates_app.document_ops.diff import diff
from templates_app.document_ops.ops import Op, State, apply_all
from templates_app.document_ops.schemas import problem_of
from templates_app.documents import selectors, services
from templates_app.graph.issues import Issue
from templates_app.graph.rules.issue_texts import issue_to_json
from templates_app.graph.template_names import read_reference
from templates_app.graph.template_stages import references_in
from templates_app.graph.wiring import clean
from templates_app.lifecycle.requested_uses import requested_uses
from templates_app.lifecycle.version_writes import NO_USES
from templates_app.models import Document, Template
from templates_app.uses import add_use, private_names, versions_named, with_uses
from tools import registry
from tools.declaration.ports import ToolTable

KIND: Final = "edit"
MOST_ISSUES: Final = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """The document as this person may edit it."""

    template: Template
    document: Document

    @property
    def state(self) -> State:
        return cast(State, self.document.state)


def open_draft(person: User, public_id: str) -> Draft:
    """The draft, made from the newest version where no one has opened it yet.

    Raises NotFound; Forbidden for viewers and commenters.
    """
    selectors.editable(person, public_id)
    view = services.open_document(viewer=person, public_id=public_id)
    if view.document is None:
        raise errors.NotFound()
    return Draft(view.template, view.document)


def propose_ops(
    person: User, public_id: str, ops: Any, label: str, *, own_hosts: Sequence[str]
) -> Proposal:
    """Propose what these ops would do. Raises InvalidBody for what the editor would refuse, too."""
    draft = open_draft(person, public_id)
    problem = problem_of(ops)
    if problem is not None:
        raise errors.InvalidBody(problem)
    after, _ = apply_all(draft.state, ops)
    return _proposal(person, draft, after, label, own_hosts)


def propose_wish(
    principal: Principal, public_id: str, wish: Wish, *, own_hosts: Sequence[str]
) -> Proposal:
    """Propose what the same words do in the editor's “Change it”. Costs a composition call."""
    if not wish.text.strip() or len(wish.text) > LONGEST_TEXT:
        raise errors.InvalidBody(f"`wish` must have 1 to {LONGEST_TEXT:,} characters.")
    draft = open_draft(principal.user, public_id)
    spec = to_spec(draft.state)
    request = DraftRequest(
        brief=wish.text,
        max_units=wish.max_units,
        existing=spec if has_stages(spec) else None,
        selection=wish.stages,
    )
    answer = ask(principal, request, spec, own_hosts=own_hosts, key=wish.key)
    after = draft.state
    # Words that were not understood change nothing, not even where stages are drawn.
    if request.existing is None or answer.draft.changes:
        # What people try in the editor is no part of a template.
        beside = {table: draft.state[table] for table in BESIDE}
        after = {**to_document(answer.template), **beside}
    proposal = _proposal(principal.user, draft, after, "Apply proposal", own_hosts)
    return replace(
        proposal,
        warnings=(*proposal.warnings, *answer.draft.warnings),
        message=answer.draft.message,
        planner=answer.draft.planner,
    )


def question_of(person: User, public_id: str, name: str) -> str:
    """Return what a person agrees to when a proposal is written; "" where it cannot be."""
    proposal = proposals.kept(person, KIND, name)
    draft = open_draft(person, public_id)
    if draft.document.pk != proposal["document"] or draft.document.rev != proposal["rev"]:
        return ""
    after, _ = apply_all(draft.state, proposal["ops"])
    tools = _tools(person, draft, after, proposal["uses"])
    changes = changes_between(draft.state, after, tools)
    title = clean(draft.template.name)
    return f"Change the draft of the template “{title}”? {proposal['label']}\n{changes.text}"


def confirm(person: User, public_id: str, name: str) -> Applied:
    """Write a proposal as one change; a second time it is known. Raises Conflict when it is not
    there any more, or the draft was changed since it was shown."""
    proposal = proposals.kept(person, KIND, name)
    if proposal["template"] != public_id:
        raise errors.InvalidBody("`proposal` is of another template.")
    draft = open_draft(person, public_id)
    if draft.document.pk != proposal["document"]:
        raise errors.Conflict("This proposal is of another template.", code="proposal.expired")
    change = {name: proposal[name] for name in ("label", "ops")}
    with transaction.atomic():
        for reference in proposal["uses"]:
            inner, version = read_reference(reference) or ("", "")
            add_use(actor=person, holder=draft.template, public_id=inner, version=version)
        outcome = services.append_changes(
            actor=person,
            document=draft.document,
            client_id=str(services.NO_ONE),
            changes=[{"id": proposal["change"], **change}],
            expected_rev=proposal["rev"],
        )
        for refusal in outcome.rejected:
            raise errors.InvalidBody(refusal.message, code=refusal.code)
    [(change_id, rev)] = outcome.accepted
    undo = _undo_of(person, proposal, draft, rev)
    return Applied(draft.template, change_id, rev, proposal["label"], undo)


def _tools(person: User, draft: Draft, after: State, additions: Mapping[str, int]) -> ToolTable:
    """Return what stages may be before and after a change. additions: versions that it adds."""
    names = references_in(to_spec(draft.state)) | references_in(to_spec(after))
    versions = {**additions, **versions_named(draft.template, names)}
    return with_uses(registry.table(person=person.pk), versions, person.pk)


def _proposal(
    person: User, draft: Draft, after: State, label: str, own_hosts: Sequence[str]
) -> Proposal:
    before, document = draft.state, draft.document
    # Who may remix a template may make it a stage; that is allowed here once it is confirmed.
    uses = requested_uses(person, to_spec(after), draft.template, adds=True)
    if uses.spec != to_spec(after):
        after = {**to_document(uses.spec), **{table: after[table] for table in BESIDE}}
    tools = _tools(person, draft, after, uses.additions)
    ops = diff(before, after)
    name = ""
    if ops:
        _check(person, document, label, ops)
        _, inverse = apply_all(before, ops)
        name = _keep(person, draft, document.rev, label, ops, inverse, uses.additions)
    spec, old = to_spec(after), to_spec(before)
    issues = (*uses.issues, *selectors.issues_of(after, draft.template, tools=tools))
    old_marks = {_mark(one) for one in selectors.issues_of(before, draft.template)}
    return Proposal(
        id=name,
        template=draft.template,
        rev=document.rev,
        label=label,
        changes=changes_between(before, after, tools),
        sketch=sketch(spec, tools),
        stages=len(after["stages"]["order"]),
        units_before=_units(old, person, own_hosts, tools),
        units_after=_units(spec, person, own_hosts, tools),
        issues=tuple(_issue(one) for one in issues[:MOST_ISSUES]),
        new_issues=sum(_mark(one) not in old_marks for one in issues),
        warnings=_warnings_of(person, draft.template, uses.additions),
    )


def _warnings_of(person: User, template: Template, additions: Mapping[str, int]) -> tuple[str, ...]:
    """Say which private templates the others on this one come to see by a change."""
    if template.owner_id == person.pk and not selectors.people_of(template):
        return ()
    return tuple(
        f"Everyone who works on this template will be able to open {name}, which is private."
        for name in sorted(private_names(additions))
    )


def _check(person: User, document: Document, label: str, ops: list[Op]) -> None:
    """Say now what would be refused once it is confirmed."""
    refusal = services.refusal_of(actor=person, document=document, label=label, ops=ops)
    if refusal is not None:
        raise errors.InvalidBody(refusal.message, code=refusal.code)


def _keep(
    person: User,
    draft: Draft,
    rev: int,
    label: str,
    ops: Sequence[Op],
    inverse: Sequence[Op],
    additions: Mapping[str, int] = NO_USES,
) -> str:
    return proposals.keep(
        person,
        KIND,
        {
            "template": draft.template.public_id,
            "document": draft.document.pk,
            "rev": rev,
            "label": label,
            "ops": [dict(op) for op in ops],
            "inverse": [dict(op) for op in inverse],
            "uses": dict(additions),
            "change": str(uuid.uuid4()),
        },
    )


def _undo_of(person: User, proposal: Mapping[str, Any], draft: Draft, rev: int) -> str:
    """The proposal that takes a written one back, for the draft as the change left it."""
    label = f"Undo: {proposal['label']}"[: services.MAX_LABEL]
    return _keep(person, draft, rev, label, proposal["inverse"], proposal["ops"])


def _units(
    spec: Mapping[str, Any], person: User, own_hosts: Sequence[str], tools: ToolTable
) -> float | None:
    if not has_stages(spec):
        return 0.0
    return units_of(spec, person=person.pk, own_hosts=own_hosts, tools=tools)


def _mark(one: Issue) -> tuple[str, str]:
    return one.code, one.at.path


def _issue(one: Issue) -> dict[str, Any]:
    """Without its fixes: they are ops for the editor, and long."""
    return {name: value for name, value in issue_to_json(one).items() if name != "fix"}
