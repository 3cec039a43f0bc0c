"""Previews of the samples: each runs once in the background, and its film becomes its preview.

Everything there is to know stands in the database: a published sample without a preview needs a
run; a run that asks is answered; a completed run of its present version is waiting to be shown. So
this can be killed anywhere and goes on; a start has a key, an answer counts once and a publication
names the version it was made for, so that nothing happens twice.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from accounts.auth import Principal
from accounts.models import User
from accounts.services import SYSTEM
from core import errors
from media import signing
from media.models import Upload
from media.posters import make_poster
from media.services import forget_uploads
from runs import answers, selectors, services, states
from runs.engine import turns
from runs.models import Artifact, Run, Wait
from templates_app import services as templates
from templates_app.models import Template, TemplateVersion

logger = logging.getLogger(__name__)

PRIORITY = -10
# The first try and two more; a sample that still fails keeps its drawn poster until it changes.
TRIES = 3
# Until the next look: while a run goes on, and when every sample has its preview.
BUSY_S, QUIET_S = 0.5, 30.0
# Our own name for our own links: nobody outside reads them.
HOST = "localhost"

# What people write where a sample has no default of its own.
WORDS: dict[str, dict[str, Any]] = {
    "wf_two-shot-product-teaser_a1b2c3d4": {
        "brief": "A perfume bottle of amber glass on black marble, golden light, dust motes"
    }
}

# What a preview run answers to a question in words, by sample.
ANSWERS: dict[str, str] = {"wf_one-colour-left_6e15ec6b": "the red car"}

# Completed runs that nothing can be shown of, as far as this process has found out, and how often
# showing a run broke down.
_useless: set[int] = set()
_breakdowns: Counter[int] = Counter()


def tend() -> float:
    """Do the next small thing for the previews: start one run, or show the result of one.

    Returns in how many seconds to ask again. A chore, see `runs.engine.chores`.
    """
    house = User.objects.filter(username=SYSTEM).first()
    lacking = lacking_previews(house) if house else []
    if house is None or not lacking:
        return QUIET_S
    unfinished = _unfinished(house)
    if any(answer_by_itself(run) for run in unfinished):
        return 0
    if turns.people_are_waiting() or unfinished:
        return BUSY_S
    for sample in lacking:
        version = sample.published
        assert version is not None  # noqa: S101  the database refuses public ones without
        runs = list(_runs_of(house, version))
        for run in runs:
            if run.status == states.COMPLETED and run.pk not in _useless:
                return 0 if show(house, sample, version, run) else BUSY_S
        if len(runs) < TRIES and _start(house, sample, version, len(runs) + 1):
            return BUSY_S
    return QUIET_S


def lacking_previews(house: User) -> list[Template]:
    """The house's published samples that have no preview, in the order they get theirs."""
    samples = Template.objects.filter(
        owner=house, visibility="public", moderation="visible", deleted_at=None
    ).select_related("published")
    return list(
        samples.exclude(published__spec__has_key="previewArtifacts").order_by("published_at", "id")
    )


def _runs_of(house: User, version: TemplateVersion) -> Any:
    made = Run.objects.filter(owner=house, template_version=version, priority=PRIORITY)
    return made.only("id", "status").order_by("id")


def _unfinished(house: User) -> list[Run]:
    return list(Run.objects.filter(owner=house, finished_at=None, priority=PRIORITY))


def answer_by_itself(run: Run) -> bool:
    """Answer what a background run asks, for nobody looks at it: choose the first media, approve.

    A question that a person alone can answer ends the run. True when it went on or ended.
    """
    if run.status != states.WAITING_FOR_USER:
        return False
    asked = selectors.open_waits(run)
    if not asked:
        return False
    try:
        for wait in asked:
            answers.answer(run=run, actor=None, resume_input=_first_answer(run, wait), wait=wait)
    except errors.Conflict:
        # Another worker was quicker: the next look tells how it stands.
        pass
    except errors.AppError as problem:
        # For one, all that there was to choose from has been hidden.
        logger.warning("the preview run %s is not answered: %s", run.public_id, problem.message)
        services.cancel_run(run=run, reason="A preview that could not be answered")
    return True


