"""POST /v1/creative-agent/workflows/templates."""

import json
import re

import pytest

from templates_app.models import Template, TemplateVersion
from tests.support.builders.leaving import delete_account
from tests.support.builders.templates import DOCUMENTED_BODY, TEMPLATES, documented, make_public


@pytest.fixture
def create(api, alice_key):
    return lambda body: api(alice_key).post(TEMPLATES, body)


def issues_of(response):
    body = response.json()
    assert response.status_code == 422, body
    assert body["status"] == "error"
    assert body["errorCode"] == 4220
    assert body["message"] == "Workflow template is invalid"
    assert body["data"]["validation"] == body["details"]["validation"]
    assert body["data"]["validation"]["valid"] is False
    for issue in body["data"]["validation"]["issues"]:
        assert {"severity", "code", "message", "path"} <= set(issue)
    return {
        (issue["code"], issue["path"])
        for issue in body["data"]["validation"]["issues"]
        if issue["severity"] == "error"
    }


def test_saves_the_documented_example(api, alice, alice_key):
    response = api().client.post(
        TEMPLATES,
        DOCUMENTED_BODY,
        content_type="application/json",
        headers={"Authorization": f"Bearer {alice_key}"},
    )
    assert response.status_code == 201, response.content
    assert response.json()["status"] == "success"
    template = response.json()["data"]["template"]
    assert re.fullmatch(r"wf_two-shot-product-teaser_[0-9a-f]{8}", template["id"])
    sent = json.loads(DOCUMENTED_BODY)
    assert {name: template[name] for name in sent} == sent
    assert template["version"] == "0.0.1"
    assert template["stability"] == "experimental"
    assert template["author"] == {"userId": alice.public_id, "displayName": "alice"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", template["createdAt"])
    assert template["createdAt"] <= template["updatedAt"]


def test_shows_defaults_and_leaves_out_what_is_unset(create):
    template = create({"name": "Bare"}).json()["data"]["template"]
    assert set(template) == {
        "id",
        "version",
        "name",
        "description",
        "category",
        "stability",
        "author",
        "visibility",
        "inputs",
        "stages",
        "exposeToLLM",
        "createdAt",
        "updatedAt",
    }
    assert template["description"] == ""
    assert template["category"] == "custom"
    assert template["visibility"] == "private"
    assert template["inputs"] == []
    assert template["stages"] == []
    assert template["exposeToLLM"] is False


def test_gives_every_optional_field_back(create):
    fields = {
        "brief": "An ad",
        "stability": "beta",
        "graph": {"nodes": [{"stageId": "gone", "x": 1.5, "y": -2}], "notes": ["kept"]},
        "estimatedCapacityUnits": {"min": 1, "max": 2.5},
        "llmPriority": 7,
        "tags": ["product", "video"],
        "metadata": {"deep": {"er": [1, None, True]}},
        "reviewFocus": ["pace"],
        "estimatedCredits": {"min": 0, "max": 3},
        "thumbnailUrl": "https://example.com/thumb.jpg",
        "openMontageImport": {"sourceSchema": "1"},
        "previewArtifacts": [
            {
                "stageId": "clip",
                "label": "Clip",
                "mediaType": "video",
                "url": "https://example.com/clip.mp4",
                "posterUrl": "https://example.com/poster.jpg",
            }
        ],
    }
    template = create({**documented(), **fields}).json()["data"]["template"]
    assert {name: template[name] for name in fields} == fields


def test_keeps_unknown_fields_up_to_64_kb(create):
    unknown = {"futureField": {"a": [1]}, "extra": "theirs", "copy": True, "head": 3}
    template = create({"name": "Kept", **unknown}).json()["data"]["template"]
    assert {name: template[name] for name in unknown} == unknown
    response = create({"name": "Much", "futureField": "x" * 65_600})
    assert issues_of(response) == {("invalid_field", "")}
    assert "futureField" in response.content.decode()


def test_takes_an_explicit_null_for_absent(create):
    response = create({"name": "Nulls", "id": None, "brief": None, "stages": None, "odd": None})
    assert response.status_code == 201, response.content
    template = response.json()["data"]["template"]
    assert "brief" not in template
    assert "odd" not in template
    assert template["stages"] == []


def test_takes_an_id_and_a_version_from_the_caller(create):
    body = {"id": "My.Teaser:v1_x-2", "version": "2.1.0-beta.1", "name": "Mine"}
    template = create(body).json()["data"]["template"]
    assert (template["id"], template["version"]) == ("My.Teaser:v1_x-2", "2.1.0-beta.1")


@pytest.mark.parametrize("bad", ["templates", "", "wf / one", "x" * 129, "..", 7])
def test_refuses_an_id_that_cannot_be_an_address(create, bad):
    assert ("invalid_field", "id") in issues_of(create({"name": "Bad id", "id": bad}))


def test_a_second_own_template_with_the_same_id_is_a_conflict(create):
    assert create({"id": "twice", "name": "One"}).status_code == 201
    response = create({"id": "twice", "name": "Two"})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "template.id_taken"
    assert "twice" in response.json()["message"]
    assert Template.objects.count() == 1


def test_publishing_onto_a_taken_public_id_is_a_conflict(create, bob):
    make_public(bob, id="famous")
    response = create({**documented(), "id": "famous", "visibility": "public"})
    assert response.status_code == 409
    assert "famous" in response.json()["message"]
    assert create({**documented(), "id": "famous"}).status_code == 201


def test_a_caller_cannot_become_system_or_set_what_the_server_sets(create, alice):
    template = create(
        {
            "name": "Climber",
            "author": "system",
            "createdAt": 1,
            "updatedAt": "x",
            "clonedFromTemplateId": "wf_other",
        }
    ).json()["data"]["template"]
    assert template["author"]["userId"] == alice.public_id
    assert template["createdAt"] != 1
    assert "clonedFromTemplateId" not in template


def test_refuses_a_version_that_no_column_holds(create):
    body = {**documented(), "version": "1.0." + "9" * 60}
    assert ("invalid_field", "version") in issues_of(create(body))
    assert Template.objects.count() == 0


def test_warnings_alone_do_not_block_and_come_back_beside_the_template(create):
    body = documented()
    body["stages"][0]["optionalArtifactsIn"] = ["nothing"]
    response = create(body)
    assert response.status_code == 201, response.content
    validation = response.json()["data"]["validation"]
    assert validation["valid"] is True
    assert "missing_optional_artifact" in [issue["code"] for issue in validation["issues"]]


def test_stops_at_the_quota_and_says_how_many_there_are(create, settings):
    settings.TEMPLATES_PER_USER = 1
    assert create({"name": "One"}).status_code == 201
    response = create({"name": "Two"})
    assert response.status_code == 409
    assert response.json()["details"] == {"count": 1, "limit": 1}


def test_stores_one_version_with_copies_for_lists(create):
    create({**documented(), "id": "stored", "tags": ["a", "b"]})
    template = Template.objects.get(public_id="stored")
    assert (template.name, template.category) == ("Two-shot product teaser", "video-social")
    assert template.tags_text == "a\nb"
    version = TemplateVersion.objects.get()
    assert (version.number, version.semver, version.cause) == (1, "0.0.1", "create")
    assert template.head == version
    assert template.published is None
    assert not {"id", "author", "visibility", "version"} & set(version.spec)


def test_the_content_hash_ignores_name_and_layout(create):
    create({**documented(), "id": "one"})
    create({**documented(), "id": "two", "name": "Other", "graph": {"nodes": []}})
    create({**documented(), "id": "three", "description": "Other"})
    one, two, three = TemplateVersion.objects.order_by("id").values_list(
        "content_sha256", flat=True
    )
    assert one == two != three


def test_an_unwritten_script_still_gives_an_id(create):
    template = create({"name": "広告"}).json()["data"]["template"]
    assert re.fullmatch(r"wf_template_[0-9a-f]{8}", template["id"])


@pytest.mark.parametrize("wrong", [[["image"]], 7])
def test_an_input_type_of_another_shape_is_a_422(create, wrong):
    response = create({"name": "Odd", "inputs": [{"name": "a", "type": wrong, "default": "x"}]})
    assert response.status_code == 422, response.content


@pytest.mark.parametrize("end", ["withdraw", "delete"])
@pytest.mark.parametrize("way", ["create", "publish"])
def test_a_public_id_stays_its_first_publishers(api, alice_key, bob_key, end, way):
    body = {"id": "same", "name": "Mine", "visibility": "public"}
    address = f"{TEMPLATES}/same"
    assert api(alice_key).post(TEMPLATES, body).status_code == 201
    if end == "withdraw":
        api(alice_key).patch(address, {"visibility": "private"})
    else:
        api(alice_key).delete(address)

    if way == "create":
        refusal = api(bob_key).post(TEMPLATES, body)
    else:
        private = {"id": "same", "name": "Bob's"}
        assert api(bob_key).post(TEMPLATES, private).status_code == 201
        refusal = api(bob_key).patch(address, {"visibility": "public"})
        assert api(bob_key).get(address).json()["data"]["template"]["visibility"] == "private"
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (409, "template.id_taken")
    assert "first published" in refusal.json()["message"]

    back = (
        api(alice_key).patch(address, {"visibility": "public"})
        if end == "withdraw"
        else api(alice_key).post(TEMPLATES, body)
    )
    assert back.status_code in (200, 201)


def test_a_public_id_of_a_deleted_person_stays_taken(api, alice, alice_key, bob_key):
    body = {"id": "same", "name": "Mine", "visibility": "public"}
    api(alice_key).post(TEMPLATES, body)
    api(alice_key).patch(f"{TEMPLATES}/same", {"visibility": "private"})
    delete_account(user=alice)
    refusal = api(bob_key).post(TEMPLATES, body)
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (409, "template.id_taken")


def test_who_has_a_private_template_of_a_public_id_is_told_why_it_stays_private(
    api, alice_key, bob_key
):
    body = {"id": "same", "name": "Mine"}
    assert api(bob_key).post(TEMPLATES, body).status_code == 201
    assert api(alice_key).post(TEMPLATES, {**body, "visibility": "public"}).status_code == 201
    refusal = api(bob_key).patch(f"{TEMPLATES}/same", {"visibility": "public"})
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (409, "template.id_taken")
    assert "is taken" in refusal.json()["message"]


def test_a_drawing_may_hold_a_thumbnail_and_nothing_else_a_long_text(create):
    thumbnail = "data:image/png;base64," + "A" * 200_000
    drawing = {"nodes": [{"id": "n", "data": {"thumbnail": thumbnail}}]}
    template = create({"name": "Drawn", "graph": drawing}).json()["data"]["template"]
    assert template["graph"] == drawing
    response = create({"name": "Drawn", "metadata": {"graph": thumbnail}})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "body.text_too_long")
