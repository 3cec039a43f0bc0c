"""Limits of a start. Each check raises the error that the public API answers with."""

from __future__ import annotations

from collections.abc import Collection

from accounts import person_limits, storage
from accounts.auth import Principal
from accounts.suspension import check_may_act
from core import errors
from core.raw_sql import Statement
from runs import access
from runs.admission.new_run import NewRun
from runs.billing import estimates, quotes
from runs.billing.units import credits_text, units
from runs.models import Run
from templates_app.graph.template_stages import references_in
from templates_app.graph.types import Plan
from templates_app.uses import table_for
from tools import registry

_ACTIVE_RUNS = Statement(
    "SELECT COUNT(*) FROM runs_run WHERE owner_id = %(owner)s AND finished_at IS NULL"
)


def check_may_start(actor: Principal) -> None:
    """Raises Forbidden, StorageFull, or Conflict when too many runs of the user are unfinished."""
    check_may_act(actor.user)
    limits = person_limits.limits_of(actor.user)
    storage.check_room(actor.user, limits=limits)
    ((active,),) = _ACTIVE_RUNS.rows(owner=actor.user.pk)
    most = limits.active_runs
    if not most:
        raise errors.Forbidden(
            "Your account can't start runs. Ask the operator of this server to allow it.",
            code="runs.none_allowed",
        )
    if active >= most:
        raise errors.Conflict(
            f"Limit reached: {active} of {most} unfinished runs. Wait for"
            " one to finish, or cancel one.",
            person=f"{active} of {most} runs are unfinished. Wait for one to finish, or stop one.",
            code="runs.too_many_active",
            details={
                "reason": "too_many_active_workflows",
                "activeWorkflows": active,
                "maxActiveWorkflows": most,
            },
        )


def check_template_visible(run: Run, actor: Principal) -> None:
    """Raises Conflict for a run of a template that a moderator has hidden since, or one among its
    stages.

    Its owner may go on; those who only ran it may not make the same again.
    """
    template = access.template_of(run)
    if template is None:
        return
    if template.owner_id != actor.user.pk and template.moderation != "visible":
        raise errors.Conflict("The template of this run was hidden by a moderator.")
    spec = (run.template_version.spec if run.template_version else run.request.get("draft")) or {}
    uses = table_for(template, person=actor.user.pk, specs=[spec]).uses
    # Also where its rows went with the template: then nothing says what was inside.
    if references_in(spec) - uses.keys():
        raise errors.Conflict("A template among the stages of this run can't be used now.")


def check_tools_offered(plan: Plan, *, person: int, local_only: bool = False) -> None:
    """Raises InvalidInput when no provider that this person may use offers a tool of the plan any
    more.

    local_only: only providers on this machine count, as for a run in the background.
    """
    tools = {call.tool for call in plan.calls}
    check_offered(tools, person=person, local_only=local_only)


def check_offered(tools: Collection[str], *, person: int, local_only: bool = False) -> None:
    """As `check_tools_offered`, for tools by name."""
    table = registry.table(person=person)

    def is_offered(tool: str) -> bool:
        tool_class = table.get(tool)
        if not local_only or (tool_class is not None and tool_class.asks):
            return table.is_provided(tool)
        return registry.provider_for(tool, local_only=True) is not None

    missing = sorted(tool for tool in tools if not is_offered(tool))
    if missing:
        raise errors.InvalidInput(
            f"No provider offers you {', '.join(missing)} on this server any more. Use other tools,"
            " or ask the operator of this server.",
            code="steps.invalid",
        )


def check_ceiling(new: NewRun) -> None:
    """Raises InvalidInput, with the quote, when the estimate is above the caller's ceiling."""
    if new.ceiling_milli is None or new.estimate <= new.ceiling_milli:
        return
    seconds = estimates.seconds_of(new.plan, without=new.options.kept_stages)
    quote = quotes.new_quote(new.estimate, seconds, new.options)
    raise errors.InvalidInput(
        f"This would use about {credits_text(new.estimate)}, above your ceiling of"
        f" {credits_text(new.ceiling_milli)}. Raise max_estimated_capacity_units or drop a step.",
        code="cost.ceiling_exceeded",
        number=4224,
        details={
            "reason": "cost_ceiling_exceeded",
            "estimatedCapacityUnits": units(new.estimate),
            "maxEstimatedCapacityUnits": units(new.ceiling_milli),
            "billingPreview": quotes.preview(
                quote,
                quotes.lines(new.plan, new.quotes),
                ceiling_milli=new.ceiling_milli,
                template=quotes.template_of(new.request),
            ),
        },
    )
