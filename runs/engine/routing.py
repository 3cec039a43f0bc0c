"""Routes of steps: tool → provider → the label of the workers that may take it.

It is written on the step when it is stored, by the settings and the arguments known then. A worker
that finds another answer, because an argument came later or the settings have changed, puts the
step back with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.conf import settings

from core.errors import ProviderError
from tools import registry
from tools.providers.base import Provider


@dataclass(frozen=True, slots=True)
class Route:
    """A provider by name, and the labels that its workers must or should have.

    All empty: it cannot be told yet, and any worker may find out.
    """

    assigned_provider: str = ""
    label: str = ""
    preferred_label: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """As the columns of a step."""
        return {
            "assigned_provider": self.assigned_provider,
            "label": self.label,
            "preferred_label": self.preferred_label,
        }


@dataclass(frozen=True, slots=True)
class Lane:
    """The steps of one provider under one label: what a worker looks for in the queue.

    behind_s: how long a step must have been due before the worker takes it. Workers with the
    label that the provider prefers take theirs at once.
    """

    label: str
    assigned_provider: str
    behind_s: float = 0.0


class NotHere(Exception):
    """The provider of a claimed step is not this worker's to ask. route: where the step goes."""

    def __init__(self, route: Route) -> None:
        super().__init__(route.assigned_provider)
        self.route = route


Lanes = Mapping[tuple[str, str], Lane]


def route_of(
    tool: str,
    arguments: Mapping[str, Any],
    *,
    person: int,
    local_only: bool = False,
    draft: registry.DraftBy = "",
) -> Route:
    """The route of a call. arguments: those that are known, under canonical names.

    person: whose run it is, by id. local_only, draft: as of `registry.provider_for`, for runs in
    the background and for stages of draft quality.
    """
    provider = registry.provider_for(
        tool, arguments, person=person, local_only=local_only, draft=draft
    )
    return Route() if provider is None else route_to(provider)


def provider_of(
    tool: str,
    arguments: Mapping[str, Any],
    *,
    person: int,
    local_only: bool = False,
    draft: registry.DraftBy = "",
) -> Provider:
    """Return who does a call of this person's run. Raises ProviderError when no one does.

    The rest as of `registry.provider_for`.
    """
    provider = registry.provider_for(
        tool, arguments, person=person, local_only=local_only, draft=draft
    )
    if provider is not None:
        return provider
    if local_only or registry.provider_for(tool, arguments) is None:
        raise unavailable(tool)
    raise ProviderError(
        f"You no longer have access to a provider of {registry.title_of(tool)}. Use another tool,"
        " or ask the operator of this server.",
        error_type="MODEL_UNAVAILABLE",
        retryable=False,
    )


def unavailable(tool: str) -> ProviderError:
    """Return the error for a step of a tool that no one here does."""
    return ProviderError(
        f"{registry.title_of(tool)} isn't available on this server.",
        error_type="MODEL_UNAVAILABLE",
        retryable=False,
    )


def route_to(provider: Provider) -> Route:
    return Route(provider.name, registry.label_of(provider), provider.preferred_label)


def lanes_of(labels: frozenset[str]) -> Lanes:
    """The lanes of a worker with these labels, by (label, provider): those of the providers that it
    knows and whose label it has, and the one of steps whose provider is not decided."""
    routes = tuple(route_to(provider) for provider in registry.callable_providers())
    return _lanes_of(labels, routes, settings.POLL_S)


@lru_cache(maxsize=64)
def _lanes_of(labels: frozenset[str], routes: tuple[Route, ...], poll_s: float) -> Lanes:
    lanes = [Lane("", "")]
    # By name: of two providers of one name the later one does the work.
    for route in {route.assigned_provider: route for route in routes}.values():
        if route.label in labels:
            is_preferred = not route.preferred_label or route.preferred_label in labels
            behind_s = 0.0 if is_preferred else poll_s
            lanes.append(Lane(route.label, route.assigned_provider, behind_s))
    return MappingProxyType({(lane.label, lane.assigned_provider): lane for lane in lanes})
