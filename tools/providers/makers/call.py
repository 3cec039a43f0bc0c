"""One tool call at a service for final media: requests sent once, jobs parked, results fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NoReturn

from core.errors import ProviderError, ProviderRefused, ProviderUnsure
from tools.providers.base import NAMED_JOB, MediaFile, Outcome, OutputFile, Parked
from tools.providers.http_failures import final
from tools.providers.makers import drafts, learned_prices, prices, request
from tools.providers.makers.assembly import as_media, assemble, make_excerpts
from tools.providers.makers.body import Missing, build
from tools.providers.makers.collecting import Collector, MakerFiles, passing
from tools.providers.makers.composition import continuations, requests_of
from tools.providers.makers.exchange import (
    JobHandle,
    Later,
    MakerOutcome,
    NoResult,
    NotQueued,
    Payload,
    Result,
)
from tools.providers.makers.job_state import JobState
from tools.providers.makers.named_jobs import NamedJob
from tools.providers.makers.slots import Slots
from tools.providers.makers.table import Place, Way

# Before a key ends, so much of its time is left out.
KEY_MARGIN_S = 3600.0
# How long the job of an unanswered request is looked for: three times its usual time, within these.
SHORTEST_SEARCH_S, LONGEST_SEARCH_S = 120.0, 3600.0


@dataclass(slots=True, kw_only=True)
class MakerCall(MakerFiles):
    """model: our name of it. way: of its place, see `Place.variant`."""

    way: Way = ""
    results: dict[int, Result] = field(default_factory=dict)
    state: JobState = field(init=False)
    collector: Collector = field(init=False)
    # Requests that this attempt sent: their jobs have just started.
    _sent_now: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.state = JobState.from_ref(self.job.job_ref or {})
        self.collector = Collector(self, self.state, self.results, self.repeat)

    @property
    def place(self) -> Place:
        return self.offered.place.variant(self.way)

    def run(self) -> Outcome:
        """Do the call. Raises Parked until all of its jobs are over."""
        state, collector = self.state, self.collector
        if self.is_composed and not self._calls():
            return replace(assemble(self.job, (), self.context), actual_milli=0)
        if not state.are_all:
            self._submit_rest(state, self.results)
        self.warn(*state.warnings)
        if state.missing:
            self.warn(f"Some results are missing: {state.missing}")
        files: Sequence[OutputFile] = collector.files()
        missing = collector.missing
        if self.is_composed:
            files, missing = self._assemble(files), 0
        self.context.progress(1.0)
        return MakerOutcome(
            files=tuple(files),
            warnings=tuple(self.warnings),
            actual_milli=self.milli(collector.usd),
            is_told=collector.is_told,
            missing=missing,
            unbilled_milli=collector.unbilled_milli,
        )

    @property
    def tool(self) -> str:
        return self.job.tool.removeprefix("sogni_")

    @property
    def is_composed(self) -> bool:
        """Return whether several of the service's results make one of the call's."""
        return self.tool not in self.offered.own_tools

    def _assemble(self, parts: Sequence[OutputFile]) -> Sequence[OutputFile]:
        """Put the results together; where that can't be done, they are all that is left of what was
        paid for."""
        try:
            outcome = assemble(self.job, parts, self.context, continuations(self._calls()))
        except ProviderError as error:
            if error.retryable:
                raise passing(error) from error
            self.warn(f"Its parts couldn't be put together: {error.message}")
            return parts
        self.warn(*outcome.warnings)
        return outcome.files

    # -- excerpts ---------------------------------------------------------------------------------

    def _prepare(self, call: Slots[Any]) -> None:
        """Make its excerpts. Raises Parked while a result that one is of isn't there yet."""
        make_excerpts(call, self.excerpts, self._part, self.job.out, self.context)

    def _part(self, n: int) -> MediaFile:
        if n in self._sent_now and n not in self.results:
            raise Parked(self._first_look_s())
        return as_media(self.collector.file_of(n))

    def _why_unprepared(self, call: Slots[Any]) -> str:
        """Make the excerpts of a request. Return why that can't be done, where others before it are
        paid for; raises the error where there are none, and one that may pass."""
        try:
            self._prepare(call)
        except ProviderError as error:
            if not self.state.jobs:
                raise
            if error.retryable:
                raise passing(error) from error
            return error.message
        return ""

    # -- sending ----------------------------------------------------------------------------------

    def _submit_rest(self, state: JobState, results: dict[int, Result]) -> None:
        """Submit what is not submitted yet; each job is remembered before the next is paid."""
        calls = self._calls()
        state.model, state.place, state.way = self.model, self.offered.place.id, self.way
        state.wanted = len(calls)
        for n in range(len(state.jobs), len(calls)):
            before = content = state.request or (self.job.paid_request if n == 0 else None)
            if before is not None and state.request is None:
                # From here on a failure that may pass is a look that failed, see `parking`.
                state.keep_request(before)
                self.context.remember(state.as_ref())
            if before is None and (reason := self._why_unprepared(calls[n])):
                state.missing = reason
                self.context.remember(state.as_ref())
                break
            try:
                if before is not None and NAMED_JOB in before:
                    self._attach_named(state, before)
                else:
                    if before is not None and request.has_files(before):
                        self._prepare(calls[n])
                    payload = self._payload(calls[n], n, before)
                    content = payload.content
                    self._send(state, payload, results, is_repeat=before is not None)
            except ProviderError as error:
                if error.charged_milli is None and content is not None:
                    error.charged_milli = self.milli(Decimal(content["usd"]))
                state.missing = self._reason_to_stop(state, error, is_repeat=before is not None)
                state.unbilled_milli = error.charged_milli or 0
                state.request = None
            state.warnings = [*self.warnings]
            state.look()
            self.context.remember(state.as_ref())
            if state.missing:
                break
        if self._sent_now and not results:
            raise Parked(self._first_look_s())

    def _reason_to_stop(self, state: JobState, error: ProviderError, *, is_repeat: bool) -> str:
        """Return why the rest isn't asked for, where jobs before it are paid for.

        Raises the error where there are none; one that may pass where the request may have been
        taken and can be repeated: it is stored, so it is repeated later.
        """
        if isinstance(error, ProviderUnsure):
            is_open = error.may_repeat and self.dialect.submit_kind != "blind"
            is_open = is_open and (is_repeat or bool(state.jobs))
        else:
            # Only a refusal of its content says what became of the first one.
            is_open = is_repeat and not isinstance(error, ProviderRefused)
        if is_open:
            raise passing(error) from error
        if not state.jobs:
            raise error
        return error.message

    def _calls(self) -> list[Slots[MediaFile]]:
        job = self.job
        calls = requests_of(self.offered, self.tool, job.params, job.media, job.seed)
        if not calls and not self.is_composed:
            raise final(f"{self.offered.row.title} needs an image.", "PARAMETER_INVALID")
        return drafts.with_drafts(calls, self.job.drafts) if self.way == "final" else calls

    def _payload(self, call: Slots[MediaFile], n: int, before: Mapping[str, Any] | None) -> Payload:
        """Return the request for one job: the one that was sent before, if there is one."""
        place = self.place
        if before is not None:
            if self._is_too_old(before) or before["account"] != self.account:
                raise ProviderUnsure(
                    f"{self.who} was sent this before, too long ago or by another key.",
                    may_repeat=False,
                    ends_job=True,
                )
            body = request.encoded_again(before, self.bytes_of, self.who)
            return Payload(before, body, place, self._webhook_url(before))
        try:
            source = drafts.bare(call) if self.way == "final" else call
            request_body = build(place, self.offered.row.title, source, self.field_of)
        except Missing as problem:
            raise final(str(problem), "PARAMETER_INVALID") from problem
        self.warn(*request_body.warnings)
        slots = frozenset(slot for slot in place.slots if call.has(slot))
        ways = (id for slot, id in place.id_with.items() if slot in slots)
        self._ask_price(n)
        usd = prices.dollars(place, call)[0] * learned_prices.share(self.name, place.price_name)
        content = request.content_of(
            request.with_urls(request_body.fields, self.upload),
            place,
            model=self.model,
            id=next(ways, place.id),
            path=self.dialect.path_of(place, slots),
            n=n,
            account=self.account,
            key=request.key_of(f"{self.job.key}:{self.job.resends}", n),
            usd=usd,
        )
        if self.job.webhook_url:
            content["token"] = request.new_token()
        content, body = request.encode(content, self.bytes_of)
        return Payload(content, body, place, self._webhook_url(content))

    def _send(
        self, state: JobState, payload: Payload, results: dict[int, Result], *, is_repeat: bool
    ) -> None:
        n = len(state.jobs)
        if is_repeat and self.dialect.submit_kind != "idempotent":
            self._attach(state, payload)
            return
        self.context.submitting(payload.content)
        if n:
            # The engine knows of the request that had no answer as long as there is no job.
            state.keep_request(payload.content)
            self.context.remember(state.as_ref())
        try:
            handle = self.dialect.submit(self.client, payload, self.job.out)
        except NotQueued:
            # Nothing was taken. The other route is another request, so it has another key.
            other = {**payload.content, "is_sync": True, "key": f"{payload.key}s"}
            again = Payload(other, payload.body, payload.place)
            self._send(state, again, results, is_repeat=False)
            return
        except Later as later:
            state.keep_request(payload.content)
            state.look()
            self.context.remember(state.as_ref())
            raise Parked(later.after_s) from later
        except ProviderUnsure as error:
            if n or not error.may_repeat or self.dialect.submit_kind == "blind":
                raise
            # It may be paid for: from here on it is repeated like a look, which costs no attempt,
            # however many attempts had failed before it was sent.
            state.keep_request(payload.content)
            self.context.remember(state.as_ref())
            raise passing(error) from error
        self._check_price(handle, payload.content)
        state.add(handle, payload.content)
        self._sent_now.add(n)
        if handle.result is not None:
            results[n] = handle.result

    def _ask_price(self, n: int) -> None:
        """Compare the table's price with the service's own list, at times, before the first job: a
        price that rises between two would leave the rest unmade.

        Raises ProviderError that may pass where it is higher: the next attempt is quoted by it.
        """
        place = self.place
        if n or place.way or not place.price.usd or not learned_prices.is_due(self.name, place.id):
            return
        try:
            usd = self.dialect.unit_price(self.client, place)
        except ProviderError:
            return
        if usd is not None:
            self._learn(usd / Decimal(str(place.price.usd)))

    def _check_price(self, handle: JobHandle, content: Mapping[str, Any]) -> None:
        """Take a job back that costs much more than quoted, while it hasn't started."""
        quote = Decimal(content["usd"])
        if handle.usd is None or not quote or handle.usd <= quote * prices.DEARER:
            return
        try:
            self.dialect.cancel(self.client, handle)
        except ProviderError:
            # It is paid for: what it makes is kept.
            return
        share = learned_prices.share(self.name, self.place.price_name)
        self._learn(handle.usd / quote * share)

    def _learn(self, share: Decimal) -> None:
        if learned_prices.learn(self.name, self.place.price_name, share):
            raise ProviderError(
                f"{self.who} has raised the price of {self.offered.row.title}. Nothing was made.",
                error_type="COST_LIMIT_EXCEEDED",
            )

    def _attach(self, state: JobState, payload: Payload) -> None:
        """Find the job of a request that had no answer: it isn't sent again without a person's
        yes. Raises Parked while it may still be known, then ProviderUnsure."""

        def is_other(job_id: str) -> bool:
            return job_id in state.ids or self.context.is_of_other_step(job_id)

        job_id = self.job.webhook_job_id
        handle = self.dialect.find(self.client, payload, job_id, is_other)
        if handle is not None and self._is_attached(state, handle, payload.content):
            return
        if self.dialect.submit_kind == "blind":
            raise ProviderUnsure(
                f"{self.who} didn't answer a request. It may already have been charged.",
                may_repeat=False,
                ends_job=True,
            )
        self._look_again(
            state,
            ProviderUnsure(
                f"{self.who} may already have been asked for this, and no answer came.",
                may_repeat=False,
                ends_job=True,
            ),
        )

    def _attach_named(self, state: JobState, content: Mapping[str, Any]) -> None:
        """Attach to the job that a person named, where the service's own words agree. Raises
        JobMismatch; Parked while the service doesn't say enough of it."""
        job = NamedJob(
            id=str(content[NAMED_JOB]),
            who=self.who,
            title=self.offered.row.title,
            at_most=self.offered.place.price.at_most,
            content=content,
            credits_per_usd=self.client.options.credits_per_usd,
        )
        facts = job.check(self.dialect.facts(self.client, content, job.id))
        if not facts.is_told:
            reason = f"{self.who} doesn't say yet which request its job {job.id} is of."
            self._look_again(state, job.mismatch(reason))
        if not self._is_attached(state, facts.handle, content):
            raise job.mismatch(f"The job {job.id} belongs to another step.")

    def _look_again(self, state: JobState, error: ProviderUnsure) -> NoReturn:
        """Raise Parked as long as the job may still be known; then the error."""
        state.look()
        usual_s = min(max(3 * self.offered.place.usual_s, SHORTEST_SEARCH_S), LONGEST_SEARCH_S)
        limit_s = self.client.options.search_s
        if state.waited_s >= (usual_s if limit_s is None else limit_s):
            raise error
        self.context.remember(state.as_ref())
        raise Parked(state.pause_s(self.look_s))

    def _is_attached(self, state: JobState, handle: JobHandle, content: Mapping[str, Any]) -> bool:
        """Attach to a job that was looked up. False: it is, or may be, another step's."""
        next_state = JobState.from_ref(state.as_ref())
        next_state.add(handle, content)
        if not self.context.attach(handle.id, next_state.as_ref(), content):
            return False
        state.add(handle, content)
        return True

    def _is_too_old(self, content: Mapping[str, Any]) -> bool:
        lifetime_s = self.dialect.key_lifetime_s
        if self.dialect.submit_kind != "idempotent" or lifetime_s is None:
            return False
        return request.now_s() - float(content["at"]) > lifetime_s - KEY_MARGIN_S

    def repeat(self, content: Mapping[str, Any]) -> Result:
        """Return the result of a request whose answer was one, by sending the same once more.

        Raises ProviderError; Parked where it isn't there yet.
        """
        if self._is_too_old(content):
            reason = f"{self.who} made a result, and it's no longer there. It was charged."
            raise NoResult(final(reason, "ASSET_NOT_FOUND"), is_unknown=True)
        if request.has_files(content):
            self._prepare(self._calls()[int(content["n"])])
        body = request.encoded_again(content, self.bytes_of, self.who)
        payload = Payload(content, body, self.offered.place)
        try:
            handle = self.dialect.submit(self.client, payload, self.job.out)
        except Later as later:
            raise Parked(later.after_s) from later
        if handle.result is None:
            raise self.nothing_made("result")
        return handle.result

    def _webhook_url(self, content: Mapping[str, Any]) -> str:
        token = content.get("token")
        return f"{self.job.webhook_url}/{token}" if self.job.webhook_url and token else ""

    def _first_look_s(self) -> float:
        is_set = self.client.options.poll_s is not None
        return max(self.look_s, 0.0 if is_set else min(20.0, self.offered.place.usual_s / 4))
