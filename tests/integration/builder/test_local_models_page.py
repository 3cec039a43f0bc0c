"""Operators look for language models on this machine, and take one with a click."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from compose.model.model_client import configured_model
from moderation.models import AuditEntry
from tests.support.checks import checks_of, only_check
from tests.support.clients import services_page
from tests.support.clients.services_page import PAGE, add
from tests.support.fakes.local_model_servers import (
    Routes,
    drafted,
    listening,
    llama_cpp,
    lm_studio,
    ollama,
    planner_of,
)
from tests.support.markup import flat
from tools import configured_services
from tools.models import Service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_set_up")]
nothing_set_up = services_page.nothing_set_up
staff = services_page.staff
LOOK, TAKE = f"{PAGE}/models", f"{PAGE}/models/take"


def looked(client: Client) -> str:
    answer = client.post(LOOK, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return flat(answer.content.decode())


def take(client: Client, program: str = "ollama", model: str = "qwen3:8b") -> Any:
    answer = client.post(TAKE, {"program": program, "model": model})
    configured_services.refresh()
    return answer


def test_models_of_this_machine_are_shown_with_address_and_program(
    staff: Client, settings: Settings
) -> None:
    programs = {
        "ollama": ollama("qwen3-base:8b", "qwen3:8b", "llama3.2:3b-instruct"),
        "lm_studio": lm_studio("qwen2.5-7b-instruct"),
        "llama_cpp": llama_cpp("gemma-3-4b-it-Q4_K_M.gguf"),
    }
    with listening(settings, **programs) as servers:
        text = looked(staff)
    for program, title in (("ollama", "Ollama"), ("lm-studio", "LM Studio")):
        address = f"127.0.0.1:{servers[program].port}"
        assert f"{title} at {address}" in text
        assert f"The program at {address} will read what people describe." in text
    # What follows instructions is suggested, what only completes a text comes last.
    places = [text.index(f"<option>{name}<") for name in
              ("llama3.2:3b-instruct", "qwen3:8b", "qwen3-base:8b")]  # fmt: skip
    assert places == sorted(places)
    assert "gemma-3-4b-it-Q4_K_M.gguf" in text
    # Neither what can't chat, nor what another machine would answer.
    for name in ("nomic", "cloud"):
        assert name not in text
    entry = AuditEntry.objects.get()
    assert entry.action == "service.look"


def test_one_click_has_a_model_of_this_machine_write_drafts(
    staff: Client, settings: Settings, alice_key: str
) -> None:
    assert planner_of(drafted(alice_key)) == "rules"
    with listening(settings, ollama=ollama("qwen3:8b")) as servers:
        assert take(staff)["Location"] == PAGE
        result = drafted(alice_key)
        assert planner_of(result) == "qwen3:8b"
        assert servers["ollama"].bodies[-1]["model"] == "qwen3:8b"
    row = Service.objects.get()
    assert (row.name, row.kind) == ("ollama", "language-model")
    text = flat(staff.get(PAGE).content.decode())
    assert "<b><bdi>qwen3:8b</bdi></b> of <bdi>Ollama</bdi> reads what people describe" in text
    assert [one.action for one in AuditEntry.objects.all()] == ["service.add"]


def test_another_model_takes_the_place_of_the_first(staff: Client, settings: Settings) -> None:
    programs = {"ollama": ollama("qwen3:8b", "phi4:14b"), "lm_studio": lm_studio("gemma-3-4b-it")}
    with listening(settings, **programs):
        take(staff, "lm-studio", "gemma-3-4b-it")
        take(staff)
        take(staff, "ollama", "phi4:14b")
    model = configured_model()
    assert model is not None
    assert model.name == "phi4:14b"
    assert dict(Service.objects.values_list("name", "is_on")) == {
        "ollama": True,
        "lm-studio": False,
    }


@pytest.mark.parametrize(
    ("program", "model", "status"),
    [("ollama", "not-there:1b", 422), ("ollama", "", 422), ("no-such", "qwen3:8b", 404)],
)
def test_what_is_not_offered_is_not_taken(
    staff: Client, settings: Settings, program: str, model: str, status: int
) -> None:
    with listening(settings, ollama=ollama("qwen3:8b")):
        assert take(staff, program, model).status_code == status
    assert not Service.objects.exists()


def test_a_service_of_another_kind_keeps_the_name_of_a_program(
    staff: Client, settings: Settings
) -> None:
    assert add(staff, "ollama", base_url="http://127.0.0.1:9/v1", chat="llava") == ""
    with listening(settings, ollama=ollama("qwen3:8b")):
        take(staff)
        take(staff)
    kinds = dict(Service.objects.values_list("name", "kind"))
    assert kinds == {"ollama": "openai", "ollama-language-model": "language-model"}


def test_nothing_is_looked_for_but_when_an_operator_asks(
    staff: Client, alice: User, settings: Settings
) -> None:
    person, visitor = Client(), Client()
    person.force_login(alice)
    with listening(settings, ollama=ollama("qwen3:8b")) as servers:
        for path in (PAGE, "/admin/", "/describe", f"{PAGE}/add?kind=language-model", "/", LOOK):
            for client in (staff, person, visitor):
                client.get(path)
        staff.get(PAGE, headers={"HX-Request": "true"})
        for client, status in ((person, 404), (visitor, 302)):
            assert client.post(LOOK).status_code == status
            assert (
                client.post(TAKE, {"program": "ollama", "model": "qwen3:8b"}).status_code == status
            )
        assert servers["ollama"].paths == []
        staff.post(LOOK)
        assert servers["ollama"].paths == ["/api/tags"]
    assert not Service.objects.exists()


HOSTILE: dict[str, Routes] = {
    "a web page": {"*": (200, "<html><script>alert(1)</script></html>")},
    "a list": {"*": [1, 2]},
    "other fields": {"*": {"models": "many", "data": {"id": 1}}},
    "a large body": {"*": {"models": [{"name": "x" * 100}] * 20_000, "data": "y" * 2_000_000}},
    "deep JSON": {"*": (200, "[" * 100_000)},
    "an error": {"*": (500, {"error": {"message": ["Loading model"]}})},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_else_answers_at_a_port_is_said_to_be_something_else(
    staff: Client, settings: Settings, name: str
) -> None:
    body = HOSTILE[name]
    with listening(settings, ollama=body, lm_studio=body, llama_cpp=body) as servers:
        text = looked(staff)
    assert "<script" not in text
    assert len(text) < 20_000
    for server in servers.values():
        assert f"Something else answers at 127.0.0.1:{server.port}" in text


def test_names_of_models_are_shown_as_text_or_left_out(staff: Client, settings: Settings) -> None:
    names = [
        "<img src=x onerror=alert(1)>",
        "line\nbreak",
        "x" * 201,
        "\u202egnp.exe",
        7,
        None,
        "ok:1b",
    ]
    rows = [{"name": name} for name in names] + ["text", [], {"id": ["a"]}]
    with listening(settings, ollama={"/api/tags": {"models": rows}}):
        text = looked(staff)
    assert "<option>&lt;img src=x onerror=alert(1)&gt;</option>" in text
    assert "<option>ok:1b</option>" in text
    assert text.count("<option>") == 2


def test_programs_without_a_model_that_can_chat_say_what_to_do(
    staff: Client, settings: Settings
) -> None:
    assert "Nothing answers at 127.0.0.1:1 (Ollama)" in looked(staff)
    with listening(settings, ollama=ollama(), llama_cpp=llama_cpp("x.gguf", loads=True)):
        text = looked(staff)
    assert "has no model for chat" in text
    assert "is loading its model" in text


def test_a_model_of_the_settings_comes_first_and_says_so(staff: Client, settings: Settings) -> None:
    with listening(settings, ollama=ollama("qwen3:8b")):
        take(staff)
        settings.PROVIDERS = {
            "language-model": {
                "kind": "language-model",
                "model": "m",
                "base_url": "http://127.0.0.1:9/v1",
            }
        }
        model = configured_model()
        assert model is not None
        assert model.name == "m"
        text = flat(staff.get(PAGE).content.decode())
    assert "The server’s settings name it." in text
    assert "Server settings" in text.partition('id="provider-language-model"')[2][:400]
    assert "Look for models" not in text


def test_the_describe_page_offers_a_model_to_operators_alone(
    staff: Client, alice: User, settings: Settings
) -> None:
    person = Client()
    person.force_login(alice)
    assert "Add a language model" in staff.get("/describe").content.decode()
    assert "language model" not in person.get("/describe").content.decode()
    assert "language model" not in Client().get("/describe").content.decode()
    with listening(settings, ollama=ollama("qwen3:8b")):
        take(staff)
    assert "Add a language model" not in staff.get("/describe").content.decode()


def test_the_doctor_says_which_models_there_are_and_how_to_take_one(settings: Settings) -> None:
    line = only_check("language model")
    assert line.says == (
        "none is set up, and nothing listens at 127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:3"
    )
    programs = {
        "ollama": ollama("qwen3:8b"),
        "lm_studio": HOSTILE["a web page"],
        "llama_cpp": llama_cpp("x.gguf", loads=True),
    }
    with listening(settings, **programs) as servers:
        lines = checks_of("language model")
    port = servers["ollama"].port
    assert lines[0].says == f"Ollama at 127.0.0.1:{port} has qwen3:8b"
    assert f"REELGRAPH_COMPOSE_URL=http://127.0.0.1:{port}/v1" in lines[0].remedy
    assert "/admin/providers" in lines[0].remedy
    assert lines[1].says.startswith("something else answers at")
    assert "is loading its model" in lines[2].says
    assert {one.level for one in lines} == {"ok"}
