"""Rows: checking and planning a large template, the pure part of a start."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

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
    with _django():
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


TURNS = 10
CLIP: dict[str, object] = {"name": "clip", "type": "video", "required": True}
BRIEF: dict[str, object] = {"name": "brief", "type": "text", "required": True}


def nested_template(ground: Ground) -> Iterator[Figure]:
    """As `plan`, with 1,000 steps of which most are inside template stages: 20 uses of a template
    of 49 stages; and a tree, templates inside templates five deep, each used twice. CPU time beside
    that of the same chain without templates, measured by turns; and what a template without
    template stages pays for being asked, the median of ten.

    The versions are tools already, as they are in a server after their first use.
    """
    del ground
    with _django():
        from templates_app.graph.compile import compile_template
        from templates_app.graph.inlining import without_templates
        from templates_app.graph.nesting import without_nested
        from templates_app.graph.rules.validation import validate
        from templates_app.graph.spec_reader import read_spec
        from templates_app.graph.types import Limits
        from templates_app.graph.version_tool import version_tool
        from tools import registry

        table = registry.table()
        uses: dict[str, Any] = {}

        def used(name: str, stages: Sequence[dict[str, object]]) -> str:
            reference = f"template:{name}@0.0.1"
            spec, issues = read_spec(_of_clips(name, stages))
            if issues:
                raise RuntimeError(f"{name} can't be read: {issues}")
            uses[reference] = version_tool(reference, spec, table.with_uses(uses))
            return reference

        twenty = used("twenty", clips(49))
        tree = used("tree5", clips(29))
        for level in range(4, 0, -1):
            tree = used(f"tree{level}", clips(2, tree))
        specs = {
            "flat": _of_clips("Flat", clips(STAGES)),
            "20 uses": _of_clips("Nested", clips(20, twenty)),
            "a tree five deep": _of_clips("Tree", [*clips(2, tree), *clips(10, before="s1")]),
        }
        tools = table.with_uses(uses)
        given = {"brief": "A lamp", "clip": "https://example.com/clip.mp4"}
        cpu: dict[str, list[float]] = {name: [] for name in specs}
        asking: list[float] = []
        flat, _ = read_spec(specs["flat"])
        for turn in range(TURNS + 1):
            for name, spec in specs.items():
                began = time.process_time()
                issues = validate(spec, tools)
                compiled = compile_template(spec, given, (), tools, Limits())
                took_ms = 1000 * (time.process_time() - began)
                errors = [issue for issue in issues if issue.severity == "error"]
                if errors or compiled.plan is None or len(compiled.plan.steps) != STAGES:
                    raise RuntimeError(f"{name} does not compile: {errors or compiled.errors}")
                if turn:
                    cpu[name].append(took_ms)
            began = time.process_time()
            without_templates(*without_nested(flat, tools)[:2], tools)
            asking.append(1000 * (time.process_time() - began))
        flat_ms = statistics.median(cpu.pop("flat"))
        for name, samples in cpu.items():
            ratio = statistics.median(samples) / flat_ms
            beside = (
                f"CPU {statistics.median(samples):.0f} ms, flat {flat_ms:.0f} ms,"
                f" without templates +{statistics.median(asking):.2f} ms"
            )
            yield Figure(
                f"validate + compile of 1,000 steps, {name}",
                {"ratio": ratio},
                unit="times the flat",
                judged="ratio",
                target=60 / 42,
                beside=beside,
            )


def _of_clips(name: str, stages: Sequence[Mapping[str, object]]) -> dict[str, object]:
    return {"name": name, "description": "", "inputs": [BRIEF, CLIP], "stages": list(stages)}


def clips(count: int, tool: str = "video_to_video", before: str = "") -> list[dict[str, Any]]:
    """Stages that each remake the clip of the one before, the first that of an input."""
    takes = "reference_video_url" if tool == "video_to_video" else "clip"
    words = "prompt" if tool == "video_to_video" else "brief"
    stages: list[dict[str, Any]] = []
    first = f"$artifacts.{before}" if before else "$inputs.clip"
    for place in range(count):
        key = f"{'t' if before else 's'}{place}"
        clip = f"{stages[-1]['id']}" if stages else ""
        args = {words: "$inputs.brief", takes: f"$artifacts.{clip}" if clip else first}
        stages.append({"id": key, "type": "fixed", "tool": tool, "args": args, "produces": [key]})
    return stages


@contextmanager
def _django() -> Iterator[None]:
    """Django set up in this process, with an empty data folder."""
    with tempfile.TemporaryDirectory(prefix="rg-bench-") as home:
        os.environ["REELGRAPH_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
        import django

        django.setup()
        yield
