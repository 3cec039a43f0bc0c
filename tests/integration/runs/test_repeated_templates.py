"""A batch over a template: the whole of it for each element of a list."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from accounts.models import LedgerEntry, User
from core import errors
from runs.models import Artifact, Event, Run, Step
from templates_app import uses
from templates_app.documents.services import open_document
from templates_app.graph.rules.issue_texts import TemplateRefused
from templates_app.models import Template
from tests.integration.runs.test_groups import answer, failing, plain, question
from tests.integration.runs.test_template_stages import (
    LOOK,
    RUNS,
    WORDS,
    Stage,
    newest,
    saw,
    shot,
    use,
    worked_off,
)
from tests.support.builders.drafts import Desk, note, reused
from tests.support.builders.running import generations, start_template, status_after_work, statuses
from tests.support.builders.stage_bodies import batch_stage
from tests.support.builders.templates import make_template
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

LINES = {"name": "lines", "type": "text", "multiple": True, "default": ["fox", "owl"]}


def repeated(key: str, tool: str, over: str = "$inputs.lines", **fields: Any) -> Stage:
    fields = {"label": key.title(), "itemName": "line", **fields}
    return batch_stage(key, over, tool, fields.pop("args", {}), **fields)


def each(key: str = "shots", name: str = "shot", **fields: Any) -> Stage:
    return repeated(key, f"template:{name}@0.0.1", **{"args": {"words": "$item.value"}, **fields})


def taken(run: Run) -> dict[str, list[str]]:
    """Step key → the keys of the steps whose results it was given."""
    makers = dict(Artifact.objects.filter(run=run).values_list("public_id", "step__key"))
    return {
        key: [makers[name] for name in re.findall(r"artifact:(\w+)", json.dumps(resolved))]
        for key, resolved in run.steps.values_list("key", "resolved")
    }


def page_of(person: User, run: Run) -> tuple[str, dict[str, Any]]:
    """The page of a run, and the state that its scripts read."""
    page = signed_in(person).get(f"/runs/{run.public_id}").content.decode()
    return page, json.loads(
        re.findall(r'<script id="run-state"[^>]*>(.*?)</script>', page, re.S)[0]
    )


def test_a_template_runs_for_each_element(alice: User) -> None:
    shot(alice, note("still", "$inputs.words"), newest("better"), inputs=[WORDS])
    second = {"text": "end", "source_image_url": "$artifacts.shots[1]"}
    after = (note("film", "film", "shots"), note("end", args=second))
    run = worked_off(alice, note("first"), each(concurrency=2), *after, inputs=[LINES])
    assert run.status == "completed", run.error
    assert set(statuses(run).values()) == {"completed"}
    keys = run.steps.order_by("sequence", "item_index").values_list("key", flat=True)
    assert [key for key in keys if "." not in key] == [
        "first",
        "shots",
        "shots_0",
        "shots_1",
        "film",
        "end",
    ]
    assert saw(run) == {
        "first": [],
        "shots_0.still": [],
        "shots_1.still": [],
        "shots_0.better": ["shots_0.still"],
        "shots_1.better": ["shots_1.still"],
        "film": ["shots_0.better"],
        "end": ["shots_1.better"],
    }
    texts = dict(Step.objects.filter(run=run).values_list("key", "arguments__text"))
    assert (texts["shots_0.still"], texts["shots_1.still"]) == ("fox", "owl")


def test_a_stage_that_reads_nothing_of_its_element_has_only_a_seed_of_its_own(alice: User) -> None:
    pair = note("pair", args={"copies": 2})
    shot(alice, note("still", "$inputs.words"), pair, inputs=[WORDS])
    run = worked_off(alice, each(), inputs=[{**LINES, "default": ["fox", "owl", "elk"]}])
    pairs = run.steps.filter(key__endswith=".pair").order_by("item_index")
    assert [row.parent.key for row in pairs if row.parent] == ["shots_0", "shots_1", "shots_2"]
    assert [row.arguments["copies"] for row in pairs] == [2, 2, 2]
    assert [row.estimated_milli for row in pairs] == [2000, 2000, 2000]
    first = pairs[0].seed or 0
    assert [row.seed for row in pairs] == [(first + place) % 2**31 for place in range(3)]
    assert run.actual_milli == 3 * (1000 + 2000)


def test_the_newest_behind_a_batch_is_its_last_elements(alice: User) -> None:
    inner = (note("still", "$inputs.words"), note("out", "o", "still"), note("spare"))
    shot(alice, *inner, inputs=[WORDS], outputs={"out": {"from": "$artifacts.out"}})
    run = worked_off(alice, note("first"), each(), newest("film"), inputs=[LINES])
    assert run.status == "completed", run.error
    assert saw(run)["film"] == ["shots_1.out"]


def test_each_element_has_the_file_that_it_is(alice: User) -> None:
    # Found by the first stage, by one that names it, and by one in a template inside.
    shot(alice, newest("own"), inputs=[LOOK], id="inner")
    named = note("named", args={"source_image_url": "$inputs.look"})
    inside = use("inside", "inner", look="$inputs.look")
    shot(alice, newest("found"), named, inside, newest("last"), inputs=[LOOK])
    photos = repeated("photos", "note", args={"text": "$item.value"})
    batch = each(over="$artifacts.photos", args={})
    run = worked_off(alice, photos, batch, inputs=[LINES])
    assert run.status == "completed", run.error
    assert saw(run) == {
        "photos_0": [],
        "photos_1": [],
        **{
            f"shots_{place}.{key}": [source]
            for place in range(2)
            for key, source in {
                "found": f"photos_{place}",
                "named": f"photos_{place}",
                "inside.own": f"photos_{place}",
                "last": f"shots_{place}.inside.own",
            }.items()
        },
    }


@pytest.mark.parametrize("partial", [True, False])
def test_an_element_that_fails(alice: User, partial: bool) -> None:
    is_owl = {"type": "expr", "expression": "inputs.words == 'owl'"}
    shot(
        alice,
        note("still", "$inputs.words"),
        failing("bad", condition=is_owl),
        note("better", "b", "still"),
        inputs=[WORDS],
    )
    lines = {**LINES, "default": ["owl", "fox", "elk"]}
    batch = each(partialExecutionEnabled=partial)
    run = worked_off(alice, batch, plain("end", requiredArtifactsIn=["shots"]), inputs=[lines])
    states = statuses(run)
    assert states["shots_0"] == "failed"
    if partial:
        assert (states["shots_1"], states["shots_2"]) == ("completed", "completed")
        assert (states["shots"], states["end"]) == ("completed", "completed")
        assert run.status == "partial_failure"
    else:
        assert (states["shots_1"], states["shots_2"]) == ("skipped", "skipped")
        assert states["shots_2.still"] == "skipped"
        assert (states["shots"], states["end"], run.status) == ("failed", "skipped", "failed")


def test_an_element_that_asks_lets_others_begin(alice: User) -> None:
    shot(alice, note("still", "$inputs.words"), question("ask"), plain("end"), inputs=[WORDS])
    run = worked_off(alice, each(itemLabelTemplate="{line}"), inputs=[LINES])
    assert run.status == "waiting_for_user"
    _, state = page_of(alice, run)
    assert [turn["place"] for turn in state["page"]["turns"]] == ["Shots › fox", "Shots › owl"]
    tiles = {step["key"]: step["status"] for step in state["steps"]}
    assert (tiles["shots_0"], tiles["shots_1"]) == ("waiting", "waiting")
    states = statuses(run)
    assert (states["shots_0.ask"], states["shots_1.ask"]) == ("waiting", "waiting")
    for key in ("shots_0.ask", "shots_1.ask"):
        answer(run, alice, type="answer", text="yes", stepId=key)
    assert run.status == "completed", run.error
    log = [*Event.objects.filter(run=run).order_by("seq").values_list("seq", flat=True)]
    assert log == [*range(1, len(log) + 1)]


def test_an_element_that_asks_ends_with_one_that_fails(alice: User) -> None:
    is_owl = {"type": "expr", "expression": "inputs.words == 'owl'"}
    asks = {**question("ask"), "condition": {**is_owl, "expression": "inputs.words != 'owl'"}}
    shot(alice, asks, failing("bad", condition=is_owl), inputs=[WORDS])
    run = worked_off(alice, each(), plain("end"), inputs=[LINES])
    assert run.status == "failed"
    states = statuses(run)
    assert (states["shots_0.ask"], states["shots_0"]) == ("skipped", "skipped")
    assert (states["shots_1"], states["shots"]) == ("failed", "failed")
    assert not run.waits.filter(answered_at=None).exists()


def test_a_stage_of_an_element_is_tried_as_often_as_its_batch_says(alice: User) -> None:
    shot(alice, failing("bad"), inputs=[WORDS])
    run = worked_off(alice, each(maxAttemptsPerItem=3), inputs=[{**LINES, "default": ["fox"]}])
    # Its failure is none that is tried again by itself.
    bad = run.steps.get(key="shots_0.bad")
    assert (bad.status, bad.failures) == ("ready", 1)


def at_a_checkpoint(alice: User) -> Run:
    shot(alice, note("still", "$inputs.words"), newest("better"), inputs=[WORDS])
    batch = each(checkpointRequired=True)
    run = worked_off(alice, batch, note("film", "film", "shots"), inputs=[LINES])
    assert run.status == "waiting_for_user"
    return run


def test_one_element_is_redone_at_a_checkpoint(alice: User) -> None:
    run = at_a_checkpoint(alice)
    answer(run, alice, type="redo_item", itemId="shots/1")
    assert run.status == "waiting_for_user"
    again = generations(run)
    assert {key for key, generation in again.items() if generation == 2} == {
        "shots",
        "shots_1",
        "shots_1.still",
        "shots_1.better",
    }
    answer(run, alice, type="approve_checkpoint")
    assert run.status == "completed", run.error


def test_a_second_run_takes_over_what_elements_made(alice: User) -> None:
    shot(alice, note("still", "$inputs.words"), newest("better"), inputs=[WORDS])
    desk = Desk(alice, [note("first"), newest("film")], inputs=[LINES])
    uses.add_use(actor=alice, holder=desk.template, public_id="shot")
    assert desk.run().status == "completed"
    desk.stages = [note("first"), each(), newest("film")]
    # What the elements will make is newer than what it took before.
    assert desk.why() == {"shots": "Runs once per item", "film": "Because Shots runs"}
    assert desk.run().status == "completed"
    again = desk.run()
    assert reused(again) == {
        "first",
        "film",
        *(f"shots_{place}.{key}" for place in range(2) for key in ("still", "better")),
    }
    assert reused(desk.run(fresh=["shots"])) == {"first"}


def test_elements_of_which_nothing_is_to_be_done_end_at_once(alice: User) -> None:
    never = {"type": "expr", "expression": "inputs.words == 'never'"}
    shot(alice, note("still", "$inputs.words", condition=never), inputs=[WORDS])
    lines = {**LINES, "default": [f"line {number}" for number in range(60)]}
    run = worked_off(alice, each(), plain("end"), inputs=[lines])
    assert run.status == "completed", run.error
    assert run.steps.filter(status="skipped").count() == 60


def test_the_api_shows_each_element_with_what_it_made(alice: User, alice_key: str) -> None:
    shot(alice, note("still", "$inputs.words"), note("better", "b", "still"), inputs=[WORDS])
    inner = each("shots", args={"words": "$item.value"})
    shot(alice, note("base", "$inputs.words"), inner, inputs=[WORDS, LINES], id="act")
    run = worked_off(alice, each("acts", "act", concurrency=2), inputs=[LINES])
    answered = Api(alice_key).get(f"{RUNS}/{run.public_id}").json()
    body = answered["data"]["workflow"]
    steps = {step["id"]: step for step in body["steps"]}
    assert [(one["id"], one["index"]) for one in steps["acts"]["items"]] == [
        ("acts_0", 0),
        ("acts_1", 1),
    ]
    assert [(one["id"], one["index"]) for one in steps["acts_1.shots"]["items"]] == [
        ("acts_1.shots_0", 0),
        ("acts_1.shots_1", 1),
    ]
    element = steps["acts_1.shots_0"]
    assert (element["parentId"], element["itemIndex"]) == ("acts_1.shots", 0)
    assert [one["id"] for one in element["items"]] == [
        "acts_1.shots_0.still",
        "acts_1.shots_0.better",
    ]
    member = steps["acts_1.shots_0.better"]
    assert member["parentId"] == "acts_1.shots_0"
    assert "itemIndex" not in member
    assert [one["sourceStepId"] for one in member["dependsOn"]] == ["acts_1.shots_0.still"]

    def made(key: str) -> list[str]:
        return [one["id"] for one in steps[key]["artifacts"]]

    assert made("acts_1.shots_0") == made("acts_1.shots_0.better")
    assert made("acts_1") == made("acts_1.shots_0.better") + made("acts_1.shots_1.better")
    [output] = body["outputs"]
    assert [one["id"] for one in output["artifacts"]] == made("acts_0") + made("acts_1")
    expanded = [one for one in body["events"] if one["event"] == "step_expanded"]
    indices = {one["stepId"]: [item["index"] for item in one["data"]["items"]] for one in expanded}
    assert indices["acts"] == indices["acts_0.shots"] == indices["acts_1.shots"] == [0, 1]


def test_pages_show_elements_with_their_stages_in_them(alice: User) -> None:
    is_owl = {"type": "expr", "expression": "inputs.words == 'owl'"}
    stages = note("still", "$inputs.words"), failing("bad", condition=is_owl)
    shot(alice, *stages, inputs=[WORDS], outputs={"still": {"from": "$artifacts.still"}})
    shown = {"label": "Film of the shots", "itemLabelTemplate": "{line}"}
    run = worked_off(alice, each(partialExecutionEnabled=True, **shown), inputs=[LINES])
    page, state = page_of(alice, run)
    steps = {step["key"]: step for step in state["steps"]}
    parents = {key: step["parent"] for key, step in steps.items()}
    assert parents == {
        "shots": None,
        "shots_0": "shots",
        "shots_1": "shots",
        "shots_0.still": "shots_0",
        "shots_0.bad": "shots_0",
        "shots_1.still": "shots_1",
        "shots_1.bad": "shots_1",
    }
    assert [steps[f"shots_{place}"]["label"] for place in range(2)] == ["fox", "owl"]
    # An element gives what its main output is.
    assert steps["shots_0"]["artifacts"] == steps["shots_0.still"]["artifacts"]
    view = state["page"]["stages"]
    assert view["shots"]["toolTitle"] == "Shot 0.0.1, 2 stages for each of 2"
    assert view["shots"]["units"] == view["shots_0"]["units"] + view["shots_1"]["units"]
    assert view["shots_0"]["units"] == view["shots_0.still"]["units"] + view["shots_0.bad"]["units"]
    anchors = [row["anchor"] for row in view.values() if row["anchor"]]
    assert len(anchors) == len(set(anchors)) == 6
    # Without scripts, each stage has a row with what its elements come to.
    assert re.findall(r'<tr data-step="(\w+)"', page) == ["shots"]
    assert "Done, 1 of 2" in page


# -- sub-stages of a batch -------------------------------------------------------------------------


def each_of(key: str, *stages: Stage, over: str = "$inputs.lines", **fields: Any) -> Stage:
    whole = {"id": key, "label": key.title(), "type": "batch", "overBinding": over}
    return {**whole, "itemName": "line", "produces": [key], "subStages": [*stages], **fields}


def test_sub_stages_run_for_each_element(alice: User) -> None:
    inside = note("still", "$item.value"), newest("better"), note("out", "o", "first")
    named = {"produces": ["shots"]}
    batch = each_of("shots", *inside[:1], {**inside[1], **named}, inside[2], concurrency=2)
    run = worked_off(alice, note("first"), batch, note("film", "film", "shots"), inputs=[LINES])
    assert run.status == "completed", run.error
    texts = dict(Step.objects.filter(run=run).values_list("key", "arguments__text"))
    assert (texts["shots_0.still"], texts["shots_1.still"]) == ("fox", "owl")
    assert saw(run)["shots_1.better"] == ["shots_1.still"]
    assert saw(run)["shots_1.out"] == ["first"]
    assert saw(run)["film"] == ["shots_0.better"]


def test_batches_and_templates_among_sub_stages(alice: User) -> None:
    shot(alice, note("still", "$inputs.words"), newest("better"), inputs=[WORDS])
    many = each_of("many", note("own", "$item.value"), newest("more"))
    batch = each_of("acts", use("a", words="$item.value"), many, newest("end"), concurrency=2)
    run = worked_off(alice, batch, newest("film"), inputs=[LINES])
    assert run.status == "completed", run.error
    texts = dict(Step.objects.filter(run=run).values_list("key", "arguments__text"))
    assert (texts["acts_1.a.still"], texts["acts_1.many_0.own"]) == ("owl", "fox")
    sources = taken(run)
    assert sources["acts_1.many_0.more"] == ["acts_1.many_0.own"]
    assert sources["acts_0.end"] == ["acts_0.many_1.more"]
    assert sources["film"] == ["acts_1.end"]


def test_sub_stages_ask_fail_and_are_tried_again_by_element(alice: User) -> None:
    is_owl = {"type": "expr", "expression": "item.value == 'owl'"}
    not_owl = {**is_owl, "expression": "item.value != 'owl'"}
    ask = {**question("ask"), "condition": not_owl}
    inside = note("still", "$item.value"), ask, failing("bad", condition=is_owl)
    batch = each_of("shots", *inside, partialExecutionEnabled=True)
    run = worked_off(alice, batch, inputs=[LINES])
    assert run.status == "waiting_for_user"
    answer(run, alice, type="answer", text="yes", stepId="shots_0.ask")
    assert run.status == "partial_failure"
    states = statuses(run)
    assert (states["shots_0"], states["shots_1"]) == ("completed", "failed")
    answer(run, alice)
    attempts = dict(Step.objects.filter(run=run).values_list("key", "attempt"))
    assert (attempts["shots_0.still"], attempts["shots_1.bad"]) == (1, 2)


def test_a_run_as_far_as_a_repeated_stage_makes_that_of_each_element(alice: User) -> None:
    shot(alice, note("still", "$inputs.words"), newest("better"), inputs=[WORDS])
    film = Desk(alice, [each(), note("film", "film", "shots")], inputs=[LINES])
    uses.add_use(actor=alice, holder=film.template, public_id="shot")
    assert [one.key for one in film.quote(to="shots.still").steps] == ["shots"]
    run = film.run(to="shots.still")
    assert run.status == "completed", run.error
    stills = ["shots_0.still", "shots_1.still"]
    assert statuses(run) == dict.fromkeys(("shots", "shots_0", "shots_1", *stills), "completed")
    # The files of an element are those of a stage that was left out.
    client = signed_in(alice)
    assert client.get(f"/runs/{run.public_id}").status_code == 200
    assert client.get(f"/app/runs/{run.public_id}/state").status_code == 200
    whole = film.run()
    assert whole.status == "completed", whole.error
    assert {*stills} <= {*reused(whole)}
    with pytest.raises(errors.InvalidBody):
        film.start(to="shots.nothing")


# -- other outputs of the elements -----------------------------------------------------------------

OUTPUTS = {
    "film": {"from": "$artifacts.better", "position": 0},
    "poster": {"from": "$artifacts.still[0]", "position": 1},
    "words": {"from": "$artifacts.words", "position": 2},
}


def shot_with_outputs(alice: User, **fields: Any) -> None:
    say = {**plain("words"), "tool": "say", "args": {"values": {"text": "$inputs.words"}}}
    stages = note("still", "$inputs.words"), note("better", "b", "still"), say
    shot(alice, *stages, inputs=[WORDS], outputs=OUTPUTS, **fields)


def test_each_output_of_the_elements_is_given_in_order(alice: User, alice_key: str) -> None:
    shot_with_outputs(alice)
    taking = {
        "one": "$artifacts.shots.poster[1]",
        "main": "$artifacts.shots.film[1]",
        "first": "$artifacts.shots.poster",
    }
    ends = [note(key, args={"source_image_url": ref}) for key, ref in taking.items()]
    text = note("text", "$artifacts.shots.words[1].content")
    value = {"text": "$item.value"}
    texts = repeated("texts", "note", "$artifacts.shots.words[*].content", args=value)
    posters = repeated("posters", "note", "$artifacts.shots.poster[*]", args={"text": "p"})
    say = "artifacts.shots.words[0].content == 'fox'"
    only = note("only", condition={"type": "expr", "expression": say})
    never = note("never", condition={"type": "expr", "expression": say.replace("fox", "owl")})
    film = [each(concurrency=2), *ends, text, texts, posters, only, never]
    outputs = {
        "poster": {"from": "$artifacts.shots.poster", "position": 0},
        "second": {"from": "$artifacts.shots.poster[1]", "position": 1},
    }
    run = start_template(alice, make_template(alice, stages=film, inputs=[LINES], outputs=outputs))
    assert status_after_work(run) == "completed", run.error
    files = taken(run)
    assert {key: files[key] for key in taking} == {
        "one": ["shots_1.still"],
        "main": ["shots_1.better"],
        "first": ["shots_0.still"],
    }
    texts = dict(Step.objects.filter(run=run).values_list("key", "resolved__arguments__text"))
    assert (texts["text"], texts["texts_0"], texts["texts_1"]) == ("owl", "fox", "owl")
    assert (files["posters_0"], files["posters_1"]) == (["shots_0.still"], ["shots_1.still"])
    assert (statuses(run)["only"], statuses(run)["never"]) == ("completed", "skipped")
    body = Api(alice_key).get(f"{RUNS}/{run.public_id}").json()["data"]["workflow"]
    ids = dict(Artifact.objects.filter(run=run).values_list("step__key", "public_id"))
    assert {one["name"]: [file["id"] for file in one["artifacts"]] for one in body["outputs"]} == {
        "poster": [ids["shots_0.still"], ids["shots_1.still"]],
        "second": [ids["shots_1.still"]],
    }


def test_outputs_of_batches_in_elements_are_given(alice: User) -> None:
    shot_with_outputs(alice)
    outputs = {
        "film": {"from": "$artifacts.end", "position": 0},
        "posters": {"from": "$artifacts.shots.poster", "position": 1},
        "second": {"from": "$artifacts.shots.poster[1]", "position": 2},
    }
    inside = each("shots"), note("end", args={"source_image_url": "$artifacts.shots.poster[1]"})
    shot(alice, *inside, inputs=[WORDS, LINES], outputs=outputs, id="act")
    seen = {
        "all": "$artifacts.acts.posters",
        "seconds": "$artifacts.acts.second",
        "third": "$artifacts.acts.posters[2]",
    }
    photos = [
        repeated(key, "note", ref, args={"text": key}) if key != "third" else
        note(key, args={"source_image_url": ref})
        for key, ref in seen.items()
    ]  # fmt: skip
    choice = {
        **question("pick"),
        "select": {"from": "$artifacts.acts.posters", "min": 1, "max": 1},
    }
    run = worked_off(alice, each("acts", "act", concurrency=2), *photos, choice, inputs=[LINES])
    assert run.status == "waiting_for_user", run.error
    files = taken(run)
    assert files["acts_1.end"] == ["acts_1.shots_1.still"]
    assert [files[f"all_{place}"] for place in range(4)] == [
        [f"acts_{act}.shots_{place}.still"] for act in range(2) for place in range(2)
    ]
    assert [files[f"seconds_{place}"] for place in range(2)] == [
        ["acts_0.shots_1.still"],
        ["acts_1.shots_1.still"],
    ]
    assert files["third"] == ["acts_1.shots_0.still"]
    [wait] = run.waits.filter(answered_at=None)
    candidates = Artifact.objects.filter(public_id__in=wait.prompt["candidates"])
    assert {*candidates.values_list("step__key", flat=True)} == {
        f"acts_{act}.shots_{place}.still" for act in range(2) for place in range(2)
    }


def test_a_second_run_takes_over_what_takes_another_output(alice: User) -> None:
    shot_with_outputs(alice)
    end = note("end", args={"source_image_url": "$artifacts.shots.poster[1]"})
    desk = Desk(alice, [each(), end], inputs=[LINES])
    uses.add_use(actor=alice, holder=desk.template, public_id="shot")
    assert desk.run().status == "completed"
    assert desk.why()["end"] == "Because Shots runs"
    assert "end" in reused(desk.run())


# -- what each element gives, before the start -----------------------------------------------------

STYLE = {"name": "style", "type": "select", "options": ["ink", "oil"], "default": "ink"}
SECONDS = {"name": "seconds", "type": "number", "jsonSchema": {"maximum": 8}, "default": 4}
NEEDED = {"name": "words", "type": "text", "required": True}
ROWS = {"name": "rows", "type": "text", "required": True}


def of_rows(alice: User, row: Stage, **fields: Any) -> Template:
    """A template that repeats another for each row of a text, with what the row says."""
    shot(alice, note("still", "$inputs.words"), inputs=[NEEDED, STYLE, SECONDS])
    return make_template(
        alice, stages=[each(over="$inputs.rows", args=row)], inputs=[{**ROWS, **fields}]
    )


ROW = {"words": "$item.words", "style": "$item.style", "seconds": "$item.seconds"}


def test_an_element_that_does_not_fit_is_refused_before_the_start(
    alice: User, alice_key: str
) -> None:
    film, api = of_rows(alice, ROW), Api(alice_key)

    def begin(second: dict[str, Any]) -> Any:
        rows = [{"words": "fox", "style": "oil", "seconds": "8"}, second]
        body = {"workflow_id": film.public_id, "inputs": {"rows": json.dumps(rows)}}
        return api.post(RUNS, body)

    bad: dict[str, Any]
    for bad, name, words in (
        ({"words": "owl", "style": "wax"}, "style", 'must be one of: ink, oil; got "wax".'),
        ({"words": "owl", "seconds": 9}, "seconds", "breaks its `jsonSchema`: 9 is greater than"),
        ({"style": "oil"}, "words", "is required."),
    ):
        answered = begin(bad)
        assert answered.status_code == 422
        [problem] = answered.json()["compileErrors"]
        assert problem["code"] == "invalid_item_value"
        assert problem["path"] == f"stages/shots/itemStage/args/{name}"
        said = f'Element [1] of batch stage "shots": input "{name}" {words}'
        assert problem["message"].startswith(said)
    assert not Run.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert begin({"words": "owl"}).status_code == 201


def test_an_element_of_a_default_that_does_not_fit_shows_while_it_is_edited(alice: User) -> None:
    film = of_rows(alice, {"words": "w", "style": "$item.value"}, default="ink\nwax\noil")
    open_document(viewer=alice, public_id=film.public_id)
    client = signed_in(alice)
    url = f"/app/documents/{film.public_id}/quote"
    answered = client.post(url, {}, "application/json").json()
    [problem] = answered["issues"]
    assert problem["message"] == "Shots, item 2: Style must be one of: ink, oil."
    assert problem["stageId"] == "shots"


def test_a_list_that_is_not_filled_in_yet_has_a_price(alice: User) -> None:
    shot(alice, note("still"), inputs=[SECONDS])
    stage = each(over="$inputs.rows", args={"seconds": "$item.value"})
    desk = Desk(alice, [stage], inputs=[ROWS])
    uses.add_use(actor=alice, holder=desk.template, public_id="shot")
    quote = desk.quote()
    assert (quote.issues, len(quote.steps)) == ((), 1)


def test_parts_of_a_list_and_files_are_what_elements_give(alice: User) -> None:
    several = {"name": "several", "type": "text", "multiple": {"min": 2}, "required": True}
    shot(alice, newest("own"), inputs=[several, {**LOOK, "required": True}])
    args = {"several": ["$item.index", "b"], "look": "$item"}
    photos = {"name": "photos", "type": "image", "multiple": True}
    inputs = {"photos": ["https://example.com/a.png"]}
    film = make_template(alice, stages=[each(over="$inputs.photos", args=args)], inputs=[photos])
    with pytest.raises(TemplateRefused) as refusal:
        start_template(alice, film, **inputs)
    # A number is no text; the file is one.
    assert [(one.code, one.params["name"]) for one in refusal.value.issues] == [
        ("invalid_item_value", "several")
    ]
