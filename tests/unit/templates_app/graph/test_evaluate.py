"""What references and conditions mean while a run goes on."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from templates_app.graph.evaluate import Missing, elements, fill, holds, item_scope, label_of
from templates_app.graph.result_paths import MISSING, Item, StepResult, content_of, resolve
from templates_app.graph.types import (
    BatchSpec,
    DeferredArgument,
    DeferredRef,
    MediaValue,
    PlanStep,
    StepKey,
)

ONE, TWO, THREE = (MediaValue(f"artifact:art_{n}", "image") for n in range(3))


@dataclass
class Known:
    steps: dict[str, StepResult] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=lambda: {"id": "wf_1", "title": "Cats"})
    item: Any = None

    def result_of(self, source, output=""):
        return self.steps.get(source)


def done(key: str, *items: Item, status: str = "completed", **result: Any) -> StepResult:
    return StepResult(key, status, items, result)


LOOKS = done("looks", Item("looks/0", "Dawn", (ONE,)), Item("looks/1", "Dusk", (TWO, THREE)))
SCRIPT = done("script", Item("script/main", "", (), "Once."), script="Once.", shots=[{"n": 1}])
PLAN = done("plan", Item("plan/main", "", (), {"shots": [{"text": "a"}, {"text": "b"}, {}]}))
SCOPE = Known({"looks": LOOKS, "script": SCRIPT, "plan": PLAN})


def at(text: str, source: str | None = None, *, place: tuple[Any, ...] = ()) -> DeferredRef:
    return DeferredRef(place, text, None if source is None else StepKey(source))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", [ONE, TWO, THREE]),
        (".items", [ONE, TWO, THREE]),
        ("[0]", ONE),
        (".items[0].selectedVersion.url", ONE),
        (".items[0].versions[0].url", ONE),
        (".items[1]", [TWO, THREE]),
        (".url", ONE),
        (".items[*].url", [ONE, TWO]),
        (".items[*].label", ["Dawn", "Dusk"]),
        (".items[1].id", "looks/1"),
        (".items.length", 2),
        (".kind", "image"),
        (".items[0].url.kind", "image"),
        (".items[2]", MISSING),
        (".items[0].versions[1].url", MISSING),
        (".items[0].nonsense", MISSING),
        (".items[0].selectedVersion.content", ONE),
    ],
)
def test_media_are_reached_by_every_path(path, value):
    assert resolve(at(f"$artifacts.looks{path}", "looks"), SCOPE) == value


@pytest.mark.parametrize(
    ("text", "source", "value"),
    [
        ("$artifacts.script", "script", "Once."),
        ("$artifacts.script.content", "script", "Once."),
        ("$artifacts.script.items[0].selectedVersion.content", "script", "Once."),
        ("$artifacts.script.shots[0].n", "script", 1),
        ("$artifacts.script.kind", "script", "text"),
        ("$artifacts.script.url", "script", MISSING),
        ("$artifacts.plan.content.shots[*].text", "plan", ["a", "b"]),
        ("$artifacts.plan.shots.length", "plan", 3),
        ("$artifacts.plan.shots[9]", "plan", MISSING),
        ("$artifacts.gone", "gone", MISSING),
        ("$artifacts.script", None, MISSING),
        ("$run.id", None, "wf_1"),
        ("$run.nothing", None, MISSING),
        ("$item", None, MISSING),
        ("plain", None, MISSING),
    ],
)
def test_content_and_the_run_are_reached(text, source, value):
    assert resolve(at(text, source), SCOPE) == value


def test_what_a_step_that_did_not_complete_made_is_missing():
    scope = Known({"looks": StepResult("looks", "failed", LOOKS.items)})
    assert resolve(at("$artifacts.looks[0]", "looks"), scope) is MISSING


@pytest.mark.parametrize(
    ("element", "path", "value"),
    [
        ("dawn", ".value", "dawn"),
        ("dawn", ".shot", "dawn"),
        ("dawn", ".index", 4),
        ("dawn", ".text", MISSING),
        ({"text": "x", "value": 7}, ".text", "x"),
        ({"text": "x", "value": 7}, ".value", 7),
        ({"text": "x"}, ".shot.text", "x"),
        ({"text": "x"}, "", {"text": "x"}),
        ([1, 2], "[1]", 2),
        (ONE, "", ONE),
        (ONE, ".selectedVersion.url", ONE),
        (ONE, ".shot.url", ONE),
        (ONE, ".kind", "image"),
    ],
)
def test_item_means_its_element(element, path, value):
    scope = Known(item=item_scope(element, 4, "shot"))
    assert resolve(at(f"$item{path}"), scope) == value


def test_arguments_are_filled_where_their_references_stand():
    late = DeferredArgument(
        "overlays",
        [{"text": None, "at": 1}, None],
        (at("$artifacts.script", "script", place=(0, "text")), at("$run.title", place=(1,))),
    )
    assert fill(late, SCOPE) == [{"text": "Once.", "at": 1}, "Cats"]
    assert late.value == [{"text": None, "at": 1}, None]


def test_a_list_is_spread_in_the_list_that_names_it():
    refs = (
        at("$artifacts.looks[*]", "looks", place=(0,)),
        at("$artifacts.looks[0]", "looks", place=(1,)),
        at("$artifacts.plan.shots[*].text", "plan", place=(2,)),
    )
    assert fill(DeferredArgument("x", [None, None, None, "end"], refs), SCOPE) == [
        ONE,
        TWO,
        THREE,
        ONE,
        "a",
        "b",
        "end",
    ]


def test_a_reference_alone_is_the_whole_argument():
    assert (
        fill(DeferredArgument("prompt", None, (at("$artifacts.script", "script"),)), SCOPE)
        == "Once."
    )


def test_a_reference_to_nothing_names_the_argument():
    late = DeferredArgument("prompt", None, (at("$artifacts.gone", "gone"),))
    with pytest.raises(Missing) as caught:
        fill(late, SCOPE)
    assert (caught.value.argument, caught.value.ref) == ("prompt", "$artifacts.gone")


def test_an_argument_that_is_not_required_is_left_out():
    late = DeferredArgument("prompt", None, (at("$artifacts.gone", "gone"),), required=False)
    assert fill(late, SCOPE) is MISSING


ITEM = PlanStep(StepKey("b"), 0, "tool", "generate_image", "generate_image", {})


@pytest.mark.parametrize(
    ("over", "found"),
    [
        (at("$artifacts.looks.items", "looks"), [ONE, TWO, THREE]),
        (at("$artifacts.plan.shots", "plan"), [{"text": "a"}, {"text": "b"}, {}]),
        (at("$artifacts.gone", "gone"), []),
    ],
)
def test_a_batch_repeats_what_it_goes_over(over, found):
    assert elements(BatchSpec("shot", ITEM, over=over), SCOPE) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("a\n\n b \n", ["a", "b"]), ('["a", null, 2]', ["a", 2]), ("[a\nb", ["[a", "b"])],
)
def test_a_text_is_repeated_by_line(text, found):
    scope = Known({"ask": done("ask", answer=text)})
    batch = BatchSpec("shot", ITEM, over=at("$artifacts.ask", "ask"))
    assert elements(batch, scope) == found


def test_known_elements_may_be_media():
    items = ("a", {"$medium": "input:0", "kind": "video"}, {"text": "b"})
    batch = BatchSpec("shot", ITEM, items=items)
    assert elements(batch, SCOPE) == ["a", MediaValue("input:0", "video"), {"text": "b"}]


@pytest.mark.parametrize(
    ("template", "element", "label"),
    [
        ("Shot {index}", "x", "Shot 3"),
        ("{title}: {shot}", {"title": "Dawn", "shot": 7}, "Dawn: 7"),
        ("{shot} {nothing} {open", "Dusk", "Dusk {nothing} {open"),
        ("", "x", ""),
        ("{value}", "y" * 500, "y" * 200),
    ],
)
def test_labels_take_their_fields_from_the_element(template, element, label):
    assert label_of(BatchSpec("shot", ITEM, label=template), element, 2) == label


STATES = Known(
    {
        "ok": done("ok", Item("ok/main", "", (ONE,))),
        "empty": done("empty"),
        "bad": StepResult("bad", "failed"),
        "off": StepResult("off", "skipped"),
    }
)


@pytest.mark.parametrize(
    ("kind", "sources", "value"),
    [
        ("if_success_of", ["ok"], True),
        ("if_success_of", ["off"], False),
        ("if_success_of", ["gone"], False),
        ("if_error_in", ["bad"], True),
        ("if_error_in", ["ok"], False),
        ("if_error_in", ["off"], False),
        ("if_artifact_exists", ["off", "ok"], True),
        ("if_artifact_exists", ["empty", "bad"], False),
    ],
)
def test_conditions_ask_how_their_sources_ended(kind, sources, value):
    assert holds({"type": kind, "sources": sources}, STATES) is value


def test_an_expression_reads_what_was_made():
    ref = {"ref": "$artifacts.look.items.length", "source": "ok"}
    tree = {"op": "==", "args": [ref, {"lit": 1}]}
    condition = {"type": "expr", "expression": tree}
    assert holds(condition, STATES) is True
    assert holds(condition, Known()) is False
    media = {"op": "!=", "args": [{"ref": "$artifacts.look[0].url", "source": "ok"}, {"lit": None}]}
    assert holds({"type": "expr", "expression": media}, STATES) is True


def test_no_condition_holds():
    assert holds(None, STATES) is True


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ({"text": "b", "answer": "a"}, "a"),
        ({"text": "", "lyrics": "la"}, "la"),
        ({"format": "png", "fps": 24}, {"format": "png", "fps": 24}),
        ({}, None),
    ],
)
def test_content_is_the_text_of_a_result_else_its_values(result, content):
    assert content_of(result) == content
