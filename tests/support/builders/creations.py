"""Runs whose results are files that a test brings, and their sharing."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from accounts.models import User
from creations.models import Share
from media.models import Blob
from runs.models import Artifact, Run
from tests.support.builders.blobs import make_blob
from tests.support.builders.running import start, work_off
from tests.support.clients.visitors import signed_in
from tests.support.fakes.tools import PIXEL

NOTE = [{"id": "one", "title": "Harbor", "toolName": "note", "arguments": {"text": "secret"}}]


def finished_run(owner: User, *blobs: Blob, title: str = "Dawn over the harbor") -> Run:
    """Make a run of one stage whose results are these files, or a tiny picture."""
    steps = [{**NOTE[0], "arguments": {"text": "secret", "copies": max(1, len(blobs))}}]
    run = start(owner, steps, title=title)
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    for artifact, blob in zip(Artifact.objects.filter(run=run).order_by("id"), blobs, strict=False):
        Artifact.objects.filter(pk=artifact.pk).update(blob=blob, kind=blob.kind)
    return run


def completed(run: Run) -> Run:
    """Let a run end without its tools: each step has made a tiny picture."""
    for step in run.steps.order_by("sequence"):
        blob = make_blob(PIXEL + step.key.encode(), mime="image/png")
        Artifact.objects.create(
            run=run, step=step, generation=step.generation, position=0, kind="image", blob=blob
        )
    run.steps.update(status="completed")
    Run.objects.filter(pk=run.pk).update(status="completed")
    run.refresh_from_db()
    return run


def shared(run: Run, **choices: Any) -> Share:
    """Share a run by the form, with its files as they are: to clean each takes a child process.
    choices: fields that differ."""
    usual = {"title": "Dawn", "visibility": "unlisted", "license": "cc_by", "details": "on"}
    sent = {**usual, **choices}
    answer = signed_in(run.owner).post(f"/app/runs/{run.public_id}/share", sent)
    assert answer.status_code == 302, answer.content.decode()
    return Share.objects.get(run=run, ended_at=None)


def page_of(share: Share, visitor: User | None = None) -> str:
    """What a visitor reads of its page."""
    client = signed_in(visitor) if visitor else Client()
    answer = client.get(f"/s/{share.public_id}")
    assert answer.status_code == 200, answer.status_code
    return html.unescape(answer.content.decode())


def media_of(page: str) -> list[str]:
    """The addresses of the media that a page of a creation names, each once."""
    return list(dict.fromkeys(re.findall(r'(/media/s/[^"]+)"', page)))
