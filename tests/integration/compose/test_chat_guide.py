"""What docs/howto/compose.md says about chat works as it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from runs.models import Run
from tests.support.clients.chatting import answered, ask
from tests.support.clients.streams import close_pool_connections
from tests.support.program import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = (ROOT / "docs" / "howto" / "compose.md").read_text()
BODIES = re.findall(r"/chat/completions [^\n]*-d '\n(\{.*?\})'\n", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()


def test_the_calls_of_the_guide_are_answered(alice_key: str) -> None:
    picture, template = (answered(ask(json.loads(body), alice_key)) for body in BODIES)
    assert picture["creative_workflows"][0]["workflowId"] == Run.objects.get().public_id
    assert template["sogni_tool_results"][0]["result"]["template_draft"]["stages"]
