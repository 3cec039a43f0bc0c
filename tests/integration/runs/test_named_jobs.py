"""A paid request had no answer, and its person says which job at the provider is its."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
from runs.engine import reclaiming
from runs.models import Run
from tests.support.builders.running import take, work_off, work_off_with_looks
from tests.support.clients.agents import called
from tests.support.clients.api import Api
from tests.support.clients.streams import close_pool_connections
from tests.support.clients.visitors import signed_in
from tests.support.fakes.http_server import Reply
from tests.support.fakes.makers.base import Fault, ProviderServer
from tests.support.fakes.makers.configured import SERVERS, SUBMITS, options_at
from tests.support.fakes.makers.jobs import ProviderJob
from tests.support.markup import flat
from tools import registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKFLOWS = "/v1/creative-agent/workflows"
FOX = [{"id": "fox", "toolName": "generate_image", "arguments": {"prompt": "a fox"}}]
HISTORY = "GET /api/v1/models/requests/*"
# Another model at each service, and one that costs more at Runway, which names none.
OTHERS = {
    "comfy-router": "bfl/flux-2-pro/requests",
    "fal": "fal-ai/nano-banana-pro/edit",
    "runway": "text_to_video",
}
Serve = Callable[[str], ProviderServer]


class Person:
    """Alice, with her key."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def start(self) -> str:
        answer = self.api.post(WORKFLOWS, {"input": {"steps": FOX}})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["data"]["workflow"]["workflowId"])

    def run(self, public_id: str) -> dict[str, Any]:
        """Return a run once nothing of it is at work."""
        work_off_with_looks(Run.objects.get(public_id=public_id))
        answer = self.api.get(f"{WORKFLOWS}/{public_id}").json()
        return dict(answer["data"]["workflow"])

    def answer(self, public_id: str, kind: str, **more: Any) -> Any:
        body = {"resume_input": {"type": kind, **more}}
        return self.api.post(f"{WORKFLOWS}/{public_id}/resume", body)

    def name_job(self, public_id: str, job_id: str) -> dict[str, Any]:
        answer = self.answer(public_id, "attach_job", jobId=job_id)
        assert (answer.status_code, answer.json()["data"]["resumed"]) == (202, True)
        return self.run(public_id)


@pytest.fixture(name="serve")
def serve_without_a_search(serve: Callable[..., ProviderServer]) -> Serve:
    return lambda kind: serve(kind, **({"search_s": 0} if kind == "fal" else {}))


@pytest.fixture
def person(alice_key: str, api: Callable[..., Api]) -> Person:
    return Person(api(alice_key))


def lose(server: ProviderServer, kind: str) -> None:
    """Let the next request be taken without an answer, and not be found afterwards."""
    server.replies[SUBMITS[kind]].append(Fault(accepts=True, drop=True))
    if kind == "comfy-router":
        used = server.failure(409, "The key was used.", "invalid_input")
        server.replies[SUBMITS[kind]].append(used)
    if kind == "fal":
        server.replies[HISTORY].append(Reply(200, {"items": []}))


def question(run: dict[str, Any]) -> dict[str, Any]:
    assert (run["status"], run["waitingReason"]) == ("waiting_for_user", "permission_required")
    return dict(run["waiting"])


def lost(person: Person, server: ProviderServer, kind: str) -> tuple[str, ProviderJob]:
    """Start a run whose answer is lost. Returns its id, and its job."""
    lose(server, kind)
    run = person.start()
    asked = question(person.run(run))["details"]["attachJob"]
    assert asked["provider"]
    assert asked["sentAt"]
    assert "jobId" not in asked
    [job] = server.jobs.values()
    return run, job


