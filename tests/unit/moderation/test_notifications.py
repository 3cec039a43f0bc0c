"""What authors read, whatever their template is called."""

from __future__ import annotations

import pytest

from moderation.models import DISMISS, HIDE, RESTORE, TAKE_DOWN
from moderation.notifications import author_message
from moderation.reasons import REASONS


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("action", [HIDE, TAKE_DOWN])
def test_a_letter_names_the_template_and_why(action: str, reason: str) -> None:
    text = author_message(action, "Rain City", reason)
    assert "“Rain City”" in text
    assert REASONS[reason].because in text


def test_dismissing_tells_the_author_nothing() -> None:
    assert author_message(DISMISS, "Rain City", "spam") == ""


@pytest.mark.parametrize("name", ["{because}", "{name}", "{0}", "{", "%s"])
def test_a_name_is_never_read_as_a_place_to_fill(name: str) -> None:
    assert f"“{name}”" in author_message(RESTORE, name, "spam")
    assert f"“{name}”" in author_message(HIDE, name, "spam")
