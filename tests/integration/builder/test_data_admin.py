"""`/admin/data/`: the owner looks rows up and corrects names; no one else gets in."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts import security, services
from accounts.models import User
from accounts.services import ensure_owner
from builder.staff.operator import data
from moderation import audit_log
from moderation.models import AuditEntry
from notices.models import Notice
from runs.models import Run
from tests.support.builders.factories import make_key
from tests.support.builders.running import start, work_off
from tests.support.routes import django_routes, with_id

pytestmark = pytest.mark.django_db
INDEX = "/admin/data/"
SECRET = "a heron in the fog"


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(ensure_owner())
    return client


@pytest.fixture
def run(alice: User) -> Run:
    make_key(alice)
    run = start(alice, [{"id": "a", "toolName": "note", "arguments": {"text": SECRET}}])
    work_off()
    return run


def test_the_owner_sees_every_list_and_row(owner: Client, run: Run) -> None:
    assert owner.get("/admin/data")["Location"] == INDEX
    assert f'href="{INDEX}"' in owner.get("/admin/").content.decode()
    index = owner.get(INDEX).content.decode()
    for model in data.MODELS:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        address = reverse(f"admin:{name}_changelist")
        assert address in index
        listed = owner.get(address).content.decode()
        if 'name="q"' in listed:
            assert owner.get(address, {"q": "x"}).status_code == 200
        first = model._default_manager.order_by("-pk").first()
        if first is None:
            continue
        row = owner.get(reverse(f"admin:{name}_change", args=[first.pk]))
        assert row.status_code == 200
        for page in (listed, row.content.decode()):
            assert SECRET not in page, name
            assert ("Save" in page) == (page != listed and model in data.CORRECTED), name


def test_a_list_ends_after_the_newest_rows(owner: Client, alice: User) -> None:
    Notice.objects.bulk_create(
        Notice(person=alice, kind="run_done", about=f"{number}", text="Done.", url="/me")
        for number in range(data.NEWEST + 1)
    )
    oldest = Notice.objects.order_by("pk")[0]
    last = owner.get(f"{INDEX}notices/notice/", {"p": data.NEWEST // data.PAGE}).content.decode()
    assert f"{data.NEWEST} notices" in last
    assert f"/notice/{oldest.pk + 1}/change/" in last
    assert f"/notice/{oldest.pk}/change/" not in last


def test_no_secret_column_is_read() -> None:
    words = ("secret", "sha256", "hash", "password", "token", "email")
    for model in data.MODELS:
        names = [one.name for one in data.shown_fields(model)]
        assert not [name for name in names if any(word in name for word in words)], model


def test_names_are_corrected_and_logged(owner: Client, alice: User) -> None:
    key, _ = services.create_api_key(user=alice, name="old")
    for kind, row, field in (("user", alice, "display_name"), ("key", key, "name")):
        model = row._meta.model_name
        address = reverse(f"admin:accounts_{model}_change", args=[row.pk])
        before = getattr(row, field)
        answer = owner.post(
            address, {field: "  Ada   L. ", "username": "mallory", "is_staff": "on"}
        )
        assert answer.status_code == 302, answer.content
        row.refresh_from_db()
        assert getattr(row, field) == "Ada L."
        entry = AuditEntry.objects.latest("id")
        assert (entry.action, entry.subject_kind) == ("data.correct", kind)
        assert entry.subject_id == str(row.pk)
        assert entry.data == {"before": {field: before}, "after": {field: "Ada L."}}
        assert entry.actor is not None
        assert entry.actor.username == "owner"
        # Sent once more, it changes and logs nothing.
        assert owner.post(address, {field: "Ada L."}).status_code == 302
        assert AuditEntry.objects.latest("id") == entry
    alice.refresh_from_db()
    assert (alice.username, alice.is_staff) == ("alice", False)
    assert not LogEntry.objects.exists()


def test_a_name_that_cannot_be_one_is_refused(owner: Client, alice: User) -> None:
    address = reverse("admin:accounts_user_change", args=[alice.pk])
    for text in ("Reelgraph", "a\x00b"):
        answer = owner.post(address, {"display_name": text})
        assert answer.status_code == 200, text
        assert "errorlist" in answer.content.decode(), text
        alice.refresh_from_db()
        assert alice.display_name == "", text
        assert not AuditEntry.objects.exists(), text


def test_those_who_left_keep_their_name(owner: Client, alice: User) -> None:
    services.erase_user(user=alice)
    row = reverse("admin:accounts_user_change", args=[alice.pk])
    assert owner.post(row, {"display_name": "Ada"}).status_code == 403
    alice.refresh_from_db()
    assert alice.display_name == "deleted user"


def test_no_other_row_is_changed_added_or_deleted(owner: Client, alice: User, run: Run) -> None:
    """Each model of the site, by every way that Django's admin has."""
    services.create_api_key(user=alice, name="key")
    security.record(security.SIGN_IN, user=alice)
    audit_log.enter(actor=alice, action="x.y", subject_kind="user", subject_id="1", data={})
    for model in data.MODELS:
        first = model._default_manager.order_by("-pk").first()
        if first is None:
            continue
        rows = model._default_manager.filter(pk=first.pk)
        before = rows.values().get()
        listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        posted = {
            **{one.attname: "1" for one in model._meta.concrete_fields if not one.primary_key},
            "display_name": before.get("display_name", ""),
            "name": before.get("name", ""),
        }
        status = 302 if model in data.CORRECTED else 403
        assert owner.post(f"{listed}{first.pk}/change/", posted).status_code == status, model
        bulk = {"action": "delete_selected", "_selected_action": [first.pk], "post": "yes"}
        edited = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "_save": "Save"}
        for body in (bulk, {**edited, "form-0-id": first.pk, **posted}):
            assert owner.post(listed, body).status_code in (200, 302, 403), model
        for path in ("add/", f"{first.pk}/delete/", f"{first.pk}/history/"):
            assert owner.post(listed + path, {**posted, "post": "yes"}).status_code == 404, path
        assert rows.values().get() == before, model
    for path in ("login/", "logout/"):
        assert owner.get(INDEX + path).status_code == 404, path


