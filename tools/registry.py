"""Which tools there are and who does their work, as this server is configured."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from django.conf import settings

from tools import completion
from tools.catalog import catalogue
from tools.declaration import cost
from tools.declaration.labels import CPU, REMOTE
from tools.declaration.ports import COST_UNITS, Given, Tool, ToolTable
from tools.declaration.schema import ANY_MODEL, model_argument, model_names, parameter_schemas
from tools.providers import kinds
from tools.providers.base import Misconfigured, Provider

ProviderFactory = Callable[[], Provider]

# In settings.PROVIDER_CHOICE: whatever the tool.
ANY_TOOL = "*"


@dataclass(frozen=True, slots=True)
class Offer:
    """Who does a tool's work for which models. models: those that choose it, when they are named.

    makes: every model it makes this tool's results by; () when any name will do. units: of one
    result, by its usual model.
    """

    name: str
    title: str
    models: tuple[str, ...]
    makes: tuple[str, ...]
    units: float


@dataclass(frozen=True, slots=True)
class _Configured:
    """The providers that could be built, and what is wrong with the others and their settings."""

    providers: tuple[Provider, ...]
    problems: tuple[str, ...]


def _studio() -> Provider:
    # Imported when asked for: declarations are needed in processes that never render.
    from tools.providers.studio import StudioProvider

    return StudioProvider()


def _bookkeeping() -> Provider:
    from tools.providers.bookkeeping import BookkeepingProvider

    return BookkeepingProvider()


_factories: list[ProviderFactory] = [_studio, _bookkeeping]


def register_provider(factory: ProviderFactory) -> None:
    """Add a provider. Later ones win over earlier ones for a tool both offer."""
    _factories.append(factory)
    rebuild()


def rebuild() -> None:
    """Forget what was built, after settings or providers changed."""
    for built in (catalogue, _tools, table, _configured, _by_name, _by_tool, _choices, _routed):
        built.cache_clear()


@cache
def table() -> ToolTable:
    """Every tool of the catalog, of settings.EXTRA_TOOL_MODULES and of the providers' own."""
    return ToolTable(_tools(), frozenset(_by_tool()), given)


def title_of(tool: str) -> str:
    """What people call a tool; one that is not here any more by its name."""
    found = table().get(tool)
    return found.title if found else tool


def providers() -> list[Provider]:
    """The configured providers; a later one does what an earlier one offers too, if none is chosen.

    Those of settings.PROVIDERS come before the studio: unasked, they do what only they can.
    """
    return list(_configured().providers)


def problems() -> list[str]:
    """Settings of providers, and choices between them, that cannot be meant: nothing starts."""
    found = (_wrong_choices(), _wrong_checkers(), _colliding_tools())
    return [*_configured().problems, *(problem for each in found for problem in each)]


def doubts() -> list[str]:
    """What looks wrong with the settings of providers that can be asked all the same."""
    return [
        f"{provider.name}: {problem}" for provider in providers() for problem in provider.problems()
    ]


def provider_named(name: str) -> Provider | None:
    """The provider of that name, such as an attempt remembers; None: not configured any more."""
    return _by_name().get(name)


def label_of(provider: Provider) -> str:
    """Which workers may do this provider's work."""
    return provider.label or (CPU if provider.is_local else REMOTE)


def provider_for(
    tool: str, params: Mapping[str, Any] | None = None, *, local_only: bool = False
) -> Provider | None:
    """Who does a tool's work; None: no one here does. The `sogni_` prefix is optional.

    params: the call's arguments under canonical names, as far as they are known; the model among
    them may choose. In order: the choice for tool and model, the choice for the tool or for any
    (where that provider makes the model), who else lists the model, that choice all the same, the
    studio or anyone who is there.
    local_only: no service is asked, even if one is configured or chosen.
    """
    name = table().canonical(tool)
    if name not in _by_tool():
        return None
    if local_only:
        local = (one for one in reversed(_by_tool()[name]) if one.is_local)
        return next(local, None)
    declared = table().get(name)
    return _routed(name, _model_of(declared, params) if declared is not None else "")


def provider_name(tool: str) -> str:
    """Who does this tool's work, by name; empty when no one here does."""
    provider = provider_for(tool)
    return provider.name if provider is not None else ""


def offers(tool: str) -> tuple[Offer, ...]:
    """Everyone who does this tool's work, the one who is asked when no model is named first."""
    usual = provider_for(tool)
    declared = table().get(tool)
    if usual is None or declared is None:
        return ()
    name = declared.name
    offering = _by_tool()[name]
    listed = [model for provider in offering for model in provider.models(name)]
    routes: dict[str, list[str]] = {}
    for model in dict.fromkeys((*model_names(declared), *listed)):
        routes.setdefault(_routed(name, model).name, []).append(model)
    ordered = [usual, *(provider for provider in reversed(offering) if provider is not usual)]
    return tuple(
        Offer(
            provider.name,
            provider.title or provider.name,
            tuple(routes.get(provider.name, ())),
            provider.models(name),
            _units(provider, declared),
        )
        for provider in ordered
    )


def checker_of(provider: Provider) -> Provider | None:
    """Who checks what this provider is told and makes; None: no one does."""
    checker = provider_named(provider.checked_by) if provider.checked_by else provider
    return checker if checker is not None and checker.moderation else None


