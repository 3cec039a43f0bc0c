"""Work that no person asked for is done on this machine, whatever services are configured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from builder import previews
from runs.models import Run
from templates_app import services as templates
from templates_app.models import Template
from tests.support.running import start, work_off
from tests.support.services import Services, running_services
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)

STAGES = [
    {
        "id": "looks",
        "type": "fixed",
        "label": "Looks",
        "tool": "generate_image",
        "produces": ["looks"],
        "args": {"prompt": "a fox", "model": "gpt-image-1", "numberOfVariations": 2},
    },
    {
        "id": "each",
        "type": "batch",
        "label": "Each",
        "itemName": "look",
        "produces": ["each"],
        "overBinding": "$artifacts.looks.items",
        "itemStage": {
            "tool": "edit_image",
            "args": {"prompt": "in snow", "source_image_url": "$item.url"},
        },
    },
]


@pytest.fixture(params=["*=openai", "*=comfyui"])
def services(request: pytest.FixtureRequest, settings: Any) -> Iterator[Services]:
    with running_services() as services:
        settings.PROVIDERS = services.table()
        tool, _, name = request.param.partition("=")
        settings.PROVIDER_CHOICE = {tool: name} if name else {}
        registry.rebuild()
        assert registry.problems() == []
        yield services
        del settings.PROVIDERS
        del settings.PROVIDER_CHOICE
        registry.rebuild()


def test_previews_of_samples_cost_nothing_whichever_provider_is_chosen(
    db: None, services: Services
) -> None:
    sample = templates.ensure_sample({"id": "sample-fox", "name": "Fox", "stages": STAGES})
    for _ in range(20):
        if previews.tend() == previews.QUIET_S and not work_off():
            break
        work_off()
    sample.refresh_from_db()
    assert sample.published is not None
    assert sample.published.spec["previewArtifacts"]
    run = Run.objects.get()
    assert set(run.steps.exclude(provider="").values_list("provider", flat=True)) == {"studio"}
    assert run.estimated_milli == run.actual_milli
    assert services.paid_calls() == []


def test_what_a_person_asks_for_is_still_made_by_the_chosen_service(
    alice: User, services: Services
) -> None:
    arguments = {"prompt": "a fox", "model": "gpt-image-1"}
    run = start(alice, [{"id": "a", "toolName": "generate_image", "arguments": arguments}])
    work_off()
    assert run.steps.get().provider != "studio"
    assert services.paid_calls()


def test_a_sample_that_only_a_service_can_make_has_no_preview(
    db: None, services: Services, settings: Any
) -> None:
    stage = {**STAGES[0], "tool": "paid", "args": {}}
    sample = templates.ensure_sample({"id": "sample-paid", "name": "Paid", "stages": [stage]})
    assert previews.tend() == previews.QUIET_S
    assert not Run.objects.exists()
    assert Template.objects.get(pk=sample.pk).published is not None
