from django.apps import AppConfig


class RunSetsConfig(AppConfig):
    name = "run_sets"
    default_auto_field = "django.db.models.BigAutoField"
