from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from media import resolvers
        from moderation import evidence_access, notices, repeat_publications
        from templates_app.lifecycle import publication_holds
        from templates_app.web import serializers

        resolvers.register(evidence_access.resolve_look)
        serializers.register_notice(notices.notice_out)
        publication_holds.register(repeat_publications.review)
