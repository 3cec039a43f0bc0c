"""The tiny graph on a card: which shapes, in which order, joined how."""

from __future__ import annotations

import time
from typing import Any

import pytest

from builder.shared.graph_glyph import HEIGHT, MAX_COLUMNS, MAX_ROWS, Signature, signature_of
from tests.support.builders.planning import batch, fixed
from tools import registry

TEASER = {
    "inputs": [{"name": "brief", "type": "text"}],
    "stages": [
        {"id": "keyframe", "tool": "generate_image", "args": {"prompt": "$inputs.brief"}},
        {"id": "clip", "tool": "generate_video", "args": {"prompt": "push in"}},
    ],
}


def drawn(spec: Any) -> Signature:
    return signature_of(spec, registry.table())


def types(signature: Signature) -> list[str]:
    return [point.type for point in signature.points]


def test_inputs_and_stages_stand_in_the_order_of_the_work() -> None:
    signature = drawn(TEASER)
    assert types(signature) == ["text", "image", "video"]
    assert [point.x for point in signature.points] == [4, 21, 38]
    assert signature.width == 42
    assert signature.stages == 2


def test_bindings_and_implied_media_are_edges() -> None:
    assert drawn(TEASER).edges == ((0, 1), (1, 2))


def test_an_artifact_is_found_by_the_name_it_was_given() -> None:
    spec = {
        "stages": [
            fixed("one", produces=["hero"]),
            fixed("two"),
            fixed("film", "generate_video", requiredArtifactsIn=["hero"]),
        ]
    }
    assert (0, 2) in drawn(spec).edges
    assert (1, 2) not in drawn(spec).edges


def test_a_batch_is_drawn_as_what_its_items_make() -> None:
    spec = {
        "inputs": [{"name": "shots", "type": "text"}],
        "stages": [batch("all", "generate_video", over="$inputs.shots")],
    }
    assert types(drawn(spec)) == ["text", "video"]
    assert drawn(spec).edges == ((0, 1),)


def test_inputs_that_people_never_see_are_not_drawn() -> None:
    spec = {"inputs": [{"name": "x", "type": "text", "internal": True}], "stages": []}
    assert drawn(spec).points == ()


def test_a_tall_graph_stays_inside_its_height() -> None:
    spec = {"inputs": [{"name": f"i{n}", "type": "image"} for n in range(30)]}
    assert len(drawn(spec).points) == MAX_ROWS
    assert all(2 <= point.y <= HEIGHT - 2 for point in drawn(spec).points)


def test_a_graph_of_thousands_of_stages_is_folded_and_quick() -> None:
    stages = [
        {"id": f"s{n}", "tool": "generate_image", "args": {"prompt": f"$artifacts.s{n - 1}.url"}}
        for n in range(2_000)
    ]
    begun = time.thread_time()
    signature = drawn({"stages": stages})
    assert time.thread_time() - begun < 0.5
    assert signature.stages == 2_000
    assert signature.width <= 8 + 17 * (MAX_COLUMNS - 1)
    assert len(signature.points) <= MAX_COLUMNS * MAX_ROWS


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"inputs": None, "stages": "no"},
        {"inputs": [1, {"type": []}], "stages": [{"id": {}, "args": 3, "produces": "x"}]},
        {"stages": [{"id": "a", "tool": "a", "itemStage": 7, "requiredArtifactsIn": [None, "a"]}]},
        {"stages": [{"id": "a", "args": {"x": "$artifacts.a.url"}}]},
    ],
)
def test_what_cannot_be_read_is_left_out(spec: Any) -> None:
    assert isinstance(drawn(spec), Signature)
