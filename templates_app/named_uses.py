"""Rows of templates as stages, by what names them, and their end when nothing does.

Rows of what stages were before stay for a while, so a row alone says nothing of what is used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat

from core import clock
from templates_app.models import Change, Document, Template, TemplateUse, TemplateVersion

LOOKED_AT_ONCE: Final = 50
LOOK_EVERY_S: Final = 24 * 3600.0

# How the text of a spec holds what a use is called.
_MARK: Final = Concat(Value('"'), F("reference"), Value('"'))


def names_in_versions(holder: Template, names: Collection[str]) -> set[str]:
    """Return those of the names that stages of any version of a template have."""
    if not names:
        return set()
    versions = TemplateVersion.objects.filter(template=holder).annotate(
        text=Cast("spec", TextField())
    )
    rows = TemplateUse.objects.filter(holder=holder, reference__in=names).annotate(mark=_MARK)
    rows = rows.filter(Exists(versions.filter(text__contains=OuterRef("mark"))))
    return set(rows.values_list("reference", flat=True))


def holders_naming(template_ids: Collection[int], version: Literal["head", "published"]) -> Any:
    """Select the uses of templates that a version of their holder names: its `head`, or what is
    published."""
    return (
        TemplateUse.objects.filter(version__template__in=template_ids)
        .annotate(
            text=Cast(f"holder__{version}__spec", TextField()),
            mark=_MARK,
        )
        .filter(text__contains=F("mark"))
    )


def versions_naming(version_ids: Collection[int]) -> Any:
    """Select the uses of versions with each `version_naming` of their holder that names them: one
    that is its head or published (`is_current`), or that is inside others."""
    naming = "holder__versions"
    current = Q(holder__head=F(naming)) | Q(holder__published=F(naming))
    inside = Exists(TemplateUse.objects.filter(version=OuterRef("version_naming")))
    return (
        TemplateUse.objects.filter(version__in=version_ids)
        .annotate(
            version_naming=F(naming),
            is_current=Case(When(current, then=True), default=False),
            text=Cast(f"{naming}__spec", TextField()),
            mark=_MARK,
        )
        .filter(Q(is_current=True) | inside, text__contains=F("mark"))
    )


def stale_before() -> datetime:
    """Return since when a row must not have been asked for, to go when nothing names it.

    Editors that were away for longer take the document again, as they do without its changes.
    """
    return clock.now() - timedelta(days=settings.CHANGES_KEPT_DAYS)


def forget_of_deleted(template: Template) -> None:
    """Delete the rows of a deleted template, unless it is inside others itself or a run of one of
    its versions is there: who makes that again is asked about what is inside."""
    versions = TemplateVersion.objects.filter(template=template)
    # Runs are named by their reverse relation: this layer does not know them.
    if not versions.filter(Q(uses__isnull=False) | Q(runs__isnull=False)).exists():
        TemplateUse.objects.filter(holder=template).delete()


def without_name(rows: QuerySet[TemplateUse]) -> QuerySet[TemplateUse]:
    """Select the rows that neither a version of their holder names, nor its draft, nor a change of
    it that is kept."""
    sources: tuple[tuple[Any, str, str], ...] = (
        (TemplateVersion, "template", "spec"),
        (Document, "template", "state"),
        (Change, "document__template", "ops"),
    )
    rows = rows.annotate(mark=_MARK)
    for model, holder, field in sources:
        texts = model.objects.filter(**{holder: OuterRef("holder")})
        texts = texts.annotate(text=Cast(field, TextField()))
        rows = rows.exclude(Exists(texts.filter(text__contains=OuterRef("mark"))))
    return rows


class PeriodicPrune:
    """Forget rows that nothing names, some at a time, for `runs.engine.periodic`.

    names_elsewhere: whether a row is named by what this app does not know.
    """

    def __init__(self, names_elsewhere: Callable[[TemplateUse], bool]) -> None:
        self.names_elsewhere = names_elsewhere
        self._last_pk = 0

    def __call__(self) -> float:
        """Look at some. Returns in how many seconds to ask again."""
        rows = TemplateUse.objects.filter(pk__gt=self._last_pk, created_at__lt=stale_before())
        part = list(rows.order_by("pk").values_list("pk", "holder")[:LOOKED_AT_ONCE])
        if not part:
            self._last_pk = 0
            return LOOK_EVERY_S
        for holder in sorted({holder for _, holder in part}):
            self._prune(holder, [pk for pk, of in part if of == holder])
        self._last_pk = part[-1][0]
        return 0

    def _prune(self, holder: int, pks: Collection[int]) -> None:
        with transaction.atomic():
            # The lock that saving a version or a change takes: neither may name a row meanwhile.
            templates = Template.objects.select_for_update().only("deleted_at")
            template = templates.filter(pk=holder).first()
            if template is None:
                return
            if template.deleted_at is not None:
                forget_of_deleted(template)
                return
            Document.objects.select_for_update().only("pk").filter(template=holder).first()
            rows = TemplateUse.objects.filter(pk__in=pks, created_at__lt=stale_before())
            # Rows that someone asks for just now are young in a moment.
            stale_pks = [row.pk for row in rows.select_for_update(skip_locked=True)]
            for row in without_name(TemplateUse.objects.filter(pk__in=stale_pks)):
                if not self.names_elsewhere(row):
                    row.delete()
