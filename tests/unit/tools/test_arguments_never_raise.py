"""Whatever a caller sends: no exception, and what is accepted keeps the published schema."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tools.catalog import catalogue
from tools.declaration.argument_problems import PROBLEM_CODES
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.declaration.ports import Tool, spellings
from tools.declaration.schema import json_schema, parameter_schemas

TOOLS = catalogue()

numbers = st.one_of(
    st.integers(),
    st.integers(-3, 40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([10**400, -(10**400), 2**63, 1e308, -0.0, 0.5, 5.0]),
)
texts = st.one_of(
    st.text(max_size=30),
    st.integers(-5, 2000).map(str),
    st.sampled_from(
        [
            *("true", "False", "nan", "inf", "1e999", "9" * 5000, "x" * 200_000, "١٢", "", " "),
            *("https://a.example/x", "data:image/png;base64,AAAA", "png", "fade", "5 "),
        ]
    ),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=20),
        st.dictionaries(
            st.one_of(
                st.text(max_size=8),
                st.sampled_from(["type", "durationSeconds", "start", "text", "kind", "x", "label"]),
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=12,
)


@st.composite
def calls(draw: st.DrawFn) -> tuple[type[Tool], dict[str, Any], frozenset[str]]:
    tool = draw(st.sampled_from(TOOLS))
    declared = [*parameter_schemas(tool), *(a for p in tool.ports() for a in p.arguments)]
    written = sorted({spelled for name in declared for spelled in spellings(name)})
    names = st.one_of(st.sampled_from(written), st.text(max_size=10))
    raw = draw(st.dictionaries(names, values, max_size=10))
    bound = draw(st.frozensets(names, max_size=3))
    return tool, raw, bound


ANY_CALLS = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def gives_problems(call):
    tool, raw, bound = call
    read = read_arguments(tool, raw, bound=bound)
    for problem in read.problems:
        assert problem.code in PROBLEM_CODES
        assert 0 < len(problem.message) < 1000
    schema = {**json_schema(tool), "required": []}
    known = {name: value for name, value in read.params.items() if name in parameter_schemas(tool)}
    Draft202012Validator(schema).validate(known)
    Draft202012Validator(schema).validate(fill_defaults(tool, known))
    for item in read.media:
        assert item.argument in item.port.arguments
        assert type(item.value) in (int, str)


test_hostile_values_give_problems_and_never_exceptions = settings(ANY_CALLS, max_examples=60)(
    given(calls())(gives_problems)
)
test_many_hostile_values_give_problems = pytest.mark.thorough(
    ANY_CALLS(given(calls())(gives_problems))
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calls())
def test_reading_what_was_read_changes_nothing(call):
    tool, raw, bound = call
    once = read_arguments(tool, raw, bound=bound)
    twice = read_arguments(tool, once.params, bound=bound)
    assert twice.params == once.params
