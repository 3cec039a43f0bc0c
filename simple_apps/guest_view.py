"""An app and a run as guests read them: closed lists of fields, and the files among them.

Never: names of runs, stages and tools, prompts, arguments, providers, other files, events, costs.
What is not put in here, no guest can read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote

from django.db.models import TextField
from django.db.models.functions import Cast

from core import clock
from media.models import Blob
from media.origin import Provenance, line_of, origin_of, provenance_of
from runs import states
from runs.interaction.wait_kinds import (
    COST,
    GATE,
    QUESTION,
    SELECTION,
    STAGE,
    candidates_of,
    kind_of,
)
from runs.models import Artifact, Run, Wait
from runs.result_notice import left_out_of_inputs, result_notice
from runs.run_rows import RunRows, read_rows
from runs.stage_titles import stage_title
from runs.web.artifacts import artifact_body, files_by_step, output_bodies
from simple_apps import access, form
from simple_apps.models import GuestLink, GuestRun, SimpleApp
from simple_apps.schemas import (
    AppInputOut,
    AppOut,
    GuestFailure,
    GuestFile,
    GuestOutput,
    GuestQuestion,
    GuestRunOut,
    RunStatus,
)
from templates_app.graph.bypass import used_inputs
from templates_app.graph.wiring import words_of
from templates_app.media_links import BLOB_MARK
from templates_app.uses import table_of

# Questions that a guest may answer; others are their author's.
ANSWERABLE: Final = (QUESTION, SELECTION, STAGE, GATE)
SENTENCES: Final = {
    "input": "Something you entered can't be used. Change it and run again.",
    "content": "This content was refused. Change your words or your file and run again.",
    "busy": "The service that makes this is busy. Try again later.",
    "budget": "The budget of this app is used up. Ask the person who sent you the link.",
    "stopped": "This run was stopped.",
    "error": "Something went wrong. Ask the person who sent you the link, with this reference.",
}
_CODES: Final = {
    "SAFETY_REJECTED": "content",
    "PARAMETER_INVALID": "input",
    "USER_INPUT_INCOMPLETE": "input",
    "PROVIDER_TIMEOUT": "busy",
    "MODEL_UNAVAILABLE": "busy",
    "COST_LIMIT_EXCEEDED": "budget",
    "USER_CANCELLED": "stopped",
}
REFERENCE_LENGTH: Final = 8


def guest_run(guest: GuestRun, token: str, rows: RunRows | None = None) -> GuestRunOut:
    """Return the run of a token. rows: all of it, where they are known."""
    return _View(guest.run, token, rows or read_rows(guest.run)).body(guest)


def app_body(link: GuestLink) -> AppOut:
    """Return the app of a link, with what is left of the link."""
    app, allowance = link.app, link.allowance
    labels = form.declared_outputs(app)
    chosen = form.outputs_of(app) or labels
    rows = form.inputs_of(app)
    names_needed = _needs(app, rows)
    return {
        "title": app.title,
        "intro": app.intro,
        "inputs": [_input(row, row["name"] in names_needed) for row in rows],
        "outputs": [
            {"name": name, "label": label or labels.get(name, "")} for name, label in chosen.items()
        ],
        "runs": allowance.most_runs,
        "runsLeft": allowance.most_runs - allowance.runs,
        "endsAt": clock.iso(allowance.ends_at),
    }


def _needs(app: SimpleApp, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the inputs that a run needs a value of: required, without a default, and used."""
    assert app.version is not None  # noqa: S101  open apps have one
    names = [
        row["name"] for row in rows if row.get("required") and row.get("default") in (None, "")
    ]
    return used_inputs(app.version.spec, names, table_of(app.version)) if names else set()


def _input(row: dict[str, Any], is_needed: bool) -> AppInputOut:
    body: AppInputOut = {"name": row["name"], "type": row["type"], "optional": not is_needed}
    if label := row.get("label") or row.get("description"):
        body["label"] = str(label)
    if row.get("help"):
        body["help"] = row["help"]
    return body


