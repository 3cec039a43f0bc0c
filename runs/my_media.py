"""My media: everything that a person's runs made and that they uploaded, newest first.

A person's results are read in order of time, which no index gives: what the database reads grows
with how many there are. So only ids are ordered, and whole rows read of one page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from accounts.models import User
from core import errors
from media import posters
from media.models import Blob, Upload
from media.origin import Provenance, provenance_of, provenance_of_file
from media.presigned_uploads import TABLE
from runs import access, states
from runs.models import Artifact, Run
from templates_app.documents.selectors import drafts_called
from templates_app.models import Template
from tools import registry

MADE: Final = "made"
UPLOADED: Final = "uploaded"
QUERY_LENGTH: Final = 200
QUERY_WORDS: Final = 12
_BEFORE = re.compile(r"([0-9T:.\-]{1,40}Z)~([A-Za-z0-9_-]{1,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class OwnMedium:
    """One file. at: when it came to be, with the id the order of the list. title: the file's name,
    or the stage's. run: None for an upload. prompt: what its stage was told, or ""."""

    at: datetime
    public_id: str
    filename: str
    title: str
    blob: Blob
    provenance: Provenance
    run: Run | None = None
    tool: str = ""
    prompt: str = ""

    @property
    def mark(self) -> str:
        """Return the cursor that continues a list after it, to the microsecond like the order."""
        moment = self.at.replace(tzinfo=None).isoformat(timespec="microseconds")
        return f"{moment}Z~{self.public_id}"

    @property
    def label(self) -> str:
        """The title with that of its run."""
        return " · ".join(part for part in (self.title, self.run and self.run.title) if part)

    @property
    def template(self) -> Template | None:
        return access.template_of(self.run) if self.run else None


def media_of(
    person: User,
    *,
    query: str = "",
    kind: str = "",
    source: str = "",
    before: str = "",
    limit: int,
    with_blocked: bool = False,
) -> list[OwnMedium]:
    """Up to limit of a person's files, newest first.

    query: parts of words that must each be in a file's name, or in the title, prompt or tool of
    what made it, its run or its template. kind: of `tools.declaration.ports.MEDIA_KINDS`, or empty.
    source: MADE or UPLOADED alone. before: the `mark` of the last one seen. with_blocked: also what
    a moderator has blocked, which can't be opened or used. Raises InvalidBody for a mark that is
    none.
    """
    place = read_mark(before)
    words = query[:QUERY_LENGTH].split()[:QUERY_WORDS]
    media: list[OwnMedium] = []
    if source != MADE:
        media += _uploads(
            _narrow(own_uploads(person, with_blocked=with_blocked), _by_name, words, kind),
            place,
            limit,
        )
    if source != UPLOADED:
        media += _results(
            _narrow(_own_results(person, with_blocked), partial(_by_words, person), words, kind),
            place,
            limit,
        )
    return sorted(media, key=lambda one: (one.at, one.public_id), reverse=True)[:limit]


def named_media(
    person: User, public_ids: Collection[str], *, with_blocked: bool = False
) -> list[OwnMedium]:
    """Those of a person's files with these ids, newest first. What is not theirs is left out."""
    some = len(public_ids)
    media = [
        *_uploads(
            own_uploads(person, with_blocked=with_blocked).filter(public_id__in=public_ids),
            None,
            some,
        ),
        *_results(_own_results(person, with_blocked).filter(public_id__in=public_ids), None, some),
    ]
    return sorted(media, key=lambda one: (one.at, one.public_id), reverse=True)


def read_mark(text: str) -> tuple[datetime, str] | None:
    """The place that `OwnMedium.mark` wrote; None for none. Raises InvalidBody."""
    if not text:
        return None
    match = _BEFORE.fullmatch(text)
    try:
        at = datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        at = None
    if match is None or at is None:
        raise errors.InvalidBody("`before` must be the `next` of an earlier answer.")
    return at, match[2]


