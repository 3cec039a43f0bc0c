"""Start-up checks: providers that settings name wrongly are found before any work is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning, register

from core.start_checks import START
from tools import registry

WHERE = "See docs/howto/add-a-provider.md and docs/reference/settings.md."


@register(START)
def check_providers(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Errors for what cannot be meant, warnings for what can hardly be."""
    wrong: list[CheckMessage] = [
        Error(problem, hint=WHERE, id="tools.E001") for problem in registry.problems()
    ]
    return [*wrong, *(Warning(doubt, hint=WHERE, id="tools.W001") for doubt in registry.doubts())]
