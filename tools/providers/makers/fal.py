"""fal: one key for over a thousand models, with a queue, a price list and signed webhooks.

It doesn't know repeated requests: the job of one that had no answer is found by its webhook, or in
the account's history by equal input. Source: its documentation and fal-client 1.0.3, November 2026.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import orjson

from core.errors import ProviderError, ProviderUnsure
from core.shared_cache import shared_cache
from tools.providers import webhooks
from tools.providers.base import Forged, Provider, Submit, Visit
from tools.providers.http_failures import reading_paid_answer, retry_after_s
from tools.providers.look_times import now_s
from tools.providers.makers import options, paths
from tools.providers.makers.catalog import catalog_of
from tools.providers.makers.dialect import Client, Dialect
from tools.providers.makers.exchange import JobFacts, JobHandle, JobStatus, Payload, Result, Upload
from tools.providers.makers.named_jobs import moment
from tools.providers.makers.provider import Maker
from tools.providers.makers.refusals import refusal
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
_HEADERS = {
    "Content-Type": "application/json",
    # Else its queue itself runs a failed job again.
    "X-Fal-No-Retry": "1",
    "X-Fal-Object-Lifecycle-Preference": f'{{"expiration_duration_seconds": {LIFETIME_S}}}',
}
# Its webhooks are signed by Ed25519. How far their timestamps may be off, and how long its public
# keys are kept.
_TOLERANCE_S = 300
_KEYS_S = 24 * 3600
# Keys are read again at most so often where a signature fits none: it may have new ones.
_AGAIN_S = 60
_NAMES = ("request-id", "user-id", "timestamp", "signature")


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
        return JobHandle(job, own)

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
            return JobStatus(error=self._unknown_job(client))
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
        word, words = _error_of(answer)
        if not (word or words or body.get("error")):
            raise client.failure(answer)
        return JobStatus(error=self._failure(client, place, answer.status, word, words))

    def _failure(
        self, client: Client, place: Place, status: int, word: str, words: str
    ) -> ProviderError:
        if word == "content_policy_violation":
            return refusal(client.who, "request", place.on_refusal)
        because = f": {words}" if words else f" ({word or status})"
        if status >= 500:
            # It charges nothing for these, so another one may be asked for.
            return ProviderError(
                f"{client.who} couldn't make it{because}. It wasn't charged.",
                error_type="GPU_WORKER_FAILED",
                ends_job=True,
            )
        return ProviderError(
            f"{client.who} doesn't accept this{because}. It may charge this attempt.",
            error_type="PARAMETER_INVALID",
            retryable=False,
            ends_job=True,
        )

    def _unknown_job(self, client: Client) -> ProviderError:
        return ProviderError(
            f"{client.who} doesn't know this job any more. It may have charged it.",
            error_type="ASSET_NOT_FOUND",
            retryable=False,
            ends_job=True,
        )

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

    def upload(self, client: Client, path: Path, mime: str) -> Upload:
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
                "X-Fal-File-Name": path.name,
            },
        )
        body = client.json(answer) if answer.status < 300 else None
        if not isinstance(body, dict) or not isinstance(body.get("access_url"), str):
            raise client.failure(answer, "")
        return Upload(str(body["access_url"]))

    def webhook(self, headers: Mapping[str, str], body: bytes, client: Client) -> tuple[str, ...]:
        return _ids_of(headers, body, client)

    def has_heard(self, client: Client, job_id: str) -> bool:
        return webhooks.was_taken(_sender(client), job_id)

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
    """Return the word and the sentence of a failure; ("", "") for what isn't fal's own."""
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
    return word, str(detail or "").strip().rstrip(".")[:300]


# -- webhooks --------------------------------------------------------------------------------------


def _ids_of(headers: Mapping[str, str], body: bytes, client: Client) -> tuple[str, ...]:
    """Return the job that a webhook ends; () when it came before. Raises Forged."""
    request_id, user, timestamp, signature = (
        headers.get(f"x-fal-webhook-{name}", "") for name in _NAMES
    )
    if not timestamp.isdigit() or abs(now_s() - int(timestamp)) > _TOLERANCE_S:
        raise Forged
    message = "\n".join((request_id, user, timestamp, sha256(body).hexdigest())).encode()
    if not (_is_signed(client, message, signature) or _is_signed(client, message, signature, True)):
        raise Forged
    event = webhooks.read_json(body)
    job = event.get("request_id") if isinstance(event, dict) else None
    if not isinstance(job, str) or job != request_id:
        raise Forged
    # A job has one, which is signed again each time that it's sent.
    return (job,) if webhooks.is_new(_sender(client), job) else ()


def _sender(client: Client) -> str:
    return f"fal {client.urls['']}"


def _is_signed(client: Client, message: bytes, signature: str, is_again: bool = False) -> bool:
    # Here, because only processes that are sent one need it.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for key in _keys(client, is_again):
        try:
            raw = base64.urlsafe_b64decode(f"{key}==")
            Ed25519PublicKey.from_public_bytes(raw).verify(bytes.fromhex(signature), message)
        except (InvalidSignature, ValueError, binascii.Error):
            continue
        return True
    return False


def _keys(client: Client, is_again: bool) -> list[str]:
    """Return its public keys, a day old at most; is_again: a minute old."""
    name = f"fal keys:{client.urls['storage']}"
    cache = shared_cache()
    if is_again and not cache.add(f"{name}:again", True, _AGAIN_S):
        return []
    keys = None if is_again else cache.get(name)
    if keys is None:
        keys = _read_keys(client)
        cache.set(name, keys, _KEYS_S if keys else _AGAIN_S)
    return list(keys)


def _read_keys(client: Client) -> list[str]:
    try:
        answer = client.to("storage").request("GET", "/.well-known/jwks.json")
        document: Any = client.json(answer) if answer.status < 300 else {}
    except ProviderError:
        return []
    rows = document.get("keys") if isinstance(document, dict) else None
    return [str(row["x"]) for row in rows or () if isinstance(row, dict) and row.get("x")]
