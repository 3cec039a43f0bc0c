import gc

from django.apps import AppConfig


class BuilderConfig(AppConfig):
    name = "builder"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from media import sweeping
        from runs import purging
        from runs.engine import chores
        from templates_app.documents import services as documents

        chores.register("documents", documents.tend)
        chores.register("old runs", purging.Tending())
        chores.register("unused blobs", sweeping.Tending())
        # The last app is loaded. What is there now is never garbage: collections leave it out.
        gc.freeze()
        gc.enable()
