"""Row: checking and planning a large template, the pure part of a start."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, middle
from tests.bench.ground import SETTINGS, Ground
from tests.bench.wire import ms_since

STAGES = 1000


def large_template() -> dict[str, object]:
    """A picture from the brief, a clip of it, then 998 remakes, each of the clip before it."""
    stages: list[dict[str, object]] = []
    for place in range(STAGES):
        before = f"$artifacts.a{place - 1}.items[0].selectedVersion.url"
        args = {"prompt": "$inputs.brief"}
        if place == 0:
            tool = "generate_image"
        elif place == 1:
            tool = "animate_photo"
            args["source_image_url"] = before
        else:
            tool = "video_to_video"
            args["reference_video_url"] = before
        stage = {"id": f"s{place}", "type": "fixed", "tool": tool, "args": args}
        stages.append({**stage, "produces": [f"a{place}"]})
    return {
        "name": "Large",
        "description": "",
        "inputs": [{"name": "brief", "type": "text", "required": True}],
        "stages": stages,
    }


def validate_and_compile(ground: Ground) -> Iterator[Figure]:
    """Validate, then compile a template of 1,000 bound stages in this process; ten times.

    Each stage takes its prompt and its file by bindings, the latter from the stage before.
    """
    del ground
    with tempfile.TemporaryDirectory(prefix="rg-bench-") as home:
        os.environ["REELGRAPH_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
        import django

        django.setup()
        from templates_app.graph.compile import compile_template
        from templates_app.graph.rules.validation import validate
        from templates_app.graph.types import Limits
        from tools import registry

        tools, spec = registry.table(), large_template()
        checking, planning, both, cpu = [], [], [], []
        for number in range(11):
            cpu_before, started = time.process_time(), time.perf_counter()
            issues = validate(spec, tools)
            checked = ms_since(started)
            compiled = compile_template(spec, {"brief": "A lamp"}, (), tools, Limits())
            total = ms_since(started)
            cpu_ms = 1000 * (time.process_time() - cpu_before)
            errors = [issue for issue in issues if issue.severity == "error"]
            if errors or compiled.plan is None or len(compiled.plan.steps) != STAGES:
                raise RuntimeError(f"the template does not compile: {errors or compiled.errors}")
            if number:
                checking.append(checked)
                planning.append(total - checked)
                both.append(total)
                cpu.append(cpu_ms)
    beside = (
        f"at best validate {min(checking):.0f} + compile {min(planning):.0f} ms"
        f", CPU median {statistics.median(cpu):.0f} ms"
    )
    yield middle("validate + compile of 1,000 stages", both, 50, beside=beside)
