"""A composition call is made once for its key, and its credit is held before the model is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from pytest_django import Settings

from accounts import ledger, selectors
from accounts.auth import Principal
from accounts.models import User
from compose import charging, holds
from compose.model.writing import WRITERS
from compose.models import ComposedCall
from core import clock, errors
from tests.integration.compose.chat_scope import leave
from tests.support.builders.leaving import delete_account
from tests.support.clients.api import Api
from tests.support.clients.chatting import answered, ask, chunks_of, refused, text_of
from tests.support.fakes.compose_model_server import ComposeModelServer as Model
from tests.support.fakes.compose_model_server import Said, streamed
from tests.support.fakes.openai_server import Reply, failure
from tests.support.waiting import WAIT_S, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/tools/execute"
CALL = {"tool": "enhance_prompt", "arguments": {"prompt": "A lighthouse at dusk"}}
HELLO = {"messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
def model(model: Model) -> Model:
    """Have it say other words each time."""
    number = iter(range(1, 100))

    def another(asked: Any) -> Said:
        words = f"Prompt {next(number)}."
        if "response_format" not in asked.body:
            return Said(words)
        return Said(json.dumps({"prompt": words, "negative_prompt": ""}))

    model.usual = another
    return model


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def call(key: str, idempotency_key: str | None = None, body: Any = CALL) -> Any:
    named = {} if idempotency_key is None else {"idempotency_key": idempotency_key}
    try:
        return Api(key).post(PATH, body, **named)
    finally:
        connections.close_all()


def held(model: Model) -> threading.Event:
    """The model's next answer waits for this."""
    release = threading.Event()
    answer = model.usual

    def later(asked: Any) -> Any:
        release.wait(WAIT_S)
        return answer(asked)

    model.script.append(later)
    return release


def test_a_repeated_key_has_the_kept_answer(model: Model, alice: User, alice_key: str) -> None:
    first = call(alice_key, "k").json()
    assert first["data"]["result"]["prompt"] == "Prompt 1."
    assert [call(alice_key, "k").json() for _ in range(3)] == [first] * 3
    assert len(model.chats) == 1
    assert ledger.balance(alice) == -1_000
    # Without a key each is a call of its own.
    assert call(alice_key).json()["data"]["result"]["prompt"] == "Prompt 2."
    # A day later the key means nothing.
    ComposedCall.objects.update(created_at=clock.now() - holds.KEPT_FOR)
    assert call(alice_key, "k").json()["data"]["result"]["prompt"] == "Prompt 3."
    assert ledger.balance(alice) == -3_000
    assert len(selectors.paid_calls(alice)) == 3


def test_an_equal_call_that_comes_meanwhile_is_refused(
    model: Model, alice: User, alice_key: str, aside: ThreadPoolExecutor
) -> None:
    release = held(model)
    first = aside.submit(call, alice_key, "k")
    wait_for(lambda: model.chats, "the model is asked")
    for again in (call(alice_key, "k"), call(alice_key, "k")):
        assert again.status_code == 409
        assert again.json()["error"]["code"] == "idempotency.in_progress"
        assert int(again["Retry-After"]) >= 1
    # With other arguments it is another request, at work or not.
    other = call(alice_key, "k", {**CALL, "arguments": {"prompt": "A crow"}})
    assert other.json()["error"]["code"] == "idempotency.key_reuse"
    release.set()
    assert first.result().json() == call(alice_key, "k").json()
    assert len(model.chats) == 1
    assert ledger.balance(alice) == -1_000


def test_what_cannot_be_paid_asks_no_model(
    model: Model, alice: User, alice_key: str, aside: ThreadPoolExecutor, settings: Settings
) -> None:
    settings.LIMIT_CREDIT = True
    call_command("grant", alice.username, "1")
    release = held(model)
    first = aside.submit(call, alice_key)
    wait_for(lambda: model.chats, "the model is asked")
    assert [call(alice_key).status_code for _ in range(3)] == [402] * 3
    assert refused(ask(HELLO, alice_key), 402)
    release.set()
    assert first.result().status_code == 200
    assert len(model.chats) == 1
    assert ledger.balance(alice) == 0


