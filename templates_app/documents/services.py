"""Writes of documents: one verb each.

The server orders changes and answers after the commit; sending one twice changes nothing. Locks
are taken in one order everywhere: the template, then its document.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction

from accounts import storage
from accounts.models import User
from core import clock, errors
from media import resolvers
from templates_app import selectors as templates
from templates_app.document_ops import ops
from templates_app.document_ops.convert import BESIDE, to_document, without_plan
from templates_app.document_ops.diff import diff
from templates_app.document_ops.schemas import MAX_CHANGE_BYTES, PLAN, problem_of
from templates_app.documents import hints, plans, selectors
from templates_app.documents.edges import EDGES
from templates_app.documents.selectors import OpenDocument
from templates_app.models import (
    Change,
    Document,
    Template,
    TemplateMedia,
    TemplateVersion,
)

MAX_LABEL = 120
MAX_CHANGES = 100
# The code of a change that only an editor of another release sends: it keeps it until a reload.
UNREADABLE = "change.unreadable"
# The server's own changes, such as a PATCH, come from no open editor.
NO_ONE = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that was not applied; its author drops it. code is stable, message for people."""

    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Appended:
    """The fate of a batch. accepted: (change id, revision), also of those known before."""

    document: Document
    accepted: tuple[tuple[str, int], ...] = ()
    rejected: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    id: uuid.UUID
    label: str
    ops: list[dict[str, Any]]
    references: frozenset[str] = field(default_factory=frozenset)


def open_document(*, viewer: User, public_id: str) -> OpenDocument:
    """The document of a template, made from its head when it is opened for the first time.

    Who does not work on it sees what the template's page shows them, and who may not edit it no
    plan. Raises NotFound.
    """
    try:
        template = selectors.readable(viewer, public_id)
    except errors.NotFound:
        return selectors.looked_at(viewer, public_id)
    document = _document_of(template)
    role = selectors.role_of(viewer, template)
    return OpenDocument(
        template=template,
        version=document.base,
        document=document,
        state=document.state if role in selectors.EDITING else without_plan(document.state),
        rev=document.rev,
        is_owner=template.owner_id == viewer.pk,
        role=role,
    )


def for_follower(*, viewer: User, public_id: str) -> Document:
    """As `selectors.for_follower`, also of a template that no one has opened yet."""
    try:
        return selectors.for_follower(viewer, public_id)
    except (errors.Forbidden, errors.NotFound) as refused:
        try:
            template = selectors.readable(viewer, public_id)
        except errors.NotFound:
            raise refused from None
    _document_of(template)
    return selectors.for_follower(viewer, public_id)


def _document_of(template: Template) -> Document:
    """The document of a template, made of its head where there is none."""
    rows = Document.objects.select_related("base")
    document = rows.filter(template=template).first()
    if document is None:
        with transaction.atomic():
            # Locked: a version written after its head was read would be missing in the document.
            row = Template.objects.select_for_update(of=("self",)).get(pk=template.pk)
            head = templates.runnable_version(template.owner, row)
            document, _ = rows.get_or_create(
                template=template, defaults={"state": to_document(head.spec), "base": head}
            )
    document.template = template
    return document


