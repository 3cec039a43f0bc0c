"""`manage.py providers` lists, pauses, resumes and limits, and the audit log has each of them."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ApiKey, User
from moderation.models import AuditEntry
from tests.support.builders.factories import make_key

pytestmark = pytest.mark.django_db


def providers(*words: str) -> str:
    out = StringIO()
    call_command("providers", *words, stdout=out)
    return out.getvalue()


def line_of(name: str) -> str:
    (line,) = (line for line in providers().splitlines() if line.startswith(f"{name} "))
    return line


def test_it_lists_every_provider_with_its_label() -> None:
    heading, *rows = providers("list").splitlines()
    assert heading.split() == ["NAME", "TITLE", "LABEL", "AT", "WORK", "WAITING", "LIMITS", "PAUSE"]
    assert {row.split()[0] for row in rows} >= {"studio", "bookkeeping", "test", "paid-service"}
    assert "remote" in line_of("paid-service")
    assert "no limits" in line_of("paid-service")


def test_pause_and_resume_are_seen_and_logged() -> None:
    said = providers("pause", "paid-service", "--reason", "Their server is down")
    assert said == "paid-service is paused. Its steps wait; what is at work goes on.\n"
    assert line_of("paid-service").endswith(": Their server is down")
    assert providers("resume", "paid-service") == "paid-service goes on.\n"
    assert providers("resume", "paid-service") == "paid-service isn't paused.\n"
    assert "since" not in line_of("paid-service")
    logged = AuditEntry.objects.order_by("id").values_list("action", "subject_kind", "subject_id")
    assert list(logged) == [
        ("queue.pause", "provider", "paid-service"),
        ("queue.resume", "provider", "paid-service"),
    ]


def test_numbers_are_set_one_by_one_and_taken_back() -> None:
    assert providers("limit", "test", "--at-once", "4", "--person-share", "0.5") == (
        "test: 4 at once, 50% for one person.\n"
    )
    assert providers("limit", "test", "--per-minute", "30") == (
        "test: 4 at once, 30 per minute, 50% for one person.\n"
    )
    assert providers("limit", "test", "--at-once", "none", "--person-share", "none") == (
        "test: 30 per minute.\n"
    )
    assert providers("limit", "test", "--none") == "test: no limits.\n"
    entry = AuditEntry.objects.earliest("id")
    assert entry.data["before"] == {"at_once": "not set", "person_share": "not set"}
    assert entry.data["after"] == {"at_once": 4, "person_share": 0.5}


def test_an_api_key_is_named_by_its_id_or_its_beginning(alice: User) -> None:
    secret = make_key(alice, "batch")
    key = ApiKey.objects.get()
    assert providers("limit", f"key:{key.pk}", "--at-once", "2") == f"key:{key.pk}: 2 at once.\n"
    beginning = "_".join(secret.split("_")[:2])
    providers("pause", f"key:{beginning}", "--reason", "Too many requests")
    assert "batch of alice" in line_of(f"key:{key.pk}")
    assert line_of(f"key:{key.pk}").endswith(": Too many requests")
    assert providers("limit", f"key:{key.pk}", "--none") == f"key:{key.pk}: no limits.\n"
    with pytest.raises(CommandError, match="person_share is no limit of key:"):
        providers("limit", f"key:{key.pk}", "--person-share", "0.5")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pause", "nowhere", "--reason", "x"], "No provider is called nowhere. There are: "),
        (["pause", "key:999999", "--reason", "x"], "No provider or API key is called key:999999"),
        (["pause", "key:rg_unknown", "--reason", "x"], "No API key begins with rg_unknown."),
        (["pause", "test", "--reason", " "], "Reason: write what people should know."),
        (["pause", "test", "--reason", "x" * 201], "Reason: too long, 201 of 200 characters."),
        (["pause", "test"], "the following arguments are required: --reason"),
        (["limit", "test"], "Give --at-once, --per-minute, --person-share or --none."),
        (["limit", "test", "--at-once", "0"], "at_once must be a whole number from 1 to 100000."),
        (["limit", "test", "--person-share", "nan"], "person_share must be above 0 and at most 1"),
        (["limit", "test", "--at-once", "many"], "many is not a whole number or none."),
    ],
)
def test_a_wrong_word_is_named(words: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        providers(*words)
    assert not AuditEntry.objects.exists()
