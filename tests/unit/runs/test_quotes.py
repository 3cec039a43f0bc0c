"""Quotes of plans: units by step, what they rest on, and the shape of a preview."""

from __future__ import annotations

from dataclasses import replace

from runs.billing import estimates, quotes
from runs.options import QUOTES_KEPT, RunOptions
from templates_app.graph.types import DeferredRef, Plan, PlanStep, StepKey
from tests.support.builders.plans import batch, gate, late, question, step


def plan(*steps: PlanStep) -> Plan:
    placed = tuple(replace(one, sequence=place) for place, one in enumerate(steps))
    return Plan("A plan", placed)


def lines(*steps: PlanStep) -> dict[str, tuple[int, tuple[str, ...]]]:
    known = plan(*steps)
    told = quotes.lines(known, estimates.step_quotes(known, person=None))
    return {line.key: (line.milli, line.assumptions) for line in told}


def test_a_plain_step_costs_its_weight_times_its_variations() -> None:
    found = lines(step("one", "generate_image"), step("four", "generate_image", arguments=count(4)))
    assert found == {"one": (1_000, ()), "four": (4_000, ("4 variations",))}


def test_a_batch_costs_its_items_as_far_as_they_are_known() -> None:
    item = step("x", "generate_video", arguments=count(2))
    known = batch("known", item, items=("a", "b", "c"))
    over = DeferredRef((), "$artifacts.one", StepKey("one"))
    unknown = batch("unknown", item, over=over, expected=5)
    single = batch("single", step("x", "generate_image"), over=over)
    empty = batch("empty", item, items=())
    assert lines(known, unknown, single, empty) == {
        "known": (36_000, ("3 items", "2 variations each")),
        "unknown": (60_000, ("5 items expected", "2 variations each")),
        "single": (1_000, ("1 item expected",)),
        "empty": (0, ("0 items", "2 variations each")),
    }


def test_people_and_gates_cost_nothing_and_gates_are_not_listed() -> None:
    found = lines(step("one", "generate_image"), gate("one"), question("ask", "one"))
    assert found == {"one": (1_000, ()), "ask": (0, ())}


def test_what_is_only_known_later_is_said() -> None:
    some = step("some", "generate_image", late=(late("numberOfVariations", "$item.count"),))
    maybe = step("maybe", "generate_image", condition={"type": "expr", "expression": {"lit": 1}})
    found = lines(some, maybe)
    assert found["some"] == (1_000, ("number of items not known until it starts",))
    assert found["maybe"] == (1_000, ("its condition is met",))


def test_a_preview_sums_by_stage_and_leaves_out_what_is_not_known() -> None:
    told = [
        quotes.Line("a_1", "a", "generate_image", 1_000, ("3 items",)),
        quotes.Line("a_2", "a", "generate_image", 1_500, ("3 items",)),
        quotes.Line("b", "b", "generate_video", 6_000),
    ]
    quote = quotes.new_quote(8_500, None, RunOptions(token_type="sogni"))
    shown = quotes.preview(quote, told, ceiling_milli=0, template=("tpl", {"brief": "x"}))
    assert shown["totalEstimatedCapacityUnits"] == 8.5
    assert shown["perStageBreakdown"] == [
        {"stageId": "a", "units": 2.5, "assumptions": ["3 items"]},
        {"stageId": "b", "units": 6, "assumptions": []},
    ]
    assert (shown["tokenType"], shown["billingMode"]) == ("sogni", "auto")
    assert (shown["templateId"], shown["inputs"]) == ("tpl", {"brief": "x"})
    assert shown["maxAcceptableUnits"] == 0
    assert "expectedDurationSeconds" not in shown
    timed = quotes.preview(quotes.new_quote(0, 41.26, RunOptions()))
    assert timed["expectedDurationSeconds"] == 41.3


def test_only_the_latest_quotes_are_kept() -> None:
    options = RunOptions(token_type="spark")
    for milli in range(50):
        options = options.with_quote(quotes.new_quote(milli, None, options))
    kept = [quote.milli for quote in RunOptions.read(options.to_json()).quotes]
    assert kept == list(range(50 - QUOTES_KEPT, 50))


def test_the_question_says_units_and_time() -> None:
    def asked(milli: int, seconds: float | None) -> str:
        return quotes.question(quotes.new_quote(milli, seconds, RunOptions()))

    assert asked(12_000, 40.2) == "About 12 credits, 40 s. Continue?"
    assert asked(1_000, None) == "About 1 credit. Continue?"
    assert asked(2_500, 300) == "About 2.5 credits, 5 min. Continue?"
    assert asked(1_000, 0.2) == "About 1 credit, a moment. Continue?"


def count(number: int) -> dict[str, int]:
    return {"numberOfVariations": number}
