"""However steps come, no minute has more starts than `per_minute`, and none is wasted for long."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from runs.engine import token_bucket

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Bucket:
    """The two columns of a row, as claims write them."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self.tokens = 0.0
        self.counted_at: datetime | None = None

    def starts(self, now: datetime) -> bool:
        tokens = token_bucket.tokens_now(self.per_minute, self.tokens, self.counted_at, now)
        if token_bucket.wait_s(self.per_minute, tokens) > 0:
            return False
        self.tokens = tokens - 1
        self.counted_at = token_bucket.next_counted_at(self.counted_at, now)
        return True


def moments(seconds: list[float]) -> list[datetime]:
    return [NOON + timedelta(seconds=second) for second in seconds]


def busiest_minute(starts: list[datetime], length_s: float = 60.0) -> int:
    length = timedelta(seconds=length_s)
    return max(sum(first <= one < first + length for one in starts) for first in starts)


@pytest.mark.parametrize("per_minute", [1, 2, 5, 30, 100, 600])
@pytest.mark.parametrize("how", ["all the time", "in bursts", "at random"])
def test_no_minute_has_more_starts_than_the_limit(per_minute: int, how: str) -> None:
    rng = random.Random(f"{per_minute} {how}")
    asked = {
        "all the time": [place / 20 for place in range(20 * 300)],
        "in bursts": [
            minute * 60 + 59.9 + place / 1000 for minute in range(5) for place in range(700)
        ],
        "at random": sorted(rng.uniform(0, 300) for _ in range(6000)),
    }[how]
    bucket = Bucket(per_minute)
    starts = [now for now in moments(asked) if bucket.starts(now)]
    # Even when one reaches the service two seconds later than another.
    assert busiest_minute(starts, 61.9) <= per_minute


@pytest.mark.parametrize("per_minute", [1, 5, 30, 600])
def test_a_long_queue_uses_nine_tenths_of_the_limit(per_minute: int) -> None:
    bucket = Bucket(per_minute)
    starts = [now for now in moments([s / 50 for s in range(50 * 620)]) if bucket.starts(now)]
    assert len(starts) >= 0.85 * 10 * per_minute


def test_after_a_rest_a_tenth_may_begin_at_once() -> None:
    bucket = Bucket(40)
    assert [bucket.starts(NOON) for _ in range(5)] == [True] * 4 + [False]
    later = NOON + timedelta(hours=1)
    assert [bucket.starts(later) for _ in range(5)] == [True] * 4 + [False]


def test_a_clock_set_forward_gives_no_more_than_a_rest() -> None:
    bucket = Bucket(30)
    assert sum(bucket.starts(NOON) for _ in range(100)) == 3
    assert sum(bucket.starts(NOON + timedelta(days=400)) for _ in range(100)) == 3


def test_a_clock_set_back_stops_nothing_and_gives_nothing() -> None:
    bucket = Bucket(60)
    assert sum(bucket.starts(NOON) for _ in range(100)) == 6
    bucket.tokens = 1.0
    earlier = NOON - timedelta(hours=5)
    assert token_bucket.is_ahead(NOON, earlier)
    assert [bucket.starts(earlier) for _ in range(3)] == [True, False, False]
    # From here the minute goes on by the new clock.
    assert bucket.starts(earlier + timedelta(seconds=1.2))


def test_a_statement_that_waited_for_the_lock_counts_no_moment_twice() -> None:
    bucket = Bucket(60)
    while bucket.starts(NOON):
        pass
    before = NOON - timedelta(seconds=2)
    assert not bucket.starts(before)
    assert token_bucket.next_counted_at(bucket.counted_at, before) == NOON


def test_it_says_when_the_next_may_begin() -> None:
    bucket = Bucket(6)
    assert bucket.starts(NOON)
    left = token_bucket.wait_s(
        6, token_bucket.tokens_now(6, bucket.tokens, bucket.counted_at, NOON)
    )
    assert left == pytest.approx(62 / 6)
    assert not bucket.starts(NOON + timedelta(seconds=left - 0.01))
    assert bucket.starts(NOON + timedelta(seconds=left + 0.01))


def test_a_smaller_limit_holds_for_what_was_saved_up() -> None:
    bucket = Bucket(600)
    assert bucket.starts(NOON)
    bucket.per_minute = 10
    assert [bucket.starts(NOON) for _ in range(3)] == [True, False, False]
