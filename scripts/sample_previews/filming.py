"""Make the samples' example files and previews, with the built-in studio: `make previews`.

Every sample runs once, with fixed seeds, on the defaults and examples of its form. Its preview is
one frame of the result, and for some samples a few seconds of it, with sound.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from accounts.auth import Principal
from accounts.services import ensure_system_user
from builder.ops.samples import previews, sample_files
from builder.ops.samples.sample_files import SAMPLES
from media import blobs
from media.sandbox import Unwatched, run_in_sandbox
from runs import selectors, states
from runs.admission.start import start_run
from runs.engine.worker import Worker
from runs.interaction import answers, wait_kinds
from runs.models import Artifact, Run, Wait
from sample_previews.manifest import note_file, note_preview, write_manifest
from templates_app import selectors as template_selectors
from templates_app.lifecycle import samples
from templates_app.models import Template

# The same image serves cards and the template's page, in the size that the studio drew.
STILL_QUALITY = 82
FILM_WIDTH = 768
EXAMPLE_QUALITY = 88
EXAMPLE_WIDTH = 1920
EXCERPT_TIMEOUT_S = 300
SEEDS = 2**31
RETRY_POLL_S = 0.5
# The answers to questions in words, by sample.
ANSWERS = {"wf_one-colour-left_6e15ec6b": "the red car"}


@dataclass(frozen=True, slots=True)
class Example:
    """The tool calls that make an example file, each on the result of the one before."""

    file: str
    calls: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """The part of a sample's main result that its preview shows.

    at: of the still, in seconds, or below 1 as a share of the length. band: the top and bottom of
    the still, as shares of the height; cards are 16:10 and show its middle. film: from and to, in
    seconds; None for a still only. stage: whose result is shown; "" for the main one.
    """

    at: float = 0.5
    band: tuple[float, float] = (0, 1)
    film: tuple[float, float] | None = None
    stage: str = ""


EXAMPLES = (
    Example(
        "portrait.webp",
        (
            (
                "generate_image",
                {
                    "prompt": "A close-up portrait of a golden puppy in an autumn park at sunset,"
                    " falling leaves, warm light",
                    "width": 768,
                    "height": 960,
                },
            ),
        ),
    ),
    Example(
        "old-photo.webp",
        (
            (
                "generate_image",
                {
                    "prompt": "A steam train in the mountains, morning light",
                    "width": 1024,
                    "height": 576,
                },
            ),
            ("edit_image", {"prompt": "Faded, low contrast, a warm cast, vignette"}),
        ),
    ),
    Example(
        "product.webp",
        (
            (
                "generate_image",
                {
                    "prompt": "A red sneaker on white marble in a studio",
                    "width": 1024,
                    "height": 576,
                },
            ),
        ),
    ),
    Example(
        "logo.webp",
        (
            (
                "generate_image",
                {
                    "prompt": "A fox, centered, on a plain white background",
                    "width": 640,
                    "height": 640,
                },
            ),
        ),
    ),
    Example(
        "forest.mp4",
        (
            (
                "generate_video",
                {
                    "prompt": "A forest in autumn, golden light, falling leaves, slow push-in",
                    "duration": 6,
                },
            ),
        ),
    ),
    Example(
        "city.mp4",
        (
            (
                "generate_video",
                {
                    "prompt": "A red vintage car in a neon city at night, rain,"
                    " slow tracking shot to the right",
                    "duration": 4,
                },
            ),
        ),
    ),
    Example(
        "desert.mp4",
        (
            (
                "generate_video",
                {
                    "prompt": "A red vintage car on a desert road at sunset, dust,"
                    " slow tracking shot",
                    "duration": 5,
                },
            ),
        ),
    ),
    Example(
        "song.m4a",
        (
            (
                "generate_music",
                {"prompt": "Dreamy ambient pads and soft bells, 80 bpm", "duration": 12},
            ),
        ),
    ),
)

# Samples without an entry show a still from the middle of their result. At most 10 have a film.
MOMENTS = {
    "a-story-told": Moment(film=(0, 6)),
    "ad-in-other-languages": Moment(stage="images"),
    "casting-call": Moment(at=1.2),
    "dance-card": Moment(at=1.9, film=(0, 6)),
    "day-into-night": Moment(at=4.5),
    "longer-and-otherwise": Moment(at=2),
    "multi-shot-video": Moment(at=7.5, film=(3, 9)),
    "painted-song": Moment(film=(0, 6)),
    "portrait-in-motion": Moment(film=(0, 4)),
    "product-ad": Moment(at=5.5, film=(7, 13)),
    "product-swap": Moment(stage="edit"),
    "road-to-the-red-planet": Moment(film=(1, 7)),
    "sketch-comes-alive": Moment(at=4.5, film=(0, 5)),
    "the-last-lamp": Moment(at=7, film=(2, 8)),
    "three-painters": Moment(at=1.5),
    "ugc-clip": Moment(band=(0.45, 0.83)),
    "vertical-product-drop": Moment(band=(0.5, 0.86), film=(0, 5)),
}


def make_examples(*, again: bool) -> Iterator[str]:
    """Make the missing example files, or with `again` all of them. Yields each name it made."""
    for example in EXAMPLES:
        target = SAMPLES / "examples" / example.file
        if again or not target.exists():
            artifact = _run_of_calls(example)
            target.parent.mkdir(exist_ok=True)
            _write_example(blobs.path_of(artifact.blob.sha256), target)
            yield example.file
        note_file(target)


def make_preview(name: str) -> Run:
    """Run a sample and write its preview. Returns the run."""
    sample = sample_files.read(name)
    sample_files.store(sample.files)
    template = samples.ensure_sample(sample.spec, references=sample.files)
    run = _completed_run(start_body(template), name=name)
    moment = MOMENTS.get(name, Moment())
    artifacts = selectors.artifacts_of([run])
    choices = [one for one in artifacts if moment.stage in ("", previews.stage_of(one))]
    artifact = previews.main_result(choices)
    if artifact is None:
        raise RuntimeError(f"{name} made nothing to look at")
    source = blobs.path_of(artifact.blob.sha256)
    seconds = (artifact.blob.duration_ms or 0) / 1000
    still = SAMPLES / "previews" / f"{name}.webp"
    film = SAMPLES / "previews" / f"{name}.mp4"
    second = moment.at if moment.at >= 1 else moment.at * seconds
    top, bottom = moment.band
    _write("still", source, still, second=second, quality=STILL_QUALITY, top=top, bottom=bottom)
    film.unlink(missing_ok=True)
    if moment.film:
        start, end = moment.film
        _write("film", source, film, start=start, end=end, width=FILM_WIDTH)
    note_preview(name, previews.stage_of(artifact), still, film if moment.film else None)
    return run


def is_current(name: str) -> bool:
    """Return whether the committed preview of a sample shows what the sample makes now."""
    preview = sample_files.manifest()["previews"].get(name)
    if preview is None or bool(preview.get("film")) != bool(MOMENTS.get(name, Moment()).film):
        return False
    spec = json.loads((SAMPLES / f"{name}.json").read_text())
    paths = [SAMPLES / preview[part] for part in ("still", "film") if preview.get(part)]
    return preview["recipe"] == sample_files.recipe(spec) and all(path.exists() for path in paths)


def forget_others() -> None:
    """Remove the files and manifest entries that no sample and no example needs."""
    manifest = sample_files.manifest()
    names = sample_files.names()
    entries = {name: one for name, one in manifest["previews"].items() if name in names}
    paths = {path for one in entries.values() for path in (one["still"], one.get("film"))}
    paths |= {f"examples/{example.file}" for example in EXAMPLES}
    for path in sample_files.committed_files():
        if path.relative_to(SAMPLES).as_posix() not in paths:
            path.unlink()
    files = {path: facts for path, facts in manifest["files"].items() if path in paths}
    write_manifest({"files": files, "previews": entries})


def results_of(run: Run) -> list[tuple[str, Path, float]]:
    """(stage, file, seconds) of every image and video of a run, to choose moments from."""
    return [
        (one.step.key, blobs.path_of(one.blob.sha256), (one.blob.duration_ms or 0) / 1000)
        for one in selectors.artifacts_of([run])
        if one.kind in ("image", "video")
    ]


def start_body(sample: Template) -> dict[str, Any]:
    """The body of a start with the sample's defaults, and its examples where it has none."""
    version = sample.published
    assert version is not None
    spec = template_selectors.runnable_spec(version, own_hosts=[previews.HOST])
    return {
        "workflow_id": sample.public_id,
        "inputs": sample_files.example_values(spec.get("inputs", ())),
    }


