"""What briefs in plain words are read as."""

from __future__ import annotations

import pytest

from compose.brief.read import read_brief
from compose.brief.readers import READERS, readings_of
from core.language.phrases import words_of
from tests.support.builders.briefs import briefs, differences
from tests.support.scores import assert_score


@pytest.mark.parametrize("group", ["planned", "more", "unseen", "work"])
def test_briefs_are_read_as_they_should_be(group: str) -> None:
    """planned and more: of every kind; unseen: written after the reader; work: of every day."""
    rows = briefs(group)
    assert_score({row["brief"]: differences(read_brief(row["brief"]), row["want"]) for row in rows})


def test_each_reader_stands_behind_those_it_needs() -> None:
    """And every word that is taken for an instruction has the reader that took it."""
    names = [name for name, _, _ in READERS]
    early = [
        f"{name} before {needed}"
        for at, (name, _, needs) in enumerate(READERS)
        for needed in needs
        if needed not in names[:at]
    ]
    assert early == []
    for row in briefs("planned"):
        words = words_of(row["brief"])
        claims = readings_of(words).claims
        assert set(claims.values()) <= set(names)
        assert set(claims) == {at for at in range(len(words)) if words.is_claimed(at)}
