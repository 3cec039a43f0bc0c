"""`POST /app/compose`: words → a proposal for the template that is open in the editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.limits import check_start_rate
from accounts.suspension import check_may_act
from builder.compose_pages.proposing import has_stages, proposed
from builder.compose_pages.schemas import Proposal
from builder.editor.documents import answer, person_of
from builder.http.page_requests import by_session
from compose import charging
from compose.brief.read import LONGEST_TEXT
from compose.drafting import Draft, DraftRequest, draft
from core import errors, jsonsafe
from runs.admission.template_quotes import quote_spec
from templates_app.document_ops.convert import to_document
from templates_app.document_ops.schemas import Doc

MOST_SELECTED = 1_000
# What the ledger calls it.
TOOL = "compose_workflow_template"


@never_cache
@require_POST
def compose(request: HttpRequest) -> HttpResponse:
    """A draft of a new template, or a change of the sent one. Stores nothing.

    It costs what a composition call costs; a change that was not understood costs nothing.
    """
    person = person_of(request)
    body = jsonsafe.loads_object(request.body)
    wanted = _read(body)
    principal = by_session(person)
    check_may_act(person)
    check_start_rate(principal)
    call = charging.new_call(principal, TOOL)
    charging.check(call)
    own_hosts = [request.get_host()]
    made = _draft(wanted, own_hosts)
    if wanted.existing is None or made.changes:
        charging.charge(call)
    sent = body.get("template") or {}
    spec = proposed(sent, made.template)
    proposal: Proposal = {
        "template": spec,
        "state": cast(Doc, to_document(spec)),
        "units": made.units,
        "unitsBefore": _units_of(sent, own_hosts) if has_stages(sent) else 0.0,
        "fitsBudget": made.fits_budget,
        "warnings": list(made.warnings),
        "message": made.message,
        "changes": list(made.changes),
        "planner": made.planner,
    }
    return answer(proposal)


def _draft(wanted: DraftRequest, own_hosts: Sequence[str]) -> Draft:
    try:
        return draft(wanted, own_hosts=own_hosts)
    except errors.InvalidBody as refused:
        # People see a template, not a field of the API.
        words = refused.person.replace("“existing_template”", "This template")
        raise errors.InvalidBody(refused.message, person=words) from None


def _units_of(spec: Mapping[str, Any], own_hosts: Sequence[str]) -> float | None:
    quote = quote_spec(spec, {}, person=None, own_hosts=own_hosts)
    return None if quote.steps is None else quote.milli / 1000


def _read(body: Mapping[str, Any]) -> DraftRequest:
    """What is asked for. Raises InvalidBody."""
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
