"""What a stage costs to check and to plan, counted: time would depend on the machine."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from templates_app.graph.compile import compile_template
from templates_app.graph.rules.validation import validate
from templates_app.graph.types import Limits
from tests.bench.planning import STAGES, large_template
from tests.support.builders.planning import TOOLS

# Calls of Python functions for a stage of two bindings; once they were 308 in all.
MOST_TO_CHECK, MOST_TO_COMPILE = 105, 135


def calls_of(work: Callable[[], object]) -> float:
    """Count the calls of Python functions for each stage."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count / STAGES


def test_a_stage_of_a_large_template_costs_few_calls() -> None:
    spec = large_template()
    # The first time, what follows from the tools is worked out, and the stages are read.
    assert not [one for one in validate(spec, TOOLS) if one.severity == "error"]
    plan = compile_template(spec, {"brief": "A lamp"}, (), TOOLS, Limits()).plan
    assert plan is not None
    assert len(plan.steps) == STAGES

    checking = calls_of(lambda: validate(spec, TOOLS))
    compiling = calls_of(lambda: compile_template(spec, {"brief": "A lamp"}, (), TOOLS, Limits()))
    assert checking < MOST_TO_CHECK, checking
    assert compiling < MOST_TO_COMPILE, compiling
