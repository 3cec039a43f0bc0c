"""PATCH /v1/creative-agent/workflows/templates/:id."""

from datetime import timedelta

import pytest

from templates_app.models import Template, TemplateVersion
from tests.support.builders.templates import TEMPLATES, make_public, make_template


@pytest.fixture
def patch(api, alice, alice_key):
    make_template(alice, id="mine")
    return lambda changes, **headers: api(alice_key).patch(f"{TEMPLATES}/mine", changes, **headers)


def template_of(response):
    assert response.status_code == 200, response.content
    return response.json()["data"]["template"]


def test_replaces_arrays_and_objects_whole(patch):
    template_of(patch({"metadata": {"a": 1, "b": 2}, "tags": ["x", "y"]}))
    template = template_of(patch({"metadata": {"c": 3}, "tags": ["z"]}))
    assert template["metadata"] == {"c": 3}
    assert template["tags"] == ["z"]
    assert template["version"] == "0.0.3"


def test_ignores_what_cannot_be_changed(patch, alice):
    template = template_of(
        patch(
            {
                "id": "other",
                "author": "system",
                "createdAt": 1,
                "updatedAt": 1,
                "clonedFromTemplateId": "wf_x",
                "brief": "New",
            }
        )
    )
    assert template["id"] == "mine"
    assert template["author"]["userId"] == alice.public_id
    assert template["createdAt"] != 1
    assert template["updatedAt"] != 1
    assert "clonedFromTemplateId" not in template
    assert template["version"] == "0.0.2"


def test_null_removes_an_optional_field(patch):
    template_of(patch({"brief": "Once", "future": 1, "category": "music"}))
    template = template_of(patch({"brief": None, "future": None, "category": None}))
    assert "brief" not in template
    assert "future" not in template
    assert template["category"] == "custom"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        None,
        {"id": "other"},
        {"name": "Two-shot product teaser"},
        {"version": "0.0.1"},
        {"version": "nonsense"},
        {"brief": None},
        {"exposeToLLM": False},
        {"visibility": "private"},
    ],
)
def test_a_change_that_changes_nothing_bumps_nothing(patch, changes):
    assert template_of(patch(changes))["version"] == "0.0.1"
    assert TemplateVersion.objects.count() == 1


def test_true_is_not_one(patch):
    template_of(patch({"metadata": {"flag": True}}))
    template = template_of(patch({"metadata": {"flag": 1}}))
    assert template["metadata"]["flag"] is not True
    assert template["version"] == "0.0.3"


@pytest.mark.parametrize(
    ("asked", "becomes"),
    [
        ("1.0.0-beta.1", "1.0.0-beta.1"),
        ("0.0.0", "0.0.2"),
        (7, "0.0.2"),
        ("1.0." + "9" * 60, "0.0.2"),
    ],
)
def test_a_valid_greater_version_becomes_exactly_that(patch, asked, becomes):
    assert template_of(patch({"brief": "x", "version": asked}))["version"] == becomes


def test_a_greater_version_alone_is_a_change(patch):
    assert template_of(patch({"version": "3.0.0"}))["version"] == "3.0.0"


def test_an_invalid_result_leaves_the_stored_one_untouched(api, patch, alice_key):
    response = patch({"name": "Renamed", "category": "nope"})
    assert response.status_code == 422
    body = response.json()
    assert body["data"]["validation"] == body["details"]["validation"]
    stored = api(alice_key).get(f"{TEMPLATES}/mine").json()["data"]["template"]
    assert (stored["name"], stored["version"]) == ("Two-shot product teaser", "0.0.1")


@pytest.mark.parametrize("tag", ['"0.0.1"', 'W/"0.0.1"', "0.0.1", "*"])
def test_if_match_lets_the_current_version_pass(patch, tag):
    assert template_of(patch({"brief": "x"}, if_match=tag))["version"] == "0.0.2"


def test_if_match_refuses_a_stale_version_and_names_the_current_one(patch):
    patch({"brief": "x"})
    response = patch({"brief": "y"}, if_match='"0.0.1"')
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "template.stale"
    assert response.json()["details"]["currentVersion"] == "0.0.2"


def test_versions_are_only_ever_added(patch):
    before = TemplateVersion.objects.values().get()
    patch({"brief": "x", "stages": []})
    versions = TemplateVersion.objects.order_by("number")
    assert versions.values().first() == before
    assert list(versions.values_list("number", "cause")) == [
        (1, "create"),
        (2, "patch"),
    ]


def test_a_patch_of_a_public_template_moves_head_and_published(api, alice, alice_key, bob_key):
    make_public(alice, id="open")
    api(alice_key).patch(f"{TEMPLATES}/open", {"brief": "New"})
    template = Template.objects.get(public_id="open")
    assert template.head_id == template.published_id
    seen = api(bob_key).get(f"{TEMPLATES}/open").json()["data"]["template"]
    assert (seen["brief"], seen["version"]) == ("New", "0.0.2")


def test_outsiders_see_the_published_version_and_its_time_only(api, alice, alice_key, bob_key):
    template = make_public(alice, id="open")
    draft = TemplateVersion.objects.create(
        template=template,
        number=2,
        semver="0.0.2",
        spec={**template.head.spec, "name": "Draft"},
        content_sha256="0" * 64,
        cause="save",
        created_by=alice,
    )
    Template.objects.filter(pk=template.pk).update(
        head=draft, updated_at=draft.created_at + timedelta(hours=1)
    )
    his = api(bob_key).get(f"{TEMPLATES}/open").json()["data"]["template"]
    hers = api(alice_key).get(f"{TEMPLATES}/open").json()["data"]["template"]
    assert (his["name"], his["version"]) == ("Two-shot product teaser", "0.0.1")
    assert (hers["name"], hers["version"]) == ("Draft", "0.0.2")
    assert his["updatedAt"] < hers["updatedAt"]


def test_copies_the_heads_fields_for_lists(patch):
    patch({"name": "Renamed", "category": "music", "tags": ["t"]})
    template = Template.objects.get(public_id="mine")
    assert (template.name, template.category, template.tags_text) == ("Renamed", "music", "t")
