"""A first start with paid services configured: the samples get previews, no service is asked."""

from __future__ import annotations

import pytest

from tests.support.blows import rows
from tests.support.house import House
from tests.support.services import running_services
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("choice", ["*=openai", "*=comfyui"])
def test_a_first_start_pays_no_service(
    tmp_path_factory: pytest.TempPathFactory, choice: str
) -> None:
    with running_services() as services:
        env = services.environment(choice=choice)
        settings = "tests.support.samples_settings"
        home = tmp_path_factory.mktemp("first-start")
        with House(home, settings=settings, env=env) as house:
            done = "SELECT id FROM runs_run WHERE status = 'completed' AND priority < 0"
            wait_for(lambda: len(rows(house, done)) >= 3, "three preview runs", 150)
            steps = rows(house, "SELECT DISTINCT provider FROM runs_step WHERE provider <> ''")
        assert {step["provider"] for step in steps} <= {"studio", "bookkeeping"}
        assert services.paid_calls() == []
