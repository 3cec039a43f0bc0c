"""The sliding window behind every rate."""

from accounts.limits import Counter


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_never_lets_more_than_the_rate_into_any_window() -> None:
    clock = Clock()
    counter = Counter(60, clock)
    let_in: list[float] = []
    for second in range(0, 300, 7):
        clock.now = second
        if counter.wait_s("a", 3) == 0:
            let_in.append(second)
    for start in let_in:
        assert sum(start <= moment < start + 60 for moment in let_in) <= 3


def test_waiting_as_long_as_told_is_enough() -> None:
    clock = Clock()
    counter = Counter(60, clock)
    for clock.now in (0.0, 10.0, 20.0):
        assert counter.wait_s("a", 3) == 0
    clock.now = 30.0
    wait = counter.wait_s("a", 3)
    assert wait == 30.0
    clock.now += wait
    assert counter.wait_s("a", 3) == 0


def test_asking_alone_counts_nothing_and_callers_are_apart() -> None:
    counter = Counter(60, Clock())
    assert [counter.wait_s("a", 1, count=False) for _ in range(3)] == [0, 0, 0]
    assert counter.wait_s("a", 1) == 0
    assert counter.wait_s("b", 1) == 0
    assert counter.wait_s("a", 1) > 0
    counter.clear("a")
    assert counter.wait_s("a", 1) == 0


def test_a_rate_of_zero_lets_nobody_in() -> None:
    assert Counter(60, Clock()).wait_s("a", 0) > 0


def test_forgets_callers_that_have_gone_quiet() -> None:
    clock = Clock()
    counter = Counter(60, clock)
    for number in range(10_001):
        counter.wait_s(f"caller {number}", 1)
    clock.now = 61.0
    counter.wait_s("new", 1)
    assert len(counter._times) == 1
