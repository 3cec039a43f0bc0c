"""Tables that programs upload, and the table runs of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from media.models import Upload
from run_sets.models import RunSetRow
from runs.my_media import own_uploads
from tests.support.builders.factories import make_key
from tests.support.builders.run_sets import failing_template
from tests.support.builders.tables import packed, parts_of, words
from tests.support.clients.asgi_requests import Answer, request_app

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKBOOK = packed(parts_of({"Old": words("Words"), "New": words("Words") + words("b", row=2)}))


def uploaded(key: str, data: bytes, name: str = "products", slot: str = "table") -> Answer:
    path = f"/v1/media/uploadUrl?jobId=job-1&id={name}&type={slot}"
    url = request_app("GET", path, {"api-key": key}).json()["data"]["uploadUrl"]
    return request_app("PUT", url, {}, data)


def post(path: str, key: str, body: dict[str, Any]) -> Answer:
    headers = {"api-key": key, "content-type": "application/json"}
    return request_app("POST", path, headers, json.dumps(body).encode())


def created(key: str, template: str, **fields: Any) -> Answer:
    return post("/v1/run-sets", key, {"workflowId": template, **fields})


def test_an_uploaded_table_becomes_rows(alice: User, bob: User) -> None:
    key, template = make_key(alice), failing_template(alice).public_id
    upload = uploaded(key, "Words;Times\na\u00e4;2\nb;3\n".encode("cp1252")).json()["data"]
    assert (upload["kind"], upload["contentType"]) == ("table", "text/csv")
    for reference in (upload["id"], upload["downloadUrl"]):
        answer = created(key, template, table=reference)
        assert answer.status == 201, answer.text
        assert answer.json()["data"]["runSet"]["rowCount"] == 2
    rows = RunSetRow.objects.filter(run_set__owner=alice).order_by("run_set", "position")
    assert [row.cells for row in rows] == [["a\u00e4", "2"], ["b", "3"]] * 2
    # It is no medium, and no one else's.
    file = request_app("GET", upload["downloadUrl"])
    assert file.header("content-disposition").startswith("attachment")
    assert not own_uploads(alice).exists()
    steps = [{"id": "look", "toolName": "animate_photo", "arguments": {"prompt": "it breathes"}}]
    media = [{"url": upload["downloadUrl"], "type": "image"}]
    refusal = post(
        "/v1/creative-agent/workflows", key, {"input": {"steps": steps}, "media_references": media}
    )
    assert (refusal.status, "This file is a table" in refusal.text) == (400, True), refusal.text
    other = created(make_key(bob), failing_template(bob).public_id, table=upload["id"])
    assert (other.status, "table: you have no such table" in other.text) == (400, True)
    both = created(key, template, table=upload["id"], rows=[{"Words": "a"}])
    assert (both.status, "rows, table: send one" in both.text) == (400, True)


def test_a_workbook_is_read_by_the_sheet_that_is_named(alice: User) -> None:
    key, template = make_key(alice), failing_template(alice).public_id
    upload = uploaded(key, WORKBOOK).json()["data"]
    refusal = created(key, template, table=upload["id"])
    assert (refusal.status, "sheet: " in refusal.text, "Old, New" in refusal.text) == (
        400,
        True,
        True,
    )
    assert created(key, template, table=upload["id"], sheet="New").status == 201
    assert RunSetRow.objects.get().cells == ["b"]


def test_what_is_no_table_is_kept_nowhere(alice: User) -> None:
    key = make_key(alice)
    for data, slot, code in (
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9, "table", "table.unreadable"),
        (b"Words\na\n", "referenceImage", "upload.refused"),
    ):
        answer = uploaded(key, data, slot=slot)
        assert answer.json()["error"]["code"] == code, answer.text
    too_long = uploaded(key, b"x" * 20_100_000)
    assert (too_long.status, too_long.json()["error"]["code"]) == (413, "upload.too_large")
    assert not Upload.objects.exists()
