from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from media import resolvers
        from moderation import looks, selectors
        from templates_app import rendering

        resolvers.register(looks.resolve_look)
        rendering.register_notice(selectors.notice_out)
