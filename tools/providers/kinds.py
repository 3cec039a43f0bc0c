"""The kinds of services there are: folders here, and installed packages that name one.

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


def names() -> tuple[str, ...]:
    """What may be written as `kind`, in alphabetical order."""
    return tuple(sorted({*_folders(), *(point.name for point in entry_points(group=GROUP))}))


def provider_of(kind: str, name: str, options: Mapping[str, Any]) -> Provider:
    """The provider that a table of settings.PROVIDERS describes. Raises Misconfigured.

    A kind that two packages name, or a package and a folder, is refused: which of them gets the
    key must not depend on the order of a path.
    """
    installed = [point for point in entry_points(group=GROUP) if point.name == kind]
    is_here = kind in _folders()
    if len(installed) + is_here > 1:
        raise Misconfigured(
            f'kind = "{kind}" is provided by {_listed(installed, is_here)}. Uninstall all but one.'
        )
    common, own = common_options.split(options)
    if is_here:
        provider = _of_folder(kind)(name, own)
    elif installed:
        provider = _of_package(installed[0], name, own)
    else:
        raise Misconfigured(f'kind = "{kind}" is unknown. Write one of {", ".join(names())}.')
    common.apply_to(provider)
    return provider


def _of_folder(kind: str) -> Configured:
    configured: Configured = importlib.import_module(f"{providers.__name__}.{kind}").configured
    return configured


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


def _folders() -> frozenset[str]:
    found = pkgutil.iter_modules(providers.__path__)
    return frozenset(info.name for info in found if info.ispkg) - ALWAYS


def _listed(installed: list[EntryPoint], is_here: bool) -> str:
    packages = [_package(point) for point in installed]
    return " and ".join([*packages, *(["Reelgraph itself"] if is_here else [])])


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
