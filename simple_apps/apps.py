from django.apps import AppConfig


class SimpleAppsConfig(AppConfig):
    name = "simple_apps"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from media import resolvers
        from runs.engine import periodic
        from simple_apps import files, retention

        resolvers.register_public("a", files.guest_blob)
        resolvers.register_references(files.pictures)
        periodic.register("guests' runs", retention.tend)
