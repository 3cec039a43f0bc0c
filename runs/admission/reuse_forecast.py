"""Forecasts of reuse: steps of a draft that would take over earlier results, and steps that runs
would take over from each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from accounts.models import User
from core.errors import ProviderError
from runs import selectors
from runs.admission.drafts import DraftStart
from runs.admission.reuse_reasons import why_again
from runs.admission.step_history import fetched_before, past_steps
from runs.billing.estimates import items_expected
from runs.engine import result_cache
from runs.engine.resolve import resolve
from runs.engine.result_cache import CacheHit, MediaFingerprint
from runs.options import RunOptions
from runs.planning.expected_outputs import expected_outputs, maker_of, reads_media_list
from runs.planning.identities import step_identities
from runs.planning.made_up_inputs import MADE_UP_ASSET
from runs.planning.resolved_plan import Output, Ref, Resolved
from runs.planning.seeds import has_written_seed, is_seedless
from templates_app.graph.plan_subset import with_inside
from templates_app.graph.types import MediaKind, Plan, PlanStep, StepKey
from templates_app.graph.wiring import number_titles, words_of
from tools import registry
from tools.declaration.ports import Tool, ToolTable

_RUNS_READ_ALONG = 4


@dataclass(slots=True)
class Forecast:
    """reused: the results that steps would take over. why: a short reason for every step."""

    reused: dict[str, CacheHit] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _LookUp:
    """The verdict depends on which results this key has."""

    key: str


def forecast(plan: Plan, draft: DraftStart, owner: User) -> Forecast:
    """Say of each step whether a run begun now would take over an earlier result, and why not."""
    return _Forecaster(plan, draft, owner).decide()


def _titles(plan: Plan, table: ToolTable) -> dict[str, str]:
    """Title each step, by its key, as the page of its run does."""
    titles = []
    for step in plan.steps:
        tool = table.get(step.batch.item.tool if step.batch is not None else step.tool)
        does = tool.title if tool is not None else words_of(step.stage_id or step.key)
        titles.append((str(step.key), step.title or does, step.title not in ("", does)))
    return number_titles(titles)


class _Forecaster:
    """Goes through a plan as workers would, with what is known before any of them begins.

    A step whose media are all known gets the key it will get at its claim. What a step that will
    run is going to make is not known, so a step that takes it runs as well.
    """

    def __init__(self, plan: Plan, draft: DraftStart, owner: User) -> None:
        self.plan, self.draft, self.owner = plan, draft, owner
        self.fresh = with_inside(plan, draft.fresh)
        self.table = registry.table()
        self.past = past_steps(draft.template, owner, {step.key for step in plan.steps})
        self.known: dict[str, CacheHit | None] = {}
        self.runs_looked_at: set[int] = set()
        self.media_of: dict[str, MediaFingerprint] = {}
        self.outputs: dict[str, list[Output]] = {}
        self.titles = _titles(plan, self.table)
        # What people answer and what batches make cannot be told before.
        self.unpredictable = {step.key for step in plan.steps if step.kind not in ("tool", "group")}
        self.decided = Forecast()

    def decide(self) -> Forecast:
        self.fingerprint_inputs()
        self.look_up({past.reuse_key for past in self.past.values() if past.reuse_key})
        waiting = list(self.plan.steps)
        while waiting:
            keys: set[str] = set()
            remaining: list[PlanStep] = []
            open_keys: set[str] = set()
            for step in waiting:
                # Also where it only waits: what comes before shifts positions among all media.
                is_early = any(need.source in open_keys for need in step.needs)
                verdict = None if is_early else self.verdict(step)
                if isinstance(verdict, CacheHit):
                    self.will_reuse(step, verdict)
                elif isinstance(verdict, str):
                    self.will_run(step, verdict)
                else:
                    open_keys.add(step.key)
                    remaining.append(step)
                    if verdict is not None:
                        keys.add(verdict.key)
            self.look_up(keys)
            waiting = remaining
        return self.decided

    def fingerprint_inputs(self) -> None:
        """The caller's media by their bytes; foreign ones as they were when last fetched."""
        foreign = [ref.url for ref in self.plan.media if ref.asset is None and ref.url]
        assets_by_url = fetched_before(self.draft.template, self.owner) if foreign else {}
        for position, ref in enumerate(self.plan.media):
            asset = ref.asset or assets_by_url.get(ref.url or "")
            if asset is not None and asset != MADE_UP_ASSET:
                self.media_of[f"input:{position}"] = MediaFingerprint(
                    asset.removeprefix("blob:"), {}
                )

    def look_up(self, keys: Iterable[str]) -> None:
        """Learn what there is for these keys, and, where it leads to other runs, for theirs."""
        missing = set(keys) - self.known.keys()
        while missing:
            hits = result_cache.lookup(self.owner.pk, missing)
            remainder = missing - hits.keys()
            hits |= result_cache.lookup_shared(self.owner.pk, [self.draft.template.pk], remainder)
            self.known |= {key: hits.get(key) for key in missing}
            # What is reused together mostly comes from few runs: their other keys are read along.
            runs = {hit.run_id for hit in hits.values()} - self.runs_looked_at
            runs = set(sorted(runs)[-_RUNS_READ_ALONG:])
            self.runs_looked_at |= runs
            missing = selectors.reuse_keys(runs) - self.known.keys() if runs else set()

    def verdict(self, step: PlanStep) -> CacheHit | _LookUp | str:
        """Return what the step will take over, or why it will run, or the key to look up first."""
        if step.kind == "group":
            return "Runs its stages"
        if step.kind != "tool":
            return "Runs once per item" if step.kind == "expand" else "Asks you a question"
        source = self.unpredictable_source(step)
        if source is not None:
            return f"Because {self.titles[source]} runs"
        if step.late:
            return "Uses the run's own details"
        tool = self.table.get(step.tool)
        resolved_call = (
            expected_call(self.plan, step, tool, self.outputs) if tool is not None else None
        )
        arguments = step.arguments if resolved_call is None else resolved_call.arguments
        provider = registry.provider_for(
            step.tool, arguments, person=self.owner.pk, draft=self.draft.drafts_by
        )
        if tool is None or provider is None or resolved_call is None:
            return "Not run yet"
        unknown = [
            reference
            for references in resolved_call.media.values()
            for reference in references
            if reference not in self.media_of
        ]
        past = self.past.get(step.key)
        if step.key in self.fresh:
            is_reseeded = tool.seeded and not has_written_seed(step)
            return "New seed" if is_reseeded else "You asked for a new result"
        makers = [maker for reference in unknown if (maker := maker_of(reference))]
        if makers:
            return f"Because {self.titles[makers[0]]} runs"
        if unknown or is_seedless(step, self.table):
            if past is None:
                return "Not run yet"
            return "Downloads its file first" if unknown else "New seed"
        key = result_cache.key_of_resolved(
            tool,
            provider,
            resolved_call,
            self.media_of,
            step.seed,
            safe=True,
            draft=registry.draws_own(provider, tool.name, arguments, self.draft.drafts_by),
        )
        if not key:
            return "New result every time"
        if key not in self.known:
            return _LookUp(key)
        return self.known[key] or why_again(step, tool, resolved_call, key, past, self.media_of)

    def unpredictable_source(self, step: PlanStep) -> StepKey | None:
        """A step whose result this one takes and that cannot be told before the run."""
        argument_sources = [StepKey(need.source) for need in step.needs if need.target_argument]
        late_sources = [
            ref.source for late in step.late for ref in late.refs if ref.source is not None
        ]
        sources = (source for source in argument_sources if source in self.unpredictable)
        return next(iter((*sources, *late_sources)), None)

    def will_reuse(self, step: PlanStep, hit: CacheHit) -> None:
        self.decided.reused[step.key] = hit
        self.decided.why[step.key] = "Same inputs as an earlier run"
        outputs = []
        for one in hit.made:
            kind = cast(MediaKind, one.kind)
            outputs.append(Output(one.public_id, step.key, step.sequence, -1, one.position, kind))
            self.media_of[f"artifact:{one.public_id}"] = one.medium
        self.outputs[step.key] = outputs

    def will_run(self, step: PlanStep, why: str) -> None:
        self.decided.why[step.key] = why
        self.outputs[step.key] = expected_outputs(step, self.table, items_expected(step))


