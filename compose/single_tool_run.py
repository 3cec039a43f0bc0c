"""A tool that is a step, called alone: a durable run of that one step, which its call waits for.

The run is an ordinary one of the caller, of the kind TOOL_CALL, so that lists can tell it from what
people started. It goes on after the wait has ended. Of several calls with one key, one waits; the
others are told at once where the run is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings

from accounts.auth import Principal
from compose.tool_results import Execution, failed, failed_by, run_addresses
from compose.waiting_calls import Place
from core import errors, ids
from runs import states
from runs.access import visible_run
from runs.admission.start import start_run
from runs.models import Run
from runs.web import serializers
from tools import registry
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import Tool

TOOL_CALL: Final = "tool_call"
APP_SOURCE: Final = "tools/execute"


@dataclass(frozen=True, slots=True)
class CallOptions:
    """The options of a call. key: as in a header Idempotency-Key. takes_over: as of
    `charging.Call`. media: lists of references by their name in the body, for tools that run as a
    step. confirm_cost: of such a run; false: one that costs something waits for a yes. planned_by:
    the language model that wrote the call. The rest is noted with its run.
    """

    key: str | None = None
    takes_over: bool = False
    app_source: str | None = None
    token_type: str | None = None
    safe_content_filter: bool = True
    confirm_cost: bool | None = None
    media: Mapping[str, Any] = field(default_factory=dict)
    planned_by: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """A call whose run is at work. Wait for its end before asking for `execution`, and call
    `give_up` in any case. is_awaited: False where another call waits for the run, so this one is
    answered at once."""

    call_id: str
    name: str
    tool: type[Tool]
    run: Run
    base_url: str
    is_awaited: bool
    give_up: Callable[[], None]

    def execution(self) -> Execution:
        """Return what came of it so far. Blocks on the database."""
        run = visible_run(self.run.owner, self.run.public_id)
        record = serializers.record(run, base_url=self.base_url)
        result = _result(self.tool, record, is_awaited=self.is_awaited)
        return Execution(self.call_id, self.name, {**result, **run_addresses(run.public_id)})


def start_step(
    principal: Principal,
    tool: type[Tool],
    name: str,
    arguments: Mapping[str, Any],
    options: CallOptions,
    *,
    own_hosts: Sequence[str],
    base_url: str,
) -> Started | Execution:
    """Start the run, or find the one of the same key; a failed result for bad arguments.

    name: as the caller wrote it. Media in the arguments go the guarded way of every start. Raises
    what `start_run` raises but for InvalidBody and InvalidInput, which fail the call; QuotaExceeded
    where too many of this person's calls wait.
    """
    call_id, place, is_first = ids.call_id(), Place(principal.user.pk), False
    step = {"id": "call", "toolName": name, "arguments": dict(arguments)}
    # Keys of calls mean nothing to starts, which have their own endpoint.
    key = options.key and f"call-{hashlib.sha256(options.key.encode()).hexdigest()}"
    try:
        run_start = start_run(
            actor=principal,
            body={
                **options.media,
                "input": {"title": tool.title, "steps": [step]},
                "safe_content_filter": options.safe_content_filter,
                "confirm_cost": _confirmation(tool, arguments, options, principal.user.pk),
            },
            key=key,
            token_type=options.token_type,
            app_source=options.app_source or APP_SOURCE,
            own_hosts=own_hosts,
            kind=TOOL_CALL,
            planned_by=options.planned_by,
        )
        is_first = place.is_first_of(run_start.run.pk)
    except (errors.InvalidBody, errors.InvalidInput) as error:
        return Execution(call_id, name, failed_by(tool.name, error))
    finally:
        if not is_first:
            place.release()
    return Started(call_id, name, tool, run_start.run, base_url, is_first, place.release)


def _confirmation(
    tool: type[Tool], arguments: Mapping[str, Any], options: CallOptions, person: int
) -> bool | None:
    """Return `confirm_cost` of the start: what is free is not asked about."""
    if options.confirm_cost is not False:
        return options.confirm_cost
    params = read_arguments(tool, arguments).params
    return registry.quote(tool, params, person=person).milli == 0


def _result(tool: type[Tool], record: Mapping[str, Any], *, is_awaited: bool) -> dict[str, Any]:
    [step] = record["steps"]
    if "result" in step:
        return {"warnings": [], "metadata": {}, **step["result"], "tool": tool.name}
    if record["status"] == states.WAITING_FOR_USER:
        question = record.get("waiting") or {}
        reason = question.get("reason", "")
        dear = reason in (states.INSUFFICIENT_CREDIT, *states.COST_REASONS)
        kind = "COST_LIMIT_EXCEEDED" if dear else "PERMISSION_REQUIRED"
        message = question.get("message") or "The workflow waits for a person."
        return failed(tool.name, kind, message)
    error = step.get("error") or record.get("error")
    if error is not None:
        return failed(tool.name, error["errorType"], error["message"], retryable=error["retryable"])
    if record["status"] == states.CANCELLED:
        return failed(tool.name, "USER_CANCELLED", "The workflow was stopped.", retryable=True)
    message = "Another call with this Idempotency-Key already waits for it."
    if is_awaited:
        message = f"Not done after {settings.TOOL_CALL_WAIT_S:g} s. The workflow goes on."
    return failed(
        tool.name,
        "PROVIDER_TIMEOUT",
        message,
        retryable=True,
        next_action="Read `url` until its status is `completed`, or call again with the same"
        " Idempotency-Key to go on waiting.",
    )