def quote_milli(tool: type[Tool], arguments: Mapping[str, Any], *, local_only: bool = False) -> int:
    """What one call with these canonical arguments is estimated to cost, in thousandths of a unit.

    The price of the one who does it, else that of the tool's cost class.
    """
    provider = provider_for(tool.name, arguments, local_only=local_only)
    price = provider.price(tool.name, arguments) if provider is not None else None
    return cost.quote_milli(tool, arguments) if price is None else price


def given(tool: str, arguments: Mapping[str, Any]) -> Given | None:
    """What results of a call have beyond media, by the chosen provider; None: cannot be told."""
    provider = provider_for(tool, arguments)
    declared = table().get(tool)
    values = provider.gives(tool, arguments) if provider is not None else None
    if provider is None or declared is None or values is None:
        return None
    always = completion.VALUES.get(declared.name, frozenset())
    return Given(provider.title or provider.name, values | always)


def _units(provider: Provider, tool: type[Tool]) -> float:
    price = provider.price(tool.name, {})
    return COST_UNITS[tool.cost_class] if price is None else price / 1000


def _model_of(tool: type[Tool], params: Mapping[str, Any] | None) -> str:
    argument = model_argument(tool)
    if not argument:
        return ""
    given = (params or {}).get(argument)
    if given is None:
        given = parameter_schemas(tool)[argument].get("default")
    return given if isinstance(given, str) and given != ANY_MODEL else ""


@cache
def _routed(tool: str, model: str) -> Provider:
    """tool: one that someone offers."""
    offering = {provider.name: provider for provider in _by_tool()[tool]}
    choices = _choices()
    for_model = choices.get((tool, model)) or choices.get((ANY_TOOL, model))
    if model and for_model in offering:
        return offering[for_model]
    for_tool = choices.get((tool, "")) or choices.get((ANY_TOOL, ""))
    chosen = offering.get(for_tool) if for_tool else None
    if chosen is not None and (not model or _makes(chosen, tool, model)):
        return chosen
    latest_first = [*reversed(offering.values())]
    listing = (one for one in latest_first if model and model in one.models(tool))
    return next(listing, chosen) or latest_first[0]


def _makes(provider: Provider, tool: str, model: str) -> bool:
    made = provider.models(tool)
    return not made or model in made


@cache
def _choices() -> dict[tuple[str, str], str]:
    """settings.PROVIDER_CHOICE by (tool, model), "" for any model."""
    read = {}
    for key, provider in settings.PROVIDER_CHOICE.items():
        tool, _, model = key.partition(":")
        read[tool.removeprefix("sogni_"), model] = provider
    return read


def _wrong_choices() -> Iterator[str]:
    for (tool, model), name in _choices().items():
        choice = f"REELGRAPH_PROVIDERS has {tool}{':' if model else ''}{model}={name}"
        provider = provider_named(name)
        if provider is None:
            known = ", ".join(_by_name())
            yield f"{choice}, but no provider is called {name}. There are: {known}."
        elif tool == ANY_TOOL:
            continue
        elif table().get(tool) is None:
            yield f"{choice}, but no tool is called {tool}. See docs/reference/tools.md."
        elif tool not in provider.tools():
            yield f"{choice}, but {name} does not offer {tool} as it is configured."
        elif model and not _makes(provider, tool, model):
            made = ", ".join(provider.models(tool))
            yield f"{choice}, but {name} makes {tool} by other models: {made}."


def _wrong_checkers() -> Iterator[str]:
    able = [provider.name for provider in providers() if provider.moderation]
    for provider in providers():
        if provider.checked_by and provider.checked_by not in able:
            yield (
                f"{provider.name}: checked_by names {provider.checked_by}, but no provider of that"
                " name has a moderation model. Set moderation in its table."
            )


def _colliding_tools() -> Iterator[str]:
    taken = {declared.name: declared for declared in catalogue()}
    for provider in providers():
        for declared in provider.own_tools():
            # Two providers may know the same one.
            if taken.setdefault(declared.name, declared) is not declared:
                yield f"{provider.name}: there is a tool {declared.name} already; rename its own."


@cache
def _configured() -> _Configured:
    built: list[Provider] = []
    wrong: list[str] = []
    for name, options in settings.PROVIDERS.items():
        try:
            built.append(kinds.provider_of(str(options.get("kind", "")), name, options))
        except Misconfigured as problem:
            wrong.append(f"{name}: {problem}")
    built.extend(factory() for factory in _factories)
    for module in _extra_modules():
        built.extend(module.PROVIDERS)
    return _Configured(tuple(built), tuple(wrong))


@cache
def _by_name() -> dict[str, Provider]:
    return {provider.name: provider for provider in providers()}


@cache
def _by_tool() -> dict[str, tuple[Provider, ...]]:
    """Who offers a tool, in the order of `providers`. One name stands for its latest provider."""
    found: dict[str, list[Provider]] = {}
    for provider in _by_name().values():
        for name in provider.tools():
            found.setdefault(name, []).append(provider)
    return {name: tuple(offering) for name, offering in found.items()}


@cache
def _tools() -> dict[str, type[Tool]]:
    found = {declared.name: declared for declared in catalogue()}
    for module in _extra_modules():
        found.update((declared.name, declared) for declared in module.TOOLS)
    for provider in providers():
        for declared in provider.own_tools():
            found.setdefault(declared.name, declared)
    return found


def _extra_modules() -> list[ModuleType]:
    return [importlib.import_module(name) for name in settings.EXTRA_TOOL_MODULES]
