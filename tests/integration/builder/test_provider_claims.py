"""What `manage.py providers try` claims of servers that behave in other ways than documented."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.shared_cache import shared_cache
from tests.support.clients.asgi_requests import request_app
from tests.support.fakes.http_server import ApiServer, Asked, Reply
from tests.support.fakes.makers.base import Fault, ProviderServer
from tests.support.fakes.makers.configured import options_at, write_table
from tests.support.fakes.makers.fal_server import FalServer
from tests.support.fakes.makers.jobs import ENDED, Script
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.fakes.makers.runway_server import RunwayServer
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@dataclass(frozen=True)
class Trial:
    """said: what the command printed. claims: of its report, by their words."""

    said: str
    claims: dict[str, dict[str, str]]

    def verdict(self, claim: str) -> str:
        return self.claims[claim]["verdict"]

    def how(self, claim: str) -> str:
        return self.claims[claim]["how"]


Tries = Callable[..., Trial]


@pytest.fixture
def tried(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tries:
    """Run the command in this process against a server, with the service's key."""
    monkeypatch.chdir(tmp_path)
    settings.HOME = tmp_path

    def run(kind: str, server: ProviderServer, *words: str, **options: Any) -> Trial:
        # Prices and files of the services of other tests.
        shared_cache().clear()
        if isinstance(server, RouterServer):
            server.retry_after_s = 0
        table = options_at(kind, server, **options)
        settings.PROVIDERS = {"service": table}
        # For the process that dies with a paid request.
        write_table(tmp_path / "providers.toml", table)
        monkeypatch.setenv("REELGRAPH_PROVIDERS_FILE", str(tmp_path / "providers.toml"))
        out = StringIO()
        try:
            call_command(
                "providers", "try", "service", *words, "--yes", "--spend", "50", stdout=out
            )
        except CommandError as problem:
            out.write(str(problem))
        (path,) = tmp_path.glob("providers-try-service-*.json")
        claims = json.loads(path.read_text())["claims"]
        return Trial(out.getvalue(), {one["claim"]: one for one in claims})

    return run


IMAGE = ("--models", "nano-banana-pro")
SAME_KEY = "The same key twice is one job"
AT_WORK = "The history has jobs that are at work"


def test_a_key_that_makes_two_jobs_is_contradicted(tried: Tries) -> None:
    with RouterServer() as server:
        server.script, server.knows_keys = Script(looks=4), False
        trial = tried("comfy-router", server, *IMAGE)
        first, second = (entry["job_id"] for entry in server.submissions()[:2])
        assert trial.verdict(SAME_KEY) == "contradicted"
        assert trial.how(SAME_KEY) == f"Two jobs: {first} and {second}."
        assert f"Contradicted: {SAME_KEY}" in trial.said
        assert trial.verdict("The account has a queue") == "proven"


def test_without_a_queue_the_second_answer_says_whether_it_is_a_replay(tried: Tries) -> None:
    with RouterServer() as server:
        server.accounts[server.KEY].has_queue = False
        trial = tried("comfy-router", server, *IMAGE)
        assert trial.verdict("The account has a queue") == "not proven"
        assert trial.verdict(SAME_KEY) == "proven"
        assert "marked as a replay" in trial.how(SAME_KEY)
        # Only there it says what a model cost, in a header.
        (price,) = (claim for claim in trial.claims if "costs up to" in claim)
        assert (trial.verdict(price), trial.how(price)) == ("proven", "$0.05 was charged.")
        paid = len(server.submissions())
        server.knows_keys = False
        trial = tried("comfy-router", server, *IMAGE)
        assert trial.verdict(SAME_KEY) == "contradicted"
        assert "says that it cost $" in trial.how(SAME_KEY)
        assert len(server.submissions()) == 2 * paid + 1


WEBHOOK = "A webhook comes, and its signature is valid"
CRASH = "After a crash nothing is paid twice"


def test_fal_has_lost_requests_in_its_history(tried: Tries) -> None:
    with FalServer() as server:
        server.script = Script(looks=4)
        trial = tried("fal", server, *IMAGE, "--crash")
        assert trial.verdict("The history has jobs that are over") == "proven"
        assert trial.verdict(CRASH) == "proven"
        assert "has the same job" in trial.how(CRASH)
        assert trial.how(WEBHOOK) == "REELGRAPH_PUBLIC_URL is not set."
        # Made, crashed, cancelled twice.
        assert len(server.submissions()) == 4


