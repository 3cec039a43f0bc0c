import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.canonical import canonical_bytes, equal, sha256_hex


def test_writes_the_example_of_the_standard() -> None:
    # RFC 8785, 3.2.2 and 3.2.3.
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert canonical_bytes(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@pytest.mark.parametrize(
    ("one", "other"), [({"a": 10}, {"a": 10.0}), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (0, -0.0)]
)
def test_equal_requests_have_equal_hashes(one: Any, other: Any) -> None:
    assert sha256_hex(one) == sha256_hex(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(2**60, 2**60 + 1), ({"s": [2**63 - 1]}, {"s": [2**63 - 2]}), (2**60, str(2**60)), (1, True)],
)
def test_different_requests_have_different_hashes(one: Any, other: Any) -> None:
    assert sha256_hex(one) != sha256_hex(other)


LEAF = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text("ab", max_size=2)
VALUE = st.recursive(
    LEAF, lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text("ab"), some, max_size=3)
)


# On a busy machine the first values take seconds.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(VALUE, VALUE)
def test_values_are_equal_when_their_canonical_forms_are(one: Any, other: Any) -> None:
    assert equal(one, other) == (canonical_bytes(one) == canonical_bytes(other))
    assert equal(one, json.loads(json.dumps(one)))
    assert not equal({"a": [1, one]}, {"a": [True, one]})
    assert equal({"a": [10]}, {"a": [10.0]})
