"""The providers of this server as they are set up at one moment, and who is asked for what.

A Configuration never changes. What changes the setup makes a new one, so a thread that has one
sees tools, providers and choices that belong together.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

from django.conf import settings

from tools.catalog import catalogue
from tools.declaration.model_facts import DraftBy as DraftBy
from tools.declaration.ports import Tool
from tools.providers import service_types
from tools.providers.base import Misconfigured, Provider

ProviderFactory = Callable[[], Provider]

# In settings.PROVIDER_CHOICE: any tool.
ANY_TOOL = "*"
NO_ONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SetUp:
    """The services that operators set up on the page for providers.

    services: by name, as a table of REELGRAPH_PROVIDERS_FILE each. off: those of them that take no
    new work. chosen: ids of the people who may use a provider, for those that are not for everyone.
    problems: why a service is missing here, by its name. is_unknown: the tables couldn't be read: a
    name that no one has may be one of theirs.
    """

    services: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    off: frozenset[str] = NO_ONE
    chosen: Mapping[str, frozenset[int]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    is_unknown: bool = False


class Configuration:
    """Providers by name and by tool. Those of the settings win over those of the page."""

    def __init__(self, set_up: SetUp, factories: Sequence[ProviderFactory]) -> None:
        self.set_up = set_up
        self._factories = tuple(factories)
        self._lock = threading.Lock()
        self._built: tuple[list[Provider], dict[str, str]] | None = None
        self._routes: dict[tuple[str, str, frozenset[str]], Provider | None] = {}

    @property
    def all_providers(self) -> tuple[Provider, ...]:
        """All that could be built, those that are turned off as well."""
        return tuple(self._build()[0])

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """Those that take work; a later one does what an earlier one offers too."""
        return tuple(one for one in self.all_providers if one.name not in self.off)

    @cached_property
    def off(self) -> frozenset[str]:
        return self.set_up.off - settings.PROVIDERS.keys()

    @property
    def problems(self) -> dict[str, str]:
        """Return by name why a table of the settings has no provider."""
        return {name: why for name, why in self._build()[1].items() if name in settings.PROVIDERS}

    @cached_property
    def page_problems(self) -> dict[str, str]:
        """The same for services of the page. They stop no start: the page must open."""
        problems = self._build()[1].items()
        own = {name: why for name, why in problems if name not in settings.PROVIDERS}
        twice = {
            name: "the server's settings have a service of this name, which is used instead."
            for name in self.set_up.services
            if name in settings.PROVIDERS
        }
        return {**self.set_up.problems, **own, **twice}

    @cached_property
    def by_name(self) -> dict[str, Provider]:
        """Also those that are turned off: their jobs are watched to their end."""
        return {provider.name: provider for provider in self.all_providers}

    @cached_property
    def by_tool(self) -> dict[str, tuple[Provider, ...]]:
        """Return each tool's providers, in the order of `providers`; of one name the latest."""
        providers: dict[str, list[Provider]] = {}
        for provider in self.by_name.values():
            for name in provider.tools() if provider.name not in self.off else ():
                providers.setdefault(name, []).append(provider)
        return {name: tuple(offering) for name, offering in providers.items()}

    @cached_property
    def tools(self) -> dict[str, type[Tool]]:
        by_name = {tool_class.name: tool_class for tool_class in catalogue()}
        for module in extra_modules():
            by_name.update((tool_class.name, tool_class) for tool_class in module.TOOLS)
        for provider in self.all_providers:
            for tool_class in provider.own_tools():
                by_name.setdefault(tool_class.name, tool_class)
        return by_name

    @cached_property
    def choices(self) -> dict[tuple[str, str], str]:
        """settings.PROVIDER_CHOICE by (tool, model), "" for any model."""
        choices = {}
        for key, provider in settings.PROVIDER_CHOICE.items():
            tool, _, model = key.partition(":")
            choices[tool.removeprefix("sogni_"), model] = provider
        return choices

    def refused_to(self, person: int | None) -> frozenset[str]:
        """Names of the providers that are not for this person. None: no one in particular."""
        chosen = self.set_up.chosen
        if person is None or not chosen:
            return NO_ONE
        return frozenset(name for name, people in chosen.items() if person not in people)

    def tools_without(self, without: frozenset[str]) -> frozenset[str]:
        """Names of the tools that someone does when these providers are not asked."""
        if not without:
            return frozenset(self.by_tool)
        return frozenset(
            tool
            for tool, offering in self.by_tool.items()
            if any(one.name not in without for one in offering)
        )

    def provider_of(
        self, tool: str, model: str, without: frozenset[str] = NO_ONE
    ) -> Provider | None:
        """Return who does a tool's work by a model, "" for any; None: no one may be asked."""
        key = (tool, model, without)
        if key not in self._routes:
            self._routes[key] = self._route(*key)
        return self._routes[key]

    def draft_of(self, tool: str, without: frozenset[str] = NO_ONE) -> Provider | None:
        """Return the provider that makes drafts of a tool's results; None: no one who may be
        asked does."""
        return self._last(tool, without, is_draft=True)

    def final_of(self, tool: str, without: frozenset[str] = NO_ONE) -> Provider | None:
        """Return the last provider that makes no drafts of a tool's results; None: no one who may
        be asked does."""
        return self._last(tool, without, is_draft=False)

    def _last(self, tool: str, without: frozenset[str], *, is_draft: bool) -> Provider | None:
        ones = (one for one in reversed(self.by_tool.get(tool, ())) if one.is_draft is is_draft)
        return next((one for one in ones if one.name not in without), None)

    def _route(self, tool: str, model: str, without: frozenset[str]) -> Provider | None:
        offering = {one.name: one for one in self.by_tool.get(tool, ()) if one.name not in without}
        if not offering:
            return None
        choices = self.choices
        for_model = choices.get((tool, model)) or choices.get((ANY_TOOL, model))
        if model and for_model in offering:
            return offering[for_model]
        for_tool = choices.get((tool, "")) or choices.get((ANY_TOOL, ""))
        chosen = offering.get(for_tool) if for_tool else None
        if chosen is not None and (not model or makes(chosen, tool, model)):
            return chosen
        latest_first = [*reversed(offering.values())]
        listing = (one for one in latest_first if model and model in one.models(tool))
        return next(listing, chosen) or latest_first[0]

    def wrong_choices(self) -> Iterator[str]:
        """Yield what is wrong with settings.PROVIDER_CHOICE, in sentences."""
        for (tool, model), name in self.choices.items():
            choice = f"REELGRAPH_PROVIDERS has {tool}{':' if model else ''}{model}={name}"
            provider = self.by_name.get(name)
            if provider is None and self.set_up.is_unknown:
                continue
            if provider is None:
                names = ", ".join(self.by_name)
                yield f"{choice}, but no provider is called {name}. There are: {names}."
            elif tool == ANY_TOOL:
                continue
            elif tool not in self.tools:
                yield f"{choice}, but no tool is called {tool}. See docs/reference/tools.md."
            elif tool not in provider.tools():
                yield f"{choice}, but {name} does not offer {tool} as it is configured."
            elif model and not makes(provider, tool, model):
                models = ", ".join(provider.models(tool))
                yield f"{choice}, but {name} makes {tool} by other models: {models}."

    def wrong_checkers(self) -> Iterator[str]:
        """Providers of the settings that no one checks though they say who does."""
        if self.set_up.is_unknown:
            return
        able = [provider.name for provider in self.all_providers if provider.moderation]
        for provider in self.providers:
            is_of_page = provider.name in self.set_up.services
            if provider.checked_by and provider.checked_by not in able and not is_of_page:
                yield (
                    f"{provider.name}: checked_by names {provider.checked_by}, but no provider of"
                    " that name has a moderation model. Set moderation in its table."
                )

    def colliding_tools(self) -> Iterator[str]:
        by_name = {tool_class.name: tool_class for tool_class in catalogue()}
        for provider in self.all_providers:
            for tool_class in provider.own_tools():
                # Two providers may know the same one.
                if by_name.setdefault(tool_class.name, tool_class) is not tool_class:
                    name = tool_class.name
                    yield f"{provider.name}: there is a tool {name} already; rename its own."

    def _build(self) -> tuple[list[Provider], dict[str, str]]:
        with self._lock:
            if self._built is None:
                self._built = self._providers_and_problems()
            return self._built

    def _providers_and_problems(self) -> tuple[list[Provider], dict[str, str]]:
        providers: list[Provider] = []
        wrong: dict[str, str] = {}
        for name, options in {**self.set_up.services, **settings.PROVIDERS}.items():
            try:
                providers.append(
                    service_types.provider_of(str(options.get("kind", "")), name, options)
                )
            except Misconfigured as problem:
                wrong[name] = str(problem)
        providers.extend(factory() for factory in self._factories)
        for module in extra_modules():
            providers.extend(module.PROVIDERS)
        return providers, wrong


def draws_own(provider: Provider, tool: str, params: Mapping[str, Any], by: DraftBy) -> bool:
    """Return whether a provider draws the draft of a call by the model that the call names."""
    return (
        by == "model"
        and not provider.is_draft
        and provider.draft_quote(tool, params, {}) is not None
    )


def makes(provider: Provider, tool: str, model: str) -> bool:
    models = provider.models(tool)
    return not models or model in models


def extra_modules() -> list[ModuleType]:
    return [importlib.import_module(name) for name in settings.EXTRA_TOOL_MODULES]
