"""Random templates with conditions, batches, gates and failures: the order in which steps finish
changes nothing of what each is given."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ProviderError
from runs.engine.resolve import resolve
from runs.planning.resolved_plan import Output
from templates_app.graph.compile import compile_template
from templates_app.graph.plan_json import plan_from_json, plan_to_json
from tests.support.builders.planning import LIMITS, TOOLS, batch, fixed, interactive, template

SHOTS = [{"name": "shots", "type": "text", "multiple": {"max": 3}}]


@st.composite
def templates(draw):
    """Up to eight stages; those that name no media take the newest there is."""
    stages = [fixed("s0", produces=["s0"])]
    for number in range(1, draw(st.integers(2, 8))):
        name = f"s{number}"
        before = f"s{draw(st.integers(0, number - 1))}"
        more = {"produces": [name], "checkpointRequired": draw(st.integers(0, 5)) == 0}
        shape = draw(st.integers(0, 9))
        if shape < 2:
            more["condition"] = draw(
                st.sampled_from(
                    [
                        {"type": "expr", "expression": f"$artifacts.{before}"},
                        {"type": "if_success_of", "stageId": before},
                        {"type": "if_error_in", "stageId": before},
                        {"type": "if_artifact_exists", "artifactName": before},
                    ]
                )
            )
        more["onError"] = draw(st.sampled_from(["continue", "skip", "continue", "stop"]))
        tool = draw(
            st.sampled_from(
                ["generate_image", "edit_image", "generate_video", "upscale_image", "stitch_video"]
            )
        )
        args = {}
        if tool == "edit_image" and draw(st.booleans()):
            args = {"sourceImageIndex": draw(st.sampled_from([0, 1, f"$artifacts.{before}"]))}
        if shape == 9:
            stages.append(interactive(name, requiredArtifactsIn=[before], **more))
        elif shape == 8:
            stages.append(batch(name, "generate_image", over="$inputs.shots", **more))
        else:
            stages.append(fixed(name, tool, args=args, **more))
    return template(*stages, inputs=SHOTS)


def made_by(step):
    """Its variations, and a last frame where it was asked for; of a batch, what its items made."""
    kind = TOOLS.get(step.tool).output
    if kind is None:
        return []
    if step.batch is None:
        kinds = [kind] * step.arguments.get("numberOfVariations", 1)
        kinds += ["image"] if step.arguments.get("returnLastFrame") else []
        return [
            Output(f"{step.key}-{n}", step.key, step.sequence, -1, n, made)
            for n, made in enumerate(kinds)
        ]
    return [
        Output(f"{step.key}_{n}-0", f"{step.key}_{n}", step.sequence, n, 0, kind, step.key)
        for n in range(len(step.batch.items))
    ]


def given_to(plan, failing, refused, choose):
    """What each step is given, or why it was not started. `choose` picks who finishes next.

    refused: steps whose condition does not hold, whatever it asks.
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
        sources = [(state.get(need.source, "completed"), need.barrier) for need in step.needs]
        if any(ended != "completed" and not barrier for ended, barrier in sources):
            state[step.key] = seen[step.key] = "skipped"
            continue
        if step.condition is not None and step.key in refused:
            state[step.key] = seen[step.key] = "refused"
            continue
        called = step if step.batch is None else step.batch.item
        try:
            resolved = resolve(
                tool=TOOLS.get(called.tool),
                arguments=called.arguments,
                sequence=called.sequence,
                needs=called.needs,
                media=plan.media,
                outputs=outputs,
            )
        except ProviderError as missing:
            state[step.key], seen[step.key] = "failed", missing.message
            continue
        seen[step.key] = resolved.to_json()
        state[step.key] = "failed" if step.key in failing else "completed"
        if state[step.key] == "completed":
            outputs = [*made_by(step), *outputs]
    return seen


@given(templates(), st.data())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_every_order_gives_the_same(spec, data):
    plan = compile_template(spec, {"shots": ["a", "b"]}, (), TOOLS, LIMITS).plan
    if plan is None:
        return  # Such a template cannot start.
    assert plan_from_json(plan_to_json(plan)) == plan
    assert [step.sequence for step in plan.steps] == list(range(len(plan.steps)))
    keys = [step.key for step in plan.steps]
    failing = data.draw(st.sets(st.sampled_from(keys), max_size=2))
    refused = data.draw(st.sets(st.sampled_from(keys)))
    in_order = given_to(plan, failing, refused, lambda count: 0)
    backwards = given_to(plan, failing, refused, lambda count: count - 1)
    assert backwards == in_order
    for _ in range(2):
        chosen = given_to(
            plan, failing, refused, lambda count: data.draw(st.integers(0, count - 1))
        )
        assert chosen == in_order


@given(templates())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_conditions_ask_only_whom_their_step_waits_for(spec):
    plan = compile_template(spec, {"shots": ["a"]}, (), TOOLS, LIMITS).plan
    for step in plan.steps if plan is not None else ():
        sources = {need.source for need in step.needs}
        condition = step.condition or {}
        assert set(condition.get("sources", ())) <= sources
        assert {ref.source for late in step.late for ref in late.refs if ref.source} <= sources
        asked = condition.get("expression", {})
        assert asked.get("source") in {None, *sources}
