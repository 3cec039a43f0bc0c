"""The regular expressions of the product, and odd texts on which a slow one takes minutes.

`written_patterns` reads the source, since `re.sub(r"…", …)` inside a function leaves no name, and
then what the modules hold, since a table's patterns are made in a loop.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import pkgutil
import re
import signal
import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from types import FrameType, ModuleType
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = tuple(
    tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
)
LENGTH: Final = 20_000
# Function of `re` → which of its arguments are the flags.
_FLAGS: Final = {
    "compile": 1,
    "search": 2,
    "match": 2,
    "fullmatch": 2,
    "findall": 2,
    "finditer": 2,
    "split": 3,
    "sub": 4,
    "subn": 4,
}
_USES_PATTERNS: Final = re.compile(r"^import re$|\bbounded_pattern\b", re.MULTILINE)
# These look at one place of a text. All others go on to the next, as finditer does.
_ANCHORED: Final = ("match", "fullmatch")


@dataclass(frozen=True, slots=True)
class Written:
    """A pattern of the product. method: `match`, `fullmatch`, or `finditer` for all that search."""

    where: str
    pattern: re.Pattern[str]
    method: str = "finditer"

    def run(self, text: str) -> None:
        if self.method == "finditer":
            for _ in self.pattern.finditer(text):
                pass
        else:
            getattr(self.pattern, self.method)(text)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A pattern that is put together when it is used, of which no test can say how slow it is."""

    where: str
    call: str


