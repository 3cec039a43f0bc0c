"""fal's webhooks: forged ones are not believed; early, repeated or late ones lose nothing.

With REELGRAPH_WEBHOOKS=1000 there are so many runs whose webhooks come before any answer.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.models import LedgerEntry, User
from core import clock
from core.shared_cache import shared_cache
from runs.models import Artifact, Attempt, Event, RemoteJob, Run, Step
from tests.support.builders.running import start, work_off
from tests.support.clients.asgi_requests import request_app
from tests.support.fakes.http_server import Reply
from tests.support.fakes.makers.base import Fault
from tests.support.fakes.makers.configured import options_at
from tests.support.fakes.makers.fal_server import FalServer
from tests.support.fakes.makers.jobs import ProviderJob, Script

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = int(os.environ.get("REELGRAPH_WEBHOOKS", "12"))
FORGED = 1_000
SUBMIT = "POST /queue/fal-ai/*"
HISTORY = "GET /api/v1/models/requests/*"


class Fal(FalServer):
    """tell: called with each job that it accepts, before that is answered."""

    tell: Callable[[ProviderJob], object] = staticmethod(lambda job: None)

    def on_accepted(self, job: ProviderJob) -> None:
        self.tell(job)


@pytest.fixture
def fal(settings: Any, provide: Callable[..., None]) -> Iterator[Fal]:
    shared_cache().clear()
    settings.ACTIVE_RUNS_PER_USER, settings.STARTS_PER_MINUTE = 10_000, None
    settings.PUBLIC_URL = "https://films.example"
    settings.RETRY_BASE_S = settings.RETRY_CAP_S = 0.0
    with Fal() as server:
        server.script = Script(looks=1)
        # Only a webhook tells what became of a request without an answer.
        server.lists_unended = False
        settings.PROVIDER_CHOICE = {"generate_image": "fal"}
        provide({"fal": options_at("fal", server)})
        yield server
    settings.PROVIDER_CHOICE = {}


def begin(alice: User, prompt: str = "a fox") -> Run:
    return start(
        alice, [{"id": "a", "toolName": "generate_image", "arguments": {"prompt": prompt}}]
    )


def told(server: Fal, job: ProviderJob, *, address: str = "", **signing: Any) -> int:
    """Send the webhook of a job; the status of the answer."""
    body = server.hook_body(job)
    headers = {k.lower(): v for k, v in server.signature_headers(job, body, **signing).items()}
    return request_app("POST", urlsplit(address or job.webhook).path, headers, body).status


def over(runs: list[Run]) -> set[str]:
    """Work until nothing moves by itself, without letting time pass; how the runs ended."""
    work_off()
    return set(Run.objects.filter(id__in=[run.id for run in runs]).values_list("status", flat=True))


@pytest.mark.slow
def test_a_thousand_forged_webhooks_change_nothing(alice: User, fal: Fal) -> None:
    fal.script = Script(looks=-1)
    run = begin(alice)
    work_off()
    [job] = fal.jobs.values()
    later = clock.now().replace(microsecond=0, year=clock.now().year + 1)
    run.steps.update(not_before=later)
    before = list(RemoteJob.objects.values()), list(Step.objects.values()), len(fal.asked)
    chance, body = random.Random(1), fal.hook_body(job)
    true = {k.lower(): v for k, v in fal.signature_headers(job, body).items()}
    address = urlsplit(job.webhook).path
    for _ in range(FORGED):
        path, headers, sent = forged(chance, fal, job, address, true, body)
        assert request_app("POST", path, headers, sent).status == 404, (path, headers)
    keys = fal.calls("/rest/.well-known/*", "GET")
    after = list(RemoteJob.objects.values()), list(Step.objects.values())
    assert after == before[:2]
    # Forged webhooks don't cause the keys to be read each time.
    assert len(fal.asked) - before[2] == len(keys) <= 2
    # The true one is believed afterwards, once.
    fal.end(job)
    assert told(fal, job) == 204
    assert over([run]) == {"completed"}
    assert [told(fal, job, late_s=n % 250) for n in range(100)] == [204] * 100
    assert over([run]) == {"completed"}
    assert run.artifacts.count() == len(fal.submissions()) == 1


def forged(
    chance: random.Random,
    fal: Fal,
    job: ProviderJob,
    address: str,
    true: dict[str, str],
    body: bytes,
) -> tuple[str, dict[str, str], bytes]:
    """Change a true webhook in one way."""
    name = "x-fal-webhook-"
    match chance.randrange(7):
        case 0:
            headers = fal.signature_headers(job, body, is_forged=True)
            return address, {k.lower(): v for k, v in headers.items()}, body
        case 1:
            place = chance.randrange(len(body))
            changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            return address, true, changed
        case 2:
            late_s = chance.choice((-1, 1)) * chance.randint(310, 10**8)
            headers = fal.signature_headers(job, body, late_s=late_s)
            return address, {k.lower(): v for k, v in headers.items()}, body
        case 3:
            left_out = chance.choice(("request-id", "user-id", "timestamp", "signature"))
            return address, {k: v for k, v in true.items() if k != name + left_out}, body
        case 4:
            field = chance.choice(("request-id", "user-id", "timestamp"))
            return address, {**true, name + field: true[name + field] + "1"}, body
        case 5:
            signature = chance.choice(("", "00", "zz" * 64, true[name + "signature"][:-2] + "zz"))
            return address, {**true, name + "signature": signature}, body
        case _:
            # The address of another provider's webhooks, or a wrong secret.
            prefix, _, token = address.rpartition("/")
            return f"{prefix[:-1]}{'A' if prefix[-1] != 'A' else 'B'}/{token}", true, body


def test_a_webhook_that_comes_twice_is_heard_once(alice: User, fal: Fal) -> None:
    fal.script = Script(looks=-1)
    run = begin(alice)
    work_off()
    [job] = fal.jobs.values()
    later = clock.now() + timedelta(hours=1)
    run.steps.update(not_before=later)
    assert told(fal, job) == 204
    assert run.steps.get().not_before < clock.now()
    # The look that it causes finds the job at work still.
    run.steps.update(not_before=later)
    before = kept()
    # Signed again, as it is sent again without an answer, and the same bytes.
    assert [told(fal, job, late_s=9), told(fal, job)] == [204, 204]
    assert kept() == before
    fal.end(job)
    run.steps.update(not_before=clock.now())
    assert over([run]) == {"completed"}
    before = kept()
    assert told(fal, job) == 204
    assert over([run]) == {"completed"}
    assert kept() == before


def kept() -> list[list[Any]]:
    """What the database holds of runs, their jobs and what they were billed."""
    models = (RemoteJob, Step, Attempt, Artifact, Event, LedgerEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.slow
@pytest.mark.timeout(600 if RUNS <= 12 else 3600)
def test_webhooks_before_any_answer_lose_no_job(alice: User, fal: Fal) -> None:
    """They come before the submit's answer, which is lost for most, in any order, and twice."""
    chance = random.Random(2)
    waiting: list[ProviderJob] = []

    def tell(job: ProviderJob) -> None:
        when = chance.choice(("early", "early twice", "late"))
        if when == "late":
            waiting.append(job)
            return
        fal.end(job)
        assert told(fal, job) == 204
        if when == "early twice":
            assert told(fal, job) == 204

    fal.tell = tell
    # Equal prompts, too: their inputs don't tell these jobs apart.
    runs = [begin(alice, f"fox {n // 2}") for n in range(RUNS)]
    fal.replies[SUBMIT].extend(Fault(accepts=True, drop=chance.random() < 0.7) for _ in range(RUNS))
    fal.replies[HISTORY].extend(Reply(body={"items": []}) for _ in range(50 * RUNS))
    for _ in range(4):
        over(runs)
        Step.objects.filter(status="ready").update(not_before=clock.now())
    assert len(fal.submissions()) == RUNS
    chance.shuffle(waiting)
    for job in waiting:
        fal.end(job)
        assert told(fal, job) == 204
    for _ in range(3):
        Step.objects.filter(status="parked").update(not_before=clock.now())
        over(runs)
    assert over(runs) == {"completed"}
    assert len(fal.submissions()) == RUNS
    prompts = {entry["job_id"]: entry["body"]["prompt"] for entry in fal.submissions()}
    made = [run.artifacts.get().meta["job"] for run in runs]
    assert len(set(made)) == RUNS
    assert [prompts[job] for job in made] == [f"fox {n // 2}" for n in range(RUNS)]
    assert not Attempt.objects.filter(outcome="held").exists()
