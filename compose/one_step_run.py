"""A tool that is a step, called alone: a durable run of that one step, waited for.

The run is an ordinary one of the caller, of the kind TOOL_CALL, so that lists can tell it from what
people started. It goes on after the wait has ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings

from accounts.auth import Principal
from compose.tool_results import failed, failed_by
from core import errors
from runs import states
from runs.access import visible_run
from runs.admission.start import start_run
from runs.live.waiting import wait_until_closed
from runs.web import serializers
from tools import registry
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import Tool

TOOL_CALL: Final = "tool_call"
APP_SOURCE: Final = "tools/execute"
WORKFLOWS: Final = "/v1/creative-agent/workflows"


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How a call is asked for. key: as in a header Idempotency-Key. media: lists of references by
    their name in the body, for tools that run as a step. confirm_cost: of such a run; false: one
    that costs something waits for a yes. The rest is noted with its run.
    """

    key: str | None = None
    app_source: str | None = None
    token_type: str | None = None
    safe_content_filter: bool = True
    confirm_cost: bool | None = None
    media: Mapping[str, Any] = field(default_factory=dict)


def run_step(
    principal: Principal,
    tool: type[Tool],
    wire_tool: str,
    arguments: Mapping[str, Any],
    options: CallOptions,
    *,
    own_hosts: Sequence[str],
    base_url: str,
) -> dict[str, Any]:
    """The result of the step, or a failed one that names the run.

    Media in the arguments go the guarded way of every start. Raises what `start_run` raises but for
    InvalidBody and InvalidInput, which fail the call.
    """
    step = {"id": "call", "toolName": wire_tool, "arguments": dict(arguments)}
    try:
        started = start_run(
            actor=principal,
            body={
                **options.media,
                "input": {"title": tool.title, "steps": [step]},
                "safe_content_filter": options.safe_content_filter,
                "confirm_cost": _confirmed(tool, arguments, options, principal.user.pk),
            },
            key=_own_key(options.key),
            token_type=options.token_type,
            app_source=options.app_source or APP_SOURCE,
            own_hosts=own_hosts,
            kind=TOOL_CALL,
        )
    except (errors.InvalidBody, errors.InvalidInput) as error:
        return failed_by(tool.name, error)
    wait_until_closed(started.run, settings.TOOL_CALL_WAIT_S)
    run = visible_run(principal.user, started.run.public_id)
    record = serializers.record(run, base_url=base_url or f"http://{own_hosts[0]}")
    return {**_result(tool, record), **_addresses(run.public_id)}


def _confirmed(
    tool: type[Tool], arguments: Mapping[str, Any], options: CallOptions, person: int
) -> bool | None:
    """As `confirm_cost` of the start: what is free is not asked about."""
    if options.confirm_cost is not False:
        return options.confirm_cost
    given = read_arguments(tool, arguments).params
    return registry.quote_milli(tool, given, person=person) == 0


def _own_key(key: str | None) -> str | None:
    """Keys of calls mean nothing to starts, which have an endpoint of their own."""
    return None if key is None else f"call-{hashlib.sha256(key.encode()).hexdigest()}"


def _addresses(run_id: str) -> dict[str, Any]:
    url = f"{WORKFLOWS}/{run_id}"
    return {
        "workflowId": run_id,
        "url": url,
        "eventsUrl": f"{url}/events",
        "streamUrl": f"{url}/events/stream",
    }


def _result(tool: type[Tool], record: Mapping[str, Any]) -> dict[str, Any]:
    [step] = record["steps"]
    if "result" in step:
        return {"warnings": [], "metadata": {}, **step["result"], "tool": tool.name}
    if record["status"] == states.WAITING_FOR_USER:
        asked = record.get("waiting") or {}
        reason = asked.get("reason", "")
        dear = reason in (states.INSUFFICIENT_CREDIT, *states.COST_REASONS)
        kind = "COST_LIMIT_EXCEEDED" if dear else "PERMISSION_REQUIRED"
        return failed(tool.name, kind, asked.get("message") or "The workflow waits for a person.")
    error = step.get("error") or record.get("error")
    if error is not None:
        return failed(tool.name, error["errorType"], error["message"], retryable=error["retryable"])
    if record["status"] == states.CANCELLED:
        return failed(tool.name, "USER_CANCELLED", "The workflow was stopped.", retryable=True)
    return failed(
        tool.name,
        "PROVIDER_TIMEOUT",
        f"Not done after {settings.TOOL_CALL_WAIT_S:g} s. The workflow goes on.",
        retryable=True,
        next_action="Read `url` until its status is `completed`, or call again with the same"
        " Idempotency-Key to go on waiting.",
    )
