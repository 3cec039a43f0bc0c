"""Where nodes are, and the pictures made of that."""

from __future__ import annotations

import itertools
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from templates_app.graph import layout, svg_page, svg_poster, svg_shapes
from templates_app.graph.layout import Box
from templates_app.graph.wiring import INPUTS, Wiring, read_wiring
from tests.support.builders.planning import TOOLS, fixed
from tests.support.builders.templates import documented

HOSTILE = "</text><script>alert(1)</script>\"'& \u202e🎬" + "w" * 300


def wiring_of(count: int, name: str = "Stage", **fields: Any) -> Wiring:
    tools = ("generate_video", "generate_image", "generate_image")
    args = {"prompt": "$inputs.words"}
    stages = [fixed(f"s{n}", tools[n % 3], label=f"{name} {n}", args=args) for n in range(count)]
    inputs = [{"name": "words", "type": "text"}]
    return read_wiring({"name": name, "inputs": inputs, "stages": stages, **fields}, TOOLS)


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.right and other.x < one.right
    return across and one.y < other.bottom and other.y < one.bottom


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_nodes_never_overlap_and_wires_point_right(count: int) -> None:
    wiring = wiring_of(count)
    boxes = layout.place(wiring)
    for one, other in itertools.combinations(boxes.values(), 2):
        assert not overlap(one, other)
    for wire in wiring.wires:
        assert boxes[wire.source].right < boxes[wire.target].x


def test_a_stored_layout_counts_and_later_stages_stand_below() -> None:
    graph = {"nodes": [{"stageId": "keyframe", "x": 400, "y": 80}, {"stageId": "gone", "x": 0}]}
    boxes = layout.place(read_wiring(documented(), TOOLS), graph)
    assert (boxes["keyframe"].x, boxes["keyframe"].y) == (400, 80)
    assert boxes["clip"].y > boxes["keyframe"].bottom
    assert boxes[INPUTS].right < 400


@pytest.mark.parametrize(
    "graph",
    [
        None,
        [],
        "graph",
        {"nodes": {}},
        {"nodes": [None, 1, {"stageId": []}, {"stageId": "clip", "x": "1", "y": True}]},
        {"nodes": [{"stageId": "clip", "x": float("inf"), "y": 1e308}]},
        {"nodes": [{"stageId": "clip", "x": 10**400, "y": -(10**400)}]},
    ],
)
def test_any_layout_is_borne(graph: Any) -> None:
    wiring = read_wiring(documented(), TOOLS)
    ElementTree.fromstring(svg_page.to_page(wiring, graph))
    assert "nan" not in svg_page.to_page(wiring, graph)


def test_a_poster_is_well_formed_and_names_nothing_outside_itself() -> None:
    wiring = wiring_of(5, HOSTILE)
    svg = svg_shapes.to_svg(svg_poster.poster(wiring, "seed"), width=640, height=400, title=HOSTILE)
    root = ElementTree.fromstring(svg)
    assert {child.tag.rpartition("}")[2] for child in root.iter()} <= {
        *("svg", "title", "defs", "radialGradient", "stop", "rect", "path", "circle")
    }
    assert not re.search(
        r"href|style|script>|onload|url\((?!#)", svg.replace("&lt;/script&gt;", "")
    )


def test_a_page_picture_escapes_cuts_and_uses_classes_alone() -> None:
    svg = svg_page.to_page(wiring_of(5, HOSTILE))
    root = ElementTree.fromstring(svg)
    assert "<script" not in svg
    assert "style=" not in svg
    assert "fill=" not in svg
    longest = max(len(child.text or "") for child in root.iter())
    assert longest < 60


def test_a_poster_is_the_same_every_time_and_differs_between_templates() -> None:
    wiring = wiring_of(3)
    assert svg_poster.poster(wiring, "a") == svg_poster.poster(wiring, "a")
    assert svg_poster.poster(wiring, "a") != svg_poster.poster(wiring, "b")


def test_an_empty_template_has_a_poster_too() -> None:
    wiring = read_wiring({"name": "Empty"}, TOOLS)
    ElementTree.fromstring(svg_shapes.to_svg(svg_poster.poster(wiring, "x"), width=640, height=400))
    ElementTree.fromstring(svg_page.to_page(wiring))


def test_two_thousand_stages_stay_small() -> None:
    wiring = wiring_of(2000)
    page = svg_page.to_page(wiring)
    poster = svg_shapes.to_svg(svg_poster.poster(wiring, "x"), width=640, height=400)
    assert len(page) < 400_000
    assert len(poster) < 600_000


@pytest.mark.parametrize(
    ("words", "room", "shown"),
    [("Short", 200, "Short"), ("wide " * 40, 100, None), ("漢字" * 40, 100, None)],
)
def test_words_are_cut_to_the_room_there_is(words: str, room: float, shown: str | None) -> None:
    found = svg_shapes.fitting(words, room, 12)
    assert found == shown or (found.endswith("…") and len(found) < 30)
