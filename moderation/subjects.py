"""What a case can be about: a template, a creation or a comment.

The one place that tells them apart. Reporting, deciding and the pages ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, Model, QuerySet
from django.db.models.functions import Cast

from accounts.models import User
from comments import hiding
from comments import services as comment_services
from comments.models import Comment
from creations import sharing
from creations.models import Share
from moderation.models import COMMENT, SHARE, TEMPLATE, Case
from templates_app.lifecycle import services as template_services
from templates_app.models import Template

EXCERPT = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing of a case. name: as its author called it; of a comment, how it begins."""

    kind: str
    row: Any
    name: str
    owner: User

    @property
    def moderation(self) -> str:
        return str(self.row.moderation)

    @property
    def noun(self) -> str:
        return KINDS[self.kind].noun

    @property
    def page(self) -> str:
        """Where people read it; "" while others may not."""
        return KINDS[self.kind].page(self.row)

    @property
    def own_page(self) -> str:
        """Where its author finds it."""
        return KINDS[self.kind].own_page(self.row)

    def set_moderation(self, state: str, expected: str) -> bool:
        """As `templates_app.lifecycle.services.set_moderation`, for any kind."""
        return KINDS[self.kind].set_moderation(self.row, state, expected)


@dataclass(frozen=True, slots=True)
class _Kind:
    """noun: with lower case, in sentences. rows: with what a case page reads of each."""

    noun: str
    rows: Callable[[], QuerySet[Any]]
    name: Callable[[Any], str]
    owner: Callable[[Any], User]
    page: Callable[[Any], str]
    own_page: Callable[[Any], str]
    set_moderation: Callable[[Any, str, str], bool]


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
    """How a comment begins, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"


KINDS: Final[dict[str, _Kind]] = {
    TEMPLATE: _Kind(
        "template",
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
        lambda: Comment.objects.select_related("author", "share__owner", "template"),
        lambda row: excerpt(row.text),
        lambda row: row.author,
        _comment_page,
        lambda row: f"/s/{row.share.public_id}" if row.share else "/me/notices",
        lambda row, state, expected: hiding.set_moderation(
            comment=row, state=state, expected=expected
        ),
    ),
}


def told(kind: str, row: Model) -> Subject:
    """A row of one of the kinds as a subject."""
    found = KINDS[kind]
    return Subject(kind, row, found.name(row), found.owner(row))


def subject_of(case: Case) -> Subject | None:
    """What a case is about, also when its author took it away; None when it is gone for good."""
    row = KINDS[case.subject_kind].rows().filter(pk=int(case.subject_id)).first()
    return told(case.subject_kind, row) if row is not None else None


def locked_subject_of(case: Case) -> Subject | None:
    """As `subject_of`, with its row locked until the transaction ends."""
    rows = KINDS[case.subject_kind].rows().select_for_update(of=("self",))
    row = rows.filter(pk=int(case.subject_id)).first()
    return told(case.subject_kind, row) if row is not None else None


def subjects_of(cases: Collection[Case]) -> dict[int, Subject]:
    """Case → what it is about, by primary keys; one query for each kind."""
    found = {}
    for kind, known in KINDS.items():
        of_kind = [case for case in cases if case.subject_kind == kind]
        rows = known.rows().in_bulk([int(case.subject_id) for case in of_kind]) if of_kind else {}
        for case in of_kind:
            if (row := rows.get(int(case.subject_id))) is not None:
                found[case.pk] = told(kind, row)
    return found


def hidden_keys(kind: str) -> QuerySet[Any, Any]:
    """The keys, as `Case.subject_id`, of what is hidden or taken down."""
    model = KINDS[kind].rows().model
    hidden = model._default_manager.exclude(moderation="visible")
    return hidden.annotate(key=Cast("pk", CharField())).values("key")
