"""Stages are read once for each content, and what was read is not changed by anyone."""

import copy

from templates_app.graph.compile import compile_template
from templates_app.graph.rules.validation import validate
from templates_app.graph.spec import Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.stage_cache import ReadStages, StageCache
from tests.support.builders.planning import LIMITS, TOOLS, fixed, template

NESTED = {"prompt": "$inputs.brief", "overlays": [{"text": "$inputs.brief", "at": [1, 2]}]}
BRIEF = [{"name": "brief", "type": "text", "default": "A lamp"}]


def test_equal_stages_are_read_once():
    spec = template(fixed("lamp", args=NESTED), inputs=BRIEF)
    first, _ = read_spec(spec)
    other_default = [{"name": "brief", "type": "text", "default": "A chair"}]
    second, _ = read_spec({**copy.deepcopy(spec), "name": "Chairs", "inputs": other_default})
    assert second.stages is first.stages
    assert second.name == "Chairs"
    assert second.inputs[0].default == "A chair"


def test_issues_of_stages_are_said_each_time():
    spec = template({"id": "a", "type": "fixed"}, {"id": "a", "type": "fixed"})
    assert read_spec(spec)[1] == read_spec(copy.deepcopy(spec))[1] != ()


def test_true_is_not_one():
    one = read_spec(template(fixed("a", args={"seed": 1})))[0]
    true = read_spec(template(fixed("a", args={"seed": True})))[0]
    whole = read_spec(template(fixed("a", args={"seed": 1.0})))[0]
    seeds = [repr(spec.stages[0].args["seed"]) for spec in (one, true, whole)]
    assert seeds == ["1", "True", "1.0"]


def test_changing_a_template_does_not_change_what_was_read():
    spec = template(fixed("vase", args=copy.deepcopy(NESTED)), inputs=BRIEF)
    as_sent = copy.deepcopy(spec)
    read_spec(spec)
    spec["stages"][0]["args"]["overlays"][0]["text"] = "changed"
    args = read_spec(as_sent)[0].stages[0].args
    assert args["overlays"] == NESTED["overlays"]


def test_checking_and_planning_leave_what_was_read_alone():
    spec = template(fixed("bowl", args=NESTED), inputs=BRIEF)
    before = copy.deepcopy(read_spec(spec)[0])
    validate(spec, TOOLS)
    compile_template(spec, {}, (), TOOLS, LIMITS)
    assert read_spec(spec)[0] == before


def test_the_least_lately_used_go_first():
    cache = StageCache(capacity=10)
    read = ReadStages((Stage(id="a", type="fixed"),), ())
    cache.keep(b"12345", read)
    cache.keep(b"67890", read)
    assert cache.find(b"12345") is read
    cache.keep(b"abc", read)
    assert cache.find(b"67890") is None
    assert cache.find(b"12345") is read
    cache.keep(b"longer than the whole", read)
    assert cache.find(b"longer than the whole") is None
