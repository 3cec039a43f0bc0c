"""Results of a run as the preview of the template it was started from."""

from __future__ import annotations

import logging

from accounts.models import User
from core import errors
from media import signing
from media.models import Upload
from media.posters import make_poster
from media.services import forget_uploads
from runs import selectors
from runs.models import Artifact, Run
from templates_app.lifecycle import services as templates
from templates_app.lifecycle import version_writes
from templates_app.models import Template, TemplateVersion

logger = logging.getLogger(__name__)

# The host of our own links here, which are read by this process alone.
HOST = "localhost"


def show(actor: User, template: Template, version: TemplateVersion, run: Run) -> None:
    """Make this run's main result the template's preview, in a new version.

    actor: the owner of both. version: the head that the run was made from. Nothing changes where
    the run made nothing to look at, or where the template has a newer version; the log says why.
    """
    result = main_result(selectors.artifacts_of([run]))
    if result is None:
        logger.warning("the preview run of %s made nothing to look at", template.public_id)
        return
    try:
        poster = make_poster(result.blob, owner=actor)
        still = _link(poster.public_id, "poster.webp")
        link = _link(result.public_id, f"{result.kind}.{result.blob.mime.rpartition('/')[2]}")
        try:
            preview = {
                "stageId": stage_of(result),
                "label": result.step.title or template.name,
                # A template shows images and videos: of a 3D model, its still.
                "mediaType": "image" if result.kind == "model" else result.kind,
                "url": still if result.kind == "model" else link,
                "posterUrl": still,
            }
            templates.patch_template(
                actor=actor,
                public_id=template.public_id,
                changes={"previewArtifacts": [preview]},
                own_hosts=[HOST],
                if_match=version.semver,
            )
        finally:
            forget_uploads(actor.pk, Upload.objects.filter(pk=poster.pk))
    except version_writes.OutdatedVersion:
        return
    except (errors.ProviderError, errors.InvalidInput) as problem:
        logger.warning("no preview of %s: %s", template.public_id, problem.message)


def main_result(artifacts: list[Artifact]) -> Artifact | None:
    """Return what the run was for: its last video, else its last 3D model, else its last image."""
    for kind in ("video", "model", "image"):
        matches = [artifact for artifact in artifacts if artifact.kind == kind]
        if matches:
            return matches[-1]
    return None


def stage_of(artifact: Artifact) -> str:
    """The id of the template's stage that made a result; an item of a batch has none of its own."""
    step = artifact.step.parent or artifact.step
    return step.key


def _link(public_id: str, filename: str) -> str:
    return f"http://{HOST}{signing.signed_path(public_id, filename)}"
