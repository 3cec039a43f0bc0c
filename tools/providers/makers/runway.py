"""Runway: videos, images and speech of several companies, with a quote and a booked cost per task.

It doesn't know repeated requests, lists no tasks and sends no webhooks, so a person is asked before
a request without an answer is sent again. Refused content is charged in full. Source: runwayml
5.24.0 and its documentation, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import orjson

from core.errors import ProviderError, ProviderRefused, ProviderUnsure
from tools.providers.base import Provider, Submit, Visit
from tools.providers.http_failures import reading_paid_answer
from tools.providers.makers import options, paths, prices
from tools.providers.makers.catalog import catalog_of
from tools.providers.makers.dialect import Client, Dialect
from tools.providers.makers.exchange import JobFacts, JobHandle, JobStatus, Payload, Result, Upload
from tools.providers.makers.named_jobs import moment
from tools.providers.makers.provider import Maker
from tools.providers.makers.refusals import What, job_failure, refusal
from tools.providers.makers.table import Place
from tools.providers.service import Answer

TITLE = "Runway"
SUMMARY = "Runway’s own models and others for video, with one key and the cost of each job."
FIELDS = options.FIELDS
destination = options.destination
catalog = catalog_of("runway")

VERSION = "2024-11-06"
USD_PER_CREDIT = Decimal("0.01")
# Beyond a model's limit of a day, its tasks are asked for so often.
DAILY_LIMIT_LOOK_S = 600.0


def configured(name: str, entry: Mapping[str, Any]) -> Provider:
    """Return the provider for an entry of settings.PROVIDERS. Raises Misconfigured."""
    return Maker(name, Runway(), options.read_options(entry))


class Runway(Dialect):
    service = "runway"
    title = TITLE
    urls: ClassVar[Mapping[str, str]] = {"": "https://api.dev.runwayml.com"}
    submit_kind: ClassVar[Submit] = "blind"
    # It allows one look at a task in five seconds.
    look_s = 5.5
    upload_s = 24 * 3600.0
    has_balance = True
    # Its page of inputs, of every model.
    containers = ("mp4", "mov", "webm", "mp3", "m4a", "flac", "wav")

    def headers(self, key: str) -> dict[str, str]:
        version = {"X-Runway-Version": VERSION}
        return {**version, "Authorization": f"Bearer {key}"} if key else version

    def submit(self, client: Client, payload: Payload, out: Path) -> JobHandle:
        answer = client.to().request(
            "POST",
            str(payload.content["path"]),
            content=payload.body,
            headers={"Content-Type": "application/json"},
        )
        if answer.status >= 300:
            raise self._not_taken(client, answer)
        with reading_paid_answer():
            body = client.json(answer)
        task = body.get("id") if isinstance(body, dict) else None
        if not isinstance(task, str) or not task:
            raise ProviderUnsure(f"{client.who} returned no id of its task.")
        return JobHandle(task, usd=_usd(body, "estimatedCost.credits"))

    def _not_taken(self, client: Client, answer: Answer) -> ProviderError:
        words = _error_of(answer)
        if answer.status < 500 and "credits" in words:
            return client.failure(Answer(402, answer.headers, b""), "")
        failure = client.not_taken(answer, words)
        if failure.is_rate_limit:
            # Of its limit of a day it doesn't say when it ends.
            failure.retry_after_s = failure.retry_after_s or DAILY_LIMIT_LOOK_S
        return failure

    def look(self, client: Client, job: JobHandle, place: Place) -> JobStatus:
        answer = client.to().request("GET", self._route(job))
        if answer.status == 404:
            raise client.unknown_job()
        if answer.status >= 300:
            raise client.failure(answer)
        body = client.json(answer)
        if not isinstance(body, dict):
            return JobStatus()
        usd = _usd(body, "cost.credits")
        match body.get("status"):
            case "SUCCEEDED":
                return JobStatus(result=Result(answer=body, usd=usd))
            case "FAILED" | "CANCELLED":
                return JobStatus(error=self._failure(client, body, usd), usd=usd)
        share = body.get("progress")
        return JobStatus(
            share=float(share) if isinstance(share, int | float) else None,
            is_waiting=body.get("status") in ("PENDING", "THROTTLED"),
        )

    def _failure(
        self, client: Client, task: Mapping[str, Any], usd: Decimal | None
    ) -> ProviderError:
        code = str(task.get("failureCode") or "")
        cost_milli = None if usd is None else prices.milli(usd, client.options.credits_per_usd)
        if "SAFETY" in code:
            return self._refusal(client, code, cost_milli)
        words = f": {str(task['failure']).rstrip('.')[:300]}" if task.get("failure") else ""
        # Asked for again without a person's yes only where the first one cost nothing.
        reason = f"{client.who} couldn't make it{words}"
        return job_failure(reason, cost_milli, retryable=cost_milli == 0)

    def _refusal(self, client: Client, code: str, cost_milli: int | None) -> ProviderRefused:
        what: What = "prompt"
        if "OUTPUT" in code:
            what = "result"
        elif code.endswith(("IMAGE", "VIDEO", "AUDIO")):
            what = "image"
        return refusal(client.who, what, "full", cost_milli)

    def facts(self, client: Client, content: Mapping[str, Any], job_id: str) -> JobFacts | None:
        # A task doesn't name its model: its cost tells it from most others.
        job = JobHandle(job_id)
        answer = client.to().request("GET", self._route(job))
        if answer.status == 404:
            return None
        if answer.status >= 300:
            raise client.failure(answer)
        task = client.json(answer)
        usd = _usd(task, "cost.credits")
        if usd is None:
            usd = _usd(task, "estimatedCost.credits")
        return JobFacts(job, sent_at=moment(paths.first_at(task, "createdAt")), usd=usd)

    def cancel(self, client: Client, job: JobHandle) -> None:
        client.to().request("DELETE", self._route(job))

    def upload(self, client: Client, path: Path, name: str, mime: str) -> Upload:
        answer = client.to().request(
            "POST", "/v1/uploads", json={"filename": name, "type": "ephemeral"}
        )
        body = client.json(answer) if answer.status < 300 else None
        if not isinstance(body, dict) or not {"uploadUrl", "fields", "runwayUri"} <= set(body):
            raise client.failure(answer, "")
        url = str(body["uploadUrl"])
        reply = client.without_key(url).request(
            "POST",
            url,
            data={str(field): str(value) for field, value in dict(body["fields"]).items()},
            files={"file": (name, path.read_bytes(), mime)},
        )
        if reply.status >= 300:
            raise client.failure(reply, "")
        return Upload(str(body["runwayUri"]))

    def visit(self, client: Client) -> Visit:
        answer = client.to().request("GET", "/v1/organization")
        if answer.status >= 300:
            raise client.failure(answer)
        body = client.json(answer)
        usd = _usd(body, "creditBalance")
        credits = paths.first_at(body, "creditBalance")
        return Visit(
            f"{client.who} answers, with {credits} of its credits left",
            problems=tuple(_used_up(body)),
            balance_usd=None if usd is None else float(usd),
        )

    def _route(self, job: JobHandle) -> str:
        return f"/v1/tasks/{quote(job.id, safe='')}"


def _usd(document: Any, path: str) -> Decimal | None:
    credits = paths.first_at(document, path)
    if isinstance(credits, bool) or not isinstance(credits, int | float):
        return None
    return Decimal(str(credits)) * USD_PER_CREDIT


def _used_up(document: Any) -> Iterator[str]:
    """Yield sentences about models of which no more tasks are made today."""
    limits, uses = paths.first_at(document, "tier.models"), paths.first_at(document, "usage.models")
    if not isinstance(limits, dict) or not isinstance(uses, dict):
        return
    for model, limit in limits.items():
        most = paths.first_at(limit, "maxDailyGenerations")
        count = paths.first_at(uses.get(model), "dailyGenerations")
        if isinstance(most, int) and (count if isinstance(count, int) else 0) >= most:
            yield f"All {most} tasks that Runway allows today for {model} are used."


def _error_of(answer: Answer) -> str:
    """Return the sentence of a failure; "" for what isn't Runway's own."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(body, dict) or not body.get("error"):
        return ""
    issues = [one for one in body.get("issues") or () if isinstance(one, dict)]
    parts = [str(body["error"]), *(str(one.get("message", "")) for one in issues)]
    return "; ".join(part for part in parts if part)[:300]
