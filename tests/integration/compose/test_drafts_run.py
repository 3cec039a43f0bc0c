"""Drafts of every kind run to the end on the studio, and are as long as asked."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from compose.brief.brief import (
    Brief,
    Choice,
    Edit,
    GivenMedia,
    OpenText,
    Repeat,
    Scene,
    Sound,
)
from compose.drafting import DraftRequest, draft_of
from runs.models import Run
from tests.support.builders.draft_runs import results_of, run_template, warnings_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PHOTO = GivenMedia("photo", "image", "Your photo")
CLIP = GivenMedia("clip", "video", "Your clip")
SPOKEN = Sound(music=True, speech=True, subtitles=True, spoken="The boat leaves at dawn.")
BRIEFS: dict[str, tuple[Brief, str]] = {
    "film with a voice": (
        Brief("", scenes=(Scene("a harbor"), Scene("a boat")), sound=SPOKEN, transition="wipeleft"),
        "video",
    ),
    "trailer": (
        Brief(
            "",
            scenes=(Scene("Harbor", type="title"), Scene("{x}"), Scene("{x}")),
            aspect="21:9",
            open_texts=(OpenText("x", "What it is about", "a harbor", marker="{x}"),),
            sound=Sound(music=True),
        ),
        "video",
    ),
    "choice": (Brief("", scenes=(Scene("looks"),), media=(PHOTO,), choice=Choice(4, 2)), "video"),
    "places": (
        Brief("", kind="slideshow", repeat=Repeat("place", count=3, shows_name=True)),
        "video",
    ),
    "languages": (
        Brief(
            "",
            scenes=(Scene("a harbor"),) * 2,
            repeat=Repeat("language", count=2, same_images=True),
            sound=Sound(speech=True),
        ),
        "video",
    ),
    "clip": (
        Brief(
            "",
            kind="clip_edit",
            aspect="1:1",
            media=(CLIP, GivenMedia("logo", "image", "Your logo")),
            edits=(Edit("overlay", options={"media": "logo"}), Edit("loop"), Edit("upscale")),
        ),
        "video",
    ),
    "photo": (
        Brief("", kind="photo_edit", media=(PHOTO,), edits=(Edit("restore"), Edit("animate"))),
        "video",
    ),
    "song": (
        Brief("", kind="song", topic="my dog", scenes=(Scene("my dog"),), sound=Sound(music=True)),
        "image",
    ),
}
# Each draws for half a minute what the others draw too.
LONG = {"choice", "clip"}
# The draft is at fault where its stages do not fit each other.
FAULTS = ("different sizes", "isn't valid", "was cut", "skipped")


def drafted(brief: Brief, **asked: Any) -> dict[str, Any]:
    return draft_of(brief, DraftRequest("", **asked), ()).template


def faults_of(run: Run) -> list[str]:
    return [said for said in warnings_of(run) if any(words in said for words in FAULTS)]


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.thorough) if one in LONG else one for one in BRIEFS],
)
def test_a_draft_runs_to_the_end(name: str, alice: User, alice_key: str) -> None:
    brief, kind = BRIEFS[name]
    run = run_template(alice, alice_key, drafted(brief))
    assert run.status == "completed", run.error
    assert results_of(run)[-1].kind == kind
    assert faults_of(run) == []


def test_a_film_is_as_long_as_asked_and_heard(alice: User, alice_key: str, settings: Any) -> None:
    settings.STUDIO = {"width": 320, "height": 180, "fps": 24, "max_duration_s": 60.0}
    brief = Brief(
        "",
        scenes=(Scene("a harbor"), Scene("a boat")),
        seconds=5,
        transition="dissolve",
        aspect="1:1",
        sound=Sound(music=True),
    )
    run = run_template(alice, alice_key, drafted(brief))
    film = results_of(run)[-1]
    assert film.blob.duration_ms == pytest.approx(5000, abs=100)
    assert film.blob.width == film.blob.height
    assert film.meta["loudness_lufs"] > -40