@pytest.mark.parametrize("kind", SERVERS)
def test_the_named_job_is_collected_and_charged_once(
    person: Person, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    run, job = lost(person, server, kind)
    shown = person.name_job(run, f" {job.id}\n")
    assert shown["status"] == "completed", shown
    assert len(server.submissions()) == 1
    assert 0 < shown["actualCapacityUnits"] <= shown["estimatedCapacityUnits"]
    assert Run.objects.get().artifacts.get().meta["job"] == job.id
    again = person.answer(run, "attach_job", jobId=job.id)
    assert (again.status_code, again.json()["data"]["resumed"]) == (202, False)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_job_that_is_not_there_is_asked_about_again(
    person: Person, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    run, job = lost(person, server, kind)
    asked = question(person.name_job(run, "7e1f"))
    who = asked["details"]["attachJob"]["provider"]
    reason = f"{who} has no job 7e1f by "
    assert asked["message"].startswith(reason)
    assert "It may already have been charged. Look there for a job (about" in asked["message"]
    named = asked["details"]["attachJob"]
    [issue] = named["issues"]
    assert (named["jobId"], issue["path"]) == ("7e1f", "jobId")
    assert issue["message"].startswith(reason)
    # Nothing was sent, and the right one may still be named.
    assert person.name_job(run, job.id)["status"] == "completed"
    assert len(server.submissions()) == 1


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("comfy-router", "Comfy Router has no job other by "),
        ("fal", "The job other at fal is not by Nano Banana Pro."),
        ("runway", "The job other at Runway costs 60 credits, and this request 8 credits."),
    ],
)
def test_a_job_of_another_model_is_asked_about_again(
    person: Person, serve: Serve, kind: str, reason: str
) -> None:
    server = serve(kind)
    run, job = lost(person, server, kind)
    server.jobs["other"] = replace(job, id="other", endpoint=OTHERS[kind], quote=60.0)
    server.end(server.jobs["other"])
    assert question(person.name_job(run, "other"))["message"].startswith(reason)
    assert len(server.submissions()) == 1


@pytest.mark.parametrize("kind", ["fal", "runway"])
def test_a_job_of_another_time_is_asked_about_again(
    person: Person, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    run, job = lost(person, server, kind)
    server.jobs["old"] = replace(job, id="old", asked_at=job.asked_at - 600)
    asked = question(person.name_job(run, "old"))
    assert asked["message"].startswith("The job old was sent to ")
    assert ", and this request at " in asked["message"]
    # A few minutes are no other time.
    server.jobs["late"] = replace(job, id="late", asked_at=job.asked_at + 240)
    assert person.name_job(run, "late")["status"] == "completed"


@pytest.mark.parametrize("kind", SERVERS)
def test_the_job_of_another_step_is_refused_at_once(
    person: Person, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    assert person.run(person.start())["status"] == "completed"
    [other] = server.jobs
    lose(server, kind)
    run = person.start()
    asked = question(person.run(run))
    answer = person.answer(run, "attach_job", jobId=other)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"resume_input.jobId: the job {other} belongs to")
    assert answer.json()["details"]["issues"][0]["path"] == "jobId"
    assert question(person.run(run)) == asked


def test_the_forms_of_the_page_name_the_job_without_scripts(
    person: Person, serve: Serve, alice: User
) -> None:
    server = serve("runway")
    run, job = lost(person, server, "runway")
    browser = signed_in(alice)
    shown = html.unescape(flat(browser.get(f"/runs/{run}").content))
    assert "It's this job…" in shown
    assert "Job ID at Runway" in shown
    # Enter in the field presses the first button of the form.
    assert shown.index('value="attach"') < shown.index('value="approve"')
    assert "Send again</button>" in shown
    assert ">Stop</button>" in shown
    address = f"/app/runs/{run}/answer"
    refused = browser.post(address, {"do": "attach", "jobId": " "}, follow=True)
    assert "Type the job's ID first." in html.unescape(refused.content.decode())
    browser.post(address, {"do": "attach", "jobId": "7e1f"})
    question(person.run(run))
    shown = html.unescape(flat(browser.get(f"/runs/{run}").content))
    assert "Runway has no job 7e1f by Gen-4 Image." in shown
    browser.post(address, {"do": "attach", "jobId": job.id})
    assert person.run(run)["status"] == "completed"


def test_an_agent_names_the_job_in_words(person: Person, serve: Serve, alice_key: str) -> None:
    server = serve("runway")
    run, job = lost(person, server, "runway")
    try:
        [asked] = called("get_run", {"run_id": run}, alice_key)["questions"]
        assert asked["how"].endswith("Or `text`: the id of its job at Runway.")
        called("answer", {"run_id": run, "text": job.id}, alice_key)
    finally:
        close_pool_connections()
    assert person.run(run)["status"] == "completed"
    assert len(server.submissions()) == 1


@pytest.mark.parametrize("job_id", ["", " ", "two words", "x" * 201, 7, "a\nb"])
def test_an_id_that_is_none_is_refused(person: Person, serve: Serve, job_id: object) -> None:
    server = serve("runway")
    run, _ = lost(person, server, "runway")
    answer = person.answer(run, "attach_job", jobId=job_id)
    assert answer.status_code == 400
    assert "jobId" in answer.json()["message"]
    assert question(person.run(run))


def test_a_question_about_anything_else_takes_no_job(person: Person) -> None:
    steps = [{"id": "held", "toolName": "held", "arguments": {"reason": "permission_required"}}]
    answer = person.api.post(WORKFLOWS, {"input": {"steps": steps}})
    run = answer.json()["data"]["workflow"]["workflowId"]
    assert "attachJob" not in question(person.run(run))["details"]
    answer = person.answer(run, "attach_job", jobId="7e1f")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "workflow.not_asked")


