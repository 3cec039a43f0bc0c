"""What figures say and how they look."""

from __future__ import annotations

from tests.bench.figures import middle, percentile, skipped, spread


def test_percentile_is_a_sample_that_was_measured() -> None:
    samples = [float(number) for number in range(1, 101)]
    assert percentile(samples, 0.95) == 95
    assert percentile(samples, 0.5) == 50
    assert percentile([7.0], 0.95) == 7
    assert percentile([3.0, 1.0], 0.95) == 3


def test_spread_is_judged_by_its_95th_percentile() -> None:
    figure = spread("start", [10.0] * 90 + [100.0] * 10, 50)
    assert (figure.values, figure.ratio) == ({"p50": 10, "p95": 100}, 2.0)


def test_few_samples_are_judged_by_their_median() -> None:
    figure = middle("kill", [3.0, 1.0, 2.0], 4)
    assert (figure.values, figure.ratio) == ({"median": 2, "min": 1, "max": 3}, 0.5)


def test_row_without_a_target_has_no_ratio() -> None:
    assert middle("music", [3.0], None).ratio is None
    assert skipped("clone", "no git here").ratio is None
