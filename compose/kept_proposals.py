"""Proposals that wait for a person's answer, so that a reload or another browser finds them.

One for each template and person. Only that person reads it, nobody else who works on the template.
It counts in their storage, and goes when it is accepted, refused or 30 days old.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.fields.json import KT

from accounts import storage
from accounts.models import User
from compose.changes.controls import Controls
from compose.models import KeptProposal
from core import canonical, clock, errors
from core.storable_text import storable_json
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.models import EDITOR, Collaborator, Document, Template

KEPT_FOR: Final = timedelta(days=30)
# So long after the answer a request that was sent before it may still end.
ANSWERED_FOR: Final = timedelta(hours=1)
NO_ROOM: Final = "Your storage is full. Reloading this page loses the proposal."
# What a draft writes of a template.
WRITTEN: Final = ("name", "description", "category", "tags", "inputs", "stages")
# Beside a kept answer, where controls made it.
CONTROLS: Final = "asked"
TEND_EVERY_S: Final = 600.0
AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as it was given. answer: whole. is_stale: the draft has changed since. controls,
    selection: those that it was made by, to be set again; None and [] for one of words or a plan.
    """

    brief: str
    answer: dict[str, Any]
    is_stale: bool
    controls: dict[str, Any] | None
    selection: list[str]


def keep(
    person: User,
    template: Template,
    *,
    brief: str,
    answer: Mapping[str, Any],
    base: Mapping[str, Any],
    controls: Controls | None = None,
    selection: Sequence[str] = (),
    asked_at: datetime | None = None,
) -> bool:
    """Keep a proposal until its person accepts or refuses it, in place of the one before.

    One that changes nothing isn't kept, and leaves the one before.
    person: who asked. answer: what `POST /app/compose` answers. base: the spec that it was made
    for, as the request sent it. controls, selection: the request's own. asked_at: when the request
    came in, without one now; of two requests the later one stays, and one from before the person's
    answer leaves nothing.
    Returns False where the person's storage has no room: tell them `NO_ROOM`, as the proposal is
    theirs all the same.
    """
    whole = {name: value for name, value in answer.items() if name != "state"}
    if controls is not None:
        values = controls.model_dump(mode="json", exclude_none=True)
        whole[CONTROLS] = {"controls": values, "selection": [*selection]}
    whole = storable_json(whole)
    brief, base = storable_json(brief), storable_json(base)
    if _says_the_same(whole["template"], base):
        return True
    size = storage.size_of([brief, whole])
    asked_at = asked_at or clock.now()
    try:
        with transaction.atomic():
            row, _ = KeptProposal.objects.select_for_update().get_or_create(
                owner=person, template=template, defaults={"asked_at": asked_at}
            )
            if row.asked_at > asked_at:
                return True
            if size > row.bytes:
                storage.check_room(person, size - row.bytes)
            before, row.bytes = row.bytes, size
            row.brief, row.answer, row.asked_at = brief, whole, asked_at
            row.base = canonical.sha256_hex(base)
            row.save()
            storage.add(person.pk, storage.PROPOSALS, size - before)
    except (errors.StorageFull, errors.DiskFull):
        return False
    return True


def read(person: User, template: Template) -> Proposal | None:
    """Return the proposal that waits for this person's answer; None where there is none.

    One that says what the draft says by now was accepted: it is forgotten.
    """
    row = _waiting(KeptProposal.objects.filter(owner=person, template=template)).first()
    if row is None or row.answer is None:
        return None
    template_fields, draft = row.answer["template"], _draft_of(template)
    is_stale = row.base != canonical.sha256_hex(draft)
    if is_stale and _says_the_same(template_fields, draft):
        forget(person, template)
        return None
    answer = {**row.answer, "state": to_document(template_fields)}
    made_by = answer.pop(CONTROLS, {})
    return Proposal(
        row.brief, answer, is_stale, made_by.get("controls"), made_by.get("selection", [])
    )


