"""What figures say and how they look."""

from __future__ import annotations

import json

from tests.bench.figures import Figure, middle, percentile, skipped, spread, table, to_json


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


def test_table_shows_measured_target_ratio_and_load() -> None:
    shown = table(
        [
            Figure("start", {"p50": 8.27, "p95": 123.4}, judged="p95", target=50, load=(1.25, 3)),
            skipped("chain, Postgres", "no Postgres here"),
        ]
    )
    heading, line, first, second = shown.splitlines()
    assert [cell.strip() for cell in heading.strip("|").split("|")] == [
        "row",
        "measured",
        "target",
        "ratio",
        "load",
    ]
    assert set(line) == {"|", "-"}
    assert [cell.strip() for cell in first.strip("|").split("|")] == [
        "start",
        "p50 8.27 · p95 123 ms",
        "p95 ≤ 50",
        "2.47",
        "1.2 → 3.0",
    ]
    assert "not measured: no Postgres here" in second
    assert len({len(part) for part in (heading, line, first, second)}) == 1


def test_json_holds_every_value_and_every_reason() -> None:
    figures = [
        Figure("start", {"p95": 25.0}, judged="p95", target=50, load=(1.0, 2.0)),
        skipped("clone", "no git here"),
    ]
    written = json.loads(json.dumps(to_json(figures, {"cores": 2})))
    assert written["cores"] == 2
    assert written["figures"][0] == {
        "row": "start",
        "values": {"p95": 25.0},
        "unit": "ms",
        "judged": "p95",
        "target": 50,
        "ratio": 0.5,
        "beside": None,
        "reason": None,
        "load": [1.0, 2.0],
    }
    assert (written["figures"][1]["values"], written["figures"][1]["reason"]) == ({}, "no git here")