def answer_questions(run: Run) -> bool:
    """Answer what a sample's run asks: choose the first media, approve. True if it asked.

    Raises RuntimeError for a question in words that has no entry in `ANSWERS`.
    """
    if run.status != states.WAITING_FOR_USER:
        return False
    for wait in selectors.open_waits(run):
        answers.answer(run=run, actor=None, resume_input=_answer_to(run, wait), wait=wait)
    return True


def _answer_to(run: Run, wait: Wait) -> dict[str, Any]:
    match wait_kinds.kind_of(wait):
        case wait_kinds.SELECTION:
            fewest = max(int((wait.prompt.get("details") or {}).get("min", 1)), 1)
            return {"type": "select_media", "indices": list(range(fewest))}
        case wait_kinds.GATE:
            return {"type": "approve_checkpoint"}
        case _:
            version = run.template_version
            sample = version.template.public_id if version else ""
            if sample not in ANSWERS:
                raise RuntimeError(f"{run.public_id} asks a question that ANSWERS does not know")
            return {"type": "answer", "text": ANSWERS[sample]}


def _run_of_calls(example: Example) -> Artifact:
    steps = [
        {
            "id": f"s{place}",
            "toolName": tool,
            "arguments": arguments,
            "dependsOn": [f"s{place - 1}"] if place else [],
        }
        for place, (tool, arguments) in enumerate(example.calls)
    ]
    run = _completed_run({"input": {"steps": steps}}, name=example.file)
    return selectors.artifacts_of([run])[-1]


