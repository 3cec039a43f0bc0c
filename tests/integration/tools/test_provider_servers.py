"""The servers that stand for providers keep the providers' rules, also over a kill."""

from __future__ import annotations

import base64
import json
import signal
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.support.fakes.http_server import ApiServer, Reply
from tests.support.fakes.makers.base import Fault
from tests.support.fakes.makers.fal_server import FalServer
from tests.support.fakes.makers.jobs import DAY_S, Script
from tests.support.fakes.makers.media import file_of
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.fakes.makers.runway_server import VERSION, RunwayServer
from tests.support.program import Program
from tests.support.waiting import wait_for

BODY = {"prompt": "a fox"}
QUEUE = "/v2/models/kling/kling-v3/requests"
FLUX = "/v2/models/bfl/flux-2-pro"


@pytest.fixture
def router() -> Iterator[RouterServer]:
    with RouterServer() as server:
        yield server


def client_of(url: str, key: str = RouterServer.KEY, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}", **headers})


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


# --- Comfy Router ---


def test_a_key_makes_one_job_for_a_day(router: RouterServer) -> None:
    with client_of(router.url) as client, client_of(router.url, f"{router.KEY}-2") as other:
        first = client.post(QUEUE, json=BODY, headers=keyed("k"))
        again = client.post(QUEUE, json=BODY, headers=keyed("k"))
        assert (first.status_code, again.json()) == (201, first.json())
        assert again.headers["Idempotent-Replayed"] == "true"
        others: tuple[tuple[str, dict[str, str]], ...] = (
            (QUEUE, {"prompt": "a crow"}),
            (f"{QUEUE}?fallback_provider=false", BODY),
            ("/v2/models/kling/kling-v3", BODY),
        )
        for path, body in others:
            refusal = client.post(path, json=body, headers=keyed("k"))
            assert (refusal.status_code, refusal.json()["error_type"]) == (409, "invalid_input")
        # A key belongs to a workspace.
        assert other.post(QUEUE, json=BODY, headers=keyed("k")).json() != first.json()
        router.clock_offset_s = DAY_S + 1
        assert client.post(QUEUE, json=BODY, headers=keyed("k")).json() != first.json()
        assert len(router.submissions()) == 3


def test_what_was_refused_before_the_provider_leaves_the_key_free(router: RouterServer) -> None:
    account = router.accounts[router.KEY]
    account.balance = 0
    with client_of(router.url) as client:
        poor = client.post(QUEUE, json=BODY, headers=keyed("k"))
        assert (poor.status_code, poor.json()["error_type"]) == (402, "insufficient_credits")
        account.balance, account.has_queue = 10, False
        off = client.post(QUEUE, json=BODY, headers=keyed("k"))
        assert (off.status_code, off.json()["error_type"]) == (403, "not_enabled")
        account.has_queue = True
        in_bytes = client.post("/v2/models/elevenlabs/eleven_v3/requests", json=BODY)
        assert in_bytes.json()["error_type"] == "not_enabled"
        router.replies[f"POST {QUEUE}"].append(Fault(drop=True))
        with pytest.raises(httpx.HTTPError):
            client.post(QUEUE, json=BODY, headers=keyed("k"))
        router.per_minute = 1
        limited = client.post(QUEUE, json=BODY, headers=keyed("k"))
        assert limited.json()["error_type"] == "rate_limited"
        assert 0 < int(limited.headers["Retry-After"]) <= 61
        router.per_minute = None
        assert router.submissions() == []
        assert client.post(QUEUE, json=BODY, headers=keyed("k")).status_code == 201


def test_a_lost_answer_is_found_by_its_key_but_not_every_synchronous_one(
    router: RouterServer,
) -> None:
    router.replies["POST /v2/*"].extend(
        [Fault(drop=True, accepts=True), Fault(cut=5, accepts=True)]
    )
    with client_of(router.url) as client:
        for _ in range(2):
            with pytest.raises(httpx.HTTPError):
                client.post(QUEUE, json=BODY, headers=keyed("q"))
        assert client.post(QUEUE, json=BODY, headers=keyed("q")).status_code == 201
        # A call that is cut off is collected, after Retry-After.
        router.looks_a_call = 1
        router.scripts.append(Script(looks=3))
        answers = [client.post(FLUX, json=BODY, headers=keyed("s")) for _ in range(3)]
        assert [one.headers.get("X-Comfy-Error-Type") for one in answers] == [
            "deadline_exceeded", "concurrency_limit_exceeded", None
        ]  # fmt: skip
        assert answers[1].headers["Retry-After"] == "1"
        file = httpx.get(answers[2].json()["result"]["sample"])
        assert file.content.startswith(b"\x89PNG")
        router.loses_cut_calls = True
        router.replies[f"POST {FLUX}"].append(Fault(drop=True, accepts=True))
        with pytest.raises(httpx.HTTPError):
            client.post(FLUX, json=BODY, headers=keyed("l"))
        assert client.post(FLUX, json=BODY, headers=keyed("l")).json()["error_type"] == (
            "invalid_input"
        )
        assert len(router.submissions()) == 3


