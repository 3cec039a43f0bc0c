"""*Make a template* and *Unpack* in the editor: what the stages have made is theirs as before."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from runs.models import Run
from tests.support.builders.drafts import note
from tests.support.builders.templates import make_template
from tests.support.clients.editors import Editor

pytestmark = pytest.mark.django_db(transaction=True)

Stage = dict[str, Any]
WORDS = {"name": "words", "type": "text", "default": "a lighthouse at dusk"}
LINES = {"name": "lines", "type": "text", "multiple": True, "default": ["fox", "owl"]}


def stage(key: str, tool: str, **args: Any) -> Stage:
    return {
        "id": key,
        "label": key.title(),
        "type": "fixed",
        "tool": tool,
        "args": args,
        "produces": [key],
    }


def each(key: str, tool: str = "note", **args: Any) -> Stage:
    """A stage repeated for each line."""
    item = {"type": "fixed", "tool": tool, "args": args}
    return {
        "id": key,
        "label": key.title(),
        "type": "batch",
        "overBinding": "$inputs.lines",
        "itemName": "line",
        "itemStage": item,
        "produces": [key],
    }


# The last takes what the others make.
FILM = [
    note("sky", "$inputs.words"),
    stage("hero", "generate_image", prompt="$inputs.words", width=64, height=64),
    stage("better", "edit_image", prompt="warmer", source_image_url="$artifacts.hero"),
    stage("large", "upscale_image", source_image_url="$artifacts.better"),
    stage("facts", "extract_metadata", source_image_url="$artifacts.large"),
    note("card", "$inputs.words", "sky"),
    note("end", "The end", "card"),
    note("poster", "poster", "better"),
]


class Maker(Editor):
    """An editor who makes templates of stages, and unpacks them again."""

    def answered(self, name: str, **body: Any) -> list[str]:
        """Make the change that the server answers with; the keys of the stages that are new."""
        answer = self.post(f"uses/{name}", **body)
        assert answer.status_code == 200, answer.content
        change = {"id": str(uuid4()), "label": name, "ops": answer.json()["ops"]}
        sent = {"base": answer.json()["rev"], "clientId": str(uuid4()), "changes": [change]}
        done = self.client.post(self.path("changes"), json.dumps(sent), "application/json")
        assert done.status_code == 200, done.content
        return list(answer.json()["keys"])

    def collapse(self, *keys: str, title: str = "Shot") -> str:
        [key] = self.answered("collapse", stages=keys, title=title)
        return key

    def unpack(self, key: str) -> list[str]:
        return self.answered("unpack", stage=key)

    def ran_again(self) -> Run:
        """Run it once more, and say that it is done."""
        run = self.run(str(uuid4()))
        assert run.status == "completed", run.error
        return run


def maker_of(person: User, *stages: Stage) -> Maker:
    template = make_template(person, stages=[*stages], inputs=[WORDS, LINES], name="Film")
    maker = Maker(person, template)
    maker.open()
    return maker


def files_of(run: Run) -> dict[str, str]:
    """Own id of the step's stage, without the templates around it → what it made."""
    return {
        row.step.key.rpartition(".")[2]: row.blob_id for row in run.artifacts.select_related("step")
    }


def calls_of(run: Run) -> set[str]:
    """The steps of a run that weren't taken over and asked a tool."""
    rows = run.steps.filter(reused_from=None).exclude(kind__in=["group", "expand"])
    return {*rows.values_list("key", flat=True)}


def check_nothing_is_made(maker: Maker, first: Run, *, units: int = 0) -> None:
    """Check that a run makes nothing again and reuses the first run's files. units: as quoted."""
    assert maker.quote()["units"] == units
    again = maker.ran_again()
    assert (again.actual_milli, calls_of(again), files_of(again)) == (0, set(), files_of(first))


def test_stages_that_are_done_cost_nothing_as_a_template_and_unpacked(alice: User) -> None:
    maker = maker_of(alice, *FILM)
    first = maker.ran_again()
    key = maker.collapse(*(one["id"] for one in FILM[:7]))
    check_nothing_is_made(maker, first)
    assert {one["will"] for one in maker.quote()["steps"]} == {"reuse"}
    assert [one["id"] for one in FILM[:7]] == maker.unpack(key)
    check_nothing_is_made(maker, first)


@pytest.mark.slow
def test_a_template_of_templates_and_of_stages_inside_stages_keeps_them_too(alice: User) -> None:
    group = {"id": "group", "type": "fixed", "subStages": [note("x")], "produces": ["group"]}
    maker = maker_of(alice, group, note("a", "a", "group"), note("b", "b", "a"), note("end"))
    first = maker.ran_again()
    check_nothing_is_made(maker, first)
    inner = maker.collapse("group", "a", title="Inner")
    check_nothing_is_made(maker, first)
    outer = maker.collapse(inner, "b", title="Outer")
    check_nothing_is_made(maker, first)
    assert maker.unpack(outer) == [inner, "b"]
    check_nothing_is_made(maker, first)
    maker.unpack(inner)
    check_nothing_is_made(maker, first)


@pytest.mark.slow
def test_what_repeats_for_each_is_kept_inside_and_outside(alice: User) -> None:
    shots = each("shots", text="$item.value", source_image_url="$artifacts.a")
    maker = maker_of(alice, note("a"), shots, note("end", "end", "a"))
    first = maker.ran_again()
    # How many a list has is known once it runs, so its price is what all of them would cost.
    units = maker.quote()["units"]
    outside = maker.collapse("a", "end")
    check_nothing_is_made(maker, first, units=units)
    maker.unpack(outside)
    inside = maker.collapse("a", "shots", title="List")
    check_nothing_is_made(maker, first, units=units)
    maker.unpack(inside)
    check_nothing_is_made(maker, first, units=units)


@pytest.mark.slow
def test_a_template_that_repeats_for_each_keeps_what_each_has_made(alice: User) -> None:
    maker = maker_of(alice, note("still", "$inputs.words"), note("better", "b", "still"))
    shot = maker.collapse("still", "better")
    reference = maker.document.state["stages"]["rows"][shot]["tool"]
    repeated = each("shots", reference, words="$item.value")
    maker.put("stages", shot, {**repeated, "id": shot})
    first = maker.ran_again()
    assert len(calls_of(first)) == 4
    units = maker.quote()["units"]
    check_nothing_is_made(maker, first, units=units)
    whole = maker.collapse(shot, title="Whole")
    check_nothing_is_made(maker, first, units=units)
    maker.unpack(whole)
    check_nothing_is_made(maker, first, units=units)


def test_a_stage_inside_a_template_that_is_made_again_is_kept_from_then_on(alice: User) -> None:
    maker = maker_of(alice, note("still"), note("better", "b", "still"))
    first = maker.ran_again()
    shot = maker.collapse("still", "better")
    second = maker.run("fresh", fresh=[f"{shot}.better"])
    assert calls_of(second) == {f"{shot}.better"}
    assert files_of(second)["still"] == files_of(first)["still"]
    assert files_of(second)["better"] != files_of(first)["better"]
    check_nothing_is_made(maker, second)


def test_a_template_whose_stage_has_another_key_than_its_id_keeps_them(alice: User) -> None:
    maker = maker_of(alice, note("still"), note("better", "b", "still"))
    first = maker.ran_again()
    shot = maker.collapse("still", "better")
    maker.set(shot, "id", value="scene")
    check_nothing_is_made(maker, first)
    maker.unpack(shot)
    check_nothing_is_made(maker, first)
