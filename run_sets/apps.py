from django.apps import AppConfig


class RunSetsConfig(AppConfig):
    name = "run_sets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from run_sets import feeding
        from runs.engine import periodic, step_kinds

        step_kinds.listen(feeding.follow)
        periodic.register("table runs", feeding.feed)
        periodic.register("old table runs", feeding.tend)
