"""Actions that change nothing in a drawing are told, those that are drawn are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.job_io.order import Order


def warnings(prompt: str, tmp_path: Path) -> list[str]:
    order = Order({"params": {"prompt": prompt}, "studio": {}, "out": str(tmp_path), "seed": 7})
    order.brief(prompt)
    return order.warnings


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("a fox runs through snow at dawn", ["No effect on the drawing: “runs”."]),
        ("a red car drives fast on a road at night", ["No effect on the drawing: “drives”."]),
        ("a woman dancing in the rain", []),
        ("a fox in the snow at dawn", []),
    ],
)
def test_actions_that_change_nothing_are_named(prompt: str, said: list[str], tmp_path: Path):
    assert warnings(prompt, tmp_path) == said