@pytest.mark.parametrize("kind", SERVERS)
def test_the_name_outlives_workers_that_die_with_it(
    person: Person, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    run, job = lost(person, server, kind)
    person.answer(run, "attach_job", jobId=job.id)
    for number in range(3):
        take(Run.objects.get(), f"worker-{number}")
        reclaiming.release_worker(f"worker-{number}")
    assert person.run(run)["status"] == "completed"
    assert len(server.submissions()) == 1


@pytest.mark.parametrize("kind", SERVERS)
def test_a_provider_that_is_away_is_asked_about_the_job_later(
    person: Person, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    run, job = lost(person, server, kind)
    server.replies["GET /*"].extend([Reply(503, b"away")] * 2)
    assert person.name_job(run, job.id)["status"] == "completed"
    assert len(server.submissions()) == 1


def test_a_yes_after_a_wrong_name_sends_it_again(person: Person, serve: Serve) -> None:
    server = serve("runway")
    run, _ = lost(person, server, "runway")
    question(person.name_job(run, "7e1f"))
    assert person.answer(run, "approve_checkpoint").status_code == 202
    assert person.run(run)["status"] == "completed"
    assert len(server.submissions()) == 2


def test_a_job_that_fal_does_not_list_yet_is_waited_for(
    person: Person, serve: Serve, settings: Any
) -> None:
    server = serve("fal")
    server.lists_unended = False
    run, job = lost(person, server, "fal")
    server.jobs_may_end.clear()
    asked = question(person.name_job(run, job.id))
    assert asked["message"].startswith("fal doesn't say yet which request its job ")
    settings.PROVIDERS = {"fal": options_at("fal", server)}
    registry.rebuild()
    person.answer(run, "attach_job", jobId=job.id)
    work_off()
    assert Run.objects.get().steps.get().status == "parked"
    server.jobs_may_end.set()
    assert person.run(run)["status"] == "completed"
    assert len(server.submissions()) == 1


def test_two_steps_that_are_given_one_job_are_asked_which_has_it(
    person: Person, serve: Serve
) -> None:
    server = serve("runway")
    lose(server, "runway")
    lose(server, "runway")
    first, second = person.start(), person.start()
    question(person.run(first))
    question(person.run(second))
    job = next(iter(server.jobs))
    # Both are answered before a worker looks.
    assert person.answer(first, "attach_job", jobId=job).status_code == 202
    assert person.answer(second, "attach_job", jobId=job).status_code == 202
    ends = [person.run(first), person.run(second)]
    assert sorted(run["status"] for run in ends) == ["completed", "waiting_for_user"]
    [open_run] = [run for run in ends if run["status"] == "waiting_for_user"]
    assert question(open_run)["message"].startswith(f"The job {job} belongs to another step.")
