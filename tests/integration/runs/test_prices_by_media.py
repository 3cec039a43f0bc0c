"""A provider may price a call by its files: by those that the caller brings, and at most for
those that another step is still to make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from runs.engine import advance
from runs.log.changes import changing
from templates_app.graph.types import MediaRef
from tests.support.builders.plans import batch, gate, late, run_plan, step
from tests.support.builders.running import start, work_off
from tests.support.clients.api import Api
from tests.support.fakes.tools import asked
from tests.support.fakes.versioned import MOST_PIXELS, PRESS
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]
UNITS_A_PIXEL = 5


@pytest.fixture(autouse=True)
def press(settings: Settings) -> Iterator[None]:
    """A provider that prices its wood by the pixel."""
    settings.EXTRA_TOOL_MODULES = [*settings.EXTRA_TOOL_MODULES, "tests.support.fakes.versioned"]
    PRESS.milli_a_pixel = {"wood": 1000 * UNITS_A_PIXEL}
    registry.rebuild()
    yield
    settings.EXTRA_TOOL_MODULES = settings.EXTRA_TOOL_MODULES[:-1]
    PRESS.milli_a_pixel, PRESS.charges = {}, None
    registry.rebuild()


def units(api: Api, steps: list[dict[str, Any]], *urls: str) -> float:
    """Return what a run that waits for its cost to be accepted would cost."""
    media = [{"kind": "image", "url": url} for url in urls]
    body = {"input": {"steps": steps}, "media_references": media, "confirm_cost": False}
    answer = api.post(PATH, body)
    assert answer.status_code == 201, answer.content
    return float(answer.json()["data"]["workflow"]["estimatedCapacityUnits"])


def printing(key: str, model: str, **arguments: Any) -> dict[str, Any]:
    return {"id": key, "toolName": "print", "arguments": {"model": model, **arguments}}


def prints() -> list[dict[str, Any]]:
    """Return what the provider was asked to print."""
    return [call for call in asked() if call.get("tool") == "print"]


@pytest.fixture
def picture(api: ApiFactory, alice: User, alice_key: str) -> str:
    """The address of a picture of one pixel."""
    run = start(alice, [{"id": "a", "toolName": "note", "arguments": {"text": "a fox"}}])
    work_off()
    shown = api(alice_key).get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]
    return str(shown["artifacts"][0]["url"])


def test_a_file_that_is_brought_is_priced_by_its_own_size(mine: Api, picture: str) -> None:
    by_position = printing("a", "wood", sourceImageIndex=-1)
    assert units(mine, [by_position], picture) == UNITS_A_PIXEL
    by_address = printing("a", "wood", source_image_url=picture)
    assert units(mine, [by_address]) == UNITS_A_PIXEL


def test_a_file_that_is_still_to_be_made_costs_the_most_it_may(mine: Api) -> None:
    steps = [
        printing("a", "copper"),
        {**printing("b", "wood", sourceImageIndex=0), "dependsOn": ["a"]},
    ]
    copper = units(mine, steps[:1])
    assert units(mine, steps) == copper + UNITS_A_PIXEL * MOST_PIXELS


def test_a_price_by_arguments_alone_stays_what_it_was(mine: Api, picture: str) -> None:
    with_file = units(mine, [printing("a", "copper", sourceImageIndex=-1)], picture)
    assert with_file == units(mine, [printing("a", "copper")])


def test_a_price_that_rose_is_asked_about_before_anything_is_sent(mine: Api, picture: str) -> None:
    body = {"input": {"steps": [printing("a", "wood", source_image_url=picture)]}}
    name = mine.post(PATH, body).json()["data"]["workflow"]["workflowId"]
    PRESS.milli_a_pixel = {"wood": 1000 * 2 * UNITS_A_PIXEL}
    asked_before = len(prints())
    work_off()
    waiting = mine.get(f"{PATH}/{name}").json()["data"]["workflow"]
    assert waiting["status"] == "waiting_for_user"
    assert "press now quotes 10 credits for Print, instead of 5 credits." in str(waiting)
    assert len(prints()) == asked_before
    confirmed = mine.post(f"{PATH}/{name}/confirm-cost", {"decision": "confirm"})
    assert confirmed.status_code == 200, confirmed.content
    work_off()
    done = mine.get(f"{PATH}/{name}").json()["data"]["workflow"]
    assert done["status"] == "completed"
    assert done["actualCapacityUnits"] == 2 * UNITS_A_PIXEL
    assert len(prints()) == asked_before + 1


def test_a_price_that_fell_or_is_within_an_accepted_limit_asks_no_one(
    mine: Api, picture: str
) -> None:
    step = printing("a", "wood", source_image_url=picture)
    for rise, limit in ((0.5, None), (2, 2 * UNITS_A_PIXEL)):
        PRESS.milli_a_pixel = {"wood": 1000 * UNITS_A_PIXEL}
        body = {"input": {"steps": [step]}, "max_estimated_capacity_units": limit}
        name = mine.post(PATH, body).json()["data"]["workflow"]["workflowId"]
        PRESS.milli_a_pixel = {"wood": round(1000 * rise * UNITS_A_PIXEL)}
        work_off()
        done = mine.get(f"{PATH}/{name}").json()["data"]["workflow"]
        assert done["status"] == "completed", rise


def test_a_charge_above_the_quote_is_told(mine: Api, picture: str) -> None:
    PRESS.charges = 1000 * 7
    body = {"input": {"steps": [printing("a", "wood", source_image_url=picture)]}}
    name = mine.post(PATH, body).json()["data"]["workflow"]["workflowId"]
    work_off()
    events = mine.get(f"{PATH}/{name}/events").content.decode()
    assert "Print cost 7 credits, more than the 5 quoted" in events
    done = mine.get(f"{PATH}/{name}").json()["data"]["workflow"]
    assert done["actualCapacityUnits"] == 7


def test_items_of_a_batch_and_a_stage_done_again_are_priced_by_their_file(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "note", "arguments": {"text": "a fox"}}])
    work_off()
    brought = MediaRef("image", None, f"blob:{run.artifacts.get().blob_id}")
    arguments = {"model": "wood", "sourceImageIndex": -1}
    item = step("prints", "print", arguments=arguments, late=(late("text", "$item"),))
    printed = run_plan(
        alice,
        batch("prints", item, items=("one", "two", "three")),
        step("cover", "print", arguments=arguments),
        gate("cover"),
        media=[brought],
    )
    work_off()
    items = printed.steps.filter(parent__key="prints")
    prices = items.values_list("estimated_milli", flat=True)
    assert list(prices) == [1000 * UNITS_A_PIXEL] * 3
    with changing(printed.id) as change:
        advance.redo(change, printed.steps.get(key="cover"), {})
    assert printed.steps.get(key="cover").estimated_milli == 1000 * UNITS_A_PIXEL
