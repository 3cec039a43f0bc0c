"""Media of a case: hidden, shown after the look is logged, for a quarter of an hour."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from core import clock
from media import signing
from moderation import case_work, evidence_access
from moderation.models import AuditEntry, Case
from templates_app.models import Template
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.moderation import decide, make_moderator, report
from tests.support.builders.templates import BASE_URL, make_public
from tests.support.clients.asgi_requests import request_app

pytestmark = pytest.mark.usefixtures("committed")


class Scene:
    """alice's published template with a picture, reported by bob; mo looks."""

    def __init__(self) -> None:
        self.alice, self.bob = make_user("alice"), make_user("bob")
        self.mo = make_moderator(make_user("mo"))
        upload = make_upload(self.alice, make_blob(jpeg_with_place()))
        link = BASE_URL + signing.signed_path(upload.public_id, upload.filename)
        looks_like = [{"stageId": "clip", "label": "A", "mediaType": "image", "url": link}]
        self.template = make_public(
            self.alice, id="open-marsh", name="Open marsh", previewArtifacts=looks_like
        )
        self.case: Case = report(self.template, self.bob, reason="privacy")
        version = self.template.published
        [medium] = version.media.all()
        self.open_url = f"/media/t/{version.pk}/{medium.blob_id}"
        self.sha256 = medium.blob_id
        self.client = Client()
        self.client.force_login(self.mo)

    def look(self) -> list[str]:
        """Addresses of the media that the page shows after asking."""
        page = self.client.post(f"/admin/moderation/cases/{self.case.pk}/look")
        assert page.status_code == 200
        return [unescape(url) for url in re.findall(r'<img src="([^"]+)"', page.content.decode())]


@pytest.fixture
def scene(committed: None) -> Scene:
    return Scene()


def test_a_case_shows_no_media_until_its_moderator_asks_and_that_is_logged(scene: Scene) -> None:
    page = scene.client.get(f"/admin/moderation/cases/{scene.case.pk}").content.decode()
    assert "Views are logged" in page
    assert "/media/" not in page
    outsider: Any = Client()
    address = f"/admin/moderation/cases/{scene.case.pk}/look"
    assert outsider.post(address)["Location"].startswith("/sign-in?next=")
    outsider.force_login(scene.bob)
    assert outsider.post(address).status_code == 404
    assert not AuditEntry.objects.filter(action=evidence_access.LOOK).exists()
    [url] = scene.look()
    entry = AuditEntry.objects.get(action=evidence_access.LOOK)
    assert (entry.actor, entry.subject_id) == (scene.mo, str(scene.template.pk))
    assert request_app("GET", url).status == 200
    check_no_other_entry_and_no_other_medium_opens_anything(scene)


def check_no_other_entry_and_no_other_medium_opens_anything(scene: Scene) -> None:
    look = AuditEntry.objects.get(action=evidence_access.LOOK)
    other = AuditEntry.objects.exclude(action=evidence_access.LOOK).latest("pk")
    foreign = make_blob(b"not in this case")
    for public_id in (
        f"look_{other.pk}_{scene.sha256}",
        f"look_{look.pk}_{foreign.sha256}",
        f"look_{look.pk + 1000}_{scene.sha256}",
        f"look_0_{scene.sha256}",
        f"look_{look.pk}_",
    ):
        assert request_app("GET", signing.signed_path(public_id, "x")).status == 404, public_id


def test_hidden_media_is_gone_for_all_but_a_logged_look_and_its_author(scene: Scene) -> None:
    for action in ("hide", "take_down"):
        check_it_is_gone_for_all_but_a_logged_look(scene, action)
    check_a_hidden_templates_author_still_sees_it(scene)


def check_it_is_gone_for_all_but_a_logged_look(scene: Scene, action: str) -> None:
    assert request_app("GET", scene.open_url).status == 200
    decide(scene.mo, scene.case, action)
    assert request_app("GET", scene.open_url).status == 404
    [url] = scene.look()
    assert request_app("GET", url).status == 200
    # A minute more, and another quarter of an hour begins only with another look.
    old = clock.now() - evidence_access.LIFE - timedelta(minutes=1)
    entry = AuditEntry.objects.create(
        actor=scene.mo,
        action=evidence_access.LOOK,
        subject_kind="template",
        subject_id=str(scene.template.pk),
        data={"version": scene.template.published_id},
        created_at=old,
    )
    stale = signing.signed_path(f"look_{entry.pk}_{scene.sha256}", "image")
    assert request_app("GET", stale).status == 404
    decide(scene.mo, scene.case, "restore")
    assert request_app("GET", scene.open_url).status == 200


def check_a_hidden_templates_author_still_sees_it(scene: Scene) -> None:
    decide(scene.mo, scene.case, "hide")
    headers = {"api-key": make_key(scene.alice)}
    address = "/v1/creative-agent/workflows/templates/open-marsh"
    shown = request_app("GET", address, headers).json()["data"]["template"]
    assert request_app("GET", shown["previewArtifacts"][0]["url"]).status == 200
    decide(scene.mo, scene.case, "take_down")
    assert request_app("GET", shown["previewArtifacts"][0]["url"]).status == 404


def test_a_draft_is_never_shown(scene: Scene) -> None:
    """After unpublishing, moderators see what was reported, not what the author works on."""
    Template.objects.filter(pk=scene.template.pk).update(visibility="private", published=None)
    entry = case_work.log_evidence_access(actor=scene.mo, case=scene.case)
    assert entry.data["version"] == scene.template.published_id
