from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from runs.engine import periodic, step_kinds
        from webhooks import deliveries
        from webhooks.sending import Sender

        step_kinds.listen(deliveries.note_move)
        periodic.register("webhooks", Sender(), waits_elsewhere=True)
