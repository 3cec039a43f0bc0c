"""`/admin/data/`: the owner looks rows up; nothing is changed there, and no one else gets in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import ensure_owner
from builder.operator import data
from runs.models import Run
from tests.support.factories import make_key
from tests.support.running import start, work_off

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
        assert owner.get(address, {"q": "x"}).status_code == 200
        listed = owner.get(address).content.decode()
        first = model._default_manager.order_by("-pk").first()
        if first is None:
            continue
        row = owner.get(reverse(f"admin:{name}_change", args=[first.pk]))
        assert row.status_code == 200
        for page in (listed, row.content.decode()):
            assert SECRET not in page, name
            assert "Save" not in page, name


@pytest.mark.parametrize("word", ["secret", "sha256", "hash", "password", "token", "email"])
def test_no_secret_column_is_read(word: str) -> None:
    for model in data.MODELS:
        assert not [one.name for one in data.shown_fields(model) if word in one.name], model


def test_nothing_is_changed_there(owner: Client, alice: User, run: Run) -> None:
    row = reverse("admin:accounts_user_change", args=[alice.pk])
    assert owner.post(row, {"username": "mallory", "is_staff": "on"}).status_code == 403
    for path in ("accounts/user/add/", f"accounts/user/{alice.pk}/delete/", "login/", "logout/"):
        assert owner.get(INDEX + path).status_code == 404, path
    alice.refresh_from_db()
    assert (alice.username, alice.is_staff) == ("alice", False)


def test_only_owners_learn_that_it_is_there(alice: User, mo: User) -> None:
    paths = (INDEX, "/admin/data", f"{INDEX}runs/", f"{INDEX}runs/run/", f"{INDEX}jsi18n/")
    for path in paths:
        assert Client().get(path)["Location"].startswith("/sign-in")
    for person in (alice, mo):
        client = Client()
        client.force_login(person)
        for path in paths if person is alice else (INDEX, *paths[2:]):
            assert client.get(path).status_code == 404, path
