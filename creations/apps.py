from django.apps import AppConfig


class CreationsConfig(AppConfig):
    name = "creations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import storage
        from creations import retention, selectors
        from media import resolvers
        from runs.engine import periodic
        from runs.engine import retention as runs

        resolvers.register_public("s", selectors.shared_blob)
        resolvers.register_references(selectors.blobs_shared)
        storage.register(storage.CREATIONS, selectors.stored_bytes)
        runs.register(find_shown=retention.runs_shared, before_deleting=retention.give_back)
        periodic.register("ended creations", retention.tend)