def append_changes(
    *,
    actor: User,
    document: Document,
    client_id: str,
    changes: Any,
    expected_rev: int | None = None,
) -> Appended:
    """Apply a batch of changes in order, each once. Returns after the commit.

    changes: [{id, label, ops}] as sent. Only their shape, size, plan and references to media are
    checked; what makes no sense is said by validation. expected_rev: the revision they were made
    for. Raises InvalidBody for a batch that is none, Conflict for new changes at another revision.
    """
    client = _uuid(client_id, "clientId")
    if not isinstance(changes, list) or len(changes) > MAX_CHANGES:
        raise errors.InvalidBody(f"`changes` must be a list of at most {MAX_CHANGES}.")
    requests: list[_Wanted] = []
    refusals: list[Refusal] = []
    for place, body in enumerate(changes):
        outcome = _parse_change(body, place)
        (refusals if isinstance(outcome, Refusal) else requests).append(outcome)  # type: ignore[arg-type]
    foreign = _foreign_references(requests, actor, document)
    with transaction.atomic():
        current = _lock(document)
        revs = dict(
            Change.objects.filter(
                document=current, change_id__in=[change.id for change in requests]
            ).values_list("change_id", "rev")
        )
        if expected_rev not in (None, current.rev) and any(one.id not in revs for one in requests):
            raise _moved_on(current)
        rows: list[Change] = []
        revisions: list[tuple[str, int]] = []
        state: Mapping[str, Any] = current.state
        room = settings.DOCUMENT_LIMIT_BYTES - _size(state) if requests else 0
        for change in requests:
            if change.id in revs:
                revisions.append((str(change.id), revs[change.id]))
                continue
            refusal = _refusal(change, foreign, room) or _refused_plan(change, state)
            if refusal:
                refusals.append(refusal)
                continue
            room -= _size(change.ops)
            state, _ = ops.apply_all(state, change.ops)
            rev = current.rev + len(rows) + 1
            revs[change.id] = rev
            rows.append(_row(current, rev, change.id, client, actor, change.label, change.ops))
            revisions.append((str(change.id), rev))
        if rows:
            # Here, because a change that is known already is acknowledged without room, too.
            storage.check_room(document.template.owner, sum(row.bytes for row in rows))
            _append(current, rows, state)
    if rows:
        hints.moved(current)
    return Appended(current, tuple(revisions), tuple(refusals))


def refusal_of(*, actor: User, document: Document, label: str, ops: Any) -> Refusal | None:
    """Say why `append_changes` would refuse this change of the document as it is; None: no.

    ops: as sent. Writes nothing.
    """
    request = _parse_change({"id": str(uuid.uuid4()), "label": label, "ops": ops}, 0)
    if isinstance(request, Refusal):
        return request
    foreign = _foreign_references([request], actor, document)
    room = settings.DOCUMENT_LIMIT_BYTES - _size(document.state)
    return _refusal(request, foreign, room) or _refused_plan(request, document.state)


def follow(
    *, template: Template, old: Mapping[str, Any], version: TemplateVersion, label: str
) -> None:
    """Bring a new head into the open document, if there is one, as one change.

    old: the spec the version was made from. Part of the caller's transaction, which holds the
    template's lock; editors are told after its commit.
    """
    document = Document.objects.select_for_update().filter(template=template).first()
    if document is None:
        return
    difference = diff(to_document(old), to_document(version.spec))
    is_clean = document.saved_rev == document.rev
    if difference:
        state, _ = ops.apply_all(document.state, difference)
        rev = document.rev + 1
        by = version.created_by
        rows = [_row(document, rev, uuid.uuid4(), NO_ONE, by, label, difference)]
        _append(document, rows, state)
    document.base = version
    if is_clean:
        document.saved_rev = document.rev
    document.save(update_fields=["base", "saved_rev"])
    hints.moved(document)


def mark_saved(
    *,
    template: Template,
    base: TemplateVersion,
    rev: int,
    version: TemplateVersion,
    edges: list[Any] | None = None,
) -> bool:
    """Note that a revision of the document became a version; part of the caller's transaction.

    base: the version the document rested on when it was read. edges: `graph.edges` of the version,
    where they differ from the document's; they become a change of it. False is returned when it
    rests on another version by now, so what was read is not what would be saved.
    """
    document = Document.objects.select_for_update().filter(template=template).first()
    if document is None or document.base_id != base.pk:
        return False
    is_current = document.rev == rev
    if edges is not None:
        path = [EDGES]
        op = {"op": "set", "table": ops.ROOT, "key": ops.GRAPH, "path": path, "value": edges}
        state, _ = ops.apply_all(document.state, [op])
        by = version.created_by
        row = _row(document, document.rev + 1, uuid.uuid4(), NO_ONE, by, "Update edges", [op])
        _append(document, [row], state)
    document.base = version
    document.saved_rev = document.rev if is_current else rev
    document.save(update_fields=["base", "saved_rev"])
    hints.moved(document)
    return True


def _lock(document: Document) -> Document:
    row = Document.objects.select_for_update().filter(pk=document.pk).first()
    if row is None:
        raise templates.missing()
    row.template = document.template
    return row


