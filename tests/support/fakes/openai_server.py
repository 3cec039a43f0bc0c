"""A server that speaks OpenAI's API as its reference describes it, with a ledger and failures.

`with OpenAIServer() as server:` listens on 127.0.0.1; `server.url` is a base URL. Every request is
in `server.asked`. An answer can be replaced, once each: `server.replies["/videos"].append(…)`.
Written from OpenAI's API reference and openapi.yaml (August 2026): images, audio/speech,
chat/completions, moderations, videos. It is stricter than some servers: what a model does not take
is a 400.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.tests.support.films import make_clip
from tests.support.fakes import webhooks
from tests.support.fakes.http_server import ApiServer, Asked, Refusal, Reply

KEY = "sk-test-5f9c2e8d71b04a66"
GPT_SIZES = ("auto", "1024x1024", "1536x1024", "1024x1536")
DALL_E_3_SIZES = ("1024x1024", "1792x1024", "1024x1792")
DALL_E_2_SIZES = ("256x256", "512x512", "1024x1024")
VIDEO_SIZES = ("720x1280", "1280x720", "1024x1792", "1792x1024")
VOICES = ("alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer")


def failure(
    status: int,
    message: str,
    *,
    code: str | None = None,
    kind: str = "invalid_request_error",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """An error as OpenAI writes it."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    return Reply(status, {"error": error}, headers or {})


