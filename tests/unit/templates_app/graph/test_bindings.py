"""What counts as a binding, and what is plain text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from templates_app.graph.bindings import (
    Broken,
    Ref,
    find_refs,
    is_too_deep,
    plain,
    read_text,
)
from tests.support.examples import examples


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
