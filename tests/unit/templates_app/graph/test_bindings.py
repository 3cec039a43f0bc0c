"""What counts as a binding, and what is plain text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates_app.graph.bindings import (
    EVERY_ELEMENT,
    Broken,
    Ref,
    find_refs,
    is_too_deep,
    plain,
    read_text,
)
from tests.support.examples import examples


@pytest.mark.parametrize(
    ("text", "root", "name", "path"),
    [
        ("$inputs.brief", "inputs", "brief", ()),
        ("$inputs.photos[2]", "inputs", "photos", (2,)),
        ("$inputs.a.b[0].c", "inputs", "a", ("b", 0, "c")),
        (
            "$artifacts.keyframe.items[0].selectedVersion.url",
            "artifacts",
            "keyframe",
            ("items", 0, "selectedVersion", "url"),
        ),
        ("$artifacts.clips[*]", "artifacts", "clips", (EVERY_ELEMENT,)),
        ("$artifacts.key frame", "artifacts", "key frame", ()),
        ("$item", "item", "", ()),
        ("$item[0]", "item", "", (0,)),
        ("$item.shot.text", "item", "shot", ("text",)),
        ("$run.id", "run", "id", ()),
        ("$runtime.id", "run", "id", ()),
    ],
)
def test_reads_a_binding(text, root, name, path):
    assert read_text(text) == Ref(root, name, path, text)


@pytest.mark.parametrize(
    ("text", "plain_text"),
    [
        ("a cat", "a cat"),
        ("costs $inputs.price", "costs $inputs.price"),
        ("", ""),
        ("$", "$"),
        ("$5 off", "$5 off"),
        ("$ 5", "$ 5"),
        ("$$inputs.brief", "$inputs.brief"),
        ("$$", "$"),
    ],
)
def test_leaves_plain_text_alone(text, plain_text):
    assert read_text(text) == plain_text


@pytest.mark.parametrize(
    "text",
    [
        "$input.brief",
        "$runtime",
        "$runtimes.id",
        "$stages.keyframe",
        "$foo",
        "$inputs",
        "$inputs[0]",
        "$artifacts",
        "$inputs.",
        "$inputs..a",
        "$inputs.a[",
        "$inputs.a[0",
        "$inputs.a[-1]",
        "$inputs.a[x]",
        "$inputs.a[]",
        "$inputs.a]",
        "$inputs.a[0]b",
        "$.a",
        "$[0]",
        "$inputs.a[9999999999]",
    ],
)
def test_refuses_broken_syntax(text):
    read = read_text(text)
    assert isinstance(read, Broken)
    assert read.why


@settings(max_examples=examples(100), derandomize=True)
@given(st.text(max_size=30).map("$".__add__) | st.text(max_size=30))
def test_reads_any_text(text):
    read = read_text(text)
    assert isinstance(read, (Ref, Broken, str))
    if isinstance(read, Ref):
        assert read.text == text


def test_finds_bindings_at_any_depth_in_order():
    value = {"a": ["$inputs.x", {"b": "$item"}], "c": "$oops", "d": "$$no"}
    assert [read.text for read in find_refs(value)] == ["$inputs.x", "$item", "$oops"]


def test_plain_unfolds_dollars_at_any_depth():
    assert plain({"a": ["$$x", "$5", 3]}) == {"a": ["$x", "$5", 3]}


def test_depth_has_a_limit():
    value: object = "$inputs.x"
    for _ in range(200):
        value = [value]
    assert is_too_deep(value)
    assert not is_too_deep([[["$inputs.x"]]])
    assert list(find_refs(value)) == []
