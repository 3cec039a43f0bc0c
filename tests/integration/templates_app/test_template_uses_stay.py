"""Templates as stages of other templates: what stays, and what others see and run of them."""

import json

import pytest

from accounts.auth import Principal
from core import errors
from creations import remixing
from runs.admission.run_again import run_again
from templates_app import used_versions, uses
from templates_app.graph.wiring import read_wiring
from templates_app.lifecycle import services
from templates_app.models import Template, TemplateUse
from tests.support.builders.creations import completed, page_of, shared
from tests.support.builders.leaving import delete_account
from tests.support.builders.running import start_template
from tests.support.builders.stage_bodies import SHOT, stage
from tests.support.builders.template_stages import patched, saved
from tests.support.builders.templates import TEMPLATES, make_public, make_template


@pytest.fixture
def film(alice):
    return make_template(alice, id="film", name="Film")


class TestStaying:
    """What is used stays, whatever becomes of the template that it is a version of."""

    @pytest.fixture
    def public_film(self, api, alice_key, bob, film):
        shot = make_public(bob, id="shot", **SHOT)
        changes = {"visibility": "public", "stages": [stage("template:shot", subject="a")]}
        saved(api(alice_key).patch(f"{TEMPLATES}/film", changes))
        return shot

    def test_a_fork_has_the_same_versions(
        self, api, alice_key, bob, bob_key, mo, mo_key, public_film
    ):
        saved(api(bob_key).patch(f"{TEMPLATES}/shot", {"visibility": "private"}))
        fork = saved(api(mo_key).post(f"{TEMPLATES}/film/fork", {}))
        row = TemplateUse.objects.get(holder__owner=mo)
        assert row.version == public_film.head
        # Its stages can be changed as ever: the row is there.
        path = f"{TEMPLATES}/{fork['id']}"
        saved(api(mo_key).patch(path, {"stages": [{**fork["stages"][0], "label": "Again"}]}))

    def test_a_version_outlives_its_template_and_its_author(
        self, api, alice_key, bob, bob_key, public_film
    ):
        version = public_film.head
        assert api(bob_key).delete(f"{TEMPLATES}/shot").status_code in (200, 204)
        delete_account(user=bob)
        assert TemplateUse.objects.get().version == version
        row = api(alice_key).get(f"{TEMPLATES}/film").json()["data"]["template"]
        saved(api(alice_key).patch(f"{TEMPLATES}/film", {"visibility": "private"}))
        changes = {"stages": [{**row["stages"][0], "label": "Again"}]}
        saved(api(alice_key).patch(f"{TEMPLATES}/film", changes))

    def test_busy_programs_do_not_push_it_out(self, api, bob, bob_key, public_film, settings):
        settings.VERSIONS_KEPT, settings.PATCHES_JOINED_S = 1, 0
        for brief in ("a", "b", "c"):
            saved(api(bob_key).patch(f"{TEMPLATES}/shot", {"brief": brief}))
        assert TemplateUse.objects.get().version.semver == "0.0.1"

    def test_the_account_of_a_holders_owner_takes_its_own_uses_along(
        self, api, alice, alice_key, bob
    ):
        make_template(alice, id="shot", **SHOT)
        body = {"id": "scene", "name": "Scene", "stages": [stage("template:shot")]}
        saved(api(alice_key).post(TEMPLATES, body))
        delete_account(user=alice)
        assert not TemplateUse.objects.exists()
        assert not Template.objects.filter(owner=alice).exists()

    def test_what_is_inside_the_templates_of_others_stays_with_it(
        self, api, alice, alice_key, bob_key
    ):
        make_public(alice, id="shot", **SHOT)
        body = {"id": "scene", "name": "Scene", "stages": [stage("template:shot")]}
        saved(api(alice_key).post(TEMPLATES, {**body, "visibility": "public"}))
        other = {"name": "Film", "stages": [stage("template:scene")]}
        saved(api(bob_key).post(TEMPLATES, other))
        for name in ("scene", "shot"):
            saved(api(alice_key).patch(f"{TEMPLATES}/{name}", {"visibility": "private"}))
        delete_account(user=alice)
        row = TemplateUse.objects.get(holder__name="Film")
        used_versions.forget()
        assert uses.tool_of(row.version).flat.stages
        assert {one.reference for one in TemplateUse.objects.all()} == {
            "template:scene@0.0.1",
            "template:shot@0.0.1",
        }

    def test_a_deleted_holder_lets_go_of_what_it_used(self, api, alice, alice_key):
        make_template(alice, id="shot", **SHOT)
        body = {"id": "scene", "name": "Scene", "stages": [stage("template:shot")]}
        saved(api(alice_key).post(TEMPLATES, body))
        api(alice_key).delete(f"{TEMPLATES}/scene")
        assert not TemplateUse.objects.exists()