def _first_answer(run: Run, wait: Wait) -> dict[str, Any]:
    """What somebody in no mood to choose would answer."""
    match answers.sort_of(wait):
        case answers.SELECTION:
            fewest = max(int((wait.prompt.get("details") or {}).get("min", 1)), 1)
            return {"type": "select_media", "indices": list(range(fewest))}
        case answers.GATE:
            return {"type": "approve_checkpoint"}
        case answers.QUESTION if words := _words_for(run):
            return {"type": "answer", "text": words}
        case _:
            return {"type": "cancel"}


def _words_for(run: Run) -> str:
    version = run.template_version
    return ANSWERS.get(version.template.public_id, "") if version is not None else ""


def _start(house: User, sample: Template, version: TemplateVersion, number: int) -> bool:
    try:
        services.start_run(
            actor=Principal(user=house, api_key=None, via="session"),
            body={"workflow_id": sample.public_id, "inputs": WORDS.get(sample.public_id, {})},
            # Of two that start at once, one makes the run and both get it.
            key=f"preview:{version.pk}:{number}",
            app_source="reelgraph-samples",
            priority=PRIORITY,
        )
    except errors.AppError as problem:
        # Nothing another try would mend: somebody holds the key for other words, or a tool it
        # needs is not offered here.
        logger.warning("no preview run of %s: %s", sample.public_id, problem.message)
        return False
    logger.info("preview run %s of %s begins", number, sample.public_id)
    return True


def show(actor: User, sample: Template, version: TemplateVersion, run: Run) -> bool:
    """Make this run's film the template's preview, in a new version.

    actor: the owner of both. version: the head that the run was made from. True also when the
    template moved on meanwhile. False: try again later, or with another run.
    """
    artifacts = selectors.artifacts_of([run])
    film = _film(artifacts)
    if film is None:
        logger.warning("the preview run of %s made nothing to look at", sample.public_id)
        _useless.add(run.pk)
        return False
    try:
        poster = make_poster(film.blob, owner=actor)
        still = _link(poster.public_id, "poster.webp")
        shown = _link(film.public_id, f"{film.kind}.{film.blob.mime.rpartition('/')[2]}")
        try:
            preview = {
                "stageId": film.step.key,
                "label": film.step.title or sample.name,
                # A template shows pictures and films: of a 3D model, its still.
                "mediaType": "image" if film.kind == "model" else film.kind,
                "url": still if film.kind == "model" else shown,
                "posterUrl": still,
            }
            templates.patch_template(
                actor=actor,
                public_id=sample.public_id,
                changes={"previewArtifacts": [preview]},
                own_hosts=[HOST],
                if_match=version.semver,
            )
        finally:
            forget_uploads(actor.pk, Upload.objects.filter(pk=poster.pk))
    except templates.Stale:
        return True
    except errors.ProviderError as problem:
        logger.warning("no preview of %s: %s", sample.public_id, problem.message)
        _breakdowns[run.pk] += 1
        if not problem.retryable or _breakdowns[run.pk] >= TRIES:
            _useless.add(run.pk)
        return False
    except errors.InvalidInput as problem:
        logger.warning("no preview of %s: %s", sample.public_id, problem.message)
        _useless.add(run.pk)
        return False
    logger.info("%s has its preview", sample.public_id)
    return True


def _film(artifacts: list[Artifact]) -> Artifact | None:
    """What the run was for: its last film, else its last 3D model, else its last picture."""
    for kind in ("video", "model", "image"):
        found = [artifact for artifact in artifacts if artifact.kind == kind]
        if found:
            return found[-1]
    return None


def _link(public_id: str, filename: str) -> str:
    return f"http://{HOST}{signing.signed_path(public_id, filename)}"
