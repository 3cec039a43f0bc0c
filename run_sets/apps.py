from django.apps import AppConfig
from django.db.models.signals import pre_delete


class RunSetsConfig(AppConfig):
    name = "run_sets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import storage
        from run_sets import feeding, table_storage
        from run_sets.models import RunSet
        from runs.engine import periodic, step_kinds

        pre_delete.connect(table_storage.give_back, sender=RunSet)
        storage.register(storage.TABLES, table_storage.stored_bytes)
        step_kinds.listen(feeding.follow)
        periodic.register("table runs", feeding.feed)
        periodic.register("old table runs", feeding.tend)
