from django.apps import AppConfig


class ComposeConfig(AppConfig):
    name = "compose"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compose import checks  # noqa: F401  registers itself
        from compose.chat_runs import registered

        registered.register()
