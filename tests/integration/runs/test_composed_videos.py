"""Videos that no model makes in one request: several of its results, joined by the studio."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import av
import pytest

from accounts.models import User
from media.blobs import path_of
from runs.admission.final_quotes import final_offers
from runs.admission.final_run import make_final
from runs.models import Artifact, Run
from studio.media.video.reader import open_film
from tests.support.builders.running import principal_of, start, work_off_with_looks
from tests.support.fakes.makers.base import Fault, ProviderServer
from tests.support.fakes.makers.configured import SERVERS, SUBMITS, serving
from tests.support.fakes.makers.jobs import Script
from tools import registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

COMPOSED = ("orbit_video", "dance_montage", "extend_video", "replace_video_segment")
Serve = Callable[..., ProviderServer]
# Pictures a second of the servers' videos.
RATE = 8
PHOTO = {"id": "photo", "toolName": "generate_image", "arguments": {"prompt": "a vase"}}


@pytest.fixture
def serve(settings: Any) -> Iterator[Serve]:
    """Have the server of a kind make images and composed videos, by these models."""
    with ExitStack() as servers:

        def started(kind: str, *models: str) -> ProviderServer:
            more = {"models": models} if models else {}
            server = servers.enter_context(serving(settings, kind, **more))
            settings.PROVIDER_CHOICE = dict.fromkeys(("generate_image", *COMPOSED), kind)
            registry.rebuild()
            return server

        yield started


def over(run: Run) -> Run:
    work_off_with_looks(run)
    run.refresh_from_db()
    return run


def bodies(server: ProviderServer) -> list[Mapping[str, Any]]:
    """Return the requests for videos that it took, in order."""
    jobs = [server.jobs[entry["job_id"]] for entry in server.submissions()]
    return [job.body for job in jobs if "video" in job.endpoint]


def frame(body: Mapping[str, Any], position: str) -> str | None:
    """Return the URL of the first or the last frame in a request to Runway."""
    images = body.get("promptImage", ())
    if isinstance(images, str):
        images = ({"uri": images, "position": "first"},)
    return next((one["uri"] for one in images if one["position"] == position), None)


def seconds_of(film: Artifact) -> float:
    seconds = film.blob.duration_s
    assert seconds is not None
    return seconds


def pictures_of(film: Artifact) -> list[Any]:
    return list(open_film(path_of(film.blob_id)).frames())


def comment_of(film: Artifact) -> str:
    with av.open(str(path_of(film.blob_id))) as container:
        return container.metadata.get("comment", "")


def film_of(run: Run) -> Artifact:
    assert run.status == "completed", (run.error, run.waiting_reason)
    return run.artifacts.filter(kind="video").latest("pk")


def with_photo(tool: str, **arguments: Any) -> list[dict[str, Any]]:
    needs = {"dependsOn": ["photo"]}
    arguments = {"sourceImageIndex": 0, **arguments}
    return [PHOTO, {"id": "film", "toolName": tool, "arguments": arguments, **needs}]


def with_clip(model: str, tool: str, **arguments: Any) -> list[dict[str, Any]]:
    clip = {"prompt": "a car", "videoModel": model, "duration": 8}
    arguments = {"videoIndex": 0, "videoModel": model, **arguments}
    return [
        {"id": "clip", "toolName": "generate_video", "arguments": clip},
        {"id": "film", "toolName": tool, "arguments": arguments, "dependsOn": ["clip"]},
    ]


@pytest.mark.parametrize("kind", SERVERS)
def test_an_orbit_is_a_chain_of_parts_that_are_paid_once(
    alice: User, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    if kind != "runway":
        # The answer to the second part is lost; Runway's would be asked about.
        lost, replies = Fault(accepts=True, drop=True), server.replies[SUBMITS[kind]]
        server.on_accepted = lambda job: len(server.submissions()) == 2 and replies.append(lost)
    steps = with_photo("orbit_video", angles=["back view"], dialogue="Look.", dialogueSegment=1)
    run = over(start(alice, steps))
    film = film_of(run)
    assert len(server.submissions()) == 1 + 2
    assert run.steps.get(key="film").result["warnings"] == []
    assert film.meta["provider"] == kind
    assert "draft" not in film.meta
    assert comment_of(film) == ""
    assert len(film.meta["jobs"]) == len(film.meta["cuts_s"]) == 2
    assert 0 < run.actual_milli <= run.estimated_milli
    assert seconds_of(film) >= 8


def test_a_draft_of_a_tool_without_models_is_made_final(
    alice: User, serve: Serve, settings: Any
) -> None:
    """No model and no setting chooses a provider, so one that makes no drafts is asked."""
    server = serve("runway", "gpt-image-2", "seedance2-mini")
    settings.PROVIDER_CHOICE = {}
    registry.rebuild()
    steps = with_photo("orbit_video", angles=["back view"])
    draft = over(start(alice, steps, quality="draft"))
    assert film_of(draft).meta["draft"] is True
    assert not server.submissions()
    (photo, film) = final_offers(draft, alice.pk)
    assert (photo.quote.stage.key, film.quote.stage.key) == ("photo", "film")
    assert not film.has_others
    # Two parts of 5 s at 16 cents.
    assert film.quote.price.milli == 2 * 5 * 16_000
    actor = principal_of(alice)
    final = over(make_final(run=draft, actor=actor, body={"stages": ["film"]}).run)
    assert film_of(final).meta["provider"] == "runway"
    assert len(bodies(server)) == len(server.submissions()) == 2


def test_each_part_of_an_orbit_begins_with_the_last_frame_of_the_one_before(
    alice: User, serve: Serve
) -> None:
    server = serve("runway", "gpt-image-2", "seedance2")
    arguments = {"prompt": "A vase", "elevation": "elevated shot", "dialogues": ["", "", "Hello"]}
    film = film_of(over(start(alice, with_photo("orbit_video", **arguments))))
    parts = bodies(server)
    assert len(pictures_of(film)) == RATE * 4 * 5 - 3
    firsts = [frame(part, "first") for part in parts]
    # All parts are equal there, so their last frames are.
    assert firsts[0] not in firsts[1:]
    assert None not in firsts
    assert [frame(part, "last") for part in parts] == [None, None, None, firsts[0]]
    ways = [("front", "right side"), ("right side", "back"), ("back", "left side")]
    for part, (begin, end) in zip(parts, [*ways, ("left side", "front")], strict=True):
        assert part["promptText"].startswith(
            f"A vase. The camera circles the subject at even"
            f" speed, from the {begin} view to the {end} view: elevated shot, medium shot."
        )
        assert part["audio"] is True
    spoken = [part["promptText"].endswith('The subject says: "Hello"') for part in parts]
    assert spoken == [False, False, True, False]


def test_a_part_that_fails_ends_the_chain_and_leaves_the_film_of_the_others(
    alice: User, serve: Serve
) -> None:
    server = serve("fal")
    server.scripts.extend([Script(looks=1)] * 3 + [Script(looks=1, error="downstream_error")])
    run = over(start(alice, with_photo("orbit_video")))
    film, step = film_of(run), run.steps.get(key="film")
    assert len(film.meta["jobs"]) == 2
    assert len(server.submissions()) == 1 + 3
    assert sum("Some results are missing" in one for one in step.result["warnings"]) == 1
    assert run.actual_milli < run.estimated_milli


def test_a_dance_is_shots_with_music_over_them(alice: User, serve: Serve) -> None:
    server = serve("runway", "gpt-image-2", "seedance2-mini")
    run = over(start(alice, with_photo("dance_montage", dance="chanel", duration=12)))
    film, step = film_of(run), run.steps.get(key="film")
    parts = bodies(server)
    assert [part["duration"] for part in parts] == [4, 4, 4]
    assert all(part["audio"] is False for part in parts)
    assert all("a catwalk strut" in part["promptText"] for part in parts)
    # Shots are all of the same picture, filmed in different ways.
    assert len({frame(part, "first") for part in parts}) == 1
    assert len({part["promptText"] for part in parts}) == 3
    assert len(pictures_of(film)) == RATE * 12
    assert film.meta["loudness_lufs"] is not None
    assert comment_of(film) == ""
    # The studio of the tests makes a second of music.
    repeated, music = step.result["warnings"]
    assert repeated == "The soundtrack lasts 1 s and is repeated until the film ends, at 12 s."
    assert music == "The built-in studio made the music, which is of draft quality."


def test_a_dancer_without_an_image_is_made_first(alice: User, serve: Serve) -> None:
    server = serve("runway", "seedance2-mini")
    arguments = {"dance": "rasputin", "duration": 8, "imagePrompt": "A robot in a red coat"}
    film_of(
        over(start(alice, [{"id": "film", "toolName": "dance_montage", "arguments": arguments}]))
    )
    first, second = bodies(server)
    assert first["promptText"].startswith("A robot in a red coat. They dance: heel digs")
    assert frame(first, "first") is None
    assert frame(second, "first") is not None
    assert second["promptText"].startswith("The person in the image dances: heel digs")


def test_a_video_goes_on_from_its_last_frame_where_the_model_has_no_other_way(
    alice: User, serve: Serve
) -> None:
    server = serve("runway", "seedance2-mini", "veo-3.1")
    run = over(start(alice, with_clip("veo-3.1", "extend_video", duration=10)))
    film = film_of(run)
    clip, first, second = bodies(server)
    assert "promptImage" not in clip
    assert [part["duration"] for part in (first, second)] == [6, 4]
    assert frame(first, "first") != frame(second, "first")
    # The clip itself, and two parts. Each begins with the last frame before it, which is seen once.
    assert len(film.meta["cuts_s"]) == 3
    assert len(pictures_of(film)) == RATE * (8 + 6 + 4) - 2
    assert seconds_of(film) == pytest.approx(18, abs=0.5)


def test_a_model_with_a_way_of_its_own_extends_by_that(alice: User, serve: Serve) -> None:
    server = serve("runway", "seedance2-5", "seedance2-5-extend")
    run = over(start(alice, with_clip("seedance2-5", "extend_video", duration=5, prompt="on")))
    film_of(run)
    assert bodies(server)[1]["mode"] == "extend"
    assert run.steps.get(key="film").result["warnings"] == []


def test_a_stretch_is_made_between_its_frames_and_put_in(alice: User, serve: Serve) -> None:
    server = serve("runway", "veo-3.1")
    arguments = {"startSeconds": 2, "endSeconds": -2, "prompt": "it turns green"}
    run = over(start(alice, with_clip("veo-3.1", "replace_video_segment", **arguments)))
    film = film_of(run)
    (_, part) = bodies(server)
    assert (part["duration"], part["promptText"]) == (4, "it turns green")
    assert frame(part, "first") != frame(part, "last")
    assert film.meta["replaced_s"] == [2.0, 6.0]
    assert film.meta["replaced_by"] == "clip"
    assert seconds_of(film) == pytest.approx(8, abs=0.2)


def test_a_stretch_is_cut_for_a_model_that_changes_videos(alice: User, serve: Serve) -> None:
    server = serve("runway", "seedance2-mini", "aleph2")
    steps = with_clip("seedance2-mini", "replace_video_segment", startSeconds=1, endSeconds=4)
    steps[1]["arguments"]["videoModel"] = "aleph2"
    run = over(start(alice, steps))
    film = film_of(run)
    (_, part) = bodies(server)
    assert part["videoUri"]
    assert film.meta["replaced_s"] == [1.0, 4.0]
    # Three seconds at 28 cents.
    assert run.steps.get(key="film").estimated_milli == 84_000


def test_a_stretch_that_cannot_be_made_is_not_paid_for(alice: User, serve: Serve) -> None:
    server = serve("runway", "veo-3.1")
    times = {"startSeconds": 2, "endSeconds": 3}
    run = over(start(alice, with_clip("veo-3.1", "replace_video_segment", **times)))
    assert run.status == "failed"
    assert (run.error or {})["message"] == (
        "Veo 3.1 wasn't asked: it makes at least 4 s, and 1 s would be replaced. Choose a longer"
        " part, or another model."
    )
    assert len(bodies(server)) == 1


def test_a_clip_that_is_there_is_put_in_for_nothing(alice: User, serve: Serve) -> None:
    server = serve("runway", "veo-3.1")
    steps = with_clip("veo-3.1", "replace_video_segment", startSeconds=1, endSeconds=3)
    steps[1]["arguments"]["replacementVideoIndex"] = 0
    run = over(start(alice, steps))
    assert film_of(run).meta["replaced_by"] == "clip"
    assert len(bodies(server)) == 1
    assert run.steps.get(key="film").estimated_milli == 0
