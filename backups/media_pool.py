"""The media files of backups: linked where that is possible, else copied, each once for all of DIR.

A stored file is never changed (`media.blobs`), so a link stays what it was.
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from backups.folders import BackupProblem

CHUNK = 1 << 20
# Two disks, a volume without links, too many links of one file, or a file of another account.
NO_LINK = (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOTSUP)


class Transfer:
    """Puts files into place under their hashes. written: bytes that were copied.

    checks: hash also what is linked.
    """

    def __init__(self, *, copies: bool = False, checks: bool = False) -> None:
        self.copies = copies
        self.checks = checks
        self.written = 0
        self.is_linked = False

    def put(self, source: Path, target: Path, size: int) -> bool:
        """Put one file into place. False: the source is gone.

        Raises BackupProblem where it isn't what its name says.
        """
        try:
            there = target.stat()
            if there.st_size == size and not self.checks:
                self.is_linked |= there.st_nlink > 1
                return True
        except FileNotFoundError:
            pass
        try:
            is_whole = source.stat().st_size == size
            if is_whole and not self.copies and self._link(source, target):
                is_whole = not self.checks or digest_of(target) == target.name
            elif is_whole:
                is_whole = self._copy(source, target)
        except FileNotFoundError:
            return False
        if not is_whole:
            raise BackupProblem(
                f"The file {target.name} is damaged: its bytes aren't what its name says."
                " check-media lists all such files."
            )
        return True

    def _link(self, source: Path, target: Path) -> bool:
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
        scratch.replace(target)
        self.is_linked = True
        return True

    def _copy(self, source: Path, target: Path) -> bool:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = target.with_suffix(".new")
        scratch.unlink(missing_ok=True)
        digest = hashlib.sha256()
        with source.open("rb") as reader, scratch.open("xb") as writer:
            while chunk := reader.read(CHUNK):
                digest.update(chunk)
                writer.write(chunk)
                self.written += len(chunk)
        if digest.hexdigest() != target.name:
            scratch.unlink()
            return False
        scratch.chmod(0o444)
        scratch.replace(target)
        return True


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
