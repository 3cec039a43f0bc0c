"""Operators set services up on a page: what is typed, tried, kept, and never shown again."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import clock
from moderation.models import AuditEntry
from runs.engine import rerouting
from tests.support.builders.running import start, work_off, work_off_with_looks
from tests.support.clients import services_page
from tests.support.clients.services_page import KEY, PAGE, add, edit, turn
from tests.support.fakes.openai_server import OpenAIServer
from tests.support.markup import flat
from tools import configured_services, registry
from tools.models import Service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_set_up")]
nothing_set_up = services_page.nothing_set_up
staff = services_page.staff
SMALL = {"model": "gpt-image-1", "width": 64, "height": 64}
PICTURE = {"toolName": "generate_image", "arguments": {"prompt": "a lamp", **SMALL}}


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(key=KEY) as server:
        yield server


def settings_of(server: OpenAIServer, **more: str) -> dict[str, str]:
    return {"base_url": server.url, "key": KEY, "images": "gpt-image-1", **more}


@contextmanager
def listener(says: bytes) -> Iterator[int]:
    """The port of what isn't HTTP: says something to everyone and hangs up."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    connection.recv(1024)
                    connection.sendall(says)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            # Closing alone would leave the thread in accept.
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def made_by(owner: User) -> Any:
    run = start(owner, [PICTURE])
    work_off()
    run.refresh_from_db()
    return run


@pytest.mark.parametrize(("kind", "needed"), [("openai", ["name"]), ("comfyui", ["name", "urls"])])
def test_the_form_marks_what_is_required_and_shows_an_example(
    staff: Client, kind: str, needed: list[str]
) -> None:
    page = flat(staff.get(f"{PAGE}/add?kind={kind}").content.decode())
    fields = {re.findall(r'name="(\w+)"', tag)[0]: tag for tag in re.findall("<input [^>]*>", page)}
    shown = {name: tag for name, tag in fields.items() if 'type="' not in tag}
    assert [name for name, tag in shown.items() if " required" in tag] == needed
    assert page.count("Required</span>") == len(needed)
    assert all('placeholder="' in tag for tag in shown.values())
    names = list(fields)
    assert names.index("key") < (names.index("images") if kind == "openai" else len(names))


def test_only_operators_learn_that_it_is_there(alice: User, staff: Client) -> None:
    add(staff, base_url="http://127.0.0.1:1/v1", images="x")
    client = Client()
    pages = ("add", "cellar/service", "cellar/people")
    for page in pages:
        assert client.get(f"{PAGE}/{page}")["Location"].startswith("/sign-in")
    client.force_login(alice)
    for page in (*pages, "cellar/turn", "cellar/delete", "try"):
        assert client.post(f"{PAGE}/{page}", {"on": "0"}).status_code == 404
    assert Service.objects.get().is_on


def test_a_service_added_on_the_page_does_a_step(
    alice: User, staff: Client, server: OpenAIServer
) -> None:
    assert made_by(alice).steps.get().provider == "studio"
    assert add(staff, **settings_of(server)) == ""
    run = made_by(alice)
    assert (run.status, run.steps.get().provider) == ("completed", "cellar"), run.error
    assert "cellar" in staff.get(PAGE).content.decode()


def test_every_change_is_in_the_audit_log(staff: Client, server: OpenAIServer) -> None:
    add(staff, **settings_of(server))
    edit(staff, **settings_of(server, title="Cellar"))
    edit(staff, **settings_of(server, key="", title="Cellar"))
    staff.post(f"{PAGE}/cellar/turn", {"on": "0"})
    staff.post(f"{PAGE}/cellar/turn", {"on": "0"})
    staff.post(f"{PAGE}/cellar/delete")
    entries = AuditEntry.objects.order_by("id")
    assert [(one.action, one.subject_id) for one in entries] == [
        ("service.add", "cellar"),
        ("service.change", "cellar"),
        ("service.turn", "cellar"),
        ("service.delete", "cellar"),
    ]
    assert entries[1].data["after"]["key"] == "changed"
    assert not Service.objects.exists()


WRONG = {
    "a name of the project's own": ({"name": "studio"}, "Name: call a service by small letters"),
    "no models": ({"images": ""}, "Models: list at least one. Try it shows which there are."),
    "no address": ({"base_url": "ftp://x"}, "URL: write it like https://api.openai.com/v1."),
    "no TOML": ({"more": "poll_s = "}, "More settings: write them as in the providers file"),
    "an unknown setting": ({"more": "pol_s = 3"}, "Pol_s: unknown setting"),
}  # fmt: skip


# More spellings are in tests/unit/media/test_addresses.py.
@pytest.mark.parametrize("host", ["0251.0376.0251.0376", "[fe80::1]", "[64:ff9b::a9fe:a9fe]", "0"])
def test_no_spelling_of_a_link_local_or_unspecified_address_is_saved_or_tried(
    staff: Client, server: OpenAIServer, host: str
) -> None:
    typed = settings_of(server, base_url=f"http://{host}/v1")
    assert "no service may have" in add(staff, **typed)
    assert not Service.objects.exists()
    tried = staff.post(f"{PAGE}/try", {"kind": "openai", "name": "new", **typed}).content.decode()
    assert "no service may have" in tried


