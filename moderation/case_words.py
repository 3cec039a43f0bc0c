"""Words about the subject of a case, beside its media: facts, and words that may break rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.suspension import suspended_until
from comments.models import Comment
from creations.models import Share, ShareMedia
from media.models import Blob
from moderation import evidence_access, sanctions, selectors
from moderation.models import COMMENT, MEDIA, SHARE, STRIKE, USER, Report
from moderation.subjects import Subject
from templates_app.models import Template, TemplateMedia, TemplateVersion

STAGES_SHOWN = 40
WORDS_SHOWN = 600
PLACES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Told:
    """facts: short ones, in order. at: when it was published, shared or written. text: what its
    author wrote about it, or the comment. edited_at: of a comment; what it said before is gone.
    stages: what each stage is told to make."""

    facts: Sequence[str] = ()
    at: datetime | None = None
    text: str = ""
    edited_at: datetime | None = None
    stages: Sequence[Mapping[str, str]] = ()


def of_subject(subject: Subject | None, version: TemplateVersion | None) -> Told:
    """version: the one that was reported, of a template."""
    if subject is None:
        return Told()
    if subject.kind == SHARE:
        return _of_share(subject.row)
    if subject.kind == COMMENT:
        return _of_comment(subject.row)
    if subject.kind == USER:
        return _of_person(subject.row)
    if subject.kind == MEDIA:
        return _of_file(subject.row)
    return _of_template(subject.row, version)


def media_of(subject: Subject | None, version: TemplateVersion | None) -> list[Blob]:
    """Return what a moderator may look at."""
    if subject is not None and subject.kind == SHARE:
        return evidence_access.media_of(share_id=subject.row.pk)
    if subject is not None and subject.kind == MEDIA:
        return evidence_access.media_of(file=subject.row.pk)
    return evidence_access.media_of(version.pk if version else None)


def earlier_texts(reports: Iterable[Report], now: str) -> list[Report]:
    """The reports that were about other words than there are now, each text once."""
    by_text = {one.subject_text: one for one in reports if one.subject_text not in ("", now)}
    return list(by_text.values())


@dataclass(frozen=True, slots=True)
class ShownIn:
    """The places that show a file: creations, and how many more there are; templates are
    counted."""

    shares: Sequence[Share]
    more: int
    templates: int


def shown_in(file: Blob) -> ShownIn:
    keys = ShareMedia.objects.filter(blob=file).values("share")
    shares = Share.objects.filter(pk__in=keys, ended_at=None).select_related("owner")
    latest = list(shares.order_by("-id")[:PLACES_SHOWN])
    media = TemplateMedia.objects.filter(blob=file, version__template__deleted_at=None)
    templates = media.values("version__template").distinct().count()
    return ShownIn(latest, shares.count() - len(latest), templates)


def _of_template(row: Template, version: TemplateVersion | None) -> Told:
    runs = selectors.runs_of(row)
    facts = [f"{runs} run{'' if runs == 1 else 's'}"]
    if version is not None:
        facts.insert(0, f"v{version.semver}")
    if row.deleted_at is not None:
        facts.append("deleted by its author")
    elif row.visibility != "public":
        facts.append("now private")
    spec = version.spec if version is not None else {}
    text = spec.get("description") or ""
    return Told(facts, row.published_at, text, stages=_stages(spec))


def _of_share(row: Share) -> Told:
    facts = ["everyone can see it" if row.visibility == "public" else "anyone with the link"]
    if row.allows_remix:
        facts.append("can be remixed")
    if row.ended_at is not None:
        facts.append("not shared any more")
    spec = (row.frozen or {}).get("spec") or {}
    prompts = [{"title": one["stage"], "words": one["text"]} for one in row.prompts]
    stages = (prompts or _stages(spec))[:STAGES_SHOWN]
    return Told(facts, row.created_at, row.note, stages=stages)


def _of_comment(row: Comment) -> Told:
    # Of a draft nothing is told: it is private, and only these words were reported.
    facts = ["on a draft"] if row.share is None else []
    if row.edited_at is not None:
        facts.append("edited since it was written")
    return Told(facts, row.created_at, row.text, row.edited_at)


def _of_person(row: User) -> Told:
    until = suspended_until(row)
    strikes = sanctions.holding(row, STRIKE).count()
    facts = [f"{strikes} of {sanctions.STRIKES_SUSPEND} strikes"]
    if until is not None:
        facts.append(f"suspended until {until.day} {until:%b %Y}")
    if not row.is_active:
        facts.append("account closed")
    return Told(facts, row.date_joined)


def _of_file(row: Blob) -> Told:
    count = ShareMedia.objects.filter(blob=row, role="result", share__ended_at=None).count()
    facts = [row.mime, f"in {count} creation{'' if count == 1 else 's'}", f"SHA-256 {row.sha256}"]
    return Told(facts, row.created_at)


def _stages(spec: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what each stage is told to make: words can break rules, too."""
    stages = []
    for stage in spec.get("stages") or ():
        args = stage.get("args")
        words = [
            value
            for value in (args.values() if isinstance(args, dict) else ())
            if isinstance(value, str) and not value.startswith("$")
        ]
        stages.append(
            {
                "title": str(stage.get("label") or stage.get("tool") or stage.get("id")),
                "words": " · ".join(words)[:WORDS_SHOWN],
            }
        )
    return stages[:STAGES_SHOWN]
