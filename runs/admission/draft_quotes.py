"""What a run of a draft would take: which stages run, which are reused, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max

from accounts.models import User
from core.errors import ProviderError
from runs import selectors, states
from runs.admission.drafts import Draft, compile_draft, draft_inputs
from runs.admission.planning_limits import planning_limits
from runs.admission.quotes import STAND_IN_ASSET, filled, with_stand_in, worth_saying
from runs.billing.estimates import items_expected, seconds_of, seconds_of_step, step_quotes
from runs.engine import result_cache
from runs.engine.resolve import resolve
from runs.engine.result_cache import CacheHit, MediaFingerprint
from runs.models import Run, Step
from runs.planning.resolved import Output, Resolved
from runs.planning.seeds import has_written_seed, is_seedless
from templates_app.graph.issues import Issue
from templates_app.graph.port_arguments import find_port, kinds_made
from templates_app.graph.types import LATEST, Compiled, Plan, PlanStep, StepKey
from templates_app.models import Template
from tools import registry
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.palette import title_of

# So many of the latest runs are looked at for what a stage was given before.
HISTORY_RUNS = 30
# What a step that will run is going to make is under names that no artifact has.
_TO_COME = "artifact:to-come/"


@dataclass(frozen=True, slots=True)
class StepQuote:
    """will: "run" or "reuse". why: a short sentence. milli: thousandths of a unit, 0 for reuse.

    items: of a batch, how many are expected.
    """

    key: str
    will: str
    why: str
    milli: int
    seconds: float | None
    items: int | None = None


@dataclass(frozen=True, slots=True)
class DraftQuote:
    """milli: of what will run. full_milli: of everything. seconds: None without a history.

    reused_from: the newest run that results are taken from. is_complete: every required input has
    a value; else the figures stand for ones that were made up.
    """

    steps: tuple[StepQuote, ...] = ()
    milli: int = 0
    full_milli: int = 0
    seconds: float | None = None
    reused_from: str | None = None
    is_complete: bool = True
    issues: tuple[Issue, ...] = ()


def quote_draft(draft: Draft, *, owner: User, own_hosts: Sequence[str]) -> DraftQuote:
    """Say what `drafts.start_draft` would do. Nothing is stored or fetched.

    Raises InvalidBody when `to` names no stage; whatever else is wrong is among the issues.
    """
    compiled, is_complete = _compiled(draft, own_hosts)
    plan = compiled.plan
    if plan is None:
        return DraftQuote(is_complete=is_complete, issues=worth_saying(compiled))
    decided = _Forecast(plan, draft, owner).decide()
    prices = step_quotes(plan)
    steps = tuple(
        StepQuote(
            key=step.key,
            will="reuse" if step.key in decided.reused else "run",
            why=decided.why[step.key],
            milli=0 if step.key in decided.reused else price,
            seconds=0.0 if step.key in decided.reused else seconds_of_step(step),
            items=None if step.batch is None else items_expected(step),
        )
        for step, price in zip(plan.steps, prices, strict=True)
    )
    newest = max(decided.reused.values(), key=lambda earlier: earlier.origin_id, default=None)
    return DraftQuote(
        steps=steps,
        milli=sum(step.milli for step in steps),
        full_milli=sum(prices),
        seconds=seconds_of(plan, without=decided.reused.keys()),
        reused_from=newest.run if newest else None,
        is_complete=is_complete,
        issues=compiled.warnings,
    )


def refusals_of(draft: Draft, *, own_hosts: Sequence[str]) -> tuple[Issue, ...]:
    """Why a run of the draft would be refused, once every required input has a value.

    Nothing is stored or fetched; never raises on user data but for `to`, as `quote_draft`.
    """
    compiled, _ = _compiled(draft, own_hosts)
    return worth_saying(compiled)


def _compiled(draft: Draft, own_hosts: Sequence[str]) -> tuple[Compiled, bool]:
    """The draft as it would run, and whether every required input has a value of its own."""
    limits = planning_limits(own_hosts)
    inputs = draft_inputs(draft, own_hosts)
    compiled = compile_draft(draft, inputs, limits, own_hosts=own_hosts)
    if compiled.plan is not None:
        return compiled, True
    guess = filled(draft.spec, inputs)
    if guess == inputs:
        return compiled, True
    return compile_draft(draft, guess, with_stand_in(limits), own_hosts=own_hosts), False


@dataclass(slots=True)
class _Decided:
    reused: dict[str, CacheHit] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ask:
    """It depends on what there is for this key."""

    key: str


@dataclass(frozen=True, slots=True)
class _Past:
    """The newest earlier step of the same stage."""

    status: str
    tool: str
    reuse_key: str
    seed: int | None
    resolved: Mapping[str, Any] | None


class _Forecast:
    """Goes through a plan as workers would, with what is known before any of them begins.

    A step whose media are all known gets the key it will get at its claim. What a step that will
    run is going to make is not known; anyone who takes it in runs as well.
    """

    def __init__(self, plan: Plan, draft: Draft, owner: User) -> None:
        self.plan, self.draft, self.owner = plan, draft, owner
        self.table = registry.table()
        self.past = _history(draft.template, owner, [step.key for step in plan.steps])
        self.known: dict[str, CacheHit | None] = {}
        self.asked_runs: set[int] = set()
        self.media_of: dict[str, MediaFingerprint] = {}
        self.outputs: dict[str, list[Output]] = {}
        self.titles = {step.key: step.title or step.stage_id or step.key for step in plan.steps}
        # Steps whose results no one can tell before: what people give, and what batches make.
        self.untold = {step.key for step in plan.steps if step.kind != "tool"}
        self.decided = _Decided()

    def decide(self) -> _Decided:
        self.bring()
        self.look_up({past.reuse_key for past in self.past.values() if past.reuse_key})
        waiting = list(self.plan.steps)
        while waiting:
            asked: set[str] = set()
            left: list[PlanStep] = []
            undecided: set[str] = set()
            for step in waiting:
                # Also where it only waits: what comes before shifts positions among all media.
                is_early = any(need.source in undecided for need in step.needs)
                verdict = None if is_early else self.judge(step)
                if isinstance(verdict, CacheHit):
                    self.will_reuse(step, verdict)
                elif isinstance(verdict, str):
                    self.will_run(step, verdict)
                else:
                    undecided.add(step.key)
                    left.append(step)
                    if verdict is not None:
                        asked.add(verdict.key)
            self.look_up(asked)
            waiting = left
        return self.decided

    def bring(self) -> None:
        """The caller's media by their bytes; foreign ones as they were when last fetched."""
        foreign = [ref.url for ref in self.plan.media if ref.asset is None and ref.url]
        fetched = _fetched_before(self.draft.template, self.owner) if foreign else {}
        for place, ref in enumerate(self.plan.media):
            asset = ref.asset or fetched.get(ref.url or "")
            if asset is not None and asset != STAND_IN_ASSET:
                self.media_of[f"input:{place}"] = MediaFingerprint(asset.removeprefix("blob:"), {})

    def look_up(self, keys: Iterable[str]) -> None:
        """Learn what there is for these keys, and, where it leads to other runs, for theirs."""
        wanted = set(keys) - self.known.keys()
        while wanted:
            found = result_cache.lookup(self.owner.pk, wanted)
            self.known |= {key: found.get(key) for key in wanted}
            runs = {earlier.run_id for earlier in found.values()} - self.asked_runs
            runs = set(sorted(runs)[-4:])
            self.asked_runs |= runs
            wanted = selectors.reuse_keys(runs) - self.known.keys() if runs else set()

    def judge(self, step: PlanStep) -> CacheHit | _Ask | str:
        """What the step will take over, or why it will run, or the key to look up first."""
        if step.kind != "tool":
            return "Runs once per item" if step.kind == "expand" else "Asks you a question"
        leader = self.leader(step)
        if leader is not None:
            return f"{self.titles[leader]} changes"
        if step.late:
            return "Uses the run's own details"
        tool = self.table.get(step.tool)
        resolved = self.resolved(step, tool) if tool is not None else None
        given = step.arguments if resolved is None else resolved.arguments
        provider = registry.provider_for(step.tool, given)
        if tool is None or provider is None or resolved is None:
            return "Not run yet"
        unknown = [
            reference
            for references in resolved.media.values()
            for reference in references
            if reference not in self.media_of
        ]
        past = self.past.get(step.key)
        if step.key in self.draft.fresh:
            reseeded = tool.seeded and not has_written_seed(step)
            return "New seed" if reseeded else "You asked for a new result"
        to_come = [reference for reference in unknown if reference.startswith(_TO_COME)]
        if to_come:
            source = StepKey(to_come[0].removeprefix(_TO_COME).rpartition("/")[0])
            return f"{self.titles[source]} changes"
        if unknown or is_seedless(step, self.table):
            if past is None:
                return "Not run yet"
            return "Downloads its file first" if unknown else "New seed"
        key = result_cache.key_of_resolved(
            tool, provider, resolved, self.media_of, step.seed, safe=True
        )
        if not key:
            return "New result every time"
        if key not in self.known:
            return _Ask(key)
        earlier = self.known[key]
        return earlier or self.difference(step, tool, resolved, key, past)

    def leader(self, step: PlanStep) -> StepKey | None:
        """Whose result the step takes in that no one can tell before the run, if anyone's."""
        taken = [StepKey(need.source) for need in step.needs if need.target_argument]
        read = [ref.source for late in step.late for ref in late.refs if ref.source is not None]
        untold = (source for source in taken if source in self.untold)
        return next(iter((*untold, *read)), None)

    def resolved(self, step: PlanStep, tool: type[Tool]) -> Resolved | None:
        """What the step will be given, with what is to come under names of its own."""
        if not tool.ports() and not any(need.target_argument for need in step.needs):
            return Resolved(arguments=dict(step.arguments))
        if _reads_list(step, tool):
            sources: Iterable[str] = self.outputs
        else:
            sources = dict.fromkeys(need.source for need in step.needs)
        outputs = [output for source in sources for output in self.outputs.get(source, ())]
        try:
            return resolve(
                tool=tool,
                arguments=step.arguments,
                sequence=step.sequence,
                needs=step.needs,
                media=self.plan.media,
                outputs=outputs,
            )
        except ProviderError:
            return None

    def will_reuse(self, step: PlanStep, earlier: CacheHit) -> None:
        self.decided.reused[step.key] = earlier
        self.decided.why[step.key] = "Same inputs as an earlier run"
        made = []
        for one in earlier.made:
            made.append(_output(step, one.public_id, one.position, one.kind))
            self.media_of[f"artifact:{one.public_id}"] = one.medium
        self.outputs[step.key] = made

    def will_run(self, step: PlanStep, why: str) -> None:
        self.decided.why[step.key] = why
        called, times = (step, 1) if step.batch is None else (step.batch.item, items_expected(step))
        choice = (step.ask or {}).get("select")
        tool = self.table.get(called.tool)
        if tool is None:
            return
        params = fill_defaults(tool, called.arguments)
        count = params.get(tool.count, 1) if tool.count else 1
        count = min(count * times, 64) if isinstance(count, int) and 0 < count <= 64 else 1
        kinds = sorted(kinds_made(tool, params), key=lambda kind: kind != tool.output)
        if choice is not None:
            kinds = [choice["kind"]]
        self.outputs[step.key] = [
            _output(step, f"to-come/{step.key}/{place}", place, kind)
            for place, kind in enumerate(
                kind for kind in kinds for _ in range(count if kind == tool.output else 1)
            )
        ]

    def difference(
        self,
        step: PlanStep,
        tool: type[Tool],
        resolved: Resolved,
        key: str,
        past: _Past | None,
    ) -> str:
        """Why nothing that was made before will do, in a few words."""
        if past is None:
            return "Not run yet"
        if past.status == states.FAILED:
            return "Failed last time"
        if past.status != states.COMPLETED or past.resolved is None:
            return "Didn't finish last time"
        if past.reuse_key == key:
            return "Earlier result was deleted"
        if past.tool != step.tool:
            return "Tool changed"
        before = fill_defaults(tool, past.resolved.get("arguments", {}))
        now = fill_defaults(tool, resolved.arguments)
        changed = [
            title_of(name)
            for name in dict.fromkeys([*now, *before])
            if now.get(name) != before.get(name) and not (tool.seeded and name == "seed")
        ]
        changed += self.changed_ports(tool, resolved, past)
        if changed:
            return f"{_listed(changed)} changed"
        if past.seed != step.seed:
            return "New seed"
        return f"{tool.title} was updated"

    def changed_ports(self, tool: type[Tool], resolved: Resolved, past: _Past) -> list[str]:
        blobs = (past.resolved or {}).get("blobs", {})
        media = result_cache.media_by_port(tool, resolved.media, self.media_of)
        now = {port: [medium.sha256 for medium in found] for port, found in media.items()}
        return [port.title for port in tool.ports() if now.get(port.name) != blobs.get(port.name)]


