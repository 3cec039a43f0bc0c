"""The reach of a decision beyond its subject: its remixes, the templates that use it as a stage,
and what shows the same files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from accounts.models import User
from creations.models import Remix, Share, ShareMedia
from media.models import Blob, MarkedCopy, Still, Upload
from moderation import content_marks, evidence_access, selectors, subjects
from moderation.models import MEDIA, SHARE, TAKE_DOWN, TEMPLATE, Case, Decision, Effect
from moderation.subjects import Subject
from runs.models import Artifact
from templates_app import blocked_previews
from templates_app.models import Template, TemplateMedia, TemplateVersion
from templates_app.named_uses import versions_naming

# One decision changes at most so many other things; a second one goes on from there.
MOST: Final = 1000
_RANK: Final = {"visible": 0, "quarantined": 1, "removed": 2}


@dataclass(frozen=True, slots=True)
class Reach:
    """The reach of a decision. Counts are of what would change now. files: all that would be
    blocked, with copies, originals and posters."""

    remixes: int = 0
    holders: int = 0
    same_media: int = 0
    files: int = 0


def count(case: Case, subject: Subject) -> Reach:
    """Count how much else a decision about a case could reach, for its page."""
    files = _files_of(case, subject)
    # Counted without a lock and without names: private remixes are not the moderator's to read.
    remix_count = sum(len(keys) for keys in _living(_remixes_of(subject)).values())
    holder_count = sum(len(keys) for keys in _living(_holders_of(subject)).values())
    showing = sum(len(keys) for keys in _living(_showing(files, subject)).values())
    blockable = Blob.objects.filter(pk__in=_with_pictures(files), blocked_at=None)
    return Reach(remix_count, holder_count, showing, blockable.count())


def extend(
    decision: Decision,
    subject: Subject,
    moderation: str,
    *,
    remixes: bool,
    holders: bool,
    same_media: bool,
) -> list[Effect]:
    """Have a decision hide or take down more than its subject, and note each.

    Leaves out subjects that are already hidden, and the moderator's own. With `same_media`, taking
    down also blocks the files, which can't be uploaded again then. Part of the decision's
    transaction.
    """
    files = _files_of(decision.case, subject) if same_media else []
    targets: dict[str, set[int]] = {TEMPLATE: set(), SHARE: set()}
    for keys_by_kind in (
        _remixes_of(subject) if remixes else {},
        _holders_of(subject) if holders else {},
        _showing(files, subject) if same_media else {},
    ):
        for kind, keys in keys_by_kind.items():
            targets[kind] |= keys
    others = [
        one
        for kind, keys in targets.items()
        for one in subjects.locked(kind, sorted(keys)[:MOST])
        if one.owner.pk != decision.actor_id and _RANK[one.moderation] < _RANK[moderation]
    ]
    effects = [_effect(decision, one, moderation) for one in others]
    content_marks.follow(others)
    if decision.action == TAKE_DOWN:
        effects += [_effect(decision, one, "removed") for one in _blockable(files, subject)]
    Effect.objects.bulk_create(effects)
    return effects


def block_copies(decision: Decision, subject: Subject) -> None:
    """Block the same content in other bytes and the pictures of it as well, as a file is blocked.
    Part of the decision's transaction."""
    copies = _blockable([subject.row], subject)
    Effect.objects.bulk_create([_effect(decision, one, "removed") for one in copies])


def restore_copies(decision: Decision, subject: Subject) -> None:
    """Make available again what decisions of the same case blocked with a file. As above."""
    effects = Effect.objects.filter(
        decision__case=decision.case_id, subject_kind=MEDIA, after="removed"
    )
    keys = set(effects.values_list("subject_id", flat=True)) - {subject.key}
    rows = Blob.objects.select_for_update().filter(pk__in=keys, blocked_at__isnull=False)
    Effect.objects.bulk_create(
        [
            _effect(decision, subjects.told(MEDIA, blob), "visible")
            for blob in rows.order_by("pk")
            if not _is_blocked_elsewhere(decision, blob)
        ]
    )


