"""No regular expression of the product takes more than time in proportion to a text.

The engine holds the interpreter while it matches, so a slow one stops every page of the server.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from core.patterns import bounded_pattern
from tests.support import patterns as trials
from tests.support.patterns import (
    LENGTH,
    PACKAGES,
    ROOT,
    Written,
    odd_texts,
    product_modules,
    seconds_of,
    written_patterns,
)

# CPU seconds of one pattern on one text of 20,000 characters: no matter how they grow, or where
# they are more than those of the text's half by this. In proportion to the text they are twice as
# many, by its square four times.
MOST_S = 1.0
NOTICED_S = 0.1
GROWTH = 3
# Digests of the patterns that were tried on odd texts, each with what tries it. A run without CI
# adds to it.
TRIED = ROOT / "tests" / "fixtures" / "tried_patterns.txt"
TRIAL = Path(trials.__file__).read_text()
# Where words of people are read: in milliseconds, by hundreds of patterns.
READERS = (
    *(
        "compose.plain_settings",
        "compose.model.untrusted",
        "compose.replay.redaction",
    ),
    *("compose.template_plan", "compose.writers", "builder.agents.mcp.untrusted_text", "core"),
)
# Not by us: texts of at most 40 characters reach it.
SHORT_TEXTS = ("tools/declaration/argument_readers.py",)
# The studio reads prompts in a child of its own, which is ended when its time is over.
OWN_PROCESS = ("studio/",)
REMEDY = (
    "Give each repetition but the last an end (`\\s{1,9}`), or none that"
    " begins again within itself (`(?<!\\s)\\s+`, `\\w++`), or compile it by"
    " core.patterns.bounded_pattern, which does the former."
)


def slow_ones(patterns: Iterable[Written], texts: Iterable[str] | None = None) -> list[str]:
    found = []
    for one in patterns:
        for text in texts or odd_texts(one.pattern):
            # Again: another process may have emptied the caches.
            if is_slow(one, text) and is_slow(one, text):
                shown = f"{one.pattern.pattern[:80]!r} is slow on {text[:30]!r}…"
                found.append(f"{one.where}: {shown} {REMEDY}")
                break
    return found


def is_slow(one: Written, text: str) -> bool:
    took = seconds_of(one, text, MOST_S)
    return took > MOST_S or (
        took > NOTICED_S and took > GROWTH * seconds_of(one, text[: LENGTH // 2 - 1] + "\0", MOST_S)
    )


def digest_of(written: Written) -> str:
    pattern = written.pattern
    text = repr((pattern.pattern, pattern.flags, written.method, TRIAL))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_no_pattern_for_words_of_people_is_slow_on_runs() -> None:
    patterns, _ = written_patterns(product_modules(READERS))
    assert len(patterns) > 60
    assert slow_ones(patterns, (" " * LENGTH + "\0", "1" * LENGTH + "\0")) == []


@pytest.mark.thorough
@pytest.mark.timeout(900)  # 40 CPU-s on a quiet machine where none was tried before
def test_no_pattern_of_the_product_is_slow_on_odd_texts() -> None:
    patterns, unreadable = written_patterns(product_modules(PACKAGES))
    assert len(patterns) > 400
    assert [
        f"{one.where}: `{one.call}` is put together when it is used, so no test can try it. Make it"
        " a constant of the module; words that come later go through re.escape."
        for one in unreadable
        if not one.where.startswith((*SHORT_TEXTS, *OWN_PROCESS))
    ] == []
    digests = {digest_of(written): written for written in patterns}
    tried = set(TRIED.read_text().split()) if TRIED.exists() else set()
    assert slow_ones(digests[digest] for digest in digests.keys() - tried) == []
    if digests.keys() != tried and "CI" not in os.environ:
        TRIED.write_text("".join(f"{digest}\n" for digest in sorted(digests)))


def test_slow_pattern_is_stopped_and_named() -> None:
    slow = Written("here.py:1", re.compile(r"\s+,"))
    [line] = slow_ones([slow])
    assert line.startswith(r"here.py:1: '\\s+,' is slow on ")
    assert slow_ones([Written("here.py:1", bounded_pattern(r"\s+,"))]) == []


@pytest.mark.parametrize(
    ("written", "compiled"),
    [
        (r"\s+,", r"\s{1,12},"),
        (
            r"(?P<old>.+?)\s*\bto\s+(?P<new>.+)",
            r"(?P<old>.{1,200}?)\s{0,12}\bto\s{1,12}(?P<new>.+)",
        ),
        (r"(?:a+,)*b|(?:c|d*)", r"(?:a{1,200},){0,12}b|(?:c|d*)"),
        (r"(?:a*|b)c", r"(?:a{0,200}|b)c"),
        (r"[^]+*]+\[x{3,}y{2}\+z{300,}?.", r"[^]+*]{1,200}\[x{3,200}y{2}\+z{300,300}?."),
        (r"(?<!a)(?i:b*)(?=c+)d?", r"(?<!a)(?i:b{0,200})(?=c{1,200})d?"),
    ],
)
def test_repetitions_before_the_last_have_an_end(written: str, compiled: str) -> None:
    assert bounded_pattern(written).pattern == compiled


def test_blanks_of_a_verbose_pattern_are_no_part_of_it() -> None:
    assert bounded_pattern("(?:a) +b", re.VERBOSE).pattern == "(?:a) {1,12}b"