def expected_call(
    plan: Plan, step: PlanStep, tool: type[Tool], outputs: Mapping[str, Sequence[Output]]
) -> Resolved | None:
    """Resolve a step's arguments; None where what it needs isn't there.

    outputs: step → what it made or will make, under made-up ids where it doesn't exist yet.
    """
    if not tool.ports() and not any(need.target_argument for need in step.needs):
        return Resolved(arguments=dict(step.arguments))
    if reads_media_list(step, tool):
        sources: Iterable[str] = outputs
    else:
        sources = dict.fromkeys(need.source for need in step.needs)
    try:
        return resolve(
            tool=tool,
            arguments=step.arguments,
            sequence=step.sequence,
            needs=step.needs,
            media=plan.media,
            outputs=[output for source in sources for output in outputs.get(source, ())],
            scopes=plan.scopes,
        )
    except ProviderError:
        return None


def identities_of(plan: Plan, person: int, options: RunOptions) -> dict[StepKey, str]:
    """Return step → identity of the steps that other runs may have as well: see
    `runs.planning.identities`. person: whose runs they are, by id."""

    def key_of(
        step: PlanStep,
        tool: type[Tool],
        outputs: Mapping[str, Sequence[Output]],
        hashes: Mapping[Ref, str],
    ) -> str:
        call = expected_call(plan, step, tool, outputs)
        if call is None:
            return ""
        drafter = options.draft_by(step.key)
        provider = registry.provider_for(step.tool, call.arguments, person=person, draft=drafter)
        media = {ref for refs in call.media.values() for ref in refs}
        if provider is None or not media <= hashes.keys():
            return ""
        return result_cache.key_of_resolved(
            tool,
            provider,
            call,
            {ref: MediaFingerprint(hashes[ref], {}) for ref in media},
            step.seed,
            safe=options.safe_content_filter,
            draft=registry.draws_own(provider, tool.name, call.arguments, drafter),
        )

    return step_identities(plan, registry.table(), key_of)
