"""What an earlier release took down is known again after the update."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from creations.models import Share
from moderation.models import ContentMark
from templates_app.models import Template
from tests.support.builders.factories import make_key
from tests.support.builders.sharing import make_run, make_share
from tests.support.builders.templates import TEMPLATES, documented, make_public, make_template
from tests.support.clients.api import Api

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]

BEFORE = [("moderation", "0005_case_owners")]


def migrate(targets: list[Any]) -> None:
    MigrationExecutor(connection).migrate(targets)


@pytest.fixture
def taken_down(committed: None, alice: User) -> Iterator[Template]:
    """Alice's template and her creation, taken down with the tables of the release before."""
    template = make_public(alice)
    share = make_share(
        alice, make_run(alice, "a lighthouse"), allows_remix=True, shows_prompts=True
    )
    Template.objects.filter(pk=template.pk).update(moderation="removed")
    Share.objects.filter(pk=share.pk).update(moderation="removed")
    migrate(BEFORE)
    yield template
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_it_is_not_public_again_under_another_name(alice: User, taken_down: Template) -> None:
    make_template(alice, name="Fine, and there before the update")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    body = {**documented(), "name": "Renamed", "visibility": "public"}
    answer = Api(make_key(alice)).post(TEMPLATES, body)
    assert answer.json()["data"]["template"]["visibility"] == "private"
    assert set(ContentMark.objects.values_list("subject_kind", flat=True)) == {"template", "share"}
