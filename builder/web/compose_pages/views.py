"""`POST /app/compose`: words → a proposal for the template that is open in the editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from builder.shared.draft_as_change import has_stages
from builder.shared.page_requests import by_session
from builder.shared.paid_proposal import ask
from builder.web.compose_pages.schemas import Proposal
from builder.web.editor.answers import answer, person_of
from compose.brief.read import LONGEST_TEXT
from compose.drafting import DraftRequest
from core import errors, jsonsafe
from templates_app.document_ops.convert import to_document
from templates_app.document_ops.schemas import Doc

MOST_SELECTED = 1_000


@never_cache
@require_POST
def compose(request: HttpRequest) -> HttpResponse:
    """A draft of a new template, or a change of the sent one. Stores nothing.

    It costs what a composition call costs; a change that was not understood costs nothing.
    """
    person = person_of(request)
    body = jsonsafe.loads_object(request.body)
    draft_request = _read_request(body)
    template = body.get("template") or {}
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
        "reading": {
            "understood": list(drafting.draft.reading.understood),
            "notUnderstood": list(drafting.draft.reading.not_understood),
            "impossible": list(drafting.draft.reading.impossible),
            "contents": list(drafting.draft.reading.contents),
        },
        "planner": drafting.draft.planner,
    }
    return answer(proposal)


def _read_request(body: Mapping[str, Any]) -> DraftRequest:
    """Read the request for a draft. Raises InvalidBody."""
    brief, template = body.get("brief"), body.get("template")
    if not isinstance(brief, str) or not brief.strip():
        raise errors.InvalidBody(
            "`brief` must say in words what to make.", person="Write what you want first."
        )
    if len(brief) > LONGEST_TEXT:
        raise errors.InvalidBody(
            f"`brief` must have at most {LONGEST_TEXT:,} characters.",
            person=f"The description is too long. The limit is {LONGEST_TEXT:,} characters.",
        )
    if template is not None and not isinstance(template, dict):
        raise errors.InvalidBody("`template` must be a template: a JSON object.")
    selection = body.get("selection") or []
    if (
        not isinstance(selection, list)
        or len(selection) > MOST_SELECTED
        or not all(isinstance(key, str) for key in selection)
    ):
        raise errors.InvalidBody(f"`selection` must be a list of at most {MOST_SELECTED} ids.")
    most = body.get("maxUnits")
    if most is not None and (isinstance(most, bool) or not isinstance(most, (int, float))):
        raise errors.InvalidBody("`maxUnits` must be a number of credits.")
    existing = template if template and has_stages(template) else None
    return DraftRequest(brief=brief, max_units=most, existing=existing, selection=selection)