def product_modules(names: Iterable[str]) -> Iterator[ModuleType]:
    """These modules and all below them, but migrations and programs."""
    for name in names:
        root = importlib.import_module(name)
        yield root
        for module in pkgutil.walk_packages(getattr(root, "__path__", ()), f"{name}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                yield importlib.import_module(module.name)


def written_patterns(modules: Iterable[ModuleType]) -> tuple[list[Written], list[Unreadable]]:
    """Each pattern once, by its text and flags."""
    found: dict[tuple[str, int, str], Written] = {}
    unreadable: list[tuple[str, Unreadable]] = []
    sources = {module: Path(module.__file__ or "").read_text() for module in modules}
    for module, source in sources.items():
        reader = _Reader(module, source)
        for one in reader.patterns():
            found.setdefault((one.pattern.pattern, one.pattern.flags, one.method), one)
        unreadable += reader.unreadable
    makers = {function for function, _ in unreadable if function}
    called = set()
    for source in sources.values():
        if any(f"{maker}(" in source for maker in makers):
            called |= set(_called_on_import(ast.parse(source)))
    left = [problem for function, problem in unreadable if function in makers - called]
    return list(found.values()), left


def _called_on_import(tree: ast.AST) -> Iterator[str]:
    """The functions that a module calls outside of functions."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id
            yield from _called_on_import(node)


class _Reader(ast.NodeVisitor):
    """The patterns of one module."""

    def __init__(self, module: ModuleType, source: str) -> None:
        self.module = module
        self.path = str(Path(module.__file__ or "").relative_to(ROOT)) if source else ""
        self.function = ""
        self.methods: dict[str, set[str]] = {}
        self.written: list[Written] = []
        self.unreadable: list[tuple[str, Unreadable]] = []
        if _USES_PATTERNS.search(source):
            self.visit(ast.parse(source))

    def patterns(self) -> Iterator[Written]:
        yield from self.written
        for name, value in list(vars(self.module).items()):
            methods = self.methods.get(name, set())
            is_anchored = name.startswith("_") and methods and methods <= set(_ANCHORED)
            for pattern in _held(value):
                for method in methods if is_anchored else ("finditer",):
                    yield Written(f"{self.path}: {name}", pattern, method)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for outside in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if outside is not None:
                self.visit(outside)
        before, self.function = self.function, self.function or node.name
        for statement in node.body:
            self.visit(statement)
        self.function = before

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name) and node.attr in _FLAGS:
            self.methods.setdefault(node.value.id, set()).add(node.attr)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            if function.id == "bounded_pattern":
                self._read(node, "compile")
        elif (
            isinstance(function, ast.Attribute)
            and ast.unparse(function.value) == "re"
            and function.attr in _FLAGS
        ):
            self._read(node, function.attr)
        self.generic_visit(node)

    def _read(self, node: ast.Call, method: str) -> None:
        if method == "compile" and not self.function:
            # It is held by the module, if by no name of its own.
            return
        where = f"{self.path}:{node.lineno}"
        place = _FLAGS[method]
        flags = next((one.value for one in node.keywords if one.arg == "flags"), None)
        if flags is None and len(node.args) > place:
            flags = node.args[place]
        try:
            pattern = self._value(node.args[0])
            if isinstance(pattern, str):
                pattern = re.compile(pattern, self._value(flags) if flags is not None else 0)
        except NameError:
            self.unreadable.append((self.function, Unreadable(where, ast.unparse(node)[:100])))
        else:
            how = method if method in _ANCHORED else "finditer"
            self.written.append(Written(where, pattern, how))

    def _value(self, node: ast.expr) -> Any:
        # Of words that are only known later, any stand for all.
        plain = _Escaped().visit(ast.Expression(node))
        return eval(
            compile(ast.fix_missing_locations(plain), self.path, "eval"), dict(vars(self.module))
        )


class _Escaped(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        if ast.unparse(node.func) == "re.escape":
            return ast.Constant("some words")
        return node


def _held(value: object, depth: int = 0) -> Iterator[re.Pattern[str]]:
    """The patterns in a value of a module, in collections, in dataclasses and on classes, too."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
        return
    inside: Iterable[object] = ()
    if isinstance(value, dict):
        inside = (*value, *value.values())
    elif isinstance(value, (list, tuple, set, frozenset)):
        inside = value
    elif isinstance(value, type):
        inside = (
            [
                one
                for one in vars(value).values()
                if isinstance(one, (re.Pattern, tuple, list, dict))
            ]
            if value.__module__.partition(".")[0] in PACKAGES
            else ()
        )
    elif is_dataclass(value):
        inside = [getattr(value, one.name, None) for one in fields(value)]
    if depth < 6:
        for one in inside:
            if not isinstance(one, (str, int, float)):
                yield from _held(one, depth + 1)


class TooSlow(BaseException):
    """Something took longer than it may. No `except Exception` of the product hides it."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises TooSlow when what is within takes more CPU seconds. The engine looks for signals every
    4,096 steps."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds:g} CPU-s")

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def seconds_of(one: Written, text: str, most: float) -> float:
    """The CPU seconds of a pattern on a text; it is stopped when they are far above the most."""
    started = time.thread_time()
    with contextlib.suppress(TooSlow), cpu_limit(most * 1.5):
        one.run(text)
    return time.thread_time() - started


# What a pattern may begin with, be between, or look for, again and again.
SEEDS: Final = (
    *(" ", "a", "A", "1", "$", ".", "-", "_", ",", "=", "/", "<", "[", "{", "(", '"', "'", "\\"),
    *("\n", "“", "é", "a ", " \n", "1.", "a.", "a-", ": ", "a@a", "a, b and ", "the ", "({[<"),
    *("eyJaaaaa-", "eyJaaaaa.", "http://", "a://a:", "0:00 ", "shot 2 ", "</a", "&s=", "rg_aaaa_"),
)


def odd_texts(pattern: re.Pattern[str]) -> list[str]:
    """About 40 texts of 20,000 characters, each a few letters again and again, with an end that
    nothing matches: the usual ones, and what the pattern's own repetitions would take."""
    tree = list(_parser.parse(pattern.pattern, pattern.flags))
    whole = _example(tree)
    own = [("", whole), ("", f"{whole} "), ("", f"{whole[:40]}-")]
    for before, pump in _pumps(tree):
        own += [("", pump), ("", before + pump), (before, pump)]
    return [
        (before + pump * (LENGTH // len(pump) + 1))[: LENGTH - 1] + "\0"
        for before, pump in dict.fromkeys([*(("", seed) for seed in SEEDS), *own])
        if pump
    ]


def _pumps(tree: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """What each repetition would take once, and what stands before it."""
    for place, (kind, value) in enumerate(tree):
        here = before + _example(tree[:place])
        if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
            if value[1] > 3:
                yield here[:200], _example(value[2])
                # What ends the repetition, too: it may be looked for again and again.
                yield here[:200], _example(tree[place : place + 2])
                yield here[:200], _example(tree[place + 1 : place + 2])
            yield from _pumps(list(value[2]), here)
        elif kind is _constants.SUBPATTERN:
            yield from _pumps(list(value[-1]), here)
        elif kind is _constants.BRANCH:
            for branch in value[1]:
                yield from _pumps(list(branch), here)


def _example(tree: Iterable[Any]) -> str:
    """A short text that a pattern takes, as far as it can be told without trying."""
    return "".join(_piece(kind, value) for kind, value in tree)


def _piece(kind: Any, value: Any) -> str:
    if kind is _constants.LITERAL:
        return chr(value)
    if kind is _constants.NOT_LITERAL:
        return "a" if chr(value) != "a" else "b"
    if kind is _constants.ANY:
        return "a"
    if kind is _constants.IN:
        return _member(value)
    if kind is _constants.BRANCH:
        return _example(value[1][0])
    if kind is _constants.SUBPATTERN:
        return _example(value[-1])
    if kind is _constants.ATOMIC_GROUP:
        return _example(value)
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        return _example(value[2]) * max(1, min(value[0], 3))
    return ""


def _member(items: list[Any]) -> str:
    taken = {
        _constants.CATEGORY_SPACE: str.isspace,
        _constants.CATEGORY_DIGIT: str.isdigit,
        _constants.CATEGORY_WORD: lambda one: one.isalnum() or one == "_",
        _constants.CATEGORY_NOT_SPACE: lambda one: not one.isspace(),
        _constants.CATEGORY_NOT_DIGIT: lambda one: not one.isdigit(),
        _constants.CATEGORY_NOT_WORD: lambda one: not (one.isalnum() or one == "_"),
    }
    negated = any(kind is _constants.NEGATE for kind, _ in items)
    usual = 'a1 -,.$\n"x'
    named = [
        chr(v if k is _constants.LITERAL else v[0])
        for k, v in items
        if k in (_constants.LITERAL, _constants.RANGE)
    ]

    def fits(one: str) -> bool:
        for kind, value in items:
            if kind is _constants.LITERAL and ord(one) == value:
                return True
            if kind is _constants.RANGE and value[0] <= ord(one) <= value[1]:
                return True
            if kind is _constants.CATEGORY and taken[value](one):
                return True
        return False

    return next((one for one in (*named, *usual) if fits(one) != negated), "a")
