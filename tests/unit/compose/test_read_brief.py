"""What briefs in plain words are read as."""

from __future__ import annotations

import pytest

from compose.brief.read import read_brief
from tests.support.briefs import briefs, differences
from tests.support.scores import assert_score


@pytest.mark.parametrize("group", ["planned", "more", "unseen", "work"])
def test_briefs_are_read_as_they_should_be(group: str) -> None:
    """planned and more: of every kind; unseen: written after the reader; work: of every day."""
    rows = briefs(group)
    assert_score({row["brief"]: differences(read_brief(row["brief"]), row["want"]) for row in rows})