def _append(document: Document, rows: Sequence[Change], state: Mapping[str, Any]) -> None:
    Change.objects.bulk_create(rows)
    storage.add(document.template.owner_id, storage.CHANGES, sum(row.bytes for row in rows))
    is_saved = document.saved_rev == document.rev
    if is_saved and all(op["table"] in BESIDE for row in rows for op in row.ops):
        # Nothing that a version holds has moved on.
        document.saved_rev = rows[-1].rev
    document.state = dict(state)
    document.rev = rows[-1].rev
    document.updated_at = clock.now()
    document.save(update_fields=["state", "rev", "saved_rev", "updated_at"])


def _row(
    document: Document,
    rev: int,
    change_id: uuid.UUID,
    client_id: uuid.UUID,
    actor: User,
    label: str,
    edits: list[Any],
) -> Change:
    return Change(
        document=document,
        rev=rev,
        change_id=change_id,
        client_id=client_id,
        actor=actor,
        label=label,
        ops=edits,
        bytes=_size(edits),
    )


def _parse_change(body: Any, place: int) -> _Wanted | Refusal:
    """One change as sent. Without an id no one could be told of its fate: then InvalidBody."""
    if not isinstance(body, dict):
        raise errors.InvalidBody(f"changes[{place}] must be an object.")
    change_id = _uuid(body.get("id"), f"changes[{place}].id")
    label = body.get("label")
    if not isinstance(label, str) or not label.strip():
        return Refusal(str(change_id), "change.invalid", "A change needs a `label`.")
    if problem := problem_of(body.get("ops")):
        return Refusal(str(change_id), UNREADABLE, problem)
    if _size(body["ops"]) > MAX_CHANGE_BYTES:
        problem = f"A change has at most {MAX_CHANGE_BYTES // 1024} KB. Send several changes."
        return Refusal(str(change_id), "change.invalid", problem)
    references = frozenset(str(reference) for reference in selectors.references_in(body["ops"]))
    return _Wanted(change_id, label.strip()[:MAX_LABEL], body["ops"], references)


def _moved_on(document: Document) -> errors.Conflict:
    message = "The draft was changed since. Read it again, and make the change for what it is now."
    return errors.Conflict(message, code="document.stale", details={"rev": document.rev})


def _refusal(change: _Wanted, foreign: Collection[str], room: int) -> Refusal | None:
    if change.references & frozenset(foreign):
        return Refusal(
            str(change.id),
            "change.foreign_media",
            "This uses someone else's file. Upload your own.",
        )
    if room < _size(change.ops):
        limit_mb = settings.DOCUMENT_LIMIT_BYTES // 1024**2
        return Refusal(
            str(change.id),
            "document.too_large",
            f"The template would be larger than {limit_mb} MB. Shorten its texts first.",
        )
    return None


def _refused_plan(change: _Wanted, state: Mapping[str, Any]) -> Refusal | None:
    """Refuse a change that leaves something else than a plan in its table."""
    if not any(op["table"] == PLAN for op in change.ops):
        return None
    after, _ = ops.apply_all(state, change.ops)
    problem = plans.problem_of(after)
    return None if problem is None else Refusal(str(change.id), UNREADABLE, problem)


def _foreign_references(
    requests: Sequence[_Wanted], actor: User, document: Document
) -> frozenset[str]:
    """References that may not be brought: a stored one renews its link for ever.

    What a version of this template or its document holds already stays allowed.
    """
    texts = {text for change in requests for text in change.references}
    if not texts:
        return frozenset()
    present = {str(reference) for reference in selectors.references_in(document.state)}
    foreign = set()
    for reference in {r for change in requests for r in selectors.references_in(change.ops)}:
        text = str(reference)
        if text in present:
            continue
        if reference.kind == "object":
            is_allowed = resolvers.resolve_owned(reference.id, actor) is not None
        else:
            is_allowed = TemplateMedia.objects.filter(
                blob_id=reference.id, version__template=document.template_id
            ).exists()
        if not is_allowed:
            foreign.add(text)
    return frozenset(foreign)


def _uuid(value: Any, name: str) -> uuid.UUID:
    try:
        if isinstance(value, str):
            return uuid.UUID(value)
    except ValueError:
        pass
    raise errors.InvalidBody(f"`{name}` must be a UUID.")


def _size(value: Any) -> int:
    return len(orjson.dumps(value))
