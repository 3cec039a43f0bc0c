"""One call of a tool outside a run: a tool by any spelling and arguments in, a result out.

REST, chat and MCP call `execute`. Composition tools are answered here and now, for one credit a
call (`compose.charging`). Tools that look at files or keep records are steps, so they run as a
durable run of one step, which is waited for; what it costs is charged as for any run.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from accounts.auth import Principal
from accounts.suspension import check_may_act
from compose import charging, draft_answers
from compose.drafting import RULES
from compose.model import writing
from compose.one_step_run import WORKFLOWS, run_step
from compose.one_step_run import CallOptions as CallOptions
from compose.tool_results import failed, failed_by
from compose.writers import answers
from core import errors, ids
from core.field_errors import issues_of
from tools import registry
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.declaration.ports import Form, Tool


@dataclass(frozen=True, slots=True)
class Execution:
    """tool: as the caller wrote it. message: the result in one sentence or more, for people."""

    call_id: str
    tool: str
    result: dict[str, Any]
    message: str | None


def execute(
    principal: Principal,
    name: str,
    arguments: Mapping[str, Any],
    *,
    own_hosts: Sequence[str],
    base_url: str = "",
    options: CallOptions | None = None,
) -> Execution:
    """Call a tool. Outside a transaction: it may wait for settings.TOOL_CALL_WAIT_S.

    name: with or without `sogni_`. own_hosts: as for `runs.admission.start.start_run`. base_url: of
    the addresses in the result; by default that of the first own host. A tool that fails, bad
    arguments included, is an Execution whose result says so with `ok` false, and costs nothing.
    Raises InvalidBody for a tool that is unknown or cannot be called so, InsufficientCredit,
    Forbidden for someone suspended, Conflict for a key of another request, and what a start raises.
    """
    check_may_act(principal.user)
    options = options or CallOptions()
    tool = callable_tool(name)
    if tool.durable:
        call_id = ids.call_id()
        result = run_step(
            principal, tool, name, arguments, options, own_hosts=own_hosts, base_url=base_url
        )
    else:
        call = (
            charging.keyed_call(principal, tool.name, arguments, options.key)
            if options.key
            else charging.new_call(principal, tool.name)
        )
        call_id, result = call.id, _composed(call, tool, arguments, own_hosts)
    return Execution(call_id, name, result, _message_of(result))


def composition_tools() -> tuple[str, ...]:
    """The tools that are answered here, without a run."""
    return (*answers.ANSWERS, *draft_answers.ANSWERS)


def callable_tool(name: str) -> type[Tool]:
    """The tool that a call names. Raises InvalidBody, with the remedy, for any other."""
    table = registry.table()
    canonical = table.canonical(name)
    tool = table.get(canonical)
    if tool is None or (not tool.durable and canonical not in composition_tools()):
        raise _unknown(name)
    if tool.asks:
        raise errors.InvalidBody(
            f"{canonical} asks the person who runs a workflow, and a single call has no one to ask."
            f" Make it a step of a workflow: POST {WORKFLOWS}.",
            code="tool.needs_workflow",
            details={"tool": canonical, "route": WORKFLOWS},
        )
    if tool.output is not None:
        raise errors.InvalidBody(
            f"{canonical} generates media, so it isn't a single call. Start a workflow with it as a"
            f" step: POST {WORKFLOWS}.",
            code="tool.needs_workflow",
            details={"tool": canonical, "route": WORKFLOWS},
        )
    return tool


def _answer(tool: str, form: Form, own_hosts: Sequence[str]) -> dict[str, Any]:
    """The body of a composition tool's result."""
    if tool in draft_answers.ANSWERS:
        return draft_answers.ANSWERS[tool](form, own_hosts)
    return writing.answer(tool, form)


def _composed(
    call: charging.Call, tool: type[Tool], arguments: Mapping[str, Any], own_hosts: Sequence[str]
) -> dict[str, Any]:
    read = read_arguments(tool, arguments)
    if read.problems:
        return failed(
            tool.name,
            "PARAMETER_INVALID",
            " ".join(problem.message for problem in read.problems[:3]),
            issues=[{"path": one.argument, "message": one.message} for one in read.problems],
        )
    try:
        form = tool.Params.model_validate(fill_defaults(tool, read.params))
    except ValidationError as error:
        issues = issues_of(error, 20)
        return failed(tool.name, "PARAMETER_INVALID", issues[0]["message"], issues=issues)
    charging.check(call)
    try:
        body = _answer(tool.name, form, own_hosts)
    except errors.AppError as error:
        if error.status >= 500 and not isinstance(error, errors.ProviderError):
            raise
        return failed_by(tool.name, error)
    # Words that change nothing of a template cost nothing.
    if body.get("changes") != []:
        charging.charge(call)
    # `draft`: nothing of it is stored.
    metadata = {"planner": RULES, "draft": True, **body.get("metadata", {})}
    warnings = list(body.get("warnings", ()))
    return {
        "ok": True,
        "tool": tool.name,
        "status": "completed",
        **body,
        "warnings": warnings,
        "metadata": metadata,
    }


def _message_of(result: Mapping[str, Any]) -> str | None:
    """What a result says to people: its message, else the text it is about."""
    texts = (result.get(name) for name in ("message", "prompt", "script", "lyrics", "structure"))
    for text in texts:
        if isinstance(text, str) and text:
            return text
        if isinstance(text, list):
            parts = [one.values() for one in text if isinstance(one, Mapping)]
            return "\n".join(" · ".join(map(str, part)) for part in parts) or None
    return None


def _unknown(name: str) -> errors.InvalidBody:
    table = registry.table()
    known = sorted(
        {
            *composition_tools(),
            *(
                tool.name
                for tool in table
                if not tool.output and not tool.asks and table.is_provided(tool.name)
            ),
        }
    )
    closest = difflib.get_close_matches(table.canonical(name), known, 1, 0.6)
    meant = f" Did you mean {closest[0]}?" if closest else ""
    return errors.InvalidBody(
        f"Unknown tool “{name[:60]}”.{meant} Tools to call here: {', '.join(known)}.",
        code="tool.unknown",
        details={"tools": known, **({"closest": closest[0]} if closest else {})},
    )