def test_results_are_gone_after_a_day_and_refusals_cost_by_model(router: RouterServer) -> None:
    seedance = "/v2/models/byteplus/dreamina-seedance-2-5-260628/requests"
    with client_of(router.url) as client:
        job = client.post(QUEUE, json=BODY).json()
        assert client.get(job["response_url"]).status_code == 202
        while client.get(job["status_url"]).json()["status"] != "COMPLETED":
            pass
        result = client.get(job["response_url"]).json()
        url = result["data"]["task_result"]["videos"][0]["url"]
        assert client.put(job["cancel_url"]).json()["status"] == "ALREADY_COMPLETED"
        text = [{"type": "text", "text": "forbidden"}]
        for path, body in ((QUEUE, {"prompt": "forbidden"}), (seedance, {"content": text})):
            refusal = client.post(path, json=body).json()
            while client.get(refusal["status_url"]).json()["status"] != "COMPLETED":
                pass
            assert client.get(refusal["response_url"]).json()["error_type"] == (
                "content_policy_violation"
            )
        # The one and the model whose catalog entry says that refusals are charged.
        assert router.accounts[router.KEY].spent == pytest.approx(0.10)
        router.clock_offset_s = DAY_S + 60
        assert client.get(job["response_url"]).status_code == 410
        assert httpx.get(url).status_code == 403


def test_a_job_outlives_a_kill_between_accepting_and_answering(tmp_path: Path) -> None:
    journal, hold = tmp_path / "journal.jsonl", tmp_path / "hold"
    hold.touch()
    program = [sys.executable, "-m", "tests.support.fakes.makers.router_server",
               "--journal", str(journal), "--hold", str(hold)]  # fmt: skip

    def submit(url: str) -> httpx.Response:
        with client_of(url) as client:
            return client.post(QUEUE, json=BODY, headers=keyed("k"))

    with Program(program) as first:
        url = first.line_with("http")
        problems: list[Exception] = []

        def cut() -> None:
            try:
                submit(url)
            except httpx.HTTPError as problem:
                problems.append(problem)

        caller = threading.Thread(target=cut)
        caller.start()
        wait_for(lambda: journal.exists() and journal.read_bytes().endswith(b"\n"), "it is taken")
        first.send(signal.SIGKILL)
        caller.join()
        assert problems
    hold.unlink()
    with journal.open("ab") as file:
        file.write(b'{"event": "acc')
    with Program(program) as second:
        url = second.line_with("http")
        answer = submit(url)
        [line] = journal.read_bytes().splitlines()
        assert answer.json()["request_id"] == json.loads(line)["job_id"]
        assert answer.headers["Idempotent-Replayed"] == "true"
        assert json.loads(line)["body_sha256"] == sha256(answer.request.content).hexdigest()
        later = {"set": {"clock_offset_s": DAY_S + 1}}
        assert httpx.post(f"{url}/_server", json=later).json()["submissions"] == 1
        # The key is forgotten, as the provider does.
        assert submit(url).json()["request_id"] != answer.json()["request_id"]


# --- fal ---


