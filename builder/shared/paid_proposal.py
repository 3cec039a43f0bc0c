"""Words → a proposal for a template, charged: the editor's box and agents ask here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from accounts.auth import Principal
from accounts.rate_limits import check_plan_rate, check_start_rate
from accounts.suspension import check_may_act
from builder.shared.draft_as_change import has_stages, proposed
from compose import charging
from compose.drafting import RULES, Draft, DraftRequest, draft
from compose.model.model_client import configured_model
from core import errors
from runs.admission.template_quotes import quote_spec
from tools.declaration.ports import ToolTable

# What the ledger calls it.
TOOL: Final = "compose_workflow_template"


@dataclass(frozen=True, slots=True)
class Asked:
    """template: the sent one with the draft accepted. units_before: what a run of the sent one
    costs, in credits; 0 without stages, None while it has errors."""

    draft: Draft
    template: dict[str, Any]
    units_before: float | None


def ask(
    principal: Principal,
    request: DraftRequest,
    template: Mapping[str, Any],
    *,
    own_hosts: Sequence[str],
    key: str | None = None,
) -> Asked:
    """Draft what is wanted for the sent template. Stores nothing.

    It costs what a composition call costs where a language model answered; a plan, controls, and
    a change that was not understood, cost nothing. key:
    a call repeated with it within a day has the same answer and costs nothing more. Raises
    InsufficientCredit, QuotaExceeded, Conflict for a key of another call or of one at work,
    InvalidBody for a template that can't be changed.
    """
    check_may_act(principal.user)
    if request.plan is not None or request.controls is not None:
        check_plan_rate(principal)
        return _with_price(_draft(request, own_hosts), template, own_hosts)
    check_start_rate(principal)
    if configured_model() is None:
        return _with_price(_draft(request, own_hosts), template, own_hosts)
    call = charging.keyed_call(principal, TOOL, {**asdict(request), "template": template}, key)
    with charging.held(call) as hold:
        if hold.answer is not None:
            draft = Draft.recalled(hold.answer)
        else:
            draft = _draft(request, own_hosts)
            is_paid = draft.planner != RULES and (request.existing is None or bool(draft.changes))
            hold.settle(asdict(draft), is_paid=is_paid)
    return _with_price(draft, template, own_hosts)


def _with_price(draft: Draft, template: Mapping[str, Any], own_hosts: Sequence[str]) -> Asked:
    before = units_of(template, person=None, own_hosts=own_hosts) if has_stages(template) else 0.0
    return Asked(draft, proposed(template, draft.template), before)


def _draft(request: DraftRequest, own_hosts: Sequence[str]) -> Draft:
    try:
        return draft(request, own_hosts=own_hosts)
    except errors.InvalidBody as refused:
        # People see a template, not a field of the API.
        words = refused.person.replace("“existing_template”", "This template")
        raise errors.InvalidBody(refused.message, person=words) from None


def units_of(
    spec: Mapping[str, Any],
    *,
    person: int | None,
    own_hosts: Sequence[str],
    tools: ToolTable | None = None,
) -> float | None:
    """Credits of a run with example inputs; None while the template has errors."""
    quote = quote_spec(spec, {}, person=person, own_hosts=own_hosts, tools=tools)
    return None if quote.steps is None else quote.milli / 1000
