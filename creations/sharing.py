"""Showing a run's results to others, changing what is said of them, and ending it.

Media are copied before the transaction: what is shared stays as it was when the run changes or
is deleted, and holds nothing of its author's that they did not choose.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts import storage
from accounts.models import User
from accounts.suspension import check_may_act
from core import clock, errors, short_text
from creations import frozen_templates, listing, selectors
from creations.file_copies import copy_of
from creations.frozen_templates import FrozenTemplate
from creations.licenses import ALL_RIGHTS, LICENSES
from creations.models import PUBLIC, UNLISTED, Share, ShareMedia
from media import blobs
from media.models import Blob
from media.origin import origin_of
from runs import selectors as runs
from runs import states
from runs.models import Artifact, Run
from runs.stage_titles import stage_title
from runs.web import file_names
from templates_app.lifecycle import publication_holds

TITLE_LENGTH: Final = 200
NOTE_LENGTH: Final = 2_000
MEDIA_LIMIT: Final = 32
VISIBILITIES: Final = (UNLISTED, PUBLIC)


@dataclass(frozen=True, slots=True)
class Choices:
    """An author's choices when they share.

    artifacts: public ids of the run's results, the one shown first at the front; empty for its main
    result. shows_prompts: what the stages were told to make; with allows_remix, the copy has them
    and what was typed and brought too. keeps_details: the files as they were made, with prompts and
    places in them.
    """

    title: str = ""
    note: str = ""
    visibility: str = UNLISTED
    license: str = ALL_RIGHTS
    artifacts: Sequence[str] = ()
    shows_prompts: bool = False
    allows_remix: bool = False
    shows_notes: bool | None = None
    keeps_details: bool = False

    @property
    def with_notes(self) -> bool:
        return self.shows_prompts if self.shows_notes is None else self.shows_notes


def share_run(*, actor: User, run: Run, choices: Choices, own_hosts: Collection[str] = ()) -> Share:
    """Show results of an own run that is over. Not inside a transaction.

    own_hosts: `host[:port]`s of the request, to know our own media links. Raises InvalidInput for
    choices that cannot be, Conflict when the run is shared already, is not over, failed or has
    nothing to show, Forbidden for someone suspended.
    """
    check_may_act(actor)
    choices = _check_choices(choices, run)
    _check_can_be_shared(run)
    chosen = _chosen(run, choices.artifacts)
    frozen = _freeze(run, choices, own_hosts)
    copies = [
        copy_of(one, keeps_details=choices.keeps_details, is_face=position == 0)
        for position, one in enumerate(chosen)
    ]
    titles = [stage_title(one.artifact.step) for one in copies]
    names = file_names.names_of(
        choices.title,
        [(title, one.file.mime) for title, one in zip(titles, copies, strict=True)],
    )
    storage.check_room(actor, sum(file.size for one in copies for file in one.files))
    try:
        with transaction.atomic():
            run = _still_shareable(run, actor, chosen, frozen)
            share = Share.objects.create(
                run=run,
                owner=actor,
                version=run.template_version,
                visibility=choices.visibility,
                title=choices.title,
                note=choices.note,
                license=choices.license,
                shows_prompts=choices.shows_prompts,
                allows_remix=frozen is not None,
                keeps_details=choices.keeps_details,
                prompts=prompts_of(run) if choices.shows_prompts else [],
                frozen=frozen.to_json() if frozen else None,
            )
            _keep_inputs(share, frozen)
            rows = zip(copies, titles, names, strict=True)
            ShareMedia.objects.bulk_create(
                ShareMedia(
                    share=share,
                    position=position,
                    kind=one.artifact.kind,
                    blob=blobs.record(one.file, origin_of(one.artifact)),
                    poster=blobs.record(one.poster, origin_of(one.artifact))
                    if one.poster
                    else None,
                    stage=title[:200],
                    filename=name,
                    source=one.artifact.public_id,
                )
                for position, (one, title, name) in enumerate(rows)
            )
            listing.refresh(share.pk)
            _hold_if_needed(actor, share)
            storage.add(actor.pk, storage.CREATIONS, selectors.size_of(share))
    except IntegrityError:
        # Another click or tab was first.
        raise _shared_already() from None
    return share


def _still_shareable(
    run: Run, actor: User, chosen: Sequence[Artifact], frozen: FrozenTemplate | None
) -> Run:
    """The run, locked, if all is still as it was when its files were copied.

    It may be deleted, retried or decided about meanwhile, and its owner suspended. In a
    transaction; locks the run, then the person.
    """
    row = _as_it_is(Run.objects.select_for_update(of=("self",)), run.pk)
    _check_may_still_act(actor)
    _check_can_be_shared(row)
    _chosen(row, [one.public_id for one in chosen])
    if frozen is not None:
        frozen_templates.check_can_be_remixed(row)
    return row


def _as_it_is(rows: QuerySet[Run], run_id: int) -> Run:
    """A run with its template. Raises NotFound."""
    rows = rows.select_related("owner", "draft_of", "template_version__template")
    run = rows.filter(pk=run_id).first()
    if run is None:
        raise errors.NotFound(code="workflow.not_found")
    return run


def _check_may_still_act(actor: User) -> None:
    """Do as `check_may_act`, in a transaction, with the person's row locked against a
    suspension."""
    check_may_act(User.objects.select_for_update(no_key=True).get(pk=actor.pk))


def _check_can_be_shared(run: Run) -> None:
    """Raise Conflict for a run that can't be shared as it is now, or is shared already."""
    if (refusal := refusal_of(run)) is not None:
        raise refusal
    if selectors.lasting_share(run) is not None:
        raise _shared_already()
    if Share.objects.filter(run=run).exclude(moderation="visible").exists():
        # Ending it and sharing the run again would be a way around the decision.
        raise errors.Conflict(
            "A moderator has hidden or taken down what you shared of this run. It can't be shared"
            " again.",
            code="share.taken_down",
        )


