"""The copy that Remix makes of a creation: its template as it ran, with the inputs and seeds.

A frozen copy: the template may be private, and may change or go.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from core import errors
from creations.models import Share
from creations.without_prompts import without_prompts
from media.blobs import StoredFile
from runs import access
from runs.models import Run
from runs.options import RunOptions
from runs.planning.seeds import drawn_seeds
from templates_app import media_links, schemas
from templates_app import selectors as templates
from templates_app.document_ops.convert import BESIDE, to_spec
from templates_app.documents import selectors as documents
from templates_app.graph.template_stages import callers_of, references_in
from templates_app.lifecycle.forking import with_defaults
from templates_app.lifecycle.publishing import Publication
from templates_app.models import Change, Document, Template, TemplateVersion
from templates_app.uses import private_names, versions_named


@dataclass(frozen=True, slots=True)
class FrozenTemplate:
    """spec: with its media as references to blobs. seeds: by stage. files: its media, stored
    without rows yet, by SHA-256."""

    spec: Mapping[str, Any]
    seeds: Mapping[str, int]
    files: Mapping[str, StoredFile] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"spec": dict(self.spec), "seeds": dict(self.seeds), "notes": _has_notes(self.spec)}


def can_be_shown(run: Run) -> bool:
    """Return whether its starter may show how a run was made: by steps of their own, by a template
    of theirs, or by one that is public. A draft that they only work on is its owner's to show."""
    template = access.template_of(run)
    if template is None:
        # Also one whose draft is gone: no one knows any more whose it was.
        return "templateId" not in run.request
    # Of one that a moderator took away, a copy would be a way around that.
    is_own = template.owner_id == run.owner_id and template.moderation == "visible"
    return is_own or _is_public(run)


def can_be_remixed(run: Run) -> bool:
    """Return whether the run has a template to copy, and its starter may show it."""
    return access.template_of(run) is not None and can_be_shown(run)


def check_can_be_remixed(run: Run) -> None:
    """Raise Conflict where `can_be_remixed` says no."""
    if not can_be_remixed(run):
        raise errors.Conflict(
            "This run has no template of yours that others could remix. Share it without Remix.",
            code="share.no_template",
        )


def freeze(
    run: Run, *, with_prompts: bool, with_notes: bool, own_hosts: Collection[str]
) -> FrozenTemplate:
    """A frozen copy of the template of a run. Not inside a transaction: media are copied.

    with_prompts: with what was typed for the run, and what the stages are told to make; else a
    private template keeps what `shared_fields` lists. with_notes: with the notes on the canvas.
    own_hosts: `host[:port]`s of the request. Raises Conflict where there is no template to copy,
    InvalidInput with the problems of a template that names what may not be shown.
    """
    # Previews are results of other runs, and the brief may be the words that a template was
    # described in: no one chose to share them.
    hidden = {"previewArtifacts", "thumbnailUrl", *(() if _is_public(run) else ("brief",))}
    spec = {name: value for name, value in _spec_of(run).items() if name not in hidden}
    if with_prompts:
        inputs = run.request.get("inputs")
        values = inputs if isinstance(inputs, dict) else {}
        fresh = {
            name: media_links.renew(value, run.owner, own_hosts) for name, value in values.items()
        }
        spec = with_defaults(spec, fresh, run.owner, own_hosts)
    elif not _is_public(run):
        spec = without_prompts(spec, with_notes=with_notes)
    if not with_notes:
        spec = _without_notes(spec)
    if not _is_public(run):
        spec = _without_private_uses(spec, access.template_of(run))
    publication = Publication(run.owner, own_hosts)
    public, problems = publication.prepare(spec)
    if problems:
        raise schemas.invalid_template(problems)
    files = {file.sha256: file for file in publication.copies.values()}
    return FrozenTemplate(public, drawn_seeds(run.plan), files)


def has_notes(run: Run) -> bool:
    """Return whether notes are on the canvas of the template that was run, which may be remixed."""
    if not can_be_remixed(run):
        return False
    try:
        return _has_notes(_spec_of(run))
    except errors.Conflict:
        return False


def shows_notes(share: Share) -> bool:
    """Return whether the notes on the canvas are in what Remix copies."""
    spec = spec_of(share)
    return spec is not None and _has_notes(spec)


