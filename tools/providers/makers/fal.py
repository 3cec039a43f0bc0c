"""fal: one key for over a thousand models, with a queue, a price list and signed webhooks.

It doesn't know repeated requests: the job of one that had no answer is found by its webhook, or in
the account's history by equal input. Source: its documentation and fal-client 1.0.3, November 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import orjson

from core.errors import ProviderError, ProviderUnsure
from tools.providers import webhooks
from tools.providers.base import Provider, Submit, Visit
from tools.providers.http_failures import reading_paid_answer, retry_after_s
from tools.providers.makers import options, paths
from tools.providers.makers.catalog import catalog_of
from tools.providers.makers.dialect import Client, Dialect
from tools.providers.makers.exchange import (
    JobFacts,
    JobHandle,
    JobStatus,
    NoResult,
    Payload,
    Result,
    Upload,
)
from tools.providers.makers.fal_webhooks import ids_of, sender
from tools.providers.makers.named_jobs import moment
from tools.providers.makers.provider import Maker
from tools.providers.makers.refusals import job_failure, refusal
from tools.providers.makers.table import Place
from tools.providers.request_urls import is_own
from tools.providers.service import Answer

TITLE = "fal"
SUMMARY = "Over 1,000 models with one key, a price list and signed webhooks."
FIELDS = options.FIELDS
destination = options.destination
catalog = catalog_of("fal")

# Our uploads and its results are kept there so long.
LIFETIME_S = 24 * 3600
# A job in the history is of a request when its input is equal and it came within so many seconds.
_NEAR = timedelta(minutes=5)
# One that a person named is looked for within so long, to tell them when it was sent.
_FAR = timedelta(days=7)
# What its price list calls the units of a table.
_UNITS = {"result": "images", "second": "seconds", "megapixel": "megapixels"}
# Answers of these statuses are about the request, not about the job, whatever their body says.
_OF_THE_LOOK = (401, 403, 404, 408, 429)
_HEADERS = {
    "Content-Type": "application/json",
    # Else its queue itself runs a failed job again.
    "X-Fal-No-Retry": "1",
    "X-Fal-Object-Lifecycle-Preference": f'{{"expiration_duration_seconds": {LIFETIME_S}}}',
}


def configured(name: str, entry: Mapping[str, Any]) -> Provider:
    """Return the provider for an entry of settings.PROVIDERS. Raises Misconfigured."""
    return Maker(name, Fal(), options.read_options(entry))


class Fal(Dialect):
    service = "fal"
    title = TITLE
    urls: ClassVar[Mapping[str, str]] = {
        "": "https://queue.fal.run",
        "api": "https://api.fal.ai",
        "storage": "https://rest.fal.ai",
        "media": "https://v3.fal.media",
        "site": "https://fal.ai",
    }
    submit_kind: ClassVar[Submit] = "findable"
    takes_webhooks = True
    upload_s = float(LIFETIME_S)

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Key {key}"} if key else {}

    def submit(self, client: Client, payload: Payload, out: Path) -> JobHandle:
        answer = client.to().request(
            "POST",
            f"/{quote(payload.model, safe='/')}",
            content=payload.body,
            params={"fal_webhook": payload.webhook_url} if payload.webhook_url else {},
            headers=_HEADERS,
        )
        if answer.status >= 300:
            raise self._not_taken(client, payload.place, answer)
        with reading_paid_answer():
            body = client.json(answer)
        job = body.get("request_id") if isinstance(body, dict) else None
        if not isinstance(job, str) or not job:
            raise ProviderUnsure(f"{client.who} returned no id of its job.")
        return self._handle(client, payload.model, job, body)

    def _handle(
        self, client: Client, model: str, job: str, answer: Mapping[str, Any] | None = None
    ) -> JobHandle:
        """Return a job with its URLs: those it was answered with, where they are fal's own."""
        app = "/".join(model.split("/")[:2])
        path = f"{client.urls['']}/{quote(app, safe='/')}/requests/{quote(job, safe='')}"
        own = {"status": f"{path}/status", "response": path, "cancel": f"{path}/cancel"}
        service = client.to().service
        for name in own:
            url = (answer or {}).get(f"{name}_url")
            if isinstance(url, str) and is_own(service, url):
                own[name] = url
        return JobHandle(job, {**own, "model": model})

    def _not_taken(self, client: Client, place: Place, answer: Answer) -> ProviderError:
        word, words = _error_of(answer)
        if word == "content_policy_violation":
            return refusal(client.who, "request", place.on_refusal)
        if answer.status < 500 and "balance" in words.lower():
            return client.failure(Answer(402, answer.headers, b""), "")
        return client.not_taken(answer, words)

    def unit_price(self, client: Client, place: Place) -> Decimal | None:
        answer = client.to("api").request(
            "GET", "/v1/models/pricing", params={"endpoint_id": place.id}
        )
        if answer.status >= 300:
            raise client.failure(answer)
        body = client.json(answer)
        rows = body.get("prices") if isinstance(body, dict) else None
        for row in rows or ():
            if isinstance(row, dict) and row.get("unit") == _UNITS.get(place.price.per):
                return Decimal(str(row.get("unit_price")))
        return None

    def look(self, client: Client, job: JobHandle, place: Place) -> JobStatus:
        answer = client.to().request("GET", job.urls["status"])
        if answer.status == 404:
            return self._past(client, job, answer)
        if answer.status >= 300:
            raise client.failure(answer)
        body = client.json(answer)
        state = body.get("status") if isinstance(body, dict) else None
        if state != "COMPLETED":
            pause_s = retry_after_s(answer.headers) or 0.0
            return JobStatus(after_s=pause_s, is_waiting=state == "IN_QUEUE")
        answer = client.to(timeout_s=300.0).request("GET", job.urls["response"])
        if answer.status < 300:
            return JobStatus(result=Result(answer=client.json(answer)))
        word, words = ("", "") if answer.status in _OF_THE_LOOK else _error_of(answer)
        if word:
            return JobStatus(error=self._failure(client, place, answer.status, word, words))
        if body.get("error"):
            word, words = str(body.get("error_type") or ""), _sentence(body["error"])
            return JobStatus(error=self._failure(client, place, 0, word, words))
        if answer.status == 404:
            return self._past(client, job, answer)
        raise NoResult(client.failure(answer))

    def _past(self, client: Client, job: JobHandle, answer: Answer) -> JobStatus:
        """Look into the history for a job of which fal's queue says that there is none."""
        items: list[dict[str, Any]] = []
        if model := job.urls.get("model"):
            content = {"id": model, "at": job.at}
            items = self._history(client, content, _FAR, job.id, expand="payloads")
        item = next((item for item in items if item.get("request_id") == job.id), None)
        if item is None:
            raise client.unknown_job()
        if not item.get("ended_at"):
            return JobStatus()
        if not item.get("json_output"):
            raise NoResult(client.failure(answer))
        return JobStatus(result=Result(answer=item["json_output"]))

    def _failure(
        self, client: Client, place: Place, status: int, word: str, words: str
    ) -> ProviderError:
        if word == "content_policy_violation":
            return refusal(client.who, "request", place.on_refusal)
        because = f": {words}" if words else f" ({word or status})"
        if status >= 500:
            # It charges nothing for these, but it may for the next one.
            return job_failure(f"{client.who} couldn't make it{because}", 0)
        reason = f"{client.who} doesn't accept this{because}"
        return job_failure(reason, None, error_type="PARAMETER_INVALID")

    def cancel(self, client: Client, job: JobHandle) -> None:
        client.to().request("PUT", job.urls["cancel"])

    def find(
        self, client: Client, payload: Payload, job_id: str, is_other: Callable[[str], bool]
    ) -> JobHandle | None:
        more = {"expand": "payloads", "limit": "100"}
        items = self._history(client, payload.content, _NEAR, job_id, **more)
        body = orjson.loads(payload.body)
        ids = [
            str(item["request_id"])
            for item in items
            if item.get("json_input") == body
            and job_id in ("", item.get("request_id"))
            and not is_other(str(item["request_id"]))
        ]
        if len(ids) == 1:
            return self._handle(client, payload.model, ids[0])
        # Jobs at work may not be listed. Its signed webhook at an address that no one else knows
        # is of this request; one of another model's isn't.
        is_own_job = job_id and not is_other(job_id)
        handle = self._handle(client, payload.model, job_id) if is_own_job else None
        if handle and client.to().request("GET", handle.urls["status"]).status < 300:
            return handle
        return None

    def _history(
        self,
        client: Client,
        content: Mapping[str, Any],
        near: timedelta,
        job_id: str,
        **more: str,
    ) -> list[dict[str, Any]]:
        """Return the account's jobs of the model of a request that came near its time. job_id: only
        this one; "" for all."""
        sent_at = datetime.fromtimestamp(float(content["at"]), UTC)
        query = {
            "endpoint_id": str(content["id"]),
            "start": (sent_at - near).isoformat(),
            "end": (sent_at + near).isoformat(),
            **({"request_id": job_id} if job_id else {}),
            **more,
        }
        answer = client.to("api").request("GET", "/v1/models/requests/by-endpoint", params=query)
        if answer.status >= 300:
            raise client.failure(answer)
        body = client.json(answer)
        items = body.get("items") if isinstance(body, dict) else None
        return [item for item in items or () if isinstance(item, dict)]

    def facts(self, client: Client, content: Mapping[str, Any], job_id: str) -> JobFacts | None:
        handle = self._handle(client, str(content["id"]), job_id)
        facts = self._history_facts(client, content, handle)
        if facts is not None:
            return facts
        # Its status has no model, only an app of several; jobs at work may not be listed yet.
        answer = client.to().request("GET", handle.urls["status"])
        if answer.status == 404:
            return None
        if answer.status >= 300:
            raise client.failure(answer)
        if paths.first_at(client.json(answer), "status") != "COMPLETED":
            return JobFacts(handle, is_told=False)
        # It may have ended between the two.
        return self._history_facts(client, content, handle) or JobFacts(handle, model="")

    def _history_facts(
        self, client: Client, content: Mapping[str, Any], handle: JobHandle
    ) -> JobFacts | None:
        """Return what the history has of a job of the request's model."""
        items = self._history(client, content, _FAR, handle.id)
        item = next((one for one in items if one.get("request_id") == handle.id), None)
        if item is None:
            return None
        return JobFacts(handle, str(content["id"]), moment(item.get("sent_at")))

    def upload(self, client: Client, path: Path, name: str, mime: str) -> Upload:
        kind = {"storage_type": "fal-cdn-v3"}
        answer = client.to("storage").request("POST", "/storage/auth/token", params=kind, json={})
        token = client.json(answer) if answer.status < 300 else None
        if not isinstance(token, dict) or "token" not in token:
            raise client.failure(answer, "")
        answer = client.to("media").request(
            "POST",
            "/files/upload",
            content=path.read_bytes(),
            headers={
                **_HEADERS,
                "Authorization": f"{token.get('token_type', 'Bearer')} {token['token']}",
                "Content-Type": mime,
                "X-Fal-File-Name": name,
            },
        )
        body = client.json(answer) if answer.status < 300 else None
        if not isinstance(body, dict) or not isinstance(body.get("access_url"), str):
            raise client.failure(answer, "")
        return Upload(str(body["access_url"]))

    def webhook(self, headers: Mapping[str, str], body: bytes, client: Client) -> tuple[str, ...]:
        return ids_of(headers, body, client)

    def has_heard(self, client: Client, job_id: str) -> bool:
        return webhooks.was_taken(sender(client), job_id)

    def schema(self, client: Client, id: str) -> Mapping[str, Any] | None:
        # It's public, so the site isn't given the key.
        requests = client.without_key(client.urls["site"])
        path = f"{client.urls['site']}/api/openapi/queue/openapi.json"
        answer = requests.request("GET", path, params={"endpoint_id": id})
        if answer.status == 404:
            raise client.no_such_model()
        if answer.status >= 300:
            raise client.failure(answer)
        document: Mapping[str, Any] | None = client.json(answer)
        return document

    def visit(self, client: Client) -> Visit:
        """Ask for prices, which needs the key."""
        answer = client.to("api").request(
            "GET", "/v1/models/pricing", params={"endpoint_id": "fal-ai/nano-banana-pro"}
        )
        if answer.status >= 300:
            raise client.failure(answer)
        return Visit(f"{client.who} answers and accepts the key: it told a price")


def _error_of(answer: Answer) -> tuple[str, str]:
    """Return the word of a failure and its sentence; "" is the word of what isn't fal's own."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    detail = body.get("detail")
    word = str(body.get("error_type") or answer.headers.get("x-fal-error-type") or "")
    if isinstance(detail, list):
        rows = [row for row in detail if isinstance(row, dict)]
        words = "; ".join(str(row["msg"]) for row in rows if row.get("msg"))
        word = next((str(row["type"]) for row in rows if row.get("type")), word)
        return word, words[:300]
    return word, _sentence(detail)


def _sentence(text: Any) -> str:
    return str(text or "").strip().rstrip(".")[:300]
