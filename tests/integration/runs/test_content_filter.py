"""`safe_content_filter` reaches the provider, what it finds is withheld, and the run says so."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from accounts.models import User
from runs.models import Artifact, Run
from templates_app.documents import services as documents
from tests.support.builders.running import work_off, work_off_with_looks
from tests.support.builders.templates import make_template
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in
from tests.support.fakes.openai_server import KEY, OpenAIServer, Reply, failure
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
PICTURES, CHECKS = "/images/generations", "/moderations"
OMNI = "omni-moderation-latest"
Configure = Callable[..., None]
Start = Callable[..., dict[str, Any]]


@pytest.fixture
def configure(server: OpenAIServer, provide: Callable[..., None], settings: Any) -> Configure:
    """The server as the service "art" with these further settings; tables: of others."""
    settings.RETRY_BASE_S = 0.0
    models = {"images": ["gpt-image-1"], "edits": ["gpt-image-1"], "videos": ["sora-2"]}
    usual = {"kind": "openai", "title": "Art", "base_url": server.url, "key": KEY}

    def set_up(tables: dict[str, Any] | None = None, **options: Any) -> None:
        others = {name: {**usual, **table} for name, table in (tables or {}).items()}
        provide({**others, "art": {**usual, **models, "poll_s": 0.05, **options}})

    return set_up


@pytest.fixture
def start(api: Callable[..., Api], alice_key: str) -> Start:
    """Start a run of one step over the API, and work it off; its record as the API shows it."""

    def begin(prompt: str = "a fox", tool: str = "generate_image", **body: Any) -> dict[str, Any]:
        model = {"videoModel": "sora-2"} if tool == "generate_video" else {"model": "gpt-image-1"}
        arguments = {"prompt": prompt, "seed": 7, **body.pop("arguments", {}), **model}
        steps = [{"id": "a", "toolName": tool, "arguments": arguments}]
        caller = api(alice_key)
        answer = caller.post(PATH, {"input": {"steps": steps}, **body})
        assert answer.status_code == 201, answer.json()
        run = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
        work_off_with_looks(run)
        return shown(caller, run.public_id)

    return begin


def shown(caller: Api, run_id: str) -> dict[str, Any]:
    answer = caller.get(f"{PATH}/{run_id}").json()
    body: dict[str, Any] = answer["data"]["workflow"]
    return body


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ({}, "auto"),
        ({"safeContentFilter": False}, "low"),
    ],
)
def test_the_value_reaches_the_service_and_stays_when_the_settings_change(
    start: Start, server: OpenAIServer, configure: Configure, mine: Api, body: Any, level: str
) -> None:
    configure(content_filter=True)
    run = start(**body)
    assert run["status"] == "completed", run["error"]
    [asked] = server.calls(PICTURES)
    assert asked.body["moderation"] == level
    steps = {"a": "on"} if level == "auto" else {}
    assert run["contentFilter"] == {"requested": level == "auto", "steps": steps}
    configure(content_filter=False)
    assert shown(mine, run["id"])["contentFilter"] == run["contentFilter"]


def test_values_within_the_arguments_are_left_alone(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    configure(content_filter=True)
    run = start(safe_content_filter=True, arguments={"safe_content_filter": False})
    assert run["input"]["steps"][0]["arguments"]["safe_content_filter"] is False
    assert server.calls(PICTURES)[0].body["moderation"] == "auto"


def test_a_resumed_and_a_reseeded_run_keep_it(
    start: Start, server: OpenAIServer, configure: Configure, mine: Api
) -> None:
    configure(content_filter=True)
    server.replies[PICTURES].append(failure(400, "No.", code="bad"))
    run = start(safe_content_filter=False)
    assert run["status"] == "failed"
    assert mine.post(f"{PATH}/{run['id']}/resume", {}).status_code == 202
    work_off()
    assert shown(mine, run["id"])["status"] == "completed"
    assert mine.post(f"{PATH}/{run['id']}/reseed", {}).status_code == 201
    work_off()
    assert [one.body["moderation"] for one in server.calls(PICTURES)] == ["low"] * 3


def test_a_service_that_cannot_filter_is_told_nothing_and_named(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    configure()
    run = start()
    assert "moderation" not in server.calls(PICTURES)[0].body
    assert run["contentFilter"] == {
        "requested": True,
        "steps": {"a": "unavailable"},
        "message": "Art has no content filter.",
    }


def test_the_built_in_studio_needs_none(start: Start) -> None:
    assert start()["contentFilter"] == {"requested": True, "steps": {"a": "not_needed"}}


def test_prompt_and_image_are_checked(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    configure(moderation=OMNI)
    run = start(arguments={"negativePrompt": "violent", "outputFormat": "png"})
    assert run["status"] == "completed", run["error"]
    assert run["contentFilter"] == {"requested": True, "steps": {"a": "on"}}
    prompt, image = server.calls(CHECKS)
    assert prompt.body == {"model": OMNI, "input": ["a fox"]}
    [part] = image.body["input"]
    encoded = part["image_url"]["url"].partition(",")[2]
    assert Image.open(io.BytesIO(base64.b64decode(encoded))).size == (1024, 1024)


def test_a_flagged_prompt_is_never_sent(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    configure(moderation=OMNI)
    run = start("violent things")
    assert run["status"] == "failed"
    assert (run["error"]["errorType"], run["error"]["retryable"]) == ("SAFETY_REJECTED", False)
    assert run["error"]["cause"] == "The content filter rejected the prompt: violence."
    assert run["error"]["headline"].startswith("Art rejected")
    assert server.calls(PICTURES) == []
    assert run["actualCapacityUnits"] == 0


def test_a_flagged_result_is_withheld_and_not_made_again(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    configure(moderation=OMNI)
    server.flags_images = True
    run = start()
    assert (run["status"], run["artifacts"]) == ("failed", [])
    assert run["error"]["errorType"] == "SAFETY_REJECTED"
    assert run["error"]["cause"] == "The content filter rejected the result: violence."
    assert not Artifact.objects.exists()
    assert len(server.calls(PICTURES)) == 1
    assert run["actualCapacityUnits"] == 0


def test_nothing_is_checked_without_the_filter(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    configure(moderation=OMNI)
    server.flags_images = True
    assert start(safe_content_filter=False)["status"] == "completed"
    assert server.calls(CHECKS) == []


def test_a_check_that_fails_is_repeated_and_nothing_is_paid_twice(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    configure(moderation=OMNI)
    # The prompt's check: the step is tried again. The result's: it alone is repeated.
    server.replies[CHECKS] += [
        failure(503, "Busy."),
        Reply(body={"results": [{"flagged": False}]}),
        Reply(drop=True),
        Reply(body={"results": []}),
    ]
    run = start()
    assert run["status"] == "completed", run["error"]
    assert len(server.calls(CHECKS)) == 5
    assert len(server.calls(PICTURES)) == 1


def test_a_result_that_cannot_be_checked_does_not_pass(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    configure(moderation=OMNI)
    server.replies[CHECKS] += [
        Reply(body={"results": [{"flagged": False}]}),
        *[failure(503, "Busy.")] * 3,
    ]
    run = start()
    assert (run["status"], run["waitingReason"]) == ("waiting_for_user", "permission_required")
    assert "couldn't be checked" in run["waiting"]["message"]
    assert not Artifact.objects.exists()


def test_moments_of_a_video_are_checked_and_its_job_is_looked_at_again(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    configure(moderation=OMNI)
    server.replies[CHECKS] += [
        Reply(body={"results": [{"flagged": False}]}),
        *[failure(503, "Busy.")] * 3,
    ]
    run = start(tool="generate_video")
    assert run["status"] == "completed", run["error"]
    assert len(server.calls("/videos")) == 1
    checked = [one.body["input"][0] for one in server.calls(CHECKS)]
    assert [isinstance(one, str) for one in checked] == [True] + [False] * (len(checked) - 1)
    # Three that failed, and five moments.
    assert len(checked) == 1 + 3 + 5


def test_one_service_checks_for_another(
    start: Start, server: OpenAIServer, configure: Configure
) -> None:
    guard = {"title": "Guard", "speech": ["tts-1"], "moderation": OMNI}
    configure({"guard": guard}, checked_by="guard")
    run = start("violent")
    assert (run["status"], run["contentFilter"]["steps"]) == ("failed", {"a": "on"})
    assert run["error"]["headline"].startswith("Guard rejected")
    assert run["steps"][0]["provider"] == "art"


@pytest.mark.parametrize("named", ["art", "no-one"])
def test_a_checker_that_checks_nothing_stops_the_start(configure: Configure, named: str) -> None:
    configure(checked_by=named)
    assert registry.problems() == [
        f"art: checked_by names {named}, but no provider of that name has a moderation model."
        " Set moderation in its table."
    ]


def test_unchecked_results_are_not_reused_once_they_are_checked(
    alice: User, server: OpenAIServer, configure: Configure
) -> None:
    from runs.engine.result_cache import key_of

    def key(safe: bool) -> str:
        tool, provider = registry.table().get("generate_image"), registry.provider_named("art")
        assert tool is not None
        assert provider is not None
        return key_of(tool, provider, params={"prompt": "x"}, media={}, seed=1, safe=safe)

    configure()
    before = [key(True), key(False)]
    configure(moderation=OMNI)
    after = [key(True), key(False)]
    assert len({*before, *after}) == 3
    assert before[1] == after[1]


def test_the_pages_name_who_cannot_filter(alice: User, start: Start, configure: Configure) -> None:
    stage = {"id": "image", "label": "Image", "type": "fixed", "tool": "generate_image"}
    arguments = {"prompt": "$inputs.say", "model": "gpt-image-1"}
    template = make_template(
        alice,
        inputs=[{"name": "say", "type": "text", "required": True}],
        stages=[{**stage, "args": arguments, "produces": ["image"]}],
    )
    browser = signed_in(alice)
    documents.open_document(viewer=alice, public_id=template.public_id)

    def pages() -> list[str]:
        """The Run form, a quote of it, the quote in the editor, and the page of a run."""
        return [
            browser.get(f"/t/{template.public_id}").content.decode(),
            browser.post(f"/t/{template.public_id}/quote", {"input.say": "x"}).content.decode(),
            browser.post(
                f"/app/documents/{template.public_id}/quote", "{}", "application/json"
            ).content.decode(),
            browser.get(f"/runs/{start()['id']}").content.decode(),
        ]

    configure()
    assert all("Art has no content filter." in page for page in pages())
    configure(content_filter=True)
    assert not any("content filter" in page for page in pages())
