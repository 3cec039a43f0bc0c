"""`POST /app/compose`: a proposal for the template in the editor, and nothing stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pydantic import TypeAdapter

from accounts import ledger
from accounts.models import User
from builder.web.compose_pages.schemas import Proposal
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.models import Document, Template
from tests.support.builders.drafts import note

pytestmark = pytest.mark.django_db(transaction=True)

BRIEF = "A lighthouse at dusk. Waves break on the rocks. The lamp turns."
MEDIA = "reelgraph:object/art_1/keeper.png"
# A template as the editor sends it: laid out by hand, with what no draft knows of.
SENT: dict[str, Any] = {
    "name": "The keeper",
    "visibility": "public",
    "previewArtifacts": [{"stageId": "a", "mediaType": "image", "url": MEDIA}],
    "x-own": {"kept": True},
    "inputs": [{"name": "photo", "type": "image", "required": False, "x-own": 1}],
    "stages": [note("a"), note("b", "b", "a")],
    "graph": {
        "nodes": [
            {"stageId": "a", "x": 400, "y": -80, "color": "kept"},
            {"stageId": "b", "x": 40, "y": 900},
        ],
        "frames": [{"id": "f", "title": "Opening", "x": 0, "y": 0, "width": 900, "height": 500}],
        "notes": [],
    },
}


@pytest.fixture
def editor(alice: User) -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin"})
    client.force_login(alice)
    return client


def asked(client: Client, **body: Any) -> Any:
    return client.post("/app/compose", json.dumps(body), "application/json")


def proposal_of(client: Client, **body: Any) -> Any:
    answer = asked(client, **body)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    TypeAdapter(Proposal).validate_python(found)
    return found


def test_a_brief_becomes_a_document_and_nothing_is_stored(editor: Client) -> None:
    empty = {"name": "Untitled template", "visibility": "private"}
    found = proposal_of(editor, brief=BRIEF, template=empty)
    stages = found["template"]["stages"]
    assert len(stages) >= 3
    assert found["template"]["brief"] == BRIEF
    assert found["template"]["name"] != "Untitled template"
    assert found["template"]["graph"]["nodes"] == []
    assert to_spec(found["state"]) == found["template"]
    assert (found["unitsBefore"], found["units"] > 0, found["planner"]) == (0, True, "rules")
    assert not Template.objects.exists()
    assert not Document.objects.exists()


def test_a_name_and_inputs_that_were_written_stay_with_a_draft(editor: Client) -> None:
    written = {"name": "Harbour", "inputs": [{"name": "mood", "type": "text"}], "stages": []}
    found = proposal_of(editor, brief=BRIEF, template=written)["template"]
    assert found["name"] == "Harbour"
    assert "mood" in [one["name"] for one in found["inputs"]]


def test_a_change_keeps_what_a_draft_has_no_say_in(editor: Client) -> None:
    found = proposal_of(editor, controls={"format": "9:16"}, template=SENT, selection=["a"])
    template = found["template"]
    for field in ("visibility", "previewArtifacts", "x-own", "id", "version"):
        assert template.get(field) == SENT.get(field)
    assert template["graph"]["frames"] == SENT["graph"]["frames"]
    kept = {stage["id"] for stage in template["stages"]} & {"a", "b"}
    rows = {row["stageId"]: row for row in template["graph"]["nodes"]}
    for row in SENT["graph"]["nodes"]:
        if row["stageId"] in kept:
            assert rows[row["stageId"]] == row
    assert found["unitsBefore"] == 2
    assert set(found["state"]["stages"]["rows"]) == {one["id"] for one in template["stages"]}
    assert to_document(template) == found["state"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"brief": "  "}, "Write what you want first."),
        ({"brief": "x" * 20_001}, "The limit is 20,000 characters."),
        ({"brief": BRIEF, "template": []}, "`template` must be"),
        ({"brief": BRIEF, "maxUnits": True}, "`maxUnits` must be"),
    ],
)
def test_what_cannot_be_drafted_is_refused_in_words(
    editor: Client, body: dict[str, Any], said: str
) -> None:
    answer = asked(editor, **body)
    assert answer.status_code == 400
    assert said in answer.json()["message"]


@pytest.mark.parametrize(
    "template",
    [
        {"stages": [None, 1, {"id": 3}], "graph": {"nodes": [{"stageId": "a", "x": "far"}, 7]}},
        {"stages": 3, "inputs": {"a": 1}, "graph": {"nodes": {"a": 1}}, "name": None},
    ],
)
def test_an_odd_template_gives_a_proposal_or_a_refusal(
    editor: Client, template: dict[str, Any]
) -> None:
    assert asked(editor, brief=BRIEF, template=template).status_code in (200, 400, 422)


def test_outsiders_and_other_sites_cannot_ask() -> None:
    assert asked(Client(headers={"sec-fetch-site": "same-origin"}), brief=BRIEF).status_code == 401


def test_a_draft_without_a_language_model_costs_nothing(
    editor: Client, alice: User, settings: Any
) -> None:
    settings.LIMIT_CREDIT = True
    drafted = proposal_of(editor, brief=BRIEF)
    assert drafted["units"] > 0
    assert ledger.balance(alice.pk) == 0


def test_words_that_change_a_template_need_a_language_model(editor: Client) -> None:
    refused = asked(editor, brief="Add a shot of a storm", template=SENT)
    assert refused.status_code == 422
    assert "needs a language model" in refused.json()["message"]


def test_the_plan_of_a_brief_comes_back_changed_for_nothing(editor: Client) -> None:
    first = proposal_of(editor, brief="3 shots of a lighthouse, 9:16, 12 s, soft piano music")
    plan = first["plan"]["settings"]
    assert (len(plan["scenes"]), plan["aspect"], plan["seconds"]) == (3, "9:16", 12)
    assert {"scenes", "aspect", "seconds", "sound.music"} <= set(first["plan"]["fromWords"])
    plan["scenes"].append({**plan["scenes"][0], "framing": ""})
    plan |= {"aspect": "1:1", "sound": {**plan["sound"], "music": False}}
    second = proposal_of(editor, settings=plan, brief=first["template"]["brief"])
    assert second["plan"]["settings"] == plan
    tools = [stage["tool"] for stage in second["template"]["stages"]]
    assert (tools.count("generate_image"), "generate_music" in tools) == (4, False)
    assert second["template"]["brief"] == first["template"]["brief"]


def test_a_plan_that_is_none_is_refused_by_its_field(editor: Client) -> None:
    refused = asked(editor, settings={"scenes": [{"text": "x" * 2001}]})
    assert refused.status_code == 400
    assert "Shot 1: Up to 2,000 characters" in refused.json()["message"]


def test_a_person_has_two_plans_a_second(editor: Client) -> None:
    plan = {"scenes": [{"text": "a fox"}]}
    answers = [asked(editor, settings=plan) for _ in range(11)]
    assert [one.status_code for one in answers] == [200] * 10 + [429]
    assert float(answers[-1].headers["Retry-After"]) <= 5


def test_controls_change_a_template_and_say_what_they_would_replace(editor: Client) -> None:
    drafted = proposal_of(editor, brief="a red fox in snow, 2 shots")["template"]
    wider = proposal_of(editor, controls={"format": "21:9"}, template=drafted)
    assert wider["plan"] is None
    assert wider["changes"]
    counted = editor.post(
        "/app/replacements",
        json.dumps({"template": drafted, "from": "red fox"}),
        "application/json",
    )
    assert counted.json() == {"count": 4}
    replace = {"from": "red fox", "to": "heron"}
    replaced = proposal_of(editor, controls={"replace": replace}, template=drafted)
    assert "red fox" not in json.dumps(replaced["template"]["stages"])


def test_asking_has_a_rate(editor: Client, settings: Any) -> None:
    settings.STARTS_PER_MINUTE = 2
    assert [asked(editor, brief=BRIEF).status_code for _ in range(3)] == [200, 200, 429]