def test_runway_is_asked_about_and_says_what_it_charged(tried: Tries) -> None:
    with RunwayServer() as server:
        server.script, server.accounts[server.KEY].balance = Script(looks=4, cost=500), 5000.0
        trial = tried("runway", server, "--models", "gen4-image", "--crash")
        assert trial.verdict("A lost answer is asked about") == "proven"
        assert trial.verdict(CRASH) == "proven"
        (price,) = (claim for claim in trial.claims if "costs up to" in claim)
        assert trial.verdict(price) == "contradicted"
        assert trial.said.endswith(f"Contradicted: {price}.")
        assert len(server.submissions()) == 4


def test_a_history_without_unended_jobs_is_said_so(tried: Tries) -> None:
    with FalServer() as server:
        server.script, server.lists_unended = Script(looks=6), False
        trial = tried("fal", server, *IMAGE)
        assert trial.verdict(AT_WORK) == "contradicted"
        assert "found by its webhook, or once it is over" in trial.how(AT_WORK)
        assert trial.verdict("The history has jobs that are over") == "proven"
        server.lists_unended = True
        assert tried("fal", server, *IMAGE).verdict(AT_WORK) == "proven"


UPLOADS = "Uploads live for 1 h"
LIVES = "A result says how long it lives"


def test_lifetimes_are_what_answers_urls_and_headers_say(tried: Tries) -> None:
    with RouterServer() as server:
        trial = tried("comfy-router", server, "--models", "flux-2-pro")
        assert trial.verdict(UPLOADS) == "proven"
        assert trial.how(UPLOADS) == "Its answer says 1 h."
        assert (trial.verdict(LIVES), trial.how(LIVES)) == (
            "proven",
            "Its X-Goog-Expires says 24 h.",
        )
        server.uploads_live_s = 600.0
        trial = tried("comfy-router", server, "--models", "flux-2-pro")
        assert trial.verdict(UPLOADS) == "contradicted"
    with FalServer() as server:
        trial = tried("fal", server, *IMAGE)
        assert trial.verdict(LIVES) == "not proven"
        assert trial.how("Uploads live for 24 h") == "The service doesn't say how long."
        ends = f"{datetime.now(UTC) + timedelta(hours=3):%a, %d %b %Y %H:%M:%S GMT}"
        deleted = {"x-amz-expiration": f'expiry-date="{ends}", rule-id="all"'}
        server.replies["HEAD *"].extend(Fault(accepts=True, headers=deleted) for _ in range(2))
        trial = tried("fal", server, *IMAGE)
        assert trial.verdict("Uploads live for 24 h") == "contradicted"
        assert trial.how(LIVES) == "Its x-amz-expiration says 3 h."


def test_a_file_that_ends_sooner_than_the_table_says_is_uploaded_again(tried: Tries) -> None:
    words, options = ("--models", "seedvr2"), {"models": ["seedvr2"]}
    counts = []
    for lives_s in (3600.0, 300.0):
        with RouterServer() as server:
            server.script, server.uploads_live_s = Script(looks=4), lives_s
            tried("comfy-router", server, *words, **options)
            assert len(server.submissions()) == 3
            counts.append(len(server.calls("/assets/api/v2/assets")))
    # One beside the jobs to try it, then one for all of them, and one for each.
    assert counts == [2, 4]


BEFORE, WHILE = "A job is cancelled before it starts", "A job is cancelled while it is at work"


def test_cancelling_before_and_at_work_says_what_was_charged(tried: Tries) -> None:
    with RunwayServer() as server:
        server.script = Script(looks=20, queued=1)
        trial = tried("runway", server, "--models", "gen4-image")
        assert trial.verdict(BEFORE) == trial.verdict(WHILE) == "proven"
        assert trial.how(BEFORE).endswith("It says that it charged $0.00.")
        assert trial.how(WHILE).endswith("It says that it charged $0.05.")
        server.script = Script(looks=1)
        trial = tried("runway", server, "--models", "gen4-image")
        assert trial.how(BEFORE) == trial.how(WHILE) == "It was over by then."
        server.script = Script(looks=20)
        assert tried("runway", server, "--models", "gen4-image").how(BEFORE) == (
            "It had started by then."
        )
    with RouterServer() as server:
        server.script, server.honours_cancel = Script(looks=8, queued=1), False
        trial = tried("comfy-router", server, *IMAGE)
        assert trial.verdict(BEFORE) == trial.verdict(WHILE) == "contradicted"
        assert trial.how(BEFORE) == (
            "It was made all the same. The service doesn't say what it charged."
        )


