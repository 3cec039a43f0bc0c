"""Four ops, total, each with an inverse."""

import copy
import random

import pytest

from templates_app.document_ops.ops import apply, apply_all, empty_state
from templates_app.document_ops.schemas import MAX_OPS, problem_of
from tests.support.builders.documents import random_ops


def stage(key="a", **fields):
    return {"op": "put", "table": "stages", "key": key, "value": {"id": key, **fields}}


def make(*ops):
    return apply_all(empty_state(), ops)[0]


def test_put_goes_last_and_after_says_behind_whom():
    state = make(
        stage("a"), stage("b"), {**stage("c"), "after": "a"}, {**stage("d"), "after": None}
    )

    assert state["stages"]["order"] == ["d", "a", "c", "b"]


def test_put_behind_someone_who_is_gone_goes_last():
    assert make(stage("a"), {**stage("b"), "after": "gone"})["stages"]["order"] == ["a", "b"]


def test_put_over_a_record_keeps_its_place():
    state = make(stage("a"), stage("b"), stage("a", label="Again"))

    assert state["stages"]["order"] == ["a", "b"]
    assert state["stages"]["rows"]["a"]["label"] == "Again"


def test_set_writes_one_field_and_makes_the_objects_on_the_way():
    op = {"op": "set", "table": "stages", "key": "a", "path": ["args", "prompt"], "value": "a fox"}

    state, undo = apply(make(stage("a")), op)

    assert state["stages"]["rows"]["a"] == {"id": "a", "args": {"prompt": "a fox"}}
    assert undo == [{"op": "set", "table": "stages", "key": "a", "path": ["args"]}]


def test_set_without_a_value_removes_the_field():
    op = {"op": "set", "table": "stages", "key": "a", "path": ["label"]}

    state, undo = apply(make(stage("a", label="Sky")), op)

    assert state["stages"]["rows"]["a"] == {"id": "a"}
    assert undo == [{**op, "value": "Sky"}]


@pytest.mark.parametrize(
    "op",
    [
        {"op": "remove", "table": "stages", "key": "gone"},
        {"op": "set", "table": "stages", "key": "gone", "path": ["x"], "value": 1},
        {"op": "set", "table": "stages", "key": "a", "path": ["id", "x"], "value": 1},
        {"op": "set", "table": "stages", "key": "a", "path": ["absent", "x"]},
        {"op": "order", "table": "stages", "key": "a", "after": "gone"},
        {"op": "order", "table": "stages", "key": "a", "after": "a"},
        {"op": "order", "table": "stages", "key": "gone", "after": None},
        {"op": "remove", "table": "root", "key": "template"},
        {"op": "put", "table": "root", "key": "template", "value": {}},
        {"op": "put", "table": "root", "key": "other", "value": {}},
        {"op": "order", "table": "root", "key": "template", "after": None},
    ],
)
def test_what_has_no_target_does_nothing(op):
    state = make(stage("a"))

    after, undo = apply(state, op)

    assert after == state
    assert undo == []


def test_the_document_given_is_never_changed():
    dice = random.Random(4)
    state = make(*random_ops(dice, 30))
    before = copy.deepcopy(state)

    apply_all(state, random_ops(dice, 50))

    assert state == before


def test_undoing_any_sequence_leads_back_to_the_start():
    for seed in range(400):
        dice = random.Random(seed)
        start = make(*random_ops(dice, dice.randrange(25)))
        end, undo = apply_all(start, random_ops(dice, dice.randint(1, 25)))

        back, redo = apply_all(end, undo)

        assert back == start, f"seed {seed}"
        assert apply_all(back, redo)[0] == end, f"seed {seed}"


def test_orders_and_rows_always_agree():
    for seed in range(200):
        state = make(*random_ops(random.Random(seed), 60))
        for table in state.values():
            if isinstance(table, dict):
                assert sorted(table["order"]) == sorted(table["rows"]), f"seed {seed}"


@pytest.mark.parametrize(
    ("ops", "words"),
    [
        ({}, "must be a list"),
        ([7], "must be an object"),
        ([{"op": "swap"}], "must have an `op`"),
        ([{"op": ["put"]}], "must have an `op`"),
        ([{"op": "remove", "table": "stages", "key": "a", "force": True}], "`force`"),
        ([{"op": "remove", "table": "steps", "key": "a"}], "`table`"),
        ([{"op": "remove", "table": ["stages"], "key": "a"}], "`table`"),
        ([{"op": "remove", "table": "stages", "key": ""}], "`key`"),
        ([{"op": "put", "table": "stages", "key": "a"}], "`value`"),
        ([{"op": "order", "table": "stages", "key": "a"}], "`after`"),
        ([{"op": "put", "table": "stages", "key": "a", "value": 1, "after": 3}], "`after`"),
        ([{"op": "set", "table": "stages", "key": "a", "path": []}], "`path`"),
        ([{"op": "set", "table": "stages", "key": "a", "path": ["a"] * 9}], "`path`"),
        ([{"op": "set", "table": "stages", "key": "a", "path": [1]}], "`path`"),
        ([stage()] * (MAX_OPS + 1), "at most 500"),
    ],
)
def test_a_wrong_shape_is_named(ops, words):
    assert words in (problem_of(ops) or "")


def test_random_ops_have_the_right_shape():
    assert problem_of(random_ops(random.Random(1), 500)) is None
