"""A server that speaks Runway's API: tasks with quotes and booked costs, uploads, organization.

Written from `runwayml` 5.24.0 and Runway's documentation (November 2026). Bodies are checked by the
schemas of its own client's types. Prices are in credits. There are no idempotency keys, no list of
tasks and no webhooks. `server.url` stands for api.dev.runwayml.com.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from tests.support.fakes.http_server import Asked, Refusal, Reply
from tests.support.fakes.makers import maker_schemas
from tests.support.fakes.makers.base import ProviderServer, serve
from tests.support.fakes.makers.jobs import DAY_S, ENDED, Account, ProviderJob, name_of, ticket
from tests.support.fakes.makers.media import seconds_of

KEY = "key_test_7c1e5a90d3b8"
VERSION = "2024-11-06"
LOOK_S = 5.0
SCHEMAS = Path(__file__).resolve().parents[3] / "fixtures" / "schemas" / "runway"
# What a task of an endpoint gives; what one costs in credits, by the second for videos.
ENDINGS = {
    "text_to_image": "png",
    "image_upscale": "png",
    "text_to_speech": "mp3",
    "sound_effect": "mp3",
}
CREDITS = {"text_to_image": 5.0, "image_upscale": 10.0, "text_to_speech": 1.0, "sound_effect": 2.0}
VIDEO_CREDITS = 12.0
# Of Seedance 2.5: a second of a draft, and of its final at 1080p. Drafts live so long.
DRAFT_CREDITS, FINAL_CREDITS = 20.0, 68.0
DRAFT_LIVES_S = 7 * DAY_S
# What is given back: failures that are Runway's own. Refused content is paid for in full.
REFUNDED = ("INTERNAL", "INPUT_PREPROCESSING.INTERNAL", "THIRD_PARTY", "ASSET")


class RunwayServer(ProviderServer):
    """hasty_looks: looks at each task within 5 seconds of the one before, by the server's clock.
    throttled: queued tasks say THROTTLED. daily_limit: of tasks, then 429. quotes: of a task by
    its model, when it is more than what is announced."""

    KEY = KEY
    REFUSED = "SAFETY.INPUT.TEXT"
    OPEN = frozenset({"_file", "_put"})
    ROUTES = (
        ("POST", f"/v1/(?P<endpoint>{'|'.join(sorted(p.stem for p in SCHEMAS.glob('*.json')))})",
         "_create"),
        ("GET", r"/v1/tasks/(?P<job_id>[^/]+)", "_task"),
        ("DELETE", r"/v1/tasks/(?P<job_id>[^/]+)", "_delete"),
        ("POST", "/v1/uploads", "_upload"),
        ("POST", "/put/(?P<ticket_text>.+)", "_put"),
        ("GET", "/v1/organization", "_organization"),
    )  # fmt: skip

    def __init__(self, **options: Any) -> None:
        self.hasty_looks: Counter[str] = Counter()
        self.throttled = False
        self.daily_limit: int | None = None
        self.quotes: dict[str, float] = {}
        # Of uploads, as they were announced.
        self.names: dict[str, str] = {}
        super().__init__(**options)
        self.files_live_s = 2 * DAY_S

    def failure(
        self, status: int, message: str, kind: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        return Reply(status, {"error": message}, headers or {})

    def _account(self, asked: Asked) -> Account:
        if asked.headers.get("x-runway-version") != VERSION:
            raise Refusal(self.failure(400, f"The X-Runway-Version header must be {VERSION}."))
        return super()._account(asked)

    # -- tasks ------------------------------------------------------------------------------------

    def _create(self, asked: Asked, account: Account, endpoint: str) -> Reply:
        problem = problem_of(endpoint, self.with_facts(asked.body)) or self._upload_problem(
            asked.body
        )
        problem = problem or self._draft_problem(asked.body, account)
        if problem is not None:
            issue = {"code": "invalid", "path": [], "message": problem}
            return Reply(400, {"error": "Validation of body failed", "issues": [issue]})
        today = sum(job.asked_at > self.now() - DAY_S for job in self.jobs.values())
        if self.daily_limit is not None and today >= self.daily_limit:
            return self.failure(429, "The daily limit of tasks is reached.")
        if not self.can_pay(account, endpoint, asked.body):
            return self.failure(400, "You do not have enough credits to run this task.")
        job = self.accept(asked, endpoint, account)
        return Reply(body={"id": job.id, "estimatedCost": {"credits": job.quote}})

    def _upload_problem(self, body: Mapping[str, Any]) -> str | None:
        for uri in _uris(body):
            if name_of(uri.removeprefix("runway://"), self.now()) is None:
                return f"{uri} is unknown or expired"
        return None

    def _draft_problem(self, body: Mapping[str, Any], account: Account) -> str | None:
        """Say what is wrong with a draft or its final, as the docstrings of the types have it."""
        if body.get("draft") and body.get("outputFormat", "mp4") != "mp4":
            return "draft mode only supports mp4"
        if "draftTaskId" not in body:
            return None
        if set(body) != {"model", "draftTaskId"}:
            return "draftTaskId: no other generation fields may be provided"
        draft = self.jobs.get(str(body["draftTaskId"]))
        if draft is None or draft.account != account.name or not draft.body.get("draft"):
            return "draftTaskId is not a draft of yours"
        if draft.state != "done":
            return "draftTaskId has not succeeded"
        if draft.asked_at + DRAFT_LIVES_S <= self.now():
            return "draftTaskId has expired"
        return None

    def price(self, endpoint: str, body: Mapping[str, Any]) -> float:
        if draft := self.jobs.get(str(body.get("draftTaskId"))):
            return FINAL_CREDITS * seconds_of(draft.body, 5.0)
        if body.get("draft"):
            return DRAFT_CREDITS * seconds_of(body, 5.0)
        model = str(body.get("model"))
        price = self.prices.get(model, CREDITS.get(endpoint, VIDEO_CREDITS))
        if endpoint not in CREDITS:
            price *= seconds_of(body, 5.0)
        return max(price, self.quotes.get(model, 0.0))

    def cost_of_end(self, job: ProviderJob, state: str, error: str) -> float:
        if state == "cancelled":
            return job.quote if job.state == "running" else 0.0
        return 0.0 if error.startswith(REFUNDED) else job.quote

    def _task(self, asked: Asked, account: Account, job_id: str) -> Reply:
        job = self.job_of(job_id, account)
        if job.looks and self.now() - job.looked_at < LOOK_S:
            self.hasty_looks[job.id] += 1
        job = self.look(job)
        created = datetime.fromtimestamp(job.asked_at, UTC).isoformat().replace("+00:00", "Z")
        task: dict[str, Any] = {"id": job.id, "createdAt": created}
        if job.state in ENDED:
            task["cost"] = {"credits": round(job.cost)}
        else:
            task["estimatedCost"] = {"credits": job.quote}
        match job.state:
            case "done":
                url = self.file_url(job, ENDINGS.get(job.endpoint, "mp4"))
                task |= {"status": "SUCCEEDED", "output": [f"{url}?_jwt={self._token()}"]}
            case "failed":
                task |= {"status": "FAILED", "failure": "The task failed."}
                task["failureCode"] = job.error
            case "cancelled":
                task["status"] = "CANCELLED"
            case "running":
                task |= {"status": "RUNNING", "progress": job.progress}
            case _:
                task["status"] = "THROTTLED" if self.throttled else "PENDING"
        return Reply(body=task)

    def _token(self) -> str:
        """Write the token of a result's URL; its signature is of no interest here."""
        parts = ({"alg": "HS256"}, {"exp": int(self.now() + self.files_live_s)})
        texts = (urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
        return ".".join((*(text.rstrip("=") for text in texts), "c2lnbmVk"))

    def _delete(self, asked: Asked, account: Account, job_id: str) -> Reply:
        job = self.job_of(job_id, account)
        if job.state in ENDED:
            del self.jobs[job_id]
        else:
            self.end(job, "cancelled")
        return Reply(204)

    # -- uploads ----------------------------------------------------------------------------------

    def _upload(self, asked: Asked, account: Account) -> Reply:
        if asked.body.get("type") != "ephemeral" or "filename" not in asked.body:
            return self.failure(400, "filename and type are required")
        self.check_name(str(asked.body["filename"]))
        upload = f"upload-{len(self.asked)}"
        self.names[upload] = str(asked.body["filename"])
        ticket_text = ticket(upload, self.now() + DAY_S)
        return Reply(body={
            "uploadUrl": f"{self.origin}/put/{ticket_text}",
            "fields": {"key": ticket_text},
            "runwayUri": f"runway://{ticket_text}",
        })  # fmt: skip

    def _put(self, asked: Asked, ticket_text: str) -> Reply:
        name = name_of(ticket_text, self.now())
        if name is None or asked.body.get("key") != ticket_text or not asked.files:
            return Reply(403, b"")
        self.check_name(self.names[name], asked.files[0][1])
        self.uploads[name] = ("application/octet-stream", asked.files[0][1])
        return Reply(204)

    # -- the account ------------------------------------------------------------------------------

    def _organization(self, asked: Asked, account: Account) -> Reply:
        uses = Counter(
            str(job.body["model"])
            for job in self.jobs.values()
            if job.account == account.name and job.asked_at > self.now() - DAY_S
        )
        limits = {"maxConcurrentGenerations": 5, "maxDailyGenerations": self.daily_limit}
        models = dict.fromkeys(("gen4.5", "veo3.1", "seedance2_5", *uses), limits)
        usage = {name: {"dailyGenerations": count} for name, count in uses.items()}
        return Reply(body={
            "creditBalance": round(account.balance - account.spent),
            "tier": {"maxMonthlyCreditSpend": 100_000, "models": models},
            "usage": {"models": usage},
        })  # fmt: skip


# -- published rules ------------------------------------------------------------------------------


def problem_of(endpoint: str, body: Mapping[str, Any]) -> str | None:
    """Say what the published types of an endpoint have against a body; None if they take it."""
    model = str(body.get("model"))
    validators = _validators(endpoint, model)
    if not validators:
        return f"model: {model} is not served here"
    problems = [next(iter(validator.iter_errors(dict(body))), None) for validator in validators]
    if None in problems:
        return maker_schemas.problem_of("runway", model, body)
    problem: ValidationError = problems[0]
    return f"{problem.json_path}: {problem.message[:300]}"


@cache
def _validators(endpoint: str, model: str) -> tuple[Any, ...]:
    """Make what checks bodies of a model, for each of its types."""
    schema = _schema(endpoint)
    names = [one["$ref"].rpartition("/")[2] for one in schema.get("anyOf", ()) if "$ref" in one]
    parts = {name: schema["$defs"][name] for name in names} or {"": schema}
    return tuple(
        _Validator({**part, "$defs": schema.get("$defs", {})})
        for part in parts.values()
        if model in _values(part["properties"].get("model", {}))
    )


@cache
def _schema(endpoint: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{endpoint}.json").read_text())
    return schema


def _values(field: Mapping[str, Any]) -> tuple[Any, ...]:
    return (field["const"],) if "const" in field else tuple(field.get("enum", ()))


def _utf16_length(validator: Any, most: int, value: Any, schema: Any) -> Any:
    """Count a text as Runway does: in UTF-16 units."""
    if isinstance(value, str) and (length := len(value.encode("utf-16-le")) // 2) > most:
        yield ValidationError(f"{length} UTF-16 units, at most {most}")


_Validator = extend(Draft202012Validator, {"maxLength": _utf16_length})


def _uris(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part] if part.startswith("runway://") else []
    parts = part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ()
    return [uri for one in parts for uri in _uris(one)]


if __name__ == "__main__":
    serve(RunwayServer)