MINE = """
schema = 1
read = 2026-11-26
[[model]]
name = "gen4-image"
title = "Mine"
by = "Me"
tools = ["generate_image"]
[[model.at]]
service = "runway"
id = "gen4_image"
path = "/v1/text_to_image"
body.model = { const = "gen4_image" }
body.promptText = "prompt"
body.ratio = { const = "1280:720" }
result = { path = "output[]", kind = "image" }
price = { usd = 0.05 }
"""


def test_what_is_recorded_counts_until_its_row_says_something_else(
    tried: Tries, tmp_path: Path
) -> None:
    words = ("--models", "gen4-image", "--record")
    mine = tmp_path / "models.d" / "mine.toml"
    made = "Gen-4 Image is made and collected"
    # As trials are made on one server, at one address.
    with RunwayServer() as server:
        first = tried("runway", server, *words)
        assert f"Recorded in {mine.with_name('proven.json')}:" in first.said
        assert "price of gen4-image, gen4_image: proven with a real key on" in first.said
        kept = json.loads(mine.with_name("proven.json").read_text())["proofs"]
        assert {one["fact"] for one in kept} >= {"result", "price", "upload"}
        # A trial that can't tell says when an earlier one could.
        failure = Fault(400, b'{"error": "no"}')
        server.replies["POST /v1/text_to_image"].append(failure)
        assert "It was proven with a real key on" in tried("runway", server, *words).how(made)
        # The rest of our row stays in force, and an operator's own row has no proof.
        mine.write_text(MINE)
        server.replies["POST /v1/text_to_image"].append(failure)
        assert "price of" not in tried("runway", server, *words).said
        # What turns out wrong is proven no longer.
        mine.unlink()
        server.script = Script(looks=1, cost=50)
        assert "price of" not in tried("runway", server, *words).said


def test_the_report_holds_every_claim_without_the_key_and_queries(
    tried: Tries, tmp_path: Path
) -> None:
    with RunwayServer() as server:
        words = f"see https://files.test/a.png?sig=s3cr3t#x and {server.KEY}"
        server.replies["POST /v1/text_to_image"].append(
            Fault(400, json.dumps({"error": words}).encode())
        )
        trial = tried(
            "runway", server, "--models", "gen4-image", "--record", "--refusal", "forbidden"
        )
        (path,) = tmp_path.glob("providers-try-service-*.json")
        report = json.loads(path.read_text())
        assert set(report) == {"provider", "kind", "at", "most_usd", "claims", "jobs"}
        how = trial.how("Gen-4 Image is made and collected")
        assert "see https://files.test/a.png and" in how
        proven = (tmp_path / "models.d" / "proven.json").read_text()
        for text in (path.read_text(), proven, trial.said):
            assert server.KEY not in text
            assert "s3cr3t" not in text
            assert "?" not in text.replace("Is it running?", "")
        # What was printed and what is kept are the same claims.
        for claim, one in trial.claims.items():
            assert claim in trial.said
            assert one["how"] in trial.said
        refusal = trial.claims["What a refusal costs"]
        assert (refusal["verdict"], refusal["model"]) == ("proven", "gen4-image")
        assert refusal["how"].endswith("It says that it charged $0.05.")
        facts = {
            (one["fact"], one["model"]) for one in report["claims"] if one["verdict"] == "proven"
        }
        kept = {(one["fact"], one["model"]) for one in json.loads(proven)["proofs"]}
        assert kept == {(fact, model) for fact, model in facts if fact}
        assert len(report["jobs"]) == len(server.submissions())


def test_what_a_refusal_costs_is_the_service_s_word_not_the_table_s(tried: Tries) -> None:
    words = ("--refusal", "something forbidden")
    claim = "What a refusal costs"
    with RunwayServer() as server:
        # Its table says that refused content is charged in full.
        server.script = Script(looks=2, cost=0.0)
        trial = tried("runway", server, "--models", "gen4-image", *words)
        assert trial.verdict(claim) == "contradicted"
        assert trial.how(claim).endswith("It says that it charged $0.00.")
    with RouterServer() as server:
        trial = tried("comfy-router", server, *IMAGE, *words)
        assert trial.verdict(claim) == "not proven"
        assert trial.how(claim).endswith("It doesn't say what it charged; our table says unknown.")


