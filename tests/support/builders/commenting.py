"""What people comment on: a creation with a film, and a run that several people may see."""

from __future__ import annotations

import functools
import json
from typing import Any

from django.test import Client

from accounts.models import User
from comments.models import Comment
from creations.models import Share, ShareMedia
from media.models import Blob
from runs.models import Artifact, Run
from templates_app.documents import invitations, services
from templates_app.models import Template
from tests.support.builders.blobs import film_with_place, jpeg_with_place, make_blob
from tests.support.builders.running import start_template
from tests.support.builders.templates import make_template
from tests.support.clients.visitors import signed_in

FILM_MS = 6_000


@functools.cache
def _film() -> bytes:
    return film_with_place()


def film_blob() -> Blob:
    """A film; its row says that it lasts FILM_MS."""
    blob = make_blob(_film(), kind="video", mime="video/mp4")
    Blob.objects.filter(pk=blob.pk).update(duration_ms=FILM_MS, width=64, height=36)
    return blob


def make_run(owner: User, template: Template | None = None) -> tuple[Run, Artifact]:
    """A run of a template's version with a film, as if it had been worked off."""
    run = start_template(owner, template or make_template(owner, name="Harbor"), brief="A harbor")
    step = run.steps.order_by("sequence").first()
    assert step is not None
    run.steps.filter(pk=step.pk).update(status="completed")
    Run.objects.filter(pk=run.pk).update(status="completed")
    made = Artifact.objects.create(
        run=run, step=step, generation=step.generation, position=0, kind="video", blob=film_blob()
    )
    run.refresh_from_db()
    return run, made


def make_share(owner: User, **fields: Any) -> Share:
    """A creation "Dawn" with a film at position 0 and a picture at 1."""
    run, _ = make_run(owner)
    share = Share.objects.create(
        run=run, owner=owner, title="Dawn", **{"visibility": "unlisted", **fields}
    )
    picture = make_blob(jpeg_with_place())
    for position, (kind, blob) in enumerate([("video", film_blob()), ("image", picture)]):
        ShareMedia.objects.create(
            share=share, position=position, kind=kind, blob=blob, filename=f"dawn-{position}"
        )
    return share


def open_draft(owner: User, **fields: Any) -> Template:
    """A template that was opened in the editor, with the stages `keyframe` and `clip`."""
    template = make_template(owner, name="Harbor", **fields)
    services.open_document(viewer=owner, public_id=template.public_id)
    return template


def join(template: Template, person: User, role: str) -> None:
    """Have a person work on a template."""
    sent = invitations.invite(
        actor=template.owner, public_id=template.public_id, username=person.username, role=role
    )
    if sent is not None:
        invitations.accept(actor=person, invitation_id=sent.pk)


class Commenter:
    """One person, or a visitor, who reads and writes comments as scripts of pages do."""

    def __init__(self, person: User | None = None) -> None:
        self.client = signed_in(person) if person is not None else Client()

    def send(self, path: str, **sent: Any) -> Any:
        return self.client.post(path, json.dumps(sent), content_type="application/json")

    def wrote(self, path: str, **sent: Any) -> int:
        """The id of a new comment, or of the one that was changed."""
        answer = self.send(path, **sent)
        assert answer.status_code == 200, answer.content
        return int(answer.json()["data"]["id"])

    def change(self, comment: int, action: str, **sent: Any) -> Any:
        of = Comment.objects.filter(pk=comment).values_list("share__public_id", flat=True).first()
        return self.send(f"/app/comments/{comment}/{action}?of={of or ''}", **sent)

    def answer(self, path: str) -> Any:
        return self.client.get(path, CONTENT_TYPE="application/json")

    def read(self, path: str) -> list[dict[str, Any]]:
        answer = self.answer(path)
        assert answer.status_code == 200, answer.content
        return list(answer.json()["data"]["comments"])


def on_share(share: Share) -> str:
    return f"/app/creations/{share.public_id}/comments"


def on_run(run: Run) -> str:
    return f"/app/runs/{run.public_id}/comments"


def on_draft(template: Template) -> str:
    return f"/app/documents/{template.public_id}/comments"
