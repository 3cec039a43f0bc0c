"""Facts about a provider's models, for programs and people that choose among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.support.builders.running import start, work_off
from tests.support.clients.api import Api
from tools import registry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]
KLING = {
    "title": "Kling 3.0 Pro",
    "by": "Kling",
    "price": {"units": 22.0, "per": "second", "atMost": False, "varies": False},
    "seconds": [3, 15],
    "sizes": ["720p", "1080p"],
    "takes": {"image": 1, "end": 1, "sound": 1},
    "ignores": ["seed", "watermark"],
    "usualSeconds": 180,
    "isDraft": False,
}


@pytest.fixture
def house(settings: Any) -> Iterator[None]:
    settings.EXTRA_TOOL_MODULES = ["tests.support.fakes.house"]
    registry.rebuild()
    yield
    del settings.EXTRA_TOOL_MODULES
    registry.rebuild()


def test_the_palette_has_each_model_as_an_object() -> None:
    tools = {one["name"]: one for one in Client().get("/app/tools").json()["tools"]}
    providers = {one["name"]: one for one in tools["animate_photo"]["providers"]}
    house, studio = providers["house"], providers["studio"]
    assert house["makes"][0] == {"name": "kling-3-pro", "also": ["kling3.0_pro"], **KLING}
    assert [one["name"] for one in house["makes"]][:2] == ["kling-3-pro", "sketch-1"]
    assert (studio["makes"], studio["isDraft"], house["isDraft"]) == ([], True, False)
    # Who is asked for a name is said beside it, as before.
    assert "kling-3-pro" in house["models"]


def test_the_catalog_says_the_same_and_where_tools_differ(
    alice_key: str, api: Callable[..., Api]
) -> None:
    listed = api(alice_key).get("/v1/model-catalog").json()["data"]["models"]
    by_id = {one["id"]: one for one in listed}
    kling = by_id["kling-3-pro"]
    assert (kling["name"], kling["provider"], kling["available"]) == ("Kling 3 Pro", "house", True)
    assert {name: kling[name] for name in KLING} == KLING
    assert kling["byTool"] == {}
    other = by_id["kling3.0_pro"]
    assert {name: other[name] for name in KLING} == KLING
    poster = by_id["poster-2"]
    assert poster["tools"] == ["edit_image", "generate_image"]
    assert (poster["price"]["units"], poster["takes"]) == (4, {})
    [(tool, drawn)] = poster["byTool"].items()
    assert (tool, drawn["price"]["units"]) == ("generate_image", 3)
    assert drawn["takes"] == {"image": 14, "seed": 1}
    # The studio takes any name and draws as it always does.
    drafts = [one for one in listed if one["provider"] == "studio"]
    assert drafts
    assert all(one["isDraft"] and one["price"] is None for one in drafts)
    flat = api(alice_key).get("/v1/models", {"all": "true"}).json()["data"]
    assert {*flat[0]} == {"id", "object", "created", "owned_by"}


def test_a_result_says_who_made_it_and_what_was_booked(alice: User) -> None:
    arguments = {"prompt": "a lamp", "model": "poster-2"}
    run = start(alice, [{"toolName": "generate_image", "arguments": arguments}])
    work_off()
    client = Client()
    client.force_login(alice)
    said = "Poster Two by House · 1 × 1 · booked 2.5 credits"
    assert "Draft quality" not in client.get(f"/runs/{run.public_id}").content.decode()
    for address in ("state", "page"):
        [step] = client.get(f"/app/runs/{run.public_id}/{address}").json()["steps"]
        assert step["artifacts"][0]["madeBy"] == said
