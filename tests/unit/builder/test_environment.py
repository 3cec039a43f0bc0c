"""What the environment says of who needs a second factor."""

from __future__ import annotations

import pytest

from builder.ops import environment


@pytest.mark.parametrize(
    ("variables", "meant"),
    [
        ({}, "off"),
        ({"SECOND_FACTOR": "everyone"}, "everyone"),
        ({"STAFF_SECOND_FACTOR": "required"}, "staff"),
        ({"STAFF_SECOND_FACTOR": "optional"}, "off"),
        ({"STAFF_SECOND_FACTOR": "required", "SECOND_FACTOR": "off"}, "off"),
        ({"STAFF_SECOND_FACTOR": "optional", "SECOND_FACTOR": "everyone"}, "everyone"),
    ],
)
def test_the_variable_of_earlier_releases_means_staff(
    variables: dict[str, str], meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECOND_FACTOR", "STAFF_SECOND_FACTOR"):
        monkeypatch.setenv(f"REELGRAPH_{name}", variables.get(name, ""))
    assert environment.second_factor() == meant
