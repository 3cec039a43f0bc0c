"""Regular expressions in linear time: a stranger's pattern cannot make us wait.

Python's own engine backtracks, so a pattern such as `(a+)+$` takes for ever on thirty letters. Here
the pattern, as Python parses it, becomes a set of states that are stepped through together, one
character at a time: at most states × characters steps. Look-around and back-references cannot be
done this way and are refused, as are patterns that unfold into too many states.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, Final, TypeAlias

MAX_PATTERN: Final = 500
MAX_STATES: Final = 1_000

Test: TypeAlias = Callable[[str], bool]
Guard: TypeAlias = Callable[[str, int], bool]


class Unsupported(Exception):
    """Why a pattern cannot be matched here; reads on after “its pattern”."""


class TooMuchWork(Exception):
    """The search took more steps than it was given."""


class Matcher:
    """A compiled pattern. `search` finds it anywhere in a text, as JSON Schema asks."""

    def __init__(self) -> None:
        # For each state its test with the target, if any, and its free moves, which may be guarded.
        self.tests: list[tuple[Test, int] | None] = []
        self.moves: list[list[tuple[int, Guard | None]]] = []
        self.start = self.end = 0

    def search(self, text: str, steps: int = 10_000_000) -> bool:
        """Whether the pattern occurs in the text. Raises TooMuchWork after so many steps.

        A step is one state at one character; there are at most states × (characters + 1).
        """
        states: set[int] = set()
        for at in range(len(text) + 1):
            states.add(self.start)
            states = self._closure(states, text, at)
            steps -= len(states)
            if steps < 0:
                raise TooMuchWork
            if self.end in states:
                return True
            if at == len(text):
                break
            character = text[at]
            reached = set()
            for state in states:
                step = self.tests[state]
                if step is not None and step[0](character):
                    reached.add(step[1])
            states = reached
        return False

    def _closure(self, states: Iterable[int], text: str, at: int) -> set[int]:
        seen = set(states)
        stack = list(seen)
        while stack:
            for target, guard in self.moves[stack.pop()]:
                if target not in seen and (guard is None or guard(text, at)):
                    seen.add(target)
                    stack.append(target)
        return seen

    def state(self) -> int:
        if len(self.tests) >= MAX_STATES:
            raise Unsupported("unfolds into too many states")
        self.tests.append(None)
        self.moves.append([])
        return len(self.tests) - 1

    def free(self, source: int, target: int, guard: Guard | None = None) -> None:
        self.moves[source].append((target, guard))


def compile_pattern(pattern: str) -> Matcher:
    """Compile a pattern in Python's syntax. Raises Unsupported."""
    if len(pattern) > MAX_PATTERN:
        raise Unsupported(f"is longer than {MAX_PATTERN} characters")
    try:
        parsed = _parser.parse(pattern, re.ASCII if pattern.isascii() else 0)
    except (re.error, OverflowError, RecursionError) as bad:
        raise Unsupported(f"cannot be read ({bad})") from None
    if parsed.state.flags & (re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE):
        raise Unsupported("sets flags")
    matcher = Matcher()
    matcher.start = matcher.state()
    try:
        matcher.end = _sequence(matcher, parsed, matcher.start)
    except RecursionError:
        raise Unsupported("is nested too deeply") from None
    return matcher


def _sequence(matcher: Matcher, nodes: Iterable[Any], at: int) -> int:
    for node in nodes:
        at = _node(matcher, node, at)
    return at


def _node(matcher: Matcher, node: Any, at: int) -> int:
    """Add one parsed element after state `at`; the state after it."""
    code, value = node
    name = str(code)
    if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
        after = matcher.state()
        matcher.tests[at] = (_test(name, value), after)
        return after
    if name == "BRANCH":
        end = matcher.state()
        for way in value[1]:
            begin = matcher.state()
            matcher.free(at, begin)
            matcher.free(_sequence(matcher, way, begin), end)
        return end
    if name == "SUBPATTERN":
        if value[1] or value[2]:
            raise Unsupported("sets flags")
        begin = matcher.state()
        matcher.free(at, begin)
        return _sequence(matcher, value[3], begin)
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        return _repeat(matcher, value, at)
    if name == "AT":
        after = matcher.state()
        matcher.free(at, after, _guard(str(value)))
        return after
    raise Unsupported(f"uses {name.lower().replace('_', ' ')}")


def _repeat(matcher: Matcher, value: Any, at: int) -> int:
    low, high, body = value
    for _ in range(low):
        at = _once(matcher, body, at)
    if high == _constants.MAXREPEAT:
        loop = matcher.state()
        matcher.free(at, loop)
        end = matcher.state()
        matcher.free(loop, end)
        matcher.free(_once(matcher, body, loop), loop)
        return end
    end = matcher.state()
    matcher.free(at, end)
    for _ in range(high - low):
        at = _once(matcher, body, at)
        matcher.free(at, end)
    return end


def _once(matcher: Matcher, body: Any, at: int) -> int:
    begin = matcher.state()
    matcher.free(at, begin)
    return _sequence(matcher, body, begin)


def _guard(name: str) -> Guard:
    if name in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
        return lambda text, at: at == 0
    if name in ("AT_END", "AT_END_STRING"):
        # `$` in JSON Schema is the very end; Python's would also stop before a last line break.
        return lambda text, at: at == len(text)
    if name in ("AT_BOUNDARY", "AT_NON_BOUNDARY"):
        wanted = name == "AT_BOUNDARY"

        def is_at_boundary(text: str, at: int) -> bool:
            before = at > 0 and _is_word(text[at - 1])
            after = at < len(text) and _is_word(text[at])
            return (before != after) == wanted

        return is_at_boundary
    raise Unsupported(f"uses {name.lower()}")


def _test(name: str, value: Any) -> Test:
    if name == "LITERAL":
        return lambda character: ord(character) == value
    if name == "NOT_LITERAL":
        return lambda character: ord(character) != value
    if name == "ANY":
        return lambda character: character != "\n"
    negated = bool(value) and str(value[0][0]) == "NEGATE"
    tests = [_member(str(code), part) for code, part in value[1 if negated else 0 :]]
    return lambda character: any(test(character) for test in tests) != negated


def _member(name: str, value: Any) -> Test:
    if name == "LITERAL":
        return lambda character: ord(character) == value
    if name == "RANGE":
        low, high = value
        return lambda character: low <= ord(character) <= high
    if name == "CATEGORY":
        category = str(value)
        inside = _CATEGORIES[category.replace("_NOT_", "_")]
        negated = "_NOT_" in category
        return lambda character: inside(character) != negated
    raise Unsupported(f"uses {name.lower()}")


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


_CATEGORIES: Final[dict[str, Test]] = {
    "CATEGORY_DIGIT": lambda character: unicodedata.category(character) == "Nd",
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": _is_word,
}
