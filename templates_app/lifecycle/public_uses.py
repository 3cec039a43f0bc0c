"""Templates among the stages of one that is published: all may read those stages from then on.

Public ones are read by all anyway. A private one of the publisher's own is shown with it once they
agree to that by its name: that version, and nothing else of its template. Others have to be public.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from core import canonical, errors
from core.phrases import phrase
from templates_app import schemas, semver
from templates_app.graph.issues import Issue, issue
from templates_app.graph.template_stages import callers_of, references_in, with_names
from templates_app.lifecycle.publishing import Publication
from templates_app.lifecycle.version_writes import append_version, content_sha256
from templates_app.models import Template, TemplateUse, TemplateVersion
from templates_app.used_versions import reference_to
from templates_app.uses import is_readable_by_all, versions_named


@dataclass(frozen=True, slots=True)
class PrivateUse:
    """A version that not everyone may read. stage_id: of the stage that it is, or is inside. name:
    how stages name it. is_own: whether the publisher may show it."""

    stage_id: str
    name: str
    version: TemplateVersion | None
    is_own: bool

    @property
    def title(self) -> str:
        return "" if self.version is None else f"{self.version.spec['name']} {self.version.semver}"

    def issue(self, remedy: str) -> Issue:
        return issue(
            "private_template",
            path=f"stages/{self.stage_id}",
            stage_id=self.stage_id,
            tool=self.name,
            remedy=phrase(remedy),
        )


def private_uses(
    publisher: User,
    spec: Mapping[str, Any],
    holder: Template | None,
    versions: Mapping[str, int] | None = None,
) -> list[PrivateUse]:
    """List the versions that not everyone may read among a spec's stages and inside them.

    versions: by name, where the holder's rows are not all that count. What the holder's published
    version shows already is left out while its template is public or the publisher's own. As many
    queries as levels.
    """
    if versions is None:
        versions = versions_named(holder, references_in(spec))
    before = None if holder is None else holder.published
    shown_names = set() if before is None else references_in(before.spec)
    result: list[PrivateUse] = []
    level: Sequence[tuple[str, Mapping[str, Any], Mapping[str, int]]] = [("", spec, versions)]
    pks_inside: set[int] = set()
    while any(versions for _, _, versions in level):
        pks = {pk for _, _, versions in level for pk in versions.values()}
        rows = TemplateVersion.objects.select_related("template__owner").in_bulk(pks)
        inside: list[tuple[str, TemplateVersion]] = []
        for around, part, versions in level:
            for stage_id, caller in callers_of(part):
                if caller["tool"] not in versions:
                    continue
                row = rows.get(versions[caller["tool"]])
                use = _private_use(publisher, around or stage_id, caller["tool"], row, shown_names)
                if use is None:
                    continue
                result.append(use)
                if use.is_own and row is not None and row.pk not in pks_inside:
                    pks_inside.add(row.pk)
                    inside.append((use.stage_id, row))
        level = _inside(inside)
        shown_names = set()
    return result


def _private_use(
    publisher: User,
    stage_id: str,
    name: str,
    version: TemplateVersion | None,
    shown_names: Collection[str],
) -> PrivateUse | None:
    if version is not None and is_readable_by_all(version, was_shown=name in shown_names):
        return None
    is_own = (
        version is not None
        and version.template.owner_id == publisher.pk
        and version.template.moderation == "visible"
    )
    if is_own and name in shown_names:
        return None
    return PrivateUse(stage_id, name, version, is_own)


def _inside(
    versions: Sequence[tuple[str, TemplateVersion]],
) -> list[tuple[str, Mapping[str, Any], dict[str, int]]]:
    """Return the spec of each version with what its stages name."""
    names = {row.pk: references_in(row.spec) for _, row in versions}
    uses = TemplateUse.objects.filter(
        holder__in={row.template_id for _, row in versions},
        reference__in=set().union(*names.values()),
    )
    pks = {(one.holder_id, one.reference): one.version_id for one in uses}
    return [
        (
            stage_id,
            row.spec,
            {
                name: pks[row.template_id, name]
                for name in names[row.pk]
                if (row.template_id, name) in pks
            },
        )
        for stage_id, row in versions
    ]


def issues_of(uses: Sequence[PrivateUse], consents: Collection[str]) -> Iterator[Issue]:
    """Yield what is against publishing. consents: names of versions that may be shown."""
    for use in uses:
        if not use.is_own:
            yield use.issue("publish_first")
        elif use.name not in consents:
            yield use.issue("agree_or_publish")


def with_public_versions(
    publication: Publication,
    spec: dict[str, Any],
    versions: Mapping[str, int],
    uses: Sequence[PrivateUse],
) -> tuple[dict[str, Any], Mapping[str, int]]:
    """Return a spec that names versions whose files everyone may see, and these by name.

    uses: of the spec, those that are to be shown. A version with files of its own gets one after
    it, with copies of them as any publication has; a second call finds that one. Not inside a
    transaction. Raises InvalidInput where a version can't be shown.
    """
    own = {use.version.pk: use for use in uses if use.is_own and use.version is not None}
    publication.inside = [use.version.spec for use in own.values() if use.version is not None]
    names: dict[str, str] = {}
    public = dict(versions)
    for name, pk in versions.items():
        row = _public_version(publication, own[pk], uses) if pk in own else None
        if row is not None and row.pk != pk:
            names[name] = reference_to(row)
            del public[name]
            public[names[name]] = row.pk
    return (with_names(spec, names) if names else spec), public


def _public_version(
    publication: Publication, use: PrivateUse, uses: Sequence[PrivateUse]
) -> TemplateVersion:
    version = use.version
    assert version is not None  # noqa: S101  only such uses are own
    template = version.template
    inner = versions_named(template, references_in(version.spec))
    spec, versions = with_public_versions(publication, version.spec, inner, uses)
    public, problems = publication.prepare(spec)
    if problems:
        raise schemas.invalid_template((use.issue("files_cannot_be_shown"), *problems))
    if canonical.equal(public, version.spec):
        return version
    same = TemplateVersion.objects.filter(
        template=template, number__gt=version.number, content_sha256=content_sha256(public)
    )
    for row in same.select_related("template").order_by("number"):
        if canonical.equal(row.spec, public):
            return row
    if template.head_id != version.pk or template.deleted_at is not None:
        raise schemas.invalid_template([use.issue("newest_can_be_shown")])
    with transaction.atomic():
        publication.record()
        result = append_version(
            actor=publication.author,
            template=template,
            head=version,
            spec=public,
            number=semver.next_version(version.semver, None),
            visibility=template.visibility,
            publication=None,
            cause="save",
            uses=versions,
        )
    if result is None or result.head is None:
        raise errors.Conflict("Too many concurrent changes. Retry.")
    return result.head
