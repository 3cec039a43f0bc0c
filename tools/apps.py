from django.apps import AppConfig


class ToolsConfig(AppConfig):
    name = "tools"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import background_threads
        from tools import configured_services
        from tools.providers import makers, service_types

        for kind, module in makers.KINDS.items():
            service_types.register(kind, module)
        background_threads.register(configured_services.watch)
