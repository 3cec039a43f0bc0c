"""The subjects of cases: a template, a creation, a comment, a person or a file.

The one place that tells them apart. Reporting, deciding and the pages ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import CharField, Model, QuerySet
from django.db.models.functions import Cast

from accounts.models import User
from accounts.names import SYSTEM
from comments import hiding
from comments import services as comment_services
from comments.models import Comment
from core import clock
from creations import selectors as creations
from creations import sharing
from creations.models import Share
from media.models import Blob
from moderation.models import COMMENT, MEDIA, SHARE, TEMPLATE, USER, Case
from templates_app import gallery_index
from templates_app.lifecycle import services as template_services
from templates_app.models import Template

EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing of a case. name: as its author called it; of a comment, how it begins.

    owner: whose it is, or the person it is about; of a file, the one whose creation showed it when
    it was reported.
    """

    kind: str
    row: Any
    name: str
    owner: User

    @property
    def key(self) -> str:
        """As `Case.subject_id`."""
        return str(self.row.pk)

    @property
    def moderation(self) -> str:
        """ "visible", "quarantined" or "removed". A person stays visible: see their sanctions."""
        return KINDS[self.kind].moderation(self.row)

    @property
    def noun(self) -> str:
        return KINDS[self.kind].noun

    @property
    def page(self) -> str:
        """Return where people read it; "" while others may not."""
        return KINDS[self.kind].page(self.row)

    @property
    def own_page(self) -> str:
        """Return where its author finds it."""
        return KINDS[self.kind].own_page(self.row)

    def set_moderation(self, state: str, expected: str) -> bool:
        """As `templates_app.lifecycle.services.set_moderation`, for any kind."""
        return KINDS[self.kind].set_moderation(self.row, state, expected)


@dataclass(frozen=True, slots=True)
class Brief:
    """A subject as a list shows it. owner_id: None for no one's file."""

    name: str
    moderation: str
    owner_id: int | None


@dataclass(frozen=True, slots=True)
class _Kind:
    """noun: with lower case, in sentences. columns: the columns that name and moderation are read
    from, after the owner's; "" where the case says whose it is. rows: with what a case page reads
    of each. owner: None where the case says it."""

    noun: str
    columns: tuple[str, ...]
    rows: Callable[[], QuerySet[Any]]
    name: Callable[[Any], str]
    owner: Callable[[Any], User | None]
    page: Callable[[Any], str]
    own_page: Callable[[Any], str]
    set_moderation: Callable[[Any, str, str], bool]
    moderation: Callable[[Any], str] = lambda row: str(row.moderation)
    key: Callable[[str], Any] = int


def _block_file(row: Blob, state: str, expected: str) -> bool:
    blocked_at = clock.now() if state == "removed" else None
    rows = Blob.objects.filter(pk=row.pk, blocked_at__isnull=expected != "removed")
    count = rows.update(blocked_at=blocked_at)
    if count:
        row.blocked_at = blocked_at
        # After it, for a take-down locks templates before their files.
        transaction.on_commit(partial(gallery_index.refresh_cards, row.pk), robust=True)
    return bool(count)


def _template_page(row: Template) -> str:
    is_open = row.visibility == "public" and row.moderation == "visible" and row.deleted_at is None
    return f"/t/{row.public_id}" if is_open else ""


def _share_page(row: Share) -> str:
    is_open = row.moderation == "visible" and row.ended_at is None
    return f"/s/{row.public_id}" if is_open else ""


def _comment_page(row: Comment) -> str:
    if row.moderation != "visible" or row.share is None or not _share_page(row.share):
        return ""
    return comment_services.address_of(row)


