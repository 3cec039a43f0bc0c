from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "media"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import storage
        from media import marking, posters, resolvers, services

        storage.register(storage.UPLOADS, services.used_bytes)
        resolvers.register(resolvers.upload_blob)
        resolvers.register(posters.resolve_still)
        resolvers.register_owned(resolvers.owned_upload_blob)
        resolvers.register_owned(posters.owned_still)
        resolvers.register_references(resolvers.blobs_of_uploads)
        resolvers.register_references(posters.blobs_of_stills)
        resolvers.register_references(marking.blobs_of_copies)
