"""Two WebSocket clients that are not ours follow runs of the started product and agree."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.asyncapi import misfits
from tests.support.clients.foreign_sockets import CLIENTS, NodeReader, PythonReader, Reader
from tests.support.program import ROOT
from tests.support.server import Site, finished, start
from tests.support.waiting import family, promised, wait_for

NOTE = {"toolName": "note", "arguments": {"text": "x", "copies": 2}}
ELSEWHERE = "https://pages.example"
PASSWORD = "a long enough password"

# A template of alice's, open in the editor; her password and her session. Prints the last line.
PREPARE = f"""
import json
from django.test import Client
from accounts.models import User
from tests.support.builders.editing import make_document, template_of
alice = User.objects.get(username="alice")
alice.set_password({PASSWORD!r})
alice.save()
client = Client()
client.force_login(alice)
document = template_of(make_document(alice)).public_id
print(json.dumps({{"document": document, "session": client.cookies["sessionid"].value}}))
"""


@dataclass(frozen=True)
class Product:
    site: Site
    key: str
    bobs_key: str
    document: str
    session: str
    done: str
    waiting: str

    @property
    def credential(self) -> dict[str, str]:
        return {"api-key": self.key}

    def run(self, run_id: str, query: str = "") -> str:
        return f"ws://127.0.0.1:{self.site.port}/ws/runs/{run_id}{query and '?' + query}"

    def template(self, query: str = "") -> str:
        address = f"ws://127.0.0.1:{self.site.port}/ws/documents/{self.document}"
        return f"{address}{query and '?' + query}"


def steps(*seconds: float) -> dict[str, Any]:
    """A chain that takes so long."""
    chain = [
        {
            "id": f"s{place}",
            "toolName": "sleep",
            "arguments": {"seconds": one},
            **({"dependsOn": [f"s{place - 1}"]} if place else {}),
        }
        for place, one in enumerate(seconds)
    ]
    return {"input": {"steps": chain}}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A run that is over, one that sleeps for long, and a template that was opened."""
    with Site(tmp_path_factory.mktemp("home"), env={"PYTHONPATH": str(ROOT)}) as site:
        key, bobs_key = site.key("alice"), site.key("bob")
        with site.client(key) as client:
            done = start(client, {"input": {"steps": [{"id": "a", **NOTE}, {"id": "b", **NOTE}]}})
            finished(client, done["id"])
            waiting = start(client, steps(3000))
        made = json.loads(site.manage("shell", "-c", PREPARE).strip().splitlines()[-1])
        yield Product(site, key, bobs_key, **made, done=done["id"], waiting=waiting["id"])


@pytest.fixture(params=list(CLIENTS.values()), ids=list(CLIENTS))
def reader(request: pytest.FixtureRequest) -> type[Reader]:
    kind: type[Reader] = request.param
    return kind


def log(product: Product, run_id: str) -> list[dict[str, Any]]:
    """The whole log over REST."""
    with product.site.client(product.key) as client:
        answer = client.get(f"/v1/creative-agent/workflows/{run_id}/events?limit=1000").json()
    found: list[dict[str, Any]] = answer["data"]["events"]
    return found


def streamed(product: Product, run_id: str, after: int = 0) -> list[dict[str, Any]]:
    """The frames of the event stream as `{id, event, data}`, until the server closes."""
    path = f"/v1/creative-agent/workflows/{run_id}/events/stream?after={after}"
    with product.site.client(product.key) as client:
        text = client.get(path).text
    frames = []
    for block in text.split("\n\n"):
        lines = [line.partition(": ") for line in block.splitlines() if line[:1] not in ("", ":")]
        if lines:
            named = {name: value for name, _, value in lines}
            data = json.loads(named["data"])
            frames.append({"id": int(named["id"]), "event": named["event"], "data": data})
    return frames


def test_it_replays_from_the_start_and_from_a_cursor(
    product: Product, reader: type[Reader]
) -> None:
    with reader(product.run(product.done), product.credential) as whole:
        assert whole.to_the_end() == 1000
    assert whole.events == log(product, product.done)
    assert whole.messages == streamed(product, product.done)
    assert whole.sequences == list(range(1, len(whole.events) + 1))
    assert not [wrong for one in whole.messages for wrong in misfits("/ws/runs/x", one)]
    for after in (1, len(whole.events) - 1, len(whole.events), 10_000):
        address = product.run(product.done, f"after={after}")
        with reader(address, product.credential) as rest:
            assert rest.to_the_end() == 1000
        assert rest.told == whole.texts[min(after, len(whole.events)) :]


