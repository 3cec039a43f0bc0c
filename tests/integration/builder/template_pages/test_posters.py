"""The picture of a graph is drawn once for each version, and kept with it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from templates_app.graph import svg_poster
from templates_app.models import Poster
from tests.support.at_once import at_once
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import make_public
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def large(count: int) -> list[dict[str, Any]]:
    """A chain of stages."""
    return [
        {
            "id": f"s{place}",
            "type": "fixed",
            "label": f"Stage {place}",
            "tool": "note",
            "produces": [f"a{place}"],
            "args": {"text": f"$artifacts.a{place - 1}.kind"} if place else {},
        }
        for place in range(count)
    ]


def test_the_second_request_draws_nothing(alice: User) -> None:
    template = make_public(alice)
    path = f"/t/{template.public_id}/poster.svg"
    first = Client().get(path)
    assert first["Content-Type"] == "image/svg+xml"
    assert "sandbox" in first["Content-Security-Policy"]
    row = Poster.objects.get(version=template.published_id)
    assert first.content.decode() == row.svg
    # What is answered now is the row, whatever a new drawing would look like.
    Poster.objects.update(svg="<svg>kept</svg>")
    second = Client().get(path)
    assert second.content == b"<svg>kept</svg>"
    assert second["ETag"] == first["ETag"]


def test_a_304_reads_no_graph(alice: User) -> None:
    template = make_public(alice)
    path = f"/t/{template.public_id}/poster.svg"
    etag = Client().get(path)["ETag"]
    with CaptureQueriesContext(connection) as queries:
        again = Client().get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    asked = " ".join(query["sql"] for query in queries.captured_queries)
    assert '"spec"' not in asked
    assert '"svg"' not in asked


def test_a_new_version_has_a_picture_of_its_own(alice: User) -> None:
    template = make_public(alice)
    path = f"/t/{template.public_id}/poster.svg"
    first = Client().get(path)
    patched(template, stages=large(3))
    second = Client().get(path)
    assert second["ETag"] != first["ETag"]
    assert second.content != first.content


def test_an_older_drawing_is_drawn_again(alice: User) -> None:
    template = make_public(alice)
    path = f"/t/{template.public_id}/poster.svg"
    first = Client().get(path)
    Poster.objects.update(svg="<svg>old</svg>", drawing=0)
    assert Client().get(path).content == first.content


def test_a_private_draft_has_a_picture_for_its_owner_alone(alice: User) -> None:
    template = patched(make_public(alice), visibility="private")
    path = f"/t/{template.public_id}/poster.svg"
    assert signed_in(alice).get(path).status_code == 200
    assert Client().get(path).status_code == 404


@pytest.mark.slow
def test_of_twelve_at_once_one_draws(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve visitors of a graph of 2,000 stages held everyone else for twelve seconds."""
    template = make_public(alice, stages=large(2_000))
    path = f"/t/{template.public_id}/poster.svg"
    drawn = []
    draw = svg_poster.poster

    def counted(*given: Any, **named: Any) -> Any:
        drawn.append(threading.current_thread().name)
        return draw(*given, **named)

    monkeypatch.setattr(svg_poster, "poster", counted)
    answers = at_once([lambda: Client().get(path).content] * 12)
    assert len(drawn) == 1
    assert len(set(answers)) == 1
