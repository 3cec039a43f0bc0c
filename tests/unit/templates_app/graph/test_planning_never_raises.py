"""Whatever people send, planning answers with issues; bodies with their own steps, with a 400."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InvalidBody
from templates_app.graph.compile import compile_template
from templates_app.graph.plan_json import plan_from_json, plan_to_json
from templates_app.graph.rules.issue_texts import for_api, for_person, issue_to_json
from templates_app.graph.rules.registry import rules
from templates_app.graph.rules.validation import validate
from templates_app.graph.titles import TemplateTitles
from templates_app.graph.types import Limits
from tests.support.builders.planning import (
    IMAGE,
    NO_ONE_PROVIDES,
    TOOLS,
    VIDEO,
    any_json,
    media_of_body,
    medium,
    plan_from_image_to_video,
    plan_from_steps,
    template_like,
)
from tests.support.examples import examples

MANY = settings(
    max_examples=250,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FEW = settings(MANY, max_examples=examples(80))
TITLES = TemplateTitles({}, TOOLS)
LIMITS = Limits(max_steps=5, max_edges=20, max_media=3)
_media = st.lists(st.sampled_from([medium(), medium("video", VIDEO)]), max_size=3)


def _check(issues):
    for found in issues:
        rule = rules()[found.code]
        assert found.severity in {rule.level, *(("warning",) if rule.warns_on_save else ())}
        assert for_api(found)
        assert len(for_api(found)) < 2_000
        assert bool(for_person(found, TITLES)) == bool(rule.person)
        assert issue_to_json(found)


def _check_refusal(refused):
    assert refused.message
    assert all(found["code"] in rules() for found in refused.details["issues"])
    assert refused.details["issues"]


def validated(spec):
    _check(validate(spec, TOOLS))
    _check(validate(spec, NO_ONE_PROVIDES))


test_validate_never_raises = FEW(given(template_like())(validated))
test_validate_raises_for_none_of_many = pytest.mark.thorough(
    MANY(given(template_like())(validated))
)


def compiled(spec, inputs, media):
    result = compile_template(spec, inputs, media, TOOLS, LIMITS)
    _check((*result.errors, *result.warnings))
    assert (result.plan is None) == bool(result.errors)
    if result.plan is not None:
        assert plan_from_json(plan_to_json(result.plan)) == result.plan
        assert not [found for found in validate(spec, TOOLS) if found.severity == "error"]


_any_template = given(template_like(), any_json(10), _media)
test_compile_never_raises = FEW(_any_template(compiled))
test_compile_raises_for_none_of_many = pytest.mark.thorough(MANY(_any_template(compiled)))


_steps = st.lists(
    st.fixed_dictionaries(
        {
            "toolName": st.sampled_from(["generate_image", "sogni_generate_video", "stitch_video"])
            | any_json(2)
        },
        optional={
            "id": st.sampled_from(["a", "b", " a "]) | any_json(2),
            "arguments": any_json(8),
            "dependsOn": st.lists(
                st.fixed_dictionaries(
                    {"sourceStepId": st.sampled_from(["a", "b", "$input_media"]) | any_json(2)},
                    optional={
                        "targetArgument": st.sampled_from(
                            ["referenceImageIndices", "videoIndices", "prompt"]
                        )
                        | any_json(2),
                        "transform": st.sampled_from(
                            ["image_index", "artifact_url", "subtitle_srt"]
                        )
                        | any_json(2),
                        "mediaType": any_json(1),
                        "sourceArtifactIndex": any_json(1),
                        "sourceArtifactId": any_json(1),
                        "required": any_json(1),
                    },
                )
                | any_json(3),
                max_size=3,
            )
            | any_json(3),
        },
    )
    | any_json(4),
    max_size=4,
)
_bodies = any_json(20) | st.fixed_dictionaries(
    {"input": any_json(20) | st.fixed_dictionaries({"steps": _steps})},
    optional={
        "media_references": any_json(8)
        | st.lists(st.fixed_dictionaries({"url": st.just(IMAGE) | any_json(1)}), max_size=4)
    },
)


def planned_or_refused(body):
    if not isinstance(body, dict):
        return
    for plan in (plan_from_steps, plan_from_image_to_video):
        try:
            result = plan(body, media_of_body(body, LIMITS), TOOLS, LIMITS)
        except InvalidBody as caught:
            _check_refusal(caught)
        else:
            assert result.errors == ()
            assert plan_from_json(plan_to_json(result.plan)) == result.plan


test_body_with_steps_is_planned_or_refused = FEW(given(_bodies)(planned_or_refused))
test_many_bodies_are_planned_or_refused = pytest.mark.thorough(
    MANY(given(_bodies)(planned_or_refused))
)
