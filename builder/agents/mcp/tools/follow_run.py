"""`get_run`: where a run is, with a wait for its end or its next question."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from builder.agents.mcp import run_facts
from builder.agents.mcp.tool import Caller, InThread, Tool, ToolArguments, ToolResult
from builder.agents.mcp.untrusted_text import IN_SHORT
from runs import access, selectors, states
from runs.live.feed import until_closed
from runs.models import Run

WAIT_S: Final = 25.0


class GetRun(Tool):
    name = "get_run"
    title = "Get a run"
    description = (
        "A run: its status, its steps, what it made (as links; the newest also as a small"
        " picture), and the questions it asks a person. Show its questions to the person you work"
        " for and send what they say with `answer`. Statuses: queued, running, waiting_for_user,"
        " completed, partial_failure, failed, cancelled." + IN_SHORT
    )
    scope = "read"
    is_read_only = True

    class Arguments(ToolArguments):
        run_id: Annotated[str, Field(min_length=1, max_length=160)]
        """The run."""
        wait_s: Annotated[float, Field(ge=0, le=WAIT_S)] = 0
        """Answer when it is over or asks something, but at the latest after so many seconds."""
        after: Annotated[int | None, Field(ge=0, lt=2**63)] = None
        """Tell also what happened since this number: `after` of the answer before."""
        picture: bool = True
        """Whether to send the newest result as a small picture, once it is over or asks."""

    async def run(self, caller: Caller, arguments: Arguments, in_thread: InThread) -> ToolResult:
        if arguments.wait_s:
            await _wait(caller, arguments, in_thread)
        return await in_thread(lambda: self.call(caller, arguments))

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        run = run_facts.visible(caller, arguments.run_id)
        is_still = run.status in states.STREAM_CLOSING
        return run_facts.result_of(
            caller, run, after=arguments.after, with_picture=arguments.picture and is_still
        )


async def _wait(caller: Caller, arguments: GetRun.Arguments, in_thread: InThread) -> None:
    user = caller.principal.user
    run: Run = await in_thread(lambda: access.followed_run(user, arguments.run_id))
    if run.status in states.STREAM_CLOSING:
        return
    latest = 0.0

    async def moved() -> None:
        nonlocal latest
        progress, total, message = await in_thread(lambda: _progress(run))
        if progress > latest:
            latest = progress
            await caller.progress(progress, total, message)

    async with caller.waiting() as is_allowed:
        if is_allowed:
            await until_closed(run.pk, arguments.wait_s, moved)


def _progress(run: Run) -> tuple[float, float, str]:
    """Return how many of its steps are done, with parts of those at work; of how many; a text."""
    steps = selectors.steps_of(run)
    over = [step for step in steps if step.status in states.STEP_TERMINAL]
    at_work = [step for step in steps if step.status == states.RUNNING]
    progress = len(over) + sum(min(float(step.progress or 0), 1.0) for step in at_work)
    names = ", ".join(step.key for step in at_work[:3])
    return progress, float(len(steps)), f"{len(over)} of {len(steps)} steps done. {names}".strip()