def refusal_of(run: Run) -> errors.Conflict | None:
    """Return why a run can't be shared as it is now; None if it can."""
    if run.status not in states.RUN_TERMINAL:
        return errors.Conflict(
            "This run isn't over yet. Share it when it's done.", code="share.too_early"
        )
    if run.status == states.FAILED:
        return errors.Conflict(
            "This run failed. Retry it, then share what it makes.", code="share.run_failed"
        )
    if not results_of(run):
        return errors.Conflict("This run has no results to share.", code="share.nothing_made")
    return None


def _shared_already() -> errors.Conflict:
    return errors.Conflict(
        "This run is shared already. Reload the page to change what it shows.",
        code="share.exists",
    )


def change_share(
    *, actor: User, share: Share, choices: Choices, own_hosts: Collection[str] = ()
) -> Share:
    """Change title, note, visibility, license and the switches; its address and media stay.

    Raises as `share_run`.
    """
    check_may_act(actor)
    choices = _check_choices(choices, share.run)
    # What is shown stays as it was, however the run went on: only what is new is read from it.
    is_same = (
        share.frozen is not None
        and share.shows_prompts == choices.shows_prompts
        and choices.shows_notes in (None, frozen_templates.shows_notes(share))
    )
    frozen = None if is_same else _freeze(share.run, choices, own_hosts)
    with transaction.atomic():
        row = Share.objects.select_for_update().filter(pk=share.pk, ended_at=None).first()
        if row is None:
            raise selectors.missing()
        if row.updated_at != share.updated_at:
            raise errors.Conflict(
                "It was just changed in another window. Reload the page and try again.",
                code="share.changed",
            )
        _check_may_still_act(actor)
        if frozen is not None:
            frozen_templates.check_can_be_remixed(_as_it_is(Run.objects.all(), share.run_id))
        size = selectors.size_of(row)
        if choices.title != row.title:
            _rename_files(row, choices.title)
        row.title, row.note = choices.title, choices.note
        row.visibility, row.license = choices.visibility, choices.license
        if row.shows_prompts != choices.shows_prompts:
            row.shows_prompts = choices.shows_prompts
            row.prompts = prompts_of(share.run) if choices.shows_prompts else []
        if frozen is not None or not choices.allows_remix:
            row.allows_remix = choices.allows_remix
            row.frozen = frozen.to_json() if frozen else None
            row.media.filter(role="input").delete()
            _keep_inputs(row, frozen)
        row.updated_at = clock.now()
        row.save()
        listing.refresh(row.pk)
        _hold_if_needed(actor, row)
        storage.add(row.owner_id, storage.CREATIONS, selectors.size_of(row) - size)
    return row


def end_share(*, actor: User, share: Share) -> None:
    """Stop sharing: the address, its embeds and its media end at once. Harmless to repeat."""
    now = clock.now()
    with transaction.atomic():
        rows = Share.objects.filter(pk=share.pk, owner=actor, ended_at=None)
        if rows.update(ended_at=now, updated_at=now):
            listing.refresh(share.pk)
            storage.add(actor.pk, storage.CREATIONS, -selectors.size_of(share))


def set_moderation(*, share: Share, state: str, expected: str) -> bool:
    """Hide a creation from everyone but its owner, or show it again; for moderation only.

    state: "visible", "quarantined" (hidden until decided) or "removed". expected: the state it must
    be in; False when it is not. Part of the caller's transaction.
    """
    count = Share.objects.filter(pk=share.pk, moderation=expected).update(moderation=state)
    if count:
        share.moderation = state
        listing.refresh(share.pk)
    return bool(count)


