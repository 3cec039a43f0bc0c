from django.apps import AppConfig
from django.db.models.signals import pre_delete


class ComposeConfig(AppConfig):
    name = "compose"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import storage
        from compose import charging, document_plans, kept_proposals
        from compose.chat_runs import rounds, step_kind
        from compose.models import KeptProposal
        from compose.single_tool_run import TOOL_CALL
        from runs.engine import periodic
        from templates_app.documents import plans
        from templates_app.models import Collaborator
        from tools.providers import service_types
        from webhooks import deliveries

        service_types.register("language-model", "compose.language_model")
        step_kind.register()
        deliveries.leave_out(rounds.CHAT, TOOL_CALL)
        plans.register(document_plans.check)
        pre_delete.connect(kept_proposals.give_back, sender=KeptProposal)
        pre_delete.connect(kept_proposals.forget_of_member, sender=Collaborator)
        storage.register(storage.PROPOSALS, kept_proposals.stored_bytes)
        periodic.register("composed calls", charging.tend)
        periodic.register("kept proposals", kept_proposals.tend)
