"""GET /v1/creative-agent/workflows/templates."""

import pytest

from templates_app import selectors
from templates_app.models import Template
from tests.support.builders.templates import TEMPLATES, make_public, make_template


@pytest.fixture
def shelf(alice, bob):
    """alice: one private, one public; bob: one private, one public; in that order of time."""
    make_template(alice, id="a-private")
    make_public(alice, id="a-public")
    make_template(bob, id="b-private")
    make_public(bob, id="b-public")


def listed(response):
    assert response.status_code == 200, response.content
    return [template["id"] for template in response.json()["data"]["templates"]]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, ["b-public", "a-public", "a-private"]),
        (
            {"visibility": "all", "limit": "20", "offset": "0"},
            ["b-public", "a-public", "a-private"],
        ),
        ({"visibility": "own"}, ["a-public", "a-private"]),
        ({"visibility": "public"}, ["b-public", "a-public"]),
        ({"visibility": "team"}, ["b-public", "a-public", "a-private"]),
        ({"visibility": ""}, ["b-public", "a-public", "a-private"]),
    ],
)
def test_lists_what_the_caller_may_see_newest_first(api, shelf, alice_key, query, ids):
    response = api(alice_key).get(TEMPLATES, query)
    assert listed(response) == ids
    assert response.json()["data"]["next"] is None


def test_pages_with_limit_and_offset(api, alice, alice_key):
    for number in range(5):
        make_template(alice, id=f"t{number}")
    first = api(alice_key).get(TEMPLATES, {"limit": 2})
    assert listed(first) == ["t4", "t3"]
    assert first.json()["data"]["next"] == 2
    last = api(alice_key).get(TEMPLATES, {"limit": 2, "offset": 4})
    assert listed(last) == ["t0"]
    assert last.json()["data"]["next"] is None


def test_a_full_last_page_has_no_next(api, alice, alice_key):
    make_template(alice, id="one")
    make_template(alice, id="two")
    assert api(alice_key).get(TEMPLATES, {"limit": 2}).json()["data"]["next"] is None


@pytest.mark.parametrize("moderation", ["quarantined", "removed"])
def test_what_moderation_hides_only_the_owner_lists(api, shelf, alice_key, bob_key, moderation):
    Template.objects.filter(public_id="b-public").update(moderation=moderation)
    assert "b-public" not in listed(api(alice_key).get(TEMPLATES))
    assert "b-public" in listed(api(bob_key).get(TEMPLATES))
    assert "b-public" not in listed(api(bob_key).get(TEMPLATES, {"visibility": "public"}))


def test_an_id_is_never_listed_twice(api, alice, bob, alice_key):
    make_public(bob, id="same", name="His")
    make_template(alice, id="same", name="Hers")
    templates = api(alice_key).get(TEMPLATES).json()["data"]["templates"]
    assert [template["name"] for template in templates] == ["Hers"]


def test_items_are_whole_templates_as_the_caller_sees_them(api, shelf, alice_key):
    templates = api(alice_key).get(TEMPLATES).json()["data"]["templates"]
    for template in templates:
        single = api(alice_key).get(f"{TEMPLATES}/{template['id']}").json()["data"]["template"]
        assert template == single


def test_the_number_of_queries_does_not_grow(
    api, alice, bob, alice_key, django_assert_max_num_queries
):
    for number in range(3):
        make_template(alice, id=f"a{number}")
        source = make_public(bob, id=f"b{number}")
        api(alice_key).post(f"{TEMPLATES}/{source.public_id}/fork", {})
    # The key with its person, whom they muted or blocked, the templates, and their sources.
    with django_assert_max_num_queries(4):
        assert len(listed(api(alice_key).get(TEMPLATES))) == 9


def test_the_gallery_reads_author_and_version_in_one_query(shelf, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = [
            (template.public_id, template.owner.shown_name, template.published.semver)
            for template in selectors.public_templates()
        ]
    assert [row[0] for row in rows] == ["b-public", "a-public"]


def test_a_visitor_sees_public_templates_only(shelf):
    assert selectors.resolve(None, "a-public").public_id == "a-public"
    with pytest.raises(selectors.errors.NotFound):
        selectors.resolve(None, "a-private")
