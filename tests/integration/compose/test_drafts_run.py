"""Drafts of every kind run to the end on the studio, and are as long as asked."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from compose.drafting import DraftRequest, draft
from compose.plan import Plan
from compose.template_plan.presets import with_fields
from tests.integration.compose.plans import (
    CHOICE,
    CLIP,
    FILM,
    PHOTO,
    card,
    edit,
    media,
    open_text,
    plan,
    shot,
)
from tests.support.builders.draft_runs import results_of, run_template, warnings_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BRIEFS: dict[str, Plan] = {
    "film with a voice": FILM,
    "trailer": plan(
        scenes=(card("Harbor"), shot("{x}"), shot("{x}")),
        aspect="21:9",
        open_texts=(open_text("x", "What it is about", "a harbor"),),
        sound={"music": True},
    ),
    "choice": CHOICE,
    "places": plan(kind="slideshow", repeat={"item_name": "place", "count": 3, "shows_name": True}),
    "languages": plan(
        scenes=(shot("a harbor"),) * 2,
        repeat={"item_name": "language", "count": 2, "same_images": True},
        sound={"speech": True},
    ),
    "clip": plan(
        kind="clip_edit",
        aspect="1:1",
        media=(CLIP, media("logo", "image")),
        edits=(edit("overlay"), edit("loop"), edit("upscale")),
    ),
    "photo": plan(kind="photo_edit", media=(PHOTO,), edits=(edit("restore"), edit("animate"))),
    "song": plan(kind="song", title="my dog", scenes=(shot("my dog"),), sound={"music": True}),
}
# Each draws for half a minute what the others draw too.
LONG = {"choice", "clip"}
# The draft is at fault where its stages do not fit each other.
FAULTS = ("different sizes", "isn't valid", "was cut", "skipped")


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.thorough) if one in LONG else one for one in BRIEFS],
)
def test_a_draft_runs_to_the_end(name: str, alice: User, alice_key: str) -> None:
    template = draft(DraftRequest("", plan=BRIEFS[name])).template
    run = run_template(alice, alice_key, template)
    assert run.status == "completed", run.error
    assert results_of(run)[-1].kind == ("image" if name == "song" else "video")
    assert [said for said in warnings_of(run) if any(words in said for words in FAULTS)] == []


def test_a_film_is_as_long_as_asked_and_heard(alice: User, alice_key: str, settings: Any) -> None:
    settings.STUDIO = {"width": 320, "height": 180, "fps": 24, "max_duration_s": 60.0}
    music = {"music": True}
    brief = with_fields(
        FILM, seconds=5, transition="dissolve", aspect="1:1", sound=plan(sound=music).sound
    )
    run = run_template(alice, alice_key, draft(DraftRequest("", plan=brief)).template)
    film = results_of(run)[-1]
    assert film.blob.duration_ms == pytest.approx(5000, abs=100)
    assert film.blob.width == film.blob.height
    assert film.meta["loudness_lufs"] > -40
