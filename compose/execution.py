"""One call of a tool outside a run: a tool by any spelling and arguments in, a result out.

REST, chat and MCP call here. Composition tools are answered here and now, for one credit a
call (`compose.charging`). Tools that look at files or keep records are steps, so they run as a
durable run of one step, which is waited for; what it costs is charged as for any run.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from accounts.auth import Principal
from accounts.suspension import check_may_act
from compose import charging, draft_answers
from compose.drafting import RULES
from compose.model import writing
from compose.single_tool_run import CallOptions, Started, start_step
from compose.tool_results import WORKFLOWS, Execution, failed, failed_by
from core import errors
from core.field_errors import issues_of
from tools import registry
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.declaration.ports import Form, Tool


def begin(
    principal: Principal,
    name: str,
    arguments: Mapping[str, Any],
    *,
    own_hosts: Sequence[str],
    base_url: str,
    options: CallOptions,
) -> Execution | Started:
    """Call a tool. Outside a transaction: a language model may be asked.

    name: with or without `sogni_`. own_hosts: as for `runs.admission.start.start_run`. base_url: of
    the addresses in the result. A tool that fails, bad arguments included, is an Execution whose
    result says so with `ok` false, and costs nothing.
    Raises InvalidBody for a tool that is unknown or cannot be called so, InsufficientCredit,
    Forbidden for someone suspended, Conflict for a key of another request, QuotaExceeded, and what
    a start raises.
    """
    check_may_act(principal.user)
    tool = callable_tool(name)
    if not tool.durable:
        return compose(principal, name, arguments, own_hosts=own_hosts, options=options)
    return start_step(
        principal, tool, name, arguments, options, own_hosts=own_hosts, base_url=base_url
    )


def compose(
    principal: Principal,
    name: str,
    arguments: Mapping[str, Any],
    *,
    own_hosts: Sequence[str],
    options: CallOptions,
) -> Execution:
    """Call one of `composition_tools`, which run no workflow. Otherwise as `begin`."""
    check_may_act(principal.user)
    tool = callable_tool(name)
    call = charging.keyed_call(
        principal, tool.name, arguments, options.key, takes_over=options.takes_over
    )
    form = _form(tool, arguments)
    if isinstance(form, dict):
        charging.check_key(call)
        return Execution(call.id, name, form)
    with charging.held(call) as hold:
        if hold.answer is not None:
            return Execution(hold.call_id, name, dict(hold.answer))
        try:
            if tool.name in draft_answers.ANSWERS:
                body = draft_answers.ANSWERS[tool.name](form, own_hosts)
            else:
                body = writing.answer(tool.name, form)
        except errors.AppError as error:
            if error.status >= 500 and not isinstance(error, errors.ProviderError):
                raise
            return Execution(call.id, name, failed_by(tool.name, error))
        result = _result_of(tool, body)
        # Words that change nothing of a template cost nothing.
        hold.settle(result, is_paid=body.get("changes") != [])
    return Execution(call.id, name, result)


def composition_tools() -> tuple[str, ...]:
    """Return the tools that are answered here, without a run."""
    return (*writing.WRITERS, *draft_answers.ANSWERS)


def callable_tool(name: str) -> type[Tool]:
    """Return the tool that a call names. Raises InvalidBody, with the remedy, for any other."""
    table = registry.table()
    canonical = table.canonical(name)
    tool = table.get(canonical)
    if tool is None or (not tool.durable and canonical not in composition_tools()):
        raise _unknown(name)
    if not tool.asks and tool.output is None:
        return tool
    why = (
        "asks the person who runs a workflow, and a single call has no one to ask. Make it a step"
        " of a workflow"
        if tool.asks
        else "generates media, so it isn't a single call. Start a workflow with it as a step"
    )
    raise errors.InvalidBody(
        f"{canonical} {why}: POST {WORKFLOWS}.",
        code="tool.needs_workflow",
        details={"tool": canonical, "route": WORKFLOWS},
    )


def _form(tool: type[Tool], arguments: Mapping[str, Any]) -> Form | dict[str, Any]:
    """Return the arguments as the tool reads them, or the failed result of bad ones."""
    reading = read_arguments(tool, arguments)
    if reading.problems:
        return failed(
            tool.name,
            "PARAMETER_INVALID",
            " ".join(problem.message for problem in reading.problems[:3]),
            issues=[{"path": one.argument, "message": one.message} for one in reading.problems],
        )
    try:
        return tool.Params.model_validate(fill_defaults(tool, reading.params))
    except ValidationError as error:
        issues = issues_of(error, 20)
        return failed(tool.name, "PARAMETER_INVALID", issues[0]["message"], issues=issues)


def _result_of(tool: type[Tool], body: Mapping[str, Any]) -> dict[str, Any]:
    # `draft`: nothing of it is stored.
    metadata = {"planner": RULES, "draft": True, **body.get("metadata", {})}
    head = {"ok": True, "tool": tool.name, "status": "completed"}
    return {**head, **body, "warnings": [*body.get("warnings", ())], "metadata": metadata}


def _unknown(name: str) -> errors.InvalidBody:
    table = registry.table()
    here = (one for one in table if not one.output and not one.asks)
    names = sorted({*composition_tools(), *(t.name for t in here if table.is_provided(t.name))})
    closest = difflib.get_close_matches(table.canonical(name), names, 1, 0.6)
    suggestion = f" Did you mean {closest[0]}?" if closest else ""
    return errors.InvalidBody(
        f"Unknown tool “{name[:60]}”.{suggestion} Tools to call here: {', '.join(names)}.",
        code="tool.unknown",
        details={"tools": names, **({"closest": closest[0]} if closest else {})},
    )
