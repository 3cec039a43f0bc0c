"""Guests run an app by a link, at its owner's cost within its allowance, and read a closed list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from runs.models import Run
from simple_apps import services
from simple_apps.models import SimpleApp
from tests.support.builders.running import work_off
from tests.support.builders.templates import make_template

pytestmark = pytest.mark.django_db(transaction=True)

STAGES = [
    {
        "id": "zebra_words",
        "type": "fixed",
        "tool": "note",
        "label": "zebra-okapi",
        "args": {"text": "$inputs.brief"},
        "produces": ["zebra_note"],
    }
]
INPUTS = [
    {"name": "brief", "type": "text", "description": "Your idea", "required": True},
    {"name": "secret", "type": "text", "default": "zebra-okapi"},
]


@pytest.fixture
def app(alice: User) -> SimpleApp:
    template = make_template(alice, name="zebra-okapi", inputs=INPUTS, stages=STAGES)
    changes = {
        "slug": "posters",
        "title": "Posters",
        "inputs": [{"name": "brief"}, {"name": "secret", "hidden": True}],
    }
    return services.create_app(actor=alice, template=template, changes=changes)


@pytest.fixture
def link(alice: User, app: SimpleApp) -> Callable[..., Any]:
    def make(**fields: Any) -> str:
        return services.create_link(actor=alice, app=app, fields=fields)[1]

    return make


def started(token: str, **more: Any) -> Any:
    return Client().post(
        "/v1/apps/posters/runs",
        {"inputs": {"brief": "A fox"}},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "X-Guest": "me", **more},
    )


def test_a_guest_runs_an_app_and_reads_its_results(link: Callable[..., Any]) -> None:
    answer = started(link())
    assert answer.status_code == 201, answer.content
    run = answer.json()["data"]["run"]
    work_off()
    read = Client().get(f"/v1/apps/posters/runs/{run['id']}").json()["data"]["run"]
    print(read)
    assert read["status"] == "completed"
    assert read["inputs"] == {"brief": "A fox"}
    assert "okapi" not in str(read)
    assert Run.objects.get().ceiling_milli == Run.objects.get().estimated_milli
