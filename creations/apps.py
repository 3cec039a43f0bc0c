from django.apps import AppConfig


class CreationsConfig(AppConfig):
    name = "creations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from creations import selectors
        from media import resolvers

        resolvers.register_public("s", selectors.shared_blob)
        resolvers.register_references(selectors.blobs_shared)
