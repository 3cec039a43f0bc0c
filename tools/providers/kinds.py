"""The kinds of services there are: folders here, modules of other apps, and installed packages.

An app registers a kind for what is no tool's work, such as the language model.

A package names a kind by an entry point of the group `reelgraph.providers`: its name is the kind,
its value a function `configured(name, options)`, or a module that has one. That function returns a
Provider, or raises Misconfigured.
"""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from tools import providers
from tools.providers import common_options
from tools.providers.base import Misconfigured, Provider

GROUP = "reelgraph.providers"
# Folders that make no provider of a table of settings: they are always there.
ALWAYS = frozenset({"studio", "bookkeeping"})

Configured = Callable[[str, Mapping[str, Any]], Provider]

# By kind, the module of another app whose `configured` makes its providers.
_modules: dict[str, str] = {}


def register(kind: str, module: str) -> None:
    """Add a kind of another app. module: imported when a service of this kind is set up."""
    _modules[kind] = module


def names() -> tuple[str, ...]:
    """What may be written as `kind`, in alphabetical order."""
    installed = (point.name for point in entry_points(group=GROUP))
    return tuple(sorted({*_own_modules(), *installed}))


def provider_of(kind: str, name: str, options: Mapping[str, Any]) -> Provider:
    """The provider that a table of settings.PROVIDERS describes. Raises Misconfigured.

    A kind that two packages name, or a package and a folder, is refused: which of them gets the
    key must not depend on the order of a path.
    """
    installed = [point for point in entry_points(group=GROUP) if point.name == kind]
    module = _own_modules().get(kind)
    is_here = module is not None
    if len(installed) + is_here > 1:
        raise Misconfigured(
            f'kind = "{kind}" is provided by {_listed(installed, is_here)}. Uninstall all but one.'
        )
    common, own = common_options.split(options)
    if module is not None:
        configured: Configured = importlib.import_module(module).configured
        provider = configured(name, own)
    elif installed:
        provider = _of_package(installed[0], name, own)
    else:
        raise Misconfigured(f'kind = "{kind}" is unknown. Write one of {", ".join(names())}.')
    common.apply_to(provider)
    return provider


def _of_package(point: EntryPoint, name: str, options: Mapping[str, Any]) -> Provider:
    """Whatever a package does wrong is a setting that cannot be used, and stops no command."""
    package = _package(point)
    try:
        loaded = point.load()
        made = getattr(loaded, "configured", loaded)(name, options)
        if isinstance(made, Provider):
            # Asked for right away, by every process.
            made.tools()
            made.own_tools()
            return made
    except Misconfigured:
        raise
    except Exception as problem:
        # Without its message: a validation error may repeat the key.
        last = traceback.extract_tb(problem.__traceback__)[-1]
        where = f"{type(problem).__name__} in {Path(last.filename).name}, line {last.lineno}"
        raise Misconfigured(
            f"the package {package} can't be used ({where}). Update it, or report it to its author."
        ) from None
    raise Misconfigured(
        f"the package {package} returned no Provider. Update it, or report it to its author."
    )


def _own_modules() -> dict[str, str]:
    """Return the module of each kind of this project."""
    infos = pkgutil.iter_modules(providers.__path__)
    folders = (info.name for info in infos if info.ispkg and info.name not in ALWAYS)
    return {kind: f"{providers.__name__}.{kind}" for kind in folders} | _modules


def _listed(installed: list[EntryPoint], is_here: bool) -> str:
    packages = [_package(point) for point in installed]
    return " and ".join([*packages, *(["Reelgraph itself"] if is_here else [])])


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
