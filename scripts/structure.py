"""`make check`: how the Python is built, in figures, and the budgets that hold them.

Usage: structure.py [--check] [--without=FOLDER] [CHECKOUT]. It prints a table of each package; with
--check only what is over a budget, with the remedy. FOLDER is not read. CHECKOUT is another one to
compare with.

Figures leave migrations out; only the table's last row counts tests. Imports are counted in two
ways: statements, as other projects count them, and modules of this checkout. apps.py, urls.py,
asgi.py and pages_urls.py wire an app together and may import upward: cycles leave them out.
"""

from __future__ import annotations

import ast
import io
import statistics
import sys
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import code_tree
import words
from code_tree import (
    FunctionNode,
    Module,
    cycles,
    folder_graph,
    import_graph,
    imports_of_ours,
    modules_of,
    private_imports,
    public_modules,
)
from file_facts import FileFacts

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 400


@dataclass(frozen=True, slots=True)
class Budget:
    """most: what is allowed. It only ever goes down; target is where it ends."""

    figure: str
    most: float
    target: float
    remedy: str


BUDGETS = (
    Budget("import statements a module, median", 8, 6, "Join modules that always go together"),
    Budget("import statements a module of runs, median", 10, 8, "Join modules of one subject"),
    Budget("modules of ours a module imports, median", 3, 3, "Join modules of one subject"),
    Budget("modules of ours a module of runs imports, median", 7, 8, "Join modules of one subject"),
    Budget("modules over 400 lines", 0, 0, "Split each by subject"),
    Budget("cycles between modules", 0, 0, "Move what both need into a module below them"),
    Budget("cycles between folders", 0, 0, "Move the module to the layer it belongs to"),
    Budget("imports of private modules", 0, 0, "Use a public module, or make it one"),
    Budget("duplicate functions", 0, 0, "Keep one and import it"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    value: float
    # Where to look when it is over its budget.
    offenders: Sequence[str] = ()


class Tree:
    """One checkout, read once."""

    def __init__(self, root: Path, without: Sequence[str] = ()) -> None:
        self.root = root
        code = [Path(__file__), Path(code_tree.__file__)]
        self.store = FileFacts(root, "structure", code)
        self.every = modules_of(root, self.store, without)
        self.modules = {n: m for n, m in self.every.items() if not m.is_test}
        self.imports = imports_of_ours(self.every)
        self.graph = import_graph(self.imports, self.every)

    def figures(self) -> dict[str, Figure]:
        """Each figure that has a budget, by its name."""
        modules = [module for module in self.modules.values() if module.text.strip()]
        in_runs = [module for module in modules if module.package == "runs"]
        figures = {
            "modules over 400 lines": self.long_modules(),
            "cycles between modules": self.module_cycles(),
            "cycles between folders": self.folder_cycles(),
            "imports of private modules": self.private_imports(),
            "duplicate functions": self.duplicates(),
        }
        for where, chosen in (("", modules), (" of runs", in_runs)):
            statement, ours = self.statements(chosen), self.of_ours(chosen)
            figures[f"import statements a module{where}, median"] = _median(chosen, statement)
            verb = f"modules of ours a module{where} imports, median"
            figures[verb] = _median(chosen, ours)
        return figures

    def statements(self, chosen: Sequence[Module]) -> list[int]:
        return [module.facts["import statements"] for module in chosen]

    def of_ours(self, chosen: Sequence[Module]) -> list[int]:
        return [len(module.imports(self.every) & self.every.keys()) for module in chosen]

    def long_modules(self) -> Figure:
        long = [
            (module.lines, module.path)
            for module in self.modules.values()
            if module.lines > LONGEST_MODULE and not module.is_generated
        ]
        return Figure(len(long), [f"{path}: {n} lines" for n, path in sorted(long, reverse=True)])

    def module_cycles(self) -> Figure:
        groups = cycles(self.graph)
        return Figure(len(groups), [" ↔ ".join(group) for group in groups])

    def folder_cycles(self) -> Figure:
        folders = folder_graph(self.graph, self.every)
        groups = cycles(folders)
        offenders = []
        for group in groups:
            offenders.append(" ↔ ".join(group))
            offenders += [
                f"    {example}"
                for folder in group
                for other, example in sorted(folders[folder].items())
                if other in group
            ]
        return Figure(len(groups), offenders)

    def private_imports(self) -> Figure:
        offenders = [
            f"{one} imports {other}, which {other.partition('.')[0]}/__init__.py doesn't list"
            for one, other in private_imports(self.imports, self.every)
        ]
        apps = [module for name, module in self.every.items() if "." not in name]
        public = {name.removesuffix(".*") for app in apps for name in public_modules(app)}
        missing = sorted(public - self.every.keys())
        return Figure(
            len(offenders) + len(missing),
            [*offenders, *(f"{name} doesn't exist" for name in missing)],
        )

    def duplicates(self) -> Figure:
        places_by_body: dict[str, list[str]] = {}
        for module in self.modules.values():
            for line, name, body in module.facts["functions"]:
                places_by_body.setdefault(body, []).append(f"{module.path}:{line} {name}")
        groups = [places for places in places_by_body.values() if len(places) > 1]
        return Figure(len(groups), [" = ".join(places) for places in groups])


def _median(chosen: Sequence[Module], counts: Sequence[int]) -> Figure:
    if not chosen:
        return Figure(0)
    most = sorted(zip(counts, chosen, strict=True), key=lambda pair: -pair[0])[:12]
    return Figure(statistics.median(counts), [f"{m.path}: {count}" for count, m in most])


def _comment_lines(module: Module) -> int:
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    return len({token.start[0] for token in tokens if token.type == tokenize.COMMENT})


def _docstring_lines(module: Module) -> int:
    total = 0
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Module | ast.ClassDef | FunctionNode) and ast.get_docstring(node):
            text = node.body[0]
            total += (text.end_lineno or 0) - text.lineno + 1
    return total


def _sizes(values: Sequence[float]) -> str:
    """Median/p90/max."""
    values_in_order = sorted(values)
    if not values_in_order:
        return "-"
    return "/".join(
        f"{n:g}"
        for n in (
            statistics.median(values_in_order),
            values_in_order[int(len(values_in_order) * 0.9)],
            values_in_order[-1],
        )
    )


HEADINGS = (
    "package",
    "files",
    "lines",
    "function lines",
    "module lines",
    "comments %",
    "docstrings %",
    "imports",
    "of ours",
    "> 400",
)


def row(name: str, chosen: Sequence[Module], tree: Tree) -> list[str]:
    modules = [module for module in chosen if module.text.strip()]
    lines = sum(module.lines for module in modules) or 1
    functions = [
        (function.end_lineno or 0) - function.lineno + 1
        for module in modules
        for function in module.functions()
    ]
    return [
        name,
        f"{len(modules)}",
        f"{lines:,}",
        _sizes(functions),
        _sizes([module.lines for module in modules]),
        f"{100 * sum(map(_comment_lines, modules)) / lines:.1f}",
        f"{100 * sum(map(_docstring_lines, modules)) / lines:.1f}",
        _sizes(tree.statements(modules)),
        _sizes(tree.of_ours(modules)),
        f"{sum(module.lines > LONGEST_MODULE for module in modules)}",
    ]


def table(tree: Tree) -> str:
    """The figures in Markdown. Sizes are median/p90/max."""
    packages: dict[str, list[Module]] = {}
    for module in tree.modules.values():
        packages.setdefault(module.package, []).append(module)
    tests = [module for module in tree.every.values() if module.is_test]
    rows = [
        row("all", list(tree.modules.values()), tree),
        *(row(name, packages[name], tree) for name in sorted(packages)),
        row("tests", tests, tree),
    ]
    head = [list(HEADINGS), ["---"] * len(HEADINGS)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [*head, *rows])


def over_budget(figures: Mapping[str, Figure], say: Callable[[str], None]) -> bool:
    """Say what is over its budget. Returns whether anything is."""
    is_over = False
    for budget in BUDGETS:
        figure = figures[budget.figure]
        if figure.value > budget.most:
            is_over = True
            say(f"{budget.figure}: {figure.value:g}, at most {budget.most:g}. {budget.remedy}:")
            for offender in figure.offenders:
                say(f"    {offender}")
    return is_over


def main(arguments: Sequence[str]) -> int:
    without = [one.removeprefix("--without=") for one in arguments if one.startswith("--without=")]
    folders = [argument for argument in arguments if not argument.startswith("-")]
    tree = Tree(Path(folders[0]).resolve() if folders else ROOT, without)
    figures = tree.figures()
    if "--check" in arguments:
        tree.store.keep()
        return int(over_budget(figures, print))
    print(table(tree))
    hits, lines = words.count(tree.root)
    print(f"\nidiom words in 1,000 lines: {1000 * len(hits) / max(1, lines):.2f}")
    for budget in BUDGETS:
        print(f"{budget.figure}: {figures[budget.figure].value:g} (target {budget.target:g})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
