"""What a run's page compares results with."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from builder.web.runs_pages import comparisons
from runs.models import Run, Step
from runs.web import serializers
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.running import start
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db

NEW = {"id": "new", "toolName": "generate_image", "arguments": {"prompt": "A sky"}}
STEPS = [NEW, {"id": "big", "toolName": "upscale_image", "arguments": {}}]


def finished_with(run: Run, key: str, refs: list[str]) -> dict[str, Any]:
    """A snapshot of a run whose step worked on these and made a picture."""
    Step.objects.filter(run=run, key=key).update(
        resolved={"arguments": {}, "media": {"sourceImageIndex": refs}}, status="completed"
    )
    shown = serializers.record(Run.objects.get(pk=run.pk), base_url="http://here")
    step = next(one for one in shown["steps"] if one["id"] == key)
    step["artifacts"] = [{"id": "art_made", "type": "image", "url": "http://here/made"}]
    comparisons.add_comparisons(shown, run, base_url="http://here")
    return dict(step)


def test_an_upload_of_ones_own_is_seen_beside_the_result(alice: User) -> None:
    blob = make_blob(b"a picture")
    upload = make_upload(alice, blob)
    run = start(alice, STEPS)
    Run.objects.filter(pk=run.pk).update(
        media=[{"kind": "image", "url": None, "asset": f"blob:{blob.sha256}"}]
    )
    run.refresh_from_db()
    step = finished_with(run, "big", ["input:0"])
    assert [name for name, _ in step["sides"]] == ["Before", "After"]
    assert step["sides"][0][1]["url"].startswith(f"http://here/media/{upload.public_id}/")


def test_anothers_upload_and_a_outsiders_address_are_not(alice: User, bob: User) -> None:
    blob = make_blob(b"a picture of bob's")
    make_upload(bob, blob)
    run = start(alice, STEPS)
    Run.objects.filter(pk=run.pk).update(
        media=[
            {"kind": "image", "url": None, "asset": f"blob:{blob.sha256}"},
            {"kind": "image", "url": "https://other.example/a.png", "asset": None},
        ]
    )
    run.refresh_from_db()
    assert "sides" not in finished_with(run, "big", ["input:0"])
    assert "sides" not in finished_with(run, "big", ["input:1"])


def test_what_makes_something_new_has_no_before(alice: User) -> None:
    run = start(alice, [NEW])
    assert "sides" not in finished_with(run, "new", ["input:0"])


def test_a_page_without_results_compares_nothing(alice: User) -> None:
    run = start(alice, STEPS)
    client: Client = signed_in(alice)
    stages = client.get(f"/app/runs/{run.public_id}/page").json()["page"]["stages"]
    assert [stage["sides"] for stage in stages.values()] == [[], []]
