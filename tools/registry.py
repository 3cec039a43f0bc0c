"""Tools and the providers that do their work, as this server is configured."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import installation
from tools import result_completion
from tools.catalog import catalogue
from tools.configuration import NO_ONE, Configuration, ProviderFactory, SetUp
from tools.configuration import draws_own as draws_own
from tools.declaration import cost
from tools.declaration.arguments import fill_defaults
from tools.declaration.labels import CPU, REMOTE
from tools.declaration.model_facts import DraftBy as DraftBy
from tools.declaration.model_facts import Model
from tools.declaration.ports import COST_UNITS, Given, Tool, ToolTable
from tools.declaration.schema import ANY_MODEL, model_argument, model_names, parameter_schemas
from tools.offering import Offers
from tools.providers.base import Facts, Price, Provider

NO_MEDIA: Mapping[str, Sequence[Facts | None]] = {}


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider that does a tool's work. models: those that choose it, when they are named.

    makes: every model it makes this tool's results by; () when any name will do. units: of one
    result, by its usual model. is_draft: whether its results are of draft quality.
    """

    name: str
    title: str
    models: tuple[str, ...]
    makes: tuple[Model, ...]
    units: float
    is_draft: bool


def _studio() -> Provider:
    # Imported when asked for: declarations are needed in processes that never render.
    from tools.providers.studio import StudioProvider

    return StudioProvider()


def _bookkeeping() -> Provider:
    from tools.providers.bookkeeping import BookkeepingProvider

    return BookkeepingProvider()


_factories: list[ProviderFactory] = [_studio, _bookkeeping]


class _Views:
    """A configuration as people see it who may not use all of its providers."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._tables: dict[tuple[frozenset[str], DraftBy], ToolTable] = {}
        self._offers: dict[frozenset[str], Offers] = {}

    def table(self, without: frozenset[str], *, draft: DraftBy = "") -> ToolTable:
        """The same table for the same people: what was made of it is kept by it."""
        key = (without, draft)
        if key not in self._tables:
            config = self.configuration
            tool_table = ToolTable(
                config.tools,
                config.tools_without(without),
                lambda tool, arguments: _extra_values(config, tool, arguments, without, draft),
                lambda tool, arguments: _undrawn(config, tool, arguments, without, draft),
            )
            self._tables.setdefault(key, tool_table)
        return self._tables[key]

    def offers(self, without: frozenset[str]) -> Offers:
        if without not in self._offers:
            self._offers.setdefault(without, lambda tool: _offers(self, tool, without))
        return self._offers[without]


_lock = threading.Lock()
_set_up = SetUp()
_views: _Views | None = None


def register_provider(factory: ProviderFactory) -> None:
    """Add a provider. Later ones win over earlier ones for a tool both offer."""
    _factories.append(factory)
    rebuild()


def rebuild() -> None:
    """Forget what was built, after settings or providers changed."""
    global _views
    with _lock:
        catalogue.cache_clear()
        _views = None


def use(set_up: SetUp) -> None:
    """Go on with what operators have set up. What is at work keeps the provider that it has.

    Built before it is taken over: threads that ask in that time get what was there before.
    """
    global _set_up, _views
    views = _Views(Configuration(set_up, _factories))
    views.table(NO_ONE)
    with _lock:
        _set_up, _views = set_up, views


def _now() -> _Views:
    global _views
    with _lock:
        if _views is None:
            _views = _Views(Configuration(_set_up, _factories))
        return _views


def configuration() -> Configuration:
    """The providers as they are set up at this moment."""
    return _now().configuration


def table(*, person: int | None = None, draft: DraftBy = "") -> ToolTable:
    """Every tool of the catalog, of settings.EXTRA_TOOL_MODULES and of the providers' own.

    person: by id; for them a tool is provided if someone they may use offers it. None: if anyone
    does. draft: what its results are said to have is by who makes drafts of them. So in all
    functions here that take them.
    """
    views = _now()
    return views.table(views.configuration.refused_to(person), draft=draft)


def title_of(tool: str) -> str:
    """Return the title of a tool; of one that is not here any more its name."""
    tool_class = table().get(tool)
    return tool_class.title if tool_class else tool


def providers() -> list[Provider]:
    """The configured providers; a later one does what an earlier one offers too, if none is chosen.

    Those of services come before the studio: unasked, they do what only they can.
    """
    return list(configuration().providers)


def attribution(tool: str, provider: str, model: str) -> str:
    """Return the attribution of a result by the names in its metadata: "Kling 3.0 Pro by fal".

    Empty for what comes with Reelgraph. What isn't configured any more is called by its name.
    """
    source = provider_named(provider)
    if source is not None and source.is_local:
        return ""
    who = (source.title if source else "") or provider
    facts = source.details(tool) if source else ()
    title = next((one.title for one in facts if one.name == model and one.title), model)
    return f"{title} by {who}" if title and who else who


def known_providers() -> list[Provider]:
    """Those of `providers`, and those that are turned off: their jobs are watched to their end."""
    return list(configuration().all_providers)


def callable_providers() -> Sequence[Provider]:
    """Return those of them that may be called now: in a quiet copy the ones of this machine."""
    all_providers = known_providers()
    if not installation.is_quiet():
        return all_providers
    return [provider for provider in all_providers if provider.is_local]


def problems() -> list[str]:
    """Settings of providers, and choices between them, that cannot be meant: nothing starts."""
    config = configuration()
    wrong = [f"{name}: {why}" for name, why in config.problems.items()]
    return [
        *wrong,
        *config.wrong_choices(),
        *config.wrong_checkers(),
        *config.colliding_tools(),
    ]


def doubts() -> list[str]:
    """Return what looks wrong with the settings of providers that can be asked all the same."""
    return [
        f"{provider.name}: {problem}" for provider in providers() for problem in provider.problems()
    ]


def provider_named(name: str) -> Provider | None:
    """The provider of that name, such as an attempt remembers, also one that is turned off; None:
    not configured any more."""
    return configuration().by_name.get(name)


def label_of(provider: Provider) -> str:
    """Return the label of the workers that may do this provider's work."""
    return provider.label or (CPU if provider.is_local else REMOTE)


