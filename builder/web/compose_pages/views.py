"""`POST /app/compose`: words → a proposal for the template that is open in the editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import User
from builder.shared.draft_as_change import has_stages
from builder.shared.page_requests import by_session, check_brief_length
from builder.shared.paid_proposal import ask
from builder.web.compose_pages.schemas import PlanRow, Proposal
from builder.web.editor.answers import answer, person_of
from compose import kept_proposals
from compose.changes.controls import Controls, controls_from_outside, replacements
from compose.changes.reading import NotATemplate, read_template
from compose.drafting import DraftRequest, Settings
from compose.plan import plan_from_outside
from core import clock, errors, jsonsafe
from templates_app.document_ops.convert import to_document
from templates_app.document_ops.schemas import Doc
from templates_app.documents import selectors
from templates_app.models import Template
from tools import registry

MOST_SELECTED = 1_000
LONGEST_WORDS = 200


@never_cache
@require_POST
def compose(request: HttpRequest) -> HttpResponse:
    """A draft of a new template, of words or of a plan, or a change of the sent one.

    Words cost what a composition call costs where a language model reads them. A plan is free, two
    of a person a second.
    """
    asked_at = clock.now()
    person = person_of(request)
    body = jsonsafe.loads_object(request.body)
    draft_request = _read_request(body)
    template = body.get("template") or {}
    holder = _holder(person, body)
    drafting = ask(by_session(person), draft_request, template, own_hosts=[request.get_host()])
    proposal: Proposal = {
        "template": drafting.template,
        "state": cast(Doc, to_document(drafting.template)),
        "units": drafting.draft.units,
        "unitsBefore": drafting.units_before,
        "fitsBudget": drafting.draft.fits_budget,
        "warnings": list(drafting.draft.warnings),
        "message": drafting.draft.message,
        "changes": list(drafting.draft.changes),
        "plan": _plan_row(drafting.draft.settings),
        "planner": drafting.draft.planner,
    }
    if holder is not None:
        if draft_request.plan is not None:
            _carry_origins(proposal, kept_proposals.read(person, holder))
        is_kept = kept_proposals.keep(
            person,
            holder,
            brief=draft_request.brief,
            answer=proposal,
            base=template,
            controls=draft_request.controls,
            selection=draft_request.selection,
            asked_at=asked_at,
        )
        if not is_kept:
            proposal["warnings"].append(kept_proposals.NO_ROOM)
    return answer(proposal)


def _holder(person: User, body: Mapping[str, Any]) -> Template | None:
    """Return the template whose proposal is kept. Raises NotFound, Forbidden."""
    public_id = body.get("templateId")
    if public_id is None:
        return None
    if not isinstance(public_id, str):
        raise errors.InvalidBody("`templateId` must be the id of a template.")
    return selectors.editable(person, public_id)


def _carry_origins(proposal: Proposal, before: kept_proposals.Proposal | None) -> None:
    """Say of settings that a person left as they were where they came from."""
    row, old = proposal["plan"], before.answer.get("plan") if before is not None else None
    if row is None or before is None or not old:
        return
    same = {
        field
        for field in {*old["fromWords"], *old["notes"]}
        if _value(old["settings"], field) == _value(row["settings"], field)
    }
    row["fromWords"] = [field for field in old["fromWords"] if field in same]
    row["notes"] = {field: note for field, note in old["notes"].items() if field in same}
    proposal["planner"] = before.answer["planner"]


def _value(settings: Mapping[str, Any], field: str) -> Any:
    name, _, inner = field.partition(".")
    value = settings.get(name)
    return value.get(inner) if inner and isinstance(value, dict) else value


@never_cache
@require_POST
def count_replacements(request: HttpRequest) -> HttpResponse:
    """Count the places of the sent template that have some words, which would be replaced."""
    person_of(request)
    body = jsonsafe.loads_object(request.body)
    words = body.get("from")
    if not isinstance(words, str) or len(words) > LONGEST_WORDS:
        raise errors.InvalidBody(f"`from` must be a text of at most {LONGEST_WORDS} characters.")
    try:
        template = read_template(body.get("template"))
    except NotATemplate as problem:
        raise errors.InvalidBody(f"`template` can't be read. {problem}") from None
    count = replacements(template, words, _selection(body), registry.table())
    return answer({"count": count})


def _plan_row(settings: Settings) -> PlanRow | None:
    if not settings.plan:
        return None
    return {
        "settings": settings.plan,
        "fromWords": list(settings.from_words),
        "notes": settings.notes,
    }


def _read_request(body: Mapping[str, Any]) -> DraftRequest:
    """Read the request for a draft. Raises InvalidBody."""
    brief, template = body.get("brief"), body.get("template")
    plan = plan_from_outside(body["settings"]) if body.get("settings") is not None else None
    controls = _controls(body)
    if controls is not None or (plan is not None and brief is None):
        brief = plan.shows if plan is not None else ""
    is_chosen = plan is not None or controls is not None
    if not isinstance(brief, str) or not (is_chosen or brief.strip()):
        raise errors.InvalidBody(
            "`brief` must say in words what to make.", person="Write what you want first."
        )
    check_brief_length(brief)
    if template is not None and not isinstance(template, dict):
        raise errors.InvalidBody("`template` must be a template: a JSON object.")
    selection = _selection(body)
    most = body.get("maxUnits")
    if most is not None and (isinstance(most, bool) or not isinstance(most, (int, float))):
        raise errors.InvalidBody("`maxUnits` must be a number of credits.")
    existing = template if template and has_stages(template) else None
    language = body.get("language")
    return DraftRequest(
        brief=brief,
        max_units=most,
        existing=None if plan else existing,
        selection=selection,
        plan=plan,
        controls=controls,
        language=language[:2].lower() if isinstance(language, str) else "",
    )


def _controls(body: Mapping[str, Any]) -> Controls | None:
    document, template = body.get("controls"), body.get("template")
    if document is None:
        return None
    if not isinstance(template, dict) or not has_stages(template):
        raise errors.InvalidBody("`controls` change the stages of `template`; it has none.")
    if body.get("settings") is not None:
        raise errors.InvalidBody("Send `settings` or `controls`, not both.")
    return controls_from_outside(document)


def _selection(body: Mapping[str, Any]) -> list[str]:
    selection = body.get("selection") or []
    if (
        not isinstance(selection, list)
        or len(selection) > MOST_SELECTED
        or not all(isinstance(key, str) for key in selection)
    ):
        raise errors.InvalidBody(f"`selection` must be a list of at most {MOST_SELECTED} ids.")
    return selection
