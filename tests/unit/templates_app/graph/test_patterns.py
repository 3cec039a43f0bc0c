"""Patterns of template authors match as Python matches them, in linear time."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.graph.safe_regex import Unsupported, compile_pattern

PATTERNS = [
    "^#[0-9a-f]{6}$",
    "a|b|",
    "(a|b)+c",
    "^[a-z]+(-[a-z]+)*$",
    r"\bcat\b",
    r"\B-",
    r"[^\d]+$",
    "^.{2,4}$",
    "a*?b",
    "^$",
    "(?:ab){2,}",
    "(x?){5}x{5}",
    r"^\w+@\w+\.\w{2,3}$",
    r"[^a-c]",
    "[-a]b{0}",
]


@given(st.sampled_from(PATTERNS), st.text("abcx-#@. 019\n", max_size=12))
def test_finds_what_python_finds(pattern, text):
    # `$` is the very end in JSON Schema, so compare with \Z.
    expected = re.search(re.sub(r"\$$", r"\\Z", pattern), text, re.ASCII) is not None
    assert (compile_pattern(pattern).search(text) is not None) == expected


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "(a?){60}a{60}$", "a*a*a*a*a*b", "(.*)*x"]
)
def test_hostile_pattern_takes_linear_time(pattern):
    started = time.process_time()
    compile_pattern(pattern).search("a" * 1_000 + "!")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)b",
        r"(a)\1",
        "(((a{99}){99}){99})",
        "(",
        "a" * 501,
        "(?<!x)a",
        "(?>a)",
    ],
)
def test_refuses_what_cannot_be_done_in_linear_time(pattern):
    with pytest.raises(Unsupported):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^\u00e9+$", "éé"),
        (r"^\\u00e9", r"\u00e9"),
        (r"a\Z", "ba"),
        (r"^\p{Lu}", "Ärger"),
        ("(?i)A", "a"),
    ],
)
def test_spellings_of_other_engines_are_understood(pattern, text):
    assert compile_pattern(pattern).search(text)


@given(st.text(max_size=40), st.text(max_size=10))
def test_any_pattern_compiles_or_is_refused(pattern, text):
    try:
        matcher = compile_pattern(pattern)
    except Unsupported:
        return
    matcher.search(text)
