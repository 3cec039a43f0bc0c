"""A brief becomes a template that can be saved as it is."""

from __future__ import annotations

import pytest

from compose.drafting import DraftRequest, draft, problems_of
from tests.support.api import Api

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "brief", ["A cat", "A harbour at dawn. A fisher mends a net. 16:9, 10 seconds", "🐈" * 50, " "]
)
def test_a_draft_is_saved_and_priced(alice_key: str, brief: str) -> None:
    drafted = draft(DraftRequest(brief))
    assert problems_of(drafted.template) == ()
    assert drafted.units > 0
    saved = Api(alice_key).post("/v1/creative-agent/workflows/templates", drafted.template)
    assert saved.status_code == 201, saved.content