def test_webhooks_are_signed_and_come_early_twice_late_or_forged() -> None:
    with FalServer() as fal, ApiServer(lambda asked: Reply(204)) as hook:
        key = fal.KEY
        with httpx.Client(headers={"Authorization": f"Key {key}"}) as client:
            jwk = client.get(f"{fal.storage_url}/.well-known/jwks.json").json()["keys"][0]
            url = f"{fal.queue_url}/fal-ai/nano-banana-pro?fal_webhook={hook.origin}/x"
            fal.hooks = "early"
            job = fal.jobs[client.post(url, json=BODY).json()["request_id"]]
            # Before the submit was answered.
            assert fal.deliveries == [(job.id, 204)]
            fal.hook(job, times=2, late_s=3600)
            fal.hook(job, is_forged=True)
            fal.hooks, fal.script.error = "at_end", "internal_error"
            later = client.post(url, json=BODY).json()
            while client.get(later["status_url"]).json()["status"] != "COMPLETED":
                pass
            wait_for(lambda: len(hook.asked) == 5, "the end is said")
        public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk["x"] + "="))
        deliveries = [(one.headers, one.raw) for one in hook.asked]
        assert json.loads(deliveries[0][1])["payload"]["images"]
        assert int(deliveries[0][0]["x-fal-webhook-timestamp"]) - 3600 == pytest.approx(
            int(deliveries[1][0]["x-fal-webhook-timestamp"]), abs=5
        )
        assert deliveries[1] == deliveries[2]
        assert json.loads(deliveries[4][1])["status"] == "ERROR"
        for headers, body in deliveries[:3]:
            _check(public, headers, body)
            with pytest.raises(InvalidSignature):
                _check(public, headers, body + b" ")
        with pytest.raises(InvalidSignature):
            _check(public, *deliveries[3])


def _check(public: Ed25519PublicKey, headers: Any, body: bytes) -> None:
    parts = [headers[f"x-fal-webhook-{word}"] for word in ("request-id", "user-id", "timestamp")]
    text = "\n".join([*parts, sha256(body).hexdigest()])
    public.verify(bytes.fromhex(headers["x-fal-webhook-signature"]), text.encode())


def test_fal_refuses_after_the_start_prices_and_remembers() -> None:
    with FalServer() as fal, httpx.Client(headers={"Authorization": f"Key {fal.KEY}"}) as client:
        app = "fal-ai/veo3.1"
        refusal = client.post(f"{fal.queue_url}/{app}", json={"prompt": "forbidden"}).json()
        while client.get(refusal["status_url"]).json()["status"] != "COMPLETED":
            pass
        answer = client.get(refusal["response_url"])
        assert (answer.status_code, answer.json()["detail"][0]["type"]) == (
            422, "content_policy_violation"
        )  # fmt: skip
        assert answer.headers["X-Fal-Error-Type"] == "content_policy_violation"
        fal.prices[app] = 0.2
        asked: dict[str, Any] = {"estimate_type": "unit_price"}
        asked["endpoints"] = {app: {"unit_quantity": 5}}
        total = client.post(f"{fal.api_url}/v1/models/pricing/estimate", json=asked).json()
        assert total["total_cost"] == pytest.approx(1.0)
        client.post(f"{fal.queue_url}/{app}", json=BODY)
        past = f"{fal.api_url}/v1/models/requests/by-endpoint?expand=payloads&endpoint_id={app}"
        assert [item["json_input"] for item in client.get(past).json()["items"]] == [
            BODY, {"prompt": "forbidden"}
        ]  # fmt: skip
        start = client.post(
            f"{fal.storage_url}/storage/upload/initiate",
            json={"file_name": "fox.png", "content_type": "image/png"},
            headers={"X-Fal-Object-Lifecycle-Preference": '{"expiration_duration_seconds": 60}'},
        ).json()
        assert client.put(start["upload_url"], content=b"fox").status_code == 200
        assert client.get(start["file_url"]).content == b"fox"
        fal.clock_offset_s = 61
        assert client.get(start["file_url"]).status_code == 403


# --- Runway ---


