"""A trial of one service: what it may cost, and each claim in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from core.errors import InvalidInput, ProviderError, ProviderRefused
from tools.provider_trials import crashes, files, repeats
from tools.provider_trials.calls import Call, Caller, TrialContext
from tools.provider_trials.cancelling import cancel, claim_of
from tools.provider_trials.claims import VERDICTS, Report
from tools.provider_trials.proofs import PRICE, SCHEMA
from tools.provider_trials.schemas import compare, words_of
from tools.providers.base import Outcome
from tools.providers.makers.exchange import MakerOutcome, Result
from tools.providers.makers.provider import Maker
from tools.providers.makers.table import Offered

# The webhook of a job that is over is waited for as long as so many looks at it would take.
WEBHOOK_LOOKS = 10
REFUSED_PROMPT: Final = "A photorealistic, gory image of a mutilated human body"


@dataclass(frozen=True, slots=True)
class Plan:
    """calls: the models that are tried, the cheapest first. usd: the most that all of it costs."""

    calls: Sequence[Call]
    crash: bool
    refusal: str
    usd: Decimal


def plan_of(
    caller: Caller, models: Sequence[str], *, is_crash: bool, refusal: str, spend: Decimal
) -> Plan:
    """Choose what to try. models: (): the cheapest one. Raises InvalidInput, with the remedy."""
    maker = caller.maker
    there = {one.row.name: one for one in reversed(maker.models_offered)}
    if unknown := sorted(set(models) - set(there)):
        raise InvalidInput(
            f"{maker.name} doesn't offer {', '.join(unknown)}. Choose of"
            f" {', '.join(sorted(there))}."
        )
    chosen = [there[name] for name in models] or list(maker.models_offered)
    calls = [call for one in chosen if (call := caller.cheapest_call(one)) is not None]
    if len(calls) < len(models) or not calls:
        raise InvalidInput("Name models with --models that need no video and no sound.")
    # An answer that is the result has no job: nothing tells whether a repeat made another one.
    calls.sort(key=lambda call: (call.offered.place.is_sync, call.usd))
    if not models:
        calls = calls[:1]
    usd = sum((call.usd for call in calls), Decimal(0))
    # Two cancelled ones, and where claims are false each repeat.
    extra = 2 + (maker.submit == "idempotent") + 2 * is_crash + bool(refusal)
    usd += calls[0].usd * extra
    if usd > spend:
        raise InvalidInput(
            f"This may cost up to ${usd:.2f}, and the limit is ${spend:.2f}. Name cheaper models"
            f" with --models, or allow more with --spend {usd:.2f}."
        )
    return Plan(calls, is_crash, refusal, usd)


class Trial:
    """Tries each claim. It goes on after one that fails; it stops where the key isn't accepted."""

    def __init__(self, caller: Caller, plan: Plan, report: Report) -> None:
        self.caller, self.plan, self.report = caller, plan, report
        self.maker: Maker = caller.maker

    def run(self) -> None:
        if not self._key():
            return
        files.upload(self.caller, self.report)
        for place, call in enumerate(self.plan.calls):
            self._schema(call)
            act = partial(self._make, call, place == 0)
            self._safely(f"{call.title} is made and collected", act, "result", call.offered)
        cheapest = self.plan.calls[0]
        if self.plan.crash:
            self._safely("After a crash nothing is paid twice", partial(self._crash, cheapest))
        for is_started in (False, True):
            act = partial(cancel, self.caller, self.report, cheapest, is_started=is_started)
            self._safely(claim_of(is_started)[0], act)
        if self.plan.refusal:
            self._safely("What a refusal costs", partial(self._refusal, cheapest))

    def _safely(
        self, claim: str, act: Callable[[], None], fact: str = "", offer: Offered | None = None
    ) -> None:
        """Do it; a failure of the service is its answer, too."""
        try:
            act()
        except ProviderError as problem:
            self.report.add(claim, "not proven", problem.message, fact, offer)

    def _key(self) -> bool:
        visit = self.maker.visits()[0]
        if visit.is_away:
            self.report.add("The service answers", "not proven", visit.says)
            return False
        is_accepted = not visit.problems
        self.report.add(
            "The key is accepted", "proven" if is_accepted else "contradicted", visit.says
        )
        return is_accepted

    def _schema(self, call: Call) -> None:
        claim = f"{call.title} takes the fields that are sent"
        comparisons = compare(self.maker.dialect, self.maker.client(), call.offered)
        is_so = not any(one.differences for one in comparisons)
        is_known = all(one.is_published for one in comparisons)
        verdict = VERDICTS[is_so if is_known or not is_so else None]
        self.report.add(claim, verdict, " ".join(map(words_of, comparisons)), SCHEMA, call.offered)

    # -- one model --------------------------------------------------------------------------------

    def _make(self, call: Call, is_first: bool) -> None:
        """Submit, follow and collect one job; of the cheapest model, repeat its request, too."""
        job, context = self.caller.job(call), TrialContext()
        began = time.monotonic()
        outcome = self.caller.submit(job, context)
        self.report.note(context.job_id)
        if is_first:
            repeats.at_work(self.caller, self.report, call, job, context)
        outcome = outcome or self.caller.rest(job, context)
        took = time.monotonic() - began
        results = ", ".join(
            f"{one.mime}{f' {one.width}×{one.height}' if one.width else ''}"
            f"{f' {one.duration_s:.1f} s' if one.duration_s else ''}"
            for one in outcome.files
        )
        notes = f" {' '.join(outcome.warnings)}" if outcome.warnings else ""
        how = f"{call.tool}: {results} after {took:.0f} s.{notes}"
        self.report.add(
            f"{call.title} is made and collected", "proven", how, "result", call.offered
        )
        self._price(call, outcome)
        if is_first:
            answer = self._answer(call, context)
            files.result(self.caller, self.report, call.offered.place, answer)
            repeats.over(self.caller, self.report, job, context)
            if self.maker.takes_webhooks:
                self._webhook(context)

    def _webhook(self, context: TrialContext) -> None:
        """Wait until the server's web process has taken the webhook of a job that is over."""
        claim, fact = "A webhook comes, and its signature is valid", "webhook"
        if not self.caller.webhook_url:
            self.report.add(claim, "not proven", "REELGRAPH_PUBLIC_URL is not set.", fact)
            return
        # The web process may have to ask for the service's public key first.
        wait_s = max(5.0, WEBHOOK_LOOKS * self.caller.look_s)
        until = time.monotonic() + wait_s
        while not self.maker.dialect.has_heard(self.maker.client(), context.job_id):
            if time.monotonic() > until:
                how = f"The server took none within {wait_s:g} s. Is it running?"
                self.report.add(claim, "not proven", how, fact)
                return
            time.sleep(self.caller.look_s)
        self.report.add(claim, "proven", f"The server took that of {context.job_id}.", fact)

    def _answer(self, call: Call, context: TrialContext) -> Result | None:
        """Ask for the result of a finished job once more; None where it had no job."""
        if not context.job_id:
            return None
        time.sleep(self.caller.look_s)
        return self.caller.look(call, context).result

    def _price(self, call: Call, outcome: Outcome) -> None:
        claim, price = f"{call.title} costs up to ${call.usd:.4g}", call.offered.place.price
        is_so, how = None, "The service doesn't say. Look at its page for usage."
        if (usd := self._reported_price(outcome)) is not None:
            is_so, how = usd <= call.usd, f"${usd:.4g} was charged."
        elif (usd := self._list_price(call)) is not None:
            is_so = usd <= Decimal(str(price.usd))
            how = f"Its price list says ${usd:.4g} a {price.per}, and our table ${price.usd:.4g}."
        self.report.add(claim, VERDICTS[is_so], how, PRICE, call.offered)

    def _list_price(self, call: Call) -> Decimal | None:
        """Return a unit's price by the service's own list; None where it has none."""
        try:
            return self.maker.dialect.unit_price(self.maker.client(), call.offered.place)
        except ProviderError:
            return None

    def _reported_price(self, outcome: Outcome) -> Decimal | None:
        """Return what the service says that a job cost; None: it doesn't say."""
        is_told = isinstance(outcome, MakerOutcome) and outcome.is_told
        if outcome.actual_milli is None or not is_told:
            return None
        rate = Decimal(str(self.maker.options.credits_per_usd))
        return Decimal(outcome.actual_milli) / 1000 / rate

    # -- crashes, cancelling, refusals ------------------------------------------------------------

    def _crash(self, call: Call) -> None:
        claim, fact = "After a crash nothing is paid twice", "crash"
        if call.needs_image:
            how = f"{call.title} needs a file. Name another model."
            self.report.add(claim, "not proven", how, fact)
            return
        job = self.caller.job(call)
        remains = crashes.crash(self.maker.name, job)
        if remains is None:
            self.report.add(claim, "not proven", "The other process didn't get to its end.", fact)
            return
        self.report.note(remains.job_id)
        is_once, how = crashes.outcome_of(self.caller, job, remains)
        self.report.add(claim, VERDICTS[is_once], how, fact)

    def _refusal(self, call: Call) -> None:
        claim, charge = "What a refusal costs", call.offered.place.on_refusal
        job, context = self.caller.job(call, prompt=self.plan.refusal), TrialContext()
        is_so, how = None, f"It wasn't refused. Our table says {charge}."
        try:
            if self.caller.submit(job, context) is None:
                self.caller.rest(job, context)
        except ProviderRefused as refusal:
            # Its message has what our table says where the service itself says nothing.
            time.sleep(self.caller.look_s)
            usd = self.caller.look(call, context).usd if context.job_id else None
            detail = f"It doesn't say what it charged; our table says {charge}."
            if usd is not None:
                is_so = charge == "unknown" or (usd > 0) == (charge == "full")
                detail = f"It says that it charged ${usd:.4g}."
            how = f"{refusal.message} {detail}"
        self.report.note(context.job_id)
        self.report.add(claim, VERDICTS[is_so], how, "cost of a refusal", call.offered)
