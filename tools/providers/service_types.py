"""The kinds of services there are: folders here, modules of other apps, and installed packages.

An app registers a kind for what is no tool's work, such as the language model.

A package names a kind by an entry point of the group `reelgraph.providers`: its name is the kind,
its value a function `configured(name, options)`, or a module that has one. That function returns a
Provider, or raises Misconfigured. The module may say what the form on the page has, see
`tools.providers.form`.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import traceback
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from tools.providers import common_options
from tools.providers.base import Misconfigured, Provider
from tools.providers.form import Destination, Form, NoModels, anywhere, form_of_module, plain_form

GROUP = "reelgraph.providers"
PACKAGE = "tools.providers"
# Folders that make no provider of a table of settings: these are always there, and `makers` has
# several kinds, which are registered.
ALWAYS = frozenset({"studio", "bookkeeping", "makers"})

logger = logging.getLogger(__name__)

Configured = Callable[[str, Mapping[str, Any]], Provider]

# By kind, the module of another app whose `configured` makes its providers.
_modules: dict[str, str] = {}


def register(kind: str, module: str) -> None:
    """Add a kind of another app. module: imported when a service of this kind is set up."""
    _modules[kind] = module


def names() -> tuple[str, ...]:
    """Return what may be written as `kind`, in alphabetical order."""
    package_kinds = (point.name for point in entry_points(group=GROUP))
    return tuple(sorted({*_own_modules(), *package_kinds}))


def provider_of(kind: str, name: str, options: Mapping[str, Any]) -> Provider:
    """The provider that a table of settings.PROVIDERS describes. Raises Misconfigured.

    A kind that two packages name, or a package and a folder, is refused: which of them gets the
    key must not depend on the order of a path.
    """
    points = [point for point in entry_points(group=GROUP) if point.name == kind]
    module = _own_modules().get(kind)
    is_here = module is not None
    if len(points) + is_here > 1:
        raise Misconfigured(
            f'kind = "{kind}" is provided by {_sources(points, is_here)}. Uninstall all but one.'
        )
    common, own = common_options.split(_with_secrets(kind, options))
    if module is not None:
        factory: Configured = importlib.import_module(module).configured
        try:
            provider = factory(name, own)
        except NoModels as problem:
            common.apply_to(problem.provider)
            raise
    elif points:
        provider = _of_package(points[0], name, own)
    else:
        raise Misconfigured(f'kind = "{kind}" is unknown. Write one of {", ".join(names())}.')
    common.apply_to(provider)
    return provider


def form_of(kind: str) -> Form:
    """The form of a kind's services on the page. A package that fails to say its own has the plain
    one."""
    module = _own_modules().get(kind)
    if module is not None:
        return form_of_module(kind, importlib.import_module(module))
    for point in entry_points(group=GROUP):
        if point.name == kind:
            return _form_of_package(point)
    return plain_form(kind)


def _form_of_package(point: EntryPoint) -> Form:
    try:
        form = form_of_module(point.name, importlib.import_module(point.module))
    except Exception as problem:
        # Without its message, which may repeat what is in the package's settings.
        logger.info("%s has no form of its own: %s", _package(point), type(problem).__name__)
        return plain_form(point.name)
    return replace(form, destination=_careful(form.destination))


def _careful(destination: Destination) -> Destination:
    """A package's destination; all options, where it can't tell."""

    def of_options(options: Mapping[str, Any]) -> Hashable:
        try:
            return destination(options)
        except Exception:
            return anywhere(options)

    return of_options


def _with_secrets(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options, with those secret that the kind's form seals: a file has them as text."""
    secrets = {field.name for field in form_of(kind).secrets}
    return {
        name: SecretStr(value) if name in secrets and isinstance(value, str) else value
        for name, value in options.items()
    }


def _of_package(point: EntryPoint, name: str, options: Mapping[str, Any]) -> Provider:
    """Whatever a package does wrong is a setting that cannot be used, and stops no command."""
    package = _package(point)
    try:
        target = point.load()
        provider = getattr(target, "configured", target)(name, options)
        if isinstance(provider, Provider):
            # Asked for right away, by every process.
            provider.tools()
            provider.own_tools()
            return provider
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
    infos = pkgutil.iter_modules(importlib.import_module(PACKAGE).__path__)
    folders = (info.name for info in infos if info.ispkg and info.name not in ALWAYS)
    return {kind: f"{PACKAGE}.{kind}" for kind in folders} | _modules


def _sources(points: list[EntryPoint], is_here: bool) -> str:
    packages = [_package(point) for point in points]
    return " and ".join([*packages, *(["Reelgraph itself"] if is_here else [])])


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
