"""One file out of a form, written to disk while it arrives: memory stays at one chunk."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from core import errors
from media import blobs, services

CHUNK = 256 * 1024


class FileReceiver(FileUploadHandler):
    """Takes the first file of a multipart body into an attempt's folder of its own.

    The folder lies on the volume of the blobs, so that keeping the file is a rename. A process
    killed meanwhile leaves it behind unseen, for `blobs.sweep_tmp`. Raises TooLarge from within
    the parsing, and InvalidBody for a second file.
    """

    chunk_size = CHUNK

    def __init__(self) -> None:
        super().__init__()
        self.folder: Path | None = None
        self.path: Path | None = None
        self.name = ""
        self.size = 0
        self._file: IO[bytes] | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.folder is not None:
            raise errors.InvalidBody("Send one file at a time.", code="upload.one_file")
        self.folder = blobs.attempt_dir("upload")
        self.path = self.folder / "file"
        self.name = self.file_name or ""
        self._file = open(self.path, "wb")  # noqa: SIM115  closed by file_complete or discard

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        services.check_size(self.size)
        assert self._file is not None  # noqa: S101  new_file came first
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        self._close()
        return None

    def upload_interrupted(self) -> None:
        self.discard()

    def discard(self) -> None:
        """Remove what has arrived; nothing happens when it was kept or never came."""
        self._close()
        if self.folder is not None:
            blobs.discard(self.folder)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