def provider_for(
    tool: str,
    params: Mapping[str, Any] | None = None,
    *,
    person: int | None = None,
    local_only: bool = False,
    draft: DraftBy = "",
) -> Provider | None:
    """Return who does a tool's work; None: no one here. The `sogni_` prefix is optional.

    params: the call's arguments under canonical names, as far as they are known; the model among
    them may choose. In order: the choice for tool and model, the choice for the tool or for any
    (where that provider makes the model), who else lists the model, that choice all the same, the
    studio or anyone who is there. Providers that are not for this person are not asked.
    local_only: no service is asked, even if one is configured or chosen; that work is the server's
    own, so all that it has may do it. draft: a provider of drafts that offers the tool does it,
    also if a model is named; "model": only where that model draws no drafts itself.
    """
    views = _now()
    config = views.configuration
    tools = views.table(NO_ONE)
    name = tools.canonical(tool)
    if local_only:
        local = (one for one in reversed(config.by_tool.get(name, ())) if one.is_local)
        return next(local, None)
    without = config.refused_to(person)
    tool_class = tools.get(name)
    if tool_class is None:
        return config.provider_of(name, "", without)
    return _provider_of(config, tool_class, params, without, draft)


def provider_name(tool: str) -> str:
    """Return the name of the provider of this tool; empty when no one here does its work."""
    provider = provider_for(tool)
    return provider.name if provider is not None else ""


def offers(tool: str) -> tuple[Offer, ...]:
    """Everyone who does this tool's work, the one who is asked when no model is named first."""
    return _offers(_now(), tool, NO_ONE)


def offers_to(person: int | None) -> Offers:
    """`offers` of those whom this person may use; the same function for the same providers."""
    views = _now()
    return views.offers(views.configuration.refused_to(person))


def quote(
    tool: type[Tool],
    arguments: Mapping[str, Any],
    *,
    media: Mapping[str, Sequence[Facts | None]] = NO_MEDIA,
    person: int | None = None,
    local_only: bool = False,
    draft: DraftBy = "",
    drafts: Sequence[Mapping[str, Any]] = (),
    late: Collection[str] = (),
) -> Price:
    """Return the estimated price of one call with these canonical arguments.

    That of the one who does it, else that of the tool's cost class. media: as of
    `Provider.quote`; drafts: as of `Provider.final_quote`. late: arguments whose values aren't
    there yet; others have their defaults, as in the call. The rest as of `provider_for`.
    """
    values = fill_defaults(tool, arguments)
    arguments = {name: value for name, value in values.items() if name not in late}
    provider = provider_for(tool.name, arguments, person=person, local_only=local_only, draft=draft)
    price = None
    if provider is not None and draws_own(provider, tool.name, arguments, draft):
        price = provider.draft_quote(tool.name, arguments, media)
    elif provider is not None and drafts:
        price = provider.final_quote(tool.name, arguments, media, drafts)
    if provider is not None and price is None:
        price = provider.quote(tool.name, arguments, media)
    return Price(cost.quote_milli(tool, arguments)) if price is None else price


