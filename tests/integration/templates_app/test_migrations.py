"""Migrations of templates that find rows."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import User
from core import clock
from templates_app.models import PublishedId, Template
from tests.support.builders.templates import TEMPLATES, documented


@pytest.mark.django_db
def test_ids_that_were_public_get_their_owner(api, alice: User, alice_key, bob: User, bob_key):
    for key, public_id in ((alice_key, "kept"), (alice_key, "gone"), (bob_key, "retaken")):
        body = {**documented(), "id": public_id, "visibility": "public"}
        assert api(key).post(TEMPLATES, body).status_code == 201
    api(alice_key).delete(f"{TEMPLATES}/gone")
    api(alice_key).post(TEMPLATES, {**documented(), "id": "never"})
    before = clock.now() - timedelta(days=9)
    # Published earlier by Alice, then taken over, as earlier releases allowed.
    Template.objects.create(
        public_id="retaken", owner=alice, name="x", published_at=before, deleted_at=clock.now()
    )
    PublishedId.objects.all().delete()

    import_module("templates_app.migrations.0012_published_ids").fill(apps, connection)

    rows = dict(PublishedId.objects.values_list("public_id", "owner"))
    assert rows == {"kept": alice.pk, "gone": alice.pk, "retaken": bob.pk}