def excerpt(text: str) -> str:
    """Return how a comment begins, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"


KINDS: Final[dict[str, _Kind]] = {
    TEMPLATE: _Kind(
        "template",
        ("owner_id", "name", "moderation"),
        lambda: Template.objects.select_related(
            "owner", "head", "published", "source__template__owner"
        ),
        lambda row: row.name,
        lambda row: row.owner,
        _template_page,
        lambda row: f"/t/{row.public_id}",
        lambda row, state, expected: template_services.set_moderation(
            template=row, state=state, expected=expected
        ),
    ),
    SHARE: _Kind(
        "creation",
        ("owner_id", "title", "moderation"),
        lambda: Share.objects.select_related("owner", "version__template").defer("version__spec"),
        lambda row: row.title,
        lambda row: row.owner,
        _share_page,
        lambda row: f"/s/{row.public_id}" if row.ended_at is None else "/me/runs",
        lambda row, state, expected: sharing.set_moderation(
            share=row, state=state, expected=expected
        ),
    ),
    COMMENT: _Kind(
        "comment",
        ("author_id", "text", "moderation"),
        lambda: Comment.objects.select_related("author", "share__owner", "template"),
        lambda row: excerpt(row.text),
        lambda row: row.author,
        _comment_page,
        lambda row: f"/s/{row.share.public_id}" if row.share else "/me/notices",
        lambda row, state, expected: hiding.set_moderation(
            comment=row, state=state, expected=expected
        ),
    ),
    USER: _Kind(
        "person",
        ("pk", "username", "display_name"),
        lambda: User.objects.all(),
        lambda row: row.shown_name,
        lambda row: row,
        lambda row: f"/u/{row.public_id}" if creations.may_have_page(row) else "",
        lambda row: "/me/decisions",
        lambda row, state, expected: state == expected,
        moderation=lambda row: "visible",
    ),
    MEDIA: _Kind(
        "file",
        ("", "kind", "blocked_at"),
        lambda: Blob.objects.all(),
        lambda row: f"{row.kind.capitalize()} {row.sha256[:12]}",
        lambda row: None,
        lambda row: "",
        lambda row: "/me/decisions",
        _block_file,
        moderation=lambda row: "visible" if row.blocked_at is None else "removed",
        key=str,
    ),
}


def told(kind: str, row: Model, owner: User | None = None) -> Subject:
    """A row of one of the kinds as a subject. owner: of a file, as its case says."""
    entry = KINDS[kind]
    # A file that no case is about is no one's: who showed it first isn't known.
    mine = entry.owner(row) or owner or User(username="", is_active=False)
    return Subject(kind, row, entry.name(row), mine)


def subject_of(case: Case) -> Subject | None:
    """Return what a case is about, also when its author took it away; None when it is gone for
    good."""
    return _subject_in(case, KINDS[case.subject_kind].rows())


def locked_subject_of(case: Case) -> Subject | None:
    """As `subject_of`, with its row locked until the transaction ends."""
    return _subject_in(case, KINDS[case.subject_kind].rows().select_for_update(of=("self",)))


def named(kind: str, name: str) -> Subject | None:
    """Return what a page names: a person, or a template, creation or comment that others may read.

    name: its public id, of a comment its number. Not for files, and not for the server's own
    account.
    """
    if kind not in KINDS or kind == MEDIA:
        return None
    rows = KINDS[kind].rows()
    if kind == COMMENT:
        is_number = name.isascii() and name.isdigit() and len(name) < 19
        rows = rows.filter(pk=int(name)) if is_number else rows.none()
    else:
        rows = rows.filter(public_id=name)
    matches = [told(kind, row) for row in rows.order_by("-pk")[:10]]
    if kind == USER:
        return next((one for one in matches if one.row.username != SYSTEM), None)
    return next((one for one in matches if one.page), None)


def _subject_in(case: Case, rows: QuerySet[Any]) -> Subject | None:
    row = rows.filter(pk=KINDS[case.subject_kind].key(case.subject_id)).first()
    return _told_of(case, row) if row is not None else None


def _told_of(case: Case, row: Model) -> Subject:
    # Only a file needs the case to say whose it is; others would read that for nothing.
    return told(case.subject_kind, row, case.owner if case.subject_kind == MEDIA else None)


def subjects_of(cases: Collection[Case]) -> dict[int, Subject]:
    """Case → what it is about, by primary keys; one query for each kind."""
    subjects = {}
    for kind, entry in KINDS.items():
        of_kind = [case for case in cases if case.subject_kind == kind]
        keys = [entry.key(case.subject_id) for case in of_kind]
        rows = entry.rows().in_bulk(keys) if of_kind else {}
        for case in of_kind:
            if (row := rows.get(entry.key(case.subject_id))) is not None:
                subjects[case.pk] = _told_of(case, row)
    return subjects


def briefs_of(cases: Collection[Case]) -> dict[int, Brief]:
    """Case → what a list shows of its subject, by primary keys; one small query for each kind."""
    briefs = {}
    for kind, entry in KINDS.items():
        of_kind = [case for case in cases if case.subject_kind == kind]
        if not of_kind:
            continue
        owner, *columns = entry.columns
        rows = entry.rows().model._default_manager.only(*filter(None, (owner, *columns)))
        by_key = rows.in_bulk([entry.key(case.subject_id) for case in of_kind])
        for case in of_kind:
            if (row := by_key.get(entry.key(case.subject_id))) is not None:
                owner_id = getattr(row, owner) if owner else case.owner_id
                briefs[case.pk] = Brief(entry.name(row), entry.moderation(row), owner_id)
    return briefs


def locked(kind: str, keys: Collection[Any]) -> list[Subject]:
    """The things of one kind with these primary keys, locked in order until the transaction ends.

    Not for files, whose owner a case says.
    """
    rows = KINDS[kind].rows().select_for_update(of=("self",))
    return [told(kind, row) for row in rows.filter(pk__in=keys).order_by("pk")]


def hidden_keys(kind: str) -> QuerySet[Any, Any]:
    """The keys, as `Case.subject_id`, of what is hidden, taken down, blocked or suspended."""
    rows = KINDS[kind].rows().model._default_manager
    if kind == USER:
        hidden = rows.filter(suspended_until__gt=clock.now())
    elif kind == MEDIA:
        # Each was taken down in a case: else every blob would be read for those few.
        cases = Case.objects.filter(subject_kind=MEDIA).values("subject_id")
        hidden = rows.filter(pk__in=cases, blocked_at__isnull=False)
    else:
        hidden = rows.exclude(moderation="visible")
    return hidden.annotate(key=Cast("pk", CharField())).values("key")
