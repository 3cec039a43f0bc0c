"""Files of one call: uploaded before they are sent; looks at its jobs, until each has ended; then
the files that they made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from core.errors import ProviderError, ProviderRefused, ProviderUnsure, asset_not_found
from core.shared_cache import shared_cache
from mediakit.file_type import EXTENSIONS
from tools.providers.base import MediaFile, OutputFile, Parked
from tools.providers.call_files import CallFiles, sent_name
from tools.providers.http import TooLarge
from tools.providers.http_failures import final
from tools.providers.look_times import now_s
from tools.providers.makers import drafts, paths, prices, request
from tools.providers.makers.composition import Excerpt
from tools.providers.makers.dialect import Client, Dialect
from tools.providers.makers.exchange import NoResult, Result
from tools.providers.makers.job_state import JobState, handle
from tools.providers.makers.refusals import refusal
from tools.providers.makers.table import KINDS, Encoding, Limits, Offered
from tools.providers.request_urls import is_own

# Before an upload ends, so much of its time is left out.
MARGIN_S = 600.0
DOWNLOAD_S = 300.0
# A job is given up after so many times its usual time, half an hour at least.
PATIENCE, SHORTEST_PATIENCE_S = 10.0, 1800.0
# A job that is over is asked for its result so long, then its owner is.
RESULT_PATIENCE_S = 3600.0


@dataclass(slots=True, kw_only=True)
class MakerFiles(CallFiles):
    dialect: Dialect
    client: Client
    offered: Offered
    # Files of a composed call that its requests are sent with, by what they are of.
    excerpts: dict[Excerpt[Any], MediaFile] = field(default_factory=dict)

    @property
    def who(self) -> str:
        return self.client.who

    @property
    def account(self) -> str:
        """Return what differs for another key: an account knows its own requests alone."""
        return request.account_of(self.client.headers)

    @property
    def look_s(self) -> float:
        """The shortest time between two looks at a job."""
        return self.client.options.poll_s or self.dialect.look_s

    def milli(self, usd: Decimal) -> int:
        """Return dollars as thousandths of a credit here."""
        return prices.milli(usd, self.client.options.credits_per_usd)

    def is_own(self, url: str) -> bool:
        return is_own(self.client.to().service, url)

    def download(self, url: str, path: Path) -> None:
        answer = self.client.to(timeout_s=DOWNLOAD_S).request("GET", url, target=path)
        if answer.status in (404, 410):
            raise asset_not_found(f"{self.who} has this file no more ({answer.status}).")
        if answer.status >= 300:
            raise self.client.failure(answer)

    def _limits(self, slot: str) -> Limits:
        return self.offered.place.media.get(slot, Limits())

    def field_of(
        self, file: MediaFile | Excerpt[MediaFile], slot: str, encoding: Encoding
    ) -> request.FileField:
        """Return a file's field: what is filled in once all files of the body are checked."""
        if isinstance(file, Excerpt):
            file = self.excerpts[file]
        limits = self._limits(slot)
        if file.kind != "image":
            self._check_type(file)
            self._check_size(file, limits)
        return request.FileField(file.sha256, encoding, limits.longest_px)

    def _check_type(self, file: MediaFile) -> None:
        containers = self.offered.place.containers or self.dialect.containers
        extensions = [name for name in containers if KINDS[name] == file.kind]
        extension = EXTENSIONS.get(file.mime, "")
        if extension not in extensions:
            kinds = ", ".join(extensions).upper() or "nothing"
            raise final(
                f"{self.offered.row.title} takes {kinds} as {file.kind}, not"
                f" {extension.upper() or file.mime}. Convert the file, or choose another model.",
                "PARAMETER_INVALID",
            )

    def _check_size(self, file: MediaFile, limits: Limits) -> None:
        if file.path.stat().st_size > limits.most_mb * 1e6:
            raise final(
                f"{self.offered.row.title} takes files of at most {limits.most_mb:g} MB. Make it"
                " shorter or smaller first.",
                "PARAMETER_INVALID",
            )

    def bytes_of(self, field: request.FileField) -> tuple[bytes, str]:
        path, mime = self._sent_file(field)
        return path.read_bytes(), mime

    def _sent_file(self, field: request.FileField) -> tuple[Path, str]:
        """Return a file as it is sent: images upright and without metadata, others as they are."""
        files = [one for several in self.job.media.values() for one in several]
        files += self.excerpts.values()
        for place, file in enumerate(files):
            if file.sha256 != field.sha256:
                continue
            if file.kind != "image":
                return file.path, file.mime
            return self.reframe(file, place, longest=field.longest)[0], "image/png"
        raise final("A file of this request is gone. Upload it again.", "ASSET_NOT_FOUND")

    def upload(self, field: request.FileField) -> str:
        """Return the URL of a file at the service, as long as it lives there. Uploads are free."""
        name = f"upload:{self.name}:{self.account}:{field.sha256}:{field.longest}"
        if url := shared_cache().get(name):
            return str(url)
        path, mime = self._sent_file(field)
        try:
            upload_name = sent_name(field.sha256, mime)
            upload = self.dialect.upload(self.client, path, upload_name, mime)
        except ProviderUnsure as problem:
            raise ProviderError(problem.message, error_type="GPU_WORKER_FAILED") from problem
        lives_s = min(upload.lives_s or self.dialect.upload_s, self.dialect.upload_s)
        if lives_s > MARGIN_S:
            shared_cache().set(name, upload.url, lives_s - MARGIN_S)
        return upload.url


