"""A server that speaks fal's API: queue, webhooks, files, prices, history.

Written from its documentation and `fal-client` 1.0.3 (November 2026). `server.queue_url` (/queue)
stands for queue.fal.run, `server.api_url` (/api) for api.fal.ai, `server.storage_url` (/rest) for
rest.fal.ai, `server.media_url` (/media) for v3.fal.media, /site for fal.ai. There are no
idempotency keys. Prices are in US dollars.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.fakes import webhooks
from tests.support.fakes.http_server import Asked, Refusal, Reply
from tests.support.fakes.makers.base import ProviderServer, serve
from tests.support.fakes.makers.jobs import ENDED, Account, ProviderJob, name_of, ticket
from tests.support.fakes.makers.media import TYPES, size_of

KEY = "fal-test-id:5b0f3c7d21e84a96"
USER_ID = "user-of-tests"
# The statuses of a result that is an error, by the word in it.
STATUSES = {
    "content_policy_violation": 422,
    "value_error": 422,
    "internal_error": 500,
    "runner_scheduling_failure": 503,
    "generation_timeout": 504,
}
REQUEST = r"/queue/(?P<app>[^/]+/[^/]+)/requests/(?P<job_id>[^/]+)"
VIDEO = re.compile("video|veo|seedance|lipsync|kling|minimax|/h3/")
SOUND = re.compile("tts|music|lyria|audio|sound")
ONE_IMAGE = re.compile("upscale|background")


class FalServer(ProviderServer):
    """hooks: when a job's webhook is sent: "by_hand" with `hook`, "early" before the submit's
    answer, "at_end" at the look at which it is over. deliveries: (job id, status of the answer).
    charges_422: whether refused jobs cost. catalog: models beside those in
    `prices`. inputs: schemas of the bodies of models."""

    KEY = KEY
    FILES = "/media/files"
    OPEN = frozenset({"_file", "_keys", "_openapi", "_put"})
    ROUTES = (
        ("GET", rf"{REQUEST}/status", "_status"),
        ("GET", REQUEST, "_result"),
        ("PUT", rf"{REQUEST}/cancel", "_cancel"),
        ("POST", r"/queue/(?P<app>[^/]+/.+)", "_submit"),
        ("GET", "/site/api/openapi/queue/openapi.json", "_openapi"),
        ("GET", "/api/v1/models", "_models"),
        ("GET", "/api/v1/models/pricing", "_prices"),
        ("POST", "/api/v1/models/pricing/estimate", "_estimate"),
        ("GET", "/api/v1/models/requests/by-endpoint", "_history"),
        ("GET", r"/rest/\.well-known/jwks\.json", "_keys"),
        ("POST", "/rest/storage/auth/token", "_token"),
        ("POST", "/rest/storage/upload/initiate", "_initiate"),
        ("PUT", "/media/put/(?P<ticket_text>.+)", "_put"),
        ("POST", "/media/files/upload", "_upload"),
    )

    def __init__(self, **options: Any) -> None:
        self.hooks: Literal["by_hand", "early", "at_end"] = "by_hand"
        self.deliveries: list[tuple[str, int]] = []
        self.charges_422, self.lists_unended = False, True
        self.catalog = ["fal-ai/nano-banana-pro", "fal-ai/kling-video/v3/pro/image-to-video"]
        self.units: dict[str, str] = {}
        self.inputs: dict[str, Mapping[str, Any]] = {}
        # The same in each start: those who check it keep the public key for a day.
        self.signing_key = Ed25519PrivateKey.from_private_bytes(sha256(b"of tests").digest())
        super().__init__(**options)
        self.queue_url, self.api_url = f"{self.origin}/queue", f"{self.origin}/api"
        self.storage_url, self.media_url = f"{self.origin}/rest", f"{self.origin}/media"

    @property
    def url(self) -> str:
        return self.queue_url

    def key_of(self, headers: Mapping[str, str]) -> str:
        text = headers.get("authorization", "")
        if text == "Bearer cdn-token":
            return KEY
        return text.removeprefix("Key ") if text.startswith("Key ") else ""

    def failure(
        self, status: int, message: str, kind: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        type_header = {"X-Fal-Error-Type": kind} if kind else {}
        body: dict[str, Any] = {"detail": message}
        if status == 422:
            where = {"loc": ["body", "prompt"], "msg": message, "type": kind, "input": None}
            body = {"detail": [where]}
        elif kind:
            body["error_type"] = kind
        return Reply(status, body, {**type_header, **(headers or {})})

    # -- the queue --------------------------------------------------------------------------------

    def _submit(self, asked: Asked, account: Account, app: str) -> Reply:
        if not self.can_pay(account, app, asked.body):
            return self.failure(403, "User is locked. Reason: Exhausted balance.")
        if not asked.headers.get("content-type", "").startswith("application/json"):
            return self.failure(422, "The body is no JSON.", "value_error")
        self.check_body("fal", app, asked.body)
        job = self.accept(asked, app, account, webhook=asked.query.get("fal_webhook", ""))
        place = f"{self.queue_url}/{'/'.join(app.split('/')[:2])}/requests/{job.id}"
        return Reply(body={
            "status": "IN_QUEUE",
            "request_id": job.id,
            "gateway_request_id": job.id,
            "response_url": place,
            "status_url": f"{place}/status",
            "cancel_url": f"{place}/cancel",
            "queue_position": 0,
        })  # fmt: skip

    def on_accepted(self, job: ProviderJob) -> None:
        if job.webhook and self.hooks == "early":
            self.end(job)
            self.hook(job)

    def end(self, job: ProviderJob, state: str = "", error: str = "") -> None:
        was = job.state
        super().end(job, state, error)
        if job.webhook and self.hooks == "at_end" and was not in ENDED:
            # Not in this request: who hears it may ask for the public key before it answers.
            threading.Thread(target=self.hook, args=(job,), daemon=True).start()

    def cost_of_end(self, job: ProviderJob, state: str, error: str) -> float:
        is_charged = state == "done" or (STATUSES.get(error) == 422 and self.charges_422)
        return job.quote if is_charged else 0.0

    def _of_app(self, account: Account, app: str, job_id: str) -> ProviderJob:
        job = self.job_of(job_id, account)
        if not job.endpoint.startswith(app):
            raise Refusal(self.failure(404, "Request not found."))
        return job

    def _status(self, asked: Asked, account: Account, app: str, job_id: str) -> Reply:
        job = self.look(self._of_app(account, app, job_id))
        words = {"waiting": "IN_QUEUE", "running": "IN_PROGRESS"}
        state: dict[str, Any] = {
            "status": words.get(job.state, "COMPLETED"),
            "request_id": job.id,
            "logs": None,
        }
        if state["status"] == "IN_QUEUE":
            state["queue_position"] = max(0, job.script.queued - job.looks)
        elif asked.query.get("logs") in ("1", "true"):
            when = datetime.fromtimestamp(self.now(), UTC).isoformat()
            message = f"{round(100 * job.progress)}%"
            state["logs"] = [{"message": message, "timestamp": when, "level": "STDERR"}]
        if job.state in ENDED:
            state["metrics"] = {"inference_time": 1.5}
            if job.error:
                state |= {"error": "It failed.", "error_type": job.error}
        return Reply(body=state)

    def _result(self, asked: Asked, account: Account, app: str, job_id: str) -> Reply:
        job = self._of_app(account, app, job_id)
        if job.state not in ENDED:
            return self.failure(400, "Request is still in progress")
        if job.error:
            return self.failure(STATUSES.get(job.error, 500), "It failed.", job.error)
        return Reply(body=self.output(job))

    def _cancel(self, asked: Asked, account: Account, app: str, job_id: str) -> Reply:
        job = self._of_app(account, app, job_id)
        if job.state in ENDED:
            return Reply(400, {"status": "ALREADY_COMPLETED"})
        self.end(job, "cancelled", "client_cancelled")
        return Reply(202, {"status": "CANCELLATION_REQUESTED"})

    def output(self, job: ProviderJob) -> dict[str, Any]:
        """Write what the model answers, by the words in its id."""
        app = job.endpoint
        if "upscale/video" not in app and ONE_IMAGE.search(app):
            return {"image": self._file_record(job, "png")}
        if VIDEO.search(app):
            return {"video": self._file_record(job, "mp4"), "seed": job.body.get("seed", 1)}
        if SOUND.search(app):
            return {"audio": self._file_record(job, "mp3")}
        if "3d" in app:
            return {"model_mesh": self._file_record(job, "glb")}
        count = int(job.body.get("num_images", 1))
        images = [self._file_record(job, "png", number) for number in range(count)]
        return {"images": images, "seed": job.body.get("seed", 1), "has_nsfw_concepts": [False]}

    def _file_record(self, job: ProviderJob, ending: str, number: int = 0) -> dict[str, Any]:
        url = self.file_url(job, ending, number)
        file: dict[str, Any] = {"url": url, "content_type": TYPES[ending]}
        if ending == "png":
            file["width"], file["height"] = size_of(job.body)
        return {**file, "file_name": f"output.{ending}"}

    # -- webhooks ---------------------------------------------------------------------------------

    def hook(
        self, job: ProviderJob, *, times: int = 1, late_s: float = 0.0, is_forged: bool = False
    ) -> int:
        """Say at its address that a job is over; give the status of the answer. times: how often
        the same bytes are sent. late_s: how long ago it is dated. is_forged: by another key."""
        body = self.hook_body(job)
        headers = self.signature_headers(job, body, late_s=late_s, is_forged=is_forged)
        status = 0
        for _ in range(times):
            status = webhooks.send(job.webhook, body, headers)
            self.deliveries.append((job.id, status))
        return status

    def hook_body(self, job: ProviderJob) -> bytes:
        state: dict[str, Any] = {"request_id": job.id, "gateway_request_id": job.id}
        if job.error:
            problem = self.failure(STATUSES.get(job.error, 500), "It failed.", job.error).body
            state |= {"status": "ERROR", "error": "It failed.", "payload": problem}
        else:
            state |= {"status": "OK", "error": None, "payload": self.output(job)}
        return json.dumps(state).encode()

    def signature_headers(
        self, job: ProviderJob, body: bytes, *, late_s: float = 0.0, is_forged: bool = False
    ) -> dict[str, str]:
        """Sign a webhook with this body."""
        timestamp = str(int(self.now() - late_s))
        text = "\n".join([job.id, USER_ID, timestamp, sha256(body).hexdigest()])
        key = Ed25519PrivateKey.generate() if is_forged else self.signing_key
        return {
            "Content-Type": "application/json",
            "X-Fal-Webhook-Request-Id": job.id,
            "X-Fal-Webhook-User-Id": USER_ID,
            "X-Fal-Webhook-Timestamp": timestamp,
            "X-Fal-Webhook-Signature": key.sign(text.encode()).hex(),
        }

    def _keys(self, asked: Asked) -> Reply:
        raw = self.signing_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        text = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return Reply(body={"keys": [{"kty": "OKP", "crv": "Ed25519", "x": text}]})

    # -- prices and history -----------------------------------------------------------------------

    def _ids(self, asked: Asked) -> list[str]:
        ids = [one for one in asked.query.get("endpoint_id", "").split(",") if one]
        if len(ids) > 50:
            raise Refusal(self.failure(400, "At most 50 endpoints.", "validation_error"))
        return ids or sorted({*self.catalog, *self.prices})

    def _models(self, asked: Asked, account: Account) -> Reply:
        models = [
            {"endpoint_id": one, "metadata": {"display_name": one, "status": "active"}}
            for one in self._ids(asked)
        ]
        return Reply(body={"models": models, "has_more": False, "next_cursor": None})

    def _openapi(self, asked: Asked) -> Reply:
        """Write a model's document as fal does: its input by reference, beside routes without."""
        one = asked.query.get("endpoint_id", "")
        if one not in self.inputs:
            return self.failure(404, "Endpoint not found")
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Input"}}}
        return Reply(body={
            "openapi": "3.0.4",
            "info": {"title": f"Queue OpenAPI for {one}", "version": "1.0.0"},
            "components": {"schemas": {"Input": self.inputs[one]}},
            "paths": {
                f"/{one}/requests/{{request_id}}/status": {"get": {"responses": {}}},
                f"/{one}": {"post": {"requestBody": {"required": True, "content": content}}},
            },
        })  # fmt: skip

    def _prices(self, asked: Asked, account: Account) -> Reply:
        prices = [
            {
                "endpoint_id": one,
                "unit_price": self.price(one, {}),
                "unit": self.units.get(one, "seconds" if VIDEO.search(one) else "images"),
                "currency": "USD",
            }
            for one in self._ids(asked)
        ]
        return Reply(body={"prices": prices, "has_more": False, "next_cursor": None})

    def _estimate(self, asked: Asked, account: Account) -> Reply:
        kind = asked.body.get("estimate_type")
        word = {"historical_api_price": "call_quantity", "unit_price": "unit_quantity"}.get(
            str(kind)
        )
        endpoints = asked.body.get("endpoints", {})
        if word is None or not all(word in one for one in endpoints.values()):
            return self.failure(400, "estimate_type or quantity is wrong", "validation_error")
        total = sum(self.price(one, {}) * amounts[word] for one, amounts in endpoints.items())
        return Reply(body={"estimate_type": kind, "total_cost": total, "currency": "USD"})

    def _history(self, asked: Asked, account: Account) -> Reply:
        query = asked.query
        jobs = [
            job
            for job in self.jobs.values()
            if job.endpoint == query.get("endpoint_id")
            and job.account == account.name
            and (self.lists_unended or job.state in ENDED)
            and query.get("request_id", job.id) == job.id
            and _second(query.get("start"), 0) <= job.asked_at <= _second(query.get("end"), 1e12)
        ]
        jobs.sort(key=lambda job: job.ended_at or 1e12, reverse=True)
        limit = min(int(query.get("limit", 50)), 100)
        items = [self._history_item(job, query.get("expand", "")) for job in jobs[:limit]]
        return Reply(body={"items": items, "has_more": len(jobs) > limit, "next_cursor": None})

    def _history_item(self, job: ProviderJob, expand: str) -> dict[str, Any]:
        asked_at = datetime.fromtimestamp(job.asked_at, UTC).isoformat()
        ended = job.ended_at and datetime.fromtimestamp(job.ended_at, UTC).isoformat()
        status = None if not ended else STATUSES.get(job.error, 500) if job.error else 200
        item = {"request_id": job.id, "endpoint_id": job.endpoint, "sent_at": asked_at}
        item |= {"started_at": asked_at, "ended_at": ended, "status_code": status}
        if expand == "payloads":
            is_done = job.state == "done"
            item |= {"json_input": job.body, "json_output": self.output(job) if is_done else None}
        return item

    # -- files ------------------------------------------------------------------------------------

    def _token(self, asked: Asked, account: Account) -> Reply:
        expires = datetime.fromtimestamp(self.now() + 3600, UTC).isoformat()
        token = {"token": "cdn-token", "token_type": "Bearer", "base_url": self.media_url}
        return Reply(body={**token, "expires_at": expires})

    def _initiate(self, asked: Asked, account: Account) -> Reply:
        self.check_name(str(asked.body.get("file_name", "")))
        name = f"upload-{len(self.uploads) + 1}"
        self.uploads[name] = (str(asked.body.get("content_type")), b"")
        ticket_text = ticket(name, self.now() + _lifetime(asked))
        file_url = f"{self.media_url}/files/{ticket_text}"
        return Reply(
            body={"upload_url": f"{self.media_url}/put/{ticket_text}", "file_url": file_url}
        )

    def _put(self, asked: Asked, ticket_text: str) -> Reply:
        name = name_of(ticket_text, self.now())
        if name is None:
            return Reply(403, b"")
        self.uploads[name] = (self.uploads[name][0], asked.raw)
        return Reply(200, b"")

    def _upload(self, asked: Asked, account: Account) -> Reply:
        self.check_name(asked.headers.get("x-fal-file-name", ""), asked.raw)
        name = f"upload-{len(self.uploads) + 1}"
        self.uploads[name] = (asked.headers.get("content-type", ""), asked.raw)
        ticket_text = ticket(name, self.now() + _lifetime(asked))
        return Reply(body={"access_url": f"{self.media_url}/files/{ticket_text}"})


def _lifetime(asked: Asked) -> float:
    preference = json.loads(asked.headers.get("x-fal-object-lifecycle-preference", "{}"))
    return float(preference.get("expiration_duration_seconds") or 7 * 24 * 3600)


def _second(text: str | None, otherwise: float) -> float:
    return otherwise if text is None else datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    serve(FalServer)