def test_words_that_change_nothing_are_free(model: Model, alice: User, alice_key: str) -> None:
    model.usual = lambda asked: failure(401, "Incorrect API key")
    tool = "compose_workflow_template"
    made = call(alice_key, None, {"tool": tool, "arguments": {"brief": "A fox", "name": "Fox"}})
    template = made.json()["data"]["result"]["template_draft"]
    arguments = {"brief": "Qwertz uiop", "name": "Fox", "existing_template": template}
    asked, paid = len(model.chats), ledger.balance(alice)
    first = call(alice_key, "k", {"tool": tool, "arguments": arguments})
    assert first.json()["data"]["result"]["changes"] == []
    assert call(alice_key, "k", {"tool": tool, "arguments": arguments}).json() == first.json()
    assert len(model.chats) == asked + 1
    assert ledger.balance(alice) == paid
    assert len(selectors.paid_calls(alice)) == 1


@pytest.mark.parametrize("tool", sorted(WRITERS))
def test_a_text_without_a_subject_is_asked_for_one_and_free(
    model: Model, alice: User, alice_key: str, tool: str
) -> None:
    argument = "brief" if tool == "compose_script" else "prompt"
    answer = call(alice_key, None, {"tool": tool, "arguments": {argument: "..."}})
    assert answer.status_code == 200
    result = answer.json()["data"]["result"]
    assert (result["ok"], result["error_type"]) == (False, "USER_INPUT_INCOMPLETE")
    assert f"`{argument}` doesn't say" in result["message"]
    assert [issue["path"] for issue in result["issues"]] == [argument]
    assert model.chats == []
    assert ledger.balance(alice) == 0


@pytest.mark.parametrize("stream", [False, True])
def test_a_repeated_chat_says_the_same(
    model: Model, alice: User, alice_key: str, stream: bool
) -> None:
    model.script += [
        Said(calls=[("enhance_prompt", json.dumps({"prompt": "A fox"}))]),
        # The tool asks the model, too.
        Said(json.dumps({"prompt": "A red fox.", "negative_prompt": ""})),
        Said("Here it is."),
    ]

    def said() -> str:
        answer = ask({**HELLO, "stream": stream}, alice_key, {"idempotency-key": "k"})
        if not stream:
            return text_of(answer)
        pieces = [chunk["choices"][0]["delta"].get("content") for chunk in chunks_of(answer)]
        return "".join(piece or "" for piece in pieces)

    assert [said() for _ in range(3)] == ["Here it is."] * 3
    assert len(model.chats) == 3
    assert ledger.balance(alice) == -3_000


def test_a_chat_that_failed_is_asked_again(model: Model, alice: User, alice_key: str) -> None:
    headers = {"idempotency-key": "k"}
    model.script += [failure(401, "Incorrect API key")]
    assert answered(ask(HELLO, alice_key, headers))["model"] == "reelgraph-rules"
    assert ledger.balance(alice) == 0
    assert not selectors.paid_calls(alice)
    assert text_of(ask(HELLO, alice_key, headers)) == "Prompt 1."
    assert ledger.balance(alice) == -1_000


def test_what_is_left_early_is_paid_and_not_kept(model: Model, alice: User, alice_key: str) -> None:
    async def words(client: ApplicationCommunicator) -> None:
        while b"Words" not in (await client.receive_output(WAIT_S)).get("body", b""):
            pass

    model.script.append(streamed(Said("Words, " * 200), pace_s=0.1))
    leave(alice_key, words, stream=True)
    assert ledger.balance(alice) == -1_000
    # No one has the rest of it for nothing.
    said = [text_of(ask(HELLO, alice_key, {"idempotency-key": "k"})) for _ in range(2)]
    assert said == ["Prompt 1.", "Prompt 1."]
    assert ledger.balance(alice) == -2_000
    assert len(model.chats) == 2


def test_a_person_has_so_many_calls_at_once(
    model: Model, alice_key: str, bob_key: str, aside: ThreadPoolExecutor
) -> None:
    release = threading.Event()
    model.usual = lambda asked: Reply(hold=release)
    calls = [aside.submit(call, alice_key) for _ in range(charging.AT_ONCE)]
    wait_for(lambda: len(model.chats) == charging.AT_ONCE, "they are asked")
    more = call(alice_key)
    assert (more.status_code, more.json()["details"]["limit"]) == (429, charging.AT_ONCE)
    assert int(more["Retry-After"]) >= 1
    model.usual = lambda asked: Said("Good morning.")
    assert text_of(ask(HELLO, bob_key)) == "Good morning."
    release.set()
    assert {one.result().status_code for one in calls} == {200}