def test_operators_see_their_lists_alone(mo: User, run: Run) -> None:
    client = Client()
    client.force_login(mo)
    own = ("accounts/onetimelink/", "accounts/onetimelink/add/", "notices/mail/")
    routes = [route for route in django_routes(INDEX) if "(" not in route and route != INDEX]
    for route in routes:
        path = with_id(route, "1")
        is_own = path.removeprefix(INDEX) in (*own, "jsi18n/")
        assert client.get(path).status_code == (200 if is_own else 404), path
    index = client.get(INDEX).content.decode()
    links = set(re.findall(rf'href="({INDEX}[^"]+)"', index))
    apps = {f"{INDEX}accounts/", f"{INDEX}notices/"}
    assert links - apps == {f"{INDEX}{path}" for path in own}
    for app in apps:
        assert "user" not in client.get(app).content.decode().replace("username", "")
    assert client.get(f"{INDEX}runs/").status_code == 404


def test_columns_that_are_not_shown_are_no_filter(owner: Client, alice: User) -> None:
    for path, query in (
        ("accounts/user/", {"password__startswith": "p"}),
        ("accounts/user/", {"email": "a@example.org"}),
        ("accounts/onetimelink/", {"token_sha256": "a"}),
        ("accounts/onetimelink/", {"subject__startswith": "a"}),
        ("notices/mail/", {"text__contains": "a"}),
        ("notices/mail/", {"address": "a"}),
        ("notices/mail/", {"person__password__startswith": "p"}),
        ("roles/", {"password__startswith": "p"}),
    ):
        assert owner.get(INDEX + path, query).status_code == 400, path
    assert owner.get(f"{INDEX}accounts/user/", {"username": "alice"}).status_code == 200
