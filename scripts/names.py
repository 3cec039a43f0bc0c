"""`make check`: names say what a thing is, and docstrings begin with a verb or a noun.

Usage: names.py [--check | --write | --list [PACKAGE]]. It prints a table of each package. --list:
each place. --check: fails where a package has more than names.json allows it, or less, so that the
file holds today's figures; --write puts them there, and refuses those that grew.

Counted are variables, parameters, functions and modules whose whole name is a participle (`found`,
`told`); one in a longer name (`failed_steps`) is an adjective and right. Tests, migrations, written
files and the studio, whose code is frozen, are left out.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from code_tree import checkout_files
from file_facts import FileFacts

ROOT: Final = Path(__file__).resolve().parent.parent
BUDGET: Final = Path(__file__).with_suffix(".json")
WORDS: Final = Path(__file__).with_suffix(".toml")
KINDS: Final = ("variable", "parameter", "function", "module", "docstring")
LEFT_OUT: Final = re.compile(r"^(studio|tests|docs|packaging)/|/migrations/|\.test\.")
GENERATED: Final = re.compile(r"[Gg]enerated by|[Ww]ritten by `manage")
REMEDY: Final = (
    "Name a thing by what it is (docs/glossary.md), and begin a docstring with a verb (function) or"
    " noun. scripts/names.py --list PACKAGE shows each place."
)

_lists = tomllib.loads(WORDS.read_text())
_IRREGULAR, _NOUNS, _OPENINGS = (
    frozenset(_lists[name].split()) for name in ("irregular", "nouns", "openings")
)
_SCRIPT_NAME = re.compile(
    r"\b(?:const|let|var)\s+(?:\{[^}=]*\}|\[[^\]=]*\]|\w+)|\b(?P<function>function)\s+\w+"
)
_SCRIPT_DOC = re.compile(r"/\*\*\s*\n?\s*\*?\s*(\w+)([^\n]{0,40})")

# Kind, line, name or first words.
Place = tuple[str, int, str]


def is_participle(name: str) -> bool:
    word = name.strip("_").lower()
    if "_" in word or len(word) < 3 or word in _NOUNS:
        return False
    return word in _IRREGULAR or re.fullmatch(r"[a-z]{2,}ed", word) is not None


def places_of(path: str, text: str) -> list[Place]:
    """List what is counted in a file."""
    reader = _of_python if path.endswith(".py") else _of_script
    module = [("module", 1, Path(path).stem)] if is_participle(Path(path).stem) else []
    return [*module, *reader(text)]


def _of_python(text: str) -> Iterator[Place]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) if is_participle(name):
                yield "variable", node.lineno, name
            case ast.arg(arg=name) if is_participle(name):
                yield "parameter", node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if is_participle(
                name
            ):
                yield "function", node.lineno, name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            words = (ast.get_docstring(node) or "").split()[:7]
            if words and words[0].strip('`"“(,').lower() in _OPENINGS:
                yield "docstring", node.body[0].lineno, " ".join(words)


def _of_script(text: str) -> Iterator[Place]:
    def line_of(match: re.Match[str]) -> int:
        return text.count("\n", 0, match.start()) + 1

    for match in _SCRIPT_NAME.finditer(text):
        for name in re.findall(r"\w+", match[0])[1:]:
            if name == name.lower() and is_participle(name):
                yield "function" if match["function"] else "variable", line_of(match), name
    for match in _SCRIPT_DOC.finditer(text):
        if match[1].lower() in _OPENINGS:
            yield "docstring", line_of(match), match[1] + match[2]


def package_of(path: str) -> str:
    """Return an app, or a folder of the browser's code."""
    first, *others = path.split("/")
    return "/".join([first, *others[:2]]) if first == "frontend" and len(others) > 2 else first


class Names:
    """The places of one checkout by package, and how many lines each has."""

    def __init__(self, root: Path) -> None:
        store = FileFacts(root, "names", [Path(__file__), WORDS])
        self.places: dict[str, list[tuple[str, Place]]] = {}
        self.lines: Counter[str] = Counter()
        for path in checkout_files(root, "*.py", "frontend/src/*.ts", "frontend/src/*.tsx"):
            text = (root / path).read_text()
            if LEFT_OUT.search(path) or GENERATED.search(text[:300]):
                continue
            package = package_of(path)
            self.lines[package] += text.count("\n")
            rows = self.places.setdefault(package, [])
            places = store.of(path, text, partial(places_of, path, text))
            rows += [(path, (kind, line, name)) for kind, line, name in places]
        store.keep()

    def figures(self) -> dict[str, dict[str, int]]:
        return {
            package: dict(sorted(Counter(place[0] for _, place in rows).items()))
            for package, rows in sorted(self.places.items())
            if rows
        }


def faults(now: Mapping[str, Mapping[str, int]], budget: Mapping[str, Mapping[str, int]]) -> str:
    """Say what is over the budget, else that it is too large; "" where it is right."""
    cells = [
        (package, kind, now.get(package, {}).get(kind, 0), budget.get(package, {}).get(kind, 0))
        for package in sorted({*now, *budget})
        for kind in KINDS
    ]
    more = [f"{where}: {kind} {n}, at most {most}" for where, kind, n, most in cells if n > most]
    if more:
        return "\n    ".join([REMEDY, *more])
    if any(n < most for *_, n, most in cells):
        return "There are fewer than names.json allows. Run scripts/names.py --write."
    return ""


def table(names: Names) -> Iterator[str]:
    yield f"{'package':28}{'lines':>8}{''.join(f'{kind:>11}' for kind in KINDS)}"
    rows = [*names.figures().items()]
    total = sum((Counter(counts) for _, counts in rows), Counter[str]())
    for package, counts in [*rows, ("all", total)]:
        lines = names.lines[package] if package != "all" else names.lines.total()
        yield f"{package:28}{lines:8}" + "".join(f"{counts.get(kind, 0):11}" for kind in KINDS)


def main(arguments: list[str]) -> int:
    names = Names(ROOT)
    now = names.figures()
    command, *packages = arguments or [""]
    if command == "--list":
        for package, rows in names.places.items():
            if not packages or package in packages:
                for path, (kind, line, name) in rows:
                    print(f"{path}:{line}: {kind} {name}")
        return 0
    if command not in ("--check", "--write"):
        print("\n".join(table(names)))
        return 0
    budget = json.loads(BUDGET.read_text()) if BUDGET.exists() else now
    problem = faults(now, budget)
    if command == "--write" and not problem.startswith(REMEDY):
        BUDGET.write_text(json.dumps(now, indent=1) + "\n")
        return 0
    if problem:
        print(problem)
    return bool(problem)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