def test_live_events_come_to_all_alike_byte_for_byte(product: Product) -> None:
    with product.site.client(product.key) as client:
        run = start(client, steps(0.5, 0.5, 0.5))["id"]
        with (
            PythonReader(product.run(run), product.credential) as one,
            NodeReader(product.run(run), product.credential) as two,
        ):
            frames = streamed(product, run)
            assert [one.to_the_end(), two.to_the_end()] == [1000, 1000]
        assert one.told == two.told
        assert [json.loads(text) for text in one.told] == frames
        assert one.events == log(product, run)
        assert one.messages[-1]["data"] == {"workflowId": run, "status": "completed"}


@pytest.mark.parametrize(
    ("address", "headers", "code"),
    [
        ("run", {}, 4401),
        ("run", {"api-key": "rg_AAAAAAAAAA_" + "a" * 43}, 4401),
        ("run", {"authorization": "Bearer nonsense"}, 4401),
        ("unknown", "alice", 4404),
        ("run", "bob", 4404),
        ("document", {}, 4401),
        ("document", "bob", 4404),
        ("document", "read", 4403),
        ("key in the URL", "alice", 4400),
    ],
)
def test_who_may_not_follow_is_told_by_the_close_code(
    product: Product, reader: type[Reader], address: str, headers: Any, code: int
) -> None:
    keys = {"alice": product.key, "bob": product.bobs_key}
    if headers == "read":
        made = product.site.manage("key", "--user", "alice", "--scope", "read")
        headers = {"api-key": made.strip().splitlines()[-1]}
    elif isinstance(headers, str):
        headers = {"api-key": keys[headers]}
    url = {
        "run": product.run(product.waiting),
        "unknown": product.run("wf_run_unknown"),
        "document": product.template(),
        "key in the URL": product.run(product.waiting, f"api-key={product.key}"),
    }[address]
    with reader(url, headers) as refused:
        assert refused.to_the_end() == code
        assert refused.texts == []


def test_a_message_that_is_too_long_closes_with_1009(
    product: Product, reader: type[Reader]
) -> None:
    for url, most in ((product.run(product.waiting), 4096), (product.template(), 1 << 20)):
        with reader(url, product.credential) as talker:
            talker.opened().send("x" * most)
            talker.send("ping")
            talker.until("pong")
            talker.send("x" * (most + 1))
            assert talker.to_the_end() == 1009


@pytest.mark.parametrize(
    "message",
    [
        b"\x00\xff\xfe",
        b"ping",
        b"",
        "",
        "no JSON",
        "[" * 2000,
        '{"presence": ' * 300,
        '{"presence": {"selection": 1}}',
        '{"event": "workflow_event"}',
        "\u0000",
        "null",
    ],
    ids=lambda message: repr(message)[:24],
)
def test_what_means_nothing_changes_nothing(
    product: Product, reader: type[Reader], message: str | bytes
) -> None:
    for url in (product.run(product.waiting), product.template()):
        with reader(url, product.credential) as talker:
            talker.opened().send(message)
            talker.send("ping")
            talker.until("pong")
            assert talker.code is None


def test_a_cookie_counts_from_pages_of_this_server_only(
    product: Product, reader: type[Reader]
) -> None:
    url, cookie = product.run(product.done), {"cookie": f"sessionid={product.session}"}
    with reader(url, cookie, origin=product.site.url) as ours:
        assert ours.to_the_end() == 1000
        assert ours.sequences
    for origin in (ELSEWHERE, f"http://127.0.0.1.example:{product.site.port}", "null"):
        with reader(url, cookie, origin=origin) as theirs:
            assert theirs.refusal() == 403
    with reader(url, cookie) as program:
        assert program.to_the_end() == 4403


def signed_in(product: Product) -> str:
    """A token of alice's."""
    with product.site.client() as client:
        body = {"username": "alice", "password": PASSWORD}
        answer = client.post("/v1/account/login", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["token"])


def test_each_kind_of_credential_opens_it(product: Product, reader: type[Reader]) -> None:
    url, token = product.run(product.done), signed_in(product)
    for headers in (
        {"api-key": product.key},
        {"authorization": f"Bearer {product.key}"},
        {"authorization": product.key},
        {"authorization": f"Bearer {token}"},
    ):
        with reader(url, headers) as opened:
            assert opened.to_the_end() == 1000, headers
    cookie = {"cookie": f"authorization={product.key}"}
    with reader(url, cookie, origin=product.site.url) as opened:
        assert opened.to_the_end() == 1000


