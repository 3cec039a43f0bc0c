from django.apps import AppConfig


class SignOnConfig(AppConfig):
    name = "sign_on"
    default_auto_field = "django.db.models.BigAutoField"
