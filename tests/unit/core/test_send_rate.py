"""How fast one connection may speak."""

from core.send_rate import Pace


def test_so_many_at_once_and_then_so_many_a_second() -> None:
    now = 0.0
    pace = Pace(20, 60, lambda: now)
    assert sum(pace.keeps() for _ in range(100)) == 60
    now = 1.0
    assert sum(pace.keeps() for _ in range(100)) == 20
    now = 100.0
    assert sum(pace.keeps() for _ in range(100)) == 60


def test_who_keeps_the_pace_is_never_stopped() -> None:
    now = 0.0
    pace = Pace(20, 60, lambda: now)
    for _ in range(1_000):
        now += 0.05
        assert pace.keeps()
