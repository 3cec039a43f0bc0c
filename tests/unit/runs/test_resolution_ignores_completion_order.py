"""Random plans, finished in random orders, with failures: each step always gets the same media."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InvalidBody, ProviderError
from runs.engine.resolve import resolve
from runs.planning.resolved_plan import Output
from tests.support.builders.planning import (
    LIMITS,
    TOOLS,
    VIDEO,
    bind,
    body,
    medium,
    plan_from_steps,
)

MEDIA = (medium(), medium("video", VIDEO), medium(url="https://x.example/2.png"))


@st.composite
def explicit_steps(draw):
    """Up to nine steps that take media by binding, by position, or by leaving them out."""
    items = []
    first = ["generate_image", "generate_video"]  # So that later steps find something.
    tools = ["generate_image", "edit_image", "upscale_image", "generate_video", "stitch_video"]
    rest = st.lists(st.sampled_from(tools), min_size=1, max_size=7)
    for number, tool in enumerate([*first, *draw(rest)]):
        arguments = {"prompt": "x"}
        if tool != "upscale_image" and tool != "stitch_video":
            arguments["numberOfVariations"] = draw(st.integers(1, 3))
        if tool == "generate_video" and draw(st.booleans()):
            arguments["returnLastFrame"] = True
        depends = []
        target = {
            "edit_image": "sourceImageIndex",
            "upscale_image": "sourceImageIndex",
            "generate_video": "referenceImageIndices",
            "stitch_video": "videoIndices",
        }.get(tool)
        if target is not None and number > 1:
            ways = (
                ["bound", "literal"] if tool == "stitch_video" else ["bound", "literal", "absent"]
            )
            how = draw(st.sampled_from(ways))
            places = draw(st.lists(st.integers(-1, 3), min_size=1, max_size=3))
            if how == "literal":
                arguments[target] = places[0] if target == "sourceImageIndex" else places
            elif how == "bound" and number:
                source = draw(st.integers(0, number - 1))
                depends.append(
                    bind(
                        f"s{source}",
                        target,
                        sourceArtifactIndex=draw(st.integers(0, 2)),
                        required=draw(st.booleans()),
                    )
                )
        if number and draw(st.integers(0, 4)) == 0:
            depends.append(f"s{draw(st.integers(0, number - 1))}")
        items.append(
            {"id": f"s{number}", "toolName": tool, "arguments": arguments, "dependsOn": depends}
        )
    return items


def outputs_of(step):
    """What a completed step made: its variations, and a last frame where it was asked for."""
    tool = TOOLS.get(step.tool)
    count = step.arguments.get("numberOfVariations", 1)
    made = [
        Output(f"{step.key}-{n}", step.key, step.sequence, -1, n, tool.output) for n in range(count)
    ]
    if step.arguments.get("returnLastFrame"):
        made.append(Output(f"{step.key}-frame", step.key, step.sequence, -1, count, "image"))
    return made


def run_to_the_end(plan, failing, choose):
    """Run a plan as an engine would, one completion at a time; what each step resolved to.

    A step is ready once all its sources are finished; it is skipped when one that is no barrier did
    not complete. `choose` picks which of the ready steps goes next.
    """
    state, outputs, seen = {}, [], {}
    while len(state) < len(plan.steps):
        ready = [
            step
            for step in plan.steps
            if step.key not in state
            and all(need.source in state or need.source.startswith("$") for need in step.needs)
        ]
        step = ready[choose(len(ready))]
        if any(
            not need.barrier and state.get(need.source, "completed") != "completed"
            for need in step.needs
        ):
            state[step.key] = seen[step.key] = "skipped"
            continue
        try:
            resolved = resolve(
                tool=TOOLS.get(step.tool),
                arguments=step.arguments,
                sequence=step.sequence,
                needs=step.needs,
                media=plan.media,
                outputs=outputs,
            )
        except ProviderError as missing:
            state[step.key] = "failed"
            seen[step.key] = missing.message
            continue
        seen[step.key] = resolved.to_json()
        state[step.key] = "failed" if step.key in failing else "completed"
        if state[step.key] == "completed":
            outputs = [*outputs_of(step), *outputs]
    return seen


@given(explicit_steps(), st.data())
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_every_completion_order_resolves_the_same_media(items, data):
    try:
        plan = plan_from_steps(body(*items), MEDIA, TOOLS, LIMITS).plan
    except InvalidBody:
        return  # Such a plan cannot start.
    failing = data.draw(st.sets(st.sampled_from([step.key for step in plan.steps]), max_size=3))
    in_order = run_to_the_end(plan, failing, lambda count: 0)
    for _ in range(3):
        chosen = run_to_the_end(plan, failing, lambda count: data.draw(st.integers(0, count - 1)))
        assert chosen == in_order
    backwards = run_to_the_end(plan, failing, lambda count: count - 1)
    assert backwards == in_order


@given(explicit_steps())
@settings(max_examples=100, deadline=None)
def test_barriers_are_as_few_as_can_be(items):
    """No barrier can be left out: its source does not lie before another source of the step."""
    try:
        plan = plan_from_steps(body(*items), MEDIA, TOOLS, LIMITS).plan
    except InvalidBody:
        return
    before = {}
    for step in plan.steps:
        sources = [need.source for need in step.needs if need.source in before]
        before[step.key] = set(sources).union(*(before[source] for source in sources))
        for need in step.needs:
            if need.barrier:
                others = [source for source in sources if source != need.source]
                assert sources.count(need.source) == 1
                assert all(need.source not in before[other] for other in others)
