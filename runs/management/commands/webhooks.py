"""`manage.py webhooks`: where services send their webhooks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.server_address import server_url
from runs.web.hooks import path_of
from tools import configured_services, registry


class Command(BaseCommand):
    help = (
        "Print the URLs that services send webhooks to. Each is a secret of its service: don't"
        " share it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        configured_services.try_to_refresh()
        taking = [provider for provider in registry.providers() if provider.takes_webhooks]
        for provider in taking:
            self.stdout.write(f"{provider.name:15} {server_url()}{path_of(provider.name)}")
        if not taking:
            self.stdout.write(
                "No configured service takes webhooks. ComfyUI does, and an OpenAI-compatible"
                " service with a webhook_secret."
            )
