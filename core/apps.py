from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import any_case, durable, spared_imports  # noqa: F401  the second registers itself

        any_case.register()
        spared_imports.import_all()
