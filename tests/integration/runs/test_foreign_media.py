"""Media that a caller brings by an address is fetched once a run, by the step that needs it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from tests.support.builders.running import start, status_after_work, statuses, work_off
from tests.support.fakes.hostile_server import HostileServer

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_picture_from_elsewhere_is_fetched_once(alice: User, settings: Any) -> None:
    with HostileServer() as server:
        settings.FETCH_ALLOW = [f"127.0.0.1:{server.port}"]
        steps = [
            {"id": name, "toolName": "note", "arguments": {"sourceImageIndex": -1}}
            for name in ("one", "two")
        ]
        media = [{"type": "image", "url": server.url("/picture")}]
        run = start(alice, steps, media_references=media)
        assert status_after_work(run) == "completed", run.error
        assert run.media[0]["asset"].startswith("blob:")
        assert len(server.requests) == 1


def test_a_picture_that_is_not_there_fails_its_step_with_the_host(
    alice: User, settings: Any
) -> None:
    with HostileServer() as server:
        settings.FETCH_ALLOW = [f"127.0.0.1:{server.port}"]
        media = [{"type": "image", "url": server.url("/missing")}]
        step = {"id": "one", "toolName": "note", "arguments": {"sourceImageIndex": -1}}
        run = start(alice, [step], media_references=media)
        work_off()
        run.refresh_from_db()
        assert statuses(run) == {"one": "failed"}
        assert run.error is not None
        assert run.error["error_type"] == "ASSET_NOT_FOUND"
        assert "127.0.0.1" in run.error["message"]
