import gc

from django.apps import AppConfig


class BuilderConfig(AppConfig):
    name = "builder"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from builder.account_exports.making import PeriodicExports
        from builder.shared import account_changes
        from media import marking, shared_authority, sweeping
        from runs import selectors as runs
        from runs.engine import periodic, retention
        from templates_app import named_uses
        from templates_app.documents import pruning
        from templates_app.lifecycle import waiting

        if settings.BACKUP_DIR:
            from backups.nightly import Nightly

            periodic.register("backups", Nightly(), waits_elsewhere=True)
        periodic.register("documents", pruning.tend)
        periodic.register("unnamed uses", named_uses.PeriodicPrune(runs.is_named_by_draft))
        periodic.register("words without a draft", waiting.tend)
        periodic.register("deleted accounts", account_changes.finish_deletions)
        periodic.register("exports", PeriodicExports())
        periodic.register("deleted runs", retention.delete_wanted)
        periodic.register("old runs", retention.OldRunPurge())
        periodic.register("keys of credentials", shared_authority.tend)
        periodic.register("marked copies", marking.forget_old)
        periodic.register("unused blobs", sweeping.PeriodicSweep())
        # The last app is loaded. What is there now is never garbage: collections leave it out.
        gc.freeze()
        gc.enable()
