from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "runs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from accounts import storage
        from media import resolvers
        from notices import create_notice
        from notices.sending import Outbox
        from runs import selectors
        from runs.engine import automatic_pauses, periodic

        if settings.ON_POSTGRES:
            from runs.dispatch import stale_jobs

            periodic.register("jobs", stale_jobs.sweep)

        periodic.register("mail", Outbox(), waits_elsewhere=True)
        periodic.register("balances", automatic_pauses.Balances(), waits_elsewhere=True)
        periodic.register("notices", create_notice.forget_old)
        periodic.register("recounts", storage.Recounts())
        storage.register(storage.ARTIFACTS, selectors.stored_bytes)

        resolvers.register(selectors.artifact_blob)
        resolvers.register_owned(selectors.owned_artifact_blob)
        resolvers.register_provenance(selectors.artifact_provenance)
        resolvers.register_references(selectors.blobs_of_artifacts)
        resolvers.register_references(selectors.blobs_given_to_runs, is_slow=True)
