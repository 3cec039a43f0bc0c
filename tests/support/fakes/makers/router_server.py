"""A server that speaks Comfy Router's API: catalog, synchronous route, queue, assets.

Written from its documentation and `comfy-sdk` 0.5.0 (November 2026). `server.url` stands for
api.comfy.org, `server.assets_url` for cloud.comfy.org. Prices are in US dollars.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from tests.support.fakes.http_server import Asked, Refusal, Reply
from tests.support.fakes.makers.base import ProviderServer, serve
from tests.support.fakes.makers.jobs import DAY_S, ENDED, Account, ProviderJob, identity_of, ticket
from tests.support.fakes.makers.media import mp3
from tests.support.fakes.makers.router_outputs import output_of

KEY = "comfyui-test-4d1b7c0e9a52"
CREDITS_PER_USD = 211
# Whether a refusal is charged differs by model, and the catalog says so.
MODELS = {
    "vertexai/gemini-3-pro-image": "yes",
    "openai/gpt-image-2": "no",
    "bfl/flux-2-pro": "no",
    "byteplus/seedream-5-0-pro-260628": "unknown",
    "kling/kling-v3": "no",
    "byteplus/dreamina-seedance-2-5-260628": "yes",
    "veo/veo-3.1-generate-001": "unknown",
    "elevenlabs/eleven_v3": "unknown",
    "synclabs/sync-3": "unknown",
    "runway/aleph2": "yes",
    "meshy/meshy-7.1": "no",
    "wavespeed/seedvr2": "unknown",
    "wavespeed/flashvsr": "unknown",
    "bria/image-edit-remove-background": "no",
}
# A status of each word that a job may end with.
STATUSES = {
    "content_policy_violation": 400,
    "invalid_input": 422,
    "provider_error": 502,
    "provider_timeout": 504,
    "cancelled": 409,
    "queue_timeout": 504,
    "internal_error": 500,
}
MODEL = r"/v2/models/(?P<model>[^/]+/[^/]+)"
REQUEST = rf"{MODEL}/requests/(?P<job_id>[^/]+)"
ASSETS = "/assets/api/v2/assets"


class RouterServer(ProviderServer):
    """retry_after_s: what it asks to wait between looks. looks_a_call: of a synchronous call at its
    job; what is not over by then is cut off, and the same call again collects it. honours_cancel:
    cancelled jobs end so. models_with_costs: models that tell their costs in headers; None: all.
    knows_keys: a request that is repeated with its key is the same one. uploads_live_s: at least so
    long."""

    KEY = KEY
    OPEN = frozenset({"_file"})
    ROUTES = (
        ("GET", "/v2/models", "_catalog"),
        ("GET", MODEL, "_entry"),
        ("GET", rf"{MODEL}/openapi.json", "_schema"),
        ("POST", MODEL, "_run"),
        ("POST", rf"{MODEL}/requests", "_submit"),
        ("GET", rf"{REQUEST}/status", "_status"),
        ("GET", REQUEST, "_result"),
        ("PUT", rf"{REQUEST}/cancel", "_cancel"),
        ("POST", ASSETS, "_upload"),
        ("POST", rf"{ASSETS}/from-hash", "_upload_by_hash"),
        ("HEAD", rf"{ASSETS}/by-hash/(?P<digest>.+)", "_has_hash"),
        ("GET", rf"{ASSETS}/(?P<asset_id>[^/]+)", "_asset"),
    )

    def __init__(self, **options: Any) -> None:
        self.models = dict(MODELS)
        self.schemas: dict[str, Mapping[str, Any]] = {}
        self.retry_after_s, self.looks_a_call = 1, 100
        self.honours_cancel = True
        self.models_with_costs: set[str] | None = None
        self.knows_keys, self.uploads_live_s = True, 3600.0
        self.assets: dict[str, dict[str, Any]] = {}
        self._cancel_requests: set[str] = set()
        super().__init__(**options)
        self.assets_url = f"{self.origin}/assets"

    def key_of(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-api-key") or super().key_of(headers)

    def answer(self, asked: Asked) -> Reply:
        reply = super().answer(asked)
        if not asked.path.startswith(("/files/", "/_server")):
            reply.headers = {"X-Comfy-Request-Id": secrets.token_hex(8), **reply.headers}
        return reply

    def failure(
        self, status: int, message: str, kind: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        kind = kind or "internal_error"
        detail: Any = message
        if status == 422:
            detail = [{"loc": ["body"], "msg": message, "type": kind, "ctx": {}}]
        body = {"detail": detail} if status == 422 else {"detail": detail, "error_type": kind}
        return Reply(status, body, {"X-Comfy-Error-Type": kind, **(headers or {})})

    # -- models -----------------------------------------------------------------------------------

    def _catalog(self, asked: Asked, account: Account) -> Reply:
        limit = min(int(asked.query.get("limit", 50)), 100)
        cursor = asked.query.get("cursor", "0")
        if not cursor.isdigit():
            return self.failure(400, "The cursor is malformed.", "invalid_input")
        names = sorted(self.models)
        end = int(cursor) + limit
        data = [self._catalog_entry(name) for name in names[int(cursor) : end]]
        more = end < len(names)
        page = {"data": data, "has_more": more, "limit": limit}
        return Reply(body={**page, "next_cursor": str(end) if more else None})

    def _entry(self, asked: Asked, account: Account, model: str) -> Reply:
        self._check_model(model)
        return Reply(body=self._catalog_entry(model))

    def _catalog_entry(self, name: str) -> dict[str, Any]:
        provider, _, model = name.partition("/")
        billing = {"charges_on_policy_rejection": self.models[name]}
        return {"id": name, "provider": provider, "model": model, "billing": billing}

    def _schema(self, asked: Asked, account: Account, model: str) -> Reply:
        self._check_model(model)
        schema = self.schemas.get(model, {"type": "object"})
        content = {"application/json": {"schema": schema}}
        document = {
            "openapi": "3.1.0",
            "info": {"title": model, "version": "1"},
            "x-comfy-input-schema-authored": model in self.schemas,
            "paths": {f"/v2/models/{model}": {"post": {"requestBody": {"content": content}}}},
        }
        tag = f'"{sha256(json.dumps(document).encode()).hexdigest()[:16]}"'
        if asked.headers.get("if-none-match") == tag:
            return Reply(304, headers={"ETag": tag})
        return Reply(body=document, headers={"ETag": tag})

    def _check_model(self, model: str) -> None:
        if model not in self.models:
            raise Refusal(self.failure(404, f"No model {model}.", "model_not_found"))

    # -- keys -------------------------------------------------------------------------------------

    def _job_of_key(self, asked: Asked, account: Account) -> ProviderJob | None:
        """Find the job that this key made within 24 hours. Refuse a key that can't serve."""
        key = asked.headers.get("idempotency-key", "")
        since = self.now() - DAY_S
        jobs = [
            job
            for job in self.jobs.values()
            if key and (job.key, job.account) == (key, account.name) and job.asked_at > since
        ]
        if not jobs or not self.knows_keys:
            return None
        if jobs[0].identity != identity_of(asked):
            raise Refusal(self.failure(409, "The key was used otherwise.", "invalid_input"))
        return jobs[0]

    def _new_job(self, asked: Asked, account: Account, endpoint: str) -> ProviderJob:
        if not asked.body:
            raise Refusal(self.failure(422, "The body is empty.", "invalid_input"))
        self.check_body("comfy-router", endpoint.removesuffix("/requests"), asked.body)
        if not self.can_pay(account, endpoint, asked.body):
            raise Refusal(self.failure(402, "Add credits.", "insufficient_credits"))
        key = asked.headers.get("idempotency-key", "")
        return self.accept(asked, endpoint, account, key=key)

    def price(self, endpoint: str, body: Mapping[str, Any]) -> float:
        return super().price(endpoint.removesuffix("/requests"), body)

    def cost_of_end(self, job: ProviderJob, state: str, error: str) -> float:
        is_refused = error == "content_policy_violation"
        charges = self.models.get(job.endpoint.removesuffix("/requests")) == "yes"
        return job.quote if state == "done" or (is_refused and charges) else 0.0

    # -- the synchronous route --------------------------------------------------------------------

    def _run(self, asked: Asked, account: Account, model: str) -> Reply:
        self._check_model(model)
        job = self._job_of_key(asked, account)
        is_replay = job is not None
        job = job or self._new_job(asked, account, model)
        for _ in range(self.looks_a_call):
            if job.state not in ENDED:
                self.look(job)
        wait = {"Retry-After": str(self.retry_after_s)}
        if job.state in ENDED:
            return self._outcome(job, is_replay=is_replay)
        if is_replay:
            return self.failure(409, "It still works.", "concurrency_limit_exceeded", wait)
        return self.failure(504, "It takes longer.", "deadline_exceeded", wait)

    # -- the queue --------------------------------------------------------------------------------

    def _submit(self, asked: Asked, account: Account, model: str) -> Reply:
        self._check_model(model)
        if not account.has_queue:
            return self.failure(403, "The queue is not on for this workspace.", "not_enabled")
        if model.startswith("elevenlabs/"):
            return self.failure(403, "This model answers in bytes.", "not_enabled")
        job = self._job_of_key(asked, account)
        headers = {"Idempotent-Replayed": "true"} if job else {}
        job = job or self._new_job(asked, account, f"{model}/requests")
        place = f"{self.url}/v2/models/{model}/requests/{job.id}"
        handle = {
            "request_id": job.id,
            "status": "IN_QUEUE",
            "queue_position": 1,
            "status_url": f"{place}/status",
            "response_url": place,
            "cancel_url": f"{place}/cancel",
        }
        return Reply(201, handle, headers)

    def _queue_job(self, account: Account, model: str, job_id: str) -> ProviderJob:
        job = self.job_of(job_id, account)
        if job.endpoint != f"{model}/requests":
            raise Refusal(self.failure(404, "No such request.", "request_not_found"))
        return job

    def _status(self, asked: Asked, account: Account, model: str, job_id: str) -> Reply:
        job = self.look(self._queue_job(account, model, job_id))
        if job.id in self._cancel_requests and self.honours_cancel:
            self.end(job, "cancelled", "cancelled")
        return self._state(job, 200)

    def _state(self, job: ProviderJob, status: int) -> Reply:
        if job.state in ENDED:
            end = {"request_id": job.id, "status": "COMPLETED"}
            return Reply(status, {**end, "error_type": job.error} if job.error else end)
        word = "IN_QUEUE" if job.state == "waiting" else "IN_PROGRESS"
        body: dict[str, Any] = {"request_id": job.id, "status": word}
        if word == "IN_QUEUE":
            body["queue_position"] = max(1, job.script.queued - job.looks + 1)
        return Reply(status, body, {"Retry-After": str(self.retry_after_s)})

    def _result(self, asked: Asked, account: Account, model: str, job_id: str) -> Reply:
        job = self._queue_job(account, model, job_id)
        if job.state not in ENDED:
            return self._state(job, 202)
        if self.now() - (job.ended_at or 0) > DAY_S:
            return self.failure(410, "The result is gone.", "request_not_found")
        return self._outcome(job)

    def _cancel(self, asked: Asked, account: Account, model: str, job_id: str) -> Reply:
        job = self._queue_job(account, model, job_id)
        if job.state in ENDED:
            return Reply(400, {"request_id": job.id, "status": "ALREADY_COMPLETED"})
        self._cancel_requests.add(job.id)
        return Reply(202, {"request_id": job.id, "status": "CANCELLATION_REQUESTED"})

    # -- outputs ----------------------------------------------------------------------------------

    def _outcome(self, job: ProviderJob, *, is_replay: bool = False) -> Reply:
        if job.error:
            return self.failure(STATUSES.get(job.error, 502), "It failed.", job.error)
        model = job.endpoint.removesuffix("/requests")
        headers = {"Idempotent-Replayed": "true"} if is_replay else self._costs(job, model)
        if model.startswith("elevenlabs/"):
            return Reply(body=mp3(1.0), headers={"Content-Type": "audio/mpeg", **headers})
        return Reply(body=output_of(self, job, model), headers=headers)

    def _costs(self, job: ProviderJob, model: str) -> dict[str, str]:
        is_queued = job.endpoint.endswith("/requests")
        if is_queued or (
            self.models_with_costs is not None and model not in self.models_with_costs
        ):
            return {}
        account = next(one for one in self.accounts.values() if one.name == job.account)
        limit, spent = round(account.balance * 100), round(account.spent * 100)
        return {
            "X-Comfy-Credits-Used": f"{job.cost * CREDITS_PER_USD:.4f}",
            "x-litellm-response-cost": f"{job.cost:.6f}",
            "X-Committed-Spend-Limit": str(limit),
            "X-Committed-Spend-Current": str(spent),
            "X-Committed-Spend-Remaining": str(limit - spent),
        }

    def file_url(self, job: ProviderJob, ending: str, number: int = 0) -> str:
        # As its client reads it: see `parse_expiry` of comfy_low.
        date = datetime.fromtimestamp(self.now(), UTC)
        query = f"X-Goog-Date={date:%Y%m%dT%H%M%SZ}&X-Goog-Expires={self.files_live_s:.0f}"
        return f"{super().file_url(job, ending, number)}?{query}"

    # -- assets -----------------------------------------------------------------------------------

    def _upload(self, asked: Asked, account: Account) -> Reply:
        if not asked.files or "content_type" not in asked.body:
            return self.failure(422, "file and content_type are required", "invalid_input")
        content = asked.files[0][1]
        self.check_name(str(asked.body.get("file_path", "")), content)
        digest = asked.body.get("expected_hash") or f"sha256:{sha256(content).hexdigest()}"
        is_new = digest not in self.assets
        if is_new:
            name = f"upload-{len(self.assets) + 1}"
            self.uploads[name] = (str(asked.body["content_type"]), content)
            self.assets[digest] = {
                "id": name,
                "hash": digest if digest.startswith("blake3:") else None,
                "size_bytes": len(content),
                "content_type": asked.body["content_type"],
                "file_path": asked.body.get("file_path"),
                "created_at": self._moment(),
            }
        return Reply(201 if is_new else 200, self._asset_record(digest, is_new))

    def _upload_by_hash(self, asked: Asked, account: Account) -> Reply:
        digest = str(asked.body.get("hash"))
        if digest not in self.assets:
            return self.failure(404, "No such bytes.", "invalid_input")
        return Reply(body=self._asset_record(digest, False))

    def _has_hash(self, asked: Asked, account: Account, digest: str) -> Reply:
        return Reply(200 if digest in self.assets else 404)

    def _asset(self, asked: Asked, account: Account, asset_id: str) -> Reply:
        digests = [digest for digest, one in self.assets.items() if one["id"] == asset_id]
        if not digests:
            return self.failure(404, "No such asset.", "request_not_found")
        return Reply(body=self._asset_record(digests[0], False))

    def _asset_record(self, digest: str, is_new: bool) -> dict[str, Any]:
        # Signed again each time: two uploads of one file have two addresses.
        asset, lifetime = self.assets[digest], self.uploads_live_s + len(self.asked)
        url = f"{self.origin}{self.FILES}/{ticket(asset['id'], self.now() + lifetime)}"
        expires = self._moment(lifetime)
        return {**asset, "created_new": is_new, "url": url, "url_expires_at": expires}

    def _moment(self, later_s: float = 0.0) -> str:
        return datetime.fromtimestamp(self.now() + later_s, UTC).isoformat()


if __name__ == "__main__":
    serve(RouterServer)
