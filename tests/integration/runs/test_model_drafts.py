"""Drafts by a stage's own model: cheap, of draft quality, and made final with the same content as
long as the service knows their jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from core.shared_cache import shared_cache
from runs.models import Artifact, Run
from tests.support.builders.running import work_off_with_looks
from tests.support.builders.templates import make_template
from tests.support.clients.api import Api
from tests.support.fakes.makers.configured import options_at
from tests.support.fakes.makers.jobs import Script
from tests.support.fakes.makers.runway_server import RunwayServer
from tools import registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PATH = "/v1/creative-agent/workflows"
DAY_S = 24 * 3600
SECONDS = 4
DRAFT, FINAL, USUAL = 20 * SECONDS, 68 * SECONDS, 30 * SECONDS
STAGES = [
    {
        "id": "still",
        "type": "fixed",
        "tool": "generate_image",
        "produces": ["still"],
        "args": {"prompt": "a harbor", "width": 256, "height": 256},
    },
    {
        "id": "move",
        "type": "fixed",
        "tool": "animate_photo",
        "produces": ["move"],
        "args": {
            "prompt": "slow push-in",
            "videoModel": "seedance2-5",
            "duration": SECONDS,
            "reference_image_url": "$artifacts.still",
            "outputFormat": "mov",
        },
    },
]


@pytest.fixture
def runway(settings: Settings) -> Iterator[RunwayServer]:
    shared_cache().clear()
    with RunwayServer() as server:
        server.script = Script(looks=1)
        server.prices["seedance2_5"] = 30.0
        options = options_at("runway", server, models=["seedance2-5", "wan-3"])
        settings.PROVIDERS = {"runway": options}
        registry.rebuild()
        yield server
    del settings.PROVIDERS
    registry.rebuild()


@pytest.fixture
def mine(api: Callable[..., Api], alice_key: str) -> Api:
    return api(alice_key)


def over(answer: Any) -> Run:
    assert answer.status_code == 201, answer.content
    run = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
    work_off_with_looks(run)
    run.refresh_from_db()
    assert run.status == "completed", (run.waiting_reason, run.error)
    return run


@pytest.fixture
def drawn(alice: User, mine: Api, runway: RunwayServer) -> Run:
    template = make_template(alice, stages=STAGES, inputs=[])
    body = {"workflow_id": template.public_id, "quality": "draft", "drafts_by": "model"}
    return over(mine.post(PATH, body))


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


def test_without_the_switch_the_studio_draws_it(
    alice: User, mine: Api, runway: RunwayServer
) -> None:
    template = make_template(alice, stages=STAGES, inputs=[])
    run = over(mine.post(PATH, {"workflow_id": template.public_id, "quality": "draft"}))
    assert bodies(runway) == []
    assert quoted(mine, run, "move")["stages"][0]["draft"] == ""
    refused = mine.post(PATH, {"workflow_id": template.public_id, "drafts_by": "nobody"})
    assert refused.status_code == 400
    assert "drafts_by" in refused.content.decode()