def own_uploads(person: User, *, with_blocked: bool = False) -> QuerySet[Upload]:
    """Select the files that a person uploaded, once they are there and checked."""
    rows = Upload.objects.filter(owner=person, completed_at__isnull=False)
    # Posters of templates are drawn from what is in the list already; tables are no media.
    rows = rows.exclude(slot__in=(posters.SLOT, TABLE)).filter(blob__isnull=False)
    return rows if with_blocked else rows.filter(blob__blocked_at=None)


def _own_results(person: User, with_blocked: bool) -> QuerySet[Artifact]:
    rows = Artifact.objects.filter(
        run__owner=person,
        hidden_at=None,
        step__status=states.COMPLETED,
        # A step that took over an earlier result shows the same bytes again.
        step__reused_from=None,
        generation=F("step__generation"),
    )
    return rows if with_blocked else rows.filter(blob__blocked_at=None)


def _narrow(rows: QuerySet[Any], holding: Any, words: Sequence[str], kind: str) -> QuerySet[Any]:
    for word in words:
        rows = holding(rows, word)
    return rows.filter(blob__kind=kind) if kind else rows


def _by_name(rows: QuerySet[Upload], word: str) -> QuerySet[Upload]:
    return rows.filter(filename__icontains=word)


def _by_words(person: User, rows: QuerySet[Artifact], word: str) -> QuerySet[Artifact]:
    tools = [one.name for one in registry.table() if word.casefold() in one.title.casefold()]
    return rows.alias(prompt=KeyTextTransform("prompt", "step__resolved__arguments")).filter(
        Q(step__title__icontains=word)
        | Q(step__tool__in=tools)
        | Q(run__title__icontains=word)
        | Q(run__template_version__template__name__icontains=word)
        | Q(run__draft_of__name__icontains=word)
        | Q(run__draft_of__in=drafts_called(person, word))
        | Q(prompt__icontains=word)
    )


def _uploads(
    rows: QuerySet[Upload], place: tuple[datetime, str] | None, limit: int
) -> list[OwnMedium]:
    if place:
        at, public_id = place
        rows = rows.filter(Q(completed_at__lt=at) | Q(completed_at=at, public_id__lt=public_id))
    return [
        OwnMedium(
            row.completed_at,
            row.public_id,
            row.filename,
            row.filename,
            row.blob,
            provenance_of_file(row.blob),
        )
        for row in rows.select_related("blob").order_by("-completed_at", "-public_id")[:limit]
        if row.completed_at and row.blob
    ]


def _results(
    rows: QuerySet[Artifact], place: tuple[datetime, str] | None, limit: int
) -> list[OwnMedium]:
    if place:
        at, public_id = place
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, public_id__lt=public_id))
    ids = list(rows.order_by("-created_at", "-public_id").values_list("pk", flat=True)[:limit])
    whole = (
        Artifact.objects.select_related(
            "blob", "step", "run__template_version__template", "run__draft_of"
        )
        .defer(
            "step__result",
            "run__plan",
            "run__request",
            "run__media",
            "run__template_version__spec",
        )
        .in_bulk(ids)
    )
    return [_result(whole[pk]) for pk in ids if pk in whole]


def _result(row: Artifact) -> OwnMedium:
    step = row.step
    arguments = (step.resolved or {}).get("arguments") or step.arguments
    prompt = arguments.get("prompt") if isinstance(arguments, dict) else None
    tool_class = registry.table().get(step.tool)
    tool = tool_class.title if tool_class else step.tool
    return OwnMedium(
        at=row.created_at,
        public_id=row.public_id,
        filename=f"{row.kind}.{row.blob.mime.rpartition('/')[2]}",
        title=step.title or tool,
        blob=row.blob,
        provenance=provenance_of(row),
        run=row.run,
        tool=tool,
        prompt=prompt if isinstance(prompt, str) else "",
    )
