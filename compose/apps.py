from django.apps import AppConfig


class ComposeConfig(AppConfig):
    name = "compose"
    default_auto_field = "django.db.models.BigAutoField"
