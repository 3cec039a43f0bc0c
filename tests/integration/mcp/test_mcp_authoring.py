"""Agents draft, change and feed templates: looked at first, then written once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import LedgerEntry, User
from core.shared_cache import shared_cache
from templates_app.documents import services as documents
from templates_app.lifecycle import services as templates
from templates_app.models import Change, Template, TemplateUse, TemplateVersion
from tests.support.builders.collaborating import let_in
from tests.support.builders.editing import change, prompt
from tests.support.builders.factories import make_key
from tests.support.builders.stage_bodies import SHOT, stage
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.agents import call, called, refused
from tests.support.fakes.compose_model_server import ComposeModelServer, Said, configure

pytestmark = pytest.mark.django_db(transaction=True)
BRIEF = "A lighthouse at dusk, two shots, 8 seconds, with soft piano"


@pytest.fixture
def teaser(alice: User) -> Template:
    """alice's template of two stages."""
    return make_template(alice, name="Teaser")


def set_prompt(words: str, stage: str = "keyframe") -> dict[str, Any]:
    return prompt(words, stage)


def shown(template: Template, key: str, **more: Any) -> dict[str, Any]:
    """A proposal that changes the prompt of a stage."""
    ops = [set_prompt("A lamp at night")]
    given = {"template_id": template.public_id, "ops": ops, "label": "Night", **more}
    return called("edit_template", given, key)


def confirm(template: Template, key: str, proposal: str, **more: Any) -> dict[str, Any]:
    given = {"template_id": template.public_id, "proposal": proposal, "confirm": True, **more}
    return called("edit_template", given, key)


def state_of(template: Template, person: User) -> Any:
    return documents.open_document(viewer=person, public_id=template.public_id).state


def prompt_of(template: Template, person: User) -> str:
    stage = state_of(template, person)["stages"]["rows"]["keyframe"]
    return str(stage["args"]["prompt"])


class TestTemplateStages:
    """Stages that an agent puts in and that are other templates."""

    def proposed(self, template: Template, key: str, tool: str, **more: Any) -> Any:
        value = {**stage(tool, "shot", subject="A lamp"), "label": "Shot"}
        ops = [{"op": "put", "table": "stages", "key": "shot", "value": value}]
        given = {"template_id": template.public_id, "ops": ops, **more}
        return called("edit_template", given, key)

    def test_one_is_put_in_when_it_is_confirmed(
        self, alice: User, bob: User, alice_key: str, teaser: Template
    ) -> None:
        make_public(bob, **{**SHOT, "id": "shot"})
        proposal = self.proposed(teaser, alice_key, "template:shot")
        assert proposal["issues"] == []
        assert proposal["credits_after"] > proposal["credits_before"]
        assert not TemplateUse.objects.exists()
        confirm(teaser, alice_key, proposal["proposal"], save_version=True)
        row = state_of(teaser, alice)["stages"]["rows"]["shot"]
        assert row["tool"] == "template:shot@0.0.1"
        use = TemplateUse.objects.get()
        assert (use.holder, use.reference, use.created_by) == (teaser, row["tool"], alice)
        # Written again, it is the same change.
        confirm(teaser, alice_key, proposal["proposal"])
        assert TemplateUse.objects.count() == 1

    def test_what_is_unknown_and_what_is_anothers_read_alike(
        self, alice: User, bob: User, alice_key: str, teaser: Template
    ) -> None:
        make_template(bob, **{**SHOT, "id": "his"})
        answers = []
        for name in ("his", "not"):
            proposal = self.proposed(teaser, alice_key, f"template:{name}@0.0.1")
            assert [one["code"] for one in proposal["issues"]] == ["template_unavailable"]
            text = json.dumps({**proposal, "proposal": ""}).replace(name, "some")
            answers.append(text)
            confirm(teaser, alice_key, proposal["proposal"])
            undo = {"op": "remove", "table": "stages", "key": "shot"}
            given = {"template_id": teaser.public_id, "ops": [undo]}
            confirm(teaser, alice_key, called("edit_template", given, alice_key)["proposal"])
        first, second = (
            {**json.loads(text), "revision": 0, "changes": "", "sketch": ""} for text in answers
        )
        assert first == second
        assert not TemplateUse.objects.exists()

    def test_a_right_that_ended_refuses_all_of_it(
        self, alice: User, bob: User, alice_key: str, teaser: Template
    ) -> None:
        make_public(bob, **{**SHOT, "id": "shot"})
        proposal = self.proposed(teaser, alice_key, "template:shot@0.0.1")
        Template.objects.filter(public_id="shot").update(visibility="private")
        given = {
            "template_id": teaser.public_id,
            "proposal": proposal["proposal"],
            "confirm": True,
        }
        assert refused("edit_template", given, alice_key)["code"] == "template.not_found"
        assert "shot" not in state_of(teaser, alice)["stages"]["rows"]

    def test_others_who_come_to_see_a_private_one_are_named_first(
        self, alice: User, bob: User, alice_key: str, teaser: Template
    ) -> None:
        make_template(alice, **{**SHOT, "id": "shot"})
        assert self.proposed(teaser, alice_key, "template:shot@0.0.1")["warnings"] == []
        let_in(alice, teaser.public_id, bob, "viewer")
        [warning] = self.proposed(teaser, alice_key, "template:shot@0.0.1")["warnings"]
        assert "Everyone who works on this template" in warning
        assert "template:shot@0.0.1" in warning