def _hold_if_needed(actor: User, share: Share) -> None:
    """Keep from others what tells how it was made, where a moderator has to look at it first."""
    spec = frozen_templates.shown_spec(share)
    hold = publication_holds.hold_of(actor, spec, share) if spec is not None else None
    if hold is not None:
        hold(share)


def _freeze(run: Run, choices: Choices, own_hosts: Collection[str]) -> FrozenTemplate | None:
    if not choices.allows_remix:
        return None
    return frozen_templates.freeze(
        run,
        with_prompts=choices.shows_prompts,
        with_notes=choices.with_notes,
        own_hosts=own_hosts,
    )


def _rename_files(share: Share, title: str) -> None:
    """Files are saved under the creation's title. In a transaction."""
    media = list(share.media.filter(role="result").select_related("blob").order_by("position"))
    names = file_names.names_of(title, [(one.stage, one.blob.mime) for one in media])
    for one, name in zip(media, names, strict=True):
        one.filename = name
    ShareMedia.objects.bulk_update(media, ["filename"])


def _keep_inputs(share: Share, frozen: FrozenTemplate | None) -> None:
    """Insert the rows of what a frozen copy names, so that it stays. In a transaction."""
    if frozen is None:
        return
    for file in frozen.files.values():
        blobs.record(file)
    by_hash = Blob.objects.in_bulk(frozen_templates.blobs_of(frozen.spec))
    ShareMedia.objects.bulk_create(
        ShareMedia(
            share=share,
            role="input",
            position=position,
            kind=blob.kind,
            blob=blob,
            filename=f"input-{position + 1}.{file_names.ending(blob.mime)}",
        )
        for position, (_, blob) in enumerate(sorted(by_hash.items()))
    )


def prompts_of(run: Run) -> list[dict[str, str]]:
    """List what each stage of a run was told to make: `[{"stage", "text"}]`. Nothing where that is
    not its starter's to show."""
    prompts: list[dict[str, str]] = []
    if not frozen_templates.can_be_shown(run):
        return prompts
    for step in run.steps.filter(item_index=-1).order_by("sequence"):
        arguments = (step.resolved or {}).get("arguments") or step.arguments
        text = arguments.get("prompt")
        if isinstance(text, str) and text:
            prompts.append({"stage": stage_title(step), "text": text})
    return prompts


def _check_choices(choices: Choices, run: Run) -> Choices:
    """The choices, tidy. Raises InvalidInput that names the field."""
    title = short_text.tidy(choices.title or run.title)[:TITLE_LENGTH]
    unseen = short_text.problem_of(title)
    note = choices.note.replace("\r\n", "\n").strip()
    problem = {
        "title": f"The title {unseen}" if unseen else "" if title else "Enter a title.",
        "note": f"At most {NOTE_LENGTH:,} characters." if len(note) > NOTE_LENGTH else "",
        "visibility": "" if choices.visibility in VISIBILITIES else "Choose who may see it.",
        "license": "" if choices.license in LICENSES else "Choose a license from the list.",
        "artifacts": f"Choose at most {MEDIA_LIMIT} results."
        if len(choices.artifacts) > MEDIA_LIMIT
        else "",
    }
    issues = [{"path": path, "message": text} for path, text in problem.items() if text]
    if issues:
        raise errors.InvalidInput(
            " ".join(one["message"] for one in issues),
            code="share.invalid",
            details={"issues": issues},
        )
    return replace(choices, title=title, note=note)


def _chosen(run: Run, public_ids: Sequence[str]) -> list[Artifact]:
    """The results to show, in the order wanted; the main one where none is named."""
    by_id = {row.public_id: row for row in results_of(run)}
    if not public_ids:
        return list(by_id.values())[:1]
    unknown = [one for one in public_ids if one not in by_id]
    if unknown:
        raise errors.InvalidInput(
            "One of the chosen results isn't there any more. Reload the page and choose again.",
            code="share.invalid",
            details={"issues": [{"path": "artifacts", "message": "Not a result of this run."}]},
        )
    return [by_id[one] for one in dict.fromkeys(public_ids)]


def results_of(run: Run) -> list[Artifact]:
    """List the results that can be shown of a run, the one that it was for at the front: its last
    film, else the last one. What was taken down is not among them, as a copy would be another
    file."""
    results = [row for row in runs.artifacts_of([run]) if row.blob.blocked_at is None]
    films = [row for row in results if row.kind == "video"]
    main = (films or results)[-1:]
    return [*main, *(row for row in reversed(results) if row not in main)]
