"""A template's nodes and wires: bindings, what is implied, and anything outsiders write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates_app.graph.wiring import MAX_SOCKETS, clean, read_wiring, words_of
from tests.support.builders.planning import TOOLS, fixed, template

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


def test_stitching_takes_every_clip_before_it() -> None:
    clips = [fixed(f"v{n}", "generate_video") for n in range(3)]
    wires = read_wiring(template(*clips, fixed("film", "stitch_video")), TOOLS).wires
    assert [(one.source, one.target) for one in wires] == [(f"v{n}", "film") for n in range(3)]


def test_internal_inputs_are_no_one_s_business() -> None:
    spec = {
        "name": "x",
        "inputs": [{"name": "style", "type": "text", "internal": True, "default": "noir"}],
        "stages": [fixed("a", args={"prompt": "$inputs.style"})],
    }
    assert [node.id for node in read_wiring(spec, TOOLS).nodes] == ["a"]


def test_a_stage_of_many_arguments_has_few_sockets() -> None:
    args = {f"argument{n}": "$inputs.x" for n in range(400)}
    spec = {
        "name": "x",
        "inputs": [{"name": "x", "type": "text"}],
        "stages": [fixed("a", args=args)],
    }
    wiring = read_wiring(spec, TOOLS)
    assert len(wiring.nodes[1].inputs) == MAX_SOCKETS
    assert max(wire.input for wire in wiring.wires) == MAX_SOCKETS - 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  a \n b\t", "a b"),
        ("\u202eabc\u2066", "abc"),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("x" * 200, "x" * 79 + "…"),
        ("مرحبا 🎬", "مرحبا 🎬"),
    ],
)
def test_names_are_one_clean_line(name: str, shown: str) -> None:
    assert clean(name) == shown


def test_argument_names_become_words() -> None:
    assert words_of("referenceImageIndices") == "Reference image indices"
    assert words_of("key_frame") == "Key frame"


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_no_spec_breaks_it(spec: Any) -> None:
    wiring = read_wiring(spec, TOOLS)
    ids = [node.id for node in wiring.nodes]
    for wire in wiring.wires:
        assert ids.index(wire.source) < ids.index(wire.target)


@pytest.mark.parametrize(
    ("fields", "meta"),
    [
        ({}, "2 stages inside"),
        ({"tool": "generate_image"}, "Generate image, 2 stages inside"),
        ({"type": "interactive"}, "Your turn, 2 stages inside"),
    ],
)
def test_a_stage_says_how_many_stages_are_inside(fields, meta) -> None:
    inner = {"id": "b", "type": "fixed", "subStages": [fixed("c")]}
    wiring = read_wiring(
        {"stages": [{"id": "a", "type": "fixed", **fields, "subStages": [inner]}]}, TOOLS
    )
    assert wiring.nodes[0].meta == meta
