"""A template whose stages name a service's model, and its runs of draft quality."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.running import work_off
from tests.support.builders.stage_bodies import stage
from tests.support.builders.templates import make_template
from tests.support.clients.api import Api
from tests.support.fakes.openai_server import KEY, OpenAIServer

PATH = "/v1/creative-agent/workflows"
MODEL = "gpt-image-1"
# Credits for an image of the service.
EACH = 40
ARGUMENTS = {"model": MODEL, "width": 64, "height": 64}


def services(server: OpenAIServer) -> dict[str, dict[str, Any]]:
    """Return settings.PROVIDERS with a service that is paid for each image."""
    prices = {MODEL: {"each": EACH}}
    models = {"images": [MODEL], "edits": [MODEL], "prices": prices}
    return {"art": {"kind": "openai", "title": "Art", "base_url": server.url, "key": KEY, **models}}


def postcards(owner: User, **fields: Any) -> Template:
    """A question, a cover and its variation, and looks of which one is chosen and enlarged."""
    look = {"type": "fixed", "tool": "generate_image"}
    stages = [
        {
            "id": "talk",
            "type": "interactive",
            "produces": ["talk"],
            "systemPrompt": "Be brief",
            "userMessage": "What is it about?",
        },
        {
            **_stage("cover", "generate_image", prompt="A lighthouse", **ARGUMENTS),
            "checkpointRequired": True,
        },
        _stage(
            "styled",
            "edit_image",
            prompt="At night",
            model=MODEL,
            source_image_url="$artifacts.cover",
        ),
        {
            "id": "looks",
            "type": "batch",
            "produces": ["looks"],
            "overBinding": "$inputs.words",
            "itemName": "it",
            "itemStage": {**look, "args": {"prompt": "$item", **ARGUMENTS}},
            "checkpointRequired": True,
        },
        {
            "id": "pick",
            "type": "interactive",
            "produces": ["pick"],
            "select": {"from": "$artifacts.looks", "min": 1, "max": 1},
            "userMessage": "Which one is enlarged?",
        },
        _stage("large", "upscale_image", source_image_url="$artifacts.pick"),
    ]
    words = {"name": "words", "type": "text", "multiple": {"min": 1, "max": 9}}
    inputs = [{**words, "default": ["a red sea", "a blue sea"]}]
    return make_template(owner, **{"inputs": inputs, "stages": stages, **fields})


def _stage(name: str, tool: str, **args: Any) -> dict[str, Any]:
    return {**stage(tool, name, **args), "label": name.title()}


def give(api: Api, run: Run, kind: str, **answer: Any) -> None:
    """Answer what the run asks, and work off what follows."""
    sent = {"resume_input": {"type": kind, **answer}}
    answered = api.post(f"{PATH}/{run.public_id}/resume", sent)
    assert answered.status_code == 202, answered.content
    work_off()


def drafted(api: Api, template: Template) -> Run:
    """A run of draft quality at its end. A person had the cover and a look made again."""
    body = {"workflow_id": template.public_id, "quality": "draft"}
    answer = api.post(PATH, body)
    assert answer.status_code == 201, answer.content
    run = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
    work_off()
    give(api, run, "answer", stepId="talk", text="The coast")
    give(api, run, "redo_stage", stageId="cover")
    give(api, run, "approve_checkpoint", stageId="cover")
    give(
        api,
        run,
        "redo_item",
        stageId="looks",
        itemId="looks_1",
        overrideArgs={"prompt": "a green sea"},
    )
    give(api, run, "approve_checkpoint", stageId="looks")
    give(api, run, "select_media", stepId="pick", indices=[1])
    run.refresh_from_db()
    assert run.status == "completed", run.error
    return run