def revert(decision: Decision, *, of: User | None = None) -> list[Subject]:
    """Set what a decision changed beside its subject back to how it was, where it is still so.

    of: only what is this person's. Returns what changed. Part of a transaction.
    """
    reverted_subjects = []
    effects = list(Effect.objects.filter(decision=decision).order_by("subject_kind", "id"))
    for kind in (TEMPLATE, SHARE):
        by_key = {effect.subject_id: effect for effect in effects if effect.subject_kind == kind}
        for one in subjects.locked(kind, [int(key) for key in by_key]):
            effect = by_key[one.key]
            if (of is None or one.owner.pk == of.pk) and one.set_moderation(
                effect.before, effect.after
            ):
                reverted_subjects.append(one)
    content_marks.follow(reverted_subjects)
    if of is None:
        files = {one.subject_id: one for one in effects if one.subject_kind == MEDIA}
        for blob in Blob.objects.select_for_update().filter(pk__in=list(files)).order_by("pk"):
            effect = files[blob.pk]
            if effect.before == "removed" or not _is_blocked_elsewhere(decision, blob):
                subjects.told(MEDIA, blob).set_moderation(effect.before, effect.after)
    return reverted_subjects


def owned(decisions: Collection[Decision], person: User) -> dict[int, list[Subject]]:
    """Decision → what of a person's it changed beside its subject, by primary keys."""
    effects = list(effects_on(person).filter(decision__in=decisions).order_by("id"))
    by_decision: dict[int, list[Subject]] = {}
    for kind in (TEMPLATE, SHARE):
        of_kind = [effect for effect in effects if effect.subject_kind == kind]
        rows = subjects.KINDS[kind].rows().in_bulk({int(one.subject_id) for one in of_kind})
        for effect in of_kind:
            if (row := rows.get(int(effect.subject_id))) is not None:
                by_decision.setdefault(effect.decision_id, []).append(subjects.told(kind, row))
    return by_decision


def effects_on(person: User) -> QuerySet[Effect]:
    """Return what decisions changed of a person's templates and creations, beside their
    subjects."""
    mine = Q()
    for kind, model in ((TEMPLATE, Template), (SHARE, Share)):
        rows = model._default_manager.filter(owner=person)
        keys = rows.annotate(key=Cast("pk", CharField())).values("key")
        mine |= Q(subject_kind=kind, subject_id__in=keys)
    return Effect.objects.filter(mine)


def _effect(decision: Decision, one: Subject, moderation: str) -> Effect:
    before = one.moderation
    one.set_moderation(moderation, before)
    return Effect(
        decision=decision,
        subject_kind=one.kind,
        subject_id=one.key,
        before=before,
        after=moderation,
    )


def _blockable(files: Iterable[Blob], subject: Subject) -> list[Subject]:
    keys = sorted(_with_pictures(files))
    if subject.kind == MEDIA:
        keys = [key for key in keys if key != subject.key]
    rows = Blob.objects.select_for_update().filter(pk__in=keys, blocked_at=None)
    return [subjects.told(MEDIA, blob) for blob in rows.order_by("pk")]


def _with_pictures(files: Iterable[Blob]) -> set[str]:
    """These files with their copies, and the posters and stills that stand for them."""
    hashes = _with_copies({blob.pk for blob in files})
    media = ShareMedia.objects.exclude(poster=None)
    stills = Still.objects.filter(is_drawn=True)
    pictures = {
        *media.filter(blob__in=hashes).values_list("poster_id", flat=True),
        *stills.filter(model__in=hashes).values_list("picture_id", flat=True),
    }
    # Of two films that begin in black both have this poster; the other film is still shown.
    others = {
        *media.filter(poster__in=pictures)
        .exclude(blob__in=hashes)
        .values_list("poster", flat=True),
        *stills.filter(picture__in=pictures)
        .exclude(model__in=hashes)
        .values_list("picture", flat=True),
    }
    chosen = blocked_previews.posters_of(hashes)
    return hashes | (pictures - others) | (_with_copies(chosen) if chosen else set())