class OpenAIServer(ApiServer):
    """key: what it demands as a Bearer token; None: nothing. answer_urls: picture models that may
    answer with addresses do. looks: how often a video job is looked at before it is done. job_s:
    how long one takes instead; it may be changed. hook: where it says that a job is over, signed by
    tests.support.fakes.webhooks.SECRET; hooked: how it was answered there."""

    PREFIX = "/v1"
    ROUTES = (
        ("POST", "/images/(?P<kind>generations|edits)", "_pictures"),
        ("POST", "/audio/speech", "_speech"),
        ("POST", "/chat/completions", "_chat"),
        ("POST", "/moderations", "_moderation"),
        ("GET", "/models", "_models"),
        ("GET", "/files/.+", "_file"),
        ("POST", "/videos", "_new_job"),
        ("DELETE", "/videos/(?P<job_id>[^/]+)", "_delete_job"),
        ("GET", "/videos/(?P<job_id>[^/]+)", "_look"),
        ("GET", "/videos/(?P<job_id>[^/]+)/[^/]+", "_content"),
    )

    def __init__(self, *, key: str | None = KEY, answer_urls: bool = False, looks: int = 2) -> None:
        self.key = key
        self.answer_urls = answer_urls
        self.looks = looks
        self.job_s: float | None = None
        self.hook = ""
        self.hooked: list[int] = []
        # How often each prompt was submitted as a video job.
        self.submitted: Counter[str] = Counter()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.repeated: dict[str, Any] = {}
        self.honours_keys = False
        # Whether each image it is asked to check is flagged; texts are by the word "violent".
        self.flags_images = False
        self.jobs_may_end = threading.Event()
        self.jobs_may_end.set()
        super().__init__()

    def end_job(self, job_id: str, status: str = "completed") -> None:
        """Be done with a video job, and say so where the webhooks go."""
        with self.lock:
            job = self.jobs[job_id]
            if job["status"] == "deleted":
                return
            job["status"], job["progress"] = status, 100
        if self.hook:
            event = {"type": f"video.{status}", "object": "event", "data": {"id": job_id}}
            body = json.dumps(event).encode()
            headers = webhooks.signed(body, webhook_id=f"wh_{job_id}")
            self.hooked.append(webhooks.send(self.hook, body, headers))

    # -- what it does -----------------------------------------------------------------------------

    def respond(self, asked: Asked) -> Reply:
        given = asked.headers.get("authorization", "")
        if self.key is not None and given != f"Bearer {self.key}":
            message = f"Incorrect API key provided: {given.removeprefix('Bearer ')}."
            return failure(401, message, code="invalid_api_key")
        key = asked.headers.get("idempotency-key", "") if self.honours_keys else ""
        if key not in self.repeated:
            reply = super().respond(asked)
            if not key or reply.status >= 400:
                return reply
            self.repeated[key] = reply.body
        return Reply(body=self.repeated[key])

    def failure(self, status: int, message: str) -> Reply:
        return failure(status, message)

    def _models(self, asked: Asked) -> Reply:
        names = ("gpt-image-1", "dall-e-3", "tts-1", "omni-moderation-latest")
        return Reply(body={"object": "list", "data": [{"id": name} for name in names]})

    def _file(self, asked: Asked) -> Reply:
        return Reply(body=png((256, 256), asked.path), headers={"Content-Type": "image/png"})

    def _pictures(self, asked: Asked, kind: str) -> Reply:
        body, edits = asked.body, kind == "edits"
        model, prompt = str(body.get("model", "dall-e-2")), str(body.get("prompt", ""))
        count = int(body.get("n", 1))
        _demand(bool(prompt), "prompt is required")
        _demand(1 <= count <= 10, f"n: {count} is not between 1 and 10")
        if "forbidden" in prompt:
            raise Refusal(
                failure(
                    400,
                    "Your request was rejected by the safety system.",
                    code="moderation_blocked",
                    kind="image_generation_user_error",
                )
            )
        is_gpt = model.startswith("gpt-image")
        size = _size_of(body, model)
        if is_gpt:
            _demand("response_format" not in body, "Unknown parameter: 'response_format'.")
            # Declared for generations alone.
            _demand(not (edits and "moderation" in body), "Unknown parameter: 'moderation'.")
            _demand(body.get("moderation", "auto") in ("auto", "low"), "moderation")
            _demand(body.get("quality", "auto") in ("auto", "low", "medium", "high"), "quality")
        elif model.startswith("dall-e"):
            for name in ("background", "output_format", "output_compression", "moderation"):
                _demand(name not in body, f"Unknown parameter: '{name}'.")
        if model == "dall-e-3":
            _demand(count == 1, "n must be 1 for dall-e-3")
            _demand(not edits, "dall-e-3 does not edit")
        if edits:
            self._check_edit(asked, model)
        format = str(body.get("output_format", "png"))
        pictures = [png(size, f"{prompt}{place}", format) for place in range(count)]
        data: list[dict[str, Any]] = []
        for place, picture in enumerate(pictures):
            if self.answer_urls and not is_gpt:
                data.append({"url": f"{self.url}/files/{place}.png"})
            else:
                data.append({"b64_json": base64.b64encode(picture).decode()})
        if model == "dall-e-3":
            data[0]["revised_prompt"] = f"{prompt}, in detail"
        told: dict[str, Any] = {"created": 1_760_000_000, "data": data}
        if is_gpt:
            told["usage"] = {
                "input_tokens": 50,
                "output_tokens": 1000 * count,
                "total_tokens": 50 + 1000 * count,
                "input_tokens_details": {"text_tokens": 50, "image_tokens": 0},
            }
        return Reply(body=told)

    def _check_edit(self, asked: Asked, model: str) -> None:
        images = [data for name, data in asked.files if name in ("image", "image[]")]
        masks = [data for name, data in asked.files if name == "mask"]
        _demand(bool(images), "image is required")
        _demand(model != "dall-e-2" or len(images) == 1, "one image only")
        opened = [Image.open(io.BytesIO(data)) for data in images]
        _demand(all(one.format in ("PNG", "WEBP", "JPEG") for one in opened), "unsupported file")
        for mask in masks:
            drawn = Image.open(io.BytesIO(mask))
            _demand(
                drawn.format == "PNG" and drawn.mode == "RGBA", "Invalid mask: no alpha channel"
            )
            _demand(drawn.size == opened[0].size, "Invalid mask: its size is not the image's")

    def _speech(self, asked: Asked) -> Reply:
        body = asked.body
        _demand(0 < len(str(body.get("input", ""))) <= 4096, "input")
        _demand(body.get("voice") in VOICES, f"voice: {body.get('voice')} is unknown")
        model = str(body.get("model"))
        _demand(not (model.startswith("tts-1") and "instructions" in body), "instructions")
        kind = str(body.get("response_format", "mp3"))
        _demand(kind in ("mp3", "opus", "aac", "flac", "wav", "pcm"), "response_format")
        seconds = len(str(body["input"])) / 15
        return Reply(body=streamed_wav(seconds), headers={"Content-Type": "audio/wav"})

    def _chat(self, asked: Asked) -> Reply:
        messages = asked.body.get("messages")
        _demand(isinstance(messages, list) and bool(messages), "messages")
        content = messages[-1]["content"]
        parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
        words = "".join(part.get("text", "") for part in parts)
        pictures = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        sizes = []
        for address in pictures:
            head, _, encoded = address.partition(",")
            _demand(head.startswith("data:image/"), "image_url")
            sizes.append(Image.open(io.BytesIO(base64.b64decode(encoded))).size)
        seen = "".join(f" I see {width} by {height} pixels." for width, height in sizes)
        message = {"role": "assistant", "content": f"You said: {words}{seen}", "refusal": None}
        return Reply(body={
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_760_000_000,
            "model": asked.body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940},
        })  # fmt: skip

    def _moderation(self, asked: Asked) -> Reply:
        model, given = asked.body.get("model", "omni-moderation-latest"), asked.body.get("input")
        _demand(str(model).startswith(("omni-moderation", "text-moderation")), "model")
        parts = [given] if isinstance(given, str) else given
        _demand(isinstance(parts, list) and bool(parts), "input")
        verdicts = []
        if all(isinstance(part, str) for part in parts):
            # One result for each text; an array of parts is one input together.
            verdicts = [("text", "violent" in part) for part in parts]
        else:
            images = [part for part in parts if part["type"] == "image_url"]
            _demand(len(images) <= 1, "Too many images. Maximum is 1 image per request.")
            words = "".join(part.get("text", "") for part in parts)
            for image in images:
                head, _, encoded = image["image_url"]["url"].partition(",")
                _demand(head.startswith("data:image/"), "image_url")
                Image.open(io.BytesIO(base64.b64decode(encoded))).verify()
            is_bad = "violent" in words or (bool(images) and self.flags_images)
            verdicts = [("image" if images else "text", is_bad)]
        results = [
            {
                "flagged": is_bad,
                "categories": {"harassment": False, "sexual": False, "violence": is_bad},
                "category_scores": {"harassment": 0.01, "sexual": 0.01, "violence": 0.9 * is_bad},
                "category_applied_input_types": {"violence": [kind]},
            }
            for kind, is_bad in verdicts
        ]
        return Reply(body={"id": "modr-1", "model": model, "results": results})

    def _job(self, job_id: str) -> dict[str, Any]:
        if job_id not in self.jobs:
            missing = f"Video with id '{job_id}' not found."
            raise Refusal(failure(404, missing, code="not_found"))
        return self.jobs[job_id]

    def _delete_job(self, asked: Asked, job_id: str) -> Reply:
        with self.lock:
            self._job(job_id)["status"] = "deleted"
        return Reply(body={"id": job_id, "object": "video.deleted", "deleted": True})

    def _content(self, asked: Asked, job_id: str) -> Reply:
        job = self._job(job_id)
        _demand(job["status"] == "completed", "not ready")
        return Reply(body=job["file"], headers={"Content-Type": "video/mp4"})

    def _look(self, asked: Asked, job_id: str) -> Reply:
        with self.lock:
            job = self._job(job_id)
            job["looked"] += 1
            is_enough = job["looked"] >= self.looks and self.job_s is None
            if job["status"] == "in_progress" and is_enough:
                if self.jobs_may_end.is_set():
                    job["status"], job["progress"] = "completed", 100
            else:
                job["status"] = "in_progress" if job["status"] == "queued" else job["status"]
                job["progress"] = max(job["progress"], 40)
            return Reply(body=_shown(job))

    def _new_job(self, asked: Asked) -> Reply:
        body = asked.body
        size, seconds = str(body.get("size", "720x1280")), str(body.get("seconds", "4"))
        _demand(size in VIDEO_SIZES, f"size: {size}")
        _demand(seconds in ("4", "8", "12"), f"seconds: {seconds}")
        width, height = (int(side) for side in size.split("x"))
        for name, data in asked.files:
            if name == "input_reference":
                same = Image.open(io.BytesIO(data)).size == (width, height)
                _demand(same, "Inpaint image must match the requested width and height")
        if "forbidden" in str(body.get("prompt")):
            status, error = "failed", {"code": "moderation_blocked", "message": "Blocked."}
        else:
            status, error = "queued", None
        with self.lock:
            job_id = f"video_{len(self.jobs) + 1}"
            self.jobs[job_id] = {
                "id": job_id, "object": "video", "model": body.get("model"), "status": status,
                "progress": 0, "created_at": 1_760_000_000, "size": size, "seconds": seconds,
                "error": error, "looked": 0, "file": film(),
            }  # fmt: skip
            self.submitted[str(body.get("prompt"))] += 1
        if self.job_s is not None:
            threading.Timer(self.job_s, self.end_job, [job_id]).start()
        return Reply(body=_shown(self.jobs[job_id]))