class WebServer(ApiServer):
    """The product's web process, for webhooks."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        super().__init__(self.passed_on)

    def passed_on(self, asked: Asked) -> Reply:
        status = request_app(asked.method, asked.path, asked.headers, asked.raw).status
        self.statuses.append(status)
        return Reply(status)


def are_all_delivered(server: FalServer) -> bool:
    """Whether the server has sent the webhook of each job that is over: it does so by the way."""
    ended = {job.id for job in server.jobs.values() if job.webhook and job.state in ENDED}
    return ended <= {job_id for job_id, _ in list(server.deliveries)}


@pytest.mark.django_db(transaction=True)
def test_a_webhook_is_proven_once_the_server_took_its_signature(
    tried: Tries, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FalServer() as server, WebServer() as web:
        settings.PUBLIC_URL = web.origin
        server.hooks = "at_end"
        trial = tried("fal", server, *IMAGE)
        wait_for(lambda: are_all_delivered(server), "the last webhook")
        assert set(web.statuses) == {204}
        assert trial.verdict(WEBHOOK) == "proven"
        web.statuses.clear()
        monkeypatch.setattr(server, "hook", partial(server.hook, is_forged=True))
        trial = tried("fal", server, *IMAGE)
        wait_for(lambda: are_all_delivered(server), "the last webhook")
        assert set(web.statuses) == {404}
        assert trial.verdict(WEBHOOK) == "not proven"


# As fal's document has it, shortened.
SHAPES = ["21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16"]
BANANA = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string"},
        "num_images": {"type": "integer", "minimum": 1, "maximum": 4},
        "aspect_ratio": {
            "anyOf": [{"type": "string", "enum": ["auto", *SHAPES]}, {"type": "null"}]
        },
        "resolution": {"type": "string", "enum": ["1K", "2K", "4K"]},
    },
}
EDIT = {
    **BANANA,
    "required": ["prompt", "image_urls"],
    "properties": {**BANANA["properties"], "image_urls": {"type": "array", "items": {}}},
}
TAKES = "Nano Banana Pro takes the fields that are sent"


def test_a_model_is_compared_with_its_own_schema(tried: Tries) -> None:
    with FalServer() as server:
        server.inputs = {"fal-ai/nano-banana-pro": BANANA, "fal-ai/nano-banana-pro/edit": EDIT}
        trial = tried("fal", server, *IMAGE)
        assert trial.verdict(TAKES) == "proven"
        assert 'aspect_ratio may be "auto", too' in trial.how(TAKES)
        del server.inputs["fal-ai/nano-banana-pro/edit"]
        trial = tried("fal", server, *IMAGE)
        assert trial.verdict(TAKES) == "not proven"
        assert "nano-banana-pro/edit: fal doesn't have this model" in trial.how(TAKES)
        server.inputs["fal-ai/nano-banana-pro/edit"] = BANANA
        trial = tried("fal", server, *IMAGE)
        assert trial.verdict(TAKES) == "contradicted"
        assert "nano-banana-pro/edit: it doesn't know image_urls" in trial.how(TAKES)
        assert not any("authorization" in one.headers for one in server.calls("/site/*", "GET"))
    with RunwayServer() as server:
        trial = tried("runway", server, "--models", "gen4-image")
        title = "Gen-4 Image takes the fields that are sent"
        assert trial.verdict(title) == "not proven"
        assert trial.how(title) == "gen4_image: it publishes no schema."


def test_schemas_of_all_rows_are_compared_for_nothing(settings: Any) -> None:
    def said(kind: str, server: ProviderServer) -> str:
        settings.PROVIDERS = {"service": options_at(kind, server)}
        out = StringIO()
        call_command("providers", "schemas", "service", stdout=out)
        return out.getvalue()

    with RouterServer() as server:
        server.schemas["bfl/flux-2-pro"] = {"properties": {"text": {}}, "required": ["text"]}
        lines = said("comfy-router", server)
        assert "flux-2-pro: bfl/flux-2-pro: it requires text, which is never sent;" in lines
        assert "nano-banana-pro: vertexai/gemini-3-pro-image: it publishes no schema." in lines
        # What the server doesn't have.
        gone = "openai/gpt-image-2.5-flare: Comfy Router doesn't have this model"
        assert gone in lines
        assert "eleven-v4 (off): elevenlabs/eleven_v4: " in lines
        assert server.submissions() == []
    with RunwayServer() as server:
        lines = said("runway", server)
        assert "gen4-image: gen4_image: it publishes no schema." in lines
        assert server.asked == []
    with pytest.raises(CommandError, match="No service for final media"):
        call_command("providers", "schemas", "studio", stdout=StringIO())
