"""How reports weigh: by reason, by who sends them, and against what hides."""

from __future__ import annotations

import pytest

from moderation import reporter_reputation
from moderation.reasons import REASONS


def test_a_newcomers_word_weighs_in_full() -> None:
    assert reporter_reputation.reputation(0, 0) == 1.0


def test_being_right_never_weighs_more_than_one() -> None:
    assert reporter_reputation.reputation(50, 0) == 1.0


def test_each_dismissed_report_weighs_less() -> None:
    reputations = [reporter_reputation.reputation(0, dismissed) for dismissed in range(30)]
    assert reputations == sorted(reputations, reverse=True)
    assert reputations[1] < 1
    assert reputations[2] == pytest.approx(0.5)


def test_even_the_worst_reporter_is_heard() -> None:
    assert reporter_reputation.reputation(0, 10_000) == reporter_reputation.LEAST
    assert reporter_reputation.weight(10, reporter_reputation.LEAST) == 1
    assert reporter_reputation.weight(1, reporter_reputation.LEAST) == 1


def test_good_reports_restore_reputation() -> None:
    assert reporter_reputation.reputation(6, 2) > reporter_reputation.reputation(0, 2)


def test_hides_at_the_weight_and_not_below() -> None:
    assert not reporter_reputation.hides(59, 6)
    assert reporter_reputation.hides(60, 6)


def test_nothing_hides_by_itself_when_that_is_off() -> None:
    assert not reporter_reputation.hides(1_000_000, 0)


@pytest.mark.parametrize(
    ("answered", "new", "again"),
    [(1, 0, False), (1, 1, True), (3, 2, False), (3, 3, True), (0, 0, False), (0, 1, True)],
)
def test_reopens_only_when_reporters_double(answered: int, new: int, again: bool) -> None:
    assert reporter_reputation.reopens(answered, new) is again


def test_heat_has_four_bars_and_the_fourth_hides() -> None:
    assert [reporter_reputation.urgency(score, 6) for score in (0, 1, 20, 21, 41, 60, 900)] == [
        1,
        1,
        1,
        2,
        3,
        4,
        4,
    ]
    assert reporter_reputation.urgency(0, 0) == 1


def test_reasons_fit_their_columns_and_weigh_something() -> None:
    for code, reason in REASONS.items():
        assert code == reason.code
        assert 0 < len(code) <= 16
        assert reason.weight > 0
        assert reason.because[0].islower()
        assert not reason.because.endswith(".")