def _with_copies(hashes: Collection[str]) -> set[str]:
    """These files, and the same content in other bytes: what a run made and someone uploaded, of
    which a creation shows a copy without the notes in it, and all such copies."""
    sources = ShareMedia.objects.filter(blob__in=hashes).exclude(source="").values("source")
    originals = {
        *Artifact.objects.filter(public_id__in=sources).values_list("blob_id", flat=True),
        *Upload.objects.filter(public_id__in=sources).values_list("blob_id", flat=True),
        *MarkedCopy.objects.filter(copy__in=hashes).values_list("source_id", flat=True),
    }
    artifacts = Artifact.objects.filter(blob__in={*hashes, *originals})
    media = ShareMedia.objects.filter(
        share__run__in=artifacts.values("run"), source__in=artifacts.values("public_id")
    )
    copies = {
        *media.values_list("blob_id", flat=True),
        *MarkedCopy.objects.filter(source__in={*hashes, *originals}).values_list("copy", flat=True),
    }
    return {one for one in (*hashes, *originals, *copies) if one is not None}


def _is_blocked_elsewhere(decision: Decision, blob: Blob) -> bool:
    """Return whether a decision of another case that holds blocks this file, too."""
    others = Effect.objects.filter(
        subject_kind=MEDIA, subject_id=blob.pk, after="removed", decision__undone_by=None
    ).exclude(decision__case=decision.case_id)
    cases = Decision.objects.filter(
        case__subject_kind=MEDIA, case__subject_id=blob.pk, action=TAKE_DOWN, undone_by=None
    ).exclude(case=decision.case_id)
    return others.exists() or cases.exists()


def _remixes_of(subject: Subject) -> dict[str, set[int]]:
    """Templates that were made of a template or a creation, and of these again, public or not."""
    if subject.kind == TEMPLATE:
        level = {int(subject.key)}
    elif subject.kind == SHARE:
        level = set(Remix.objects.filter(share=subject.row).values_list("template_id", flat=True))
    else:
        return {}
    keys: set[int] = set() if subject.kind == TEMPLATE else set(level)
    while level and len(keys) < MOST:
        rows = Template.objects.filter(source__template__in=level)
        level = set(rows.values_list("pk", flat=True)) - keys
        keys |= level
    return {TEMPLATE: keys - ({int(subject.key)} if subject.kind == TEMPLATE else set())}


def _holders_of(subject: Subject) -> dict[str, set[int]]:
    """Templates whose newest or published version has any version of a template as a stage, to any
    depth: those are the ones whose runs have it in them."""
    if subject.kind != TEMPLATE:
        return {}
    keys: set[int] = set()
    versions = TemplateVersion.objects.filter(template=subject.row.pk).exclude(uses=None)
    level = set(versions.values_list("pk", flat=True))
    known_versions = set(level)
    while level and len(keys) < MOST:
        rows = versions_naming(level).values_list("version_naming", "holder", "is_current")
        level = set()
        for version, holder, is_current in rows[: 2 * MOST]:
            level.add(version)
            if is_current:
                keys.add(holder)
        level -= known_versions
        known_versions |= level
    return {TEMPLATE: keys - {int(subject.key)}}


def _showing(files: Collection[Blob], subject: Subject) -> dict[str, set[int]]:
    """Templates and creations that show one of these files, other than the subject."""
    if not files:
        return {}
    media = TemplateMedia.objects.filter(blob__in=files)
    share_media = ShareMedia.objects.filter(blob__in=files, share__ended_at=None)
    keys = {
        TEMPLATE: set(media.values_list("version__template_id", flat=True)),
        SHARE: set(share_media.values_list("share_id", flat=True)),
    }
    keys.get(subject.kind, set()).discard(subject.row.pk)
    return keys


def _living(keys: dict[str, set[int]]) -> dict[str, set[Any]]:
    """Those that are not deleted or taken down."""
    templates = Template.objects.filter(pk__in=keys.get(TEMPLATE, ()), deleted_at=None)
    shares = Share.objects.filter(pk__in=keys.get(SHARE, ()), ended_at=None)
    return {
        TEMPLATE: set(templates.exclude(moderation="removed").values_list("pk", flat=True)),
        SHARE: set(shares.exclude(moderation="removed").values_list("pk", flat=True)),
    }


def _files_of(case: Case, subject: Subject) -> list[Blob]:
    """The files that a subject shows, also those that are blocked already."""
    if subject.kind == MEDIA:
        return [subject.row]
    if subject.kind == SHARE:
        return evidence_access.media_of(share_id=subject.row.pk)
    version = selectors.reported_version(case, subject)
    return evidence_access.media_of(version.pk) if version is not None else []