def _completed_run(body: Mapping[str, Any], *, name: str) -> Run:
    """A run with fixed seeds, executed here. Raises RuntimeError when it does not complete.

    name: of a sample or an example file; with a step's key it decides the step's seed.
    """
    run = start_run(
        actor=Principal(user=ensure_system_user(), api_key=None, via="session"),
        body=body,
        app_source="reelgraph-samples",
        # Background work is done by this machine's providers only.
        priority=-1,
    ).run
    for step in run.steps.exclude(seed=None):
        digest = hashlib.sha256(f"{name}/{step.key}".encode()).digest()
        step.seed = int.from_bytes(digest[:4], "big") % SEEDS
        step.save(update_fields=["seed"])
    worker = Worker(f"film-{run.pk}")
    while run.finished_at is None:
        worker.run_until_idle()
        run.refresh_from_db()
        if not answer_questions(run) and run.finished_at is None:
            # A step that failed is tried again after a pause.
            time.sleep(RETRY_POLL_S)
    if run.status != states.COMPLETED:
        raise RuntimeError(f"{name}: {run.status}: {run.error}")
    return run


# -- files ---------------------------------------------------------------------------------------


def _write_example(source: Path, target: Path) -> None:
    match target.suffix:
        case ".webp":
            _write("still", source, target, second=0, quality=EXAMPLE_QUALITY, top=0, bottom=1)
        case ".mp4":
            _write("film", source, target, start=0, end=60, width=EXAMPLE_WIDTH)
        case _:
            _write("sound", source, target)


def _write(what: str, source: Path, target: Path, **how: float) -> None:
    """Write what a function of `media.sandbox.excerpt` makes of a result."""
    with TemporaryDirectory(prefix="reelgraph-excerpt-") as folder:
        out = Path(folder).resolve()
        outcome = run_in_sandbox(
            f"media.sandbox.excerpt.{what}",
            {"path": str(source), **how},
            reads=[source],
            out=out,
            timeout_s=EXCERPT_TIMEOUT_S,
            context=Unwatched(),
        )
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(out / outcome["file"], target)
