"""Conditions written as text: what they mean, and what is refused with a reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.graph.bindings import Broken
from templates_app.graph.expressions import MAX_LENGTH, Expression, evaluate, parse, replace_refs

KNOWN = {"$inputs.mood": "calm", "$inputs.count": 3, "$run.id": "wf_1", "$inputs.list": [1, 2.0]}


def value_of(text):
    read = parse(text)
    assert isinstance(read, Expression), read
    assert json.loads(json.dumps(read.tree)) == read.tree
    return evaluate(read.tree, lambda path, source: KNOWN.get(path))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("null", None),
        ("-1.5", -1.5),
        ("'it\\'s'", "it's"),
        ('"a\\\\b"', "a\\b"),
        ('$inputs.mood == "calm"', True),
        ("$inputs.mood != 'calm'", False),
        ("inputs.mood == 'calm'", True),
        ("$inputs.count == 3.0", True),
        ("$inputs.count == '3'", False),
        ("1 == true", False),
        ("$inputs.list == $inputs.list", True),
        ("$inputs.nothing == null", True),
        ("!$inputs.nothing", True),
        ("!!$inputs.mood", True),
        ("$inputs.nothing || 'none'", "none"),
        ("$inputs.mood && $inputs.count", 3),
        ("false && true || true", True),
        ("false && (true || true)", False),
        ("!($inputs.count==3)&&true", False),
        ("true || " * 150 + "false", True),
    ],
)
def test_has_the_value_its_parts_give(text, value):
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("$inputs.mood ==", "missing at its end"),
        ("== 1", "missing before"),
        ("(true", "not closed"),
        ("true)", "after a value"),
        ("1 2", "after a value"),
        ("1 == 1 == 1", "parentheses"),
        ("calm", "put texts in quotes"),
        ("$5", "put texts in quotes"),
        ("$nope.x", "no binding"),
        ("$inputs.a[", "no binding"),
        ("1 < 2", "cannot be read"),
        ("'open", "cannot be read"),
        ("(" * 40 + "1" + ")" * 40, "too deeply"),
        ("!" * 40 + "1", "too deeply"),
        ("1" * (MAX_LENGTH + 1), "characters"),
    ],
)
def test_says_why_a_text_is_no_expression(text, why):
    read = parse(text)
    assert isinstance(read, Broken)
    assert why in read.why


def test_names_its_references_in_order():
    read = parse("$artifacts.look.items[0].url && $run.id == $inputs.mood")
    assert [ref.text for ref in read.refs] == [
        "$artifacts.look.items[0].url",
        "$run.id",
        "$inputs.mood",
    ]


def test_references_are_replaced_at_any_depth():
    read = parse("!($inputs.a && 1) || $inputs.b")
    tree = replace_refs(read.tree, lambda text: {"lit": text.endswith("b")})
    assert evaluate(tree, lambda path, source: None) is True
    assert "ref" not in json.dumps(tree)


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(["$inputs.a", "1", "'x'", "==", "!=", "&&", "||", "!", "(", ")", "null"]),
        max_size=20,
    ).map(" ".join)
)
def test_never_raises(text):
    read = parse(text)
    if isinstance(read, Expression):
        json.dumps(evaluate(read.tree, lambda path, source: KNOWN.get(path)))
