"""What core.jsonsafe lets through, and how it says no."""

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import errors, jsonsafe
from tests.support.builders.hostile_bodies import BODIES
from tests.support.examples import examples

SAFE_TEXT = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=40
)
SAFE_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(-1e18, 1e18, allow_nan=False)
    | SAFE_TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(SAFE_TEXT, inner, max_size=5),
    max_leaves=30,
)


@pytest.mark.parametrize("name", BODIES)
def test_refuses_every_hostile_body(name: str) -> None:
    with pytest.raises((errors.InvalidBody, errors.TooLarge)):
        jsonsafe.loads_object(BODIES[name])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"input":{"steps":[{"seed":1e19}]}}', "input.steps[0].seed: number out"),
        (b'{"a":["x","b\\u0000"]}', "a[1]: contains a NUL"),
        (b"[" * 65 + b"]" * 65, "more than 64"),
        (b'{"a":1e999}', "too large"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":"\xff"}', "UTF-8"),
        (b'{"a":}', "line 1, column"),
        (b'{"image":"data:image/png;base64,' + b"A" * 150_000 + b'"}', "by URL, not inline"),
        (b'"\\u0000"', "The body: contains"),
    ],
)
def test_names_the_problem_and_its_place(body: bytes, words: str) -> None:
    with pytest.raises(errors.InvalidBody) as caught:
        jsonsafe.loads(body)
    assert words in caught.value.message


def test_refuses_a_body_above_the_limit_before_parsing_it() -> None:
    with pytest.raises(errors.TooLarge):
        jsonsafe.loads(b" " * (2 * 1024 * 1024 + 1))


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}"])
def test_an_empty_body_is_an_empty_object(body: bytes) -> None:
    assert jsonsafe.loads_object(body) == {}


def test_keeps_what_fits_exactly() -> None:
    body = b'{"low":-9223372036854775808,"high":9223372036854775807,"deep":' + b"[" * 63 + b"]" * 63
    value = jsonsafe.loads(body + b"}")
    assert (value["low"], value["high"]) == (-(2**63), 2**63 - 1)


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert jsonsafe.loads_object(b'\xef\xbb\xbf{"a": "\xc3\xa9"}') == {"a": "é"}


@settings(max_examples=examples(100), derandomize=True)
@given(SAFE_JSON)
def test_safe_values_come_back_as_they_were(value: Any) -> None:
    assert jsonsafe.loads(jsonsafe.dumps(value)) == value


@settings(max_examples=examples(100), derandomize=True)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_finite_value_or_a_refusal(data: bytes) -> None:
    value: Any = None
    with contextlib.suppress(errors.InvalidBody):
        value = jsonsafe.loads(data)
    assert not isinstance(value, float) or math.isfinite(value)
