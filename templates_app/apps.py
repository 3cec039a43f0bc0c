from django.apps import AppConfig


class TemplatesAppConfig(AppConfig):
    name = "templates_app"
    verbose_name = "Templates"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import storage
        from media import resolvers, services
        from templates_app import media_links
        from templates_app.documents import selectors as documents
        from templates_app.lifecycle import history

        storage.register(storage.VERSIONS, history.stored_bytes)
        storage.register(storage.CHANGES, documents.stored_bytes)
        resolvers.register(media_links.resolve_copy)
        resolvers.register_public("t", media_links.resolve_published)
        services.register_use(media_links.names_of_users)
        resolvers.register_references(media_links.blobs_held)
        resolvers.register_references(media_links.blobs_named, is_slow=True)
