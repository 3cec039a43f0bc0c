"""A worker died after it sent something: the supervisor, which watches no page, knows the services
that are set up there when it decides whether a person is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.models import User
from builder.management.commands.serve import release
from runs.engine.attempt_context import AttemptContext
from runs.models import Run
from tests.support.builders.running import start, take
from tests.support.clients import services_page
from tests.support.fakes.comfyui_server import ComfyServer
from tools import configured_services
from tools.models import Service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nothing_set_up")]
nothing_set_up = services_page.nothing_set_up


def set_one_up(comfy: ComfyServer) -> None:
    """The service `cellar`, as the page stores it."""
    Service.objects.create(name="cellar", kind="comfyui", options={"urls": [comfy.url]})


def sent(owner: User) -> Run:
    """A run whose request is on its way to the service `cellar`."""
    run = start(owner, [{"id": "a", "toolName": "generate_image", "arguments": {"prompt": "a"}}])
    context = AttemptContext(take(run, "worker-1-a"))
    context.provider = "cellar"
    context.submitting({"prompt": "a", "is_paid": True})
    return run


def after_death(run: Run) -> str:
    """The run's status once its worker is dead: the supervisor tells of it in a thread."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(release, "worker-1-a").result(30)
    run.refresh_from_db()
    return run.status


def test_a_service_that_was_added_since_the_start_is_looked_at_again(alice: User) -> None:
    with ComfyServer() as comfy:
        set_one_up(comfy)
        run = sent(alice)
        assert after_death(run) == "running"
    assert run.steps.get().status == "ready"


def test_a_service_that_was_removed_since_the_start_is_not_trusted(alice: User) -> None:
    with ComfyServer() as comfy:
        set_one_up(comfy)
        configured_services.refresh()
        run = sent(alice)
        Service.objects.all().delete()
        assert after_death(run) == "waiting_for_user"
    assert run.waiting_reason == "permission_required"
