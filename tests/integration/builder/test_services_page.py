"""Operators set services up on a page: what is typed, tried, kept, and never shown again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from core import clock
from moderation.models import AuditEntry
from runs.engine import rerouting
from tests.support import services_page
from tests.support.openai_server import OpenAIServer
from tests.support.running import start, work_off, work_off_with_looks
from tests.support.services_page import KEY, PAGE, add, edit, turn
from tools import registry, set_up
from tools.models import Service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_set_up")]
nothing_set_up = services_page.nothing_set_up
SMALL = {"model": "gpt-image-1", "width": 64, "height": 64}
PICTURE = {"toolName": "generate_image", "arguments": {"prompt": "a lamp", **SMALL}}


@pytest.fixture
def staff(mo: User) -> Client:
    client = Client()
    client.force_login(mo)
    return client


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(key=KEY) as server:
        yield server


def settings_of(server: OpenAIServer, **more: str) -> dict[str, str]:
    return {"base_url": server.url, "key": KEY, "images": "gpt-image-1", **more}


def made_by(owner: User) -> Any:
    run = start(owner, [PICTURE])
    work_off()
    run.refresh_from_db()
    return run


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


def test_the_key_is_encrypted_and_never_shown_again(
    staff: Client, server: OpenAIServer, caplog: pytest.LogCaptureFixture
) -> None:
    add(staff, **settings_of(server))
    edit(staff, **settings_of(server, key="", title="The cellar"))
    edit(staff, **settings_of(server, images="gpt-image-1, gpt-image-2"))
    staff.post(f"{PAGE}/try", {"known": "cellar", **settings_of(server, images="")})
    pages = ("", "/add", "/cellar/service", "/cellar/people")
    shown = [staff.get(f"{PAGE}{page}").content.decode() for page in pages]
    shown += [staff.get(page).content.decode() for page in ("/admin/", "/v1/models")]
    dump, said = StringIO(), StringIO()
    call_command("dumpdata", stdout=dump)
    call_command("providers", stdout=said)
    shown += [dump.getvalue(), said.getvalue(), caplog.text, repr(registry.configuration().set_up)]
    shown += [repr(row.data) for row in AuditEntry.objects.all()]
    shown += [repr(one.__dict__) for one in registry.known_providers() if one.name == "cellar"]
    assert not [text for text in shown if KEY in text]
    assert f"It ends in {KEY[-4:]}." in shown[2]
    assert KEY.encode() not in bytes(Service.objects.get().key_encrypted or b"")


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


def test_an_empty_key_keeps_it_only_for_the_same_server(
    staff: Client, server: OpenAIServer
) -> None:
    add(staff, **settings_of(server))
    moved = {"base_url": "http://127.0.0.1:9/v1", "images": "gpt-image-1"}
    assert edit(staff, **moved).startswith("Key: type it again.")
    tried = staff.post(
        f"{PAGE}/try", {"known": "cellar", **moved}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "Key: type it again." in tried
    assert edit(staff, **moved, key="sk-another-key-of-theirs") == ""


WRONG = {
    "a name of the project's own": ({"name": "studio"}, "Name: call a service by small letters"),
    "no models": ({"images": ""}, "It lists no models."),
    "no address": ({"base_url": "ftp://x"}, "URL: write it like https://api.openai.com/v1."),
    "a link-local address": ({"base_url": "http://169.254.169.254/v1"}, "link-local"),
    "a key among the settings": ({"more": f'key = "{KEY}"'}, "More settings: key can hold"),
    "no TOML": ({"more": "poll_s = "}, "More settings: write them as in the providers file"),
    "an unknown setting": ({"more": "pol_s = 3"}, "Pol_s: unknown setting"),
}  # fmt: skip


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "0.0.0.0",
        "0",
        "[::]",
        "[::ffff:0.0.0.0]",
    ],
)
def test_no_spelling_of_a_link_local_or_unspecified_address_is_saved_or_tried(
    staff: Client, server: OpenAIServer, host: str
) -> None:
    typed = settings_of(server, base_url=f"http://{host}/v1")
    assert "Write another one." in add(staff, **typed)
    assert not Service.objects.exists()
    tried = staff.post(f"{PAGE}/try", {"kind": "openai", "name": "new", **typed}).content.decode()
    assert "Write another one." in tried


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
    set_up.forget()
    set_up.refresh()
    assert registry.provider_named("cellar") is not None
    settings.SECRET_KEY_FALLBACKS = []
    set_up.forget()
    set_up.refresh()
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
    set_up.refresh()
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
    set_up.refresh()
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
        set_up.refresh()
    assert looked_at(drawn).status == "completed"
    assert drawn.steps.get().provider == "studio"