def guest_blob(holder: str, sha256: str) -> Blob | None:
    """Return the file at `/media/a/<token of a run, or slug>/<sha256>/…`, for
    `media.resolvers.register_public`. Asked on every request, so ending an app revokes at once."""
    guest = access.runs_by_token(holder).first()
    if guest is not None:
        return _file_of(guest, sha256)
    rows = SimpleApp.objects.filter(access.OPEN, slug=holder).select_related("owner", "version")
    app = rows.first()
    if app is None or (app.picture_id != sha256 and sha256 not in form.files_of(app)):
        return None
    return Blob.objects.filter(pk=sha256).first()


def guest_provenance(public_id: str) -> Provenance | None:
    """Return how the result at `a/<token of a run>/<sha256>` was made, for
    `media.resolvers.register_provenance`: guests get the copy that a creation shows."""
    kind, _, rest = public_id.partition("/")
    token, _, sha256 = rest.partition("/")
    if kind != "a":
        return None
    runs = access.runs_by_token(token).values("run")
    artifact = Artifact.objects.select_related("blob").filter(run__in=runs, blob=sha256).first()
    return None if artifact is None else provenance_of(artifact)


def pictures(hashes: Collection[str]) -> set[str]:
    """Return which of these blobs apps show (`media.resolvers.register_references`)."""
    rows = SimpleApp.objects.filter(picture__in=hashes)
    return {sha256 for sha256 in rows.values_list("picture_id", flat=True) if sha256}


def default_files(hashes: Collection[str]) -> set[str]:
    """As `pictures`, for files that authors chose as defaults."""
    rows = SimpleApp.objects.filter(ended_at=None).annotate(text=Cast("inputs", TextField()))
    texts = rows.filter(text__contains=BLOB_MARK).values_list("text", flat=True)
    return {sha256 for sha256 in hashes for text in texts if f"{BLOB_MARK}{sha256}/" in text}


def are_guests_asked(run: Run) -> bool:
    """Return whether a run asks its guest, and its owner nothing (`notifying.register_others`)."""
    apps = SimpleApp.objects.filter(access.OPEN, owner=run.owner_id)
    guest = GuestRun.objects.filter(run=run.pk, app__in=apps).select_related("app", "link").first()
    if guest is None:
        return False
    kinds = (ANSWERABLE if guest.app.guests_answer else ()) + ((COST,) if guest.pays else ())
    waits = Wait.objects.filter(run=run.pk, answered_at=None).select_related("step")
    return all(kind_of(wait) in kinds for wait in waits)


def _file_of(guest: GuestRun, sha256: str) -> Blob | None:
    """Return the file with these bytes if the guest may see it: a result, or one they are asked
    about."""
    view = _View(guest.run, "", read_rows(guest.run))
    names = {file["id"] for output in view.outputs(guest) for file in output["artifacts"]}
    wait = view.question_of(guest)
    if wait is not None:
        names |= {row.public_id for row in candidates_of(wait)}
    rows = (row for row in view.rows.artifacts if row.blob_id == sha256)
    return next((row.blob for row in rows if row.public_id in names), None)


