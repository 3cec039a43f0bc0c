"""Four ops, total, each with an inverse."""

import copy
import random

import pytest

from templates_app.document_ops.ops import apply_all, empty_state
from templates_app.document_ops.schemas import MAX_OPS, problem_of
from tests.support.builders.documents import random_ops
from tests.support.examples import examples


def stage(key="a", **fields):
    return {"op": "put", "table": "stages", "key": key, "value": {"id": key, **fields}}


def make(*ops):
    return apply_all(empty_state(), ops)[0]


def test_the_document_given_is_never_changed():
    dice = random.Random(4)
    state = make(*random_ops(dice, 30))
    before = copy.deepcopy(state)

    apply_all(state, random_ops(dice, 50))

    assert state == before


def test_undoing_any_sequence_leads_back_to_the_start():
    for seed in range(examples(400, 4)):
        dice = random.Random(seed)
        start = make(*random_ops(dice, dice.randrange(25)))
        end, undo = apply_all(start, random_ops(dice, dice.randint(1, 25)))

        back, redo = apply_all(end, undo)

        assert back == start, f"seed {seed}"
        assert apply_all(back, redo)[0] == end, f"seed {seed}"


def test_orders_and_rows_always_agree():
    for seed in range(examples(200, 4)):
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