class TestCompose:
    def test_a_brief_becomes_a_draft_that_is_not_saved(self, alice: User, alice_key: str) -> None:
        told = called("compose_template", {"brief": BRIEF}, alice_key)
        assert told["saved"] is False
        assert "lighthouse" in told["name"].lower()
        assert told["stages"] >= 3
        assert told["credits"] > 0
        assert "1. " in told["sketch"]
        assert "←" in told["sketch"]
        assert told["sketch"].startswith("<untrusted>")
        assert not Template.objects.exists()
        assert LedgerEntry.objects.filter(user=alice).count() == 1

    def test_settings_are_drafted_in_place_of_the_brief_for_nothing(
        self, alice: User, alice_key: str
    ) -> None:
        first = called("compose_template", {"brief": BRIEF, "name": "Lighthouse"}, alice_key)
        settings = {**first["settings"], "aspect": "9:16"}
        settings["sound"] = {**settings["sound"], "music": False}
        wanted = {"brief": BRIEF, "name": "Lighthouse", "settings": settings}
        second = called("compose_template", wanted, alice_key)
        assert second["credits"] < first["credits"]
        assert second["settings"]["aspect"] == "9:16"
        assert LedgerEntry.objects.filter(user=alice).count() == 1
        saving = {"proposal": second["proposal"], "save": True}
        assert called("compose_template", saving, alice_key)["saved"]
        refused = call("compose_template", {**wanted, "settings": {"unheard": 1}}, alice_key)
        assert "unheard" in refused["content"][0]["text"]

    def test_what_was_shown_is_saved_once_and_for_no_more(
        self, alice: User, alice_key: str
    ) -> None:
        told = called("compose_template", {"brief": BRIEF, "name": "Lighthouse"}, alice_key)
        wanted = {"proposal": told["proposal"], "save": True}
        first = called("compose_template", wanted, alice_key)
        again = called("compose_template", wanted, alice_key)
        assert (first["is_new"], again["is_new"]) == (True, False)
        assert first["template_id"] == again["template_id"]
        assert first["sketch"] == told["sketch"]
        saved = Template.objects.get()
        assert (saved.owner, saved.visibility) == (alice, "private")
        assert LedgerEntry.objects.filter(user=alice).count() == 1

    def test_a_saved_draft_is_found_though_the_cache_lost_it(self, alice_key: str) -> None:
        told = called("compose_template", {"brief": BRIEF, "name": "Lighthouse"}, alice_key)
        wanted = {"proposal": told["proposal"], "save": True}
        first = called("compose_template", wanted, alice_key)
        shared_cache().clear()
        assert called("compose_template", wanted, alice_key)["template_id"] == first["template_id"]
        assert Template.objects.count() == 1

    def test_a_brief_is_saved_at_once_by_its_key(self, alice_key: str) -> None:
        wanted = {"brief": BRIEF, "name": "Lighthouse", "save": True, "idempotency_key": "k1"}
        first = called("compose_template", wanted, alice_key)
        again = called("compose_template", wanted, alice_key)
        assert first["template_id"] == again["template_id"]
        assert Template.objects.count() == 1
        assert LedgerEntry.objects.count() == 1
        other = refused("compose_template", {**wanted, "name": "Other"}, alice_key)
        assert other["code"] == "idempotency.key_reuse"

    def test_saved_by_several_calls_at_once_it_is_one_template(self, alice_key: str) -> None:
        told = called("compose_template", {"brief": BRIEF, "name": "Lighthouse"}, alice_key)
        wanted = {"proposal": told["proposal"], "save": True}
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(called, "compose_template", wanted, alice_key) for _ in range(4)]
        assert len({one.result()["template_id"] for one in answers}) == 1
        assert sum(one.result()["is_new"] for one in answers) == 1
        assert Template.objects.count() == 1

    def test_saving_a_brief_needs_a_key(self, alice_key: str) -> None:
        wanted = {"brief": BRIEF, "name": "Lighthouse", "save": True}
        assert "idempotency_key" in refused("compose_template", wanted, alice_key)["message"]
        assert not LedgerEntry.objects.exists()

    def test_a_key_for_runs_may_draft_and_not_save(self, alice: User) -> None:
        key = make_key(alice, scope="run")
        told = called("compose_template", {"brief": BRIEF, "name": "Lighthouse"}, key)
        error = refused("compose_template", {"proposal": told["proposal"], "save": True}, key)
        assert error["code"] == "key_scope"
        assert not Template.objects.exists()

    def test_another_persons_draft_is_not_known(self, alice_key: str, bob_key: str) -> None:
        told = called("compose_template", {"brief": BRIEF, "name": "Lighthouse"}, alice_key)
        error = refused("compose_template", {"proposal": told["proposal"], "save": True}, bob_key)
        assert error["code"] == "proposal.expired"

    def test_what_the_key_saved_and_the_person_deleted_stays_so(
        self, alice: User, alice_key: str
    ) -> None:
        wanted = {"brief": BRIEF, "name": "Lighthouse", "save": True, "idempotency_key": "k1"}
        told = called("compose_template", wanted, alice_key)
        templates.delete_template(actor=alice, public_id=told["template_id"])
        assert refused("compose_template", wanted, alice_key)["code"] == "idempotency.deleted"


