"""Saving keeps `graph.edges` true, and leaves what it does not understand."""

import pytest

from templates_app.documents.edges import true_edges
from tests.support.builders.planning import fixed
from tools import registry


def result(stage):
    return f"$artifacts.{stage}.items[0].selectedVersion.url"


def image(stage, **args):
    return fixed(stage, produces=[stage], args=args)


def upscale(stage, source):
    args = {"source_image_url": result(source)}
    return fixed(stage, "upscale_image", produces=[stage], args=args)


def spec(*stages, edges, inputs=()):
    return {"inputs": list(inputs), "stages": list(stages), "graph": {"edges": edges}}


def edge(source, target, **more):
    return {"from": source, "to": target, **more}


BOTH = (image("a"), image("b"), upscale("big", "a"))


@pytest.mark.parametrize(
    ("before", "after", "edges", "expected"),
    [
        pytest.param(
            BOTH,
            (image("b"),),
            [edge("a", "big"), edge("b", "elsewhere")],
            [edge("b", "elsewhere")],
            id="a stage that was removed",
        ),
        pytest.param(
            BOTH,
            (image("a"), image("b"), upscale("big", "b")),
            [edge("a", "big", label="the door")],
            [edge("b", "big")],
            id="a connection that was moved",
        ),
        pytest.param(
            BOTH,
            (*BOTH, upscale("more", "big")),
            [edge("a", "big", label="the door"), edge("a", "b"), "?", edge(1, "b")],
            [
                edge("a", "big", label="the door"),
                edge("a", "b"),
                "?",
                edge(1, "b"),
                edge("big", "more"),
            ],
            id="one more connection beside foreign edges",
        ),
        pytest.param((image("a"),), BOTH, [], [edge("a", "big")], id="the first connection"),
        pytest.param(BOTH, BOTH, [edge("gone", "big"), edge("b", "big")], None, id="no edit"),
        pytest.param(
            BOTH,
            (*BOTH, upscale("more", "big")),
            [edge("start", "finish")],
            None,
            id="a list that is not about connections",
        ),
        pytest.param(BOTH, (image("a"),), "no list", None, id="no list"),
    ],
)
def test_edges_follow_the_connections(before, after, edges, expected):
    table = registry.table()

    assert true_edges(spec(*before, edges=edges), spec(*after, edges=edges), table) == expected


def test_edges_of_the_inputs_go_with_the_last_input():
    words = {"name": "words", "type": "text", "required": True}
    before = spec(image("a", prompt="$inputs.words"), edges=[edge("$inputs", "a")], inputs=[words])
    after = spec(image("a"), edges=[edge("$inputs", "a")])

    assert true_edges(before, after, registry.table()) == []


def test_a_template_without_edges_gets_none():
    before, after = {"stages": []}, {"stages": list(BOTH), "graph": {"nodes": []}}

    assert true_edges(before, after, registry.table()) is None
