"""What briefs in plain words are read as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from compose.brief.read import read_brief
from tests.support.briefs import briefs, differences


def _named(group: str) -> list[Any]:
    return [pytest.param(row, id=row["brief"][:70]) for row in briefs(group)]


@pytest.mark.parametrize("row", _named("planned"))
def test_a_planned_brief_is_read_as_it_should_be(row: Mapping[str, Any]) -> None:
    assert differences(read_brief(row["brief"]), row["want"]) == []


@pytest.mark.parametrize("row", _named("more"))
def test_a_brief_of_any_kind_is_read_as_it_should_be(row: Mapping[str, Any]) -> None:
    assert differences(read_brief(row["brief"]), row["want"]) == []


@pytest.mark.parametrize("row", _named("unseen"))
def test_a_brief_written_after_the_reader_is_read_as_it_should_be(row: Mapping[str, Any]) -> None:
    assert differences(read_brief(row["brief"]), row["want"]) == []


@pytest.mark.parametrize("row", _named("work"))
def test_a_brief_of_everyday_work_is_read_as_it_should_be(row: Mapping[str, Any]) -> None:
    assert differences(read_brief(row["brief"]), row["want"]) == []