class TestEdit:
    def test_a_proposal_shows_and_writes_nothing(
        self, alice: User, alice_key: str, teaser: Template
    ) -> None:
        told = shown(teaser, alice_key)
        assert told["written"] is False
        assert (told["added"], told["changed"], told["removed"]) == (0, 1, 0)
        assert "A lamp at night" in told["changes"]
        assert "~ keyframe" in told["changes"]
        assert told["stages"] == 2
        assert told["credits_before"] == told["credits_after"] > 0
        assert prompt_of(teaser, alice) == "$inputs.brief"
        assert not Change.objects.exists()

    def test_confirmed_it_is_one_change_and_undone_one_more(
        self, alice: User, alice_key: str, teaser: Template
    ) -> None:
        before = state_of(teaser, alice)
        done = confirm(teaser, alice_key, shown(teaser, alice_key)["proposal"])
        assert done["written"] is True
        assert prompt_of(teaser, alice) == "A lamp at night"
        [row] = Change.objects.all()
        assert (row.actor, row.label, row.rev) == (alice, "Night", 1)
        confirm(teaser, alice_key, done["undo"])
        assert state_of(teaser, alice) == before
        assert Change.objects.count() == 2
        assert TemplateVersion.objects.count() == 1

    def test_people_in_the_editor_receive_it_as_any_change(
        self, alice: User, alice_key: str, teaser: Template
    ) -> None:
        client = Client()
        client.force_login(alice)
        opened = f"/app/documents/{teaser.public_id}"
        client.get(opened)
        confirm(teaser, alice_key, shown(teaser, alice_key)["proposal"])
        found = client.get(f"{opened}/changes?after=0").json()
        assert [one["label"] for one in found["changes"]] == ["Night"]
        assert found["changes"][0]["ops"][0]["op"] == "set"

    def test_a_draft_that_moved_on_refuses_it(
        self, alice: User, alice_key: str, teaser: Template
    ) -> None:
        told = shown(teaser, alice_key)
        opened = documents.open_document(viewer=alice, public_id=teaser.public_id)
        assert opened.document is not None
        documents.append_changes(
            actor=alice,
            document=opened.document,
            client_id=str(documents.NO_ONE),
            changes=[change(set_prompt("A fox"))],
        )
        given = {
            "template_id": teaser.public_id,
            "proposal": told["proposal"],
            "confirm": True,
        }
        error = refused("edit_template", given, alice_key)
        assert error["code"] == "document.stale"
        assert prompt_of(teaser, alice) == "A fox"

    def test_nothing_is_written_without_a_proposal_that_was_shown(
        self, alice_key: str, teaser: Template
    ) -> None:
        ids = {"template_id": teaser.public_id}
        ops = {"ops": [set_prompt("A fox")], "confirm": True}
        assert "proposal" in refused("edit_template", {**ids, **ops}, alice_key)["message"]
        made_up = {"proposal": "prop_" + "0" * 32, "confirm": True}
        assert refused("edit_template", {**ids, **made_up}, alice_key)["code"] == "proposal.expired"
        assert not Change.objects.exists()

    def test_a_wish_in_words_is_what_change_it_makes(
        self, alice: User, alice_key: str, teaser: Template, settings: Settings
    ) -> None:
        wish = {"template_id": teaser.public_id, "wish": "turn it upright", "idempotency_key": "w"}
        format = {"type": "format", "target": "", "field": "", "value": "9:16"}
        answer = Said(json.dumps({"changes": [format], "cannot": ""}))
        with ComposeModelServer(lambda asked: answer) as server:
            configure(settings, server)
            told = called("edit_template", wish, alice_key)
            client = Client()
            client.force_login(alice)
            sent = {"brief": "turn it upright", "template": teaser.head.spec}
            page = client.post("/app/compose", json.dumps(sent), content_type="application/json")
            assert told["message"] == f"<untrusted>{page.json()['message']}</untrusted>"
            assert LedgerEntry.objects.filter(user=alice).count() == 2
            assert called("edit_template", wish, alice_key)["changes"] == told["changes"]
        assert LedgerEntry.objects.filter(user=alice).count() == 2
        confirm(teaser, alice_key, told["proposal"])
        args = state_of(teaser, alice)["stages"]["rows"]["keyframe"]["args"]
        assert args["width"] < args["height"]

    def test_a_wish_without_a_language_model_says_what_is_needed(
        self, alice_key: str, teaser: Template
    ) -> None:
        wish = {"template_id": teaser.public_id, "wish": "add a storm"}
        answer = call("edit_template", wish, alice_key)
        assert answer["isError"]
        assert "language_model_required" in answer["content"][0]["text"]
        assert not LedgerEntry.objects.exists()

    def test_issues_of_the_change_are_told(self, alice_key: str, teaser: Template) -> None:
        broken = [{"op": "set", "table": "stages", "key": "clip", "path": ["tool"], "value": "tea"}]
        told = called("edit_template", {"template_id": teaser.public_id, "ops": broken}, alice_key)
        assert told["new_issues"] >= 1
        assert told["credits_after"] is None
        assert any(one["stageId"] == "clip" for one in told["issues"])

    @pytest.mark.parametrize(
        "ops",
        [
            [{"op": "tea"}],
            [{"op": "set", "table": "stages", "key": "clip", "path": []}],
            [{"op": "remove", "table": "runs", "key": "clip"}],
            [{"op": "remove", "table": "stages", "key": "clip"}] * 501,
        ],
    )
    def test_ops_that_the_editor_refuses_are_refused(
        self, alice_key: str, teaser: Template, ops: list[Any]
    ) -> None:
        error = refused("edit_template", {"template_id": teaser.public_id, "ops": ops}, alice_key)
        assert "ops" in error["message"]

    def test_another_persons_file_is_refused_before_it_is_shown(
        self, alice_key: str, teaser: Template
    ) -> None:
        foreign = {
            "op": "put",
            "table": "values",
            "key": "photo",
            "value": {"value": "reelgraph:object/upl_01jabcdefghjkmnpqrstvwxyz0/photo.png"},
        }
        given = {"template_id": teaser.public_id, "ops": [foreign]}
        assert refused("edit_template", given, alice_key)["code"] == "change.foreign_media"

    @pytest.mark.parametrize(
        ("role", "code"),
        [("viewer", "auth.forbidden"), ("commenter", "auth.forbidden"), ("editor", "")],
    )
    def test_roles_hold(
        self, alice: User, bob: User, bob_key: str, teaser: Template, role: str, code: str
    ) -> None:
        let_in(alice, teaser.public_id, bob, role)
        given = {"template_id": teaser.public_id, "ops": [set_prompt("A fox")]}
        found = call("edit_template", given, bob_key)["structuredContent"]
        assert found.get("error", {}).get("code", "") == code

    def test_a_public_template_of_another_person_is_not_to_be_changed(
        self, alice: User, bob_key: str
    ) -> None:
        template = make_public(alice)
        given = {"template_id": template.public_id, "ops": [set_prompt("A fox")]}
        assert refused("edit_template", given, bob_key)["code"] == "template.not_found"

    def test_a_public_template_is_saved_and_not_published(
        self, alice: User, alice_key: str
    ) -> None:
        template = make_public(alice)
        proposal = shown(template, alice_key)["proposal"]
        done = confirm(template, alice_key, proposal, save_version=True)
        template.refresh_from_db()
        assert done["version"] == template.head.semver == "0.0.2"
        assert template.published.semver == "0.0.1"

    def test_the_draft_is_read_without_a_change(self, alice_key: str, teaser: Template) -> None:
        given = {"template_id": teaser.public_id, "include_draft": True}
        told = called("edit_template", given, alice_key)
        assert "1. keyframe: Generate image ← brief" in told["sketch"]
        draft = json.loads(told["draft"].removeprefix("<untrusted>").removesuffix("</untrusted>"))
        assert [one["id"] for one in draft["stages"]] == ["keyframe", "clip"]
