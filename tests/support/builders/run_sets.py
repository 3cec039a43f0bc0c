"""Table runs, fed and worked off inside a test's own process."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from run_sets import feeding
from run_sets.models import RunSet
from runs.models import Step
from templates_app.models import Template
from tests.support.builders.asking_templates import stage
from tests.support.builders.running import work_off
from tests.support.builders.templates import make_template

TIMES = {"name": "times", "type": "number", "default": 0}
WORDS = {"name": "words", "type": "text", "required": True}
_FAIL = {"times": "$inputs.times", "retryable": False}


def failing_template(owner: User) -> Template:
    """Writes a note of `words`, then fails as often as `times` says, then writes another one."""
    return make_template(
        owner,
        name="Cards",
        inputs=[WORDS, TIMES],
        stages=[
            stage("note", args={"text": "$inputs.words"}),
            {"id": "trial", "type": "fixed", "tool": "fail", "args": _FAIL},
            stage("card", args={"text": "$inputs.words", "source_image_url": "$artifacts.note"}),
        ],
        outputs={"card": {"from": "$artifacts.card", "position": 0}},
    )


def work_through(run_set_id: str) -> RunSet:
    """Feed a set and work its runs off until nothing moves by itself."""
    before: Any = None
    while True:
        feeding.feed()
        work_off()
        run_set = RunSet.objects.get(public_id=run_set_id)
        now = (run_set.state, list(run_set.rows.order_by("id").values_list("state", "run_id")))
        if now == before:
            return run_set
        before = now


def repair(run_set: RunSet) -> None:
    """From now on the steps that failed work."""
    steps = Step.objects.filter(run__run_set_row__run_set=run_set, key="trial")
    steps.update(arguments={"times": 0, "retryable": False})
