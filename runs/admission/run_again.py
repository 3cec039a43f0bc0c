"""Starting the plan of an earlier run once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.auth import Principal
from core import canonical, errors
from runs.admission import start_limits
from runs.admission.idempotency import RequestKey, page_key
from runs.admission.insert import insert_run
from runs.admission.new_run import NewRun, StartResult
from runs.admission.start import ENDPOINT
from runs.billing.estimates import step_quotes
from runs.models import Run
from runs.options import RunOptions
from runs.planning.seeds import request_with_seeds, with_other_seeds
from templates_app.graph.plan_json import plan_from_json


def run_again(
    *,
    run: Run,
    actor: Principal,
    new_seeds: bool = False,
    seeds: Mapping[str, int] | None = None,
    options: Mapping[str, Any] | None = None,
    key: str | RequestKey | None = None,
) -> StartResult:
    """Start the plan of an earlier run of the actor's once more, with the media it was given.

    new_seeds: make other pictures from the same words; else the same ones. seeds: those by step
    that are not to be drawn. options: what to change of the earlier run's. key: text from one of
    our pages, or the whole key of an endpoint; a second call with it returns the run of the first.
    The original is not touched, whatever became of it.
    Raises Conflict, and InvalidInput when a tool of the plan is no longer offered.
    """
    if not isinstance(key, RequestKey):
        fingerprint = canonical.sha256_hex(["again", run.public_id, new_seeds])
        key = page_key(actor, ENDPOINT, fingerprint, key)
    if replay := key.replay():
        return StartResult(run=replay, replayed=True)
    start_limits.check_may_start(actor)
    start_limits.check_template_visible(run, actor)
    plan, request = plan_from_json(run.plan), run.request
    if not plan.steps:
        raise errors.Conflict("A chat has no plan to run again. Start another chat.")
    if new_seeds:
        plan = with_other_seeds(plan, seeds or {})
        request = request_with_seeds(request, plan)
    start_limits.check_tools_offered(plan, person=actor.user.pk)
    again = RunOptions.read(run.options).for_another_run().with_changes(**(options or {}))
    version = run.template_version
    is_published = version is not None and version.template.published_id == version.pk
    new = NewRun(
        plan=plan,
        kind=run.kind,
        request=request,
        quotes=step_quotes(plan, person=actor.user.pk, options=again),
        options=again,
        version=version,
        draft_of=run.draft_of,
        repeats=run,
        published_id=version.template_id if version is not None and is_published else None,
        ceiling_milli=run.ceiling_milli,
    )
    return insert_run(new, actor, key)
