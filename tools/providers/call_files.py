"""Files to and from a service within one call: reframed before they are sent, checked when they
come back."""

from __future__ import annotations

import base64
import binascii
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from core.errors import ProviderError, ProviderUnsure
from media import fetch
from media.sandbox import run_in_sandbox
from mediakit.file_type import EXTENSIONS
from tools.declaration.ports import MediaKind
from tools.providers.base import Job, JobContext, MediaFile, OutputFile
from tools.providers.http import FILE_LIMIT, reading_paid_answer
from tools.providers.results import result

SANDBOX_S = 60.0
DOWNLOAD_S = 300.0


def sent_name(digest: str, mime: str) -> str:
    """Return the name that a file is sent under: by its content, with the extension of its type.
    What is there already is recognized, and no name of ours is passed on."""
    return f"{digest[:40]}.{EXTENSIONS.get(mime, 'bin')}"


@dataclass(slots=True, kw_only=True)
class CallFiles(ABC):
    """name: of the provider; model: of the service; base_url: what its relative URLs are after;
    warnings: grow as it works."""

    name: str
    base_url: str
    job: Job
    context: JobContext
    model: str
    warnings: list[str] = field(default_factory=list)

    @property
    @abstractmethod
    def who(self) -> str:
        """The name of the service in messages."""

    @abstractmethod
    def is_own(self, url: str) -> bool:
        """Return whether a URL is the service's own: then it may be private, and gets the key."""

    @abstractmethod
    def download(self, url: str, path: Path) -> object:
        """Write a file of the service's own to a path. Raises ProviderError."""

    def nothing_made(self, what: str) -> ProviderError:
        """Return the failure of a paid request that was accepted and answered without a result."""
        return ProviderUnsure(f"{self.who} returned no {what}.", retryable=False)

    def warn(self, *words: str) -> None:
        self.warnings += [one for one in words if one not in self.warnings]

    def reframe(self, medium: MediaFile, place: int, **options: int) -> tuple[Path, int, int]:
        """Make an image an upright PNG, without metadata such as the place it was taken.

        options: longest, or width and height; see media.sandbox.reframe. Returns its path and size.
        The same bytes for the same file and arguments.
        """
        target = self.job.out / f"sent-{place}.png"
        report = self._run_sandboxed("reframe", medium, target, options)
        return target, report["width"], report["height"]

    def mask(self, medium: MediaFile, width: int, height: int) -> Path:
        """Return a mask as services take it, for an image of that size."""
        target = self.job.out / "mask.png"
        report = self._run_sandboxed("mask", medium, target, {"width": width, "height": height})
        if not report["share"]:
            self.warn("The mask is empty. Paint the area to change.")
        return target

    def _run_sandboxed(
        self, function: str, medium: MediaFile, target: Path, options: Mapping[str, int]
    ) -> dict[str, Any]:
        return run_in_sandbox(
            f"media.sandbox.reframe.{function}",
            {"path": str(medium.path), "target": str(target), **options},
            reads=[medium.path],
            out=self.job.out,
            timeout_s=SANDBOX_S,
            context=self.context,
        )

    def take_encoded(self, text: Any, name: str) -> Path:
        """Write base64 as a file of the job's folder."""
        path = self.job.out / name
        try:
            path.write_bytes(base64.b64decode(str(text).encode("ascii"), validate=True))
        except (binascii.Error, UnicodeEncodeError) as problem:
            raise self.nothing_made("readable file") from problem
        return path

    def take_address(self, address: str, name: str, kind: MediaKind) -> Path:
        """Fetch the file at a URL that the service answered with into the job's folder.

        Its own URLs may be private, as the operator's base_url is; others must be public.
        """
        if address.startswith("data:"):
            return self.take_encoded(address.partition(",")[2], name)
        address = urljoin(f"{self.base_url}/", address)
        path = self.job.out / name
        try:
            if self.is_own(address):
                self.download(address, path)
                return path
            file = fetch.fetch(
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
                f"{self.who} made a result that couldn't be downloaded: {problem.message}",
                error_type=problem.error_type,
                retryable=problem.retryable,
            ) from problem
        return file.path

    def paid_output(self, path: Path, kind: MediaKind, meta: Mapping[str, Any]) -> OutputFile:
        """As `output`, of what a paid request answered. Raises ProviderUnsure if it is unusable."""
        with reading_paid_answer():
            return self.output(path, kind, meta)

    def output(self, path: Path, kind: MediaKind, meta: Mapping[str, Any]) -> OutputFile:
        """Return a file of the service as a result, after a look at what it really is."""
        origin = {"provider": self.name, "model": self.model}
        return result(
            path, self.context, who=self.who, kind=kind, meta={**origin, **meta}, warn=self.warn
        )
