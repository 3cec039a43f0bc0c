"""Runs each provider's own client against a server; prints the outcome as JSON.

It runs in an environment of its own, so it imports nothing of ours:
`python client_calls.py comfy|fal|runway`. Where the server is and the key are in the client's own
variables, and fal's hosts of files in REST_URL and CDN_URL. The endpoint of the last call loses
every answer: the client's pauses are left out there.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

PROMPT = "a fox in the snow"


def comfy() -> dict[str, Any]:
    from comfy_sdk import Comfy

    client = Comfy()
    model, arguments = "kling/kling-v3", {"prompt": PROMPT}
    job = client.models.submit(model, arguments, idempotency_key="key-of-the-fox")
    again = client.models.submit(model, arguments, idempotency_key="key-of-the-fox")
    states = [update.status for update in job.iter_events(timeout=60)]
    output: Any = job.get(timeout=60)
    other = client.models.submit(model, arguments)
    cancel = other.cancel().status
    line = {"text": PROMPT, "voice_id": "any"}
    speech: Any = client.models.run("elevenlabs/eleven_v3", {"inputs": [line]})
    asset = client.assets.from_bytes(b"fox", filename="fox.png", content_type="image/png")
    return {
        "states": states,
        "url": output["data"]["task_result"]["videos"][0]["url"],
        "cancel": cancel,
        "cancel_end": problem_of(lambda: other.get(timeout=60)),
        "upload": asset.commit(),
        "is_replay": again.request_id == job.request_id,
        "speech": [speech.content_type, len(speech.content)],
        "models": [one.id for one in client.models.list(limit=5)],
        "authored": client.models.schema(model).document["x-comfy-input-schema-authored"],
        "lost_answer": problem_of(lambda: client.models.submit("bfl/flux-2-pro", arguments)),
    }


def fal() -> dict[str, Any]:
    import fal_client
    from fal_client import client

    # Its hosts for files can't be set in another way.
    client.REST_URL, client.CDN_URL = os.environ["REST_URL"], os.environ["CDN_URL"]
    settings = fal_client.StorageSettings(expires_in="1h")
    uploads = [
        fal_client.upload(
            b"fox",
            "image/png",
            "fox.png",
            repository=place,
            fallback_repository=[],
            lifecycle=settings,
        )
        for place in ("fal_v3", "fal")
    ]
    model = "fal-ai/kling-video/v3/pro/image-to-video"
    arguments = {"prompt": PROMPT, "start_image_url": "https://example.org/a.png"}
    job = fal_client.submit(model, arguments)
    states = [type(update).__name__ for update in job.iter_events(with_logs=True, interval=0.01)]
    other = fal_client.submit(model, arguments)
    other.cancel()
    return {
        "states": states,
        "uploads": uploads,
        "url": job.get()["video"]["url"],
        "cancel_end": problem_of(other.get),
        "refusal": problem_of(
            lambda: fal_client.subscribe(model, {**arguments, "prompt": "forbidden"})
        ),
        "lost_answer": problem_of(lambda: fal_client.submit("fal-ai/veo3.1", {"prompt": PROMPT})),
    }


def runway() -> dict[str, Any]:
    from runwayml import RunwayML

    client = RunwayML()
    arguments: Any = {"model": "gen4.5", "prompt_text": PROMPT, "duration": 5, "ratio": "1280:720"}
    task = client.text_to_video.create(**arguments)
    looks = [client.tasks.retrieve(task.id) for _ in range(2)]
    other = client.text_to_video.create(**arguments)
    client.tasks.delete(other.id)
    upload = client.uploads.create_ephemeral(file=("fox.png", b"fox"))
    image: Any = {"model": "magnific_precision_upscaler_v2", "image_uri": upload.uri}
    image_call: Any = {"model": "gen4_image", "prompt_text": PROMPT, "ratio": "1280:720"}
    return {
        "states": [look.status for look in looks],
        "url": looks[-1].output[0],
        "costs": [task.estimated_cost.credits, looks[-1].cost.credits],
        "cancel_end": client.tasks.retrieve(other.id).status,
        "upload": client.image_upscale.create(**image).id,
        "balance": client.organization.retrieve().credit_balance,
        "refusal": problem_of(
            lambda: client.text_to_video.create(**{**arguments, "prompt_text": "x" * 1001})
        ),
        "lost_answer": problem_of(lambda: client.text_to_image.create(**image_call)),
    }


def problem_of(call: Callable[[], Any]) -> str:
    """Name what a call raises. The pauses between repeats of a client take no time."""
    pause, time.sleep = time.sleep, lambda seconds: None
    try:
        call()
    except Exception as problem:
        return type(problem).__name__
    finally:
        time.sleep = pause
    return ""


if __name__ == "__main__":
    print(json.dumps({"comfy": comfy, "fal": fal, "runway": runway}[sys.argv[1]]()))
