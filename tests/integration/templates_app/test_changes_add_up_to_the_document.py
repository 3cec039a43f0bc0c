"""What an editor knows of a document plus the changes since is what it would be shown anew.

Changes of every op are sent one after another. After each the document is fetched; the changes in
between are applied to each older state, and what comes out is compared with each newer one. That
the browser's ops do the same as these is held by test_both_languages_agree.
"""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from templates_app.document_ops.ops import TABLES, apply_all
from templates_app.document_ops.schemas import PLAN
from tests.support.builders.document_plans import put_plan
from tests.support.builders.documents import random_ops
from tests.support.builders.editing import change, make_document, template_of

pytestmark = pytest.mark.django_db
# Some of a sequence's ops find their target gone, or come twice.
CHANGES, OPS = 12, 6


@pytest.mark.parametrize("seed", range(4))
def test_changes_applied_to_a_state_come_to_the_state_fetched_later(alice: User, seed: int) -> None:
    dice = random.Random(seed)
    page = Client()
    page.force_login(alice)
    path = f"/app/documents/{template_of(make_document(alice, 3)).public_id}"

    def fetched() -> dict[str, Any]:
        shown = page.get(path).json()
        return {"rev": shown["rev"], "state": shown["state"]}

    states = [fetched()]
    for _ in range(CHANGES):
        body = {
            "clientId": str(uuid.uuid4()),
            "base": states[-1]["rev"],
            "changes": [change(*sendable(random_ops(dice, OPS)))],
        }
        answer = page.post(f"{path}/changes", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content
        states.append(fetched())
    for place, before in enumerate(states[:-1]):
        since = page.get(f"{path}/changes?after={before['rev']}").json()["changes"]
        for after in states[place + 1 :]:
            between = [one for one in since if one["rev"] <= after["rev"]]
            ops = [op for one in between for op in one["ops"]]
            assert apply_all(before["state"], ops)[0] == after["state"]


def test_the_sequences_hold_every_op_on_every_table() -> None:
    ops = [op for seed in range(4) for op in random_ops(random.Random(seed), CHANGES * OPS)]
    assert {op["op"] for op in ops} == {"put", "remove", "set", "order"}
    assert {op["table"] for op in ops} == set(TABLES)


def sendable(ops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with every number in the range that a request body may have, and plans that are."""
    ops = [_of_a_plan(op) if op["table"] == PLAN else op for op in ops]
    return list(json.loads(json.dumps(ops).replace("1e+21", "21")))


def _of_a_plan(op: dict[str, Any]) -> dict[str, Any]:
    put = put_plan(words=str(op["key"]))
    match op["op"]:
        case "put":
            return put
        case "set":
            return {**op, "key": PLAN, "path": ["brief"], "value": str(op["path"])}
    return {**op, "key": PLAN, **({"after": None} if op["op"] == "order" else {})}
