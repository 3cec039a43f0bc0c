"""What differs by data between SQLite and Postgres: case, wildcards, NULL, numbers, times, keys.

One expectation for both.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import ledger
from accounts.models import MailAddress, User
from core import clock
from media.models import Upload
from notices.models import Mail
from runs.models import Run
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import make_moderator
from tests.support.builders.templates import TEMPLATES
from tests.support.clients.api import Api
from tests.support.clients.visitors import form_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
RUNS = "/v1/creative-agent/workflows"
PEOPLE = "/admin/people"
QUEUE = "/admin/moderation/"
AUDIT = "/admin/moderation/audit"
ADDRESS = "Ada@Example.org"
BEYOND = (2**31, 2**63 - 1, 2**63, 10**30)


@pytest.fixture
def operator(mo: User) -> Client:
    return signed_in(mo)


def media_at(client: Client, query: str) -> list[str]:
    answer = client.get(f"/me/media?{query}")
    assert answer.status_code == 200
    return re.findall(r'aria-label="Select ([^"]*)"', answer.content.decode())


def people_at(client: Client, text: str) -> list[str]:
    page = client.get(f"{PEOPLE}?q={quote(text)}").content.decode()
    return re.findall(r'<a class="operator-title"\s+href="[^"]+"><bdi>([^<]*)</bdi>', page)


@pytest.mark.parametrize("text", ["élodie ö", "ÖRN"])
def test_a_person_is_found_by_letters_of_either_case(
    operator: Client, alice: User, bob: User, text: str
) -> None:
    User.objects.filter(pk=alice.pk).update(display_name="Élodie Örn")
    assert people_at(operator, text) == ["alice"]


@pytest.mark.parametrize(
    ("text", "name"), [("0%", "carl"), ("e_c", "dora"), ("k\\s", "erik"), ("%", "carl")]
)
def test_wildcards_of_the_database_are_letters_of_a_search(
    operator: Client, text: str, name: str
) -> None:
    for username, display_name in {
        "carl": "50% off", "dora": "snake_case", "erik": "back\\slash", "fay": "500 snakes case"
    }.items():  # fmt: skip
        User.objects.filter(pk=make_user(username).pk).update(display_name=display_name)
    assert people_at(operator, text) == [name]


def test_mail_that_was_not_sent_comes_before_what_was(operator: Client, alice: User) -> None:
    now = clock.now()
    for key, hours, fields in (
        ("sent", 3, {"sent_at": now}),
        ("sent before", 2, {"sent_at": now - timedelta(hours=1)}),
        ("given up", 4, {"given_up": "550"}),
        ("due later", 5, {}),
        ("due", 1, {}),
    ):
        due_at = now + timedelta(hours=hours)
        row = Mail(person=alice, key=key, purpose="comment", due_at=due_at, address="a@b.org")
        Mail.objects.bulk_create([row])
        Mail.objects.filter(key=key).update(**fields)
    listed = operator.get("/admin/data/notices/mail/").context["cl"].result_list
    assert [Mail.objects.get(pk=row.pk).key for row in listed] == [
        "due", "due later", "given up", "sent", "sent before"
    ]  # fmt: skip


def test_files_of_one_moment_are_listed_once_each_place_by_place(alice: User) -> None:
    moment = clock.now()
    files = [make_upload(alice, make_blob(jpeg_with_place()), filename=f"{n}.jpg") for n in "abcd"]
    for file, public_id in zip(files, ("upl_b", "upl_a", "upl_-", "upl_0"), strict=True):
        Upload.objects.filter(pk=file.pk).update(public_id=public_id, completed_at=moment)
    client = signed_in(alice)
    at = moment.replace(tzinfo=None).isoformat(timespec="microseconds")
    whole = ["a.jpg", "b.jpg", "d.jpg", "c.jpg"]
    assert media_at(client, "") == whole
    for place, public_id in enumerate(("upl_b", "upl_a", "upl_0", "upl_-"), 1):
        assert media_at(client, f"before={at}Z~{public_id}") == whole[place:]


def test_numbers_and_texts_of_a_template_come_back_as_equal(alice_key: str) -> None:
    api = Api(alice_key)
    fields = {
        "zebra": [2**53 + 1, -(2**63), 2**63 - 1, 1e16, 1e-7, 0.1, 1.5, 0],
        "a": ["", None, False, "\\u0000", "\u2028 \U0001f98a é e\u0301", {"": {}, "É": []}],
    }
    made = api.post(TEMPLATES, {"name": "Kept", "futureField": fields}).json()["data"]["template"]
    again = api.get(f"{TEMPLATES}/{made['id']}").json()["data"]["template"]
    for template in (made, again):
        assert template["futureField"] == fields


@pytest.mark.parametrize("number", BEYOND)
def test_a_number_that_no_column_holds_names_nothing(mo: User, alice: User, number: int) -> None:
    operator = signed_in(make_moderator(mo))
    assert operator.get(f"{AUDIT}?before={number}").status_code == 200
    assert operator.get(f"{PEOPLE}?offset={number}").status_code == 200
    assert operator.get(f"/admin/moderation/cases/{number}").status_code == 404
    assert operator.post(f"/admin/moderation/appeals/{number}").status_code == 404
    client = signed_in(alice)
    assert client.post(f"/me/sessions/{number}/end").status_code == 302
    assert client.post(f"/me/templates/folders/{number}/rename", {"name": "x"}).status_code == 404
    assert client.get(f"/app/comments/{number}/author/block").status_code == 404


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2024-02-29"])
def test_the_log_is_read_from_any_day_to_any_day(mo: User, alice: User, day: str) -> None:
    moderator = signed_in(make_moderator(mo))
    for query in (f"since={day}", f"until={day}", f"since={day}&until={day}"):
        assert moderator.get(f"{AUDIT}?{query}").status_code == 200, query


def test_an_address_is_of_one_person_in_any_case_and_none_is_of_everyone(
    alice: User, bob: User, mo: User
) -> None:
    for person in (alice, bob):
        MailAddress.objects.create(person=person, address="")
    MailAddress.objects.filter(person=alice).update(address=ADDRESS, verified_at=clock.now())
    same = {"address": ADDRESS.lower(), "verified_at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        MailAddress.objects.filter(person=bob).update(**same)
    operator = signed_in(mo)
    path = f"{PEOPLE}/new"
    for name in ("alice", "ALICE", "aLiCe"):
        refused = operator.post(path, {"username": name, "form": form_of(operator, path)})
        assert "is taken" in refused.content.decode()


@pytest.mark.parametrize("letter", ["x", "é", "猫", "\U0001f98a"])
def test_a_key_of_the_greatest_length_is_one_request(alice_key: str, letter: str) -> None:
    api = Api(alice_key)
    body: dict[str, Any] = {"input": {"steps": [{"toolName": "note", "arguments": {}}]}}
    first, again = (api.post(RUNS, {**body, "idempotency_key": letter * 255}) for _ in range(2))
    assert first.status_code == 201, first.json()
    assert again.json()["data"]["workflow"] == first.json()["data"]["workflow"]
    assert Run.objects.count() == 1


def test_thousandths_of_a_credit_add_up_exactly(alice: User) -> None:
    for number in range(10):
        ledger.grant(user=alice, milli=1, ref=f"grant:{number}")
    ledger.grant(user=alice, milli=2**40, ref="grant:much")
    assert ledger.balance(alice) == 2**40 + 10
