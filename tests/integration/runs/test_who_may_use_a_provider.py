"""A provider for chosen people: others are offered, quoted and given what is left without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from accounts.auth import Principal
from accounts.models import User
from core import errors
from moderation.models import AuditEntry
from runs.admission.run_again import run_again
from runs.interaction.retry import retry_or_answer
from runs.models import Run
from tests.support.builders.editing import make_document
from tests.support.builders.running import principal_of, start, status_after_work, take
from tests.support.clients import services_page
from tests.support.clients.api import Api
from tests.support.clients.services_page import KEY, PAGE, add
from tests.support.clients.visitors import signed_in
from tests.support.fakes.openai_server import OpenAIServer
from tools import configured_services, registry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_set_up", "cellar")]
nothing_set_up = services_page.nothing_set_up
WORKFLOWS = "/v1/creative-agent/workflows"
SMALL = {"model": "gpt-image-1", "width": 64, "height": 64}
PICTURE = {"toolName": "generate_image", "arguments": {"prompt": "a lamp", **SMALL}}
# No one but the studio does it.
MUSIC = {"toolName": "generate_music", "arguments": {"prompt": "a lamp"}}


@pytest.fixture
def staff(mo: User) -> Client:
    return signed_in(mo)


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(key=KEY) as server:
        yield server


@pytest.fixture
def cellar(nothing_set_up: None, staff: Client, server: OpenAIServer) -> None:
    """A service of the page, for chosen people. No one is on its list."""
    assert add(staff, base_url=server.url, key=KEY, images="gpt-image-1") == ""
    people(staff, access="chosen")


def actor_of(person: User) -> Principal:
    return principal_of(person)


def people(staff: Client, provider: str = "cellar", **form: str) -> int:
    status = staff.post(f"{PAGE}/{provider}/people", form).status_code
    configured_services.refresh()
    return status


def provider_of(run: Run) -> str:
    assert status_after_work(run) == "completed", run.error
    return run.steps.get().provider


def test_only_people_on_the_list_get_it(alice: User, bob: User, staff: Client) -> None:
    assert people(staff, username="Alice") == 302
    assert provider_of(start(alice, [PICTURE])) == "cellar"
    assert provider_of(start(bob, [PICTURE])) == "studio"
    people(staff, drop="alice")
    assert provider_of(start(alice, [PICTURE])) == "studio"
    people(staff, access="everyone")
    assert provider_of(start(bob, [PICTURE])) == "cellar"
    shown = [(one.action, one.data["after"]) for one in AuditEntry.objects.order_by("id")][1:]
    assert shown == [
        ("provider.access", {"only_chosen": True}),
        ("provider.access", {"person": "alice"}),
        ("provider.access", {"person": "none"}),
        ("provider.access", {"only_chosen": False}),
    ]


def test_of_two_people_whose_names_differ_by_case_the_exact_one_is_meant(
    alice: User, staff: Client
) -> None:
    User.objects.create(username="Alice")
    assert people(staff, username="ALICE") == 422
    assert people(staff, username="Alice") == 302
    people(staff, username="alice")
    people(staff, drop="Alice")
    assert provider_of(start(alice, [PICTURE])) == "cellar"


def test_a_name_that_no_one_has_is_said_at_its_field(staff: Client) -> None:
    assert people(staff, username="nemo") == 422
    assert people(staff, username="") == 422
    assert people(staff, provider="nowhere", username="x") == 404
    assert people(staff, provider="bookkeeping", access="chosen") == 404


def test_others_are_not_offered_it(alice: User, mine: Api, staff: Client) -> None:
    def offered() -> list[str]:
        client = signed_in(alice)
        [tool] = [
            one
            for one in client.get("/app/tools").json()["tools"]
            if one["name"] == "generate_image"
        ]
        return [one["name"] for one in tool["providers"]]

    def listed() -> dict[str, str]:
        found = mine.get("/v1/models", {"all": "true"}).json()["data"]
        return {one["id"]: one["owned_by"] for one in found}

    assert offered() == ["studio"]
    assert "gpt-image-1" not in listed()
    people(staff, username="alice")
    assert offered() == ["studio", "cellar"]
    assert listed()["gpt-image-1"] == "cellar"


def test_a_tool_that_is_left_without_a_provider_is_refused_by_name(
    alice: User, bob: User, mine: Api, staff: Client
) -> None:
    before = start(alice, [MUSIC])
    people(staff, "studio", access="chosen")
    people(staff, "studio", username="bob")
    assert provider_of(start(bob, [MUSIC])) == "studio"
    body = {"input": {"title": "Song", "steps": [{"id": "a", **MUSIC}]}}
    refused = mine.post(WORKFLOWS, body)
    assert refused.status_code == 422
    assert "generate_music" in refused.text
    assert status_after_work(before) == "failed"
    assert "no longer have access" in before.steps.get().error["message"]
    with pytest.raises(errors.InvalidInput, match="generate_music"):
        run_again(run=before, actor=actor_of(alice))
    with pytest.raises(errors.InvalidInput, match="generate_music"):
        retry_or_answer(run=before, actor=actor_of(alice), body={})
    people(staff, "studio", username="alice")
    assert retry_or_answer(run=before, actor=actor_of(alice), body={})
    assert status_after_work(before) == "completed"


def test_a_stage_that_no_provider_does_is_an_error_before_a_run(alice: User, staff: Client) -> None:
    document = make_document(alice)
    client = signed_in(alice)
    address = f"/app/documents/{document.template.public_id}/issues"

    def errors_found() -> list[tuple[str, str, str]]:
        found = client.get(address).json()["issues"]
        return [
            (one["code"], one["stageId"], one["message"])
            for one in found
            if one["severity"] == "error"
        ]

    assert errors_found() == []
    people(staff, "studio", access="chosen")
    words = "Generate image isn't available on this server."
    assert errors_found() == [("model_unavailable", "s0", words)]


def test_removing_someone_stops_their_further_steps(
    alice: User, staff: Client, server: OpenAIServer
) -> None:
    people(staff, username="alice")
    waiting = start(alice, [PICTURE])
    assert waiting.steps.get().assigned_provider == "cellar"
    people(staff, drop="alice")
    server.asked.clear()
    assert provider_of(waiting) == "studio"
    assert not server.asked


def test_it_costs_a_claim_no_statement(
    alice: User, staff: Client, django_assert_num_queries: Callable[..., object]
) -> None:
    people(staff, username="alice")
    run = start(alice, [PICTURE])
    take(run)
    with django_assert_num_queries(0):
        assert registry.provider_for("generate_image", {"model": "gpt-image-1"}, person=alice.pk)