@pytest.mark.parametrize("case", WRONG)
def test_what_cant_be_used_is_said_in_words(staff: Client, server: OpenAIServer, case: str) -> None:
    typed, says = WRONG[case]
    problem = add(staff, **{**settings_of(server), **typed})
    assert says in problem
    assert KEY not in problem
    assert not Service.objects.exists()


def test_a_name_is_taken_once(staff: Client, server: OpenAIServer, settings: Any) -> None:
    assert add(staff, **settings_of(server)) == ""
    assert "already" in add(staff, **settings_of(server))


def test_try_it_asks_the_service_for_real(staff: Client, server: OpenAIServer) -> None:
    server.asked.clear()

    def tried(**typed: str) -> str:
        given = {"kind": "openai", "name": "new", **settings_of(server), **typed}
        answer = staff.post(f"{PAGE}/try", given, headers={"HX-Request": "true"})
        return answer.content.decode()

    assert "answers" in tried()
    assert "key" in tried(key="sk-wrong-0000000000000").lower()
    assert "note-bad" in tried(base_url="http://127.0.0.1:9/v1")
    assert not Service.objects.exists()
    assert {one.path for one in server.asked} == {"/models"}


def test_try_it_asks_for_the_models_first_and_what_is_ticked_is_used(
    staff: Client, server: OpenAIServer
) -> None:
    typed = settings_of(server, images="")
    form = {"kind": "openai", "name": "new", **typed}
    page = flat(staff.post(f"{PAGE}/try", form, headers={"HX-Request": "true"}).content)
    ticks = re.findall(r'type="checkbox" name="(\w+)" value="([^"]+)"', page)
    assert "note-bad" not in page
    assert {"images", "edits", "speech", "chat", "videos"} == {field for field, _ in ticks}
    names = [model for field, model in ticks if field == "images"]
    assert "<summary>Image models</summary>" in page
    assert page.count("answers, with") == 1
    sent: dict[str, Any] = {**typed, "images": ["", names[0]]}
    assert add(staff, **sent) == ""
    assert Service.objects.get().options["images"] == [names[0]]
    again = {"kind": "openai", "known": "cellar", **typed, "images": names[0], "key": KEY}
    page = flat(staff.post(f"{PAGE}/try", again, headers={"HX-Request": "true"}).content)
    assert f'name="images" value="{names[0]}"' not in page


def tried(staff: Client, url: str) -> str:
    given = {"kind": "openai", "name": "new", "base_url": url, "key": KEY, "images": "x"}
    answer = staff.post(f"{PAGE}/try", given, headers={"HX-Request": "true"})
    return flat(answer.content)


def test_a_try_does_not_tell_what_listens_on_this_machine(staff: Client, settings: Any) -> None:
    with listener(b"") as mute, listener(b"-ERR unknown command\r\n") as other:
        closed = tried(staff, "http://127.0.0.1:9/v1")
        assert "new (127.0.0.1) didn't answer." in unescape(closed)
        assert tried(staff, f"http://127.0.0.1:{mute}/v1") == closed
        assert tried(staff, f"http://127.0.0.1:{other}/v1") == closed
        assert tried(staff, f"https://127.0.0.1:{other}/v1") == closed
        # The owner of the machine may know.
        settings.SERVICES_ALLOW = ["127.0.0.1"]
        assert "nothing listens at port 9" in tried(staff, "http://127.0.0.1:9/v1")


@pytest.mark.parametrize("host", ["10.0.0.7", "[fd12::7]"])
def test_a_private_address_that_is_not_listed_is_neither_saved_nor_tried(
    staff: Client, settings: Any, host: str
) -> None:
    url = f"http://{host}:8188/v1"
    said = "is an address of a private network"
    assert said in tried(staff, url)
    assert said in add(staff, base_url=url, images="x")
    settings.SERVICES_ALLOW = [f"{host}:8188"]
    assert add(staff, base_url=url, images="x") == ""


