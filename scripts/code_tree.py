"""The Python modules of a checkout and what they import, for structure.py."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from file_facts import FileFacts, digest

# These wire an app together: Django reads apps.py, urls.py and asgi.py to find everything else, so
# they import upward and belong to no layer.
WIRING = {"apps", "urls", "asgi", "pages_urls"}

# A module in a docstring, such as `graph.types` or `graph.*`.
QUOTED = re.compile(r"`([a-z_.]+(?:\.\*)?)`")

# Statements of a function that are duplicates when they are elsewhere, too, in lines.
SHORTEST_DUPLICATE = 6

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """name: with dots, as it is imported. path: relative to the checkout."""

    name: str
    path: str
    text: str
    store: FileFacts

    @property
    def package(self) -> str:
        return self.path.split("/")[0] if "/" in self.path else "(root)"

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def is_test(self) -> bool:
        return "tests" in self.path.split("/")[:-1]

    @property
    def is_generated(self) -> bool:
        return any("enerated by" in line for line in self.text.splitlines()[:4])

    @property
    def is_wiring(self) -> bool:
        return self.name.rpartition(".")[2] in WIRING

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def functions(self) -> Iterator[FunctionNode]:
        for node in ast.walk(self.tree):
            if isinstance(node, FunctionNode):
                yield node

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Return all that the budgets need of the tree, which is parsed only when they change."""
        return self.store.of(self.path, self.text, self._facts)

    def _facts(self) -> dict[str, Any]:
        nodes = list(ast.walk(self.tree))
        statements = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        section = (ast.get_docstring(self.tree) or "").partition("Public modules:\n")[2]
        return {
            "import statements": len(statements),
            "imports": [self._import(node) for node in statements],
            "public": QUOTED.findall(section.partition("\n\n")[0]),
            # Each as its line, its name and what its duplicates have in common.
            "functions": [
                [node.lineno, node.name, digest(normal_form(node))]
                for node in nodes
                if isinstance(node, FunctionNode) and statement_lines(node) >= SHORTEST_DUPLICATE
            ],
        }

    def _import(self, node: ast.Import | ast.ImportFrom) -> list[Any]:
        """Return [module, names that may be modules in it]; for `import a, b`, the module is ""."""
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.Import):
            return ["", names]
        return [self._absolute(node), [] if node.module == "__future__" else names]

    def imports(self, ours: Mapping[str, Module]) -> set[str]:
        """Full names of the modules that it imports, each once.

        ``from runs import models, states`` counts twice when both are modules of the checkout.
        """
        modules: set[str] = set()
        for base, names in self.facts["imports"]:
            for name in names:
                inner = f"{base}.{name}" if base else name
                modules.add(inner if inner in ours or not base else base)
        return modules - {self.name}

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.folder.split("/")
        return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


def _body(function: FunctionNode) -> list[ast.stmt]:
    """Return its statements without the docstring."""
    return function.body[1 if ast.get_docstring(function) else 0 :]


def statement_lines(function: FunctionNode) -> int:
    body = _body(function)
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def normal_form(function: FunctionNode) -> str:
    """Return the body as text in which arguments and local variables have numbers for names."""
    body = ast.Module(_body(function), [])
    names = [node for node in ast.walk(body) if isinstance(node, ast.Name)]
    local = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    local |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    numbers: dict[str, str] = {}
    originals = [node.id for node in names]
    for node in names:
        if node.id in local:
            node.id = numbers.setdefault(node.id, f"_{len(numbers)}")
    text = ast.dump(body)
    # A function inside this one is read with its own names.
    for node, original in zip(names, originals, strict=True):
        node.id = original
    return text


def checkout_files(root: Path, *patterns: str) -> list[str]:
    """List tracked and new files in order. patterns: of git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    listing = subprocess.run(
        [*command, *patterns], cwd=root, capture_output=True, text=True, check=True
    )
    paths = sorted(set(listing.stdout.split("\0")))
    return [path for path in paths if (root / path).is_file()]


def modules_of(root: Path, store: FileFacts, without: Iterable[str] = ()) -> dict[str, Module]:
    """Every tracked or new module but migrations and those of these folders, by its dotted name."""
    modules = {}
    for path in checkout_files(root, "*.py", *(f":!{folder}" for folder in without)):
        if "/migrations/" in path:
            continue
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        # The folder of scripts is on the path itself: its modules import each other by bare names.
        name = name.removeprefix("scripts.")
        modules[name] = Module(name, path, (root / path).read_text(), store)
    return modules


def imports_of_ours(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Module → modules of the checkout that it imports, without tests."""
    return {
        name: module.imports(modules) & modules.keys()
        for name, module in modules.items()
        if not module.is_test
    }


def import_graph(
    imports: Mapping[str, set[str]], modules: Mapping[str, Module]
) -> dict[str, set[str]]:
    """The imports without those of wiring."""
    return {name: others for name, others in imports.items() if not modules[name].is_wiring}


def folder_graph(
    graph: Mapping[str, Iterable[str]], modules: Mapping[str, Module]
) -> dict[str, dict[str, str]]:
    """Folder → folders that its modules import, each with one import as the example."""
    folders: dict[str, dict[str, str]] = {}
    for name, others in graph.items():
        for other in sorted(others):
            here, there = modules[name].folder, modules[other].folder
            if here != there:
                folders.setdefault(here, {}).setdefault(there, f"{name} imports {other}")
    return folders


def cycles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups of nodes that reach each other (Tarjan), each sorted; a node alone is none."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            groups.append(sorted(stack[at:]))
            del stack[at:]

    for node in graph:
        if node not in index:
            visit(node)
    return [group for group in groups if len(group) > 1]


def public_modules(app: Module) -> set[str]:
    """The full names in quotes below "Public modules:" in an app's docstring.

    `graph.*` is everything in a package. Empty when the app says nothing: then all are public.
    """
    return {f"{app.name}.{name}" for name in app.facts["public"]}


def private_imports(
    imports: Mapping[str, set[str]], modules: Mapping[str, Module]
) -> Iterator[tuple[str, str]]:
    """(module, module of another app that is private and that it imports), without tests."""
    public = {name: public_modules(app) for name, app in modules.items() if "." not in name}
    for name, others in import_graph(imports, modules).items():
        for other in sorted(others):
            app = other.partition(".")[0]
            public_names = public.get(app)
            if not public_names or app == modules[name].package:
                continue
            packages = {f"{other.rsplit('.', n)[0]}.*" for n in range(1, other.count(".") + 1)}
            if not public_names & {other, *packages}:
                yield name, other
