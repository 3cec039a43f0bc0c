from django.apps import AppConfig


class ComposeConfig(AppConfig):
    name = "compose"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compose import charging
        from compose.chat_runs import step_kind
        from runs.engine import periodic
        from tools.providers import service_types

        service_types.register("language-model", "compose.language_model")
        step_kind.register()
        periodic.register("composed calls", charging.tend)
