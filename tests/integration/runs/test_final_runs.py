"""Drafts first, final later: a run of draft quality pays no one, and of a run that is made final
only chosen stages, and those that take their results, are made again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from accounts import ledger
from accounts.models import User
from runs.models import Artifact, Run, Wait
from tests.support.builders.final_runs import (
    ARGUMENTS,
    EACH,
    MODEL,
    PATH,
    drafted,
    give,
    postcards,
    services,
)
from tests.support.builders.running import start, status_of, work_off
from tests.support.builders.stage_bodies import stage
from tests.support.builders.templates import make_template
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in
from tests.support.fakes.openai_server import OpenAIServer
from tools import registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
# Credits for an edit by the studio.
EDIT = 1


@pytest.fixture(name="server")
def service(server: OpenAIServer, provide: Callable[..., None]) -> OpenAIServer:
    provide(services(server))
    return server


@pytest.fixture
def draft(alice: User, mine: Api, server: OpenAIServer) -> Run:
    return drafted(mine, postcards(alice))


def final(api: Api, run: Run, *stages: str, key: str = "", **body: Any) -> Run:
    """Make these stages final; the new run, worked off until it asks or ends."""
    headers = {"idempotency_key": key} if key else {}
    answer = api.post(f"{PATH}/{run.public_id}/final", {"stages": [*stages], **body}, **headers)
    assert answer.status_code == 201, answer.content
    made = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
    work_off()
    made.refresh_from_db()
    return made


def quoted(api: Api, run: Run, *stages: str, **body: Any) -> dict[str, Any]:
    answer = api.post(f"{PATH}/{run.public_id}/final/quote", {"stages": [*stages], **body})
    assert answer.status_code == 200, answer.content
    return dict(answer.json()["data"])


def blobs(run: Run, *stages: str) -> list[str]:
    rows = Artifact.objects.filter(run=run).select_related("step")
    ordered = rows.order_by("step__sequence", "step__item_index", "position")
    return [
        row.blob_id
        for row in ordered
        if row.step.stage_key in stages and row.generation == row.step.generation
    ]


def makers(run: Run) -> dict[str, str]:
    return dict(run.steps.exclude(provider="").values_list("key", "provider"))


def seeds(run: Run) -> dict[str, int]:
    return dict(run.steps.exclude(seed=None).values_list("key", "seed"))


def asking(run: Run) -> list[str]:
    waits = Wait.objects.filter(run=run, answered_at=None).order_by("step__sequence")
    return list(waits.values_list("step__key", flat=True))


def used(run: Run) -> dict[str, int]:
    rows = run.steps.filter(attempts__actual_milli__gt=0)
    return {step.stage_key: step.estimated_milli for step in rows}


def prompts(server: OpenAIServer) -> list[str]:
    """Return the requests that the service was paid for."""
    return [str(asked.body["prompt"]) for asked in server.asked if asked.method == "POST"]


def test_a_run_of_draft_quality_is_the_studios_and_keeps_the_models(
    draft: Run, server: OpenAIServer, mine: Api, alice: User
) -> None:
    assert set(makers(draft).values()) == {"studio"}
    assert prompts(server) == []
    shown = mine.get(f"{PATH}/{draft.public_id}").json()["data"]["workflow"]
    models = {step["id"]: step["arguments"].get("model") for step in shown["steps"]}
    assert (models["cover"], models["looks_0"]) == (MODEL, MODEL)
    assert 0 < draft.actual_milli < 1000 * EACH
    assert mine.post(PATH, {"input": {"steps": []}, "quality": "fine"}).status_code == 400


def test_a_draft_is_reused_as_any_result_of_the_studio(
    alice: User, server: OpenAIServer, settings: Settings
) -> None:
    arguments = {"prompt": "A lamp", "seed": 7, **ARGUMENTS}
    lamp = {"id": "lamp", "toolName": "generate_image", "arguments": arguments}
    keys = set()
    for quality, tables in (("draft", services(server)), ("set", {})):
        settings.PROVIDERS = tables
        registry.rebuild()
        run = start(alice, [lamp], quality=quality)
        work_off()
        keys.add(run.steps.get().reuse_key)
    assert len(keys) == 1
    assert "" not in keys


def test_only_chosen_stages_and_those_behind_them_are_made(
    draft: Run, server: OpenAIServer, mine: Api, alice: User
) -> None:
    said = quoted(mine, draft, "cover")
    assert said == {
        "final": 1,
        "again": 1,
        "kept": 2,
        "capacityUnits": EACH + EDIT,
        "atMost": False,
        "seconds": said["seconds"],
        "stages": [
            {
                "id": "cover",
                "provider": "art",
                "providerTitle": "Art",
                "model": MODEL,
                "modelTitle": MODEL,
                "modelBy": "",
                "capacityUnits": EACH,
                "atMost": False,
                "draft": "",
            }
        ],
    }
    before = ledger.balance(alice)
    made = final(mine, draft, "cover", key="once")
    # The new cover is to be approved; what was answered before is not asked again.
    assert asking(made) == ["cover__gate"]
    give(mine, made, "approve_checkpoint", stageId="cover")
    assert status_of(made) == "completed"
    assert makers(made) == {**makers(draft), "cover": "art"}
    assert blobs(made, "looks", "pick", "large") == blobs(draft, "looks", "pick", "large")
    assert not set(blobs(made, "cover", "styled")) & set(blobs(draft, "cover", "styled"))
    assert seeds(made) == seeds(draft)
    assert prompts(server) == ["A lighthouse"]
    assert used(made).keys() == {"cover", "styled"}
    assert made.actual_milli == 1000 * said["capacityUnits"] == before - ledger.balance(alice)
    # A request that is sent again starts nothing, and another one with its key is refused.
    path = f"{PATH}/{draft.public_id}/final"
    again = mine.post(path, {"stages": ["cover"]}, idempotency_key="once")
    assert (again.status_code, again.json()["data"]["workflow"]["id"]) == (200, made.public_id)
    assert mine.post(path, {"stages": ["looks"]}, idempotency_key="once").status_code == 409
    assert Run.objects.count() == 2


def test_one_run_is_made_final_in_parts(draft: Run, server: OpenAIServer, mine: Api) -> None:
    covered = final(mine, draft, "cover", "styled")
    give(mine, covered, "approve_checkpoint", stageId="cover")
    covered.refresh_from_db()
    assert makers(covered)["styled"] == "art"
    said = quoted(mine, covered, "looks")
    assert (said["final"], said["again"], said["kept"]) == (1, 1, 2)
    whole = final(mine, covered, "looks")
    assert asking(whole) == ["looks__gate"]
    give(mine, whole, "approve_checkpoint", stageId="looks")
    give(mine, whole, "select_media", stepId="pick", indices=[0])
    assert status_of(whole) == "completed"
    assert blobs(whole, "cover", "styled") == blobs(covered, "cover", "styled")
    # A look was made again with another prompt and seed before: those are the ones that count.
    assert sorted(prompts(server)[2:]) == ["a green sea", "a red sea"]
    assert seeds(whole) == seeds(draft)
    assert whole.actual_milli == 1000 * said["capacityUnits"]
    assert quoted(mine, whole, "looks")["kept"] == 2
    third = final(mine, whole, "cover")
    give(mine, third, "approve_checkpoint", stageId="cover")
    # The same call to the same service was paid for before.
    assert len(prompts(server)) == 4
    assert blobs(third, "looks", "cover", "styled") == blobs(whole, "looks", "cover", "styled")


def test_what_can_not_be_made_final_is_refused_with_the_remedy(
    draft: Run, mine: Api, api: Callable[..., Api], bob_key: str
) -> None:
    path = f"{PATH}/{draft.public_id}/final"

    def refused(body: dict[str, Any]) -> tuple[int, str, str]:
        for address in (path, f"{path}/quote"):
            answer = mine.post(address, body)
            problem = answer.json()
        issues = problem.get("details", {}).get("issues", [{"path": ""}])
        return answer.status_code, issues[0]["path"], problem["message"]

    assert refused({"stages": ["nobody"]})[:2] == (400, "stages/0")
    assert "looks" in refused({"stages": ["talk"]})[2]
    assert refused({"stages": []})[0] == 400
    assert refused({"stages": ["cover"], "models": {"looks": MODEL}})[:2] == (400, "models/looks")
    status, path_of, message = refused({"stages": ["cover", "large"]})
    assert (status, path_of) == (422, "stages.large")
    assert "Leave it out." in message
    status, path_of, message = refused({"stages": ["cover"], "models": {"cover": "flux2"}})
    assert (status, path_of) == (422, "models.cover")
    assert MODEL in message
    dear = mine.post(path, {"stages": ["cover"], "max_estimated_capacity_units": 1})
    assert dear.json()["details"]["reason"] == "cost_ceiling_exceeded"
    assert api(bob_key).post(path, {"stages": ["cover"]}).status_code == 404
    waiting = Run.objects.get(public_id=final(mine, draft, "cover").public_id)
    early = mine.post(f"{PATH}/{waiting.public_id}/final", {"stages": ["cover"]})
    assert early.status_code == 409


def test_a_model_that_is_not_here_is_named_and_another_makes_its_stage_final(
    alice: User, server: OpenAIServer, mine: Api
) -> None:
    cover = stage("generate_image", "cover", prompt="A lighthouse", **ARGUMENTS)
    cover["args"] |= {"model": "flux2"}
    template = make_template(alice, inputs=[], stages=[cover])
    client = signed_in(alice)
    form = client.post(f"/t/{template.public_id}/quote").content.decode()
    assert ">Draft quality<" in form
    assert "<bdi>flux2</bdi> isn't offered here." in form
    assert f'href="/t/{template.public_id}/edit">Change</a>' in form
    run = Run.objects.get(
        public_id=mine.post(PATH, {"workflow_id": template.public_id}).json()["data"]["workflow"][
            "id"
        ]
    )
    work_off()
    page = client.get(f"/runs/{run.public_id}").content.decode()
    state = json.loads(re.findall(r'<script id="run-state"[^>]*>(.*?)</script>', page, re.S)[0])
    (offer,) = state["page"]["final"]["stages"]
    assert (offer["missing"], offer["model"], offer["provider"]) == ("flux2", MODEL, "art")
    assert offer["capacityUnits"] == EACH
    made = final(mine, run, "cover", models={"cover": offer["model"]})
    assert (made.status, makers(made)) == ("completed", {"cover": "art"})
