from django.apps import AppConfig


class ToolsConfig(AppConfig):
    name = "tools"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import background_threads
        from tools import (
            checks,  # noqa: F401  registers itself
            set_up,
        )
        from tools.providers import kinds, makers

        for kind, module in makers.KINDS.items():
            kinds.register(kind, module)
        background_threads.register(set_up.watch)
