"""The media files of backups: linked where that is possible, else copied, each once for all of DIR.

A stored file is never changed (`media.blobs`), so a link stays what it was.
"""

from __future__ import annotations

import errno
import hashlib
import os
from io import BufferedReader
from pathlib import Path

from backups import folders
from backups.folders import BackupProblem

CHUNK = 1 << 20
# Two disks, a volume without links, too many links of one file, or a file of another account.
NO_LINK = (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOTSUP)


class Transfer:
    """Puts files into place under their hashes. written: bytes that were copied.

    origin: the folder that the files are in, which may be anyone's. Then what is linked is hashed
    before, and only files of this account that are read-only are linked.
    """

    def __init__(self, *, copies: bool = False, origin: Path | None = None) -> None:
        self.copies = copies
        self.origin = origin
        self.written = 0
        self.is_linked = False

    def put(self, source: Path, target: Path, size: int) -> bool:
        """Put one file into place. False: the source is gone.

        Raises BackupProblem where it isn't what its name says.
        """
        try:
            there = target.stat()
            if there.st_size == size and self.origin is None:
                self.is_linked |= there.st_nlink > 1
                return True
        except FileNotFoundError:
            pass
        try:
            with self._open(source) as file:
                is_whole = os.fstat(file.fileno()).st_size == size
                is_whole = is_whole and self._put(file, source, target)
        except FileNotFoundError:
            return False
        if not is_whole:
            remedy = "check-media" if self.origin is None else "backup --verify --hash"
            raise BackupProblem(
                f"The file {target.name} is damaged: its bytes aren't what its name says."
                f" {remedy} lists all such files."
            )
        return True

    def _open(self, source: Path) -> BufferedReader:
        if self.origin is None:
            return source.open("rb")
        return folders.open_file(self.origin, str(source.relative_to(self.origin)))

    def _put(self, file: BufferedReader, source: Path, target: Path) -> bool:
        """Link an opened file, or copy it. False: its bytes aren't what its name says."""
        status = os.fstat(file.fileno())
        if not self.copies and self._is_safe(status):
            if self.origin is not None and folders.digest_of(file) != target.name:
                return False
            if self._link(source, target, status):
                return True
            file.seek(0)
        return self._copy(file, target)

    def _is_safe(self, status: os.stat_result) -> bool:
        """Return whether a link to a file stays what it is now."""
        is_own = status.st_uid == os.geteuid() and not status.st_mode & 0o222
        return self.origin is None or is_own

    def _link(self, source: Path, target: Path, status: os.stat_result) -> bool:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = target.with_suffix(".new")
        scratch.unlink(missing_ok=True)
        try:
            os.link(source, scratch)
        except OSError as problem:
            if problem.errno in NO_LINK:
                self.copies = True
                return False
            raise
        if not os.path.samestat(scratch.lstat(), status):
            scratch.unlink()
            raise BackupProblem(f"{source} was replaced while it was read. Try again.")
        scratch.replace(target)
        self.is_linked = True
        return True

    def _copy(self, file: BufferedReader, target: Path) -> bool:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = target.with_suffix(".new")
        scratch.unlink(missing_ok=True)
        digest = hashlib.sha256()
        with scratch.open("xb") as writer:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                writer.write(chunk)
                self.written += len(chunk)
        if digest.hexdigest() != target.name:
            scratch.unlink()
            return False
        scratch.chmod(0o444)
        scratch.replace(target)
        return True
