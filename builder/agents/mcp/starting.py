"""Starting a run of a template for a caller; what every tool that spends goes through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accounts.auth import require_api_key
from accounts.rate_limits import check_start_rate
from builder.agents.mcp import run_facts
from builder.agents.mcp.input_schema import inputs_schema
from builder.agents.mcp.json_texts import read_texts
from builder.agents.mcp.tool import Caller, ToolResult
from runs.admission.start import start_run
from runs.admission.template_quotes import quote_template
from runs.billing.units import credits_text
from templates_app import selectors
from templates_app.graph.rules.issue_texts import issue_to_json
from templates_app.graph.wiring import clean

# Keys of agents mean nothing to other starts.
_KEYS: Final = "mcp:"


def start_template(
    caller: Caller,
    *,
    template_id: str,
    inputs: Mapping[str, Any],
    idempotency_key: str,
    max_credits: float | None = None,
    needs_approval: bool = False,
) -> ToolResult:
    """Start a run; the same key again answers with the same run.

    max_credits: the most it may be expected to cost. needs_approval: it waits until a person has
    accepted its cost. Raises what a start over REST raises, Forbidden without an API key.
    """
    require_api_key(caller.principal, "Starting a run")
    check_start_rate(caller.principal)
    body: dict[str, Any] = {
        "workflow_id": template_id,
        "inputs": read_inputs(caller, template_id, inputs),
        "max_estimated_capacity_units": None if max_credits is None else float(max_credits),
        "confirm_cost": False if needs_approval else None,
    }
    start = start_run(
        actor=caller.principal,
        body=body,
        key=_KEYS + idempotency_key,
        app_source=caller.client,
        own_hosts=caller.own_hosts,
    )
    run = run_facts.visible(caller, start.run.public_id)
    result = run_facts.result_of(caller, run)
    more: dict[str, Any] = {"was_started_before": start.replayed}
    if start.warnings:
        more["warnings"] = [issue_to_json(issue) for issue in start.warnings]
    return ToolResult(
        {**result.structured, **more}, result.text, result.links, run_id=run.public_id
    )


def read_inputs(caller: Caller, template_id: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a template with lists that came as JSON text read. Raises as a start."""
    user = caller.principal.user
    version = selectors.runnable_version(user, selectors.resolve(user, template_id))
    values: dict[str, Any] = read_texts(dict(inputs), inputs_schema(version.spec))
    return values


def question_of_start(caller: Caller, template_id: str, inputs: Mapping[str, Any]) -> str:
    """Return what a person agrees to when a run of a template starts; "" where it cannot start."""
    user = caller.principal.user
    template = selectors.resolve(user, template_id)
    version = selectors.runnable_version(user, template)
    values = read_texts(inputs, inputs_schema(version.spec))
    quote = quote_template(version, values, person=user.pk, own_hosts=caller.own_hosts)
    if quote.steps is None:
        return ""
    name = clean(str(version.spec.get("name", "")))
    whose = "your" if template.owner_id == user.pk else "another person's"
    return (
        f"Start a run of {whose} template “{name}”? {quote.steps} steps, about"
        f" {credits_text(quote.milli)}.{_fetch_sentence(inputs)}"
    )


def _fetch_sentence(inputs: Mapping[str, Any]) -> str:
    """Say from where a start would fetch, in a sentence."""
    value_lists = [one if isinstance(one, list) else [one] for one in inputs.values()]
    values = [value for part in value_lists for value in part]
    addresses = [
        one for one in values if isinstance(one, str) and one.startswith(("http://", "https://"))
    ]
    hosts = dict.fromkeys(clean(one.split("/")[2], 100) for one in addresses)
    return f" It fetches files from {', '.join(hosts)}." if hosts else ""