class TestDrawing:
    """Pictures of a template know what its stages give that are templates."""

    @pytest.fixture
    def public_film(self, alice, bob):
        make_public(bob, id="shot", **SHOT)
        upscaled = {"prompt": "Sharper", "image_url": "$artifacts.shot"}
        stages = [stage("template:shot", subject="a"), stage("edit_image", "sharp", **upscaled)]
        return make_public(alice, id="film", name="Film", inputs=[], stages=stages)

    def test_the_gallery_keeps_what_a_stage_makes(self, client, public_film):
        card = public_film.listing.card
        assert [one.get("makes") for one in card["stages"]] == ["image", None]
        assert client.get("/").status_code == 200

    def test_the_page_and_the_poster_connect_them(self, client, public_film):
        assert client.get("/t/film").status_code == 200
        wiring = read_wiring(public_film.head.spec, uses.table_of(public_film.head))
        wires = {(wire.source, wire.target, wire.kind) for wire in wiring.wires}
        assert wires == {("shot", "sharp", "image")}


def test_runs_are_refused_while_what_is_inside_is_hidden(api, alice_key, bob, bob_key, film):
    make_public(bob, id="shot", **SHOT)
    changes = {"visibility": "public", "stages": [stage("template:shot", subject="a")]}
    saved(api(alice_key).patch(f"{TEMPLATES}/film", changes))
    Template.objects.filter(public_id="shot").update(moderation="quarantined")
    path = "/v1/creative-agent/workflows"
    body = {"workflow_id": "film", "inputs": {"brief": "A door"}}
    response = api(alice_key).post(path, body)
    assert response.status_code == 422, response.content
    assert "template_hidden" in response.content.decode()
    response = api(bob_key).post(path, body)
    assert response.status_code in (200, 201, 202), response.json()


def test_a_run_is_not_made_again_while_what_is_inside_is_hidden(alice, bob, film):
    make_public(bob, id="shot", **SHOT)
    patched(film, stages=[stage("template:shot", subject="a")])
    run = start_template(alice, film, brief="A door")
    actor = Principal(user=alice, api_key=None, via="session")
    assert run_again(run=run, actor=actor).run.pk != run.pk
    Template.objects.filter(public_id="shot").update(moderation="quarantined")
    with pytest.raises(errors.Conflict):
        run_again(run=run, actor=actor)
    # Deleting the template is no way around it.
    services.delete_template(actor=alice, public_id="film")
    run.refresh_from_db()
    with pytest.raises(errors.Conflict):
        run_again(run=run, actor=actor)
    Template.objects.filter(public_id="shot").update(moderation="visible")
    assert run_again(run=run, actor=actor).run.pk != run.pk


class TestCreations:
    """What others can copy of a creation lets no one into a private template."""

    @pytest.fixture
    def remixed(self, alice, bob):
        """Return the spec that bob gets of alice's creation, made with a stage of this template."""

        def remix(**shot):
            make_template(alice, id="zebra-okapi", **{**SHOT, **shot})
            film = make_template(
                alice, name="Film", inputs=[], stages=[stage("template:zebra-okapi", subject="a")]
            )
            run = completed(start_template(alice, film))
            share = shared(run, remix="on", prompts="on", visibility="public")
            assert "okapi" not in page_of(share)
            return remixing.remix(actor=bob, share=share)

        return remix

    def test_a_private_template_inside_is_not_named(self, remixed):
        template = remixed()
        assert "okapi" not in json.dumps(template.head.spec)
        assert not uses.uses_of(template)

    def test_a_public_one_is_a_stage_of_the_remix_too(self, remixed):
        template = remixed(visibility="public")
        assert set(uses.uses_of(template)) == {"template:zebra-okapi@0.0.1"}
        assert template.head.spec["stages"][0]["tool"] == "template:zebra-okapi@0.0.1"
