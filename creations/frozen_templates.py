"""What Remix copies of a creation: its template as it ran, with the run's inputs and seeds.

A frozen copy: the template may be private, and may change or go.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from core import errors
from media.blobs import StoredFile
from runs.models import Run
from runs.planning.seeds import drawn_seeds
from templates_app import media_links, schemas
from templates_app.document_ops.convert import to_spec
from templates_app.documents import selectors as documents
from templates_app.lifecycle.forking import with_defaults
from templates_app.lifecycle.publishing import Publication
from templates_app.models import Document


@dataclass(frozen=True, slots=True)
class FrozenTemplate:
    """spec: with its media as references to blobs. seeds: by stage. files: its media, stored
    without rows yet, by SHA-256."""

    spec: Mapping[str, Any]
    seeds: Mapping[str, int]
    files: Mapping[str, StoredFile] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"spec": dict(self.spec), "seeds": dict(self.seeds)}


def can_be_remixed(run: Run) -> bool:
    """Whether the run has a template to copy."""
    return run.template_version_id is not None or run.draft_of_id is not None


def freeze(run: Run, *, own_hosts: Collection[str]) -> FrozenTemplate:
    """A frozen copy of the template of an own run. Not inside a transaction: media are copied.

    own_hosts: `host[:port]`s of the request. Raises Conflict where there is no template to copy,
    InvalidInput with the problems of a template that names what may not be shown.
    """
    spec = _spec_of(run)
    given = run.request.get("inputs")
    values = given if isinstance(given, dict) else {}
    filled = with_defaults(spec, values, run.owner, own_hosts)
    publication = Publication(run.owner, own_hosts)
    public, problems = publication.prepare(filled)
    if problems:
        raise schemas.invalid_template(problems)
    files = {file.sha256: file for file in publication.stripped.values()}
    return FrozenTemplate(public, drawn_seeds(run.plan), files)


def _spec_of(run: Run) -> dict[str, Any]:
    if run.template_version is not None:
        return dict(run.template_version.spec)
    if run.draft_of is not None and documents.may_edit(run.owner, run.draft_of):
        document = Document.objects.filter(template=run.draft_of).first()
        if document is not None:
            return to_spec(document.state)
    raise errors.Conflict(
        "This run has no template that others could remix. Share it without Remix.",
        code="share.no_template",
    )


def blobs_of(spec: Mapping[str, Any]) -> set[str]:
    """The SHA-256 of every file that a frozen copy names."""
    found = (place.reference for place in media_links.places(media_links.spec_copy(spec)))
    return {one.id for one in found if one is not None and one.kind == "blob"}
