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
    return evaluate(read.tree, lambda ref: KNOWN.get(ref["ref"]))


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
        ("", "expression_empty"),
        ("  ", "expression_empty"),
        ("$inputs.mood ==", "value_missing_at_end"),
        ("== 1", "value_missing_before"),
        ("(true", "close_parenthesis"),
        ("true)", "operator_expected"),
        ("1 2", "operator_expected"),
        ("1 == 1 == 1", "two_comparisons"),
        ("calm", "not_a_value"),
        ("$5", "not_a_value"),
        ("$nope.x", "not_a_reference"),
        ("$inputs.a[", "not_a_reference"),
        ("1 < 2", "expression_unreadable"),
        ("'open", "expression_unreadable"),
        ("(" * 40 + "1" + ")" * 40, "nested_parentheses"),
        ("!" * 40 + "1", "nested_parentheses"),
        ("1" * (MAX_LENGTH + 1), "expression_too_long"),
    ],
)
def test_says_why_a_text_is_no_expression(text, why):
    read = parse(text)
    assert isinstance(read, Broken)
    assert read.why.key == why


def test_names_its_references_in_order():
    read = parse("$artifacts.look.items[0].url && $run.id == $inputs.mood")
    assert [ref.text for ref in read.refs] == [
        "$artifacts.look.items[0].url",
        "$run.id",
        "$inputs.mood",
    ]


def test_references_are_replaced_at_any_depth():
    read = parse("!($inputs.a && 1) || $inputs.b")
    tree = replace_refs(read.tree, lambda one: {"lit": one["ref"].endswith("b")})
    assert evaluate(tree, lambda ref: None) is True
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
        json.dumps(evaluate(read.tree, lambda ref: KNOWN.get(ref["ref"])))
