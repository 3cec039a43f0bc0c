"""Comfy Router: one key for models of many companies, with a queue that knows repeated requests.

Source: its OpenAPI document of comfy-sdk 0.5.0 and its documentation, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import orjson

from core.errors import ProviderError, ProviderUnsure
from tools.providers.base import Provider, Submit, Visit
from tools.providers.http_failures import final, reading_paid_answer, retry_after_s
from tools.providers.look_times import now_s
from tools.providers.makers import options
from tools.providers.makers.catalog import catalog_of
from tools.providers.makers.dialect import Client, Dialect
from tools.providers.makers.exchange import (
    JobFacts,
    JobHandle,
    JobStatus,
    Later,
    NoResult,
    NotQueued,
    Payload,
    Result,
    Upload,
)
from tools.providers.makers.named_jobs import moment
from tools.providers.makers.provider import Maker
from tools.providers.makers.refusals import job_failure, refusal
from tools.providers.makers.table import Place
from tools.providers.service import Answer

TITLE = "Comfy Router"
SUMMARY = "Over 200 models with one key and one balance."
FIELDS = options.FIELDS
destination = options.destination
catalog = catalog_of("comfy-router")

# The synchronous route holds a request for ten minutes at most.
SYNC_S = 620.0
# Its own words for a request that another one with the same key is still at work on.
_AT_WORK = frozenset({"concurrency_limit_exceeded", "deadline_exceeded"})
# Those of a job that ended without a result. Of one that ended by an internal error its status says
# so; beside a result that is the Router's own.
_ENDS = frozenset(
    {"content_policy_violation", "invalid_input", "provider_error", "provider_timeout"}
    | {"cancelled", "queue_timeout"}
)
# Headers with costs, and how many of their units are a US dollar.
_COSTS = {"x-litellm-response-cost": 1, "x-comfy-credits-used": 211}
# Where a request without a time to come back is sent again.
_USUAL_PAUSE_S = 5.0
# What a proxy in front of it answers in place of a file.
_NO_MEDIA = ("text/", "application/json")


def configured(name: str, entry: Mapping[str, Any]) -> Provider:
    """Return the provider for an entry of settings.PROVIDERS. Raises Misconfigured."""
    return Maker(name, ComfyRouter(), options.read_options(entry))


class ComfyRouter(Dialect):
    service = "comfy-router"
    title = TITLE
    urls: ClassVar[Mapping[str, str]] = {
        "": "https://api.comfy.org",
        "assets": "https://cloud.comfy.org",
    }
    submit_kind: ClassVar[Submit] = "idempotent"
    key_lifetime_s = 24 * 3600.0
    upload_s = 3600.0

    def headers(self, key: str) -> dict[str, str]:
        return {"X-API-Key": key} if key else {}

    def submit(self, client: Client, payload: Payload, out: Path) -> JobHandle:
        is_sync = bool(payload.content["is_sync"])
        route = f"/v2/models/{_quote(payload.model)}"
        requests = client.to(timeout_s=SYNC_S if is_sync else None)
        is_bytes = is_sync and payload.place.result.encoding == "bytes"
        target = out / f"answer-{payload.content['n']}" if is_bytes else None
        answer = requests.request(
            "POST",
            route if is_sync else f"{route}/requests",
            target=target,
            content=payload.body,
            # Else another company may serve it, at another price.
            params={"fallback_provider": "false"},
            headers={"Content-Type": "application/json", "Idempotency-Key": payload.key},
        )
        if answer.status >= 300:
            raise self._not_taken(client, payload.place, answer)
        usd, is_replay = _usd(answer), answer.headers.get("idempotent-replayed") == "true"
        if target is not None:
            if answer.headers.get("content-type", "").startswith(_NO_MEDIA):
                raise ProviderUnsure(f"{client.who} returned no file.")
            return JobHandle(result=Result(file=target, usd=usd), is_replay=is_replay)
        with reading_paid_answer():
            body = client.json(answer)
        if is_sync and isinstance(body, dict):
            return JobHandle(result=Result(answer=body, usd=usd), is_replay=is_replay)
        if not isinstance(body, dict) or not isinstance(body.get("request_id"), str):
            raise ProviderUnsure(f"{client.who} returned neither a job nor a result.")
        return JobHandle(body["request_id"], {"model": payload.model})

    def _not_taken(self, client: Client, place: Place, answer: Answer) -> Exception:
        """Return why a request has no job yet."""
        word, words = _error_of(answer)
        if word == "not_enabled" and not answer.is_free:
            return NotQueued()
        if word in _AT_WORK or word == "queue_backlog_full":
            return Later(retry_after_s(answer.headers) or _USUAL_PAUSE_S)
        if answer.status == 409:
            # The key is used up: the result may be charged, and gone.
            return ProviderUnsure(
                f"{client.who} doesn't know the request any more that it was sent before.",
                may_repeat=False,
                ends_job=True,
            )
        return self._failure(client, place, answer, word, words)

    def _failure(
        self, client: Client, place: Place, answer: Answer, word: str, words: str
    ) -> ProviderError:
        if word == "content_policy_violation":
            return refusal(client.who, "request", place.on_refusal)
        if word == "model_not_found":
            return client.no_such_model()
        if word == "insufficient_credits":
            return client.failure(Answer(402, answer.headers, b""), "")
        says_later = answer.status == 503 and retry_after_s(answer.headers) is not None
        if answer.status >= 500 and not says_later:
            return ProviderUnsure(f"{client.who} failed ({answer.status}).")
        return client.failure(answer, words or None)

    def look(self, client: Client, job: JobHandle, place: Place) -> JobStatus:
        route = self._route(job)
        answer = client.to().request("GET", f"{route}/status")
        if answer.status >= 300:
            raise self._no_job(client, answer) or client.failure(answer)
        body = client.json(answer)
        state = body.get("status") if isinstance(body, dict) else None
        if state != "COMPLETED":
            pause_s = retry_after_s(answer.headers) or 0.0
            return JobStatus(after_s=pause_s, is_waiting=state == "IN_QUEUE")
        if word := body.get("error_type"):
            return JobStatus(error=self._job_failure(client, place, str(word)))
        return self._collect(client, route, place)

    def _collect(self, client: Client, route: str, place: Place) -> JobStatus:
        answer = client.to(timeout_s=300.0).request("GET", route)
        if answer.status == 202:
            return JobStatus()
        if answer.status < 300:
            return JobStatus(result=Result(answer=client.json(answer)))
        word, words = _error_of(answer)
        if word in _ENDS:
            return JobStatus(error=self._job_failure(client, place, word, words))
        raise self._no_job(client, answer) or NoResult(client.failure(answer))

    def _no_job(self, client: Client, answer: Answer) -> NoResult | None:
        """Return what an answer means by which a job isn't there; None for any other."""
        if answer.status == 410:
            reason = f"{client.who} made this and charged it, but its file is gone."
            return NoResult(final(reason, "ASSET_NOT_FOUND"), is_unknown=True)
        return client.unknown_job() if _error_of(answer)[0] == "request_not_found" else None

    def _job_failure(
        self, client: Client, place: Place, word: str, words: str = ""
    ) -> ProviderError:
        """Return how a job failed. Its key would only bring the same failure again."""
        if word == "content_policy_violation":
            return refusal(client.who, "request", place.on_refusal)
        because = f": {words}" if words else ""
        return job_failure(f"{client.who} couldn't make it ({word}){because}", None)

    def facts(self, client: Client, content: Mapping[str, Any], job_id: str) -> JobFacts | None:
        # The route names the model, and no time is told.
        job = JobHandle(job_id, {"model": str(content["id"])})
        answer = client.to().request("GET", f"{self._route(job)}/status")
        if answer.status == 404:
            return None
        if answer.status >= 300 and answer.status != 410:
            raise client.failure(answer)
        return JobFacts(job, model=str(content["id"]))

    def cancel(self, client: Client, job: JobHandle) -> None:
        client.to().request("PUT", f"{self._route(job)}/cancel")

    def upload(self, client: Client, path: Path, name: str, mime: str) -> Upload:
        answer = client.to("assets").request(
            "POST",
            "/api/v2/assets",
            data={"content_type": mime, "file_path": name},
            files={"file": (name, path.read_bytes(), mime)},
        )
        if answer.status >= 300:
            raise client.failure(answer, "")
        body = client.json(answer)
        url = body.get("url") if isinstance(body, dict) else None
        if not isinstance(url, str):
            raise ProviderError(f"{client.who} returned no URL for an upload.")
        ends_at = moment(body.get("url_expires_at"))
        return Upload(url, ends_at.timestamp() - now_s() if ends_at is not None else None)

    def schema(self, client: Client, id: str) -> Mapping[str, Any] | None:
        answer = client.to().request("GET", f"/v2/models/{_quote(id)}/openapi.json")
        if answer.status >= 300:
            word, words = _error_of(answer)
            is_gone = word == "model_not_found"
            raise client.no_such_model() if is_gone else client.failure(answer, words or None)
        document: Mapping[str, Any] = client.json(answer)
        # Without it nothing of a body is checked, whatever the document says.
        is_known = document.get("x-comfy-input-schema-authored", True)
        return document if is_known else None

    def visit(self, client: Client) -> Visit:
        answer = client.to().request("GET", "/v2/models", params={"limit": 100})
        if answer.status >= 300:
            raise client.failure(answer)
        body = client.json(answer)
        rows = body.get("data") if isinstance(body, dict) else None
        names = tuple(str(row.get("id")) for row in rows or () if isinstance(row, dict))
        least = "at least " if body.get("has_more") else ""
        says = f"{client.who} answers, with {least}{len(names)} models in its catalog"
        return Visit(says, models=names)

    def _route(self, job: JobHandle) -> str:
        return f"/v2/models/{_quote(job.urls['model'])}/requests/{quote(job.id, safe='')}"


def _usd(answer: Answer) -> Decimal | None:
    """Return what an answer says that it cost; replays and most models don't say."""
    for name, units in _COSTS.items():
        try:
            return Decimal(answer.headers[name]) / units
        except (KeyError, InvalidOperation):
            continue
    return None


def _quote(model: str) -> str:
    return quote(model, safe="/")


def _error_of(answer: Answer) -> tuple[str, str]:
    """Return the word and the sentence of a failure; ("", "") for what isn't the Router's own."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    word = body.get("error_type") or answer.headers.get("x-comfy-error-type") or ""
    detail = body.get("detail")
    if isinstance(detail, list):
        parts = (one.get("msg") for one in detail if isinstance(one, dict))
        detail = "; ".join(str(part) for part in parts if part)
    return str(word), str(detail or "").strip().rstrip(".")[:300]
