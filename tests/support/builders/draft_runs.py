"""Starting drafts with example files, and working them off to the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.auth import Principal
from accounts.models import User
from builder.ops.samples.sample_files import SAMPLES
from media import signing
from runs import selectors
from runs.admission.start import start_run
from runs.interaction import answers, wait_kinds
from runs.models import Artifact, Run
from templates_app.models import Template
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.running import work_off
from tests.support.clients.api import Api

BASE_URL = "http://testserver"
_FILES = {
    "image": ("portrait.webp", "image/webp"),
    "video": ("desert.mp4", "video/mp4"),
    "audio": ("song.m4a", "audio/mp4"),
}


def example_file(user: User, kind: str) -> str:
    """The address of an upload of the person's."""
    name, mime = _FILES[kind]
    blob = make_blob((SAMPLES / "examples" / name).read_bytes(), kind=kind, mime=mime)
    upload = make_upload(user, blob, name)
    return BASE_URL + signing.signed_path(upload.public_id, upload.filename)


def example_inputs(user: User, template: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each input that has no default."""
    values: dict[str, Any] = {}
    for declared in template["inputs"]:
        if "default" in declared:
            continue
        kind = declared["type"]
        one = example_file(user, kind) if kind in _FILES else "A jar of honey on a table"
        many = (declared.get("multiple") or {}).get("min")
        values[declared["name"]] = [one] * many if many else one
    return values


def run_template(user: User, key: str, template: Mapping[str, Any]) -> Run:
    """Save a draft, start it with example inputs, answer what it asks, until it ends."""
    saved = Api(key).post("/v1/creative-agent/workflows/templates", template)
    assert saved.status_code == 201, saved.content
    stored = Template.objects.get(public_id=saved.json()["data"]["template"]["id"])
    body = {"workflow_id": stored.public_id, "inputs": example_inputs(user, template)}
    return finish(start_run(actor=_principal(user), body=body, own_hosts=["testserver"]).run)


def run_steps(user: User, title: str, steps: Sequence[Mapping[str, Any]]) -> Run:
    """Start steps with example files for the media that they take."""
    taken = {
        need["mediaType"]: max(need["sourceArtifactIndex"] + 1, 0)
        for step in steps
        for need in step["dependsOn"]
        if isinstance(need, dict) and need["sourceStepId"] == "$input_media"
    }
    media = [
        {"kind": kind, "url": example_file(user, kind)}
        for kind, count in taken.items()
        for _ in range(count)
    ]
    body = {"input": {"title": title, "steps": list(steps)}, "media_references": media}
    return finish(start_run(actor=_principal(user), body=body, own_hosts=["testserver"]).run)


def finish(run: Run) -> Run:
    """Work a run off; the first media are chosen, checkpoints approved, questions answered."""
    work_off()
    run.refresh_from_db()
    while run.status == "waiting_for_user":
        for wait in selectors.open_waits(run):
            answers.answer(run=run, actor=None, resume_input=_answer(wait), wait=wait)
        work_off()
        run.refresh_from_db()
    return run


def results_of(run: Run) -> list[Artifact]:
    return list(selectors.artifacts_of([run]))


def warnings_of(run: Run) -> list[str]:
    return [
        warning
        for step in selectors.steps_of(run)
        for warning in (step.result or {}).get("warnings", ())
    ]


def _answer(wait: Any) -> dict[str, Any]:
    match wait_kinds.kind_of(wait):
        case wait_kinds.SELECTION:
            fewest = max(int((wait.prompt.get("details") or {}).get("min", 1)), 1)
            return {"type": "select_media", "indices": list(range(fewest))}
        case wait_kinds.GATE:
            return {"type": "approve_checkpoint"}
    return {"type": "answer", "text": "Yes"}


def _principal(user: User) -> Principal:
    return Principal(user=user, api_key=None, via="session")