def keyed(person: User, key: str | None = "k", **more: Any) -> Any:
    """The context of a hold."""
    principal = Principal(person, None, "session")
    return charging.held(charging.keyed_call(principal, "note", {"text": "A"}, key, **more))


def start(person: User, key: str | None = "k", **more: Any) -> Any:
    """A hold that is not ended; with the context that would."""
    block = keyed(person, key, **more)
    return block.__enter__(), block


def dies() -> None:
    """The process that holds all that is held is found to be dead."""
    past = clock.now() - timedelta(seconds=1)
    for row in ComposedCall.objects.exclude(held_until=None):
        holds.forget(row.pk)
    ComposedCall.objects.exclude(held_until=None).update(held_until=past)


def test_the_credit_of_a_dead_process_is_given_back(alice: User) -> None:
    first = start(alice)
    assert ledger.balance(alice) == -1_000
    charging.tend()
    assert ledger.balance(alice) == -1_000
    dies()
    charging.tend()
    assert ledger.balance(alice) == 0
    assert not ComposedCall.objects.exists()
    del first


def test_the_next_call_of_a_person_ends_their_dead_ones(alice: User, settings: Settings) -> None:
    settings.LIMIT_CREDIT = True
    call_command("grant", alice.username, "1")
    first = start(alice)
    dies()
    with keyed(alice) as hold:
        assert hold.answer is None
        hold.settle({"text": "B"})
    assert ledger.balance(alice) == 0
    del first


def test_who_was_taken_over_keeps_and_pays_nothing(alice: User) -> None:
    first, _ = start(alice)
    second, _ = start(alice, takes_over=True)
    second.settle("by the second")
    with pytest.raises(errors.Conflict):
        first.settle("by the first")
    first.give_back()
    first.charge()
    assert ledger.balance(alice) == -1_000
    third, _ = start(alice)
    assert third.answer == "by the second"


def test_a_hold_lasts_as_long_as_its_process(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds, "PROLONGED_EVERY_S", 0.05)
    hold, _ = start(alice)
    ComposedCall.objects.update(held_until=clock.now() - timedelta(seconds=1))
    held = ComposedCall.objects.filter
    wait_for(lambda: held(held_until__gt=clock.now()).exists(), "the hold is prolonged")
    hold.settle("in the end")
    assert ledger.balance(alice) == -1_000


def test_a_hold_that_is_not_given_back_ends(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds, "PROLONGED_EVERY_S", 0.05)
    monkeypatch.setattr(holds, "LASTS", timedelta(seconds=0.5))

    def away(*statement: Any) -> Any:
        raise OperationalError("the database is away")

    with pytest.raises(OperationalError), keyed(alice, None):
        connection.execute_wrappers.append(away)
    connection.execute_wrappers.remove(away)
    assert ledger.balance(alice) == -1_000
    wait_for(lambda: charging.tend() and ledger.balance(alice) == 0, "the credit is given back")


def test_texts_that_no_column_takes_are_kept(alice: User) -> None:
    hold, _ = start(alice)
    hold.settle({"text": "A\0B \ud83d", "list": ("a",)})
    again, _ = start(alice)
    assert again.answer == {"text": "AB \ufffd", "list": ["a"]}


def test_answers_go_after_a_day_and_with_their_person(alice: User, bob: User) -> None:
    for person in (alice, bob):
        hold, _ = start(person)
        hold.settle("kept")
    at_work, _ = start(bob, None)
    charging.tend()
    assert ComposedCall.objects.count() == 3
    ComposedCall.objects.filter(owner=alice).update(created_at=clock.now() - holds.KEPT_FOR)
    charging.tend()
    assert not ComposedCall.objects.filter(owner=alice).exists()
    delete_account(user=bob)
    assert not ComposedCall.objects.exists()
    assert ledger.balance(bob) == -1_000
    del at_work


def test_a_person_keeps_so_many_answers(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds, "MOST_KEPT", 2)
    for number in range(4):
        with keyed(alice, f"k{number}") as hold:
            hold.settle(number)
    kept = ComposedCall.objects.order_by("id").values_list("answer", flat=True)
    assert list(kept) == [{"of": 2}, {"of": 3}]
