"""Start-up checks: settings of the language model that cannot be used stop the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from core.checks import START


@register(START)
def check_model(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """An error for settings of the model that cannot be meant."""
    if not settings.COMPOSE:
        return []
    # Here, because a process without a model needs no client.
    from compose.model import client

    where = "See docs/howto/compose.md and docs/reference/settings.md."
    return [Error(problem, hint=where, id="compose.E001") for problem in client.problems()]