class Collector:
    """results: of jobs whose answer this worker already has, by place. usd: what the service
    charged, as far as it says, else as quoted; is_told: whether it says it of every result;
    missing: how many results did not come; unbilled_milli: what was charged for these, or may have
    been. All are known after `files`. repeat: gives the result of a request whose answer was one.
    """

    def __init__(
        self,
        call: MakerFiles,
        state: JobState,
        results: dict[int, Result],
        repeat: Callable[[Mapping[str, Any]], Result],
    ) -> None:
        self.call = call
        self.state = state
        self.results = results
        self.repeat = repeat
        self.usd = Decimal(0)
        self.is_told = True
        self.missing = 0
        self.unbilled_milli = 0
        self._errors: dict[int, ProviderError] = {}
        self._files: dict[int, list[OutputFile]] = {}
        self._charged: dict[int, Decimal] = {}
        self._shares = 0.0
        self._after_s = 0.0
        self._problem: ProviderError | None = None
        self._is_given_up: bool | None = None

    def files(self) -> list[OutputFile]:
        """Return the files of all jobs that ended well, in order, once all are over.

        Raises Parked until then; why a job couldn't be asked; what the first said when none ended
        well.
        """
        jobs = range(len(self.state.jobs))
        for n in jobs:
            if n not in self.results:
                self._look(n)
        if self._problem is not None:
            # Not Parked: the engine counts how long the service is away, and that is no time at
            # work.
            raise self._problem
        if len(self.results) + len(self._errors) < len(jobs):
            self._park()
        # All in this look: a file that an earlier one fetched would be gone with its worker.
        files = [file for n in jobs if n in self.results for file in self._files_of(n)]
        errors = [self._errors[n] for n in jobs if n in self._errors]
        if self._problem is not None:
            raise self._problem
        # With that of a request after which no more were sent.
        self.unbilled_milli = self.state.unbilled_milli
        self.unbilled_milli += sum(map(self._unbilled_milli_of, self._errors))
        if not files:
            # What may be there is asked about before anything is sent in its stead.
            unsure = (error for error in errors if isinstance(error, ProviderUnsure))
            error = next(unsure, errors[0])
            error.charged_milli = self.unbilled_milli
            raise error
        self.call.warn(*(f"Some results are missing: {error.message}" for error in errors))
        costs = (usd for n, usd in self._charged.items() if n not in self._errors)
        self.usd = sum(costs, Decimal(0))
        target_count = self._target_count()
        self.missing = max(0, target_count - len(files))
        return files

    def file_of(self, n: int) -> OutputFile:
        """Return the file of one job. Raises Parked until it's over; ProviderError that may pass
        where it can't be asked, and a final one where it made nothing."""
        if n not in self.results and n not in self._errors:
            self._look(n)
        files = self._files_of(n) if n in self.results else []
        if self._problem is not None:
            raise self._problem
        if n in self._errors:
            error = self._errors[n]
            raise final(error.message, error.error_type) from error
        if not files:
            self._park()
        return files[0]

    def _target_count(self) -> int:
        takes_count = "count" in self.call.offered.place.slots
        count = int(self.call.job.params.get("numberOfVariations") or 1) if takes_count else 1
        return self.state.wanted * count

    def _look(self, n: int) -> None:
        """Note how far a job is, or how it ended."""
        job = self.state.jobs[n]
        try:
            if "request" in job:
                self.results[n] = self.repeat(job["request"])
                return
            status = self.call.dialect.look(self.call.client, handle(job), self.call.offered.place)
        except ProviderError as error:
            self._note(n, error)
            return
        self._after_s = max(self._after_s, status.after_s)
        if status.error is not None:
            self._errors[n] = status.error
        elif status.result is not None:
            self.results[n] = status.result
        else:
            self._shares += min(max(status.share or 0.0, 0.0), 0.99)

    def _note(self, n: int, error: ProviderError) -> None:
        """Take a failure of a look: it costs nothing, and the job is paid for, so only what is said
        of the job itself ends it."""
        if isinstance(error, NoResult) and self._gives_up():
            error = ProviderUnsure(
                f"The result at {self.call.who} couldn't be fetched for an hour. {error.message}",
                may_repeat=False,
                ends_job=error.is_unknown,
            )
        is_final = isinstance(error, ProviderUnsure) and not error.may_repeat
        if is_final or error.ends_job or isinstance(error, ProviderRefused | TooLarge):
            self._errors[n] = error
            return
        self._problem = passing(error)

    def _gives_up(self) -> bool:
        """Return whether this look is the last one that a missing result is waited for."""
        if self._is_given_up is None:
            state = self.state
            began = state.no_result_at
            self._is_given_up = bool(began) and now_s() - began > RESULT_PATIENCE_S
            # Should its owner want to go on with it, the time starts again.
            state.no_result_at = 0.0 if self._is_given_up else began or now_s()
            if state.no_result_at != began:
                self.call.context.remember(state.as_ref())
        return self._is_given_up

    def _park(self) -> NoReturn:
        state, call = self.state, self.call
        state.no_result_at = 0.0
        state.look()
        over = len(self.results) + len(self._errors)
        by_time = min(0.95, state.waited_s / (2 * call.offered.place.usual_s))
        share = (over + self._shares) / max(state.wanted, len(state.jobs))
        state.fraction = max(state.fraction, min(0.99, share or by_time))
        limit_s = max(PATIENCE * call.offered.place.usual_s, SHORTEST_PATIENCE_S)
        is_late = state.waited_s > limit_s
        if is_late:
            # Should its owner want to go on with it, the time starts again.
            state.waited_s = 0.0
        call.context.remember(state.as_ref())
        call.context.progress(state.fraction)
        if is_late:
            raise ProviderUnsure(
                f"{call.who} has worked on it for {limit_s:g} seconds.", may_repeat=False
            )
        pause = state.pause_s(max(call.look_s, self._after_s))
        raise Parked(pause, fraction=state.fraction)

    def _files_of(self, n: int) -> list[OutputFile]:
        if n not in self._files:
            self._files[n] = self._fetched_files(n)
        return self._files[n]

    def _fetched_files(self, n: int) -> list[OutputFile]:
        result, job = self.results[n], self.state.jobs[n]
        self._charged[n] = self._usd_of(result, Decimal(job["usd"]))
        meta: dict[str, Any] = {"job": job["id"]} if job["id"] else {}
        if self.state.way == "draft":
            meta |= drafts.notes_of(self.call.offered, self.call.account, job)
        try:
            return [
                self.call.output(path, self.call.offered.place.result.kind, meta)
                for path in self._fetch(n, result)
            ]
        except ProviderUnsure as error:
            # Another look may give a fresh URL. What is gone there isn't waited for once more.
            is_gone = error.error_type == "ASSET_NOT_FOUND" and not error.retryable
            self._note(n, NoResult(error, is_unknown=is_gone))
        except ProviderError as error:
            error.ends_job = not error.retryable
            if not isinstance(error, ProviderRefused):
                # It was made.
                error.charged_milli = None
            self._note(n, error)
        return []

    def _fetch(self, n: int, result: Result) -> list[Path]:
        if result.file is not None:
            return [result.file]
        place = self.call.offered.place
        entries = paths.all_at(result.answer, place.result.path)
        if not entries:
            if any(paths.all_at(result.answer, path) for path in place.refusal_at):
                raise refusal(self.call.who, "prompt", place.on_refusal)
            raise ProviderError(
                f"{self.call.who} finished without a result.",
                error_type="GPU_WORKER_FAILED",
                retryable=False,
            )
        if place.result.encoding == "base64":
            return [self.call.take_encoded(text, f"{n}-{m}") for m, text in enumerate(entries)]
        kind = place.result.kind
        return [self.call.take_address(str(url), f"{n}-{m}", kind) for m, url in enumerate(entries)]

    def _unbilled_milli_of(self, n: int) -> int:
        """Return what was charged for a job that gave no file, or may have been."""
        if (milli := self._errors[n].charged_milli) is not None:
            return milli
        usd = self._charged.get(n, Decimal(self.state.jobs[n]["usd"]))
        return self.call.milli(usd)

    def _usd_of(self, result: Result, quote: Decimal) -> Decimal:
        if result.usd is not None:
            return result.usd
        cost = self.call.offered.place.cost
        units = paths.first_at(result.answer, cost.path) if cost else None
        if cost is None or isinstance(units, bool) or not isinstance(units, int | float):
            self.is_told = False
            return quote
        return Decimal(str(units)) * Decimal(str(cost.usd))


def passing(error: ProviderError) -> ProviderError:
    """Return a failure that says nothing of the job that is there: it is looked at again."""
    return ProviderError(
        error.message, error_type=error.error_type, retry_after_s=error.retry_after_s
    )