def spec_of(share: Share) -> dict[str, Any] | None:
    """The template that Remix copies, or None.

    Hidden prompts of a private template once took less with them; what was frozen then is cut
    down when it is read.
    """
    if share.frozen is None:
        return None
    spec: dict[str, Any] = share.frozen["spec"]
    if "notes" in share.frozen or share.shows_prompts or _is_public_version(share.version):
        return spec
    return without_prompts(spec)


def uses_of(share: Share, spec: Mapping[str, Any]) -> dict[str, int]:
    """Return the versions that stages of a frozen copy are, by how they name them."""
    names = references_in(spec)
    return versions_named(access.template_of(share.run), names) if names else {}


def shown_spec(share: Share) -> dict[str, Any] | None:
    """Return what others can read or copy of a creation's making, as a template under its title.

    Of prompts that are shown: the template that they are of, where that is known.
    """
    if share.frozen is not None:
        return {**share.frozen["spec"], "name": share.title}
    if not share.prompts:
        return None
    try:
        return {**_spec_of(share.run), "name": share.title}
    except errors.Conflict:
        stages = [{"label": one["stage"], "args": {"prompt": one["text"]}} for one in share.prompts]
        return {"name": share.title, "stages": stages}


def _has_notes(spec: Mapping[str, Any]) -> bool:
    graph = spec.get("graph")
    return isinstance(graph, dict) and bool(graph.get("notes"))


def _without_notes(spec: Mapping[str, Any]) -> dict[str, Any]:
    graph = spec.get("graph")
    if not isinstance(graph, dict):
        return dict(spec)
    return {**spec, "graph": {name: value for name, value in graph.items() if name != "notes"}}


def _without_private_uses(spec: Mapping[str, Any], template: Template | None) -> dict[str, Any]:
    """Return the template without the names of templates that not everyone may read.

    Such a stage says no more what it does: a copy of it would let others in, and an id tells of
    what it names.
    """
    names = references_in(spec)
    versions = versions_named(template, names)
    hidden_names = (names - versions.keys()) | private_names(versions)
    if not hidden_names:
        return dict(spec)
    fresh = {**spec, "stages": copy.deepcopy(spec["stages"])}
    for _, caller in list(callers_of(fresh)):
        if caller["tool"] in hidden_names:
            del caller["tool"]
    return fresh


def _is_public(run: Run) -> bool:
    """Return whether everyone may read the version that was run."""
    return _is_public_version(run.template_version)


def _is_public_version(version: TemplateVersion | None) -> bool:
    if version is None:
        return False
    return version.template.published_id == version.pk and templates.is_public(version.template)


def _spec_of(run: Run) -> dict[str, Any]:
    """The template as it ran. Raises Conflict where that is not known."""
    check_can_be_remixed(run)
    if run.template_version is not None:
        return dict(run.template_version.spec)
    draft = run.request.get("draft")
    spec = dict(draft) if isinstance(draft, dict) else _unchanged_draft(run)
    if RunOptions.read(run.options).to is None:
        return spec
    # It was run up to a stage: the others had no part in it.
    keys = {step["key"] for step in run.plan["steps"]}
    return {**spec, "stages": [one for one in spec.get("stages") or () if one.get("id") in keys]}


def _unchanged_draft(run: Run) -> dict[str, Any]:
    """The draft of a run that was started before runs kept theirs, if it is still the same."""
    document = Document.objects.filter(template=run.draft_of).first()
    rev = RunOptions.read(run.options).document_rev
    later = documents.changes_after(document, rev) if document and rev is not None else None
    if document is None or later is None or not all(_is_beside(change) for change in later):
        raise errors.Conflict(
            "The template has changed since this run. Run it again, or share it without Remix.",
            code="share.template_changed",
        )
    return to_spec(document.state)


def _is_beside(change: Change) -> bool:
    """Return whether it changed seeds and test values only."""
    return all(op["table"] in BESIDE for op in change.ops)


def blobs_of(spec: Mapping[str, Any]) -> set[str]:
    """The SHA-256 of every file that a frozen copy names."""
    references = (place.reference for place in media_links.places(media_links.spec_copy(spec)))
    return {one.id for one in references if one is not None and one.kind == "blob"}
