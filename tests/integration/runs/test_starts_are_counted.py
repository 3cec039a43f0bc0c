"""Starting a published template counts for the gallery; nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.admission.start import start_run
from templates_app.models import Template, TemplateStats
from tests.support.builders.running import principal_of
from tests.support.builders.templates import make_public, make_template

pytestmark = pytest.mark.django_db


def start(person: User, template: Template, **options: Any) -> None:
    start_run(
        actor=principal_of(person),
        body={"workflow_id": template.public_id, "inputs": {"brief": "an otter"}},
        **options,
    )


def test_each_start_counts_once_and_warms(alice: User, bob: User) -> None:
    template = make_public(alice)
    cold = TemplateStats.objects.get().heat
    start(bob, template, key="once")
    start(bob, template, key="once")
    start(alice, template)
    stats = TemplateStats.objects.get()
    assert stats.runs == 2
    assert stats.heat > cold


def test_work_in_the_background_makes_nothing_popular(alice: User) -> None:
    template = make_public(alice)
    start(alice, template, priority=-10)
    assert TemplateStats.objects.get().runs == 0


def test_private_templates_are_not_counted(alice: User) -> None:
    start(alice, make_template(alice))
    assert not TemplateStats.objects.exists()