def png(size: tuple[int, int], words: str, kind: str = "png") -> bytes:
    """A picture of one color that depends on the words."""
    colour = tuple(sum(words.encode()) * step % 256 for step in (1, 7, 31))
    held = io.BytesIO()
    picture = Image.fromarray(np.full((size[1], size[0], 3), colour, np.uint8))
    picture.save(held, kind.upper())
    return held.getvalue()


def streamed_wav(seconds: float) -> bytes:
    """A tone as the speech endpoint streams it: its header cannot know the length."""
    rate = 24_000
    times = np.arange(round(seconds * rate)) / rate
    samples = (8000 * np.sin(2 * np.pi * 220 * times)).astype("<i2").tobytes()
    unknown = 0xFFFFFFFF
    shape = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    head = b"RIFF" + struct.pack("<I", unknown) + b"WAVEfmt " + struct.pack("<I", 16) + shape
    return head + b"data" + struct.pack("<I", unknown) + samples


@cache
def film() -> bytes:
    """A second of film, made once."""
    with tempfile.TemporaryDirectory() as folder:
        return make_clip(Path(folder) / "clip.mp4", size=(160, 90)).read_bytes()


def _shown(job: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in job.items() if name not in ("looked", "file")}


def _demand(holds: bool, message: str) -> None:
    if not holds:
        raise Refusal(failure(400, message))


def _size_of(body: Mapping[str, Any], model: str) -> tuple[int, int]:
    given = str(body.get("size", "auto"))
    if model.startswith("gpt-image-2"):
        if given == "auto":
            return (64, 64)
        width, height = (int(side) for side in given.split("x"))
        _demand(width % 16 == 0 and height % 16 == 0, "Width and height must be divisible by 16")
        _demand(1 / 3 <= width / height <= 3, "aspect ratio must be between 1:3 and 3:1")
        _demand(max(width, height) <= 3840, "too large")
        _demand(655_360 <= width * height <= 8_294_400, "pixels")
        return width, height
    known = {"dall-e-3": DALL_E_3_SIZES, "dall-e-2": DALL_E_2_SIZES}.get(model, GPT_SIZES)
    if model.startswith(("gpt-image", "dall-e")):
        usual = "1024x1024" if "1024x1024" in known else known[0]
        _demand(given in (*known, "auto"), f"Invalid value: '{given}'. Supported: {known}")
        given = usual if given == "auto" else given
    elif given == "auto":
        given = "512x512"
    width, height = (int(side) for side in given.split("x"))
    return width, height
