"""The row about checking and planning a large template, the pure part of a start.

`python -m tests.bench.planning` does it, in a process of its own.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Iterator

import django

from tests.bench.figures import Figure, middle
from tests.bench.ground import SETTINGS, output_of
from tests.bench.wire import ms_since

STAGES, TIMES = 1000, 10


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


def validate_and_compile() -> Iterator[Figure]:
    """Validate, then compile a template of 1,000 bound stages in one process; ten times, of which
    one before is not counted.

    Each stage takes its prompt and its file by bindings, the latter from the stage before.
    """
    with tempfile.TemporaryDirectory(prefix="rg-bench-") as home:
        env = {"REELGRAPH_HOME": home, "DJANGO_SETTINGS_MODULE": SETTINGS, "DATABASE_URL": ""}
        checked, total, cpu = json.loads(output_of(env, "planning"))
    beside = f"validate {min(checked):.0f} ms at best; CPU median {statistics.median(cpu):.0f} ms"
    yield middle("validate + compile of 1,000 stages", total, 50, beside=beside)


def main() -> None:
    django.setup()
    from templates_app.graph.compile import compile_template
    from templates_app.graph.rules.validation import validate
    from templates_app.graph.types import Limits
    from tools import registry

    tools, spec = registry.table(), large_template()
    checked, total, cpu = [], [], []
    for _ in range(1 + TIMES):
        cpu_before, started = time.process_time(), time.perf_counter()
        issues = validate(spec, tools)
        checked.append(ms_since(started))
        compiled = compile_template(spec, {"brief": "A lamp"}, (), tools, Limits())
        total.append(ms_since(started))
        cpu.append(1000 * (time.process_time() - cpu_before))
        errors = [issue for issue in issues if issue.severity == "error"]
        if errors or compiled.plan is None or len(compiled.plan.steps) != STAGES:
            raise RuntimeError(f"the template does not compile: {errors or compiled.errors}")
    print(json.dumps([checked[1:], total[1:], cpu[1:]]))


if __name__ == "__main__":
    main()
