"""Starting a run of a draft: its steps may take over what earlier runs made of the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.auth import Principal
from core import canonical
from runs.admission.drafts import DraftStart, compile_draft, draft_inputs
from runs.admission.idempotency import page_key
from runs.admission.insert import insert_run
from runs.admission.new_run import NewRun, StartResult
from runs.admission.planning_limits import planning_limits
from runs.admission.start import ENDPOINT
from runs.admission.start_limits import check_may_start
from runs.billing.estimates import step_quotes
from runs.models import Run
from runs.options import SPARK, RunOptions, drafting, planning
from runs.planning.refusals import refused_template
from runs.planning.seeds import drawn_seeds, with_missing_seeds
from runs.planning.start_plan import STEPS
from templates_app.graph.plan_subset import with_inside
from templates_app.models import Template
from templates_app.schemas import planner_of
from tools import registry

APP_SOURCE = "reelgraph-editor"


@dataclass(frozen=True, slots=True)
class DraftStarted:
    """seeds: of every stage whose arguments name none, to be kept for the next run."""

    started: StartResult
    seeds: Mapping[str, int]

    @property
    def run(self) -> Run:
        return self.started.run


def start_draft(
    *,
    actor: Principal,
    template: Template,
    spec: Mapping[str, Any],
    values: Mapping[str, Any],
    seeds: Mapping[str, int],
    document_rev: int,
    to: str | None = None,
    fresh: Collection[str] = (),
    drafts_by: registry.DraftBy = "",
    key: str | None = None,
    own_hosts: Sequence[str],
) -> DraftStarted:
    """Plan and queue a run of a draft; a second call with the same actor and key returns the first.

    document_rev: the revision that spec, values and seeds were read from. The rest as in `Draft`.
    Raises InvalidBody, InvalidInput, Conflict as `start.start_run` does.
    """
    draft = DraftStart(template, spec, values, seeds, to, frozenset(fresh), drafts_by)
    # Not the document: a repeated request means the run of the first, whatever changed since.
    makers = [drafts_by] if drafts_by else []
    fingerprint = canonical.sha256_hex(
        ["draft", template.public_id, to, sorted(draft.fresh), *makers]
    )
    own_key = page_key(actor, ENDPOINT, fingerprint, key)
    if replay := own_key.replay():
        return DraftStarted(StartResult(run=replay, replayed=True), drawn_seeds(replay.plan))
    check_may_start(actor)
    inputs = draft_inputs(draft, own_hosts)
    compilation = compile_draft(
        draft, inputs, planning_limits(own_hosts), person=actor.user.pk, own_hosts=own_hosts
    )
    if compilation.plan is None:
        raise refused_template(compilation.errors, compilation.warnings)
    plan = with_missing_seeds(compilation.plan, registry.table())
    options = RunOptions(
        token_type=SPARK,
        billing_mode="auto",
        app_source=APP_SOURCE,
        safe_content_filter=True,
        reuse=True,
        document_rev=document_rev,
        fresh=sorted(with_inside(plan, draft.fresh)),
        to=to,
        **drafting(drafts_by),
        **planning(planner_of(spec)),
    )
    new = NewRun(
        plan=plan,
        kind=STEPS,
        # The draft goes on changing; what ran is what may be shared.
        request={"inputs": inputs, "templateId": template.public_id, "draft": dict(spec)},
        quotes=step_quotes(plan, person=actor.user.pk, options=options),
        options=options,
        draft_of=template,
        warnings=compilation.warnings,
    )
    start = insert_run(new, actor, own_key)
    return DraftStarted(start, drawn_seeds(start.run.plan))
