from django.apps import AppConfig


class SimpleAppsConfig(AppConfig):
    name = "simple_apps"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from media import resolvers
        from runs.engine import notifying, periodic
        from simple_apps import guest_files, guest_view, services

        guest_files.register()
        resolvers.register_public("a", guest_view.guest_blob)
        resolvers.register_provenance(guest_view.guest_provenance)
        resolvers.register_references(guest_view.pictures)
        resolvers.register_references(guest_view.default_files, is_slow=True)
        notifying.register_others(guest_view.are_guests_asked)
        periodic.register("guests' runs", services.tend)
