"""A first start with paid services configured: the samples get previews, no service is asked."""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.blows import rows
from tests.support.house import House
from tests.support.services import running_services
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow

SAMPLES = (
    "SELECT v.spec FROM templates_app_template t"
    " JOIN templates_app_templateversion v ON v.id = t.published_id"
)
DONE = "SELECT id FROM runs_run WHERE status = 'completed' AND priority < 0"


def has_settled(house: House) -> bool:
    """Whether workers have made three previews, or every sample has one."""
    samples = rows(house, SAMPLES)
    lacking = [row for row in samples if '"previewArtifacts"' not in row["spec"]]
    return bool(samples) and (not lacking or len(rows(house, DONE)) >= 3)


@pytest.mark.parametrize("choice", ["*=openai", "*=comfyui"])
def test_a_first_start_pays_no_service(
    tmp_path_factory: pytest.TempPathFactory, choice: str
) -> None:
    with running_services() as services:
        env = services.environment(choice=choice)
        settings = "tests.support.samples_settings"
        home = tmp_path_factory.mktemp("first-start")
        with House(home, settings=settings, env=env) as house:
            wait_for(partial(has_settled, house), "previews of the samples", 150)
            steps = rows(house, "SELECT DISTINCT provider FROM runs_step WHERE provider <> ''")
        assert {step["provider"] for step in steps} <= {"studio", "bookkeeping"}
        assert services.paid_calls() == []