def forget(person: User, template: Template) -> None:
    """Forget a proposal that its person accepted or refused. Nothing of it is left."""
    with transaction.atomic():
        rows = KeptProposal.objects.select_for_update().filter(owner=person, template=template)
        row = rows.only("bytes").first()
        if row is not None:
            rows.update(brief="", base="", answer=None, bytes=0, asked_at=clock.now())
            storage.add(person.pk, storage.PROPOSALS, -row.bytes)


def forget_all(person: User) -> None:
    """Delete all proposals of a person."""
    KeptProposal.objects.filter(owner=person).delete()


def names_of(person: User) -> dict[int, str]:
    """Return what the proposals that wait for a person call their templates, by template."""
    rows = _waiting(KeptProposal.objects.filter(owner=person))
    names = rows.annotate(name=KT("answer__template__name")).values_list("template_id", "name")
    return {pk: name or "" for pk, name in names}


def exported(person: User) -> Iterator[dict[str, Any]]:
    """Yield a person's proposals for the copy of their data: of templates that they may edit."""
    shared = Collaborator.objects.filter(user=person, role=EDITOR).values("template")
    mine = _waiting(KeptProposal.objects.filter(owner=person))
    mine = mine.filter(Q(template__owner=person) | Q(template__in=shared))
    for pk in list(mine.order_by("pk").values_list("pk", flat=True)):
        row = mine.select_related("template").filter(pk=pk).first()
        if row is None:
            continue
        yield {
            "templateId": row.template.public_id,
            "brief": row.brief,
            "proposal": row.answer,
            "askedAt": clock.iso(row.asked_at),
        }


def tend() -> float:
    """Delete some that are old, answered or of a deleted template; for `runs.engine.periodic`."""
    now = clock.now()
    is_answered = Q(answer__isnull=True, asked_at__lt=now - ANSWERED_FOR)
    is_old = Q(asked_at__lt=now - KEPT_FOR)
    rows = KeptProposal.objects.filter(is_answered | is_old | Q(template__deleted_at__isnull=False))
    ids = list(rows.order_by("asked_at").values_list("pk", flat=True)[:AT_ONCE])
    KeptProposal.objects.filter(pk__in=ids).delete()
    return 0 if len(ids) == AT_ONCE else TEND_EVERY_S


def give_back(instance: KeptProposal, **_: Any) -> None:
    """Note that a proposal takes no storage any more: before it is deleted, also with its template
    (`pre_delete`)."""
    # Read again: of two who delete it, one gives its bytes back.
    rows = KeptProposal.objects.select_for_update().filter(pk=instance.pk)
    size = rows.values_list("bytes", flat=True).first() or 0
    storage.add(instance.owner_id, storage.PROPOSALS, -size)


def forget_of_member(instance: Collaborator, **_: Any) -> None:
    """Delete the proposal of a member who leaves a template (`pre_delete`)."""
    KeptProposal.objects.filter(owner=instance.user_id, template=instance.template_id).delete()


def stored_bytes(owner_id: int) -> int:
    """Return what a person's proposals take; see `accounts.storage`."""
    rows = KeptProposal.objects.filter(owner=owner_id)
    return rows.aggregate(total=Sum("bytes"))["total"] or 0


def _waiting(rows: QuerySet[KeptProposal]) -> QuerySet[KeptProposal]:
    return rows.filter(
        answer__isnull=False,
        asked_at__gte=clock.now() - KEPT_FOR,
        template__deleted_at=None,
    )


def _draft_of(template: Template) -> Mapping[str, Any]:
    """Return the spec of a template's draft; of its head where no one has opened it."""
    document = Document.objects.filter(template=template).only("state").first()
    if document is not None:
        return to_spec(document.state)
    return template.head.spec if template.head else {}


def _says_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two specs have the same fields of those that a draft writes."""
    return all(canonical.equal(one.get(name) or [], other.get(name) or []) for name in WRITTEN)
