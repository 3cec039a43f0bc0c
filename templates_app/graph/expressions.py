"""Conditions written as text: `$inputs.mood == "calm" && !$artifacts.look`. Pure, never raises.

Values are literals (texts in either quotes, numbers, true, false, null) and binding paths; between
them are `==`, `!=`, `&&`, `||`, before them `!`, around them parentheses. An expression is stored
as a tree of JSON objects: {"lit": value}, {"ref": "$…", "source": key of the step it means} or
{"op": "==" | "!=" | "&&" | "||" | "!", "args": [tree, …]}. A chain of `&&` or of `||` is one object
however long it is, so that no tree is deeper than its parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from core.phrases import RefusedValue, phrase
from templates_app.graph.bindings import ROOTS, Broken, Ref, read_text

Tree: TypeAlias = Mapping[str, Any]
# What a path leads to; None where it leads to nothing. Gets the path and its source.
Look: TypeAlias = Callable[[Tree], Any]

MAX_LENGTH: Final = 2_000
MAX_DEPTH: Final = 32

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<op>==|!=|&&|\|\||!|\(|\))
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d{1,15}(?:\.\d{1,15})?(?![\w.$]))
      | (?P<word>\$?[^\s()=!&|<>+*/,;'"$-][^\s()=!&|<>+*/,;'"$]*)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_CONSTANTS: Final = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Expression:
    """tree: references without their source. refs: every one of them, in order."""

    tree: Tree
    refs: tuple[Ref, ...]


class _Unreadable(RefusedValue):
    """The reason a text is no expression."""


def parse(text: str) -> Expression | Broken:
    """Read an expression. The roots may be written without `$`, as in `inputs.mood`."""
    if len(text) > MAX_LENGTH:
        return Broken(text, phrase("expression_too_long", limit=MAX_LENGTH))
    try:
        reader = _Parser(_tokens(text))
        tree = reader.either(0)
        if reader.at < len(reader.tokens):
            word = reader.tokens[reader.at][1]
            raise _Unreadable("operator_expected", word=_excerpt(word))
    except _Unreadable as bad:
        return Broken(text, bad.why)
    return Expression(tree, tuple(reader.refs))


def replace_refs(tree: Tree, put: Callable[[Tree], Tree]) -> Tree:
    """The tree with every reference replaced by what `put` makes of it."""
    if "ref" in tree:
        return put(tree)
    if "op" in tree:
        return {"op": tree["op"], "args": [replace_refs(part, put) for part in tree["args"]]}
    return tree


def with_refs(text: str, put: Callable[[Ref], str]) -> str:
    """A readable expression with every reference replaced by the text that `put` makes of it."""

    def replacement(token: re.Match[str]) -> str:
        word = token["word"]
        reading = None if word is None or word in _CONSTANTS else read_text(_with_sign(word))
        return token[0].replace(word, put(reading)) if isinstance(reading, Ref) else token[0]

    return _TOKEN.sub(replacement, text)


def evaluate(tree: Tree, look: Look) -> Any:
    """The value of an expression. `&&` and `||` give the value that decides, `!` true or false."""
    if "lit" in tree:
        return tree["lit"]
    if "ref" in tree:
        return look(tree)
    operator, parts = tree["op"], tree["args"]
    value = evaluate(parts[0], look)
    if operator == "!":
        return not truth(value)
    if operator in ("==", "!="):
        return same(value, evaluate(parts[1], look)) == (operator == "==")
    for part in parts[1:]:
        if truth(value) != (operator == "&&"):
            break
        value = evaluate(part, look)
    return value


def truth(value: Any) -> bool:
    """Take a value as true: all but null, false, 0, and an empty text, list or object."""
    return bool(value)


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal; 1 equals 1.0 but not true, at any depth."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


# -- reading --------------------------------------------------------------------------------------


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None:
            rest = text[at:].strip()
            raise _Unreadable("expression_unreadable", word=_excerpt(rest))
        tokens.append((str(token.lastgroup), token[str(token.lastgroup)]))
        at = token.end()
    return tokens


class _Parser:
    """Recursive descent: `||` binds loosest, then `&&`, then comparison, then `!`."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.refs: list[Ref] = []

    def takes(self, *operators: str) -> str:
        """The next operator, if it is one of these; it is then behind us."""
        if self.at < len(self.tokens):
            kind, word = self.tokens[self.at]
            if kind == "op" and word in operators:
                self.at += 1
                return word
        return ""

    def either(self, depth: int) -> Tree:
        parts = [self.both(depth)]
        while self.takes("||"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else {"op": "||", "args": parts}

    def both(self, depth: int) -> Tree:
        parts = [self.comparison(depth)]
        while self.takes("&&"):
            parts.append(self.comparison(depth))
        return parts[0] if len(parts) == 1 else {"op": "&&", "args": parts}

    def comparison(self, depth: int) -> Tree:
        tree = self.single(depth)
        operator = self.takes("==", "!=")
        if not operator:
            return tree
        comparison = {"op": operator, "args": [tree, self.single(depth)]}
        if self.takes("==", "!="):
            raise _Unreadable("two_comparisons")
        return comparison

    def single(self, depth: int) -> Tree:
        if depth >= MAX_DEPTH:
            raise _Unreadable("nested_parentheses")
        if self.takes("!"):
            return {"op": "!", "args": [self.single(depth + 1)]}
        if self.takes("("):
            tree = self.either(depth + 1)
            if not self.takes(")"):
                raise _Unreadable("close_parenthesis")
            return tree
        if self.at >= len(self.tokens):
            raise _Unreadable("value_missing_at_end" if self.tokens else "expression_empty")
        kind, word = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return {"lit": _ESCAPE.sub(r"\1", word[1:-1])}
        if kind == "number":
            number = float(word)
            return {"lit": int(number) if number.is_integer() else number}
        if kind == "word":
            return self.operand(word)
        raise _Unreadable("value_missing_before", word=word)

    def operand(self, word: str) -> Tree:
        if word in _CONSTANTS:
            return {"lit": _CONSTANTS[word]}
        reading = read_text(_with_sign(word))
        if isinstance(reading, Broken):
            raise _Unreadable("not_a_reference", word=_excerpt(word), why=reading.why)
        if isinstance(reading, str):
            raise _Unreadable("not_a_value", word=_excerpt(word))
        self.refs.append(reading)
        return {"ref": reading.text}


def _with_sign(word: str) -> str:
    """A root may be written without its `$`."""
    is_bare = not word.startswith("$") and re.match(rf"(?:{'|'.join(ROOTS)})[.\[]", word)
    return f"${word}" if is_bare else word


def _excerpt(word: str) -> str:
    return word if len(word) <= 40 else word[:40] + "…"
