"""GET …/templates?exposeToLLM and q: what agents are offered, in the order of llmPriority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from templates_app.lifecycle.purging import delete_private
from templates_app.models import Template
from tests.support.builders.templates import TEMPLATES, make_public, make_template
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
ApiFactory = Callable[..., Api]


def listed(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [template["id"] for template in answer.json()["data"]["templates"]]


def asked(api: Api, **query: str) -> list[str]:
    return listed(api.get(TEMPLATES, query))


@pytest.fixture
def shelf(alice: User, bob: User) -> None:
    """In this order of time; the number in a name is its priority."""
    make_template(alice, id="plain")
    make_template(alice, id="usual", exposeToLLM=True)
    make_template(alice, id="late-200", exposeToLLM=True, llmPriority=200)
    make_public(alice, id="first-1", exposeToLLM=True, llmPriority=1)
    make_template(bob, id="bobs-secret", exposeToLLM=True, llmPriority=0)
    make_public(bob, id="bobs-50.5", exposeToLLM=True, llmPriority=50.5)
    make_public(bob, id="bobs-usual", exposeToLLM=True)
    make_public(bob, id="bobs-plain", llmPriority=3)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"exposeToLLM": "true"}, ["first-1", "bobs-50.5", "bobs-usual", "usual", "late-200"]),
        ({"exposeToLLM": "true", "visibility": "own"}, ["first-1", "usual", "late-200"]),
        (
            {"exposeToLLM": "TRUE", "visibility": "public"},
            ["first-1", "bobs-50.5", "bobs-usual"],
        ),
        ({"exposeToLLM": "false"}, ["bobs-plain", "plain"]),
        ({"expose_to_llm": "0", "visibility": "own"}, ["plain"]),
        ({"exposeToLLM": "", "visibility": "own"}, ["first-1", "late-200", "usual", "plain"]),
    ],
)
def test_agents_are_offered_what_is_exposed_by_priority(
    api: ApiFactory, shelf: None, alice_key: str, query: dict[str, str], ids: list[str]
) -> None:
    assert asked(api(alice_key), **query) == ids


def test_pages_go_through_the_order(api: ApiFactory, shelf: None, alice_key: str) -> None:
    ids: list[str] = []
    offset: int | None = 0
    while offset is not None:
        query = {"exposeToLLM": "true", "limit": "2", "offset": str(offset)}
        answer = api(alice_key).get(TEMPLATES, query)
        ids += listed(answer)
        offset = answer.json()["data"]["next"]
    assert ids == ["first-1", "bobs-50.5", "bobs-usual", "usual", "late-200"]


@pytest.mark.parametrize("value", ["yes", "2", "null", "tru", "true,false"])
def test_another_value_is_refused_with_words(api: ApiFactory, alice_key: str, value: str) -> None:
    answer = api(alice_key).get(TEMPLATES, {"exposeToLLM": value})
    assert answer.status_code == 400
    assert answer.json()["message"] == "`exposeToLLM` must be true or false."


def test_words_narrow_every_list(api: ApiFactory, alice: User, bob: User, alice_key: str) -> None:
    make_template(alice, id="mine", name="A lighthouse at night", exposeToLLM=True)
    make_template(alice, id="tagged", name="Two", tags=["Lighthouses"])
    make_public(bob, id="theirs", name="Storm", description="Über a lighthouse", exposeToLLM=True)
    make_public(bob, id="other", name="A cat", exposeToLLM=True)
    client = api(alice_key)
    assert asked(client, q="light") == ["theirs", "tagged", "mine"]
    assert asked(client, q="LIGHTHOUSE uber") == ["theirs"]
    assert asked(client, q="lighthouse", exposeToLLM="true") == ["theirs", "mine"]
    assert asked(client, q="lighthouse", exposeToLLM="false") == ["tagged"]
    assert asked(client, q="lighthouse", visibility="public") == ["theirs"]
    assert asked(client, q="light", limit="1", offset="1") == ["tagged"]
    assert asked(client, q="dog") == asked(client, q="…!") == []
    assert len(asked(client, q="  ")) == 4


def test_a_template_counts_as_its_viewer_sees_it(
    api: ApiFactory, alice: User, alice_key: str, bob_key: str, mo: User
) -> None:
    template = make_public(alice, id="one", exposeToLLM=True, llmPriority=5)
    mine, theirs = api(alice_key), api(bob_key)
    exposed = {"exposeToLLM": "true"}
    assert asked(mine, **exposed) == asked(theirs, **exposed) == ["one"]
    mine.patch(f"{TEMPLATES}/one", {"exposeToLLM": False})
    assert asked(mine, **exposed) == asked(theirs, **exposed) == []
    mine.patch(f"{TEMPLATES}/one", {"exposeToLLM": True, "llmPriority": None})
    template.refresh_from_db()
    assert (template.agent_rank, template.public_agent_rank) == (100, 100)
    # Withdrawn, hidden and taken away: no longer offered to others.
    mine.patch(f"{TEMPLATES}/one", {"visibility": "private"})
    assert (asked(mine, **exposed), asked(theirs, **exposed)) == (["one"], [])
    mine.patch(f"{TEMPLATES}/one", {"visibility": "public"})
    assert asked(theirs, **exposed) == ["one"]
    delete_private(owner=alice)
    assert asked(theirs, **exposed) == ["one"]
    Template.objects.filter(pk=template.pk).update(moderation="removed")
    assert asked(theirs, **exposed) == []


def test_a_fork_keeps_what_it_was_offered_as(api: ApiFactory, alice: User, bob_key: str) -> None:
    make_public(alice, id="one", exposeToLLM=True, llmPriority=5)
    fork = api(bob_key).post(f"{TEMPLATES}/one/fork", {}).json()["data"]["template"]
    assert asked(api(bob_key), exposeToLLM="true", visibility="own") == [fork["id"]]


def test_priorities_of_any_size_have_an_order(api: ApiFactory, alice: User, alice_key: str) -> None:
    for name, priority in (("huge", 2**62), ("tiny", -(2**62)), ("zero", 0), ("some", 7.25)):
        make_template(alice, id=name, exposeToLLM=True, llmPriority=priority)
    assert asked(api(alice_key), exposeToLLM="true") == ["tiny", "zero", "some", "huge"]


def test_the_list_reads_by_indexes(api: ApiFactory, shelf: None, alice_key: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a planner with figures reads so few rows whole")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        asked(api(alice_key), exposeToLLM="true")
    plans = []
    with connection.cursor() as cursor:
        for query in seen.captured_queries:
            if 'agent_rank" IS NOT NULL' in query["sql"]:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plans.append(" ".join(str(row[3]) for row in cursor.fetchall()))
    assert len(plans) == 2
    assert "tpl_agents_mine" in plans[0]
    assert "tpl_agents_public" in plans[1]
    assert all("TEMP B-TREE" not in plan for plan in plans)


def test_the_templates_page_says_where_agents_find_it(alice: User) -> None:
    make_public(alice, id="one", exposeToLLM=True, llmPriority=7.5)
    make_public(alice, id="two")
    browser = signed_in(alice)
    assert "Rank 7.5" in browser.get("/t/one").content.decode()
    assert "Offered to agents" not in browser.get("/t/two").content.decode()
