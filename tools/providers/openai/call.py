"""One tool call at one service: its client, its model, its prices, and files for and from it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin

from core.errors import ProviderError, ProviderUnsure
from media import fetch
from media.sandbox import run_in_sandbox
from tools.declaration.ports import MediaKind
from tools.providers.base import Job, JobContext, MediaFile, OutputFile
from tools.providers.http import FILE_LIMIT, reading_paid_answer
from tools.providers.openai import failures
from tools.providers.openai.client import OpenAIClient
from tools.providers.openai.endpoint import Endpoint
from tools.providers.results import result

SANDBOX_S = 60.0
DOWNLOAD_S = 300.0

T = TypeVar("T")


@dataclass(slots=True)
class ServiceCall:
    """What a tool's module works with. model: of the service; warnings: grow as it works."""

    name: str
    endpoint: Endpoint
    job: Job
    context: JobContext
    client: OpenAIClient
    model: str
    warnings: list[str] = field(default_factory=list)
    # Of all requests together: tokens in and out, as the service counted them.
    tokens: tuple[int, int] = (0, 0)

    @property
    def who(self) -> str:
        return f"{self.name} ({self.endpoint.host})"

    @property
    def params(self) -> Mapping[str, Any]:
        return self.job.params

    def warn(self, *words: str) -> None:
        self.warnings += [one for one in words if one not in self.warnings]

    def key(self, place: int) -> str:
        """What makes a repeated request for one part of the job recognizable."""
        return f"{self.job.key}:{place}"

    def several(self, count: int, make: Callable[[int], T]) -> list[T]:
        """Make so many, one paid request each. When one fails after others came: those, and a
        warning, for they are paid; unless trying again pays nothing twice. Raises what the first
        raises."""
        made: list[T] = []
        for place in range(count):
            self.context.submitting({"model": self.model, "place": place})
            try:
                made.append(make(place))
            except ProviderError as error:
                if not made or (error.retryable and self.endpoint.idempotency_key):
                    raise
                self.warn(f"Some results are missing: {error.message}")
                break
            self.context.progress((place + 1) / count)
        return made

    def count_tokens(self, answer: Mapping[str, Any]) -> None:
        """Add what an answer's `usage` says; images and chat call it differently."""
        usage = answer.get("usage")
        if isinstance(usage, dict):
            read = usage.get("input_tokens", usage.get("prompt_tokens"))
            written = usage.get("output_tokens", usage.get("completion_tokens"))
            self.tokens = (self.tokens[0] + _count(read), self.tokens[1] + _count(written))

    def cost_milli(self, results: int) -> int | None:
        """Thousandths of a unit that so many results really cost; None: as quoted."""
        price = self.endpoint.prices.get(self.model)
        if price is None:
            return None
        if price.input is None and price.output is None:
            return None if price.each is None else round(1000 * price.each * results)
        if not any(self.tokens):
            return None if price.each is None else round(1000 * price.each * results)
        units = (self.tokens[0] * (price.input or 0) + self.tokens[1] * (price.output or 0)) / 1e6
        return round(1000 * (units + (price.each or 0) * results))

    # -- files ------------------------------------------------------------------------------------

    def reframed(self, medium: MediaFile, place: int, **wanted: int) -> tuple[Path, int, int]:
        """A picture as an upright PNG, without metadata such as the place it was taken.

        wanted: longest, or width and height; see media.sandbox.reframe. Its path and size.
        """
        target = self.job.out / f"sent-{place}.png"
        made = self._sandboxed("reframe", medium, target, wanted)
        return target, made["width"], made["height"]

    def mask(self, medium: MediaFile, width: int, height: int) -> Path:
        """A mask as the service takes it, for a picture of that size."""
        target = self.job.out / "mask.png"
        made = self._sandboxed("mask", medium, target, {"width": width, "height": height})
        if not made["share"]:
            self.warn("The mask is empty. Paint the area to change.")
        return target

    def _sandboxed(
        self, function: str, medium: MediaFile, target: Path, wanted: Mapping[str, int]
    ) -> dict[str, Any]:
        return run_in_sandbox(
            f"media.sandbox.reframe.{function}",
            {"path": str(medium.path), "target": str(target), **wanted},
            reads=[medium.path],
            out=self.job.out,
            timeout_s=SANDBOX_S,
            context=self.context,
        )

    def take_encoded(self, text: Any, name: str) -> Path:
        """Base64 as a file of the job's folder."""
        path = self.job.out / name
        try:
            path.write_bytes(base64.b64decode(str(text).encode("ascii"), validate=True))
        except (binascii.Error, UnicodeEncodeError) as problem:
            raise failures.nothing_made(self.name, self.endpoint, "readable file") from problem
        return path

    def take_address(self, address: str, name: str, kind: MediaKind) -> Path:
        """The file at an address that the service answered with, fetched into the job's folder.

        Its own addresses may be private, as the operator's base_url is; others must be public.
        """
        if address.startswith("data:"):
            return self.take_encoded(address.partition(",")[2], name)
        address = urljoin(f"{self.endpoint.base_url}/", address)
        path = self.job.out / name
        try:
            if self.client.is_own(address):
                self.client.download(address, path)
                return path
            fetched = fetch.fetch(
                address,
                self.job.out,
                kinds={kind},
                max_bytes=FILE_LIMIT,
                timeout_s=DOWNLOAD_S,
                check=self.context.check,
            )
        except ProviderError as problem:
            # It is made and paid for: asking once more would pay again.
            raise ProviderUnsure(
                f"{self.who} made a result that couldn't be downloaded: {problem.message}"
            ) from problem
        return fetched.path

    def paid_output(self, path: Path, kind: MediaKind, meta: Mapping[str, Any]) -> OutputFile:
        """As `output`, of what a paid request answered. Raises ProviderUnsure if it is unusable."""
        with reading_paid_answer():
            return self.output(path, kind, meta)

    def output(self, path: Path, kind: MediaKind, meta: Mapping[str, Any]) -> OutputFile:
        """A file of the service as a result, after a look at what it really is."""
        known = {"provider": self.name, "model": self.model}
        return result(
            path, self.context, who=self.who, kind=kind, meta={**known, **meta}, warn=self.warn
        )


def ignored(call: ServiceCall, *names: tuple[str, str]) -> None:
    """Warn about arguments that the service has no word for. names: (argument, what people call
    it)."""
    told = [words for argument, words in names if _is_given(call.params.get(argument))]
    if told:
        call.warn(f"{call.model} doesn't support {_listed(told)}. Ignored.")


def extras(call: ServiceCall) -> dict[str, Any]:
    """Parameters beyond OpenAI's own that this service takes; warns where one was asked for."""
    values = {
        "seed": call.job.seed,
        "negative_prompt": call.params.get("negativePrompt"),
        "guidance_scale": call.params.get("guidance"),
    }
    taken = call.endpoint.extra_parameters
    told = (("seed", "a seed"), ("guidance", "guidance"))
    ignored(call, *(pair for pair in told if _EXTRA_OF[pair[0]] not in taken))
    return {name: values[name] for name in taken if _is_given(values[name])}


_EXTRA_OF = {"seed": "seed", "guidance": "guidance_scale"}


def _is_given(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != -1


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