def _offers(views: _Views, tool: str, without: frozenset[str]) -> tuple[Offer, ...]:
    config = views.configuration
    tool_class = views.table(NO_ONE).get(tool)
    if tool_class is None:
        return ()
    name = tool_class.name
    usual = config.provider_of(name, _model_of(tool_class, None), without)
    if usual is None:
        return ()
    offering = [one for one in config.by_tool[name] if one.name not in without]
    models = [model for provider in offering for model in provider.models(name)]
    routes: dict[str, list[str]] = {}
    for model in dict.fromkeys((*model_names(tool_class), *models)):
        provider = config.provider_of(name, model, without)
        if provider is not None:
            routes.setdefault(provider.name, []).append(model)
    ranking = [usual, *(provider for provider in reversed(offering) if provider is not usual)]
    return tuple(
        Offer(
            provider.name,
            provider.title or provider.name,
            tuple(routes.get(provider.name, ())),
            provider.details(name),
            _units(provider, tool_class),
            provider.is_draft,
        )
        for provider in ranking
    )


def checker_of(provider: Provider) -> Provider | None:
    """Return who checks what goes to and comes from this provider; None: no one does."""
    checker = provider_named(provider.checked_by) if provider.checked_by else provider
    return checker if checker is not None and checker.moderation else None


def _extra_values(
    config: Configuration,
    tool: str,
    arguments: Mapping[str, Any],
    without: frozenset[str],
    draft: DraftBy,
) -> Given | None:
    """Return the values beyond media of a call, by the chosen provider; None: not known."""
    provider = _chosen(config, tool, arguments, without, draft)
    values = provider.gives(tool, arguments) if provider is not None else None
    if provider is None or values is None:
        return None
    always = result_completion.VALUES.get(config.tools[tool].name, frozenset())
    return Given(provider.title or provider.name, values | always)


def _undrawn(
    config: Configuration,
    tool: str,
    arguments: Mapping[str, Any],
    without: frozenset[str],
    draft: DraftBy,
) -> Mapping[str, Sequence[str]]:
    """Words of a call's texts that the chosen provider leaves out, by argument."""
    provider = _chosen(config, tool, arguments, without, draft)
    return {} if provider is None else provider.undrawn(config.tools[tool].name, arguments)


def _chosen(
    config: Configuration,
    tool: str,
    arguments: Mapping[str, Any],
    without: frozenset[str],
    draft: DraftBy,
) -> Provider | None:
    """Return who does a call; None for a tool that is not known, and where no one can."""
    tool_class = config.tools.get(tool)
    if tool_class is None:
        return None
    return _provider_of(config, tool_class, arguments, without, draft)


def _provider_of(
    config: Configuration,
    tool: type[Tool],
    arguments: Mapping[str, Any] | None,
    without: frozenset[str],
    draft: DraftBy,
) -> Provider | None:
    provider = config.provider_of(tool.name, _model_of(tool, arguments), without)
    if provider is not None and draws_own(provider, tool.name, arguments or {}, draft):
        return provider
    if draft != "none":
        return config.draft_of(tool.name, without) or provider if draft else provider
    if provider is None or not provider.is_draft or _model_of(tool, arguments):
        return provider
    return config.final_of(tool.name, without) or provider


def _units(provider: Provider, tool: type[Tool]) -> float:
    price = provider.price(tool.name, {})
    return COST_UNITS[tool.cost_class] if price is None else price / 1000


def _model_of(tool: type[Tool], params: Mapping[str, Any] | None) -> str:
    argument = model_argument(tool)
    if not argument:
        return ""
    model = (params or {}).get(argument)
    if model is None:
        model = parameter_schemas(tool)[argument].get("default")
    return model if isinstance(model, str) and model != ANY_MODEL else ""
