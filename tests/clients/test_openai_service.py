"""An OpenAI-compatible service does steps of runs, over REST, with real workers that are killed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.fakes.openai_server import KEY, OpenAIServer, Reply
from tests.support.faults.kept_waiting import family_of
from tests.support.faults.workers import holder, kill, rows
from tests.support.server import SHARED_SERVICES, Site, finished, snapshot, start
from tests.support.waiting import promised, wait_for

SITE_OPTIONS = SHARED_SERVICES

PATH = "/v1/creative-agent/workflows"
PICTURES = "/images/generations"


@pytest.fixture
def server(openai: OpenAIServer) -> OpenAIServer:
    return openai


@pytest.fixture(scope="module")
def alice(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("alice")) as client:
        yield client


@pytest.fixture(autouse=True)
def forgetful(server: OpenAIServer) -> None:
    """Each test sees only what it asked itself."""
    with server.lock:
        server.asked.clear()
    server.jobs_may_end.set()


def begin(client: httpx.Client, *steps: dict[str, Any]) -> str:
    return start(client, {"input": {"steps": list(steps)}})["id"]


def fox(**arguments: Any) -> dict[str, Any]:
    return {
        "id": "fox",
        "toolName": "generate_image",
        "arguments": {"prompt": "a red fox", "model": "gpt-image-1", **arguments},
    }


def clip() -> dict[str, Any]:
    arguments = {"prompt": "it runs", "videoModel": "sora-2", "duration": 4}
    return {"id": "clip", "toolName": "generate_video", "arguments": arguments}


def test_a_model_chooses_who_does_a_step_and_the_record_says_so(
    site: Site, alice: httpx.Client, server: OpenAIServer
) -> None:
    other = {**fox(model="z-turbo"), "id": "other"}
    done = finished(alice, begin(alice, fox(), other))
    assert done["status"] == "completed", done
    by_id = {step["id"]: step for step in done["steps"]}
    assert (by_id["fox"]["provider"], by_id["other"]["provider"]) == ("openai", "studio")
    assert by_id["fox"]["cost"] == {"estimated": 2.5, "actual": 2.5}
    assert by_id["fox"]["artifacts"][0]["metadata"]["model"] == "gpt-image-1"
    assert [asked.body["prompt"] for asked in server.calls(PICTURES)] == ["a red fox"]
    attempts = rows(site, "SELECT provider FROM runs_attempt ORDER BY id DESC LIMIT 2")
    assert {attempt["provider"] for attempt in attempts} == {"openai", "studio"}


def test_models_and_palette_say_who_is_asked(alice: httpx.Client, site: Site) -> None:
    models = {one["id"]: one["owned_by"] for one in alice.get("/v1/models?all=1").json()["data"]}
    assert (models["gpt-image-1"], models["z-turbo"]) == ("openai", "studio")
    assert (models["tts-1"], models["sora-2"]) == ("openai", "openai")
    assert "openai" in site.manage("doctor")


def test_a_worker_killed_in_the_middle_of_a_blind_call_has_its_owner_asked(
    alice: httpx.Client, site: Site, server: OpenAIServer
) -> None:
    answered = threading.Event()
    server.replies[PICTURES].append(Reply(hold=answered))
    run_id = begin(alice, fox(seed=5))
    _, pid, held = holder(site, run_id)
    wait_for(lambda: server.calls(PICTURES), "the service asked")
    kill(held, pid)
    waiting = wait_for(lambda: asking(alice, run_id), "the run asks")
    answered.set()
    assert waiting["waitingReason"] == "permission_required"
    assert "The worker stopped right after sending this to OpenAI" in waiting["waiting"]["message"]
    assert len(server.calls(PICTURES)) == 1, "not asked again unasked"
    answer = alice.post(
        f"{PATH}/{run_id}/resume", json={"resume_input": {"type": "approve_checkpoint"}}
    )
    assert answer.is_success, answer.text
    assert finished(alice, run_id)["status"] == "completed"
    assert len(server.calls(PICTURES)) == 2


def test_an_answer_that_breaks_off_has_its_owner_asked_too(
    alice: httpx.Client, server: OpenAIServer
) -> None:
    server.replies[PICTURES].append(Reply(drop=True))
    run_id = begin(alice, fox(seed=6))
    waiting = wait_for(lambda: asking(alice, run_id), "the run asks")
    assert waiting["waitingReason"] == "permission_required"
    assert "may already have been charged" in waiting["waiting"]["message"]
    answer = alice.post(f"{PATH}/{run_id}/resume", json={"resume_input": {"type": "reject"}})
    assert answer.is_success, answer.text
    done = finished(alice, run_id)
    assert done["status"] == "failed"
    assert len(server.calls(PICTURES)) == 1


def test_a_killed_workers_video_job_is_taken_up_again_and_paid_once(
    alice: httpx.Client, site: Site, server: OpenAIServer
) -> None:
    # The worker stands in its first look, which the service answers when it is too late.
    held = threading.Event()
    server.replies[f"/videos/video_{len(server.jobs) + 1}"].append(Reply(hold=held))
    run_id = begin(alice, clip())
    wait_for(lambda: looked_at(server) >= 1, "the job looked at")
    _, pid, hand = holder(site, run_id)
    kill(hand, pid)
    held.set()
    done = finished(alice, run_id)
    assert done["status"] == "completed", done
    assert done["steps"][0]["attempt"] == 2
    assert done["steps"][0]["artifacts"][0]["mediaType"] == "video"
    assert len(server.calls("/videos")) == 1


def test_two_video_jobs_on_two_workers_stop_no_one_elses_steps(
    alice: httpx.Client, site: Site, server: OpenAIServer
) -> None:
    server.jobs_may_end.clear()
    clips = [begin(alice, clip()), begin(alice, clip())]
    wait_for(lambda: len(server.calls("/videos")) == 2, "both submitted")
    with site.client(site.key("bob")) as bob:
        drawn = finished(bob, begin(bob, fox(model="z-turbo")))
        assert drawn["status"] == "completed", drawn
    assert [snapshot(alice, run_id)["status"] for run_id in clips] == ["running", "running"]
    server.jobs_may_end.set()
    assert [finished(alice, run_id)["status"] for run_id in clips] == ["completed", "completed"]
    assert len(server.calls("/videos")) == 2


def test_a_cancelled_run_gives_up_its_call_and_has_its_job_stopped(
    alice: httpx.Client, site: Site, server: OpenAIServer
) -> None:
    server.jobs_may_end.clear()
    run_id = begin(alice, clip())
    wait_for(lambda: looked_at(server) >= 1, "the job looked at")
    assert alice.post(f"{PATH}/{run_id}/cancel").is_success
    wait_for(lambda: any(one.method == "DELETE" for one in server.asked), "the job stopped")
    held = threading.Event()
    server.replies[PICTURES].append(Reply(hold=held))
    run_id = begin(alice, fox(seed=7))
    wait_for(lambda: server.calls(PICTURES), "the service asked")
    _, _, hand = holder(site, run_id)
    line = f'"run": "{run_id}", "step": "fox", "attempt": {hand.attempt}'
    with promised(4, of=family_of(site)):
        assert alice.post(f"{PATH}/{run_id}/cancel").is_success
        wait_for(lambda: stopped(site, line), "the worker lets go while the service thinks")
    held.set()


def stopped(site: Site, line: str) -> bool:
    logs = "".join(path.read_text() for path in (site.home / "logs").glob("worker-*.log"))
    return any('"stopped"' in one and line in one for one in logs.splitlines())


def test_the_key_is_in_no_log_and_no_answer(
    alice: httpx.Client, site: Site, server: OpenAIServer
) -> None:
    server.key = "another"
    run_id = begin(alice, fox(seed=8))
    done = finished(alice, run_id)
    server.key = KEY
    assert done["status"] == "failed"
    told = "".join(path.read_text() for path in (site.home / "logs").glob("*.log"))
    told += str(done) + alice.get(f"{PATH}/{run_id}/events").text + site.manage("doctor")
    assert KEY not in told
    assert "rejected this server's API key" in str(done)


def asking(client: httpx.Client, run_id: str) -> dict[str, Any] | None:
    shown = snapshot(client, run_id)
    return shown if shown["status"] == "waiting_for_user" else None


def looked_at(server: OpenAIServer) -> int:
    with server.lock:
        return sum(
            one.method == "GET" and one.path.startswith("/videos/video_") for one in server.asked
        )
