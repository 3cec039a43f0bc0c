"""The log that the editor's tests read is what the server writes today."""

from __future__ import annotations

from pathlib import Path

from runs.log.events import EVENTS
from tests.support.builders.run_logs import log, written

ENDS = {"workflow_completed", "workflow_partial_failure", "workflow_cancelled"}
# A person's part of a run and what it costs, which this log has none of.
ASKING = {
    "cost_above_quote",
    "step_expanded",
    "step_waiting_for_user",
    "step_resumed",
    "item_locked",
    "item_version_selected",
    "workflow_waiting_for_user",
    "workflow_resumed",
    "cost_confirmation_resolved",
    "billing_preview_updated",
}


def test_the_log_of_the_editors_tests_is_current():
    for name, text in written().items():
        kept = Path("frontend/fixtures", name).read_text()
        assert kept == text, "run: python -m tests.support.builders.run_logs frontend/fixtures"


def test_the_log_holds_every_event_but_the_other_ends_and_questions():
    assert {event["event"] for event in log()} == set(EVENTS) - ENDS - ASKING
