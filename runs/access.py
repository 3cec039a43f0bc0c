"""Access to a run: seeing it, stopping it, acting for it. Each read takes the viewer."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from core import errors
from runs.models import Run
from templates_app.documents import selectors as documents
from templates_app.models import Collaborator, Template


def visible_run(viewer: User, public_id: str) -> Run:
    """A run that the viewer may see: their own, or one of a template that they work on together.

    Raises NotFound alike for unknown ids and for what is not theirs to see.
    """
    rows = Run.objects.select_related("template_version__template", "draft_of", "owner")
    run = rows.filter(public_id=public_id).first()
    if run is None or run.deleting_at is not None or not _may_see(viewer, run):
        raise _missing()
    return run


def own_run(viewer: User, public_id: str) -> Run:
    """Like `visible_run`, but only for the run's owner, who pays."""
    run = visible_run(viewer, public_id)
    if run.owner_id != viewer.pk:
        raise errors.Forbidden("Only the person who started this run can do that.")
    return run


def stoppable_run(viewer: User, public_id: str) -> Run:
    """As visible_run, for those who may stop it: its starter and the template's owner."""
    run = visible_run(viewer, public_id)
    if not may_stop(viewer, run):
        raise errors.Forbidden("Only its starter and the owner of the template can stop this run.")
    return run


def may_stop(viewer: User, run: Run) -> bool:
    """Return whether a viewer may stop a run that they may see."""
    template = template_of(run)
    return viewer.pk in (run.owner_id, template.owner_id if template else None)


def followed_run(viewer: User, public_id: str) -> Run:
    """As visible_run, with no more than a stream needs: thousands of them stay in memory."""
    rows = Run.objects.only("id", "public_id", "status", "last_seq", "owner_id")
    rows = rows.filter(deleting_at=None)
    run = rows.filter(public_id=public_id).first()
    if run is None or not _may_see(viewer, run):
        raise _missing()
    return run


def _may_see(viewer: User, run: Run) -> bool:
    # Most ask for their own, which needs no further query.
    return run.owner_id == viewer.pk or bool(followable([(viewer.pk, run.pk)]))


def followable(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those (person, run) pairs, by primary keys, in which the person may see the run.

    Results belong to the template: those who work on it see what each of them runs of it, the draft
    and its versions. What others run of a published version is theirs alone, also when they join
    later.
    """
    rows = Run.objects.filter(pk__in={run_id for _, run_id in pairs}, deleting_at=None).values_list(
        "pk", "owner_id", "created_at", "draft_of_id", "template_version__template_id"
    )
    visible, shared = set(), {}
    for run_id, owner_id, created_at, draft_of, version_of in rows:
        visible.add((owner_id, run_id))
        if draft_of or version_of:
            shared[run_id] = (owner_id, created_at, draft_of, version_of)
    candidates = [
        (person, run) for person, run in pairs if run in shared and (person, run) not in visible
    ]
    if candidates:
        templates = {draft_of or version_of for *_, draft_of, version_of in shared.values()}
        members = documents.members_of(templates)
        for person_id, run_id in candidates:
            owner_id, created_at, draft_of, version_of = shared[run_id]
            since = members.get(draft_of or version_of, {})
            is_of_members = draft_of is not None or (
                owner_id in since and created_at >= since[owner_id]
            )
            if person_id in since and is_of_members:
                visible.add((person_id, run_id))
    return visible & set(pairs)


def of_members(viewer: User, template: str = "template") -> Q:
    """Select what members of a template see of each other, as `followable` says for runs of its
    versions: rows that belong to a template, with their `owner` and `created_at`.

    template: name of the field.
    """
    members = Collaborator.objects.filter(template=OuterRef(template))
    own_since = members.filter(user=OuterRef("owner"), created_at__lte=OuterRef("created_at"))
    is_member = Q(**{f"{template}__owner": viewer}) | Exists(members.filter(user=viewer))
    is_of_members = Q(**{f"{template}__owner": F("owner")}) | Exists(own_since)
    return Q(**{f"{template}__deleted_at": None}) & is_member & is_of_members


def template_of(run: Run) -> Template | None:
    """The template that a run is of, by its draft or a version."""
    if run.draft_of is not None:
        return run.draft_of
    return run.template_version.template if run.template_version else None


def _missing() -> errors.NotFound:
    return errors.NotFound(code="workflow.not_found")
