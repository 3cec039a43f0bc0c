"""The sliding window behind every rate."""

import itertools

from core.counters import Counter


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


numbers = itertools.count()


def fresh(clock: Clock) -> Counter:
    return Counter(f"test {next(numbers)}", 60, clock)


def test_never_lets_more_than_the_rate_into_any_window() -> None:
    clock = Clock()
    counter = fresh(clock)
    let_in: list[float] = []
    for second in range(0, 300, 7):
        clock.now = second
        if counter.wait_s("a", 3) == 0:
            let_in.append(second)
    for start in let_in:
        assert sum(start <= moment < start + 60 for moment in let_in) <= 3


def test_waiting_as_long_as_told_is_enough() -> None:
    clock = Clock()
    counter = fresh(clock)
    for clock.now in (0.0, 10.0, 20.0):
        assert counter.wait_s("a", 3) == 0
    clock.now = 30.0
    wait = counter.wait_s("a", 3)
    assert wait == 30.0
    clock.now += wait
    assert counter.wait_s("a", 3) == 0


def test_asking_alone_counts_nothing_and_callers_are_apart() -> None:
    counter = fresh(Clock())
    assert [counter.wait_s("a", 1, count=False) for _ in range(3)] == [0, 0, 0]
    assert counter.wait_s("a", 1) == 0
    assert counter.wait_s("b", 1) == 0
    assert counter.wait_s("a", 1) > 0
    counter.clear("a")
    assert counter.wait_s("a", 1) == 0


def test_a_rate_of_zero_lets_no_one_in() -> None:
    assert fresh(Clock()).wait_s("a", 0) > 0


def test_a_clock_that_was_set_back_makes_no_one_wait_longer_than_a_window() -> None:
    clock = Clock()
    clock.now = 7200.0
    counter = fresh(clock)
    assert counter.wait_s("a", 1) == 0
    clock.now = 3600.0
    assert counter.wait_s("a", 1) == 60


def test_the_latest_event_can_be_taken_back() -> None:
    counter = fresh(Clock())
    counter.take_back("a")
    assert counter.wait_s("a", 1) == 0
    counter.take_back("a")
    assert counter.wait_s("a", 1) == 0
    assert counter.wait_s("a", 1) > 0
