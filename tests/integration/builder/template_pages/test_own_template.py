"""Remix, publish, change and delete on the page of a template."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.auth import Principal
from accounts.models import User
from runs.admission.start import start_run
from runs.models import Artifact
from templates_app.lifecycle import services
from templates_app.models import Template
from tests.support.builders.forms import make_all_kinds
from tests.support.builders.running import work_off
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db

ACTIONS = ("fork", "details", "publish", "unpublish", "delete")


@pytest.fixture
def outsider(bob: User) -> Client:
    return signed_in(bob)


@pytest.fixture
def film() -> dict[str, Any]:
    """A recipe whose result is a real picture: publishing copies it without its metadata."""
    picture = {"id": "still", "type": "fixed", "tool": "generate_image"}
    return {
        "inputs": [{"name": "brief", "type": "text", "required": True}],
        "stages": [{**picture, "args": {"prompt": "$inputs.brief", "width": 256, "height": 144}}],
    }


def read(public_id: str) -> Template:
    return Template.objects.select_related("head", "published", "source__template").get(
        public_id=public_id, deleted_at=None
    )


def run_once(person: User, template: Template) -> Artifact:
    start_run(
        actor=Principal(user=person, api_key=None, via="session"),
        body={"workflow_id": template.public_id, "inputs": {"brief": "A lamp in the rain"}},
    )
    work_off()
    return Artifact.objects.order_by("-id")[0]


# --- remix ---------------------------------------------------------------------------------------


def test_a_remix_is_mine_and_private_and_names_its_original(
    alice: User, bob: User, outsider: Client
) -> None:
    template = make_all_kinds(alice)
    response = outsider.post(f"/t/{template.public_id}/fork")
    assert response.status_code == 302
    editor = response["Location"]
    assert "Remixed. It's yours now." in outsider.get(editor).content.decode()
    shown = outsider.get(editor.removesuffix("/edit")).content.decode()
    assert "Remixed." not in shown
    assert f'href="/t/{template.public_id}"' in shown
    mine = read(editor.split("/")[-2])
    assert (mine.owner, mine.visibility) == (bob, "private")
    assert "No remixes yet" in Client().get(f"/t/{template.public_id}?tab=remixes").content.decode()
    theirs = outsider.get(f"/t/{template.public_id}?tab=remixes").content.decode()
    assert f'href="/t/{mine.public_id}"' in theirs


def test_the_page_says_when_the_original_moved_on_or_went(alice: User, outsider: Client) -> None:
    template = make_all_kinds(alice)
    mine = outsider.post(f"/t/{template.public_id}/fork")["Location"].removesuffix("/edit")
    assert "newer version" not in outsider.get(mine).content.decode()
    patched(template, description="Better now.")
    assert "newer version, v0.0.2" in outsider.get(mine).content.decode()
    services.delete_template(actor=alice, public_id=template.public_id)
    assert "Remix of a deleted template" in outsider.get(mine).content.decode()


def test_where_a_remix_of_something_private_comes_from_stays_with_its_owner(
    alice: User, browser: Client
) -> None:
    private = make_template(alice)
    mine = browser.post(f"/t/{private.public_id}/fork")["Location"].split("/")[-2]
    patched(read(mine), visibility="public")
    assert "Remix of" in browser.get(f"/t/{mine}").content.decode()
    shown = Client().get(f"/t/{mine}").content.decode()
    assert "Remix of" not in shown
    assert private.public_id not in shown


# --- who may -------------------------------------------------------------------------------------


def test_signed_out_every_action_leads_through_sign_in(alice: User) -> None:
    template = make_all_kinds(alice)
    for action in ACTIONS:
        response = Client().post(f"/t/{template.public_id}/{action}")
        assert response["Location"] == f"/sign-in?next=/t/{template.public_id}", action
        assert read(template.public_id).head == template.head, action


def test_others_change_nothing_and_actions_are_not_links(
    alice: User, browser: Client, outsider: Client
) -> None:
    template = make_all_kinds(alice)
    address = f"/t/{template.public_id}"
    assert outsider.get(f"{address}/publish").status_code == 404
    sent = {"name": "Mine now", "confirm": "yes"}
    for action in (*ACTIONS, "form", "quote"):
        if action in ("details", "publish", "unpublish", "delete"):
            assert outsider.post(f"{address}/{action}", sent).status_code == 404, action
        if action not in ("publish", "delete"):
            assert browser.get(f"{address}/{action}").status_code == 405, action
        assert read(template.public_id).head == template.head, action


# --- details -------------------------------------------------------------------------------------


def test_name_description_tags_and_category_are_changed_on_the_page(
    alice: User, browser: Client
) -> None:
    template = make_template(alice)
    response = browser.post(
        f"/t/{template.public_id}/details",
        {
            "name": " Rain ",
            "description": "Wet.",
            "tags": "film, #night,, film",
            "category": "music",
        },
    )
    assert response["Location"] == f"/t/{template.public_id}"
    head = read(template.public_id).head
    assert head is not None
    assert (head.spec["name"], head.spec["description"]) == ("Rain", "Wet.")
    assert (head.spec["tags"], head.spec["category"]) == (["film", "night"], "music")


def test_a_name_that_will_not_do_is_explained_and_the_words_stay(
    alice: User, browser: Client
) -> None:
    template = make_template(alice)
    response = browser.post(
        f"/t/{template.public_id}/details", {"name": " ", "description": "kept words"}
    )
    assert response.status_code == 422
    assert "kept words" in response.content.decode()
    assert read(template.public_id).head == template.head


# --- publish -------------------------------------------------------------------------------------


def test_publishing_shows_a_result_i_chose_and_nothing_else_of_the_run(
    alice: User, browser: Client, film: dict[str, Any]
) -> None:
    template = make_template(alice, **film)
    result = run_once(alice, template)
    offered = browser.get(f"/t/{template.public_id}/publish").content.decode()
    assert f'value="{result.public_id}"' in offered
    assert "What becomes public" in offered
    response = browser.post(f"/t/{template.public_id}/publish", {"preview": result.public_id})
    assert response.status_code == 302
    shown = Client().get(f"/t/{template.public_id}").content.decode()
    assert "/media/t/" in shown
    assert result.public_id not in shown
    assert "A lamp in the rain" not in shown
    assert result.run.public_id not in shown


def test_others_results_cannot_be_chosen(
    alice: User, bob: User, browser: Client, film: dict[str, Any]
) -> None:
    template = make_public(alice, **film)
    theirs = run_once(bob, template)
    page = browser.get(f"/t/{template.public_id}/publish").content.decode()
    assert theirs.public_id not in page
    response = browser.post(f"/t/{template.public_id}/publish", {"preview": theirs.public_id})
    assert response.status_code == 400
    assert "That result was deleted" in response.content.decode()
    assert read(template.public_id).published == template.published


def test_what_stands_against_publishing_is_said_before_and_after(
    alice: User, browser: Client
) -> None:
    foreign = [
        {"stageId": "clip", "label": "x", "mediaType": "image", "url": "https://10.0.0.1/x.png"}
    ]
    template = make_template(alice, previewArtifacts=foreign)
    path = f"/t/{template.public_id}/publish"
    assert "be fetched (" in browser.get(path).content.decode()
    response = browser.post(path, {"preview": "keep"})
    assert response.status_code == 422
    assert "be fetched (" in response.content.decode()
    assert read(template.public_id).visibility == "private"
    assert browser.post(path, {"preview": "none"}).status_code == 302
    assert read(template.public_id).visibility == "public"


def test_a_new_version_is_published_and_the_old_one_marked(alice: User, browser: Client) -> None:
    template = make_all_kinds(alice)
    patched(template, description="Second thoughts.", publish=False)
    path = f"/t/{template.public_id}"
    assert "Publish v0.0.2" in browser.get(path).content.decode()
    assert browser.post(f"{path}/publish", {"preview": "keep"}).status_code == 302
    assert "Second thoughts." in Client().get(path).content.decode()
    assert browser.get(f"{path}?tab=versions").content.decode().count("Published</span>") == 1


def test_unpublishing_hides_it_at_once(alice: User, browser: Client) -> None:
    template = make_all_kinds(alice)
    path = f"/t/{template.public_id}"
    assert browser.post(f"{path}/unpublish")["Location"] == path
    assert Client().get(path).status_code == 404
    assert Client().get(f"{path}/share.png").status_code == 404
    assert browser.get(path).status_code == 200


def test_outsiders_see_one_version_and_the_owner_all(alice: User, browser: Client) -> None:
    template = make_all_kinds(alice)
    patched(template, brief="x")
    path = f"/t/{template.public_id}?tab=versions"
    assert "v0.0.1</strong>" in browser.get(path).content.decode()
    shown = Client().get(path).content.decode()
    assert "v0.0.2</strong>" in shown
    assert "v0.0.1</strong>" not in shown


# --- delete --------------------------------------------------------------------------------------


def test_deleting_asks_first(alice: User, browser: Client) -> None:
    template = make_template(alice)
    path = f"/t/{template.public_id}/delete"
    assert "It's removed" in browser.get(path).content.decode()
    assert browser.post(path).status_code == 400
    assert browser.post(path, {"confirm": "yes"}).status_code == 302
    assert browser.get(f"/t/{template.public_id}").status_code == 404
    assert browser.post(path, {"confirm": "yes"}).status_code == 404


def test_dialogs_are_asked_for_without_the_page_around_them(alice: User, browser: Client) -> None:
    template = make_template(alice)
    for name in ("publish", "delete"):
        part = browser.get(f"/t/{template.public_id}/{name}", headers={"HX-Request": "true"})
        assert part.status_code == 200
        assert "<html" not in part.content.decode()
        assert urlsplit(part.request["PATH_INFO"]).path.endswith(name)
