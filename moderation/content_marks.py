"""The hashes of what is taken down: kept while it is, and with what its author deletes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from creations.frozen_templates import shown_spec
from creations.models import Share
from moderation.models import SHARE, TEMPLATE, ContentMark
from moderation.subjects import Subject
from moderation.template_fingerprints import fingerprints
from templates_app.models import Template

BATCH: Final = 500


def follow(subjects: Collection[Subject]) -> None:
    """Mark the content of what was taken down, and forget the marks of what is back.

    subjects: with their moderation as it is now. Part of the transaction that moved them. Harmless
    to repeat.
    """
    work = [one for one in subjects if one.kind in (TEMPLATE, SHARE)]
    taken_down = [one for one in work if one.moderation == "removed"]
    for kind in (TEMPLATE, SHARE):
        back = [one.key for one in work if one.kind == kind and one.moderation != "removed"]
        if back:
            ContentMark.objects.filter(subject_kind=kind, subject_id__in=back).delete()
    ContentMark.objects.bulk_create(
        [
            ContentMark(
                subject_kind=one.kind, subject_id=one.key, person_id=one.owner.pk, sha256=sha256
            )
            for one in taken_down
            for sha256 in sorted(
                {sha256 for spec in specs_of(one.row) for sha256 in fingerprints(spec)}
            )
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def specs_of(row: Template | Share) -> Iterator[Mapping[str, Any]]:
    """Yield what others could read or copy: a template's newest and published version, or how a
    creation was made where that is shown."""
    if isinstance(row, Share):
        spec = shown_spec(row)
        if spec is not None:
            yield spec
        return
    for version in {row.head, row.published} - {None}:
        assert version is not None  # noqa: S101  taken out above
        yield version.spec
