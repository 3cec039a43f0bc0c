"""The provider port: what a worker hands to the one who does a tool's work, and what comes back.

Vendor types and vendor failures stop in its folder: out come Outputs and ProviderErrors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from core.storable_text import storable
from media.origin import Origin
from tools.declaration.assets import RunAsset
from tools.declaration.model_facts import Model
from tools.declaration.ports import MediaKind, Tool

Submit: TypeAlias = Literal["idempotent", "findable", "blind"]
# Of a paid request that had no answer: the id of its job at the service, as a person named it.
NAMED_JOB = "job_id"
# What becomes of a run's wish for a content filter; not needed: nothing is generated.
ContentFilter: TypeAlias = Literal["on", "not_needed", "unavailable"]
DRAFT_JOB = "draftJob"  # in the metadata of a model's own draft: what makes it final, for us alone


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file a step works on: a local file whose bytes are known and must not be changed."""

    path: Path
    kind: MediaKind
    mime: str
    sha256: str
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    # What the provider that made it wrote about it: artifact metadata such as bpm or prompt.
    meta: Mapping[str, Any] = field(default_factory=dict)
    origin: Origin = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """A file's pixels and seconds; None where it has none, or no one knows yet."""

    width: int | None = None
    height: int | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """milli: thousandths of a unit for one call, all its results together. at_most: it may cost
    less, such as by the real length of a file that isn't there yet."""

    milli: int
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One tool call, with everything resolved.

    params: the tool's parameters under their wire names, defaults filled in.
    media: files by port name, in order. seed: concrete for every seeded tool.
    key: `run:step:generation`, equal for every attempt of a generation, new for a redo: hand it to
    the service as its idempotency key. out: an empty folder for the results, on the same volume
    as the blobs. job_ref: what was stored with `remember` before, by an earlier attempt of this
    generation or before it was parked; age_s: how long ago that job was first sent, in seconds, for
    time limits that hold over all looks at it. filtered: whether the run asks for a content filter.
    """

    tool: str
    params: Mapping[str, Any]
    media: Mapping[str, tuple[MediaFile, ...]]
    seed: int | None
    key: str
    out: Path
    job_ref: Mapping[str, Any] | None = None
    age_s: float = 0.0
    # What an earlier attempt of this generation sent to this provider without learning what became
    # of it, as `JobContext.submitting` was given it, and how long ago, in seconds. With NAMED_JOB,
    # it is what `Provider.request_of_job` returned: `run` attaches to that job, and sends nothing.
    paid_request: Mapping[str, Any] | None = None
    paid_request_age_s: float = 0.0
    # How often a person has decided that this generation is sent once more, and may be paid again.
    resends: int = 0
    # Where the service may post webhooks of this job, with a token of ours behind it; "" without a
    # public address. What a webhook there called the job of the request that had no answer.
    webhook_url: str = ""
    webhook_job_id: str = ""
    # What the run has so far, for tools that are declared to read it; empty for all others.
    assets: tuple[RunAsset, ...] = ()
    filtered: bool = True
    # Whether it is to be a cheap draft by the model that it names, see `Provider.draft_quote`.
    draft: bool = False
    # Of a call that is to make such drafts final: what each is noted as, by DRAFT_JOB, in order.
    drafts: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One result, written inside `Job.out`. width and height in pixels, duration in seconds."""

    path: Path
    kind: MediaKind
    mime: str
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    fps: float | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Results of a call: files, or values of tools without media; warnings: what is left undone."""

    files: tuple[OutputFile, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    # Thousandths of a unit really used; None: as quoted, without the results that did not come.
    actual_milli: int | None = None
    # How many results were asked for and did not come, where the tool's count does not tell; and
    # what the service charged for these, or may have, which people don't pay.
    missing: int = 0
    unbilled_milli: int = 0


class JobContext(Protocol):
    """The runner, as a provider sees it while it works."""

    def progress(self, fraction: float, message: str = "") -> None:
        """Say how far it is, 0 to 1. Cheap; call as often as you like."""

    def check(self) -> None:
        """Raise Stopped when the run was cancelled or the lease lost. Call at least each second."""

    def wait(self, seconds: float) -> None:
        """Sleep, but raise Stopped as soon as the work is not wanted any more."""

    def submitting(self, request: Mapping[str, Any] | None = None) -> None:
        """Write down that a paid call is about to be made. Call before every submit.

        request: what identifies it at the service, such as its model and key; JSON, without secrets
        and files. After a crash `Job.paid_request` has it. Its "token" is the last part of the
        address given to the service as `Job.webhook_url`/token: a webhook there tells of the job,
        also if no answer did.

        Raises Stopped when another worker has the step. Where anything is still prepared between
        this and the sending, `check` right before the sending: it notices when this process stood
        still in between.
        """

    def remember(self, job_ref: Mapping[str, Any]) -> None:
        """Store the service's reference, so that another worker attaches and no one pays twice."""

    def attach(self, job_id: str, job_ref: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
        """Store a reference, as `remember` does, to a job that was looked up: it is taken to be
        that of a request that had no answer. Of two steps at once, one attaches.

        False: another step has it, or is about to be told of it, as it waits for the answer to an
        equal request.

        request: as `submitting` was given it.
        """

    def is_of_other_step(self, job_id: str) -> bool:
        """Return whether another step has this job of the service. Of equal requests, what looks
        like the job of one that had no answer may be the other's."""

    def others_wait(self) -> bool:
        """Return whether steps are due that this worker could take instead of watching a remote
        job. Cheap; call as often as you like. Then raise Parked."""


class Stopped(Exception):
    """The work is no longer wanted: the run was cancelled, or another worker has the step."""


class Parked(Exception):
    """The service works on a job that `remember` was told of: until it reports back, or for
    `after_s` seconds, nothing is to be done. The worker lets go of the step; then `run` is called
    again, as after a crash, by any worker.

    fraction: how far the job is, 0 to 1. note: what is said of it meanwhile.
    """

    def __init__(self, after_s: float, *, fraction: float = 0.0, note: str = "") -> None:
        super().__init__(note)
        self.after_s = after_s
        self.fraction = fraction
        self.note = storable(note)


class Forged(Exception):
    """A webhook that is not the service's own: its signature is wrong, too old, or missing."""


class Misconfigured(Exception):
    """A provider's settings cannot be used. The message names the setting and the remedy."""


@dataclass(frozen=True, slots=True)
class Visit:
    """State of a service when it was asked. says: what it is, or why it did not answer.

    problems: what will not work there, in sentences for the operator. models: those that it lists,
    as it calls them. balance_usd: what is left on its account; None: unknown.
    """

    says: str
    is_away: bool = False
    problems: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    balance_usd: float | None = None


class Provider(ABC):
    """A provider of tools' work. One object for each configured service; see docs/howto.

    name: what settings, records and pages call it. title: the same for people; the name unless said
    otherwise. version: part of what results are reused by, so a new one makes everything again, see
    `version_of`. submit: what a crash between `submitting` and `remember` means. "idempotent": the
    service honours our key, for `key_lifetime_s` where that is known; "findable": the job can be
    looked up by our key, or with needs_request by what was sent; "blind": neither, so it may be
    charged. is_local: it calls no service, so it may do background work. uses_sandbox: `run` begins
    with a job there, so a child is started at the claim. label: which workers may do its work; "":
    the usual one, see `tools.registry.label_of`. preferred_label: whose have a moment's start.
    takes_webhooks: whether `heard` reads what is posted to its address of `manage.py webhooks`.
    checked_by: the provider whose `flagged` checks what this one is told and makes; "": itself, if
    it can. moderation: the model that it checks content by; "": it checks none.
    """

    name: str
    title: str = ""
    version: str
    submit: Submit
    # How long the service knows a repeated request, in seconds; None: as long as anyone asks. An
    # older one, less an hour for clocks, may be paid for twice, so a person is asked.
    key_lifetime_s: float | None = None
    is_local: bool = False
    uses_sandbox: bool = False
    needs_request: bool = False
    # Whether its results are of draft quality, to be made final by another provider.
    is_draft: bool = False
    label: str = ""
    preferred_label: str = ""
    # How many of its jobs may be at work at once and begin within a minute; the largest share of
    # `at_once` that is one person's while others wait, 0 to 1. None: any. See runs.engine.limits.
    at_once: int | None = None
    per_minute: int | None = None
    person_share: float | None = None
    # How much may be booked there on one UTC day, in thousandths of a unit: for everyone together,
    # and for one person. None: any. See runs.engine.cost_checks.
    day_milli: int | None = None
    person_day_milli: int | None = None
    # So many refusals of one person's content within an hour, and their next steps wait; None: any.
    refusals_per_hour: int | None = None
    has_balance: bool = False  # whether `visits` tells what is left on its account
    takes_webhooks: bool = False
    checked_by: str = ""
    moderation: str = ""
    # Whether it can't be kept for chosen people.
    is_for_everyone: bool = False
    # How long an operator waits for `try_out`, in seconds.
    try_s: float = 8.0

    @abstractmethod
    def tools(self) -> frozenset[str]:
        """Canonical names of the tools it offers as configured."""

    @abstractmethod
    def run(self, job: Job, context: JobContext) -> Outcome:
        """Do the work. Raises ProviderError or Stopped."""

    def cancel(self, job_ref: Mapping[str, Any]) -> None:  # noqa: B027  most have nothing to stop
        """Ask the service to stop a job that `remember` was told of, best effort; never raises."""

    def job_keys(self, job_ref: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the service's webhooks' names for the jobs of this reference, 200 characters each
        at most, to distinguish them; () when it sends none and a job's reference never changes."""
        return ()

    def request_of_job(self, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what `run` needs of a paid request to tell whether a job that a person names is
        its: JSON, without bodies. None: its job can't be looked up by an id.

        request: as `JobContext.submitting` was given it, or as this returned it.
        """
        return None

    def heard(self, headers: Mapping[str, str], body: bytes) -> tuple[str, ...]:
        """The keys of jobs that a webhook tells of; () when it tells of no job, or came before.

        headers: by lower-case names. body: 64 KB at most. Raises Forged.
        """
        return ()

    def models(self, tool: str) -> tuple[str, ...]:
        """The models it makes this tool's results by, its usual one first; () when any name will
        do."""
        return ()

    def details(self, tool: str) -> tuple[Model, ...]:
        """The same models as people choose them, in the same order. Asked for each palette, so it
        must be quick."""
        return tuple(Model(name, is_draft=self.is_draft) for name in self.models(tool))

    def version_of(self, tool: str, params: Mapping[str, Any]) -> str:
        """The version of what does a call with these arguments, defaults filled in: part of what
        its result is reused by. Where it differs by model, a new one makes the results of that
        model again, and no others.

        Called for every quote and every step, so it must be quick and the same in all processes.
        Prices are no part of it: they change no result.
        """
        return self.version

    def gives(self, tool: str, params: Mapping[str, Any]) -> frozenset[str] | None:
        """Names of the values that a result of this tool has beyond its media (`Outcome.values`),
        with these canonical arguments; None: they cannot be told beforehand.

        What every provider's result has is added by `tools.result_completion`.
        """
        return None

    def undrawn(self, tool: str, params: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        """Words of a call's texts that it would leave out, by argument, each once; at once, and
        without a service. A value may be a list of texts, one for each call; what is a binding is
        left out of `params`.
        """
        return {}

    def content_filter(self, tool: str, params: Mapping[str, Any]) -> ContentFilter:
        """Return what its own service does for a run that asks for a content filter, in a call with
        these canonical arguments. "on" needs no more than `Job.filtered`. See
        tools.content_filter."""
        return "unavailable"

    def flagged(
        self, texts: Sequence[str], images: Sequence[Path], context: JobContext
    ) -> tuple[str, ...]:
        """Return the categories for which texts, or images of at most 2,048 pixels a side, must not
        pass the content filter; () when all may pass. Only with `moderation`; costs nothing.

        Raises ProviderError when they couldn't be checked: then nothing passes.
        """
        raise NotImplementedError(f"{self.name} has no moderation")

    def own_tools(self) -> tuple[type[Tool], ...]:
        """Tools that only this provider knows. Their names must not be the catalog's."""
        return ()

    def price(self, tool: str, params: Mapping[str, Any]) -> int | None:
        """Thousandths of a unit that one call with these canonical arguments costs, all its results
        together; None: what the tool's cost class says."""
        return None

    def quote(
        self, tool: str, params: Mapping[str, Any], media: Mapping[str, Sequence[Facts | None]]
    ) -> Price | None:
        """Return the price of one call by its files, too; None: what the tool's cost class says.

        media: by port, in order; None for a file that isn't there yet. Reading it may ask the
        database, so a provider that prices by arguments alone says `price` and leaves this.
        """
        milli = self.price(tool, params)
        return None if milli is None else Price(milli)

    def draft_quote(
        self, tool: str, params: Mapping[str, Any], media: Mapping[str, Sequence[Facts | None]]
    ) -> Price | None:
        """Return the price of one call as its model's own draft; None: it draws none."""
        return None

    def final_quote(
        self,
        tool: str,
        params: Mapping[str, Any],
        media: Mapping[str, Sequence[Facts | None]],
        drafts: Sequence[Mapping[str, Any]],
    ) -> Price | None:
        """Return the price of making `Job.drafts` final; None: it can't any more."""
        return None

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with its settings though it can be asked, in sentences for the
        operator. Looks at the settings alone: the doctor and every start ask."""
        return ()

    def visits(self) -> tuple[Visit, ...]:
        """Ask each of its servers how it is, for the doctor. Takes seconds, never raises."""
        return ()

    def try_out(self) -> tuple[Visit, ...]:
        """Ask the same for an operator who waits, `try_s` at most, and may be shown more."""
        return self.visits()