def revoke(product: Product, key: str) -> None:
    lookup = key.split("_")[1]
    product.site.manage(
        "shell",
        "-c",
        "from accounts import services; from accounts.models import ApiKey;"
        f" services.revoke_api_key(key=ApiKey.objects.get(lookup={lookup!r}))",
    )


def test_a_key_that_is_revoked_ends_its_sockets_within_five_seconds(
    product: Product, reader: type[Reader]
) -> None:
    key = product.site.key("alice")
    with (
        reader(product.run(product.waiting), {"api-key": key}) as run,
        reader(product.template(), {"api-key": key}) as document,
    ):
        for one in (run, document):
            one.opened().send("ping")
            one.until("pong")
        revoke(product, key)
        # The server, and the client in Node: both are below this process.
        with promised(5, of=family(os.getpid())):
            assert [run.to_the_end(), document.to_the_end()] == [4401, 4401]


def test_two_clients_see_each_other_and_the_same_changes(product: Product) -> None:
    mine, hers = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2))
    with (
        PythonReader(product.template(f"client={mine}"), product.credential) as one,
        NodeReader(product.template(f"client={hers}"), product.credential) as two,
    ):
        one.opened()
        two.opened().send('{"presence": {"selection": ["a"], "cursor": {"x": 1, "y": 2}}}')

        def is_seen() -> bool:
            people = [
                person
                for message in one.messages
                if message["event"] == "people"
                for person in message["people"]
            ]
            return any((p["clientId"], p["selection"]) == (hers, ["a"]) for p in people)

        wait_for(is_seen, "the other's selection")
        with product.site.client(product.key) as client:
            path = f"/v1/creative-agent/workflows/templates/{product.document}"
            assert client.patch(path, json={"name": "Renamed"}).status_code == 200
        changed = one.until("change")
        assert two.until("change") == changed
        assert (changed["change"]["label"], one.until("saved")) == (
            "API update",
            two.until("saved"),
        )
        for client_of in (one, two):
            for message in client_of.messages:
                assert misfits("/ws/documents/x", message) == []


def ticket(product: Product, **body: str) -> str:
    with product.site.client(product.key) as client:
        answer = client.post("/v1/realtime/tickets", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["ticket"])


def test_a_bearer_subprotocol_opens_it_from_any_origin(
    product: Product, reader: type[Reader]
) -> None:
    url, token = product.run(product.done), signed_in(product)
    for credential in (product.key, token):
        for origin in ("", product.site.url, ELSEWHERE):
            with reader(url, protocols=["bearer", credential], origin=origin) as opened:
                assert opened.to_the_end() == 1000
                assert opened.subprotocol == "bearer"
                assert opened.sequences
    with reader(url, protocols=["bearer", "nonsense"], origin=ELSEWHERE) as refused:
        assert refused.to_the_end() == 4401
    with reader(url, protocols=["bearer", product.bobs_key], origin=ELSEWHERE) as refused:
        assert refused.to_the_end() == 4404


def test_a_ticket_opens_one_socket_of_one_object_from_any_origin(
    product: Product, reader: type[Reader]
) -> None:
    made = ticket(product, run=product.done)
    url = product.run(product.done, f"after=1&ticket={made}")
    with reader(url, origin=ELSEWHERE) as opened:
        assert opened.to_the_end() == 1000
        assert opened.sequences[0] == 2
    with reader(url, origin=ELSEWHERE) as again:
        assert again.to_the_end() == 4401
    made = ticket(product, run=product.done)
    with reader(product.run(product.waiting, f"ticket={made}"), origin=ELSEWHERE) as other:
        assert other.to_the_end() == 4403


def test_a_ticket_ends_with_the_key_that_made_it(product: Product, reader: type[Reader]) -> None:
    key = product.site.key("alice")
    with product.site.client(key) as client:
        made = client.post("/v1/realtime/tickets", json={"run": product.waiting}).json()
    url = product.run(product.waiting, f"ticket={made['data']['ticket']}")
    with reader(url, origin=ELSEWHERE) as opened:
        opened.opened().send("ping")
        opened.until("pong")
        revoke(product, key)
        with promised(5, of=family(os.getpid())):
            assert opened.to_the_end() == 4401


def test_a_ticket_of_a_template_opens_its_document(product: Product, reader: type[Reader]) -> None:
    made = ticket(product, run=product.done)
    with reader(product.template(f"ticket={made}"), origin=ELSEWHERE) as other:
        assert other.to_the_end() == 4403
    made = ticket(product, template=product.document)
    for protocols, query in (([], f"ticket={made}"), (["bearer", product.key], "")):
        with reader(product.template(query), protocols=protocols, origin=ELSEWHERE) as document:
            document.opened().send("ping")
            document.until("pong")
