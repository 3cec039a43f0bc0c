"""The audit log as CSV and JSON reads back as it is, and no route changes an entry."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import User
from core import clock
from moderation import audit_log, audit_log_reads
from moderation.models import AuditEntry
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import make_moderator
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.usefixtures("committed")
AUDIT = "/admin/moderation/audit"
NOTES = ("=1+1", "+x", "-x", "@x", "'=x", "\tx", 'a,"b"\nc', "ü🎬", "plain")


def exported(person: User, path: str) -> Any:
    """What the server's own application sends."""
    session = signed_in(person).cookies["sessionid"].value
    return request_app("GET", path, {"cookie": f"sessionid={session}"})


def rows_of(text: str) -> list[dict[str, str]]:
    """A CSV as a program reads it: the sign before formulas is taken off."""
    return [
        {name: cell.removeprefix("'") for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def expected() -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "created_at": clock.iso(one.created_at),
            "actor": one.actor.username if one.actor else "",
            "action": one.action,
            "subject_kind": one.subject_kind,
            "subject_id": one.subject_id,
            "data": one.data,
        }
        for one in AuditEntry.objects.select_related("actor").order_by("-id")
    ]


def test_both_exports_read_back_whole() -> None:
    mo = make_moderator(make_user("mo"))
    # More than are read at once.
    for number in range(audit_log_reads.EXPORTED_AT_ONCE + 5):
        note = NOTES[number % len(NOTES)]
        audit_log.enter(
            actor=mo if number % 2 else None,
            action="case.look",
            subject_kind="template",
            subject_id=note if note != "\tx" else "1",
            data={"note": note, "case": number},
        )
    known = expected()
    answer = exported(mo, f"{AUDIT}.json")
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert 'filename="audit.json"' in answer.header("content-disposition")
    assert json.loads(answer.body) == known
    known = expected()
    assert known[0]["action"] == "audit.export"
    table = exported(mo, f"{AUDIT}.csv").text
    for row in csv.reader(io.StringIO(table, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), row
    read = [
        {**row, "id": int(row["id"]), "data": json.loads(row["data"])} for row in rows_of(table)
    ]
    assert read == known


def test_an_export_is_of_what_the_filter_lets_through() -> None:
    mo, bob = make_moderator(make_user("mo")), make_user("bob")
    audit_log.enter(
        actor=mo, action="case.look", subject_kind="user", subject_id=bob.public_id, data={}
    )
    today = clock.now().date().isoformat()
    for query, count in (
        ("action=case.look", 1),
        ("actor=MO&action=case.look", 1),
        ("person=bob", 1),
        ("person=no_one", 0),
        (f"since={today}&until={today}&action=case.look", 1),
        ("until=2020-01-01", 0),
    ):
        assert len(json.loads(exported(mo, f"{AUDIT}.json?{query}").body)) == count, query
        shown = signed_in(mo).get(f"{AUDIT}?{query}").content.decode()
        assert shown.count("<tr id=") == count, query
    for end in (".json", ".csv", ""):
        refused = exported(mo, f"{AUDIT}{end}?since=soon")
        assert refused.status == 422
        assert "From: write a date as YYYY-MM-DD." in refused.text
    assert json.loads(exported(mo, f"{AUDIT}.json?action=none").body) == []
    assert len(rows_of(exported(mo, f"{AUDIT}.csv?action=none").text)) == 0


def test_no_role_changes_an_entry_on_any_page() -> None:
    owner = accounts.ensure_owner()
    make_moderator(owner)
    entry = AuditEntry.objects.latest("pk")
    before = list(AuditEntry.objects.values())
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    for end in ("", ".csv", ".json", f"/{entry.pk}"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(f"{AUDIT}{end}").status_code in (404, 405)
    rows = f"/admin/data/moderation/auditentry/{entry.pk}"
    for path in (f"{rows}/change/", f"{rows}/delete/", "/admin/data/moderation/auditentry/add/"):
        assert client.post(path, {"action": "x", "post": "yes"}).status_code in (403, 404, 405)
    assert list(AuditEntry.objects.values()) == before


def test_each_export_is_in_the_log_with_its_filter() -> None:
    mo = make_moderator(make_user("mo"))
    today = clock.now().date().isoformat()

    def told() -> list[tuple[str, str, str]]:
        rows = AuditEntry.objects.filter(action="audit.export", actor=mo).order_by("id")
        return [(one.subject_kind, one.subject_id, one.data["filter"]) for one in rows]

    first = exported(mo, f"{AUDIT}.csv")
    assert "audit.export" not in first.text
    assert told() == [("log", "audit.csv", "everything")]
    exported(mo, f"{AUDIT}.json?actor=mo&since={today}&offset=3")
    filtered = ("log", "audit.json", f"actor: mo, since: {today}")
    assert told()[1:] == [filtered]
    # Looking at the page, asking for the head, and what is refused export nothing.
    console = signed_in(mo)
    assert console.head(f"{AUDIT}.csv").status_code == 200
    assert console.get(f"{AUDIT}.csv?since=soon").status_code == 422
    page = console.get(AUDIT).content.decode()
    assert len(told()) == 2
    assert "Exported the audit log" in page
    assert filtered[2] in page
    assert exported(make_user("bob"), f"{AUDIT}.csv").status == 404
    assert len(told()) == 2