def test_a_name_is_judged_by_what_it_resolves_to(
    staff: Client, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    known = {"metadata.example": "169.254.169.254", "nas.example": "10.0.0.7"}
    known |= {"mapped.example": "::ffff:169.254.169.254", "local.example": "127.0.0.1"}
    resolved: list[str] = []
    system = socket.getaddrinfo

    def resolve(host: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        resolved.append(name)
        return system(known.get(name, name), *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = server.url.split(":")[-1].split("/")[0]
    # Listing a name or a network allows no address where clouds keep their credentials.
    settings.SERVICES_ALLOW = ["metadata.example", "mapped.example", "169.254.0.0/16"]
    for name in ("metadata", "mapped"):
        assert "no service may have" in tried(staff, f"http://{name}.example/v1")
    assert "private network" in tried(staff, "http://nas.example/v1")
    resolved.clear()
    assert "local.example answers" in tried(staff, f"http://local.example:{port}/v1")
    # A second look might find another address than the one that was checked.
    assert resolved.count("local.example") == 1


def test_a_service_in_use_is_judged_like_a_try(
    alice: User, staff: Client, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **named: system("10.0.0.7", *more, **named)
    )
    add(staff, **settings_of(server, base_url="http://moved.example/v1"))
    run = made_by(alice)
    assert run.status == "failed"
    assert "private network" in str(run.error)


def test_each_try_is_in_the_audit_log(staff: Client) -> None:
    tried(staff, "http://127.0.0.1:9/v1")
    tried(staff, "ftp://no")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id) == ("service.try", "new")
    assert entry.data == {"note": "http://127.0.0.1:9/v1"}


def test_one_that_is_turned_off_gets_no_new_work(
    alice: User, staff: Client, server: OpenAIServer
) -> None:
    add(staff, **settings_of(server))
    waiting = start(alice, [PICTURE])
    assert waiting.steps.get().assigned_provider == "cellar"
    turn(staff, on=False)
    work_off()
    assert waiting.steps.get().provider == "studio"
    assert made_by(alice).steps.get().provider == "studio"
    turn(staff, on=True)
    assert made_by(alice).steps.get().provider == "cellar"


def test_another_secret_key_asks_for_the_key_again(
    staff: Client, server: OpenAIServer, settings: Any
) -> None:
    add(staff, **settings_of(server))
    row, old = Service.objects.get(), settings.SECRET_KEY
    settings.SECRET_KEY = "another " * 8
    settings.SECRET_KEY_FALLBACKS = [old]
    configured_services.forget()
    configured_services.refresh()
    assert registry.provider_named("cellar") is not None
    settings.SECRET_KEY_FALLBACKS = []
    configured_services.forget()
    configured_services.refresh()
    assert registry.provider_named(row.name) is None
    staff = Client()
    staff.force_login(User.objects.get(username="mo"))
    assert "Type the key again." in staff.get(PAGE).content.decode()
    assert edit(staff, **settings_of(server)) == ""
    assert registry.provider_named("cellar") is not None


def test_a_key_of_one_service_is_none_of_another(staff: Client, server: OpenAIServer) -> None:
    add(staff, **settings_of(server))
    row = Service.objects.get()
    row.name = "thief"
    row.save(force_insert=True)
    configured_services.refresh()
    assert registry.provider_named("thief") is None
    assert registry.provider_named("cellar") is not None


FILM = {"toolName": "generate_video", "arguments": {"prompt": "a lamp", "model": "sora-2"}}


def parked_at(staff: Client, server: OpenAIServer, owner: User) -> Any:
    """A run whose job is being made at a service of the page's."""
    server.jobs_may_end.clear()
    assert add(staff, **settings_of(server, images="", videos="sora-2")) == ""
    run = start(owner, [FILM])
    work_off()
    assert run.steps.get().status == "parked"
    return run


def looked_at(run: Any) -> Any:
    """As a worker finds it a minute after the service was changed."""
    run.steps.update(not_before=clock.now() - timedelta(seconds=rerouting.UNKNOWN_FOR_S + 1))
    rerouting.reroute()
    work_off()
    run.refresh_from_db()
    return run


def test_a_job_at_one_that_is_turned_off_is_watched_to_its_end(
    alice: User, staff: Client, server: OpenAIServer
) -> None:
    run = parked_at(staff, server, alice)
    turn(staff, on=False)
    assert looked_at(run).steps.get().status == "parked"
    server.jobs_may_end.set()
    work_off_with_looks(run)
    run.refresh_from_db()
    assert (run.status, run.steps.get().provider) == ("completed", "cellar"), run.error
    assert len(server.calls("/videos")) == 1


def test_a_job_at_one_that_is_deleted_fails_and_says_what_to_do(
    alice: User, staff: Client, server: OpenAIServer
) -> None:
    run = parked_at(staff, server, alice)
    staff.post(f"{PAGE}/cellar/delete")
    configured_services.refresh()
    server.jobs_may_end.set()
    assert looked_at(run).status == "failed"
    step = run.steps.get()
    assert "cellar, which was removed from this server" in step.error["message"]
    assert "Run it again" in step.error["message"]
    page = Client()
    page.force_login(alice)
    assert "cellar, which was removed" in page.get(f"/runs/{run.public_id}").content.decode()


@pytest.mark.parametrize("gone", ["off", "deleted"])
def test_a_waiting_step_goes_to_another_provider_or_says_what_to_do(
    alice: User, staff: Client, server: OpenAIServer, gone: str
) -> None:
    add(staff, **settings_of(server, chat="story-1"))
    drawn = start(alice, [PICTURE])
    assert drawn.steps.get().assigned_provider == "cellar"
    if gone == "off":
        turn(staff, on=False)
    else:
        staff.post(f"{PAGE}/cellar/delete")
        configured_services.refresh()
    assert looked_at(drawn).status == "completed"
    assert drawn.steps.get().provider == "studio"
