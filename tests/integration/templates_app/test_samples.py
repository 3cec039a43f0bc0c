"""The server's own templates, published at the first start."""

import pytest

from accounts.services import ensure_system_user
from templates_app.lifecycle import samples, services, version_writes
from templates_app.models import Template, TemplateVersion
from tests.support.builders.templates import TEMPLATES, documented, make_public

SAMPLE = {**documented(), "id": "sample-teaser"}


def test_a_sample_is_public_and_by_system(api, bob_key, db):
    samples.ensure_sample(SAMPLE)
    template = api(bob_key).get(f"{TEMPLATES}/sample-teaser").json()["data"]["template"]
    assert (template["author"], template["visibility"]) == ("system", "public")


def test_repeating_changes_nothing(db):
    first = samples.ensure_sample(SAMPLE)
    again = samples.ensure_sample(SAMPLE)
    assert first.pk == again.pk
    assert TemplateVersion.objects.count() == 1


def test_a_newer_release_brings_a_sample_up_to_date_and_keeps_what_it_does_not_name(db):
    samples.ensure_sample({**SAMPLE, "tags": ["kept"]})
    sample = samples.ensure_sample({**SAMPLE, "description": "Better"})
    assert sample.head.semver == "0.0.2"
    assert sample.published == sample.head
    assert sample.head.spec["description"] == "Better"
    assert sample.head.spec["tags"] == ["kept"]


def test_a_deleted_sample_stays_deleted(db):
    samples.ensure_sample(SAMPLE)
    services.delete_template(actor=ensure_system_user(), public_id="sample-teaser")
    assert samples.ensure_sample(SAMPLE).deleted_at is not None
    assert Template.objects.count() == 1


def test_a_sample_whose_id_someone_has_is_a_clear_conflict(alice):
    make_public(alice, id="sample-teaser")
    with pytest.raises(version_writes.IdTaken, match="sample-teaser"):
        samples.ensure_sample(SAMPLE)
