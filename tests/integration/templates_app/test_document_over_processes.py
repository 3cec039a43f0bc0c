"""/ws/documents/<id> over two web processes, for which two event loops stand: each has a follower,
a presence tracker and a subscription of its own, and they share nothing but the channel layer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Any, TypeVar

import pytest

from accounts import connection_limits
from accounts.models import User
from builder.ops import channel_layer_settings
from core import channel_layers
from templates_app.documents import feed, hints, invitations, presence
from templates_app.documents.presence_message import MAX_SELECTED
from templates_app.models import Collaborator, Document
from tests.support.builders.editing import edit, make_document, template_of
from tests.support.clients.sockets import Socket, page_headers
from tests.support.clients.streams import close_pool_connections
from tests.support.clients.visitors import signed_in
from tests.support.redis_server import RedisServer
from tests.support.waiting import WAIT_S, promised, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")


class Process:
    """An event loop in a thread. `ends` stops it as kill -9 does: nothing in it runs any more."""

    def __enter__(self) -> Process:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.begin(work).result(2 * WAIT_S)

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def ends(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.loop.is_running():
            self.ends()

        async def cancel() -> None:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.loop.run_until_complete(cancel())
        self.loop.close()


class Editor:
    """One open socket in one of the processes. Closed with it."""

    def __init__(self, process: Process, document: Document, person: User) -> None:
        self.window = str(uuid.uuid4())
        headers = page_headers(signed_in(person))
        path = f"/ws/documents/{template_of(document).public_id}"
        self.process = process
        self.socket = Socket("", headers, path=path, query=f"client={self.window}&after=0")
        process.run(self.socket.__aenter__())

    def until(self, look: Callable[[Editor], Any], what: str, within_s: float = WAIT_S) -> Any:
        return self.process.run(self.socket.until(lambda _: look(self), what, within_s))

    def said(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.socket.said if message["event"] == event]

    @property
    def names(self) -> list[str]:
        lists = self.said("people")
        return sorted(one["name"] for one in lists[-1]["people"]) if lists else []

    @property
    def revs(self) -> list[int]:
        return [message["change"]["rev"] for message in self.said("change")]

    def sees(self, *names: str) -> None:
        self.until(lambda one: one.names == sorted(names), f"{names} alone")

    def points(self, selection: list[str], x: float) -> None:
        said = {"presence": {"selection": selection, "cursor": {"x": x, "y": 0}}}
        text = json.dumps(said, ensure_ascii=False)
        self.process.loop.call_soon_threadsafe(self.socket.tell, text)

    def shown_of(self, other: Editor) -> dict[str, Any]:
        people = self.said("people")[-1]["people"]
        return next(one for one in people if one["clientId"] == other.window)

    def hang_up(self) -> None:
        self.process.run(self.socket.hang_up())

    def end_code(self) -> int:
        return self.process.run(self.socket.to_the_end())


@pytest.fixture
def processes() -> Iterator[tuple[Process, Process]]:
    with Process() as here, Process() as elsewhere:
        yield here, elsewhere
    close_pool_connections()
    assert not connection_limits.open_here()


@pytest.fixture(
    params=[
        "local",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("redis", marks=pytest.mark.slow),
    ]
)
def layer(request: pytest.FixtureRequest, settings: Any) -> Iterator[None]:
    """Each kind of channel layer."""
    engine = settings.DATABASES["default"]["ENGINE"]
    with contextlib.ExitStack() as stack:
        value = request.param
        if value == "redis":
            value = stack.enter_context(RedisServer()).url
        settings.CHANNEL_LAYERS = {"default": channel_layer_settings.read(value, database=engine)}
        yield


@pytest.fixture
def document(alice: User, bob: User) -> Document:
    made = make_document(alice)
    Collaborator.objects.create(template_id=made.template_id, user=bob)
    return made


@pytest.fixture
def editors(
    layer: None, processes: tuple[Process, Process], document: Document, alice: User, bob: User
) -> tuple[Editor, Editor]:
    """One in each process, who see each other."""
    here, elsewhere = processes
    mine, theirs = Editor(here, document, alice), Editor(elsewhere, document, bob)
    for editor in (mine, theirs):
        editor.sees("alice", "bob")
    return mine, theirs


def test_changes_and_pointers_reach_the_other_process(
    editors: tuple[Editor, Editor], document: Document, alice: User
) -> None:
    mine, theirs = editors
    edit(alice, document, "one", "two")
    for editor in editors:
        editor.until(lambda one: one.revs == [1, 2], "both changes")
    mine.points(["s0"], 4.5)
    theirs.until(lambda one: one.shown_of(mine)["cursor"] == {"x": 4.5, "y": 0}, "the pointer")
    assert theirs.shown_of(mine)["selection"] == ["s0"]
    theirs.hang_up()
    mine.sees("alice")


def test_a_message_between_processes_fits_every_layer(
    editors: tuple[Editor, Editor], alice: User
) -> None:
    """The largest selection, of a person with the longest name."""
    mine, theirs = editors
    keys = [f"{place:03}{'é' * 5}" for place in range(MAX_SELECTED)]
    mine.points(keys, 1e300)
    theirs.until(lambda one: one.shown_of(mine)["selection"] == keys, "all of the selection")


def test_a_process_that_is_killed_leaves_no_people_behind(
    editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = editors
    monkeypatch.setattr(presence, "FORGET_S", 0.5)
    theirs.process.ends()
    mine.sees("alice")


def test_a_lost_hint_costs_a_second_at_most(
    editors: tuple[Editor, Editor], document: Document, alice: User, settings: Any
) -> None:
    settings.CHANNEL_LAYERS = {}  # publishing finds none, and those that listen go on
    edit(alice, document, "one")
    with promised(1):
        for editor in editors:
            editor.until(lambda one: one.revs == [1], "the change")


def test_a_change_is_read_once_for_all_editors_of_a_process(
    processes: tuple[Process, Process],
    document: Document,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[int] = []
    read_after = feed.read_after

    def counted(cursors: Any) -> Any:
        rows = read_after(cursors)
        found.extend(cursor[0] for _, cursor, _ in rows)
        return rows

    monkeypatch.setattr(feed, "read_after", counted)
    editors = [Editor(processes[0], document, alice) for _ in range(5)]
    editors[0].sees(*["alice"] * 5)
    edit(alice, document, "one", "two")
    for editor in editors:
        editor.until(lambda one: one.revs == [1, 2], "both changes")
    assert found == [1, 2]


def test_who_is_removed_is_hung_up_on_in_every_process(
    editors: tuple[Editor, Editor], document: Document, alice: User
) -> None:
    mine, theirs = editors
    with promised(5):
        invitations.remove(actor=alice, public_id=template_of(document).public_id, username="bob")
        assert theirs.end_code() == 4404
    mine.sees("alice")


def test_a_run_is_told_to_all_editors_in_every_process(
    processes: tuple[Process, Process],
    editors: tuple[Editor, Editor],
    document: Document,
    alice: User,
) -> None:
    mine, theirs = editors
    also_mine = Editor(processes[1], document, alice)
    also_mine.sees("alice", "alice", "bob")
    hints.run_started(template_of(document), "wf_run_x")
    for editor in (mine, also_mine, theirs):
        editor.until(lambda one: one.said("run"), "the run")


def test_windows_are_counted_in_all_processes(
    processes: tuple[Process, Process],
    editors: tuple[Editor, Editor],
    document: Document,
    alice: User,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presence, "MAX_CONNECTIONS", 2)
    for process in processes:
        assert Editor(process, document, alice).end_code() == 4429
    editors[1].hang_up()
    editors[0].sees("alice")
    third = Editor(processes[1], document, bob)
    third.sees("alice", "bob")


def test_the_newest_go_when_too_many_open_at_once(
    processes: tuple[Process, Process],
    document: Document,
    alice: User,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither process has heard of the other's when it lets its own in."""
    monkeypatch.setattr(presence, "MAX_CONNECTIONS", 1)
    here, elsewhere = processes
    both = [Editor(here, document, alice), Editor(elsewhere, document, bob)]
    wait_for(lambda: any(one.socket.closed for one in both), "the newest is closed")
    (left,) = [one for one in both if one.socket.closed is None]
    left.until(lambda one: len(one.names) == 1, "itself alone")
    assert sorted([str(one.socket.closed) for one in both]) == ["4429", "None"]


def test_without_a_channel_layer_that_answers_editors_of_a_process_see_each_other(
    processes: tuple[Process, Process],
    document: Document,
    alice: User,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, _ = processes

    async def fail(*_: Any) -> None:
        raise ConnectionError("the layer's server is away")

    mine = Editor(here, document, alice)
    layer = channel_layers.get_channel_layer()
    assert layer is not None
    monkeypatch.setattr(layer, "_send_out", fail)
    theirs = Editor(here, document, bob)
    theirs.points(["s0"], 1)
    mine.until(lambda one: one.names == ["alice", "bob"], "both")
    mine.until(lambda one: one.shown_of(theirs)["cursor"] == {"x": 1, "y": 0}, "the pointer")
