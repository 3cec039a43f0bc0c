"""Taking a person's runs away when they leave."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from runs import services, states
from runs.engine import sweep
from runs.models import Run


def delete_runs(*, owner: User) -> int:
    """Stop and delete all runs of a person, with what they made. Returns how many.

    One transaction for each, so a large history locks nothing for long, and what was deleted before
    an interruption stays deleted: repeat it. The ledger keeps what they cost.
    """
    for run in Run.objects.filter(owner=owner).exclude(status__in=states.RUN_TERMINAL).only("id"):
        services.cancel_run(run=run, reason="Their owner deleted the account")
    # Afterwards nobody would know the references of jobs that still run elsewhere.
    sweep.stop_unwanted_jobs(owner_id=owner.pk)
    deleted = 0
    for run_id in list(Run.objects.filter(owner=owner).values_list("id", flat=True)):
        with transaction.atomic():
            # Locked first, as every change of a run does.
            Run.objects.select_for_update().only("id").filter(id=run_id).first()
            Run.objects.filter(id=run_id).delete()
        deleted += 1
    return deleted
