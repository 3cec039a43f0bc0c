"""Drafts by a stage's own model: cheap, of draft quality, and made final with the same content as
long as the service knows their jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts import ledger
from accounts.models import User
from core.shared_cache import shared_cache
from runs.models import Artifact, Run
from tests.support.builders.final_runs import give
from tests.support.builders.running import status_after_looks, status_of, work_off_with_looks
from tests.support.builders.stage_bodies import batch_stage, stage
from tests.support.builders.templates import make_template
from tests.support.clients.api import Api
from tests.support.fakes.makers.configured import options_at
from tests.support.fakes.makers.jobs import Script
from tests.support.fakes.makers.runway_server import RunwayServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PATH = "/v1/creative-agent/workflows"
DAY_S = 24 * 3600
SECONDS = 4
DRAFT, FINAL, USUAL = 20 * SECONDS, 68 * SECONDS, 30 * SECONDS
STAGES = [
    stage("generate_image", "still", prompt="a harbor", width=256, height=256),
    stage(
        "animate_photo",
        "move",
        prompt="slow push-in",
        videoModel="seedance2-5",
        duration=SECONDS,
        reference_image_url="$artifacts.still",
        outputFormat="mov",
    ),
]


SHOTS = batch_stage(
    "shots",
    "$inputs.words",
    "generate_video",
    {"prompt": "$item", "videoModel": "seedance2-5", "duration": SECONDS},
)
WORDS: dict[str, Any] = {
    "name": "words",
    "type": "text",
    "multiple": {"min": 1, "max": 9},
    "default": ["a red sea", "a blue sea", "a green sea"],
}


@pytest.fixture
def runway(provide: Callable[..., None]) -> Iterator[RunwayServer]:
    shared_cache().clear()
    with RunwayServer() as server:
        server.script = Script(looks=1)
        server.prices["seedance2_5"] = 30.0
        server.accounts[server.KEY].balance = 10_000.0
        provide({"runway": options_at("runway", server, models=["seedance2-5", "wan-3"])})
        yield server


def over(answer: Any) -> Run:
    assert answer.status_code == 201, answer.content
    run = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
    assert status_after_looks(run) == "completed", (run.waiting_reason, run.error)
    return run


@pytest.fixture
def drawn(alice: User, mine: Api, runway: RunwayServer) -> Run:
    template = make_template(alice, stages=STAGES, inputs=[])
    body = {"workflow_id": template.public_id, "quality": "draft", "drafts_by": "model"}
    return over(mine.post(PATH, body))


@pytest.fixture
def shots(alice: User, mine: Api, runway: RunwayServer) -> Run:
    """A batch, each item of which its model drew as a draft."""
    template = make_template(alice, stages=[SHOTS], inputs=[WORDS])
    body = {"workflow_id": template.public_id, "quality": "draft", "drafts_by": "model"}
    return over(mine.post(PATH, body))


def notes_of(run: Run) -> dict[str, Any]:
    """What is noted with each item's video, by the item's key."""
    rows = Artifact.objects.filter(run=run, kind="video").select_related("step")
    return {row.step.key: row.meta for row in rows if row.generation == row.step.generation}


def bodies(server: RunwayServer) -> list[dict[str, Any]]:
    return [call.body for call in server.asked if "_to_video" in call.path]


def quoted(api: Api, run: Run, *stages: str, **more: Any) -> dict[str, Any]:
    answer = api.post(f"{PATH}/{run.public_id}/final/quote", {"stages": [*stages], **more})
    assert answer.status_code == 200, answer.content
    return dict(answer.json()["data"])


def final(api: Api, run: Run, *stages: str, **more: Any) -> Run:
    return over(api.post(f"{PATH}/{run.public_id}/final", {"stages": [*stages], **more}))


def video_of(run: Run) -> Artifact:
    return Artifact.objects.get(run=run, step__key="move")


def test_the_model_draws_a_cheap_draft(drawn: Run, runway: RunwayServer, mine: Api) -> None:
    [body] = bodies(runway)
    assert (body["draft"], body["outputFormat"]) == (True, "mp4")
    makers = dict(drawn.steps.values_list("key", "provider"))
    assert makers == {"still": "studio", "move": "runway"}
    step = drawn.steps.get(key="move")
    assert step.estimated_milli == 1000 * DRAFT
    video = video_of(drawn)
    assert video.meta["draft"] is True
    # What its final is made by is no one's but this server's.
    assert "draftJob" in video.meta
    shown = mine.get(f"{PATH}/{drawn.public_id}").content.decode()
    assert "draftJob" not in shown
    assert json.loads(shown)["data"]["workflow"]["artifacts"][-1]["metadata"]["draft"] is True
    # The image that it was drawn of is gone, so it's given another one.
    Artifact.objects.filter(run=drawn, step__key="still").delete()
    said = quoted(mine, drawn, "move")
    assert (said["again"], said["stages"][0]["draft"], said["capacityUnits"]) == (1, "", USUAL + 1)


def test_its_final_has_the_same_content_and_no_other_argument(
    drawn: Run, runway: RunwayServer, mine: Api
) -> None:
    said = quoted(mine, drawn, "move")
    assert (said["capacityUnits"], said["kept"]) == (FINAL, 1)
    assert said["stages"][0]["draft"] == "alive"
    made = final(mine, drawn, "move")
    job = video_of(drawn).meta["draftJob"]["id"]
    assert bodies(runway)[1:] == [{"model": "seedance2_5", "draftTaskId": job}]
    assert made.actual_milli == 1000 * FINAL
    assert "draft" not in video_of(made).meta
    # What was paid for is not paid for again.
    assert final(mine, drawn, "move").actual_milli == 0
    assert len(bodies(runway)) == 2


def test_a_draft_that_has_expired_is_made_as_any_other_stage(
    drawn: Run, runway: RunwayServer, mine: Api
) -> None:
    def draft(model: str) -> str:
        return str(quoted(mine, drawn, "move", models={"move": model})["stages"][0]["draft"])

    assert draft("seedance2-5") == "alive"
    # Another model, or another account's key, has no use for it.
    assert draft("wan-3") == ""
    video = video_of(drawn)
    note = video.meta["draftJob"]
    video.meta = {**video.meta, "draftJob": {**note, "account": "another"}}
    video.save()
    assert draft("seedance2-5") == "expired"
    video.meta = {**video.meta, "draftJob": {**note, "until": note["until"] - 8 * DAY_S}}
    video.save()
    said = quoted(mine, drawn, "move")
    assert (said["stages"][0]["draft"], said["capacityUnits"]) == ("expired", USUAL)
    made = final(mine, drawn, "move")
    body = bodies(runway)[-1]
    assert "draftTaskId" not in body
    assert "draft" not in body
    assert made.actual_milli == 1000 * USUAL


# -- batches ---------------------------------------------------------------------------------------


def test_each_item_of_a_batch_is_drawn_and_made_final_and_paid_once(
    shots: Run, alice: User, runway: RunwayServer, mine: Api
) -> None:
    assert [body["promptText"] for body in bodies(runway)] == WORDS["default"]
    assert all(body["draft"] is True for body in bodies(runway))
    assert shots.actual_milli == shots.estimated_milli == 3 * 1000 * DRAFT
    drafts = notes_of(shots)
    assert all(meta["draft"] is True for meta in drafts.values())
    said = quoted(mine, shots, "shots")
    assert (said["final"], said["again"], said["kept"]) == (1, 0, 0)
    assert (said["stages"][0]["draft"], said["capacityUnits"]) == ("alive", 3 * FINAL)
    before = ledger.balance(alice)
    made = final(mine, shots, "shots", max_estimated_capacity_units=3 * FINAL)
    jobs = [meta["draftJob"]["id"] for _, meta in sorted(drafts.items())]
    assert bodies(runway)[3:] == [{"model": "seedance2_5", "draftTaskId": job} for job in jobs]
    items = notes_of(made)
    assert items.keys() == drafts.keys()
    assert not any({"draft", "draftJob"} & meta.keys() for meta in items.values())
    assert made.actual_milli == made.estimated_milli == 3 * 1000 * FINAL
    assert before - ledger.balance(alice) == made.actual_milli
    booked = made.steps.exclude(parent=None).values_list("attempts__actual_milli", flat=True)
    assert list(booked) == [1000 * FINAL] * 3
    # What was paid for is not paid for again.
    assert final(mine, shots, "shots").actual_milli == 0
    assert len(bodies(runway)) == 6


def test_a_batch_of_which_one_draft_has_expired_is_made_as_any_other(
    shots: Run, runway: RunwayServer, mine: Api
) -> None:
    video = Artifact.objects.get(run=shots, step__key="shots_1")
    note = video.meta["draftJob"]
    video.meta = {**video.meta, "draftJob": {**note, "until": note["until"] - 8 * DAY_S}}
    video.save()
    said = quoted(mine, shots, "shots")
    assert (said["stages"][0]["draft"], said["capacityUnits"]) == ("expired", 3 * USUAL)
    made = final(mine, shots, "shots")
    assert not any("draftTaskId" in body for body in bodies(runway)[3:])
    assert made.actual_milli == 3 * 1000 * USUAL


def test_an_item_that_a_person_had_drawn_again_is_made_final_as_it_is_now(
    alice: User, runway: RunwayServer, mine: Api
) -> None:
    still, move = STAGES
    stills = {**still, "args": {**still["args"], "numberOfVariations": 2}}
    args = {**move["args"], "reference_image_url": "$item"}
    at = "$artifacts.still"
    moves = batch_stage("moves", at, move["tool"], args, checkpointRequired=True)
    template = make_template(alice, stages=[stills, moves], inputs=[])
    body = {"workflow_id": template.public_id, "quality": "draft", "drafts_by": "model"}
    started = mine.post(PATH, body)
    run = Run.objects.get(public_id=started.json()["data"]["workflow"]["id"])
    work_off_with_looks(run)
    give(mine, run, "redo_item", stageId="moves", itemId="moves_1", overrideArgs={"prompt": "pull"})
    work_off_with_looks(run)
    give(mine, run, "approve_checkpoint", stageId="moves")
    assert status_of(run) == "completed", (run.waiting_reason, run.error)
    prompts = [body["promptText"] for body in bodies(runway)]
    assert prompts == ["slow push-in", "slow push-in", "pull"]
    drafts = notes_of(run)
    said = quoted(mine, run, "moves")
    assert (said["stages"][0]["draft"], said["capacityUnits"]) == ("alive", 2 * FINAL)
    answer = mine.post(f"{PATH}/{run.public_id}/final", {"stages": ["moves"]})
    made = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
    work_off_with_looks(made)
    give(mine, made, "approve_checkpoint", stageId="moves")
    assert status_of(made) == "completed", (made.waiting_reason, made.error)
    jobs = [drafts[key]["draftJob"]["id"] for key in ("moves_0", "moves_1")]
    assert bodies(runway)[3:] == [{"model": "seedance2_5", "draftTaskId": job} for job in jobs]
    assert made.actual_milli == 1000 * said["capacityUnits"]