def test_runway_quotes_books_refunds_and_counts_looks() -> None:
    body = {"model": "gen4.5", "promptText": "a fox", "duration": 5, "ratio": "1280:720"}
    path = "/v1/text_to_video"
    with RunwayServer() as runway, client_of(runway.url, runway.KEY) as client:
        assert "X-Runway-Version" in client.post(path, json=body).json()["error"]
        client.headers["X-Runway-Version"] = VERSION
        # A fox emoji is two units.
        for bad in ({"promptText": "🦊" * 501}, {"ratio": "1:1"}, {"seconds": 5}, {"duration": 11}):
            assert client.post(path, json={**body, **bad}).status_code == 400
        runway.throttled = True
        runway.scripts.extend([Script(looks=3, queued=1), Script(error="INTERNAL.BAD_OUTPUT.1")])
        prompts = ("a fox", "a crow", "forbidden")
        quotes = [client.post(path, json={**body, "promptText": one}).json() for one in prompts]
        assert {one["estimatedCost"]["credits"] for one in quotes} == {60}
        ends = []
        for quote in quotes:
            looks = [client.get(f"/v1/tasks/{quote['id']}").json() for _ in range(3)]
            ends.append((looks[2]["status"], looks[2].get("failureCode"), looks[2]["cost"]))
        assert ends == [
            ("SUCCEEDED", None, {"credits": 60}),
            ("FAILED", "INTERNAL.BAD_OUTPUT.1", {"credits": 0}),
            ("FAILED", "SAFETY.INPUT.TEXT", {"credits": 60}),
        ]
        assert runway.hasty_looks == {quote["id"]: 2 for quote in quotes}
        assert client.get("/v1/organization").json()["creditBalance"] == 880
        runway.daily_limit = 3
        assert client.post(path, json=body).status_code == 429
        runway.clock_offset_s = DAY_S
        assert client.post(path, json=body).status_code == 200


def test_an_upload_to_runway_serves_for_a_day() -> None:
    with (
        RunwayServer() as runway,
        client_of(runway.url, runway.KEY, **{"X-Runway-Version": VERSION}) as client,
    ):
        place = client.post("/v1/uploads", json={"filename": "a.png", "type": "ephemeral"}).json()
        sent = httpx.post(place["uploadUrl"], data=place["fields"], files={"file": b"fox"})
        assert sent.status_code == 204
        body = {"model": "magnific_precision_upscaler_v2", "imageUri": place["runwayUri"]}
        assert client.post("/v1/image_upscale", json=body).status_code == 200
        runway.clock_offset_s = DAY_S + 1
        assert client.post("/v1/image_upscale", json=body).status_code == 400


# --- published arguments ---


def uploaded_to_fal(fal: FalServer, client: httpx.Client, size: tuple[int, int]) -> str:
    headers = {"Content-Type": "image/png", "X-Fal-File-Name": "a.png"}
    content = file_of("a.png", size, 0)
    answer = client.post(f"{fal.media_url}/files/upload", content=content, headers=headers)
    return str(answer.json()["access_url"])


def test_requests_that_providers_refuse_are_refused_and_cost_nothing(
    router: RouterServer,
) -> None:
    text = {"type": "text", "text": "a fox"}
    sound = {
        "type": "audio_url",
        "audio_url": {"url": "https://x/a.mp3"},
        "role": "reference_audio",
    }
    frame = {"type": "image_url", "image_url": {"url": "https://x/a.png"}, "role": "first_frame"}
    seedance = "byteplus/dreamina-seedance-2-0-260128"
    router.models[seedance] = "no"
    with client_of(router.url) as client:
        for model, body in (
            ("bfl/flux-2-pro", {"prompt": "a fox", "width": 4096, "height": 1024}),
            ("openai/gpt-image-2", {"prompt": "a fox", "background": "transparent"}),
            (seedance, {"content": [text, sound]}),
            (seedance, {"content": [text, frame, sound]}),
            (seedance, {"content": [text], "resolution": "1080p"}),
        ):
            refusal = client.post(f"/v2/models/{model}", json=body)
            assert (refusal.status_code, refusal.headers["x-comfy-error-type"]) == (
                422,
                "invalid_input",
            )
    with FalServer() as fal, httpx.Client(headers={"Authorization": f"Key {fal.KEY}"}) as client:
        url = f"{fal.queue_url}/fal-ai/kling-video/v3/pro/image-to-video"
        statuses = [
            client.post(url, json={"start_image_url": uploaded_to_fal(fal, client, size)})
            for size in ((280, 400), (1000, 300), (400, 300))
        ]
        assert [one.status_code for one in statuses] == [422, 422, 200]
        assert len(fal.submissions()) == 1
    with (
        RunwayServer() as runway,
        client_of(runway.url, runway.KEY, **{"X-Runway-Version": VERSION}) as client,
    ):
        picture = {"model": "gpt_image_2", "promptText": "a fox", "ratio": "1920:1080"}
        film = {"model": "hailuo3", "promptText": "a fox", "duration": 4}
        for path, body in (
            ("text_to_image", {**picture, "background": "transparent"}),
            ("text_to_video", film),
        ):
            assert client.post(f"/v1/{path}", json=body).status_code == 400
        assert runway.submissions() == []
    assert router.submissions() == []
