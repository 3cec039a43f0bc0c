"""The zips of an export, made while they are sent: `GET /me/export/<part>`.

Files that are not the person's any more, or gone, are left out, and a text in the zip names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from accounts.auth import principal_from_headers
from accounts.models import AccountExport, User
from builder.account_exports import account_export
from builder.account_exports.account_export import ListedFile
from core import errors
from media.blobs import path_of
from media.models import Upload
from runs.models import Artifact
from runs.web.download import Packed, ZipApp

LOOKED_UP_AT_ONCE: Final = 500
LEFT_OUT: Final = "left out.txt"
NO_DOWNLOAD: Final = "This download is over. Prepare your data again at /me."


class ExportDownloadApp(ZipApp):
    """One part of a person's own export. For a session: no key takes along everything."""

    def contents(
        self, scope: Mapping[str, Any], headers: Mapping[str, str], query: str
    ) -> tuple[str, list[Packed]]:
        principal = principal_from_headers(headers, query_string=query)
        if principal.via != "session":
            raise errors.Forbidden(
                "An export is for its person alone: sign in with a browser, then open /me.",
                code="auth.session_required",
            )
        export = account_export.ready_of(principal.user)
        part = int(scope["url_route"]["kwargs"]["part"])
        if export is None or not 1 <= part <= len(export.parts):
            raise errors.NotFound(NO_DOWNLOAD)
        return _zip_name(export, part), list(_files_in(export, principal.user, part))

    def page(self, scope: Mapping[str, Any]) -> str:
        return account_export.PAGE


def _files_in(export: AccountExport, person: User, part: int) -> Iterator[Packed]:
    if part == 1:
        documents = account_export.documents_of(export.public_id)
        if not documents:
            raise errors.NotFound(NO_DOWNLOAD)
        yield from (Packed(name, path) for name, path in documents)
    missing = []
    files = account_export.files_of(export.public_id, part)
    for first in range(0, len(files), LOOKED_UP_AT_ONCE):
        some = files[first : first + LOOKED_UP_AT_ONCE]
        present = _present(person, some)
        for file in some:
            path = path_of(file.sha256)
            if file.object_id in present and path.is_file() and path.stat().st_size == file.size:
                yield Packed(file.name, path)
            else:
                missing.append(file.name)
    if missing:
        text = "Deleted or blocked since this export was made:\n\n" + "\n".join(missing) + "\n"
        yield Packed(LEFT_OUT, text.encode())


def _present(person: User, files: Sequence[ListedFile]) -> set[str]:
    """Return the ids of those results and uploads that are still this person's to see."""
    ids = [file.object_id for file in files]
    results = Artifact.objects.filter(
        public_id__in=ids,
        run__owner=person,
        run__deleting_at=None,
        hidden_at=None,
        blob__blocked_at=None,
    )
    uploads = Upload.objects.filter(public_id__in=ids, owner=person, blob__blocked_at=None)
    return {
        *results.values_list("public_id", flat=True),
        *uploads.values_list("public_id", flat=True),
    }


def _zip_name(export: AccountExport, part: int) -> str:
    name = f"reelgraph {export.ready_at:%Y-%m-%d}"
    count = len(export.parts)
    return f"{name} part {part} of {count}.zip" if count > 1 else f"{name}.zip"
