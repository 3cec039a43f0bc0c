from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import durable, spared_imports  # noqa: F401  the first registers itself

        spared_imports.import_all()
