"""Making exports: some of one at a time, between what a worker does for others.

An export that is interrupted starts over. It is written into an attempt's folder, which is put into
its place when it is complete: a worker that is killed leaves nothing but that, for the sweep.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError

from accounts.models import User
from builder.account_exports import account_data, account_export
from builder.account_exports.account_export import Lease, LeaseLost
from core import clock, jsonsafe, outages
from core.server_address import server_url
from media import blobs
from runs import my_media
from runs.web import file_names
from templates_app import selectors as templates
from templates_app.documents.selectors import with_drafts
from templates_app.web.template_files import file_of

logger = logging.getLogger(__name__)

# How often exports are looked for, and how long one part of the work takes at most, about.
LOOK_S: Final = 5.0
PART_S: Final = 1.0
TEMPLATES_AT_ONCE: Final = 20
UPLOADS_AT_ONCE: Final = 500


class PeriodicExports:
    """Makes exports, one after the other, for `runs.engine.periodic`."""

    def __init__(self) -> None:
        self._work: Iterator[None] | None = None

    def __call__(self) -> float:
        """Do a part of one. Returns in how many seconds to ask again."""
        if self._work is None:
            account_export.delete_over()
            account_export.remove_unknown_folders()
            lease = account_export.take()
            if lease is None:
                return LOOK_S
            self._work = _parts_of(lease)
        try:
            next(self._work)
        except StopIteration:
            self._work = None
        except BaseException:
            self._work = None
            raise
        return 0


def _parts_of(lease: Lease) -> Iterator[None]:
    """Make an export; yields after each part of the work."""
    folder = blobs.attempt_dir(f"export-{lease.public_id}")
    try:
        export = _Export(User.objects.get(pk=lease.person_id), folder)
        began = time.monotonic()
        for _ in export.write():
            if time.monotonic() >= began + PART_S:
                lease.renew(export.run_count)
                yield
                began = time.monotonic()
        lease.renew(export.run_count)
        account_export.put(folder, lease.public_id)
        lease.finish(export.parts)
    except LeaseLost:
        logger.info("the export %s is another worker's now, or no one's", lease.public_id)
    except Exception as problem:
        if outages.kind_of(problem):
            # When it is over, the worker that looks first starts over.
            with suppress(LeaseLost, DatabaseError):
                lease.give_back()
            raise
        logger.exception("the export %s failed", lease.public_id)
        with suppress(LeaseLost):
            lease.fail()
    finally:
        blobs.discard(folder)


class _Export:
    """The documents of one person and the lists of their files, in a folder."""

    def __init__(self, person: User, folder: Path) -> None:
        self.run_count = 0
        self._person = person
        self._base_url = server_url()
        self._folder = folder / account_export.DOCUMENTS
        self._lists = account_export.PartLists(folder)
        self._documents = {"bytes": 0, "files": 0}

    @property
    def parts(self) -> list[dict[str, int]]:
        """Return the bytes and the files of each zip. The first has the documents."""
        first, *others = self._lists.parts
        return [{name: first[name] + self._documents[name] for name in first}, *others]

    def write(self) -> Iterator[None]:
        """Write everything; yields between small steps."""
        for documents in account_data.run_documents(self._person, self._lists):
            first, self.run_count = self.run_count + 1, self.run_count + len(documents)
            name = f"runs/{first:05}-{self.run_count:05}.json"
            self._write(name, jsonsafe.dumps(documents))
            yield
        yield from self._write_templates()
        data = account_data.data_of(self._person, base_url=self._base_url)
        data["uploads"] = self._uploads()
        yield from self._write_in_steps("account.json", _json_of(data))
        self._lists.close()

    def _write_templates(self) -> Iterator[None]:
        """Each of their own, with what its draft says, as Import takes it."""
        rows = templates.visible_to(self._person, "own").filter(head__isnull=False)
        rows = rows.select_related("owner", "head", "source__template").order_by("pk")
        last = 0
        while batch := list(rows.filter(pk__gt=last)[:TEMPLATES_AT_ONCE]):
            last = batch[-1].pk
            heads = [templates.shown_to(self._person, template) for template in batch]
            for view in with_drafts(self._person, heads).values():
                name, text = file_of(view, base_url=self._base_url, with_media=False)
                self._write(f"templates/{name}", text.encode())
                yield

    def _uploads(self) -> Iterator[dict[str, Any]]:
        """Describe what they uploaded, and list the files."""
        rows = my_media.own_uploads(self._person).select_related("blob").order_by("pk")
        last, count = 0, 0
        while batch := list(rows.filter(pk__gt=last)[:UPLOADS_AT_ONCE]):
            last = batch[-1].pk
            for upload in batch:
                count += 1
                assert upload.blob is not None  # noqa: S101  as it was selected
                stem, ending = file_names.split_name(upload.filename)
                name = f"uploads/{count:05} {stem}.{ending}"
                self._lists.add(name, upload.public_id, upload.blob)
                yield {
                    "id": upload.public_id,
                    "filename": upload.filename,
                    "file": name,
                    "createdAt": clock.iso_or_none(upload.completed_at),
                }

    def _write(self, name: str, content: bytes) -> None:
        for _ in self._write_in_steps(name, iter([content])):
            pass

    def _write_in_steps(self, name: str, pieces: Iterator[bytes]) -> Iterator[None]:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for piece in pieces:
                self._documents["bytes"] += file.write(piece)
                yield
            account_export.sync(file)
        self._documents["files"] += 1


def _json_of(data: Mapping[str, Any]) -> Iterator[bytes]:
    """An object as JSON, piece by piece. Iterators become arrays."""
    for number, (name, value) in enumerate(data.items()):
        yield b"{" if number == 0 else b",\n"
        yield jsonsafe.dumps(name) + b":"
        if isinstance(value, Iterator):
            yield b"["
            for place, one in enumerate(value):
                yield (b",\n" if place else b"") + jsonsafe.dumps(one)
            yield b"]"
        else:
            yield jsonsafe.dumps(value)
    yield b"}\n"
