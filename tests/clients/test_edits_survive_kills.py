"""The server is killed while people edit together: no acknowledged change is lost or doubled."""

from __future__ import annotations

import pytest

from tests.support.faults.edit_storm import Webs, storm

WRITERS = 6


@pytest.mark.parametrize("kills", [6, pytest.param(20, marks=pytest.mark.thorough)])
def test_what_was_acknowledged_is_there_once_and_everyone_sees_the_same(
    tmp_path_factory: pytest.TempPathFactory, kills: int
) -> None:
    with Webs(tmp_path_factory.mktemp("webs"), stages=8) as webs:
        left = storm(webs, writers=WRITERS, kills=kills)
    print(left)

    assert (left.lost, left.doubled, left.gaps, left.apart) == (0, 0, 0, 0)
    assert left.is_replay
    # No one else writes, and what was never acknowledged is a writer's last at most.
    assert left.acknowledged == left.revisions >= kills * 3
    # Some were killed between the commit and the answer, or before it: the same to a writer.
    assert left.resent
