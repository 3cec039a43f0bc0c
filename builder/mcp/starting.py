"""Starting a run of a template for a caller; what every tool that spends goes through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accounts.auth import require_api_key
from accounts.limits import check_start_rate
from builder.mcp import run_facts
from builder.mcp.tool import Caller, ToolResult
from runs.admission.start import start_run
from templates_app.graph.rules.messages import issue_to_json

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
        "inputs": dict(inputs),
        "max_estimated_capacity_units": None if max_credits is None else float(max_credits),
        "confirm_cost": False if needs_approval else None,
    }
    started = start_run(
        actor=caller.principal,
        body=body,
        key=_KEYS + idempotency_key,
        app_source=caller.client,
        own_hosts=caller.own_hosts,
    )
    run = run_facts.visible(caller, started.run.public_id)
    found = run_facts.result_of(caller, run)
    more: dict[str, Any] = {"was_started_before": started.replayed}
    if started.warnings:
        more["warnings"] = [issue_to_json(issue) for issue in started.warnings]
    return ToolResult({**found.structured, **more}, found.text, found.links, run_id=run.public_id)
