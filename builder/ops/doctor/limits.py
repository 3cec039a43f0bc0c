"""What waits for limits, pauses and providers."""

from __future__ import annotations

from builder.ops import stuck, system_status
from builder.ops.doctor import Checks, ok, warning
from core import clock
from core.command_names import command
from runs.engine import limit_settings
from runs.engine.limit_settings import LimitState


def paused_and_full() -> Checks:
    """What is paused, for it waits until someone resumes it; and what waits for a limit."""
    states = limit_settings.limit_states()
    paused = [one for one in states if one.is_paused]
    for one in paused:
        since = f"{one.paused_at:%Y-%m-%d %H:%M}" if one.paused_at else ""
        yield warning(
            "limits",
            f"{one.title} is paused since {since} UTC, {one.waiting} steps wait:"
            f" {one.paused_reason.rstrip('.')}",
            "Resume it at /admin/providers or with"
            f" `{command(f'providers resume {_typed(one)}')}`.",
        )
    full = [f"{one.title} ({one.waiting} wait)" for one in states if one.is_full and one.waiting]
    if full:
        yield ok("limits", f"reached, so steps wait: {', '.join(full)}")
    elif not paused:
        yield ok("limits", "nothing is paused, and no limit is reached")


def _typed(state: LimitState) -> str:
    """What the command line calls it."""
    return state.name.removeprefix("provider:")


def at_providers() -> Checks:
    """Steps that wait for their providers without a worker."""
    jobs, count = system_status.parked()
    if not jobs:
        yield ok("at providers", "no job")
        return
    oldest = jobs[0]
    says = f"{count} jobs, the oldest for {stuck.lasting(clock.now() - oldest.since)}"
    if clock.now() - oldest.since > stuck.PARKED_FOR:
        remedy = "See /admin/providers: look at it there, or stop its run if the job is lost."
        yield warning("at providers", f"{says}, at {oldest.step.assigned_provider}", remedy)
    else:
        yield ok("at providers", says)
