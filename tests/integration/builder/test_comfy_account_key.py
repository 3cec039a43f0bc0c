"""ComfyUI's partner nodes are paid by the operator's account at Comfy: its key is set on the page
for providers, goes with graphs that have such a node alone, and is stored and shown nowhere."""

from __future__ import annotations

import json
import logging
import subprocess
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from builder.ops.provider_settings import comfyui_service, read_file
from core import clock
from runs.interaction import answers
from runs.models import Attempt, Run
from tests.support.builders.running import start, work_off
from tests.support.clients import services_page
from tests.support.clients.services_page import PAGE, add, edit
from tests.support.fakes import comfyui_engine
from tests.support.fakes.comfyui_engine import UNPAID
from tests.support.fakes.comfyui_server import ComfyServer
from tests.support.markup import flat
from tests.support.stored_rows import stored_text
from tools import registry
from tools.models import Service
from tools.providers.comfyui import partners

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_set_up")]
nothing_set_up = services_page.nothing_set_up
staff = services_page.staff
ACCOUNT_KEY = "comfyui-0a1b2c3d4e5f60718293a4b5c6d7e8f9"
SAVE = {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}
POSTER = {
    "1": {"class_type": "AcmePartnerImage", "inputs": {"prompt": "{{prompt}}"}},
    "2": SAVE,
}
RETOUCH = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "{{image}}"}},
    "2": {"class_type": "AcmePartnerImage", "inputs": {"image": ["1", 0]}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
}
SKETCH = {
    "0": {"class_type": "CLIPTextEncode", "inputs": {"text": "{{prompt}}"}},
    "1": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64}},
    "2": SAVE,
}
NO_KEY = (
    "This workflow uses a paid partner node of Comfy; the operator has not set a Comfy account key."
)


@pytest.fixture
def comfy() -> Iterator[ComfyServer]:
    with ComfyServer() as server:
        yield server


@pytest.fixture
def typed(comfy: ComfyServer, settings: Any) -> Iterator[dict[str, str]]:
    """What an operator types for a server with three graphs."""
    folder = Path(settings.HOME, f"graphs-{uuid4().hex}")
    folder.mkdir()
    for name, graph in {"poster": POSTER, "retouch": RETOUCH, "sketch": SKETCH}.items():
        (folder / f"{name}.json").write_text(json.dumps(graph))
    yield {"urls": comfy.url, "graphs": folder.name}
    rmtree(folder)


@pytest.fixture
def paying(staff: Client, comfy: ComfyServer, typed: dict[str, str]) -> ComfyServer:
    """The server, set up with the account's key."""
    assert add(staff, kind="comfyui", **typed, account_key=ACCOUNT_KEY) == ""
    return comfy


def made_by(owner: User, *tools: str) -> Run:
    """A run of one step after another; the later ones work on the first result."""
    steps = [
        {
            "id": f"s{place}",
            "toolName": tool,
            "arguments": {"image": 0} if place and tool == "retouch" else {"prompt": "a fox"},
            "dependsOn": [f"s{place - 1}"] if place else [],
        }
        for place, tool in enumerate(tools)
    ]
    run = start(owner, steps)
    work_off()
    run.refresh_from_db()
    return run


def stored(home: str) -> str:
    """All that the database holds of the product, and all files of the data folder."""
    files = [str(path) for path in Path(home).rglob("*") if path.is_file()]
    # By a process of its own: who closes a file of SQLite gives up all locks that its process has.
    content = subprocess.run(["cat", "--", *files], stdout=subprocess.PIPE).stdout
    return stored_text() + content.decode("latin-1")


def tried(staff: Client, typed: Mapping[str, str]) -> str:
    answer = staff.post(
        f"{PAGE}/try", {"kind": "comfyui", "name": "new", **typed}, headers={"HX-Request": "true"}
    )
    return flat(answer.content.decode())


