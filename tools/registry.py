"""Which tools there are and who does their work, as this server is configured."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType

from django.conf import settings

from tools import catalog
from tools.ports import Tool, ToolTable
from tools.providers.base import Provider

ProviderFactory = Callable[[], Provider]


def _studio() -> Provider:
    # Imported when asked for: declarations are needed in processes that never render.
    from tools.providers.studio import StudioProvider

    return StudioProvider()


_factories: list[ProviderFactory] = [_studio]


def register_provider(factory: ProviderFactory) -> None:
    """Add a provider. Later ones win over earlier ones for a tool both offer."""
    _factories.append(factory)
    rebuild()


def rebuild() -> None:
    """Forget what was built, after settings or providers changed."""
    for built in (catalogue, _tools, table, providers, _by_tool):
        built.cache_clear()


@cache
def table() -> ToolTable:
    """Every tool of the catalogue and of settings.EXTRA_TOOL_MODULES, with what is provided."""
    return ToolTable(_tools(), frozenset(_by_tool()))


@cache
def providers() -> list[Provider]:
    """The configured providers, in order of registration."""
    built = [factory() for factory in _factories]
    for module in _extra_modules():
        built.extend(module.PROVIDERS)
    return built


def provider_for(tool: str) -> Provider | None:
    """Who does this tool's work; the `sogni_` prefix is optional. None: nobody here does."""
    return _by_tool().get(table().canonical(tool))


def provider_name(tool: str) -> str:
    """Who does this tool's work, by name; empty when nobody here does."""
    provider = provider_for(tool)
    return provider.name if provider is not None else ""


@cache
def _by_tool() -> dict[str, Provider]:
    return {name: provider for provider in providers() for name in provider.tools()}


@cache
def catalogue() -> tuple[type[Tool], ...]:
    """The tools this project declares, one per module of `tools.catalog`, by name."""
    return tuple(
        declared
        for info in pkgutil.iter_modules(catalog.__path__, f"{catalog.__name__}.")
        for declared in _declared_in(importlib.import_module(info.name))
    )


@cache
def _tools() -> dict[str, type[Tool]]:
    found = {declared.name: declared for declared in catalogue()}
    for module in _extra_modules():
        found.update((declared.name, declared) for declared in module.TOOLS)
    return found


def _declared_in(module: ModuleType) -> Iterator[type[Tool]]:
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, Tool)
            and value is not Tool
            and value.__module__ == module.__name__
        ):
            yield value


def _extra_modules() -> list[ModuleType]:
    return [importlib.import_module(name) for name in settings.EXTRA_TOOL_MODULES]