@dataclass(frozen=True, slots=True)
class _View:
    """One reading of a run's rows."""

    run: Run
    token: str
    rows: RunRows

    def body(self, guest: GuestRun) -> GuestRunOut:
        run, steps = self.run, [step for step in self.rows.steps if step.parent_id is None]
        names = {row["name"] for row in form.inputs_of(guest.app)}
        body: GuestRunOut = {
            "id": self.token,
            "status": cast(RunStatus, run.status),
            "doneCount": sum(step.status in states.STEP_TERMINAL for step in steps),
            "stageCount": len(steps),
            "inputs": {k: v for k, v in run.request.get("inputs", {}).items() if k in names},
            "outputs": list(self.shown_outputs(guest)),
            "createdAt": clock.iso(run.created_at),
            "finishedAt": clock.iso_or_none(run.finished_at),
        }
        wait = self.question_of(guest)
        if wait is not None:
            body["question"] = self.question(wait)
        if run.status == states.WAITING_FOR_USER:
            body["waitsFor"] = "author" if wait is None else "guest"
        if run.status in (states.FAILED, states.PARTIAL_FAILURE, states.CANCELLED):
            body["failure"] = _failure(run, guest)
        if notice := self.notice(guest, body["inputs"]):
            body["notice"] = notice
        if guest.app.shows_stages:
            body["stages"] = [{"title": stage_title(s), "status": s.status} for s in steps]
        return body

    def outputs(self, guest: GuestRun) -> list[Any]:
        """Return those of the run's outputs that the author shows, as the API has them, with the
        ids of their files."""
        bodies = {
            row.public_id: artifact_body(row, lambda public_id, _name: public_id)
            for row in self.rows.artifacts
            if row.blob.blocked_at is None
        }
        files = files_by_step(self.rows, bodies)
        chosen = form.outputs_of(guest.app)
        records = self.run.plan.get("outputs", ())
        outputs: list[Any] = output_bodies(records, self.rows.steps, files)
        if chosen:
            by_name = {one["name"]: one for one in outputs}
            outputs = [
                {**by_name[name], "label": label or by_name[name].get("label")}
                for name, label in chosen.items()
                if name in by_name
            ]
        return outputs

    def shown_outputs(self, guest: GuestRun) -> Iterator[GuestOutput]:
        rows = {row.public_id: row for row in self.rows.artifacts}
        for output in self.outputs(guest):
            one: GuestOutput = {
                "name": output["name"],
                "label": output.get("label") or words_of(output["name"]),
                "files": [self.file(rows[file["id"]]) for file in output["artifacts"]],
            }
            if text := output.get("text"):
                one["text"] = text
            yield one

    def notice(self, guest: GuestRun, inputs: Mapping[str, Any]) -> str:
        """Return the notice of the results that are shown."""
        names = {file["id"] for output in self.outputs(guest) for file in output["artifacts"]}
        rows = [row for row in self.rows.artifacts if row.public_id in names]
        version, metadata = guest.app.version, [row.meta for row in rows]
        if version is None or not rows:
            return ""
        tools = table_of(version, person=guest.app.owner_id)
        lines = dict.fromkeys(line for row in rows if (line := line_of(origin_of(row))))
        left_out = left_out_of_inputs(metadata, version.spec, inputs, tools)
        return result_notice(metadata, [*(f"{line}." for line in lines), left_out])

    def file(self, row: Artifact) -> GuestFile:
        blob = row.blob
        return {
            "kind": cast(Any, row.kind),
            "url": f"/media/a/{self.token}/{blob.sha256}/{quote(row.filename)}",
            "filename": row.filename,
            "contentType": blob.mime,
            "width": blob.width,
            "height": blob.height,
            "duration": blob.duration_s,
        }

    def question_of(self, guest: GuestRun) -> Wait | None:
        """Return the first question that is the guest's to answer, or else the newest about what a
        run at their own cost may take."""
        kinds = ANSWERABLE if guest.app.guests_answer else ()
        wait = next((wait for wait in self.rows.waits if kind_of(wait) in kinds), None)
        if wait is None and guest.pays:
            costs = (wait for wait in reversed(self.rows.waits) if kind_of(wait) == COST)
            wait = next(costs, None)
        return wait

    def question(self, wait: Wait) -> GuestQuestion:
        details = wait.prompt.get("details") or {}
        rows = candidates_of(wait)
        return {
            "id": wait.id,
            "kind": cast(Any, GATE if kind_of(wait) == COST else kind_of(wait)),
            "text": _words_of(wait, details),
            "choices": [self.file(row) for row in rows],
            "least": int(details.get("min", 1)),
            "most": int(details.get("max", len(rows) or 1)),
        }


def _words_of(wait: Wait, details: dict[str, Any]) -> str:
    """Return what is asked. Where the author wrote nothing, stages would name themselves."""
    if kind_of(wait) == GATE:
        return str(details.get("userMessage") or "Is this right?")
    title = (wait.step.title, wait.step.key) if wait.step is not None else ()
    return "Your answer" if wait.message in title else wait.message


def _failure(run: Run, guest: GuestRun) -> GuestFailure:
    error = run.error or {}
    code = "stopped" if run.status == states.CANCELLED else "error"
    code = _CODES.get(error.get("error_type") or error.get("errorType") or "", code)
    return {
        "code": cast(Any, code),
        "message": SENTENCES[code],
        "reference": guest.token_sha256[:REFERENCE_LENGTH],
    }
