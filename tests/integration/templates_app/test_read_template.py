"""GET /v1/creative-agent/workflows/templates/:id."""

import pytest

from media import signing
from templates_app.models import Template
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.stage_bodies import SHOT, stage
from tests.support.builders.template_stages import saved
from tests.support.builders.templates import BASE_URL, HOSTS, TEMPLATES, make_public, make_template


def test_anyone_signed_in_reads_a_public_template(api, alice, bob_key):
    alice.display_name = "Alice Lamplight"
    alice.email = "alice@example.com"
    alice.save(update_fields=["display_name", "email"])
    make_public(alice, id="open")
    response = api(bob_key).get(f"{TEMPLATES}/open")
    template = response.json()["data"]["template"]
    assert template["author"] == {"userId": alice.public_id, "displayName": "Alice Lamplight"}
    assert "alice@example.com" not in response.content.decode()


@pytest.mark.parametrize("moderation", ["quarantined", "removed"])
def test_what_moderation_hides_only_the_owner_sees(api, alice, alice_key, bob_key, moderation):
    make_public(alice, id="bad")
    Template.objects.update(moderation=moderation)
    assert api(bob_key).get(f"{TEMPLATES}/bad").status_code == 404
    assert api(alice_key).get(f"{TEMPLATES}/bad").status_code == 200


def test_an_own_template_comes_before_a_public_one_of_the_same_id(api, alice, bob, bob_key):
    make_public(alice, id="same", name="Hers")
    make_template(bob, id="same", name="His")
    assert api(bob_key).get(f"{TEMPLATES}/same").json()["data"]["template"]["name"] == "His"


def test_costs_one_query_beside_the_credentials(
    api, alice, alice_key, django_assert_max_num_queries
):
    make_template(alice, id="mine")
    api(alice_key).get(f"{TEMPLATES}/mine")  # the first use of a key is written down
    with django_assert_max_num_queries(2):
        api(alice_key).get(f"{TEMPLATES}/mine")


class TestExpanded:
    """With their own stages in the place of stages that are templates."""

    @pytest.fixture
    def film(self, api, alice, alice_key):
        shot = {**SHOT, "outputs": {"still": {"from": "$artifacts.still[0]", "position": 0}}}
        make_public(alice, id="shot", **shot)
        scene = {
            "id": "scene",
            "name": "Scene",
            "visibility": "public",
            "inputs": SHOT["inputs"],
            "stages": [stage("template:shot", subject="$inputs.subject")],
        }
        saved(api(alice_key).post(TEMPLATES, scene))
        upscaled = {"prompt": "Sharper", "image_url": "$artifacts.scene"}
        film = {
            "id": "film",
            "name": "Film",
            "visibility": "public",
            "inputs": SHOT["inputs"],
            "stages": [
                stage("template:scene", "scene", subject="$inputs.subject"),
                stage("edit_image", "sharp", **upscaled),
            ],
            "graph": {"edges": [{"from": "scene", "to": "sharp"}]},
        }
        return saved(api(alice_key).post(TEMPLATES, film))

    def test_to_any_depth_for_who_may_read_it(self, api, bob_key, film):
        path = f"{TEMPLATES}/film"
        data = api(bob_key).get(f"{path}?expand=1").json()["data"]
        assert data["wholeStages"] == []
        still, sharp = data["template"]["stages"]
        assert (still["tool"], still["args"]) == ("generate_image", {"prompt": "$inputs.subject"})
        [name] = set(still["produces"])
        assert sharp["args"]["image_url"] == f"$artifacts.{name}[0]"
        assert {"from": still["id"], "to": "sharp"} in data["template"]["graph"]["edges"]
        assert (data["template"]["id"], data["template"]["version"]) == ("film", film["version"])
        saved_again = api(bob_key).post(TEMPLATES, {**data["template"], "id": "flat"})
        assert saved(saved_again)["stages"] == data["template"]["stages"]
        plain = api(bob_key).get(f"{path}?expand=false").json()["data"]
        assert plain == api(bob_key).get(path).json()["data"]

    def test_a_stage_that_can_not_be_unpacked_stays_with_the_reason(self, api, alice, alice_key):
        make_template(alice, id="shot", **SHOT)
        pausing = {**stage("template:shot", subject="a"), "checkpointRequired": True}
        make_template(alice, id="film", name="Film", inputs=[], stages=[])
        saved(api(alice_key).patch(f"{TEMPLATES}/film", {"stages": [pausing]}))
        data = api(alice_key).get(f"{TEMPLATES}/film?expand=true").json()["data"]
        assert [one["tool"] for one in data["template"]["stages"]] == ["template:shot@0.0.1"]
        [entry] = data["wholeStages"]
        assert entry["stageId"] == "shot"
        assert "approval" in entry["message"]

    def test_what_is_hidden_inside_stays_a_stage(self, api, bob_key, film):
        Template.objects.filter(public_id="shot").update(moderation="quarantined")
        data = api(bob_key).get(f"{TEMPLATES}/film?expand=1").json()["data"]
        assert data["template"]["stages"][0]["tool"] == "template:scene@0.0.1"
        [entry] = data["wholeStages"]
        assert entry == {"stageId": "scene", "message": "This template is hidden by a moderator."}

    def test_it_is_for_reading_alone(self, api, alice_key, film):
        body = {"name": "Other"}
        for answer in (
            api(alice_key).patch(f"{TEMPLATES}/film?expand=1", body),
            api(alice_key).post(f"{TEMPLATES}?expand=1", body),
            api(alice_key).get(f"{TEMPLATES}/film?expand=maybe"),
        ):
            assert answer.status_code == 400
            assert "`expand`" in answer.json()["message"]
        assert Template.objects.get(public_id="film").name == "Film"
        foreign = api(alice_key).get(f"{TEMPLATES}/nothing?expand=1")
        assert foreign.json() == api(alice_key).get(f"{TEMPLATES}/nothing").json()

    def test_files_of_the_templates_inside_are_links_to_this_server(self, api, alice, alice_key):
        upload = make_upload(alice, make_blob(jpeg_with_place()))
        link = BASE_URL + signing.signed_path(upload.public_id, upload.filename)
        hero = {"name": "hero", "type": "image", "default": link}
        edit = stage("edit_image", "still", prompt="p", image_url="$inputs.hero")
        body = {"id": "shot", "name": "Shot", "inputs": [hero], "stages": [edit]}
        saved(api(alice_key).post(TEMPLATES, body))
        film = {"name": "Film", "stages": [stage("template:shot")]}
        film = saved(api(alice_key).post(TEMPLATES, film))
        data = api(alice_key).get(f"{TEMPLATES}/{film['id']}?expand=1").json()["data"]
        shown = data["template"]["stages"][0]["args"]["image_url"]
        assert shown.startswith("http://testserver/media/")
        assert signing.parse_own_url(shown, HOSTS) == upload.public_id
