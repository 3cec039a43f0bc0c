from django.apps import AppConfig
from django.conf import settings


class BuilderConfig(AppConfig):
    name = "builder"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        if settings.SAMPLE_PREVIEWS:
            from builder import previews
            from runs.engine import chores

            chores.register("previews", previews.tend)
