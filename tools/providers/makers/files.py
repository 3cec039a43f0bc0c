"""Files of one call: checked and uploaded before they are sent, fetched when they are made."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.errors import ProviderError, ProviderUnsure
from core.shared_cache import shared_cache
from tools.providers.base import MediaFile
from tools.providers.call_files import CallFiles
from tools.providers.http_failures import final
from tools.providers.makers import request
from tools.providers.makers.dialect import Client, Dialect
from tools.providers.makers.table import Encoding, Limits, Offered
from tools.providers.request_urls import is_own

# Before an upload ends, so much of its time is left out.
MARGIN_S = 600.0
DOWNLOAD_S = 300.0


@dataclass(slots=True, kw_only=True)
class MakerFiles(CallFiles):
    dialect: Dialect
    client: Client
    offered: Offered

    @property
    def who(self) -> str:
        return self.client.who

    @property
    def look_s(self) -> float:
        """The shortest time between two looks at a job."""
        return self.client.options.poll_s or self.dialect.look_s

    def is_own(self, url: str) -> bool:
        return is_own(self.client.to().service, url)

    def download(self, url: str, path: Path) -> None:
        answer = self.client.to(timeout_s=DOWNLOAD_S).request("GET", url, target=path)
        if answer.status >= 300:
            raise self.client.failure(answer)

    def _limits(self, slot: str) -> Limits:
        return self.offered.place.media.get(slot, Limits())

    def field_of(self, file: MediaFile, slot: str, encoding: Encoding) -> Any:
        """Return a file's field: its URL at the service, or what is filled in when it is sent."""
        limits = self._limits(slot)
        self._check(file, limits)
        field = request.FileField(file.sha256, encoding, limits.longest_px)
        return self._uploaded(field) if encoding == "url" else field

    def _check(self, file: MediaFile, limits: Limits) -> None:
        too_long = limits.most_s and (file.duration_s or 0) > limits.most_s
        if too_long:
            raise final(
                f"{self.offered.row.title} takes files of at most {limits.most_s:g} s, and this"
                f" one has {file.duration_s:g} s. Cut it first.",
                "PARAMETER_INVALID",
            )
        if file.kind != "image" and file.path.stat().st_size > limits.most_mb * 1e6:
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
        for place, file in enumerate(files):
            if file.sha256 != field.sha256:
                continue
            if file.kind != "image":
                return file.path, file.mime
            return self.reframed(file, place, longest=field.longest)[0], "image/png"
        raise final("A file of this request is gone. Upload it again.", "ASSET_NOT_FOUND")

    def _uploaded(self, field: request.FileField) -> str:
        """Return the URL of a file at the service, as long as it lives there. Uploads are free."""
        key = self.client.headers
        whose = sha256(repr(sorted(key.items())).encode()).hexdigest()[:16]
        name = f"upload:{self.name}:{whose}:{field.sha256}:{field.longest}"
        if url := shared_cache().get(name):
            return str(url)
        path, mime = self._sent_file(field)
        try:
            url = self.dialect.upload(self.client, path, mime)
        except ProviderUnsure as problem:
            raise ProviderError(problem.message, error_type="GPU_WORKER_FAILED") from problem
        shared_cache().set(name, url, max(60.0, self.dialect.upload_s - MARGIN_S))
        return url