@pytest.mark.slow
def test_the_key_goes_with_partner_nodes_alone_and_is_stored_nowhere(
    alice: User, staff: Client, paying: ComfyServer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    run = made_by(alice, "poster", "sketch", "retouch")
    assert run.status == "completed", run.error
    paid, free, again = paying.entries("prompt")
    for prompt in (paid, again):
        assert prompt["extra"] == {"reelgraph": prompt["id"], "api_key_comfy_org": ACCOUNT_KEY}
    assert free["extra"] == {"reelgraph": free["id"]}
    # The server does repeat it.
    assert ACCOUNT_KEY in repr(paying.engine.history)
    # What is remembered of the prompts is searched below.
    refs = Attempt.objects.values_list("job_ref", flat=True)
    assert [ref["prompt_id"] for ref in refs] == [prompt["id"] for prompt in (paid, free, again)]
    pages = [staff.get(path) for path in (PAGE, f"{PAGE}/cellar/service", "/admin/")]
    owner = Client()
    owner.force_login(alice)
    pages += [owner.get(f"/runs/{run.public_id}"), owner.get("/v1/models?all=true")]
    said = StringIO()
    call_command("providers", stdout=said)
    texts = [page.content.decode() for page in pages] + [stored(settings.HOME), said.getvalue()]
    provider = registry.provider_named("cellar")
    assert provider is not None
    texts += [caplog.text, repr(vars(provider)), repr(registry.configuration().set_up)]
    assert not [text for text in texts if ACCOUNT_KEY in text]


def test_without_a_key_a_partner_node_is_refused_before_anything_is_sent(
    alice: User, staff: Client, comfy: ComfyServer, typed: dict[str, str]
) -> None:
    assert add(staff, kind="comfyui", **typed) == ""
    for run in (made_by(alice, "poster"), made_by(alice, "sketch", "retouch")):
        assert run.status == "failed"
        assert NO_KEY in json.dumps(run.error)
        owner = Client()
        owner.force_login(alice)
        assert NO_KEY in owner.get(f"/runs/{run.public_id}").content.decode()
    assert len(comfy.entries("prompt")) == 1
    assert comfy.entries("upload") == []
    assert edit(staff, **typed, account_key=ACCOUNT_KEY) == ""
    assert made_by(alice, "poster").status == "completed"


def test_a_try_names_the_graphs_that_need_the_key(
    staff: Client, comfy: ComfyServer, typed: dict[str, str]
) -> None:
    without = tried(staff, typed)
    for name in ("poster", "retouch"):
        assert f"The graph {name} uses AcmePartnerImage, a paid partner node of Comfy." in without
    assert "Set a Comfy account key" in without
    assert "The graph sketch uses" not in without
    assert "partner node" not in tried(staff, {**typed, "account_key": ACCOUNT_KEY})


@pytest.mark.parametrize("switch", ["partner_fails", "refuses_partners"])
def test_a_failure_that_repeats_the_key_is_told_without_it(
    alice: User, paying: ComfyServer, settings: Any, caplog: pytest.LogCaptureFixture, switch: str
) -> None:
    setattr(paying.switches, switch, True)
    run = made_by(alice, "poster")
    assert run.status == "failed"
    assert "***" in json.dumps(run.error)
    assert ACCOUNT_KEY not in stored(settings.HOME) + caplog.text


def test_the_key_is_kept_for_its_server_and_removed(
    alice: User, staff: Client, paying: ComfyServer, typed: dict[str, str]
) -> None:
    page = flat(staff.get(f"{PAGE}/cellar/service").content.decode())
    assert "Comfy bills them, also when one crashes." in page
    assert "Remove the Comfy account key" in page
    moved = {**typed, "urls": "http://127.0.0.1:9"}
    assert edit(staff, **moved).startswith("Comfy account key: type it again.")
    assert edit(staff, **typed, more="timeout_s = 60") == ""
    assert made_by(alice, "poster").status == "completed"
    assert edit(staff, **typed, drops_account_key="1") == ""
    assert NO_KEY in json.dumps(made_by(alice, "poster").error)
    assert Service.objects.get().key_encrypted is None


@pytest.mark.parametrize("key", ["short", 'comfyui-"quoted"-0123'])
def test_what_cannot_be_an_account_key_is_refused_without_being_shown(
    staff: Client, typed: dict[str, str], key: str
) -> None:
    problem = add(staff, kind="comfyui", **typed, account_key=key)
    assert problem.startswith("Comfy account key: it has characters that no key has")
    assert key not in problem
    assert not Service.objects.exists()


def test_node_types_are_asked_about_once(alice: User, paying: ComfyServer) -> None:
    assert made_by(alice, "poster").status == "completed"
    asked = [entry["name"] for entry in paying.entries("object_info")]
    assert asked == ["AcmePartnerImage"]
    assert made_by(alice, "sketch", "poster").status == "completed"
    more = [entry["name"] for entry in paying.entries("object_info")][1:]
    assert sorted(more) == ["CLIPTextEncode", "EmptyLatentImage", "SaveImage"]


def test_a_node_that_is_no_partner_any_more_gets_no_key(
    alice: User, paying: ComfyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made_by(alice, "poster").status == "completed"
    monkeypatch.setattr(partners, "HOLDS_S", 0.0)
    monkeypatch.setattr(comfyui_engine, "PARTNERS", set())
    assert made_by(alice, "poster").status == "completed"
    extras = [prompt["extra"] for prompt in paying.entries("prompt")]
    assert [ACCOUNT_KEY in extra.values() for extra in extras] == [True, False]


def test_the_providers_file_and_the_environment_have_it_as_a_secret(
    alice: User, comfy: ComfyServer, typed: dict[str, str], settings: Any, tmp_path: Path
) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(
        f'[desk]\nkind = "comfyui"\nurl = "{comfy.url}"\ngraphs = "{typed["graphs"]}"\n'
        f'account_key = "{ACCOUNT_KEY}"\n'
    )
    named = comfyui_service(url=[comfy.url], key="", graphs="", ca_file="", account_key=ACCOUNT_KEY)
    tables = read_file(str(path))
    assert ACCOUNT_KEY not in repr([tables, named])
    assert named["comfyui"]["account_key"].get_secret_value() == ACCOUNT_KEY
    settings.PROVIDERS = tables
    registry.rebuild()
    try:
        assert made_by(alice, "poster").status == "completed"
    finally:
        del settings.PROVIDERS
        registry.rebuild()
    [prompt] = comfy.entries("prompt")
    assert prompt["extra"]["api_key_comfy_org"] == ACCOUNT_KEY


def test_a_server_that_describes_no_node_gets_no_key(alice: User, paying: ComfyServer) -> None:
    paying.switches.describes_nodes = False
    run = made_by(alice, "poster")
    assert UNPAID in json.dumps(run.error)
    assert ACCOUNT_KEY not in repr(paying.entries("prompt"))


@pytest.mark.parametrize("is_remembered", [True, False])
def test_a_paid_prompt_that_a_restart_lost_is_not_repeated_unasked(
    alice: User, paying: ComfyServer, settings: Any, *, is_remembered: bool
) -> None:
    settings.RETRY_BASE_S = settings.RETRY_CAP_S = 3_600.0
    run = interrupted(alice, "poster", paying, is_remembered=is_remembered)
    assert (run.status, run.waiting_reason) == ("waiting_for_user", "permission_required")
    assert len(paying.entries("prompt")) == 1
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    assert len(paying.entries("prompt")) == 2


def test_a_paid_prompt_that_is_found_again_is_known_to_be_one(
    alice: User, staff: Client, paying: ComfyServer, typed: dict[str, str]
) -> None:
    paying.switches.lose_answer = True
    run = made_by(alice, "poster")
    # As after a yes of who was asked, which says nothing of what was sent. What is there needs no
    # key any more.
    Attempt.objects.filter(step__run=run).update(paid_request=None)
    assert edit(staff, **typed, drops_account_key="1") == ""
    run.steps.update(not_before=clock.now())
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    assert len(paying.entries("prompt")) == 1
    assert Attempt.objects.get(step__run=run, number=2).job_ref["is_paid"]


def test_a_free_prompt_that_a_restart_lost_is_simply_made_again(
    alice: User, paying: ComfyServer, settings: Any
) -> None:
    settings.RETRY_BASE_S = settings.RETRY_CAP_S = 3_600.0
    run = interrupted(alice, "sketch", paying, is_remembered=False)
    assert run.status == "completed", run.error
    assert len(paying.entries("prompt")) == 2


def interrupted(owner: User, tool: str, comfy: ComfyServer, *, is_remembered: bool) -> Run:
    """Start a run whose prompt is lost by a restart of ComfyUI, and try its step once more.

    is_remembered: the prompt's id was stored before; else its answer never came.
    """
    comfy.switches.lose_answer = True
    run = made_by(owner, tool)
    (prompt,) = comfy.entries("prompt")
    if is_remembered:
        ref = {"prompt_id": prompt["id"], "url": comfy.url, "graph": tool, "is_paid": True}
        Attempt.objects.filter(step__run=run).update(job_ref=ref, outcome="lost")
    comfy.engine.forget_everything()
    run.steps.update(not_before=clock.now())
    work_off()
    run.refresh_from_db()
    return run
