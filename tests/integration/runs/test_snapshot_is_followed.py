"""A snapshot and the log from its last entry on leave nothing out, whatever happens between."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs import selectors
from runs.web import serializers
from tests.support.builders.running import chain, start, work_off

pytestmark = pytest.mark.django_db


def test_what_happens_while_it_is_read_comes_after_its_last_event(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(alice, chain("note", 1))
    read = selectors.steps_of

    def steps_of(*asked: Any) -> Any:
        found = read(*asked)
        # The step ends just after it was looked at.
        work_off()
        return found

    monkeypatch.setattr(selectors, "steps_of", steps_of)
    shown = serializers.record(run, base_url="")
    assert [step["status"] for step in shown["steps"]] == ["pending"]
    last = shown["events"][-1]["sequence"]
    later = [event.name for event in selectors.events_after(run.id, last, 100)]
    assert "step_completed" in later
