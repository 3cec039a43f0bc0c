"""Random plans, finished in random orders, with failures: each step always gets the same media."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InvalidBody
from tests.support.builders.planning import (
    LIMITS,
    TOOLS,
    VIDEO,
    bind,
    body,
    medium,
    plan_from_steps,
)
from tests.unit.templates_app.graph.test_order_past_what_is_skipped import given_to

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
    in_order = given_to(plan, failing, (), lambda count: 0)
    for _ in range(3):
        chosen = given_to(plan, failing, (), lambda count: data.draw(st.integers(0, count - 1)))
        assert chosen == in_order
    backwards = given_to(plan, failing, (), lambda count: count - 1)
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
