"""Reads of run sets. Each takes a viewer, so privacy is part of the query."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet, Sum

from accounts.auth import Principal
from accounts.models import User
from core import errors
from run_sets.models import RowState, RunSet, RunSetRow, SetState
from run_sets.shared_steps import quote_of
from runs import access, states
from runs.models import Step


def sets_of(owner: User) -> QuerySet[RunSet]:
    """Select a person's sets, the newest first."""
    return _sets().filter(owner=owner).order_by("-id")


def sets_of_others(viewer: User) -> QuerySet[RunSet]:
    """Select what others made of templates that the viewer works on with them, the newest first."""
    return _sets().filter(access.of_members(viewer)).exclude(owner=viewer).order_by("-id")


def visible_set(viewer: User, public_id: str) -> RunSet:
    """Return a set that the viewer may see: their own, or one of a template that they work on with
    its owner, as they see its runs. Raises NotFound."""
    rows = _sets().filter(Q(owner=viewer) | access.of_members(viewer), public_id=public_id)
    run_set = rows.first()
    if run_set is None:
        raise errors.NotFound("Table run not found.", code="run_set.not_found")
    return run_set


def own_set(viewer: User, public_id: str) -> RunSet:
    """Like `visible_set`, but only for the set's owner, who pays. Raises Forbidden, too."""
    run_set = visible_set(viewer, public_id)
    if run_set.owner_id != viewer.pk:
        raise errors.Forbidden("Only the person who made this table run can do that.")
    return run_set


def rows_of(run_set: RunSet) -> QuerySet[RunSetRow]:
    """Select a set's rows in their order, with what lists of them show of their runs."""
    rows = RunSetRow.objects.filter(run_set=run_set).select_related("run").order_by("position")
    # The rest of a run is large.
    return rows.only(
        *("position", "label", "cells", "state", "problems", "estimated_milli"),
        *("run__public_id", "run__error", "run__created_at", "run__finished_at"),
    )


def sets_at_work(person: User) -> dict[int, int]:
    """Return key → how many sets of a person start rows with it."""
    sets = RunSet.objects.filter(owner=person, state=SetState.WORK, api_key__isnull=False)
    return dict(sets.order_by().values_list("api_key").annotate(Count("id")))


def paused_words(count: int) -> str:
    """Return what follows a message that keys were revoked with which so many sets start rows."""
    return f" {count} table run{' is' if count == 1 else 's are'} paused." if count else ""


def _sets() -> QuerySet[RunSet]:
    return RunSet.objects.select_related("owner", "template", "version")


def retry_milli(run_set: RunSet) -> int:
    """Sum what a retry of the failed rows would cost: their failed stages, and all of the rows
    whose runs were deleted."""
    rows = RunSetRow.objects.filter(run_set=run_set, state=RowState.FAILURE)
    steps = Step.objects.filter(
        run__run_set_row__in=rows, status__in=(states.FAILED, states.SKIPPED)
    )
    again = steps.aggregate(sum=Sum("estimated_milli"))["sum"] or 0
    return int(again + quote_of(rows.filter(run=None)).milli)


def actor_of(run_set: RunSet) -> Principal:
    """Return who starts the rows of a set: its owner, with the key that started it, if one did."""
    return Principal(user=run_set.owner, api_key=run_set.api_key, via="session")