def _history(template: Template, owner: User, keys: Collection[str]) -> dict[str, _Past]:
    """The newest step of each of these stages in this person's latest runs of the template."""
    runs = selectors.latest_run_ids(owner, template.pk, HISTORY_RUNS)
    if not runs:
        return {}
    newest = (
        Step.objects.filter(run_id__in=runs)
        .exclude(status__in=states.STEP_UNFINISHED)
        .values("key")
        .annotate(newest=Max("id"))
        .order_by()
        .values("newest")
    )
    rows = Step.objects.filter(id__in=newest).values_list(
        "key", "status", "tool", "reuse_key", "seed", "resolved"
    )
    wanted = set(keys)
    return {
        key: _Past(status, tool, reuse_key, seed, resolved)
        for key, status, tool, reuse_key, seed, resolved in rows
        if key in wanted
    }


def _fetched_before(template: Template, owner: User) -> dict[str, str]:
    """Foreign address → what was fetched from it for this person's latest runs of the template."""
    ids = selectors.latest_run_ids(owner, template.pk, HISTORY_RUNS)
    media = Run.objects.filter(id__in=ids).order_by("id").values_list("media", flat=True)
    return {
        ref["url"]: ref["asset"]
        for brought in media
        for ref in brought
        if ref.get("url") and ref.get("asset")
    }


def _reads_list(step: PlanStep, tool: type[Tool]) -> bool:
    """Whether the step takes in media by their position among all, or the newest there is."""
    if any(need.pick == LATEST for need in step.needs):
        return True
    for argument, value in step.arguments.items():
        port, _ = find_port(tool, argument)
        if port is not None and value is not None:
            return True
    bound = {
        port.name
        for need in step.needs
        if need.target_argument and (port := find_port(tool, need.target_argument)[0])
    }
    return any(port.fallback == "latest" and port.name not in bound for port in tool.ports())


def _output(step: PlanStep, artifact_id: str, position: int, kind: str) -> Output:
    return Output(artifact_id, step.key, step.sequence, -1, position, kind)  # type: ignore[arg-type]


def _listed(names: Sequence[str]) -> str:
    if len(names) > 2:
        return f"{names[0]} and {len(names) - 1} more"
    return " and ".join(names)
