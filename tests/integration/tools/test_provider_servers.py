"""The servers that stand for providers are no more lenient than those are. What they do beyond that
is told by the tests that ask them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.fakes.makers.fal_server import FalServer
from tests.support.fakes.makers.jobs import DAY_S, Script
from tests.support.fakes.makers.media import file_of
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.fakes.makers.runway_server import VERSION, RunwayServer

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
