"""/v1/replay/records: redacted, bounded, for their owner alone; chat runs have one of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from compose.models import ReplayRecord
from compose.replay import records
from tests.support.clients.api import Api
from tests.support.clients.chat_runs import started, worked_off
from tests.support.patterns import cpu_limit

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/replay/records"
SECRETS = {
    "header": "Bearer abcdefghijklmnop",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "key": "rg_PbEVTqVNpQ_sGyvegZjdh4_iYdX4GonurDdka9F6ZtKv",
    "other key": "sk-live-0123456789abcdef",
    "query": "https://files.example/a.png?e=1&s=abcdefgh",
    "person": "https://ada:hunter22@files.example/a.png",
    "file": "data:image/png;base64,iVBORw0KGgo=",
}
LOST = ("abcdefgh", "eyJ", "rg_Pb", "sk-live", "hunter22", "iVBOR", "opensesame")
# Each may begin an address or a token at every place, and none does.
ODD = ("http://", "eyJaaaaa-", "eyJaaaaa.", "//a:", "data:a/a;", "Bearer ", "&sig", "rg_aaaaa ")


def record(run_id: str = "run 1", **more: Any) -> dict[str, Any]:
    return {"run_id": run_id, "schema_version": 4, "rounds": [{"text": "Hello"}], **more}


def test_a_record_is_written_listed_and_read(alice_key: str) -> None:
    api = Api(alice_key)
    more = {"user_request": "Draw a fox", "model_id": "m", "final_response": "Done", "extra": [1]}
    written = api.post(PATH, record(**more))
    assert written.status_code == 201
    body = written.json()
    assert (body["runId"], body["schemaVersion"], body["redacted"]) == ("run 1", 4, True)
    [listed] = api.get(PATH).json()["records"]
    assert listed == {
        "runId": "run 1",
        "schemaVersion": 4,
        "createTime": body["createTime"],
        "updateTime": body["updateTime"],
        "rounds": 1,
        "userRequest": "Draw a fox",
        "finalResponse": "Done",
        "modelId": "m",
    }
    read = api.get(f"{PATH}/run%201").json()
    assert read == {"record": record(**more), "createTime": body["createTime"]}
    again = api.post(PATH, record(user_request="Draw a crow")).json()
    assert again["createTime"] == body["createTime"]
    [listed] = api.get(PATH).json()["records"]
    assert listed["userRequest"] == "Draw a crow"


def test_secrets_are_not_kept(alice_key: str) -> None:
    rounds = [{"text": f"see {text}", name: text} for name, text in SECRETS.items()]
    rounds += [{"password": "opensesame", "headers": {"api-key": "opensesame"}, "max_tokens": 5}]
    assert Api(alice_key).post(PATH, record(rounds=rounds)).status_code == 201
    kept = json.dumps(ReplayRecord.objects.get().record)
    assert not [lost for lost in LOST if lost in kept]
    assert '"max_tokens": 5' in kept
    assert "https://files.example/a.png?[redacted]" in kept


@pytest.mark.parametrize("odd", ODD)
def test_secrets_in_long_odd_texts_are_not_kept_either(odd: str, alice_key: str) -> None:
    api = Api(alice_key)
    text = odd * (90_000 // len(odd)) + " " + " ".join(SECRETS.values())
    api.post(PATH, record())  # it imports what later ones need
    with cpu_limit(1):
        assert api.post(PATH, record(rounds=[{"text": text}])).status_code == 201
    kept = json.dumps(ReplayRecord.objects.get().record)
    assert not [lost for lost in LOST if f" {lost}" in kept or f"={lost}" in kept]


def finished(key: str, text: str) -> str:
    return str(worked_off(key, started(key, text)["runId"])["runId"])


@pytest.mark.parametrize("odd", ODD[:2])
def test_a_chat_of_196_kb_has_its_record_at_once(odd: str, alice_key: str) -> None:
    api = Api(alice_key)
    text = odd * (196_000 // len(odd))
    run = finished(alice_key, f"{text} sk-live-0123456789abcdef")
    api.get(PATH)
    with cpu_limit(1):
        read = api.get(f"{PATH}/{run}")
        [listed] = api.get(PATH).json()["records"]
    assert len(listed["userRequest"]) <= 8_001
    assert read.json()["record"]["user_request"] == f"{text} [redacted]"


def test_a_list_shows_the_beginning_of_a_long_chat_without_half_a_secret(alice_key: str) -> None:
    token = f"Bearer {'k3y' * 100}"
    run = finished(alice_key, f"{'a word ' * 1_130}{token} and more")
    [listed] = Api(alice_key).get(PATH).json()["records"]
    assert listed["userRequest"].endswith("a word Bearer…")
    whole = Api(alice_key).get(f"{PATH}/{run}").json()["record"]["user_request"]
    assert whole.endswith("a word [redacted] and more")


def test_records_are_bounded(alice: User, alice_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(alice_key)
    assert api.post(PATH, record(final_response=["a " * 1000] * 140)).status_code == 413
    monkeypatch.setattr(records, "MOST_RECORDS", 3)
    for place in range(5):
        assert api.post(PATH, record(f"run {place}")).status_code == 201
    ids = [one["runId"] for one in api.get(PATH).json()["records"]]
    assert ids == ["run 4", "run 3", "run 2"]
    assert [one["runId"] for one in api.get(PATH, {"limit": "1"}).json()["records"]] == ["run 4"]
    deep = json.loads("[" * 60 + "]" * 60)
    assert api.post(PATH, record("deep", rounds=deep)).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "run_id"),
        ({"run_id": "x" * 201}, "run_id"),
        ({"run_id": "a", "rounds": 5}, "rounds"),
        ({"run_id": "a", "user_request": {}}, "user_request"),
    ],
)
def test_a_bad_record_names_its_field(alice_key: str, body: dict[str, Any], field: str) -> None:
    answer = Api(alice_key).post(PATH, body)
    assert answer.status_code == 400
    assert field in answer.json()["message"]


def test_others_find_none(alice_key: str, bob_key: str) -> None:
    Api(alice_key).post(PATH, record())
    assert Api(bob_key).get(PATH).json() == {"records": []}
    assert Api(bob_key).get(f"{PATH}/run%201").status_code == 404
    assert Api(bob_key).post(PATH, record()).status_code == 201
    assert Api().get(PATH).status_code == 401


def test_a_chat_run_that_is_over_has_a_record(alice_key: str, bob_key: str) -> None:
    api = Api(alice_key)
    run = started(alice_key, "Hello, my key is sk-live-0123456789abcdef")["runId"]
    assert api.get(PATH).json() == {"records": []}
    worked_off(alice_key, run)
    [listed] = api.get(PATH).json()["records"]
    assert (listed["runId"], listed["rounds"]) == (run, 1)
    assert listed["userRequest"] == "Hello, my key is [redacted]"
    read = api.get(f"{PATH}/{run}").json()["record"]
    assert read["run_id"] == run
    assert read["rounds"][0]["text"] == read["final_response"]
    assert Api(bob_key).get(f"{PATH}/{run}").status_code == 404
    assert api.post(PATH, record(run)).status_code == 409
    # To others the id is as good as one that never was, whether they read or write.
    assert Api(bob_key).post(PATH, record(run)).status_code == 201
    assert Api(bob_key).get(f"{PATH}/{run}").json()["record"] == record(run)
    assert api.get(f"{PATH}/{run}").json()["record"] == read
